//! The bridge to burn, and the only crate here that names it. It goes both ways:
//!
//! | to have | there is |
//! |---|---|
//! | an optimizer of downhill in a training loop of burn | [`PerParameter`], burn's `Optimizer`: in place, with burn's groups and records |
//! | the same for methods that look at the whole model (Prodigy, Muon, SAM, L-BFGS, clipping by the global norm) | [`WholeModel`], of the same `step(lr, model, grads)` |
//! | a schedule of downhill as burn's `LrScheduler` | [`Scheduled`] |
//! | a burn module in sweeps, comparisons and reports | [`BurnFamily`]; five come with the crate, in [`models`] |
//! | burn's own optimizers in studies, run by burn's own code | [`entries`] |
//!
//! # downhill inside burn
//!
//! Two lines of a training loop change beside the `use`:
//!
//! ```
//! use burn::optim::{GradientsParams, ModuleOptimizer};
//! use burn::{nn, tensor::{Device, Tensor}};
//! use downhill::Lion; // instead of burn::optim::LionConfig
//! use downhill_burn::PerParameter;
//!
//! let device = Device::flex().autodiff();
//! let mut model = nn::LinearConfig::new(3, 1).with_initializer(nn::Initializer::Zeros).init(&device);
//! let mut optim = ModuleOptimizer::from(PerParameter::new(Lion::default()).expect("Lion takes each parameter alone"));
//! let x = Tensor::<2>::from_data([[1.0, 2.0, 3.0], [3.0, 1.0, 2.0]], &device);
//! let loss = |model: &nn::Linear| (model.forward(x.clone()) - 1.0).powf_scalar(2.0).mean();
//! let first = loss(&model).into_scalar::<f32>();
//! for _ in 0..100 {
//!     let grads = GradientsParams::from_grads(loss(&model).backward(), &model);
//!     model = optim.step(1e-3, model, grads);
//! }
//! assert!(loss(&model).into_scalar::<f32>() < first);
//! ```
//!
//! `examples/digits.rs` and `examples/fashion_mnist.rs` are whole programs. Which of the two a method fits,
//! [`PerParameter::new`] says: it refuses one that needs more than a parameter and its gradient.
//!
//! # burn's optimizers as methods
//!
//! ```
//! use downhill::{Layout, Registry, Schedule, Stepper};
//! use downhill_burn::{Backend, entries};
//!
//! let registry = entries(Backend::Flex).into_iter().fold(Registry::builtin(), Registry::with);
//! let adam = registry.configure(&serde_json::json!({ "name": "burn/adam", "eps": 1e-8 })).expect("a known field");
//! let built = adam.build::<f32>(&Layout::vector(2)).expect("burn computes in f32");
//!
//! let mut x = [3.0f32, -2.0]; // a bowl, ten times as steep one way as the other
//! let mut opt = Stepper::new(built, 0.1, Schedule::default());
//! for _ in 0..500 {
//!     let g = [x[0], 10.0 * x[1]];
//!     opt.step(&mut x, &g);
//! }
//! assert!(x[0].abs() < 1e-4 && x[1].abs() < 1e-4, "{x:?}");
//! assert!(adam.build::<f64>(&Layout::vector(2)).is_err());
//! ```
//!
//! The code that steps is burn's: an entry translates its hyperparameters into burn's config ([`optimizers`]), and
//! hands blocks to the optimizer which that config builds ([`Blockwise`]), or the whole vector to burn's L-BFGS, whose
//! closure asks the oracle. Nothing is rewritten, so that a defect of burn shows here as it shows in burn.
//!
//! What differs there from burn inside a burn program:
//! - burn's `Linear` keeps its weight as `[in, out]`, a layout of downhill as `[out, in]`. Element-wise methods and
//!   LAMB do not see it; `burn/adafactor` has its rows and columns exchanged, which its formula is symmetric in.
//!   `burn/muon` scales its step by the shape as it stands: by `sqrt(max(1, out / in))`, as its authors do, for
//!   problems of downhill; by `sqrt(max(1, in / out))`, as in a burn program, for blocks that keep their inputs first.
//! - `burn/muon` is two of burn's optimizers, as two parameter groups would be in burn: Muon for hidden matrices, AdamW
//!   for the rest. burn's Muon takes two dimensions only; blocks of more are flattened to rows and columns for it.
//! - `burn/lbfgs` does not ask for loss and gradient where a step starts, since they are known.
//! - Gradient clipping is left out of the configs: the wrappers of downhill clip.
//! - Nothing is random but what a trial draws from its own streams ([`Draws`], [`Start`]): burn's generator, one for the
//!   whole process, is neither read nor seeded. No global setting of burn is written, and no thread is started. A
//!   program that changes the default precision of burn's devices must leave it at `f32`: burn reads states back in it. The
//!   state of L-BFGS is read back on burn's default device, from where it moves to the backend's.

mod backend;
mod bridge;
mod builtin;
mod closure;
mod draws;
mod family;
pub mod inside;
mod loss;
pub mod models;
pub mod optimizers;
mod parameters;
mod per_parameter;
mod problem;
mod record;
mod scheduled;
mod start;
mod whole_model;

pub use backend::Backend;
pub use builtin::{Blockwise, Builtin, OnBurn, entry};
/// The version of burn that modules must be written with: `use downhill_burn::burn;` and its derives work.
pub use burn;
/// What the signatures of [`BurnFamily`] name.
pub use downhill_problems::{DataSpec, FamilyFacts, ProblemError};
pub use draws::Draws;
pub use family::{BurnFamily, DataShape, family};
pub use loss::{Examples, Loss, Targets};
pub use parameters::layout;
pub use per_parameter::{Memory, PerParameter};
pub use record::RecordProblem;
pub use scheduled::Scheduled;
pub use start::Start;
pub use whole_model::{Objective, WholeModel};

use downhill::Entry;
use downhill_problems::FamilyEntry;

/// burn's optimizers, computed on `backend`, in the order of their discovery.
///
/// The backend is no hyperparameter: backends agree up to rounding only, so a study that keeps results must keep its
/// backend beside them.
pub fn entries(backend: Backend) -> Vec<Entry> {
    use optimizers as o;
    vec![
        entry::<o::Sgd>(backend),
        entry::<o::AdaGrad>(backend),
        entry::<o::RmsProp>(backend),
        entry::<o::Adam>(backend),
        entry::<o::AmsGrad>(backend),
        entry::<o::AdamW>(backend),
        entry::<o::Adafactor>(backend),
        entry::<o::Lamb>(backend),
        entry::<o::Adan>(backend),
        entry::<o::Lion>(backend),
        entry::<o::Muon>(backend),
        entry::<o::Lbfgs>(backend),
    ]
}

/// The networks of [`models`] as families of problems, computed on `backend`.
pub fn families(backend: Backend) -> Vec<FamilyEntry> {
    models::all(backend)
}
