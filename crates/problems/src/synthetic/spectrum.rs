//! Curvatures of quadratics.

use serde::{Deserialize, Serialize};

/// How curvatures fall from 1 to `1 / kappa`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spectrum {
    /// In even steps: most of them are large.
    Linear,
    /// In even ratios.
    #[default]
    LogUniform,
    /// Like `i^-p`, with the exponent that ends at `1 / kappa`: as those of natural data.
    PowerLaw,
    /// Outliers in even ratios from 1 to 0.1, and a bulk below 0.02, the denser the nearer to 0, as in networks (Sagun et
    /// al. 2017, arXiv:1611.07476; Ghorbani, Krishnan & Xiao 2019, arXiv:1901.10159).
    Deep,
    /// Outliers of 1, all others `1 / kappa` (Johnstone 2001, Annals of Statistics 29).
    Spiked,
}

impl Spectrum {
    /// The words in studies.
    pub(super) const WORDS: &'static [&'static str] = &["linear", "log-uniform", "power-law", "deep", "spiked"];

    /// `dim` curvatures, the largest first. `outliers` counts for [`Deep`](Spectrum::Deep) and
    /// [`Spiked`](Spectrum::Spiked) only.
    pub(super) fn curvatures(self, dim: usize, kappa: f64, outliers: usize) -> Vec<f64> {
        let low = 1.0 / kappa;
        // From 0 to 1 over the numbers 0 to n - 1.
        let share = |i: usize, n: usize| i as f64 / (n.max(2) - 1) as f64;
        let one = |i: usize| match self {
            Spectrum::Linear => 1.0 - (1.0 - low) * share(i, dim),
            Spectrum::LogUniform => libm::pow(kappa, -share(i, dim)),
            Spectrum::PowerLaw => libm::pow((i + 1) as f64, -libm::log(kappa) / libm::log(dim.max(2) as f64)),
            Spectrum::Deep if i < outliers => libm::pow(0.1, share(i, outliers)).max(low),
            // Squares of even steps: a density like h^(-1/2), which is that of a Gram matrix near 0 (Marchenko & Pastur).
            Spectrum::Deep => {
                let left = 1.0 - share(i - outliers, dim - outliers);
                low + (low.max(0.02) - low) * left * left
            }
            Spectrum::Spiked => {
                if i < outliers {
                    1.0
                } else {
                    low
                }
            }
        };
        (0..dim).map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curvatures_fall_from_1_to_1_over_kappa() {
        for spectrum in [Spectrum::Linear, Spectrum::LogUniform, Spectrum::PowerLaw, Spectrum::Deep, Spectrum::Spiked] {
            for (dim, kappa) in [(2, 10.0), (101, 1e4), (101, 1.0)] {
                let h = spectrum.curvatures(dim, kappa, 1);
                assert_eq!((h.len(), h[0]), (dim, 1.0), "{spectrum:?}");
                assert!((h[dim - 1] * kappa - 1.0).abs() < 1e-12, "{spectrum:?}: {:?}", h.last());
                assert!(h.windows(2).all(|w| w[0] >= w[1]), "{spectrum:?}: {h:?}");
            }
        }
        // Of 100 in the bulk, half are below a quarter of its edge.
        let bulk = &Spectrum::Deep.curvatures(110, 1e6, 10)[10..];
        assert_eq!(bulk.iter().filter(|&&h| h < 0.02 / 4.0).count(), 50);
    }
}
