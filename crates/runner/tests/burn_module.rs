//! A user's burn module in another crate: between the two marks stands all that its author writes.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "tests")]

use downhill_burn::Backend;
use runner::Runner;

mod author {
    // begin
    use downhill_burn::burn::{module::Module, nn, tensor::Device, tensor::activation::relu};
    use downhill_burn::{BurnFamily, DataShape, DataSpec, Draws, Examples, FamilyFacts, Loss, ProblemError, burn};
    #[derive(Module, Debug)]
    pub struct Net {
        layers: [nn::Linear; 2],
    }
    #[derive(Clone, serde::Serialize, serde::Deserialize)]
    pub struct Mine {
        data: DataSpec,
        units: usize,
    }
    impl BurnFamily for Mine {
        const FACTS: FamilyFacts = FamilyFacts { name: "mine", ..FamilyFacts::COMMON };
        type Module = Net;
        fn data(&self) -> &DataSpec {
            &self.data
        }
        fn module(&self, data: DataShape, device: &Device) -> Result<Net, ProblemError> {
            let linear = |from, to| nn::LinearConfig::new(from, to).init(device);
            Ok(Net { layers: [linear(data.features, self.units), linear(self.units, data.outputs())] })
        }
        fn loss(&self, Net { layers: [hidden, head] }: &Net, batch: Examples, draws: &mut Draws) -> Loss {
            Loss::of(head.forward(draws.dropout(relu(hidden.forward(batch.x)), 0.1)), batch.y)
        }
    }
    // end
}

fn program() -> Runner {
    Runner::new().burn_problem::<author::Mine>()
}

#[test]
fn it_takes_25_lines() {
    let source = include_str!("burn_module.rs");
    let lines = source.split("// begin\n").nth(1).and_then(|rest| rest.split("    // end").next()).unwrap();
    let lines = lines.lines().filter(|line| !line.trim().is_empty()).count();
    assert!((15..=25).contains(&lines), "{lines} lines");
}

const STUDY: &str = r#"
question = "Which of them trains the user's module best?"
seeds = 3
epochs = 3
[[optimizer]]
name = ["sgd", "adam", "burn/adam"]
lr = { log = [1e-3, 1e-1], per_decade = 1 }
[[problem]]
name = "mine"
data = ["iris", "diabetes"]
units = 6
"#;

/// Sweeps, comparison and recommendation as for any other problem; the same bytes with one thread and with four.
#[test]
fn a_user_s_module_is_swept_compared_and_recommended_for() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("mine.toml");
    std::fs::write(&study, STUDY).unwrap();
    let sweep = |results: &str, jobs: &str| {
        let results = place.path().join(results);
        let words =
            ["downhill", "sweep", study.to_str().unwrap(), "--jobs", jobs, "--results", results.to_str().unwrap()];
        let code = program().run(words);
        assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::SUCCESS));
        results.join("mine")
    };
    let (serial, parallel) = (sweep("serial", "1"), sweep("parallel", "4"));
    let read = |folder: &std::path::Path, name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    for name in ["trials.csv", "curves.csv"] {
        assert!(read(&serial, name) == read(&parallel, name), "{name} differs");
    }
    let trials = read(&serial, "trials.csv");
    assert_eq!(trials.lines().count(), 1 + 3 * 3 * 2 * 3);
    assert!(!trials.contains("failed"), "{trials}");
    let report = read(&serial, "README.md");
    for words in ["mine/iris", "mine/diabetes", "burn/adam", "accuracy", "R2"] {
        assert!(report.contains(words), "`{words}` is not in the report:\n{report}");
    }
}

#[test]
fn the_flag_reaches_the_modules() {
    for backend in [Backend::Flex, Backend::Ndarray] {
        let lab = program().lab(backend);
        for name in ["mine", "burn/2c2d"] {
            let table = serde_json::json!({ "name": name, "data": "iris", "units": 2 });
            assert_eq!(lab.families.configure(&table).unwrap().canonical()["backend"], backend.name());
        }
    }
}
