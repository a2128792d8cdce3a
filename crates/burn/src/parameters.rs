//! The parameters of a burn module, seen as the blocks of a flat vector.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use downhill::{Layout, Role};

/// The trainable parameters of `module` in the order of its fields: names are paths joined by dots, shapes are burn's.
///
/// Roles follow from the fields' names and the modules that hold them: `gamma` is a gain; `bias`, `beta` and all
/// other vectors are biases; the table of an `Embedding` is an embedding; the last of the other matrices is the head,
/// the rest is hidden. Where that guesses wrong (a head that is not the last field), a closure overrides it:
///
/// ```
/// use burn::{module::Module, nn, tensor::Device};
/// use downhill::Role;
///
/// #[derive(Module, Debug)]
/// struct Net {
///     head: nn::Linear,
///     body: nn::Linear,
/// }
/// let device = Device::flex().autodiff(); // without gradients, nothing is trainable
/// let (head, body) = (nn::LinearConfig::new(8, 3).init(&device), nn::LinearConfig::new(4, 8).init(&device));
/// let net = Net { head, body };
/// let layout = downhill_burn::layout(&net, |name, role| if name.ends_with("weight") { Role::Hidden } else { role });
/// let blocks: Vec<_> = layout.blocks().iter().map(|b| (b.name.as_str(), b.shape.as_slice(), b.role)).collect();
/// assert_eq!(blocks[0], ("head.weight", &[8, 3][..], Role::Hidden));
/// assert_eq!(blocks[1], ("head.bias", &[3][..], Role::Bias));
/// // burn keeps the weight of a `Linear` as [inputs, outputs]; the block says so.
/// assert!(layout.blocks()[0].inputs_first);
/// assert_eq!(downhill_burn::layout(&net, |_, role| role).blocks()[2].role, Role::Head);
/// ```
pub fn layout<M: Module>(module: &M, role: impl Fn(&str, Role) -> Role) -> Layout {
    let mut blocks = Blocks::default();
    module.visit(&mut blocks);
    let last = blocks.found.iter().rposition(|b| b.role == Role::Hidden);
    if let Some(last) = last {
        blocks.found[last].role = Role::Head;
    }
    blocks.found.into_iter().fold(Layout::new(), |layout, Found { name, shape, role: guess, inputs_first }| {
        let role = role(&name, guess);
        let layout = layout.block(name, shape, role);
        if inputs_first { layout.inputs_first() } else { layout }
    })
}

struct Found {
    name: String,
    shape: Vec<usize>,
    role: Role,
    inputs_first: bool,
}

/// Collects blocks, and the way to where it is: names, and the types that hold them.
#[derive(Default)]
struct Blocks {
    path: Vec<(String, String)>,
    found: Vec<Found>,
}

impl ModuleVisitor for Blocks {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.push((name.to_owned(), container.to_owned()));
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !trainable(param) {
            return;
        }
        let names: Vec<_> = self.path.iter().map(|(name, _)| name.as_str()).collect();
        let (field, container) = self.path.last().map_or(("", ""), |(name, holder)| (name.as_str(), holder.as_str()));
        let role = match (D, field, container) {
            (_, "gamma", _) => Role::Gain,
            (0 | 1, ..) => Role::Bias,
            (.., "Struct:Embedding") => Role::Embedding,
            _ => Role::Hidden,
        };
        let (name, shape) = (names.join("."), param.lazy_shape().to_vec());
        let inputs_first = (D, field, container) == (2, "weight", "Struct:Linear");
        self.found.push(Found { name, shape, role, inputs_first });
    }
}

/// Frozen parameters and running statistics are no parameters to an optimizer.
///
/// A parameter that burn has not drawn yet stays so: it is asked as burn's loader of files asks it.
pub(crate) fn trainable<const D: usize>(param: &Param<Tensor<D>>) -> bool {
    if param.is_initialized() {
        return param.is_require_grad();
    }
    let any = Tensor::zeros(param.lazy_shape(), &param.lazy_device());
    param.clone().transform_for_load(any, param.id).is_require_grad()
}

/// Calls `with` on each trainable parameter, as one slice that it may read and write, in the order of [`layout`].
///
/// In place where the module holds the only handle of a contiguous tensor on flex or ndarray; copied elsewhere.
pub(crate) fn each<M: Module>(module: M, with: impl FnMut(ParamId, &mut [f32])) -> M {
    module.map(&mut Each(with))
}

struct Each<F>(F);

impl<F: FnMut(ParamId, &mut [f32])> ModuleMapper for Each<F> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if !trainable(&param) {
            return param;
        }
        let (id, tensor, mapper) = param.consume();
        let strategy = tensor.gradient_checkpointing_strategy();
        let inner = tensor.inner();
        let device = inner.device();
        let mut data = inner.into_data();
        (self.0)(id, data.as_mut_slice().expect(IN_F32));
        let mut tensor = Tensor::from_inner(Tensor::<D>::from_data(data, &device));
        if let Some(strategy) = strategy {
            tensor = tensor.with_gradient_checkpointing_strategy(strategy);
        }
        Param::from_mapped_value(id, tensor.require_grad(), mapper)
    }
}

/// Why reading a parameter as `f32` cannot fail where it is asked for.
pub(crate) const IN_F32: &str = "downhill steps modules in f32: convert the module, or leave the device at f32";

/// The trainable parameters into one vector.
pub(crate) fn read<M: Module>(module: &M, into: &mut Vec<f32>) {
    struct Read<'a>(&'a mut Vec<f32>);
    impl ModuleVisitor for Read<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if trainable(param) {
                self.0.extend_from_slice(param.val().into_data().as_slice().expect(IN_F32));
            }
        }
    }
    into.clear();
    module.visit(&mut Read(into));
}

/// The gradients of the trainable parameters into one vector: 0 where a parameter took no part in the loss.
pub(crate) fn gradients<M: Module>(module: &M, grads: &mut GradientsParams, into: &mut Vec<f32>) {
    struct Take<'a>(&'a mut GradientsParams, &'a mut Vec<f32>);
    impl ModuleVisitor for Take<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if !trainable(param) {
                return;
            }
            match self.0.remove::<D>(param.id) {
                Some(g) => self.1.extend_from_slice(g.into_data().as_slice().expect(IN_F32)),
                None => self.1.resize(self.1.len() + param.lazy_shape().num_elements(), 0.0),
            }
        }
    }
    into.clear();
    module.visit(&mut Take(grads, into));
}

/// One vector into the trainable parameters.
pub(crate) fn write<M: Module>(module: M, from: &[f32]) -> M {
    let mut rest = from;
    let module = each(module, |_, x| {
        let (head, tail) = rest.split_at(x.len());
        x.copy_from_slice(head);
        rest = tail;
    });
    assert!(rest.is_empty(), "the vector has {} numbers more than the module has parameters", rest.len());
    module
}
