//! Another crate's method: ten lines of formula, a config struct, one call to be known by name.

#![allow(clippy::unwrap_used)]

use downhill::{
    At, Cell, Driver, Entry, Facts, Fused, Hyper, Layout, Method, NoOracle, Optimizer, Pointwise, Range, Real,
    Registry, Slot, Slots, Step,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// `m <- beta m + (1 - beta) g`, `u = sign(m) sqrt(|m|)`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RootMomentum {
    beta: f64,
}

impl<R: Real> Pointwise<R> for RootMomentum {
    type Memory = Slots<1>;
    type Clock = ();
    type Coef = (R, R);
    fn slots(&self) -> Vec<Slot> {
        vec![("m", 0.0)]
    }
    fn coef(&self, _: &(), _: &At) -> (R, R) {
        (R::of(self.beta), R::of(1.0 - self.beta))
    }
    #[inline(always)]
    fn update((beta, fresh): (R, R), [m]: Cell<'_, Slots<1>, R>, _: R, g: R) -> R {
        *m = beta * *m + fresh * g;
        m.sign() * m.abs().sqrt()
    }
}

impl Default for RootMomentum {
    fn default() -> Self {
        RootMomentum { beta: 0.5 }
    }
}

impl Method for RootMomentum {
    const FACTS: Facts = Facts {
        name: "root-momentum",
        source: "this test",
        convention: "none",
        lr: 0.1,
        grid: (0.01, 1.0),
        hypers: &[Hyper::new("beta", Range::Decay, "share of the momentum that is kept")],
        ..Facts::COMMON
    };
    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Driver::boxed(Fused(self.clone()), layout)
    }
}

fn registry() -> Registry {
    Registry::builtin().with(Entry::of::<RootMomentum>())
}

#[test]
fn runs_by_name() {
    let table = json!({ "name": "root-momentum", "beta": 0.0, "wrap": { "name": "clip-value", "limit": 4.0 } });
    let mut optimizer = registry().configure(&table).unwrap().build::<f64>(&Layout::vector(2)).unwrap();
    let mut x = [1.0, 1.0];
    optimizer.step(&mut x, &[100.0, -0.25], &mut Step { t: 1, lr: 0.5, loss: 0.0, oracle: &mut NoOracle });
    assert_eq!(x, [0.0, 1.25]);
}

#[test]
fn its_fields_and_ranges_are_checked_as_the_others() {
    let error = |table| registry().configure(&table).err().unwrap().to_string();
    let message = error(json!({ "name": "root-momentum", "betta": 0.5 }));
    assert!(message.contains("unknown field `betta`, expected `beta`"), "{message}");
    let message = error(json!({ "name": "root-momentum", "beta": 1.0 }));
    assert_eq!(message, "optimizer `root-momentum`: `beta` is 1.0, allowed is 0 <= value < 1");
    assert!(error(json!({ "name": "root-momentun" })).contains("did you mean `root-momentum`?"));
}

#[test]
#[should_panic(expected = "two optimizers are named `root-momentum`")]
fn a_name_is_taken_once() {
    let _ = registry().with(Entry::of::<RootMomentum>());
}
