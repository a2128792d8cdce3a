//! From saddle to saddle.

use super::rotation::Rotation;
use super::{around, at_least_1};
use crate::math::normal;
use crate::problem::{Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng, Stream, Streams};
use downhill::{Hyper, Layout, Range, Real};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Products of weights that shall be numbers: a deep linear network in its own modes, learnt one after the other.
///
/// ```text
/// f(x) = 1/2 sum_k (w_k1 ... w_kdepth - s_k)^2,  w = Q x,  s_1 = 1 >= ... >= s_modes = 1 / kappa
/// ```
///
/// Every set of modes that are not learnt yet has a saddle, where their weights are 0: `2^modes - 1` in all. All minima are
/// global. With `depth = 2` saddles are strict, and left at the speed `s_k`; with more, the first derivative by a mode's
/// weights that is not 0 is the `depth`-th: the smaller the start, the longer the plateau. The start is drawn from N(0, `spread^2`), `Q`, which turns blocks, from `instance`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Saddles {
    /// The number of products, `>= 1`.
    pub modes: usize,
    /// The number of factors of each, `>= 2`.
    pub depth: usize,
    /// The ratio of the largest `s` to the smallest, `>= 1`.
    pub kappa: f64,
    /// The standard deviation of the start, `> 0`.
    pub spread: f64,
    /// How many of the `modes depth` coordinates are turned together, `>= 1`.
    pub block: usize,
    /// Which of the random frames.
    pub instance: u64,
}

impl Default for Saddles {
    fn default() -> Self {
        Saddles { modes: 5, depth: 3, kappa: 10.0, spread: 0.1, block: 15, instance: 0 }
    }
}

impl Family for Saddles {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "saddles",
        formula: "1/2 sum_k (product of `depth` weights - s_k)^2, s from 1 to 1/kappa",
        source: "the modes of Saxe, McClelland & Ganguli 2014, arXiv:1312.6120",
        teaches: "saddles and plateaus: what is far from them is learnt at once, what is weak late",
        hypers: &[
            Hyper::new("modes", Range::AtLeast(1), "number of products"),
            Hyper::new("depth", Range::AtLeast(2), "factors of each; 2 has strict saddles, more have flat ones"),
            Hyper::new("kappa", Range::Positive, "ratio of the largest s to the smallest, at least 1"),
            Hyper::new("spread", Range::Positive, "standard deviation of the start"),
            Hyper::new("block", Range::AtLeast(1), "how many coordinates are turned together; 1 turns none"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random frames"),
        ],
        tags: &["synthetic", "nd", "saddle", "plateau"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        let &Saddles { modes, depth, kappa, spread, block, instance } = self;
        at_least_1("kappa", kappa)?;
        let mut rng = Streams::new("saddles, instance", instance).rng(Stream::Noise);
        let rotation = Rotation::draw(modes * depth, block, &mut rng);
        let s = (0..modes).map(|k| libm::pow(kappa, -(k as f64) / (modes.max(2) - 1) as f64)).collect();
        Ok(Arc::new(Products { s, depth, spread, rotation }))
    }
}

struct Products {
    s: Vec<f64>,
    depth: usize,
    spread: f64,
    rotation: Rotation,
}

impl Products {
    /// `w` becomes `Q x`.
    fn value_and_gradient<R: Real>(&self, x: &[R], g: &mut [R], w: &mut [R]) -> f64 {
        w.copy_from_slice(x);
        self.rotation.apply(w);
        let mut f = 0.0;
        for ((w, g), &s) in w.chunks(self.depth).zip(g.chunks_mut(self.depth)).zip(&self.s) {
            // The product of all before, then times that of all after.
            let mut before = R::ONE;
            for (g, &w) in g.iter_mut().zip(w) {
                *g = before;
                before *= w;
            }
            let off = before - R::of(s);
            let mut after = off;
            for (g, &w) in g.iter_mut().zip(w).rev() {
                *g *= after;
                after *= w;
            }
            f += 0.5 * off.to_f64() * off.to_f64();
        }
        self.rotation.undo(g);
        f
    }
}

impl Info for Products {
    fn layout(&self) -> Layout {
        Layout::vector(self.s.len() * self.depth)
    }
    /// One minimiser of many: an even number of factors may change sign, and two any factor in common.
    fn facts(&self) -> Facts {
        let roots = self.s.iter().flat_map(|&s| vec![libm::pow(s, 1.0 / self.depth as f64); self.depth]);
        let mut x: Vec<f64> = roots.collect();
        self.rotation.undo(&mut x);
        Facts { domain: vec![around(&x)], ..Facts::global(0.0, vec![x]) }
    }
}

impl<R: Real> Problem<R> for Products {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        x.fill_with(|| R::of(self.spread * normal(rng)));
    }
    fn eval(&self, x: &[R], _: &Sample<'_>, g: &mut [R], scratch: &mut Scratch<R>) -> R {
        R::of(self.value_and_gradient(x, g, scratch.take(x.len())))
    }
    fn measure(&self, x: &[R], _: Part, scratch: &mut Scratch<R>) -> Measures {
        let (g, w) = scratch.take(2 * x.len()).split_at_mut(x.len());
        let loss = self.value_and_gradient(x, g, w);
        Measures { objective: loss, loss, metric: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The step at which each mode has half of its strength, by gradient descent from a small start.
    fn learnt_at(depth: usize, start: f64) -> Vec<usize> {
        let s = vec![1.0, 0.5, 0.25];
        let problem = Products {
            s,
            depth,
            spread: 0.0,
            rotation: Rotation::draw(0, 1, &mut Streams::new("", 0).rng(Stream::Noise)),
        };
        let n = 3 * depth;
        let (mut x, mut g, mut w, mut at) = (vec![start; n], vec![0.0; n], vec![0.0; n], vec![0; 3]);
        for step in 1..50_000 {
            problem.value_and_gradient(&x, &mut g, &mut w);
            x.iter_mut().zip(&g).for_each(|(x, g)| *x -= 0.1 * g);
            for (k, at) in at.iter_mut().enumerate() {
                let product: f64 = x[k * depth..(k + 1) * depth].iter().product();
                if *at == 0 && product > 0.5 * problem.s[k] {
                    *at = step;
                }
            }
        }
        at
    }

    #[test]
    fn strong_modes_are_learnt_first_and_small_starts_last_long() {
        for depth in [2, 3] {
            let (near, far) = (learnt_at(depth, 1e-3), learnt_at(depth, 1e-1));
            // At a speed of s_k: half as strong takes twice as long.
            for at in [&near, &far] {
                let ratios = [at[1] as f64 / at[0] as f64, at[2] as f64 / at[1] as f64];
                assert!(at[0] > 0 && ratios.iter().all(|r| (1.6..2.6).contains(r)), "{depth}: {at:?}");
            }
            // Strict saddles hold for log(1 / start), flat ones for 1 / start.
            let longer = near[0] as f64 / far[0] as f64;
            assert!(if depth == 2 { longer < 6.0 } else { longer > 30.0 }, "{depth}: {near:?}, {far:?}");
        }
    }
}
