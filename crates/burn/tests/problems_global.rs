//! burn's global generator: no trial reads it, and a module that does is refused. A file, hence a process, of its own,
//! and one test, so that nothing else draws between.
#![allow(clippy::unwrap_used, reason = "tests")]

use downhill_burn::burn::module::Module;
use downhill_burn::burn::nn;
use downhill_burn::burn::tensor::{Device, Distribution, Tensor, activation::relu};
use downhill_burn::{Backend, BurnFamily, DataShape, Draws, Examples, Loss, families, family};
use downhill_problems::{
    Batch, DataSpec, Families, FamilyFacts, Part, ProblemError, Sample, Scratch, SplitSpec, Stream, Streams, World,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use downhill_burn::burn;

/// A net that does what it must not.
#[derive(Module, Debug)]
pub struct Net {
    hidden: nn::Linear,
    dropout: nn::Dropout,
    norm: nn::BatchNorm,
    head: nn::Linear,
}

/// What it does wrong.
#[derive(Clone, Serialize, Deserialize)]
pub struct Sinner {
    data: DataSpec,
    sin: String,
}

impl BurnFamily for Sinner {
    const FACTS: FamilyFacts = FamilyFacts { name: "sinner", ..FamilyFacts::COMMON };
    type Module = Net;
    fn data(&self) -> &DataSpec {
        &self.data
    }
    fn module(&self, data: DataShape, device: &Device) -> Result<Net, ProblemError> {
        let linear = |from, to| nn::LinearConfig::new(from, to).init(device);
        let hidden = linear(data.features, 5);
        Ok(Net {
            hidden: if self.sin == "frozen" { hidden.no_grad() } else { hidden },
            dropout: nn::DropoutConfig::new(if self.sin == "dropout" { 0.5 } else { 0.0 }).init(),
            norm: nn::BatchNormConfig::new(5).init(device),
            head: linear(5, data.outputs()),
        })
    }
    fn loss(&self, net: &Net, batch: Examples, _: &mut Draws) -> Loss {
        let x = net.dropout.forward(relu(net.hidden.forward(batch.x)));
        let x = match self.sin.as_str() {
            "random" => x.clone() + x.random_like(Distribution::Default),
            "norm" => net.norm.forward(x),
            _ => x,
        };
        Loss::of(net.head.forward(x), batch.y)
    }
}

fn draw() -> Vec<f32> {
    let device = Device::flex();
    Tensor::<1>::random([8], Distribution::Default, &device).into_data().iter::<f32>().collect()
}

fn run(table: &Value) -> Result<(), ProblemError> {
    let all = families(Backend::Flex).into_iter().chain([family::<Sinner>(Backend::Flex)]);
    let configured = all.fold(Families::builtin(), Families::with).configure(table)?;
    let (world, split, streams) = (World::new(), SplitSpec::default(), Streams::new(configured.stream_key(), 3));
    let problem = configured.build::<f32>(&world.context(&split, &streams))?;
    let mut x = vec![0.0; problem.layout().len()];
    problem.start(&mut streams.rng(Stream::Start), &mut x);
    let (mut g, mut scratch) = (x.clone(), Scratch::new());
    for t in 1..4 {
        let sample = Sample { batch: Batch::Rows(&[1, 2, 3, 4, 5]), t, streams: &streams };
        problem.eval(&x, &sample, &mut g, &mut scratch);
        x.iter_mut().zip(&g).for_each(|(x, g)| *x -= 0.01 * g);
        problem.measure(&x, Part::Validation, &mut scratch);
    }
    Ok(())
}

#[test]
fn the_global_generator_is_left_alone() {
    let text = json!({ "text": "coriolanus", "context": 5 });
    let tables = [
        json!({ "name": "burn/2c2d", "channels1": 2, "channels2": 3, "units": 5 }),
        json!({ "name": "burn/resnet", "channels": 4 }),
        json!({ "name": "burn/transformer", "data": text, "width": 4, "heads": 2, "layers": 1, "dropout": 0.3 }),
        json!({ "name": "burn/lstm", "data": text, "width": 3 }),
        json!({ "name": "burn/vae", "channels": 3 }),
        json!({ "name": "sinner", "data": "wine", "sin": "none" }),
    ];
    Device::flex().seed(42);
    let untouched = draw();
    for table in tables {
        Device::flex().seed(42);
        run(&table).unwrap();
        assert_eq!(draw(), untouched, "{table}");
    }

    for (sin, word) in [
        ("dropout", "two evaluations at one point and step differ"),
        ("random", "two evaluations at one point and step differ"),
        ("norm", "remembers something"),
        ("frozen", "a frozen parameter of shape"),
    ] {
        let error = run(&json!({ "name": "sinner", "data": "wine", "sin": sin })).expect_err(sin).0;
        assert!(error.contains(word) && error.contains("problem `sinner`"), "{sin}: {error}");
    }
}
