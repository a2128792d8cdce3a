//! Comparisons of optimizers and of results.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{Place, SMALL};

#[test]
fn optimizers_within_results_and_results_with_each_other() {
    let place = Place::new();
    place.write("small.toml", SMALL);
    place.write("other.toml", SMALL.replace("\"sgd\", \"adam\"", "\"rmsprop\""));
    place.run("sweep small.toml --quiet").expect(0, &[]);
    place.run("sweep other.toml --quiet").expect(0, &[]);
    let within = place.run("compare adam sgd --within results/small");
    within.expect(0, &["sgd against adam, on 2 problems", "Fewer than six problems", "Holm's p", "rosenbrock"]);
    let both = place.run("compare results/small results/other --out here");
    both.expect(0, &["results/other against results/small"]);
    let page = place.read("here/README.md");
    assert!(page.contains("## Over all problems") && page.contains("| softmax/iris"), "{page}");
    let csv = place.read("here/problems.csv");
    assert!(csv.starts_with("problem,contestant,lr,test_loss,test_loss_half,test_loss_n,difference"), "{csv}");
    // The other way round, differences have the other sign.
    let csv = |words: &str| place.run(&format!("compare {words} --within results/small --format json")).out;
    let differences = |text: String| -> Vec<f64> {
        let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        rows.iter().filter_map(|r| r["difference"].as_f64()).collect()
    };
    let (there, back) = (differences(csv("adam sgd")), differences(csv("sgd adam")));
    assert_eq!(there.len(), 2);
    assert!(there.iter().zip(&back).all(|(a, b)| *a == -b), "{there:?} {back:?}");
}

#[test]
fn what_cannot_be_compared_is_named() {
    let place = Place::new();
    place.write("small.toml", SMALL);
    place.write("other.toml", "steps = 5\n[[optimizer]]\nname = \"adam\"\n[[problem]]\nname = \"sphere\"\n");
    place.run("sweep small.toml --quiet").expect(0, &[]);
    place.run("sweep other.toml --quiet").expect(0, &[]);
    for (words, said) in [
        ("compare results/small", &["name two results or more", "--within"][..]),
        ("compare adam adamm", &["unknown optimizer `adamm`", "did you mean `adam`"]),
        ("compare results/small results/none", &["results/none", "no trials.csv"]),
        ("compare adam a --within results/small", &["`a` is none of the optimizers in results/small: adam, sgd"]),
        ("compare results/small results/other", &["no problem is in all of them", "sphere", "softmax/iris"]),
    ] {
        let words = words.replace(" a ", " zzz ");
        let said: Vec<String> = said.iter().map(|s| s.replace("`a`", "`zzz`")).collect();
        place.run(&words).expect(2, &said.iter().map(String::as_str).collect::<Vec<_>>());
    }
}
