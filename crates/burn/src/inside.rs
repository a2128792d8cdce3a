//! Small programs inside burn: one matrix, or a network in training, stepped by burn's optimizers or by ours.
//! `downhill compare` measures what a step costs there; parameters stay in burn's tensors, and are changed in place.

use crate::{Blockwise, PerParameter, WholeModel, layout, optimizers as o};
use burn::module::{Module, Param, ParamGroup};
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{
    DynOptimizer, DynState, GradientsParams, LearningRate, ModuleOptimizer, SgdConfig, StateSink, StateSource,
};
use burn::tensor::{Device, Int, Tensor, TensorData, activation::relu, kind::BridgeTensor};
use downhill::{Block, Configured, Refusal, Role, SpecError, unknown};
use serde_json::Value;
use std::sync::Arc;

/// What is to step the parameters of a module.
pub enum Driver {
    /// One of burn's optimizers, in burn's own driver.
    Burns(OfBlock),
    /// One of ours: a [`PerParameter`], or else a [`WholeModel`].
    Ours(Box<Configured>),
}

/// One of burn's optimizers, from the table of its entry (without `backend`).
///
/// ```
/// use downhill_burn::inside::{Matrix, burns};
/// let adam = burns(&serde_json::json!({ "name": "burn/adam", "beta1": 0.0 })).expect("a known field");
/// let mut matrix = Matrix::new(adam, vec![1.0, 2.0], [1, 2]).expect("any matrix will do");
/// matrix.step(0.5, matrix.gradient(vec![3.0, -3.0]));
/// let x = matrix.values();
/// assert!((x[0] - 0.5).abs() < 1e-5 && (x[1] - 2.5).abs() < 1e-5, "{x:?}");
/// ```
///
/// # Errors
/// An unknown name, or a field that the optimizer does not have. Ranges are not looked at: the registry does that.
/// L-BFGS is unknown here: it asks for losses itself.
pub fn burns(table: &Value) -> Result<Driver, SpecError> {
    let mut fields = table.as_object().cloned().unwrap_or_default();
    fields.remove("backend");
    let name = fields.remove("name").unwrap_or_default();
    let name = name.as_str().unwrap_or_default();
    let found = BUILTINS.iter().find(|(known, _)| *known == name);
    let (_, read) = found.ok_or_else(|| unknown("optimizer of burn", name, BUILTINS.iter().map(|(n, _)| *n)))?;
    Ok(Driver::Burns(read(Value::Object(fields)).map_err(|e| SpecError(format!("{name}: {e}")))?))
}

impl Driver {
    /// Ready for the first step of a module.
    fn meet<M: Module>(self, module: &M, role: impl Fn(&str, Role) -> Role + Copy) -> Result<Stepping, Refusal> {
        match self {
            Driver::Burns(optimizer) => {
                // burn's driver takes a shared optimizer for a group only: here, for a group of each parameter.
                let with = |driver: ModuleOptimizer, block: &Block| {
                    driver.with_group(ParamGroup::from_path(&block.name), Shared(optimizer(block)), None)
                };
                let any = ModuleOptimizer::from(SgdConfig::new().build());
                Ok(Stepping::PerParameter(layout(module, role).blocks().iter().fold(any, with)))
            }
            Driver::Ours(method) => match PerParameter::new((*method).clone()) {
                Ok(each) => Ok(Stepping::PerParameter(each.into())),
                Err(_) => Ok(Stepping::Whole(Box::new(WholeModel::with_roles(*method, module, role)?))),
            },
        }
    }
}

/// What steps the parameters of a module.
enum Stepping {
    PerParameter(ModuleOptimizer),
    Whole(Box<WholeModel>),
}

impl Stepping {
    fn step<M: Module>(&mut self, lr: f64, module: M, grads: GradientsParams) -> M {
        match self {
            Stepping::PerParameter(optimizer) => optimizer.step(lr, module, grads),
            Stepping::Whole(optimizer) => optimizer.step(lr, module, grads),
        }
    }
}

/// burn's optimizer of a block.
pub type OfBlock = Box<dyn Fn(&Block) -> Arc<dyn DynOptimizer>>;
type Read = fn(Value) -> serde_json::Result<OfBlock>;

const BUILTINS: &[(&str, Read)] = &[
    builtin::<o::Sgd>(),
    builtin::<o::AdaGrad>(),
    builtin::<o::RmsProp>(),
    builtin::<o::Adam>(),
    builtin::<o::AmsGrad>(),
    builtin::<o::AdamW>(),
    builtin::<o::Adafactor>(),
    builtin::<o::Lamb>(),
    builtin::<o::Adan>(),
    builtin::<o::Lion>(),
    builtin::<o::Muon>(),
];

const fn builtin<C: Blockwise>() -> (&'static str, Read) {
    (C::FACTS.name, |fields| {
        let config: C = serde_json::from_value(fields)?;
        Ok(Box::new(move |block| config.optimizer(block)))
    })
}

struct Shared(Arc<dyn DynOptimizer>);

impl DynOptimizer for Shared {
    fn step_dyn(
        &self,
        rank: usize,
        lr: LearningRate,
        x: BridgeTensor,
        g: BridgeTensor,
        state: Option<DynState>,
    ) -> (BridgeTensor, Option<DynState>) {
        self.0.step_dyn(rank, lr, x, g, state)
    }
    fn to_device_dyn(&self, state: DynState, device: &Device) -> DynState {
        self.0.to_device_dyn(state, device)
    }
    fn state_flatten(&self, prefix: &str, state: &DynState, out: &mut StateSink) {
        self.0.state_flatten(prefix, state, out);
    }
    fn state_unflatten(&self, rank: usize, prefix: &str, from: &mut StateSource, device: &Device) -> Option<DynState> {
        self.0.state_unflatten(rank, prefix, from, device)
    }
}

/// One matrix with its optimizer.
pub struct Matrix {
    // Taken out during a step, so that burn may change it in place.
    module: Option<One>,
    stepping: Stepping,
    shape: [usize; 2],
}

#[derive(Module, Debug)]
struct One {
    w: Param<Tensor<2>>,
}

/// A gradient as burn's backward pass leaves it: nobody else holds its memory.
pub struct Gradient(GradientsParams);

/// Why a module is there.
const BETWEEN: &str = "only a step takes the module out, and it puts one back";

impl Matrix {
    /// A matrix between hidden layers, row by row.
    ///
    /// # Errors
    /// If the optimizer refuses a matrix.
    ///
    /// # Panics
    /// If `x` has not as many numbers as the shape.
    pub fn new(driver: Driver, x: Vec<f32>, shape: [usize; 2]) -> Result<Self, Refusal> {
        let w = Tensor::<2>::from_data(TensorData::new(x, shape), &Device::flex().autodiff());
        let module = One { w: Param::from_tensor(w) };
        let stepping = driver.meet(&module, |_, _| Role::Hidden)?;
        Ok(Matrix { module: Some(module), stepping, shape })
    }

    /// A gradient of this matrix, for one step.
    ///
    /// # Panics
    /// If `g` has not as many numbers as the matrix.
    pub fn gradient(&self, g: Vec<f32>) -> Gradient {
        let id = self.module.as_ref().expect(BETWEEN).w.id;
        let mut gradients = GradientsParams::new();
        gradients.register(id, Tensor::<2>::from_data(TensorData::new(g, self.shape), &Device::flex()));
        Gradient(gradients)
    }

    /// One step.
    pub fn step(&mut self, lr: f64, gradient: Gradient) {
        let module = self.module.take().expect(BETWEEN);
        self.module = Some(self.stepping.step(lr, module, gradient.0));
    }

    /// The numbers of the matrix, row by row.
    pub fn values(&self) -> Vec<f32> {
        let data = self.module.as_ref().expect(BETWEEN).w.val().into_data();
        data.as_slice().expect("made from f32 values, and burn's optimizers keep the precision").to_vec()
    }
}

/// A network of 784 inputs, 100 hidden units and 10 classes in training on one batch of 64.
pub struct Network {
    module: Option<Mlp>,
    stepping: Stepping,
    loss: CrossEntropyLoss,
    inputs: Tensor<2>,
    labels: Tensor<1, Int>,
}

#[derive(Module, Debug)]
struct Mlp {
    hidden: Linear,
    out: Linear,
}

impl Network {
    /// Weights and batch are the same for every network.
    ///
    /// # Errors
    /// If the optimizer refuses one of its parameters.
    pub fn new(driver: Driver) -> Result<Self, Refusal> {
        let device = Device::flex().autodiff();
        let tensor = |shape: [usize; 2], scale: f32| {
            let values = (0..shape[0] * shape[1]).map(|i| scale * noise(i as u32)).collect();
            Tensor::<2>::from_data(TensorData::new::<f32, _>(values, shape), &device)
        };
        let linear = |inputs, outputs| {
            let mut linear = LinearConfig::new(inputs, outputs).with_bias(true).init(&device);
            // burn would draw them from the generator that all threads share.
            linear.weight = Param::from_tensor(tensor([inputs, outputs], 1.0 / (inputs as f32).sqrt()));
            linear.bias = Some(Param::from_tensor(Tensor::<1>::zeros([outputs], &device)));
            linear
        };
        let labels: Vec<i32> = (0..64).map(|i| i * 7 % 10).collect();
        let module = Mlp { hidden: linear(784, 100), out: linear(100, 10) };
        let stepping = driver.meet(&module, |_, role| role)?;
        Ok(Network {
            module: Some(module),
            stepping,
            loss: CrossEntropyLossConfig::new().init(&device),
            inputs: tensor([64, 784], 1.0),
            labels: Tensor::from_data(TensorData::new(labels, [64]), &device),
        })
    }

    /// Forward, backward, step. Returns the loss before it.
    pub fn step(&mut self, lr: f64) -> f32 {
        let module = self.module.take().expect(BETWEEN);
        let out = module.out.forward(relu(module.hidden.forward(self.inputs.clone())));
        let loss = self.loss.forward(out, self.labels.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &module);
        self.module = Some(self.stepping.step(lr, module, gradients));
        loss.into_scalar::<f32>()
    }
}

/// In [-1, 1), the same everywhere: the number's bits, mixed (C. Wellons's `lowbias32`).
fn noise(i: u32) -> f32 {
    let mix = |x: u32, shift: u32, times: u32| (x ^ (x >> shift)).wrapping_mul(times);
    let bits = mix(mix(i, 16, 0x7feb_352d), 15, 0x846c_a68b);
    (bits >> 8) as f32 / 8_388_608.0 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Backend, entries};
    use downhill::Registry;
    use serde_json::json;

    #[test]
    fn every_entry_is_here() {
        let entries = entries(Backend::Flex);
        let names = entries.iter().map(|e| e.facts.name).filter(|name| *name != "burn/lbfgs");
        assert!(BUILTINS.iter().map(|(name, _)| *name).eq(names));
        let error = burns(&json!({ "name": "burn/adom" })).err().expect("no such optimizer");
        assert!(error.0.contains("did you mean `burn/adam`?"), "{error}");
        assert!(burns(&json!({ "name": "burn/adam", "beta3": 0.5 })).is_err());
    }

    /// The bridge hands the same numbers to the same code, and ours are the same inside burn.
    #[test]
    fn a_matrix_is_stepped_as_through_the_bridge() {
        use downhill::{Layout, NoOracle, Step};
        let registry = entries(Backend::Flex).into_iter().fold(Registry::builtin(), Registry::with);
        for name in BUILTINS.iter().map(|(name, _)| *name).chain(["adam", "lamb", "muon"]) {
            let table = json!({ "name": name });
            let layout = Layout::new().block("w", [3, 4], Role::Hidden);
            let configured = registry.configure(&table).expect("a name");
            let mut optimizer = configured.build::<f32>(&layout).expect("f32");
            let mut x: Vec<f32> = (0..12).map(|i| i as f32 - 4.5).collect();
            let driver = burns(&table).unwrap_or_else(|_| Driver::Ours(Box::new(configured)));
            let mut matrix = Matrix::new(driver, x.clone(), [3, 4]).expect("a matrix");
            for t in 1..=5 {
                let g: Vec<f32> = x.iter().map(|x| x * t as f32).collect();
                matrix.step(0.01, matrix.gradient(g.clone()));
                optimizer.step(&mut x, &g, &mut Step { t, lr: 0.01, loss: 0.0, oracle: &mut NoOracle });
                assert_eq!(matrix.values(), x, "{name}, step {t}");
            }
        }
    }

    #[test]
    fn the_network_learns_its_batch_whoever_steps() {
        let adam = Registry::builtin().configure(&json!({ "name": "adam", "preset": "burn" })).expect("a name");
        let losses =
            [burns(&json!({ "name": "burn/adam" })).expect("a name"), Driver::Ours(Box::new(adam))].map(|driver| {
                let mut network = Network::new(driver).expect("any module will do");
                (0..30).map(|_| network.step(1e-3)).collect::<Vec<_>>()
            });
        let [burn, ours] = &losses;
        assert!((burn[0] - 10f32.ln()).abs() < 0.5 && burn[29] < 0.5 * burn[0], "{burn:?}");
        assert!(burn.iter().zip(ours).all(|(a, b)| (a - b).abs() < 1e-4), "{burn:?}\n{ours:?}");
    }
}
