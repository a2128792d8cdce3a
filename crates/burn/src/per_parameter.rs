//! An optimizer of downhill as an `Optimizer` of burn: each parameter for itself, in place.

use crate::record::{STEPS, tensors, values};
use burn::optim::{LearningRate, Optimizer, RecordState, StateSink, StateSource};
use burn::tensor::{DType, Device, Element, Tensor, TensorData};
use burn_pack::Scalar;
use downhill::{Claim, Configured, Layout, NoOracle, Real, Refusal, State, Step};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// One of downhill's optimizers, which burn drives: a drop-in for burn's own.
///
/// ```
/// use burn::optim::ModuleOptimizer;
/// use downhill::Adam;
/// use downhill_burn::PerParameter;
///
/// let adam = PerParameter::new(Adam::default()).expect("Adam takes each parameter for itself");
/// let mut optim = ModuleOptimizer::from(adam); // instead of AdamConfig::new().init()
/// # let _ = &mut optim;
/// ```
///
/// All of burn works with it: `ModuleOptimizer::with_group` for groups, records, learning rate schedulers (those of
/// downhill too: [`Scheduled`](crate::Scheduled)). The fused loop runs on the parameter's own buffer where burn lets it
/// (flex and ndarray, a tensor with one handle); elsewhere burn copies to the host and back. Parameters in `f64` are
/// stepped in `f64`, all others in `f32`.
///
/// It is for methods that take each parameter as a plain vector ([`Claim::Separable`]), which is what burn hands out:
/// no shape that could be told from its transpose, no role, no other parameter. The rest is a
/// [`WholeModel`](crate::WholeModel).
#[derive(Clone)]
pub struct PerParameter(Arc<Configured>);

impl PerParameter {
    /// A method as it is, or configured by a [`Registry`](downhill::Registry) with its wrappers.
    ///
    /// # Errors
    /// If the method needs more than one parameter and its gradient: says what, and to use
    /// [`WholeModel`](crate::WholeModel).
    ///
    /// ```
    /// use downhill::{Adam, ClipGlobal, Configured, Prodigy};
    /// use downhill_burn::PerParameter;
    /// let why = |method: Configured| PerParameter::new(method).err().expect("refused").0;
    /// assert!(why(Prodigy::default().into()).starts_with("`prodigy` looks at the whole model"));
    /// let clipped = Configured::from(Adam::default()).within(ClipGlobal { norm: 1.0 });
    /// assert!(why(clipped).contains("use `WholeModel`"));
    /// ```
    pub fn new(method: impl Into<Configured>) -> Result<Self, Refusal> {
        let method = method.into();
        let name = method.facts.name;
        let refuse = |why: String| Err(Refusal(format!("`{name}` {why}: use `WholeModel`")));
        if let Some(need) = method.needs().first() {
            return refuse(format!("needs {}", need.text()));
        }
        if method.averages() {
            return refuse("keeps an average of the parameters".into());
        }
        if !method.obeys(Claim::Separable) {
            return refuse("looks at the whole model, or at shapes and roles".into());
        }
        if !method.groups().is_empty() {
            return refuse("has parameter groups (burn's are `ModuleOptimizer::with_group`)".into());
        }
        Ok(PerParameter(Arc::new(method)))
    }
}

impl fmt::Debug for PerParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PerParameter({})", self.0.canonical())
    }
}

impl Optimizer for PerParameter {
    type State<const D: usize> = Memory;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        memory: Option<Memory>,
    ) -> (Tensor<D>, Option<Memory>) {
        let (device, dtype) = (tensor.device(), tensor.dtype());
        let mut memory = memory.unwrap_or_default();
        let (mut x, g) = (tensor.into_data(), grad.into_data());
        memory.step(&self.0, lr, &mut x, g);
        (Tensor::from_data(x, (&device, dtype)), Some(memory))
    }

    fn to_device<const D: usize>(memory: Memory, _: &Device) -> Memory {
        memory
    }
}

/// What is remembered of one parameter, on the host.
#[derive(Default)]
pub struct Memory {
    t: u64,
    /// As loaded or cloned: the optimizer is built when the next step says for how many numbers.
    known: Option<State>,
    /// Behind a lock that nobody waits for, since burn wants to share what it reads.
    running: Mutex<Option<Box<dyn Running>>>,
}

impl Memory {
    fn step(&mut self, method: &Configured, lr: f64, x: &mut TensorData, g: TensorData) {
        self.t += 1;
        let (t, known) = (self.t, self.known.take());
        let running = self.running.get_mut().unwrap_or_else(PoisonError::into_inner);
        let running = running.get_or_insert_with(|| match x.dtype() {
            DType::F64 => Typed::<f64>::boxed(method, x.num_elements(), known),
            _ => Typed::<f32>::boxed(method, x.num_elements(), known),
        });
        running.step(t, lr, x, g);
    }

    fn state(&self) -> State {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_mut().map(|running| running.save()).or_else(|| self.known.clone()).unwrap_or_default()
    }
}

impl Clone for Memory {
    fn clone(&self) -> Self {
        Memory { t: self.t, known: Some(self.state()), running: Mutex::default() }
    }
}

/// A running optimizer, whatever its precision.
trait Running: Send {
    fn step(&mut self, t: u64, lr: f64, x: &mut TensorData, g: TensorData);
    fn save(&mut self) -> State;
}

struct Typed<R>(Box<dyn downhill::Optimizer<R>>);

impl<R: Real + Element> Typed<R> {
    /// # Panics
    /// If the record was saved by another optimizer or for another number of parameters: going on without it would
    /// be worse.
    fn boxed(method: &Configured, n: usize, known: Option<State>) -> Box<dyn Running> {
        let name = method.facts.name;
        let mut optimizer = method
            .build::<R>(&Layout::vector(n))
            .unwrap_or_else(|refusal| panic!("`{name}` on a parameter of {n} numbers in {}: {refusal}", R::NAME));
        if let Some(state) = known {
            let loaded = state.load(&mut *optimizer);
            loaded.unwrap_or_else(|e| panic!("the record does not fit `{name}` on a parameter of {n} numbers: {e}"));
        }
        Box::new(Typed(optimizer))
    }
}

impl<R: Real + Element> Running for Typed<R> {
    fn step(&mut self, t: u64, lr: f64, x: &mut TensorData, g: TensorData) {
        let dtype = x.dtype();
        if dtype != R::dtype() {
            let wide = std::mem::replace(x, TensorData::new(Vec::<f32>::new(), [0]));
            *x = wide.convert::<R>();
        }
        let g = if g.dtype() == R::dtype() { g } else { g.convert::<R>() };
        let mut step = Step { t, lr, loss: R::of(f64::NAN), oracle: &mut NoOracle };
        self.0.step(x.as_mut_slice().expect(CONVERTED), g.as_slice().expect(CONVERTED), &mut step);
        if dtype != R::dtype() {
            let wide = std::mem::replace(x, TensorData::new(Vec::<f32>::new(), [0]));
            *x = wide.convert_dtype(dtype);
        }
    }
    fn save(&mut self) -> State {
        State::save(&mut *self.0)
    }
}

/// Why a slice has the type that is asked for.
const CONVERTED: &str = "converted to it above";

/// Leaves: `steps`, each remembered vector under its own name, and `names` in bytes, a line each, since burn asks for
/// leaves by name when it loads.
impl RecordState for Memory {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        let state = self.state();
        let names: Vec<_> = state.iter().map(|(name, _)| name).collect();
        let names = names.join("\n").into_bytes();
        out.push_scalar(prefix, STEPS, Scalar::from(self.t));
        let n = names.len();
        out.push_tensor(prefix, "names", TensorData::new(names, [n]));
        for (name, data) in tensors(&state) {
            out.push_tensor(prefix, &name, data);
        }
    }

    fn state_unflatten(prefix: &str, source: &mut StateSource, _: &Device) -> Option<Self> {
        let t = u64::try_from(source.take_scalar(prefix, STEPS)?).ok()?;
        let names = source.take_tensor(prefix, "names")?;
        let names = std::str::from_utf8(names.as_slice::<u8>().ok()?).ok()?;
        let value = |name: &str| Some((name.to_owned(), values(&source.take_tensor(prefix, name)?)?));
        let known = names.split_terminator('\n').map(value).collect::<Option<State>>()?;
        Some(Memory { t, known: Some(known), running: Mutex::default() })
    }
}
