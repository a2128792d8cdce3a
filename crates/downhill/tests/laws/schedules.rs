//! Schedules: their values, their tables, their ranges.

use downhill::{Layout, Method, Schedule, Sgd};
use serde_json::{Value, json};

fn read(table: Value) -> Result<Schedule, String> {
    serde_json::from_value(table).map_err(|e| e.to_string())
}

fn schedule(table: Value) -> Schedule {
    read(table.clone()).unwrap_or_else(|e| panic!("{table}: {e}"))
}

/// A table for each schedule, with every field.
fn tables() -> Vec<Value> {
    vec![
        json!({ "name": "constant" }),
        json!({ "name": "linear", "start": 1.0, "end": 0.1, "over": 80 }),
        json!({ "name": "polynomial", "end": 0.1, "power": 2.0, "over": 0.8 }),
        json!({ "name": "exponential", "gamma": 0.95, "per": 1 }),
        json!({ "name": "step", "gamma": 0.1, "every": 0.3 }),
        json!({ "name": "multistep", "gamma": 0.5, "at": [20, 0.5, 80] }),
        json!({ "name": "inverse-sqrt" }),
        json!({ "name": "cosine", "end": 0.01 }),
        json!({ "name": "cosine-restarts", "first": 10, "mult": 2, "end": 0.0 }),
        json!({ "name": "one-cycle", "rise": 0.3, "div": 25.0, "final_div": 1e4 }),
        json!({ "name": "warmup", "steps": 10, "then": { "name": "cosine", "end": 0.0 } }),
        json!({ "name": "warmup-stable-decay", "warmup": 0.1, "decay": 0.2, "shape": "sqrt", "end": 0.0 }),
    ]
}

#[test]
fn facts_name_every_schedule_and_its_fields() {
    assert_eq!(Schedule::all().len(), tables().len());
    for (facts, table) in Schedule::all().iter().zip(tables()) {
        assert_eq!(table["name"], facts.name);
        let mut fields: Vec<_> = facts.hypers.iter().map(|h| h.name).chain(["name"]).collect();
        fields.extend((facts.name == "warmup").then_some("then"));
        fields.sort_unstable();
        assert_eq!(table.as_object().unwrap().keys().collect::<Vec<_>>(), fields, "{}", facts.name);
        assert_eq!(serde_json::to_value(schedule(table.clone())).unwrap(), table, "there and back");
    }
    let message = read(json!("cosin")).unwrap_err();
    let known: Vec<_> = Schedule::all().iter().map(|f| format!("`{}`", f.name)).collect();
    assert!(message.contains(&known.join(", ")), "{message}");
}

#[test]
fn a_name_alone_is_a_schedule() {
    assert_eq!(schedule(json!("cosine")), Schedule::Cosine { end: 0.0 });
    assert_eq!(schedule(json!("one-cycle")), schedule(json!({ "name": "one-cycle" })));
    let nested = schedule(json!({ "name": "warmup", "steps": 5, "then": "cosine" }));
    assert_eq!(nested, schedule(json!({ "name": "warmup", "steps": 5, "then": { "name": "cosine" } })));
}

#[test]
fn an_unknown_field_or_a_value_out_of_range_is_an_error() {
    for table in tables() {
        let mut table = table;
        table["gama"] = json!(1.0);
        let message = read(table.clone()).expect_err("an unknown field");
        assert!(message.contains("unknown field `gama`"), "{table}: {message}");
    }
    for (table, expected) in [
        (json!({ "name": "cosine", "end": -1.0 }), "schedule `cosine`: `end` is -1.0, allowed is value >= 0"),
        (json!({ "name": "step", "gamma": 0.0, "every": 5 }), "schedule `step`: `gamma` is 0.0, allowed is value > 0"),
        (json!({ "name": "step", "gamma": 0.5, "every": 1.5 }), "schedule `step`: `every` is 1.5, allowed is a whole"),
        (json!({ "name": "step", "gamma": 0.5, "every": 0.0 }), "schedule `step`: `every` is 0.0, allowed is a whole"),
        (json!({ "name": "warmup", "steps": 0 }), "schedule `warmup`: `steps` is 0, allowed is a whole number"),
        (
            json!({ "name": "warmup", "steps": 5, "then": { "name": "cosine", "end": -1.0 } }),
            "schedule `cosine`: `end`",
        ),
        (json!({ "name": "step" }), "missing field `gamma`"),
    ] {
        let message = read(table.clone()).expect_err("out of range");
        assert!(message.starts_with(expected), "{table}: {message}");
    }
}

#[test]
fn values_at_named_steps() {
    let check = |table: Value, horizon: u64, expected: &[(u64, f64)]| {
        for &(t, factor) in expected {
            let found = schedule(table.clone()).factor(t, horizon);
            assert!((found - factor).abs() < 1e-13, "{table} at {t}: {found}, expected {factor}");
        }
    };
    let end = json!({ "name": "cosine", "end": 0.01 });
    check(end, 10, &[(0, 1.0), (1, 0.9757729755661), (5, 0.505), (10, 0.01), (15, 0.01)]);
    let restarts = json!({ "name": "cosine-restarts", "first": 10, "mult": 2 });
    check(
        restarts,
        0,
        &[(5, 0.5), (9, 0.0244717418524232), (10, 1.0), (20, 0.5), (30, 1.0), (69, 0.001541333133436), (70, 1.0)],
    );
    let one_cycle = [(0, 0.04), (10, 0.29516394846410), (29, 1.0), (50, 0.79389345057573), (99, 4e-6)];
    check(json!("one-cycle"), 100, &one_cycle);
    check(json!("inverse-sqrt"), 0, &[(0, 1.0), (3, 0.5), (99, 0.1)]);
    check(json!({ "name": "multistep", "gamma": 0.5, "at": [2, 0.5] }), 10, &[(1, 1.0), (2, 0.5), (4, 0.5), (5, 0.25)]);
    check(json!({ "name": "step", "gamma": 0.5, "every": 0.25 }), 8, &[(1, 1.0), (2, 0.5), (7, 0.125), (8, 0.0625)]);
    check(json!({ "name": "warmup", "steps": 4 }), 10, &[(0, 0.25), (1, 0.5), (3, 1.0), (9, 1.0)]);
    let cosine = json!({ "name": "warmup", "steps": 4, "then": "cosine" });
    check(cosine, 12, &[(0, 0.25), (3, 1.0), (4, 1.0), (8, 0.5), (12, 0.0)]);
    let wsd = |shape: &str| json!({ "name": "warmup-stable-decay", "warmup": 2, "decay": 0.4, "shape": shape });
    check(wsd("linear"), 10, &[(0, 0.5), (1, 1.0), (6, 1.0), (7, 0.75), (9, 0.25), (10, 0.0)]);
    check(wsd("sqrt"), 10, &[(6, 1.0), (7, 0.5), (10, 0.0)]);
    check(wsd("cosine"), 10, &[(6, 1.0), (8, 0.5), (10, 0.0)]);
}

#[test]
fn an_unknown_horizon_is_never_behind() {
    for (table, facts) in tables().into_iter().zip(Schedule::all()) {
        for t in [0, 10, 1_000_000] {
            let factor = schedule(table.clone()).factor(t, 0);
            assert!((0.0..=1.0).contains(&factor), "{} at {t}: {factor}", facts.name);
        }
    }
    assert_eq!(schedule(json!("cosine")).factor(1000, 0), 1.0);
}

#[test]
fn the_first_step_uses_the_first_factor() {
    let warmup = schedule(json!({ "name": "warmup", "steps": 4 }));
    let mut opt = Sgd::default().stepper(&Layout::vector(1), 2.0).with_schedule(warmup, 10);
    let mut x = [0.0f64];
    assert_eq!(opt.lr(), 0.5);
    opt.step(&mut x, &[1.0]);
    assert_eq!((x[0], opt.lr()), (-0.5, 1.0));
}
