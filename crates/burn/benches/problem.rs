//! What the engine costs on a burn module: a step of a problem (parameters in, gradient out, downhill's step on the flat
//! vector) against a loop that a burn program would write, with the same optimizer on the tensors' own slices.
//!
//! `cargo bench -p downhill-burn --profile dev --bench problem`. The two alternate, a pair a sample, since a shared machine
//! drifts by more than the difference; what is printed is the median of the pairs' ratios.

use burn::module::{Module, ModuleMapper, Param};
use burn::optim::GradientsParams;
use burn::tensor::activation::{log_softmax, relu};
use burn::tensor::{Device, Int, Tensor, TensorData};
use downhill::{Adam, Layout, Method, NoOracle, Optimizer, Role, Step};
use downhill_burn::models::C2d2;
use downhill_burn::{Backend, BurnFamily, DataShape, Draws, Examples, Loss, family};
use downhill_problems::{
    Batch, DataSpec, Families, FamilyFacts, Problem, ProblemError, Sample, Scratch, SplitSpec, Stream, Streams, World,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

const BATCH: usize = 64;

/// 784-100-10, as the images are those of MNIST.
#[derive(Module, Debug)]
struct MlpNet {
    hidden: burn::nn::Linear,
    head: burn::nn::Linear,
}

#[derive(Clone, Serialize, Deserialize)]
struct Mlp {
    data: DataSpec,
}

impl BurnFamily for Mlp {
    const FACTS: FamilyFacts = FamilyFacts { name: "bench-mlp", ..FamilyFacts::COMMON };
    type Module = MlpNet;
    fn data(&self) -> &DataSpec {
        &self.data
    }
    fn module(&self, data: DataShape, device: &Device) -> Result<MlpNet, ProblemError> {
        let linear = |from, to| burn::nn::LinearConfig::new(from, to).init(device);
        Ok(MlpNet { hidden: linear(data.features, 100), head: linear(100, data.outputs()) })
    }
    fn loss(&self, net: &MlpNet, batch: Examples, _: &mut Draws) -> Loss {
        Loss::of(net.head.forward(relu(net.hidden.forward(batch.x))), batch.y)
    }
}

/// The loop of a burn program: the module's parameters are stepped where they are, one optimizer a tensor.
struct Bare<F: BurnFamily> {
    family: F,
    module: Option<F::Module>,
    optimizers: Vec<Box<dyn Optimizer<f32>>>,
    device: Device,
    x: Vec<f32>,
    y: Vec<i32>,
    width: usize,
}

struct Update<'a> {
    optimizers: std::slice::IterMut<'a, Box<dyn Optimizer<f32>>>,
    gradients: GradientsParams,
    t: u64,
}

impl ModuleMapper for Update<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (id, tensor, mapper) = param.consume();
        let (inner, g) = (tensor.inner(), self.gradients.remove::<D>(id).expect("all parameters are used").into_data());
        let (device, mut x) = (inner.device(), inner.into_data());
        let optimizer = self.optimizers.next().expect("one a parameter");
        let mut step = Step { t: self.t, lr: 1e-4, loss: 0.0, oracle: &mut NoOracle };
        optimizer.step(x.as_mut_slice().expect("f32"), g.as_slice().expect("f32"), &mut step);
        let tensor = Tensor::from_inner(Tensor::<D>::from_data(x, &device));
        Param::from_mapped_value(id, tensor.require_grad(), mapper)
    }
}

impl<F: BurnFamily> Bare<F> {
    fn new(family: F, layout: &Layout, shape: DataShape, x: Vec<f32>, y: Vec<u32>) -> Self {
        let device = Device::flex().autodiff();
        let optimizer = |n: usize| Adam::default().build(&Layout::new().block("x", [n], Role::Hidden));
        Bare {
            module: Some(family.module(shape, &device).expect("a size that fits")),
            family,
            optimizers: layout.blocks().iter().map(|b| optimizer(b.len())).collect(),
            device,
            width: shape.features,
            x,
            y: y.into_iter().map(|y| y as i32).collect(),
        }
    }

    fn step(&mut self, t: u64, rows: &[u32], mut outputs: impl FnMut(&F, &F::Module, Tensor<2>) -> Tensor<2>) -> f32 {
        let (n, width) = (rows.len(), self.width);
        let mut x = Vec::with_capacity(n * width);
        rows.iter().for_each(|&r| x.extend_from_slice(&self.x[r as usize * width..][..width]));
        let y: Vec<i32> = rows.iter().map(|&r| self.y[r as usize]).collect();
        let x = Tensor::<2>::from_data(TensorData::new(x, [n, width]), &self.device);
        let y = Tensor::<1, Int>::from_data(TensorData::new(y, [n]), &self.device);
        let module = self.module.take().expect("put back after each step");
        let loss = log_softmax(outputs(&self.family, &module, x), 1).gather(1, y.reshape([n, 1])).mean().neg();
        let value = loss.clone().into_scalar::<f32>();
        let gradients = GradientsParams::from_grads(loss.backward(), &module);
        let mut update = Update { optimizers: self.optimizers.iter_mut(), gradients, t };
        self.module = Some(module.map(&mut update));
        value
    }
}

/// The engine's step, as a trial takes it.
struct Engine {
    problem: Arc<dyn Problem<f32>>,
    optimizer: Box<dyn Optimizer<f32>>,
    streams: Streams,
    scratch: Scratch<f32>,
    x: Vec<f32>,
    g: Vec<f32>,
}

impl Engine {
    fn new(problem: Arc<dyn Problem<f32>>, streams: Streams) -> Self {
        let mut x = vec![0.0; problem.layout().len()];
        problem.start(&mut streams.rng(Stream::Start), &mut x);
        let optimizer = Adam::default().build(&problem.layout());
        Engine { optimizer, problem, streams, scratch: Scratch::new(), g: x.clone(), x }
    }

    fn step(&mut self, t: u64, rows: &[u32]) -> f32 {
        let sample = Sample { batch: Batch::Rows(rows), t, streams: &self.streams };
        let loss = self.problem.eval(&self.x, &sample, &mut self.g, &mut self.scratch);
        self.optimizer.step(&mut self.x, &self.g, &mut Step { t, lr: 1e-4, loss, oracle: &mut NoOracle });
        loss
    }
}

fn compare<F: BurnFamily>(
    label: &str,
    table: Value,
    steps: usize,
    outputs: impl Fn(&F, &F::Module, Tensor<2>) -> Tensor<2>,
) {
    let families = Families::builtin().with(family::<F>(Backend::Flex));
    let configured = families.configure(&table).expect("a known table");
    let (world, split, streams) = (World::new(), SplitSpec::default(), Streams::new(configured.stream_key(), 0));
    let context = world.context(&split, &streams);
    let problem = configured.build::<f32>(&context).expect("it builds");
    let splits = context.splits::<f32>(configured.data().expect("it has data")).expect("loaded already");
    let (downhill_problems::data::Matrix::Dense(x), downhill_problems::data::Labels::Classes(y)) =
        (&splits.train.x, &splits.train.y)
    else {
        unreachable!("images with classes")
    };
    let shape = DataShape { features: splits.width, classes: splits.classes, text: false };
    let knobs = {
        let mut fields = table.as_object().cloned().expect("a table");
        fields.remove("name");
        serde_json::from_value::<F>(Value::Object(fields)).expect("the same knobs")
    };
    let mut bare = Bare::new(knobs, &problem.layout(), shape, x.clone(), y.clone());
    let mut engine = Engine::new(problem, streams);

    let rows: Vec<u32> = (0..BATCH as u32).collect();
    let mut t = 0;
    let (mut ratios, mut micros) = (Vec::new(), [Vec::new(), Vec::new()]);
    for sample in 0..61 {
        let mut spent = [0.0; 2];
        for _ in 0..steps {
            t += 1;
            // By turns the one first, then the other.
            for k in if t % 2 == 0 { [0, 1] } else { [1, 0] } {
                let clock = Instant::now();
                let loss = if k == 0 { bare.step(t, &rows, &outputs) } else { engine.step(t, &rows) };
                spent[k] += clock.elapsed().as_secs_f64();
                assert!(loss.is_finite());
            }
        }
        if sample > 0 {
            ratios.push(spent[1] / spent[0]);
            micros.iter_mut().zip(spent).for_each(|(all, s)| all.push(1e6 * s / steps as f64));
        }
    }
    let median = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let (low, high) = {
        ratios.sort_by(f64::total_cmp);
        (ratios[ratios.len() / 4], ratios[3 * ratios.len() / 4])
    };
    let [bare, engine] = &mut micros;
    println!(
        "{label:16} bare {:8.1} us   engine {:8.1} us   ratio {:.3} (quartiles {low:.3} to {high:.3})",
        median(bare),
        median(engine),
        median(&mut ratios)
    );
}

/// Images of MNIST's size and any content: a step costs the same.
fn images() -> String {
    let folder = std::env::temp_dir().join("downhill-bench-images");
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    let (n, path) = (400u32, folder.join("images-idx3-ubyte"));
    let head = |kind: u8, sizes: &[u32]| {
        [&[0, 0, 8, kind][..], &sizes.iter().flat_map(|s| s.to_be_bytes()).collect::<Vec<u8>>()].concat()
    };
    let pixels: Vec<u8> = (0..n * 784).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(&path, [head(3, &[n, 28, 28]), pixels].concat()).expect("space for temporary files");
    let labels: Vec<u8> = (0..n).map(|i| (i % 10) as u8).collect();
    std::fs::write(folder.join("labels-idx1-ubyte"), [head(1, &[n]), labels].concat()).expect("space");
    path.to_string_lossy().into_owned()
}

fn main() {
    let data = json!({ "idx": images() });
    compare::<Mlp>("mlp 784-100-10", json!({ "name": "bench-mlp", "data": data }), 40, |_, net, x| {
        net.head.forward(relu(net.hidden.forward(x)))
    });
    let small = json!({ "name": "burn/2c2d", "channels1": 8, "channels2": 16, "units": 64 });
    compare::<C2d2>("2c2d 8-16-64", small, 10, |family, net, x| family.outputs(net, x));
}
