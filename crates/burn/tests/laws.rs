//! What holds for every optimizer of burn on every backend.

mod common;

use common::*;
use downhill::{GroupRule, Hyper, Layout, Optimizer, Role, State};
use downhill_burn::Backend;
use serde_json::json;

fn none() -> serde_json::Value {
    json!({})
}

#[test]
fn the_same_start_gives_the_same_bits() {
    for (backend, name) in everything() {
        let registry = registry(backend);
        let [a, b] = [(); 2].map(|()| path(&registry, name, none(), &layout(), 40));
        assert_eq!(bits(&a), bits(&b), "{name} on {backend}");
        assert!(a.iter().all(|x| x.is_finite()), "{name} on {backend}: {a:?}");
        assert_ne!(a, start::<f32>(a.len()), "{name} on {backend} stood still");
    }
}

/// Options that change what burn remembers.
fn variants(name: &str) -> Vec<serde_json::Value> {
    match name {
        "burn/sgd" => vec![none(), json!({ "momentum": 0.9 }), json!({ "momentum": 0.9, "nesterov": true })],
        "burn/rmsprop" => vec![none(), json!({ "momentum": 0.0 }), json!({ "centered": true })],
        "burn/adam" | "burn/adamw" => vec![none(), json!({ "amsgrad": true })],
        "burn/adafactor" => vec![none(), json!({ "relative_step": false, "scale_parameter": false })],
        "burn/muon" => vec![none(), json!({ "nesterov": false, "dampening": 0.5, "adamw_amsgrad": true })],
        // With a history that is soon full, and one of iterations that a cut may divide.
        "burn/lbfgs" => vec![
            none(),
            json!({ "line_search": "strong-wolfe", "history": 3 }),
            json!({ "line_search": "strong-wolfe", "max_iter": 1, "max_eval": 26 }),
        ],
        _ => vec![none()],
    }
}

/// Through text, as a journal keeps it; saving must not disturb the one that is saved either.
#[test]
fn resumes_bit_for_bit() {
    for (backend, name) in everything() {
        let registry = registry(backend);
        for fields in variants(name) {
            for cut in [0, 1, 17] {
                let context = format!("{name} {fields} on {backend}, cut at {cut}");
                let fresh = || build::<f32>(&registry, name, fields.clone(), &layout());
                let (mut saved, mut x) = (fresh(), start(layout().len()));
                walk(&mut *saved, &mut x, 0, cut, 0.01);
                let text = serde_json::to_string(&State::save(&mut *saved)).expect("a state is data");
                let state: State = serde_json::from_str(&text).expect("and comes back");

                let mut loaded = fresh();
                let mut y: Vec<f32> = x.clone();
                state.load(&mut *loaded).unwrap_or_else(|e| panic!("{context}: {e}"));
                assert_eq!(State::save(&mut *loaded), state, "{context}");
                walk(&mut *saved, &mut x, cut, 40, 0.01);
                walk(&mut *loaded, &mut y, cut, 40, 0.01);

                let (mut straight, mut z) = (fresh(), start(layout().len()));
                walk(&mut *straight, &mut z, 0, 40, 0.01);
                assert_eq!(bits(&x), bits(&z), "{context}: saving changed the path");
                assert_eq!(bits(&y), bits(&z), "{context}: loading changed the path");
                assert_eq!(State::save(&mut *loaded), State::save(&mut *straight), "{context}");
            }
        }
    }
}

/// burn's names, under the block's: a state saved today can be read tomorrow.
#[test]
fn states_are_named() {
    let registry = registry(Backend::Flex);
    let mut adam = build::<f32>(&registry, "burn/adam", none(), &Layout::vector(2));
    let names = |o: &mut dyn Optimizer<f32>| State::save(o).iter().map(|(n, _)| n.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&mut *adam), ["steps"]);
    walk(&mut *adam, &mut start(2), 0, 1, 0.1);
    let expected = ["steps", "x/momentum.moment_1", "x/momentum.moment_2", "x/momentum.time"];
    assert_eq!(names(&mut *adam), expected);
    assert_eq!(State::bytes(&mut *adam), 8 + 2 * 2 * 4 + 8);

    let state = State::save(&mut *adam);
    let mut other = build::<f32>(&registry, "burn/adam", none(), &Layout::vector(3));
    let error = state.load(&mut *other).expect_err("another length").to_string();
    assert_eq!(error, "`x/momentum.moment_1` is 2 values in f32 in the state, 3 values in f32 in the optimizer");
    // One that has stepped already can be set back to the start.
    let fresh = State::save(&mut *build::<f32>(&registry, "burn/adam", none(), &Layout::vector(2)));
    fresh.load(&mut *adam).expect("the same optimizer");
    assert_eq!(State::save(&mut *adam), fresh);
}

/// The one state that grows: burn's names, once for each block.
#[test]
fn a_history_is_named_pair_by_pair() {
    let registry = registry(Backend::Flex);
    let few = |history: u64| build::<f32>(&registry, "burn/lbfgs", json!({ "history": history }), &Layout::vector(2));
    let mut full = few(2);
    let fresh = State::save(&mut *full);
    assert_eq!(fresh.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["g_iter", "history_s.len", "t"]);
    walk(&mut *full, &mut start(2), 0, 5, 0.1);
    let state = State::save(&mut *full);
    let expected = [
        "g_iter",
        "history_s.len",
        "prev_loss",
        "t",
        "x/d",
        "x/history_s.0",
        "x/history_s.1",
        "x/history_y.0",
        "x/history_y.1",
        "x/prev_flat_grad",
    ];
    assert_eq!(state.iter().map(|(name, _)| name).collect::<Vec<_>>(), expected);
    assert_eq!(State::bytes(&mut *full), 4 * 8 + 6 * 2 * 4);
    // Where two pairs are too many, the state does not fit.
    let error = state.load(&mut *few(1)).expect_err("one pair at most").to_string();
    assert!(error.contains("the state holds 10 entries, the optimizer remembers 8"), "{error}");
    fresh.load(&mut *full).expect("the same optimizer");
    assert_eq!(State::save(&mut *full), fresh);
}

#[test]
fn rate_zero_stands_still() {
    for (backend, name) in everything() {
        let mut x = start::<f32>(layout().len());
        walk(&mut *build::<f32>(&registry(backend), name, none(), &layout()), &mut x, 0, 5, 0.0);
        assert_eq!(bits(&x), bits(&start::<f32>(x.len())), "{name} on {backend}");
    }
}

#[test]
fn defaults_are_in_range_and_all_fields_have_one() {
    let registry = registry(Backend::Flex);
    for name in names() {
        let facts = registry.find(name).expect("a name").facts;
        let canonical = registry.configure(&json!({ "name": name })).expect("defaults are in range").canonical();
        let fields = canonical.as_object().expect("a table");
        let mut documented: Vec<_> = facts.hypers.iter().map(|h: &Hyper| h.name).collect();
        documented.sort_unstable();
        // `name` and `backend` stand beside the hyperparameters in every table.
        assert!(fields.keys().filter(|k| *k != "name" && *k != "backend").eq(documented), "{name}: {canonical}");
        assert!(facts.grid.0 < facts.lr && facts.lr < facts.grid.1, "{name}");
        assert!(facts.source.starts_with("burn 0.22.1"), "{name}");
    }
}

/// Backends round differently: their records must never be taken for each other's.
#[test]
fn the_backend_is_part_of_the_canonical_text() {
    let text = |backend, table| registry(backend).configure(&table).expect("a known backend").canonical().to_string();
    let plain = json!({ "name": "burn/adam" });
    let named = json!({ "name": "burn/adam", "backend": "ndarray" });
    assert_ne!(text(Backend::Flex, plain.clone()), text(Backend::Ndarray, plain.clone()));
    assert_eq!(text(Backend::Flex, named), text(Backend::Ndarray, plain));
    let error = registry(Backend::Flex).configure(&json!({ "name": "burn/adam", "backend": "flax" }));
    assert!(error.err().expect("no such backend").to_string().contains("did you mean `flex`?"));
}

#[test]
fn mistakes_are_met_at_the_door() {
    let registry = registry(Backend::Flex);
    for name in names() {
        let error = registry.configure(&json!({ "name": name, "beta9": 0.5 })).err().expect("no such field");
        let error = error.to_string();
        assert!(error.contains("unknown field `beta9`, expected one of `"), "{error}");
        for h in registry.find(name).expect("a name").facts.hypers {
            assert!(error.contains(&format!("`{}`", h.name)), "{name} does not offer {}: {error}", h.name);
        }
        let refusal = registry.configure(&json!({ "name": name })).expect("defaults").build::<f64>(&layout());
        let expected = format!("{name} computes in f32; set precision = \"f32\"");
        assert_eq!(refusal.err().expect("burn has no f64 here").0, expected);
    }
    let refused = |table, layout: &Layout| {
        registry.configure(&table).expect("in range in f64").build::<f32>(layout).err().expect("refused").0
    };
    assert_eq!(
        refused(json!({ "name": "burn/adam", "beta1": 0.999_999_999 }), &layout()),
        "burn/adam computes in f32: `beta1` is 1.0, allowed is 0 <= value < 1"
    );
    assert_eq!(
        refused(json!({ "name": "burn/adafactor", "eps1": 1e-50 }), &layout()),
        "burn/adafactor computes in f32: `eps1` is 0.0, allowed is value > 0"
    );
    assert!(refused(json!({ "name": "burn/adafactor", "clip": 1e50 }), &layout()).contains("`clip` is \"infinite\""));
    assert_eq!(
        refused(json!({ "name": "burn/adam" }), &Layout::new().block("deep", [1; 9], Role::Hidden)),
        "burn/adam takes blocks of at most 8 dimensions; `deep` has 9"
    );
    let vectors = Layout::new().block("b", [3], Role::Bias).block("head", [2, 3], Role::Head);
    assert_eq!(
        refused(json!({ "name": "burn/muon" }), &vectors),
        "it needs a block of two dimensions between hidden layers; there are: b [3], head [2, 3]"
    );
    assert_eq!(
        refused(json!({ "name": "burn/lbfgs", "history": 50_000 }), &layout()),
        "burn/lbfgs: `history` is 50000; burn can save at most 49999 pairs"
    );
    for (field, found) in [("max_eval", 0), ("max_iter", 0), ("history", 0)] {
        let error = registry.configure(&json!({ "name": "burn/lbfgs", field: found })).err().expect("out of range");
        assert_eq!(error.0, format!("optimizer `burn/lbfgs`: `{field}` is 0, allowed is a whole number >= 1"));
    }
    let grouped = layout().with_groups(&[GroupRule { role: Some(Role::Bias), name: None, lr_scale: 0.5, decay: None }]);
    assert_eq!(
        refused(json!({ "name": "burn/lbfgs" }), &grouped.expect("there is a bias")),
        "burn/lbfgs has one learning rate for all blocks; `lr_scale` is: `w` 1, `b` 0.5"
    );
}

/// A group's decay on all blocks is the decay of the config; a group's rate is the rate.
#[test]
fn groups_are_honoured() {
    let all = |lr_scale, decay| GroupRule { role: None, name: None, lr_scale, decay };
    for (backend, name) in everything().into_iter().filter(|(_, name)| blockwise().contains(name)) {
        let registry = registry(backend);
        // Muon has a decay for each of its optimizers; a group's is for both.
        let fields = |decay: f64| match name {
            "burn/muon" => json!({ "decay": decay, "adamw_decay": decay }),
            _ => json!({ "decay": decay }),
        };
        let grouped = |rule| layout().with_groups(&[rule]).expect("blocks there are");
        let by_group = path(&registry, name, fields(0.7), &grouped(all(1.0, Some(0.25))), 20);
        let by_field = path(&registry, name, fields(0.25), &layout(), 20);
        assert_eq!(bits(&by_group), bits(&by_field), "{name} on {backend}: decay");
        let without = path(&registry, name, fields(0.0), &layout(), 20);
        assert_ne!(bits(&by_field), bits(&without), "{name} on {backend}: decay does nothing");

        let bias = GroupRule { role: Some(Role::Bias), ..all(0.0, None) };
        let layout = grouped(bias);
        let x = path(&registry, name, none(), &layout, 20);
        for block in layout.blocks().iter().filter(|b| !b.is_empty()) {
            let moved = x[block.range.clone()] != start::<f32>(x.len())[block.range.clone()];
            assert_eq!(moved, block.role != Role::Bias, "{name} on {backend}: {}", block.name);
        }
    }
}

/// One rate for all is a rate.
#[test]
fn a_group_of_everything_scales_the_rate_of_l_bfgs() {
    let registry = registry(Backend::Flex);
    let all = GroupRule { role: None, name: None, lr_scale: 0.5, decay: None };
    let halved = layout().with_groups(&[all]).expect("blocks there are");
    let mut x = start::<f32>(halved.len());
    walk(&mut *build::<f32>(&registry, "burn/lbfgs", none(), &halved), &mut x, 0, 5, 0.2);
    let mut y = start::<f32>(halved.len());
    walk(&mut *build::<f32>(&registry, "burn/lbfgs", none(), &layout()), &mut y, 0, 5, 0.1);
    assert_eq!(bits(&x), bits(&y));
}

/// Nothing to step is stepped without a panic.
#[test]
fn empty_layouts_are_no_trouble() {
    let empty = Layout::new().block("none", [0, 4], Role::Hidden);
    for (backend, name) in everything() {
        walk(&mut *build::<f32>(&registry(backend), name, none(), &empty), &mut [], 0, 3, 0.1);
    }
}

/// Numbers that are none end in numbers that are none, not in a panic.
#[test]
fn what_is_not_finite_is_survived() {
    for (backend, name) in everything() {
        for fields in variants(name) {
            for bad in [f32::NAN, f32::INFINITY] {
                let mut x = start::<f32>(layout().len());
                x[0] = bad;
                walk(&mut *build::<f32>(&registry(backend), name, fields.clone(), &layout()), &mut x, 0, 3, 0.1);
            }
        }
    }
}

/// burn is global in places (its generator, its default device, its graph): none of them may leak into a trial.
#[test]
fn parallel_runs_equal_serial_runs() {
    let trial = |i: usize| {
        let (backend, name) = everything()[i % everything().len()];
        let fields = variants(name);
        bits(&path(&registry(backend), name, fields[i % fields.len()].clone(), &layout(), 30 + i as u64 % 3))
    };
    let trials = 6 * everything().len();
    let serial: Vec<_> = (0..trials).map(trial).collect();
    let parallel = std::thread::scope(|scope| {
        let thread = |k| scope.spawn(move || (k..trials).step_by(8).map(|i| (i, trial(i))).collect::<Vec<_>>());
        let threads: Vec<_> = (0..8).map(thread).collect();
        threads.into_iter().flat_map(|t| t.join().expect("no panic")).collect::<Vec<_>>()
    });
    assert_eq!(parallel.len(), trials);
    for (i, bits) in parallel {
        assert_eq!(bits, serial[i], "{:?}", everything()[i % everything().len()]);
    }
}
