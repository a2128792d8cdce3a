//! The code that comes with a recommendation compiles: what stands between the marks here is what is printed.
#![allow(clippy::unwrap_used, dead_code, unused_assignments, unused_variables, reason = "compiled, not run")]

use downhill::Registry;
use downhill_burn::burn;
use downhill_problems::Families;
use runner::Lab;
use runner::recommend::{Question, entrants, for_burn, for_downhill};
use serde_json::{Map, Value, json};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn sgd(mut x: Vec<f32>, gradient: Vec<f32>) {
    // sgd
    use downhill::{Layout, Method, Sgd};
    let layout = Layout::vector(x.len());
    let mut opt = Sgd { momentum: 0.9, ..Sgd::default() }.stepper(&layout, 0.0316);
    opt.step(&mut x, &gradient); // once a batch
}

#[rustfmt::skip]
fn muon(mut x: Vec<f32>, gradient: Vec<f32>, steps: u64) {
    // muon, cosine
    use downhill::{Layout, Method, Muon, Role, Schedule};
    let layout = Layout::new()
        .block("w1", [4, 4], Role::Hidden)
        .block("b1", [4], Role::Bias)
        .block("w2", [3, 4], Role::Head)
        .block("b2", [3], Role::Bias);
    let mut opt = Muon::default().stepper(&layout, 0.0316).with_schedule(Schedule::Cosine { end: 0.0 }, steps);
    opt.step(&mut x, &gradient); // once a batch
}

type Net = burn::nn::Linear;

fn adam_in_burn(mut model: Net, grads: burn::optim::GradientsParams, steps: u64) -> Result<Net> {
    // burn: adam, cosine
    use burn::{lr_scheduler::LrScheduler, optim::ModuleOptimizer};
    use downhill::{Adam, Schedule};
    use downhill_burn::{PerParameter, Scheduled};
    let mut lr = Scheduled::new(0.0316, Schedule::Cosine { end: 0.0 }, steps);
    let mut optim = ModuleOptimizer::from(PerParameter::new(Adam::default())?);
    model = optim.step(lr.step(), model, grads); // once a batch
    Ok(model)
}

fn muon_in_burn(mut model: Net, grads: burn::optim::GradientsParams) -> Result<Net> {
    // burn: muon
    use downhill::Muon;
    use downhill_burn::WholeModel;
    let mut optim = WholeModel::new(Muon::default(), &model)?;
    model = optim.step(0.0316, model, grads); // once a batch
    Ok(model)
}

#[test]
fn what_is_printed_is_what_compiles() {
    let lab = Lab::new(Registry::builtin(), Families::builtin());
    let study = json!({ "problem": [{ "name": "mlp", "data": "iris", "hidden": [[4]] }], "epochs": 1, "batch": 8 });
    let question = Question {
        study: study.as_object().cloned().unwrap(),
        optimizers: ["adam", "muon"]
            .map(|name| Map::from_iter([("name".to_owned(), json!(name))]))
            .into_iter()
            .chain([Map::from_iter([("name".to_owned(), json!("sgd")), ("momentum".to_owned(), json!(0.9))])])
            .collect(),
        schedules: vec![Value::from("constant"), Value::from("cosine")],
        lenient: false,
    };
    let (entered, _) = entrants(&question, &lab).unwrap();
    let source: Vec<String> = include_str!("snippets.rs").lines().map(|line| line.trim().to_owned()).collect();
    type Print = fn(&runner::recommend::Entrant, f64, &Lab) -> String;
    let cases: [(&str, &str, Print); 4] = [
        ("// sgd", "sgd momentum=0.9", for_downhill),
        ("// muon, cosine", "muon, cosine", for_downhill),
        ("// burn: adam, cosine", "adam, cosine", for_burn),
        ("// burn: muon", "muon", for_burn),
    ];
    for (mark, label, print) in cases {
        let entrant = entered.iter().find(|e| e.label == label).unwrap();
        let printed: Vec<String> = print(entrant, 0.0316, &lab).lines().map(|line| line.trim().to_owned()).collect();
        let from = source.iter().position(|line| line == mark).unwrap() + 1;
        assert_eq!(printed, source[from..from + printed.len()], "{label}");
    }
}
