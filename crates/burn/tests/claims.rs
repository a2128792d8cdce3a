//! Each claim of each entry holds, and each claim that an entry does not make fails.

mod common;

use common::*;
use downhill::{Claim, Layout, NoOracle, Optimizer, Registry, Role, Step};
use downhill_burn::Backend;
use serde_json::json;

const STEPS: u64 = 12;
/// A matrix: permuted, its rows and columns are others.
const SHAPE: [usize; 2] = [4, 5];
const N: usize = 20;

/// Gradients that depend on the step alone, for laws on paths that differ by more than rounding.
fn force(t: u64, i: usize) -> f32 {
    ((7 * t + 3 * i as u64) % 11) as f32 / 4.0 - 1.1
}

struct Subject<'a>(&'a Registry, &'a str);

impl Subject<'_> {
    fn fresh(&self, layout: &Layout) -> Box<dyn Optimizer<f32>> {
        build(self.0, self.1, json!({}), layout)
    }
    /// A path under `force`, whose values `g` may change; a power of two as rate, so that scaling is exact.
    fn path(&self, layout: &Layout, x: &[f32], lr: f64, steps: u64, g: impl Fn(u64, usize) -> f32) -> Vec<f32> {
        let (mut optimizer, mut x) = (self.fresh(layout), x.to_vec());
        for t in 1..=steps {
            let g: Vec<f32> = (0..x.len()).map(|i| g(t, i)).collect();
            optimizer.step(&mut x, &g, &mut Step { t, lr, loss: 0.0, oracle: &mut NoOracle });
        }
        x
    }
    fn obeys(&self, claim: Claim) -> bool {
        let (one, x, lr) = (Layout::new().block("x", SHAPE, Role::Hidden), start::<f32>(N), 0.125);
        let path = |x: &[f32], g: &dyn Fn(u64, usize) -> f32| self.path(&one, x, lr, STEPS, g);
        let plain = path(&x, &force);
        let same = |a: &[f32], b: &[f32]| bits(a) == bits(b);
        match claim {
            Claim::SignEquivariant => {
                let minus = |x: &[f32]| x.iter().map(|x| -x).collect::<Vec<_>>();
                same(&minus(&path(&minus(&x), &|t, i| -force(t, i))), &plain)
            }
            Claim::Splittable => {
                let many = (0..N).fold(Layout::new(), |l, i| l.block(format!("x{i}"), [1], Role::Hidden));
                same(&self.path(&many, &x, lr, STEPS, force), &plain)
            }
            Claim::PermutationEquivariant => {
                let from = |i: usize| i * 7 % N;
                let mixed = |x: &[f32]| (0..N).map(|i| x[from(i)]).collect::<Vec<_>>();
                same(&path(&mixed(&x), &|t, i| force(t, from(i))), &mixed(&plain))
            }
            Claim::RotationEquivariant => {
                // A reflection, H = 1 - 2 v v' with v = (1, .., 1) / sqrt(N), stands for a rotation.
                let turned = |x: &[f32]| {
                    let twice_mean = 2.0 * wide(x).iter().sum::<f64>() / N as f64;
                    x.iter().map(|&x| (f64::from(x) - twice_mean) as f32).collect::<Vec<_>>()
                };
                let g = |t| turned(&(0..N).map(|i| force(t, i)).collect::<Vec<_>>());
                let there = path(&turned(&x), &|t, i| g(t)[i]);
                apart(&wide(&turned(&there)), &wide(&plain)) < 1e-5
            }
            // So far down that any epsilon shows.
            Claim::ScaleInvariant => {
                [1024.0, 2f32.powi(-45)].iter().all(|s| same(&path(&x, &|t, i| force(t, i) * s), &plain))
            }
            Claim::LinearInLr => [0.125, 0.75].iter().all(|&lr| {
                let first = |lr| self.path(&one, &[0.0; N], lr, 1, force);
                let doubled: Vec<f32> = first(lr).iter().map(|x| 2.0 * x).collect();
                same(&first(2.0 * lr), &doubled) && doubled.iter().any(|&x| x != 0.0)
            }),
            Claim::TranslationInvariant => {
                let shifted: Vec<f32> = x.iter().map(|x| x + 3.0).collect();
                let back: Vec<f64> = wide(&path(&shifted, &force)).iter().map(|x| x - 3.0).collect();
                apart(&back, &wide(&plain)) < 1e-5
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
    let all = [Claim::AllocationFree, Claim::SignEquivariant, Claim::StillAtZeroRate];
    for claim in Claim::ALL.into_iter().filter(|c| !all.contains(c)) {
        let obeyed = names().iter().filter(|n| Subject(&registry, n).obeys(claim)).count();
        assert!((1..names().len()).contains(&obeyed), "{claim:?}: {obeyed} of {}", names().len());
    }
}
