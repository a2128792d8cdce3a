//! Each claim of each entry holds, and each claim that an entry does not make fails.

mod common;

use common::*;
use downhill::{Claim, Layout, Need, Optimizer, Oracle, Refused, Registry, Role, Step};
use downhill_burn::Backend;
use serde_json::json;

const STEPS: u64 = 12;
const N: usize = 20;
/// How far two paths drift apart that rounding alone tells apart; L-BFGS makes 3e-5 of it, the others 1e-6.
const ROUNDING: f64 = 1e-4;

/// A matrix, and a vector beside it.
fn two() -> Layout {
    Layout::new().block("w", [4, 4], Role::Hidden).block("b", [4], Role::Bias)
}

/// Gradients that depend on the step alone, for laws on paths that differ by more than rounding.
fn force(t: u64, i: usize) -> f32 {
    ((7 * t + 3 * i as u64) % 11) as f32 / 4.0 - 1.1
}

/// Answers as a bowl of that force around the present point would: `f(y) = g (y - x) + |y - x|^2 scale / 2`. It mirrors,
/// turns and permutes as the force does.
struct Bowl {
    x: Vec<f32>,
    g: Vec<f32>,
    scale: f32,
}

impl Oracle<f32> for Bowl {
    fn again(&mut self, y: &[f32], g: &mut [f32]) -> Result<f32, Refused> {
        let mut loss = 0.0;
        for i in 0..y.len() {
            let d = y[i] - self.x[i];
            g[i] = self.g[i] + self.scale * d;
            loss += self.g[i] * d + 0.5 * self.scale * d * d;
        }
        Ok(loss)
    }
}

struct Subject<'a>(&'a Registry, &'a str);

impl Subject<'_> {
    fn fresh(&self, layout: &Layout) -> Box<dyn Optimizer<f32>> {
        build(self.0, self.1, json!({}), layout)
    }
    /// A path under `force`, whose values `g` may change; a power of two as rate, so that scaling is exact.
    fn path(&self, layout: &Layout, x: &[f32], lr: f64, steps: u64, g: impl Fn(u64, usize) -> f32) -> Vec<f32> {
        self.scaled(layout, x, lr, steps, 1.0, g)
    }
    /// The same, where the problem is `scale` times as steep.
    fn scaled(
        &self,
        layout: &Layout,
        x: &[f32],
        lr: f64,
        steps: u64,
        scale: f32,
        g: impl Fn(u64, usize) -> f32,
    ) -> Vec<f32> {
        let (mut optimizer, mut x) = (self.fresh(layout), x.to_vec());
        for t in 1..=steps {
            let g: Vec<f32> = (0..x.len()).map(|i| scale * g(t, i)).collect();
            let mut oracle = Bowl { x: x.clone(), g: g.clone(), scale };
            optimizer.step(&mut x, &g, &mut Step { t, lr, loss: 0.0, oracle: &mut oracle });
        }
        x
    }
    fn wants_matrices(&self) -> bool {
        self.0.find(self.1).expect("a name").facts.needs.contains(&Need::Matrices)
    }
    fn obeys(&self, claim: Claim) -> bool {
        let (one, x, lr) = (two(), start::<f32>(N), 0.125);
        let path = |x: &[f32], g: &dyn Fn(u64, usize) -> f32| self.path(&one, x, lr, STEPS, g);
        let plain = path(&x, &force);
        let same = |a: &[f32], b: &[f32]| bits(a) == bits(b);
        match claim {
            Claim::SignEquivariant => {
                let minus = |x: &[f32]| x.iter().map(|x| -x).collect::<Vec<_>>();
                same(&minus(&path(&minus(&x), &|t, i| -force(t, i))), &plain)
            }
            Claim::Splittable => {
                let shape = vec![1; if self.wants_matrices() { 2 } else { 1 }];
                let many = (0..N).fold(Layout::new(), |l, i| l.block(format!("x{i}"), shape.clone(), Role::Hidden));
                same(&self.path(&many, &x, lr, STEPS, force), &plain)
            }
            Claim::Separable if self.wants_matrices() => false,
            Claim::Separable => one.blocks().iter().all(|block| {
                let (from, vector) = (block.range.start, Layout::vector(block.len()));
                let alone = self.path(&vector, &x[block.range.clone()], lr, STEPS, |t, i| force(t, from + i));
                same(&alone, &plain[block.range.clone()])
            }),
            Claim::PermutationEquivariant => {
                // Reversed within each block; of a matrix that is its rows and its columns. Sums run in another order.
                let from = |i: usize| if i < 16 { 15 - i } else { 35 - i };
                let mixed = |x: &[f32]| (0..N).map(|i| x[from(i)]).collect::<Vec<_>>();
                let there = path(&mixed(&x), &|t, i| force(t, from(i)));
                apart(&wide(&there), &wide(&mixed(&plain))) < ROUNDING
            }
            Claim::RotationEquivariant => {
                // A reflection, H = 1 - 2 v v' with v = (1, .., 1) / sqrt(N), stands for a rotation.
                let turned = |x: &[f32]| {
                    let twice_mean = 2.0 * wide(x).iter().sum::<f64>() / N as f64;
                    x.iter().map(|&x| (f64::from(x) - twice_mean) as f32).collect::<Vec<_>>()
                };
                // One short step: in a bowl, L-BFGS forgets within a few what its first one owed to the axes.
                let g = turned(&(0..N).map(|i| force(1, i)).collect::<Vec<_>>());
                let one_step = |x: &[f32], g: &[f32]| self.path(&one, x, 0.0625, 1, |_, i| g[i]);
                let there = one_step(&turned(&x), &g);
                apart(&wide(&turned(&there)), &wide(&one_step(&x, &turned(&g)))) < 1e-5
            }
            // So far down that any epsilon shows.
            Claim::ScaleInvariant => {
                [1024.0, 2f32.powi(-45)].iter().all(|&s| same(&self.scaled(&one, &x, lr, STEPS, s, force), &plain))
            }
            Claim::LinearInLr => [0.125, 0.75].iter().all(|&lr| {
                let first = |lr| self.path(&one, &[0.0; N], lr, 1, force);
                let doubled: Vec<f32> = first(lr).iter().map(|x| 2.0 * x).collect();
                same(&first(2.0 * lr), &doubled) && doubled.iter().any(|&x| x != 0.0)
            }),
            Claim::TranslationInvariant => {
                let shifted: Vec<f32> = x.iter().map(|x| x + 3.0).collect();
                let back: Vec<f64> = wide(&path(&shifted, &force)).iter().map(|x| x - 3.0).collect();
                apart(&back, &wide(&plain)) < ROUNDING
            }
            Claim::StillAtZeroGradient => same(&path(&x, &|_, _| 0.0), &x),
            Claim::StillAtZeroRate => same(&self.path(&one, &x, 0.0, STEPS, force), &x),
            // burn allocates a tensor for each operation: not measured, and claimed by none.
            Claim::AllocationFree => false,
            #[allow(
                unreachable_patterns,
                reason = "a law that downhill adds is looked at here when an entry claims it"
            )]
            _ => false,
        }
    }
}

#[test]
fn claims_are_the_laws_that_hold() {
    let mut wrong = Vec::new();
    for (backend, name) in everything() {
        let registry = registry(backend);
        let claims = registry.find(name).expect("a name").facts.claims;
        for claim in Claim::ALL {
            let (claimed, holds) = (claims.contains(&claim), Subject(&registry, name).obeys(claim));
            if claimed != holds {
                wrong.push(format!("{name} on {backend}: {claim:?} is claimed: {claimed}, holds: {holds}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// No claim is dead: each law is obeyed by some entry and broken by another, but for those that all obey or none can show.
#[test]
fn every_law_tells_entries_apart() {
    let registry = registry(Backend::default());
    let all = [Claim::AllocationFree, Claim::SignEquivariant, Claim::PermutationEquivariant, Claim::StillAtZeroRate];
    for claim in Claim::ALL.into_iter().filter(|c| !all.contains(c)) {
        let obeyed = names().iter().filter(|n| Subject(&registry, n).obeys(claim)).count();
        assert!((1..names().len()).contains(&obeyed), "{claim:?}: {obeyed} of {}", names().len());
    }
}
