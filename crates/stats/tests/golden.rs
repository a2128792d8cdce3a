//! Values of scipy, from `scripts/stats_golden.py`.
#![allow(clippy::unwrap_used, reason = "tests")]

use downhill_stats::*;
use serde_json::Value;
use std::collections::BTreeMap;

fn numbers(x: &Value) -> Vec<f64> {
    x.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// What our function gives under each name that the case has.
fn ours(what: &str, given: &Value) -> Vec<(&'static str, f64)> {
    let list = |key: &str| numbers(&given[key]);
    let count = |key: &str| given[key].as_u64().unwrap() as usize;
    let interval = |e: &Estimate| vec![("value", e.value), ("low", e.low), ("high", e.high)];
    let difference = |d: Difference| [interval(&d.estimate), vec![("p", d.p)]].concat();
    let test = |t: Test| vec![("statistic", t.statistic), ("p", t.p)];
    match what {
        "mean" => interval(&mean(&list("x"), 0.95).unwrap()),
        "wilson" => interval(&wilson(count("k"), count("n"), 0.95).unwrap()),
        "welch" => difference(welch(&list("a"), &list("b"), 0.95).unwrap()),
        "paired" => difference(paired(&list("a"), &list("b"), 0.95).unwrap()),
        "permutation" => vec![("p", permutation(&list("a"), &list("b")).unwrap())],
        "improvement" => interval(&improvement(&list("a"), &list("b"), 0.95).unwrap()),
        "wilcoxon" => test(wilcoxon(&list("x")).unwrap()),
        "friedman" => test(friedman(&given["x"].as_array().unwrap().iter().map(numbers).collect::<Vec<_>>()).unwrap()),
        "kendall" => vec![("value", kendall(&list("a"), &list("b")).unwrap())],
        "range" => {
            let k = count("k");
            // CD = q sqrt(k (k + 1) / (6 N)); with 6 N = k (k + 1), q.
            vec![("value", critical_difference(k, 1) / ((k * (k + 1)) as f64 / 6.0).sqrt())]
        }
        "power" => {
            let design = if given["paired"].as_bool().unwrap() { Design::Paired } else { Design::Unpaired };
            let (effect, alpha) = (given["effect"].as_f64().unwrap(), given["alpha"].as_f64().unwrap());
            vec![("value", power(count("n") as f64, effect, alpha, design))]
        }
        "expected_best" => vec![("value", expected_best(&list("x"))[count("k") - 1])],
        other => panic!("{other}"),
    }
}

#[test]
fn all_agree_with_scipy() {
    let text = include_str!("golden.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    let mut worst: BTreeMap<String, f64> = BTreeMap::new();
    for case in &cases {
        let what = case["what"].as_str().unwrap();
        let ours: BTreeMap<_, _> = ours(what, &case["given"]).into_iter().collect();
        for (name, theirs) in case["values"].as_object().unwrap() {
            let (ours, theirs) = (ours[name.as_str()], theirs.as_f64().unwrap());
            let off = (ours - theirs).abs() / theirs.abs().max(1e-3);
            let entry = worst.entry(format!("{what} {name}")).or_default();
            *entry = entry.max(off);
            let allowed = match what {
                // Our quadrature against scipy's; degrees of freedom read off a p-value.
                "power" | "range" | "improvement" => 1e-6,
                _ => 1e-9,
            };
            assert!(off <= allowed, "{what} {name}: {ours}, scipy has {theirs}; {}", case["given"]);
        }
    }
    assert!(cases.len() > 200 && worst.len() > 20, "{} cases, {worst:?}", cases.len());
    println!("{worst:#?}");
}
