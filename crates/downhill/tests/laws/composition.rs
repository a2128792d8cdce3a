//! Composed forms are the same method: chain, stages, wrapper.

use crate::common::{Walk, bits, configure, difference, gradients, layout, noise, widen};
use downhill::{
    Adam, AdamW, Chain, ClipAdaptive, ClipNorm, ClipValue, Decay, Driver, Fused, GradientCentralization, Grokfast, L1,
    L2, Lion, Method, Momentum, NoOracle, Optimizer, Plain, Real, Role, Rule, Split, Step, Then,
};
use serde_json::{Value, json};

const LR: f64 = 0.125;

/// Where a rule, or an optimizer, leads in 30 steps.
fn run<R: Real>(mut optimizer: Box<dyn Optimizer<R>>) -> Vec<f64> {
    let n = layout().len();
    let mut x: Vec<R> = noise(0, n).into_iter().map(R::of).collect();
    for (t, g) in gradients(30, n).iter().enumerate() {
        let g: Vec<R> = g.iter().map(|&g| R::of(g)).collect();
        optimizer.step(&mut x, &g, &mut Step { t: t as u64 + 1, lr: LR, loss: R::ZERO, oracle: &mut NoOracle });
    }
    widen(&x)
}
fn rule(rule: impl Rule<f32>) -> Vec<f64> {
    run(Driver::boxed(rule, &layout()))
}
fn wrapped(name: &str, wrap: Value) -> Vec<f64> {
    run::<f32>(configure(&json!({ "name": name, "wrap": wrap })).build(&layout()).unwrap())
}

#[test]
fn a_chain_is_the_wrapper_bit_for_bit() {
    let (adam, lion, lambda) = (Adam::default(), Lion::default(), 0.125);
    assert_eq!(
        rule(Fused(Chain(L2 { lambda }, adam.clone()))),
        wrapped("adam", json!({ "name": "l2", "lambda": lambda }))
    );
    assert_eq!(
        rule(Fused(Chain(L1 { lambda }, adam.clone()))),
        wrapped("adam", json!({ "name": "l1", "lambda": lambda }))
    );
    let clipped = wrapped("lion", json!({ "name": "clip-value", "limit": 0.25 }));
    assert_eq!(rule(Fused(Chain(ClipValue { limit: 0.25 }, lion))), clipped);
    let clipped = wrapped("adam", json!({ "name": "clip-norm", "norm": 0.5 }));
    assert_eq!(rule(Then(ClipNorm { norm: 0.5 }, Fused(adam.clone()))), clipped);
    let filtered = wrapped("adam", json!({ "name": "grokfast" }));
    assert_eq!(rule(Fused(Chain(Grokfast::default(), adam.clone()))), filtered);
    let centralized = wrapped("adam", json!({ "name": "gradient-centralization" }));
    assert_eq!(rule(Then(GradientCentralization {}, Fused(adam.clone()))), centralized);
    let clipped = wrapped("adam", json!({ "name": "clip-adaptive" }));
    assert_eq!(rule(Then(ClipAdaptive::default(), Fused(adam))), clipped);
}

#[test]
fn the_first_wrapper_touches_the_gradient_first() {
    let both = json!([{ "name": "clip-value", "limit": 0.25 }, { "name": "l2", "lambda": 0.125 }]);
    let chain = Chain(ClipValue { limit: 0.25 }, Chain(L2 { lambda: 0.125 }, Adam::default()));
    assert_eq!(rule(Fused(chain)), wrapped("adam", both.clone()));
    let swapped = json!([{ "name": "l2", "lambda": 0.125 }, { "name": "clip-value", "limit": 0.25 }]);
    let chain = Chain(L2 { lambda: 0.125 }, Chain(ClipValue { limit: 0.25 }, Adam::default()));
    assert_eq!(rule(Fused(chain)), wrapped("adam", swapped.clone()));
    assert_ne!(wrapped("adam", swapped), wrapped("adam", both));
}

/// `x - lr (u + lambda x)` and `(1 - lr lambda) x - lr u` round differently.
#[test]
fn decay_behind_is_decay_before_up_to_rounding() {
    let adamw = AdamW { decay: 0.125, ..AdamW::default() };
    let chain: Box<dyn Optimizer<f64>> =
        Driver::boxed(Fused(Chain(Adam::default(), Decay { lambda: 0.125 })), &layout());
    let chain = run(chain);
    assert_eq!(chain, run::<f64>(adamw.build(&layout())));
    let wrapper = configure(&json!({ "name": "adam", "wrap": [{ "name": "decay", "lambda": 0.125 }] }));
    let distance = difference(&chain, &run::<f64>(wrapper.build(&layout()).unwrap()));
    assert!(distance < 1e-14, "{distance:e}");
}

#[test]
fn stages_are_the_chain_bit_for_bit() {
    let momentum = Momentum { mu: 0.9, dampening: 0.0, nesterov: true };
    let adam = Adam::default();
    assert_eq!(rule(Then(Fused(momentum), Fused(adam.clone()))), rule(Fused(Chain(momentum, adam.clone()))));
    assert_eq!(rule(Fused(Chain(Plain, adam.clone()))), rule(Fused(adam.clone())));
    assert_eq!(rule(Fused(Chain(adam.clone(), Plain))), rule(Fused(adam)));
}

#[test]
fn a_split_gives_each_block_its_rule() {
    let split =
        rule(Split { when: |b| b.role == Role::Bias, this: Fused(Lion::default()), other: Fused(Adam::default()) });
    let (lion, adam) = (rule(Fused(Lion::default())), rule(Fused(Adam::default())));
    for block in layout().blocks() {
        let expected = if block.role == Role::Bias { &lion } else { &adam };
        assert_eq!(split[block.range.clone()], expected[block.range.clone()], "{}", block.name);
    }
}

#[test]
fn clipping_leaves_short_gradients_alone_and_shortens_long_ones() {
    let n = layout().len();
    let step = |wrap: Value, g: &[f64]| {
        let mut walk = Walk::<f64>::new(&json!({ "name": "sgd", "wrap": wrap }), &layout(), &vec![0.0; n], 1.0);
        walk.step(g);
        walk.x
    };
    let g = noise(1, n);
    let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    for name in ["clip-global", "clip-norm"] {
        let loose = step(json!({ "name": name, "norm": 100.0 }), &g);
        assert_eq!(loose, g.iter().map(|g| -g).collect::<Vec<_>>(), "{name}");
        let short = step(json!({ "name": name, "norm": 0.01 }), &g);
        let parts: Vec<f64> = layout().blocks().iter().map(|b| norm(&short[b.range.clone()])).collect();
        let whole = if name == "clip-global" { vec![norm(&short)] } else { parts };
        assert!(whole.iter().all(|norm| (norm - 0.01).abs() < 1e-15), "{name}: {whole:?}");
    }
}

/// The mean of a path that stands still is where it stands; after n steps near a decay of 1 it is the plain mean.
#[test]
fn the_average_is_unbiased() {
    let n = layout().len();
    let ema = |decay: f64| json!({ "name": "sgd", "wrap": { "name": "ema", "decay": decay } });
    let still = Walk::<f32>::new(&ema(0.9), &layout(), &noise(0, n), 0.5).along(&vec![vec![0.0; n]; 10]);
    assert_eq!(bits(&still.readout()), bits(&noise(0, n)));
    let fresh = Walk::<f32>::new(&ema(0.9), &layout(), &noise(0, n), 0.5);
    assert_eq!(fresh.readout(), noise(0, n), "the start, before the first step");

    let mut walk = Walk::<f64>::new(&ema(1.0 - 1e-9), &layout(), &noise(0, n), 0.5);
    let mut mean = vec![0.0; n];
    for g in gradients(20, n) {
        walk.step(&g);
        mean.iter_mut().zip(&walk.x).for_each(|(m, x)| *m += x / 20.0);
    }
    assert!(difference(&mean, &walk.readout()) < 1e-7);
}
