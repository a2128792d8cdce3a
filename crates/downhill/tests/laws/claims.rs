//! Every claim of a method holds, for all its variants; every law that it does not claim is seen to fail.

use crate::common::{
    Walk, bits, configure, difference, gradients, in_wrapper, layout, noise, variants, widen, wrapped, wrappers,
};
use downhill::{Claim, Entry, Layout, Need, Real, Registry, Role};
use serde_json::{Value, json};

const STEPS: usize = 12;
const LR: f64 = 0.125;

/// Where `table` leads from `start` along `gradients`.
fn end<R: Real>(table: &Value, layout: &Layout, start: &[f64], gradients: &[Vec<f64>], lr: f64) -> Vec<f64> {
    widen(&Walk::<R>::new(table, layout, start, lr).along(gradients).x)
}

fn mapped(gradients: &[Vec<f64>], f: impl Fn(&[f64]) -> Vec<f64>) -> Vec<Vec<f64>> {
    gradients.iter().map(|g| f(g)).collect()
}

fn times(factor: f64) -> impl Fn(&[f64]) -> Vec<f64> {
    move |x| x.iter().map(|x| factor * x).collect()
}

/// Reverses the coordinates within each block.
fn reversed(x: &[f64]) -> Vec<f64> {
    layout().blocks().iter().flat_map(|b| x[b.range.clone()].iter().rev().copied()).collect()
}

/// Turns each pair of neighbours by an angle, one pair after the other: a rotation of the whole space.
fn rotated(x: &[f64]) -> Vec<f64> {
    let (sin, cos) = (0.6, 0.8);
    let mut x = x.to_vec();
    for i in 1..x.len() {
        (x[i - 1], x[i]) = (cos * x[i - 1] - sin * x[i], sin * x[i - 1] + cos * x[i]);
    }
    x
}

fn holds<R: Real>(claim: Claim, table: &Value) -> bool {
    let layout = layout();
    let n = layout.len();
    let (x, g) = (noise(0, n), gradients(STEPS, n));
    let path = |x: &[f64], g: &[Vec<f64>]| end::<R>(table, &layout, x, g, LR);
    // One block of everything, unless the method asks for matrices; then also the ones are.
    let matrices = configure(table).needs().contains(&Need::Matrices);
    let whole = if matrices { layout.clone() } else { Layout::vector(n) };
    let one = vec![1; if matrices { 2 } else { 1 }];
    match claim {
        Claim::SignEquivariant => path(&times(-1.0)(&x), &mapped(&g, times(-1.0))) == times(-1.0)(&path(&x, &g)),
        Claim::Splittable => {
            let ones = (0..n).fold(Layout::new(), |l, i| l.block(format!("x{i}"), one.clone(), Role::Hidden));
            end::<R>(table, &whole, &x, &g, LR) == end::<R>(table, &ones, &x, &g, LR)
        }
        Claim::Separable => {
            // A search may take a short first trial as it is, and shorten a long one.
            !matrices
                && [LR, 64.0 * LR].iter().all(|&lr| {
                    let mut together = Walk::<R>::new(table, &layout, &x, lr);
                    together.lift = 8.0;
                    let together = widen(&together.along(&g).x);
                    layout.blocks().iter().all(|block| {
                        let (range, vector) = (block.range.clone(), Layout::vector(block.len()));
                        let g = mapped(&g, |g| g[range.clone()].to_vec());
                        bits(&end::<R>(table, &vector, &x[range.clone()], &g, lr)) == bits(&together[range])
                    })
                })
        }
        Claim::PermutationEquivariant => {
            // Sums over a block run in another order.
            let off = difference(&path(&reversed(&x), &mapped(&g, reversed)), &reversed(&path(&x, &g)));
            off < 1e3 * R::EPSILON
        }
        Claim::RotationEquivariant => {
            let path = |x: &[f64], g: &[Vec<f64>]| end::<f64>(table, &whole, x, g, LR);
            difference(&path(&rotated(&x), &mapped(&g, rotated)), &rotated(&path(&x, &g))) < 1e-12
        }
        Claim::ScaleInvariant => {
            let scaled = |power: i32| {
                let mut walk = Walk::<R>::new(table, &layout, &x, LR);
                walk.scale = 2f64.powi(power);
                widen(&walk.along(&mapped(&g, times(2f64.powi(power)))).x)
            };
            scaled(-20) == scaled(0) && scaled(20) == scaled(0)
        }
        Claim::LinearInLr => {
            let first = |lr| end::<R>(table, &layout, &vec![0.0; n], &g[..1], lr);
            // A search may take a short first trial as it is, and shorten a long one.
            [LR, 64.0 * LR].iter().all(|lr| first(2.0 * lr) == times(2.0)(&first(*lr)))
        }
        Claim::TranslationInvariant => {
            let shift = |by: f64| move |x: &[f64]| x.iter().map(|x| x + by).collect::<Vec<_>>();
            let path = |x: &[f64]| end::<f64>(table, &layout, x, &g, LR);
            difference(&shift(-3.0)(&path(&shift(3.0)(&x))), &path(&x)) < 1e-12
        }
        Claim::StillAtZeroGradient => path(&x, &vec![vec![0.0; n]; 1000]) == x,
        Claim::StillAtZeroRate => end::<R>(table, &layout, &x, &g, 0.0) == x,
        Claim::AllocationFree => unreachable!("tests/alloc.rs"),
    }
}

/// All but one, which has a binary of its own.
fn tested(claims: &[Claim]) -> Vec<Claim> {
    claims.iter().copied().filter(|&c| c != Claim::AllocationFree).collect()
}

#[test]
fn a_claim_holds_and_an_unclaimed_law_fails() {
    for claim in tested(&Claim::ALL) {
        for entry in Registry::builtin().entries() {
            let table = json!({ "name": entry.facts.name });
            let claimed = entry.facts.claims.contains(&claim);
            assert_eq!(holds::<f32>(claim, &table), claimed, "{table} in f32, {claim:?}: left holds, right is claimed");
            assert_eq!(holds::<f64>(claim, &table), claimed, "{table} in f64, {claim:?}: left holds, right is claimed");
        }
    }
}

/// Variants keep the laws of the method, but for those that one of their hyperparameters says to break, and these it
/// does break.
#[test]
fn a_claim_holds_for_every_variant_but_where_a_hyperparameter_breaks_it() {
    for Entry { facts, .. } in Registry::builtin().entries() {
        let default = configure(&json!({ "name": facts.name })).canonical();
        let mut broken = Vec::new();
        for table in variants(facts) {
            let fields = configure(&table).canonical();
            let changed: Vec<_> = facts.hypers.iter().filter(|h| fields[h.name] != default[h.name]).collect();
            for claim in tested(facts.claims) {
                if !(holds::<f32>(claim, &table) && holds::<f64>(claim, &table)) {
                    assert!(changed.iter().any(|h| h.breaks.contains(&claim)), "{table}: {claim:?} does not hold");
                    broken.extend(changed.iter().map(|h| (h.name, claim)));
                }
            }
        }
        for (hyper, claim) in facts.hypers.iter().flat_map(|h| h.breaks.iter().map(|&c| (h.name, c))) {
            assert!(
                broken.contains(&(hyper, claim)),
                "{}, `{hyper}`: {claim:?} holds, though said to be broken",
                facts.name
            );
        }
    }
}

/// Wrappers keep the laws of what they wrap, but for those that they say to break, and these they do break.
#[test]
fn a_wrapper_keeps_all_claims_but_those_that_it_breaks() {
    for (entry, wrapper) in Registry::builtin().wrappers().iter().zip(wrappers()) {
        let breaks = tested(entry.facts.breaks);
        let mut broken = Vec::new();
        for method in wrapped() {
            let table = in_wrapper(&method, wrapper.clone());
            for claim in tested(configure(&method).facts.claims) {
                if !(holds::<f32>(claim, &table) && holds::<f64>(claim, &table)) {
                    assert!(breaks.contains(&claim), "{table}: {claim:?} does not hold");
                    broken.push(claim);
                }
            }
        }
        let kept = breaks.iter().find(|c| !broken.contains(c));
        assert_eq!(kept, None, "{}: it holds, though said to be broken", entry.facts.name);
    }
}

/// What is kept is where the last step ended, unless a method or a wrapper says that it averages; then some variant does.
#[test]
fn only_those_that_say_so_keep_an_average() {
    let averages = |table: &Value| {
        let n = layout().len();
        let walk = Walk::<f64>::new(table, &layout(), &noise(0, n), LR).along(&gradients(STEPS, n));
        walk.readout() != walk.x
    };
    for Entry { facts, .. } in Registry::builtin().entries() {
        let mut tables = [vec![json!({ "name": facts.name })], variants(facts)].concat();
        if facts.name == "asgd" {
            tables.push(json!({ "name": "asgd", "t0": 2 })); // a million by default
        }
        assert_eq!(tables.iter().any(averages), facts.averages, "{}: left is seen, right is said", facts.name);
    }
    for (entry, wrapper) in Registry::builtin().wrappers().iter().zip(wrappers()) {
        let table = in_wrapper(&json!({ "name": "adam" }), wrapper);
        assert_eq!(averages(&table), entry.facts.averages, "{table}: left is seen, right is said");
    }
}
