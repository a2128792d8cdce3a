//! AMSGrad.

use super::adam::Coef;
use crate::{
    At, Cell, Driver, Facts, Fused, Given, Hyper, Layout, Method, Optimizer, Pointwise, Preset, Range, Real, Slot,
    Slots,
};
use serde::{Deserialize, Serialize};

/// AMSGrad: Adam whose scale never shrinks, so that it converges where Adam does not.
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// v <- v + (1 - beta2) (g^2 - v)
/// w <- max(w, v)
/// u  = m / (1 - beta1^t)  /  (sqrt(w / (1 - beta2^t)) + eps)
/// ```
///
/// Reddi, Kale & Kumar 2018, arXiv:1904.09237. Three methods share the name, see [`AmsGradForm`]; they part in the
/// first steps, where the bias correction is large, and the largest value may come from there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AmsGrad {
    /// Decay of the mean of gradients, `[0, 1)`.
    pub beta1: f64,
    /// Decay of the mean of squares, `[0, 1)`.
    pub beta2: f64,
    /// Added to the root, in units of the gradient.
    pub eps: f64,
    /// What is corrected, and when.
    pub form: AmsGradForm,
}

/// The three methods of the name AMSGrad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AmsGradForm {
    /// The largest `v` is corrected when it is used.
    #[default]
    Torch,
    /// Nothing is corrected.
    Paper,
    /// The largest of the corrected `v` is kept: the first gradient alone may set it.
    Optax,
}

impl Default for AmsGrad {
    fn default() -> Self {
        AmsGrad { beta1: 0.9, beta2: 0.999, eps: 1e-8, form: AmsGradForm::Torch }
    }
}

impl Method for AmsGrad {
    const FACTS: Facts = Facts {
        name: "amsgrad",
        formula: "m, v as in Adam; w <- max(w, v); x <- x - lr m^ / (sqrt(w^) + eps)",
        source: "Reddi, Kale & Kumar 2018, arXiv:1904.09237",
        convention: "torch: the largest raw v, bias-corrected; the paper corrects nothing, optax corrects first",
        presets: &[
            Preset::new("paper", &[("form", Given::Word("paper"))]),
            Preset::new("optax", &[("form", Given::Word("optax"))]),
        ],
        failure: "one outlier lowers the rate for ever",
        hypers: &[
            Hyper::new("beta1", Range::Decay, "decay of the mean of gradients"),
            Hyper::new("beta2", Range::Decay, "decay of the mean of squares"),
            Hyper::new("eps", Range::NonNegative, "added to the root, in units of the gradient"),
            Hyper::new("form", Range::OneOf(&["torch", "paper", "optax"]), "what is corrected, and when"),
        ],
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

impl<R: Real> Pointwise<R> for AmsGrad {
    type Memory = Slots<3>;
    type Clock = ();
    /// Adam's, and what `v` is multiplied by before the maximum.
    type Coef = (Coef<R>, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0), ("v", 0.0), ("w", 0.0)]
    }
    fn coef(&self, _: &(), at: &At) -> Self::Coef {
        let c = Coef::<R>::new(self.beta1, self.beta2, self.eps, at.t);
        match self.form {
            AmsGradForm::Torch => (c, R::ONE),
            AmsGradForm::Paper => (Coef { unbias1: R::ONE, unbias2: R::ONE, ..c }, R::ONE),
            AmsGradForm::Optax => (Coef { unbias2: R::ONE, ..c }, c.unbias2),
        }
    }
    #[inline(always)]
    fn update((c, early): Self::Coef, [m, v, w]: Cell<'_, Slots<3>, R>, _: R, g: R) -> R {
        c.average(m, v, g);
        *w = w.larger(*v * early);
        *m * c.unbias1 / c.scale(*w)
    }
}
