//! The configs of burn's optimizers: one file each, and two lines here and one in [`entries`](crate::entries).
//!
//! Fields are named as downhill names them (`beta1`, `eps`, `decay`), and cover all options of burn but gradient
//! clipping. Defaults are burn's.

mod adafactor;
mod adagrad;
mod adam;
mod adamw;
mod adan;
mod lamb;
mod lbfgs;
mod lion;
mod muon;
mod rmsprop;
mod sgd;

pub use adafactor::Adafactor;
pub use adagrad::AdaGrad;
pub use adam::{Adam, AmsGrad};
pub use adamw::AdamW;
pub use adan::Adan;
pub use lamb::Lamb;
pub use lbfgs::{Lbfgs, LineSearch};
pub use lion::Lion;
pub use muon::{Muon, MuonScale};
pub use rmsprop::RmsProp;
pub use sgd::Sgd;

use burn::optim::decay::WeightDecayConfig;
use downhill::{Claim, Facts};

/// burn's weight decay where it is an option; its absence is spelt 0 here.
fn weight_decay(decay: f64) -> Option<WeightDecayConfig> {
    (decay != 0.0).then(|| WeightDecayConfig::new(decay as f32))
}

/// As [`Claim::ODD_POINTWISE`]; but burn allocates a tensor for each operation.
const ODD_POINTWISE: &[Claim] = &[
    Claim::SignEquivariant,
    Claim::Splittable,
    Claim::Separable,
    Claim::PermutationEquivariant,
    Claim::LinearInLr,
    Claim::TranslationInvariant,
    Claim::StillAtZeroGradient,
    Claim::StillAtZeroRate,
];

/// What most of them have in common.
const BURN: Facts = Facts { preset: "burn", claims: ODD_POINTWISE, ..Facts::COMMON };

/// How all of them fail.
const FAILURE: &str = "as downhill's of the same name; a tensor is allocated for every operation";

/// What a coupled decay does, in a row of [`Facts::hypers`](downhill::Facts::hypers).
const COUPLED: &str = "weight decay through the gradient: g + decay x";
/// What a decoupled decay does.
const DECOUPLED: &str = "weight decay beside the step, multiplied by the learning rate";
/// What an epsilon does.
const EPS: &str = "added to the root, in units of the gradient";

#[cfg(test)]
mod tests {
    use super::*;
    use burn::optim as b;

    /// Defaults are burn's own, and every default that our configs leave out is burn's as well.
    #[test]
    fn defaults_are_burns() {
        fn same(ours: impl serde::Serialize, burns: impl serde::Serialize) {
            let ours = serde_json::to_value(ours).expect("a config is data");
            assert_eq!(ours, serde_json::to_value(burns).expect("a config is data"));
        }
        same(Sgd::default().config(), b::SgdConfig::new());
        same(AdaGrad::default().config(), b::AdaGradConfig::new());
        same(RmsProp::default().config(), b::RmsPropConfig::new());
        same(Adam::default().config(), b::AdamConfig::new());
        same(AmsGrad::default().config(), b::AdamConfig::new().with_amsgrad(true));
        same(AdamW::default().config(), b::AdamWConfig::new());
        same(Adafactor::default().config(), b::AdafactorConfig::new());
        same(Lamb::default().config(), b::LambConfig::new());
        same(Adan::default().config(), b::AdanConfig::new());
        same(Lion::default().config(), b::LionConfig::new());
        same(Muon::default().config(), b::MuonConfig::new());
        same(Muon::default().companion().config(), b::AdamWConfig::new());
        same(Lbfgs::default().config(), b::LBFGSConfig::new());
        let momentum = Sgd { momentum: 0.9, ..Sgd::default() }.config();
        same(momentum, b::SgdConfig::new().with_momentum(Some(b::momentum::MomentumConfig::new())));
    }
}
