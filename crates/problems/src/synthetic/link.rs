//! What a linear prediction has to do with its target.

use crate::Rng;
use crate::math::{normal, uniform};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// How a target is made of a planted `p = a.w`, and how far another prediction `p` is from the target `y`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// `y = p + noise z`, z normal; `1/2 (p - y)^2`.
    #[default]
    Squared,
    /// `y = sign(p + noise z)`, z logistic; `log(1 + e^(-y p))`. Without noise the classes can be separated, and there is
    /// no minimum.
    Logistic,
    /// `y = p + noise z`, z Cauchy distributed, with no mean; `1/2 log(1 + (p - y)^2)`: robust, and not convex.
    Cauchy,
    /// `y = p^2 + noise z`, z normal; `1/4 (p^2 - y)^2`: phase retrieval, which loses the sign (Candes, Li & Soltanolkotabi
    /// 2015, arXiv:1407.1065).
    Phase,
}

impl Link {
    /// The words in studies.
    pub(super) const WORDS: &'static [&'static str] = &["squared", "logistic", "cauchy", "phase"];

    /// The target of a planted prediction.
    pub(super) fn target(self, p: f64, noise: f64, rng: &mut Rng) -> f64 {
        match self {
            Link::Squared => p + noise * normal(rng),
            Link::Logistic => {
                let u = (0.5 - uniform(rng)).clamp(-0.5 + f64::EPSILON, 0.5 - f64::EPSILON);
                let z = libm::log((0.5 + u) / (0.5 - u));
                if p + noise * z < 0.0 { -1.0 } else { 1.0 }
            }
            Link::Cauchy => p + noise * libm::tan(PI * (uniform(rng) - 0.5)),
            Link::Phase => p * p + noise * normal(rng),
        }
    }

    /// Loss, slope and curvature by `p`.
    pub(super) fn loss(self, p: f64, y: f64) -> [f64; 3] {
        match self {
            Link::Squared => [0.5 * (p - y) * (p - y), p - y, 1.0],
            Link::Logistic => {
                let small = libm::exp(-p.abs());
                // The probability of the other class.
                let wrong = if y * p > 0.0 { small } else { 1.0 } / (1.0 + small);
                [libm::log1p(small) + (-y * p).max(0.0), -y * wrong, wrong * (1.0 - wrong)]
            }
            Link::Cauchy => {
                let (r, scale) = (p - y, 1.0 + (p - y) * (p - y));
                [0.5 * libm::log(scale), r / scale, (2.0 - scale) / (scale * scale)]
            }
            Link::Phase => {
                let off = p * p - y;
                [0.25 * off * off, off * p, 3.0 * p * p - y]
            }
        }
    }
}
