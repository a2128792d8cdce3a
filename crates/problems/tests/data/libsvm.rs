//! What sparse text may look like, and what is said when it may not.

use crate::{gzip, load, refused};
use downhill_problems::data::{Csr, Features, Target};
use serde_json::json;

const TEXT: &str = "+1 1:0.5 4:-2 # a comment\n\n-1 2:1e-3 3:0\r\n# only a comment\n-1\n";

#[test]
fn rows_become_sparse() {
    let data = load("libsvm", TEXT, json!({})).unwrap();
    assert_eq!(data.target, Target::Classes { labels: vec![1, 0, 0], names: vec!["-1".into(), "1".into()] });
    let Features::Sparse(csr) = &data.features else { panic!("sparse") };
    let expected = Csr { starts: vec![0, 2, 3, 3], columns: vec![0, 3, 1], values: vec![0.5, -2.0, 1e-3], width: 4 };
    assert_eq!(*csr, expected);
    assert_eq!(load("libsvm", gzip(TEXT.as_bytes()), json!({})).unwrap().digest, data.digest);
    assert_eq!(load("libsvm", format!("\u{feff}{TEXT}"), json!({})).unwrap().digest, data.digest);
    let wide = load("libsvm", TEXT, json!({ "width": 9 })).unwrap();
    assert_eq!(wide.width(), 9);
    assert_ne!(wide.digest, data.digest);
}

#[test]
fn classes_or_numbers() {
    let classes = |text: &str, fields| match load("libsvm", text, fields).unwrap().target {
        Target::Classes { names, .. } => names.len(),
        Target::Numbers(_) => 0,
    };
    let table = |n: usize| (0..n).map(|i| format!("{i} 1:1\n")).collect::<String>();
    assert_eq!(classes(&table(100), json!({})), 100);
    assert_eq!(classes(&table(101), json!({})), 0);
    assert_eq!(classes(&table(101), json!({ "task": "classification" })), 101);
    assert_eq!(classes(TEXT, json!({ "task": "regression" })), 0);
    assert_eq!(classes("0.5 1:1\n1 1:2\n", json!({})), 0);
}

#[test]
fn what_is_wrong_is_named() {
    let no = || json!({});
    let line = |text: &str, words: &[&str]| {
        let words: Vec<&str> = words.iter().copied().chain(["some-images", "line 2"]).collect();
        refused("libsvm", format!("1 1:1\n{text}\n-1 2:1\n"), json!({}), &words);
    };
    line("-1 0:1", &["`0:1`", "count from 1"]);
    line("-1 3:1 2:1", &["`2:1`", "before it is 3", "ascend"]);
    line("-1 3:1 3:2", &["`3:2`", "before it is 3"]);
    line("-1 1:x", &["`x` is not a number"]);
    line("-1 1:", &["`` is not a number"]);
    line("-1 1:nan", &["`nan` is not finite"]);
    line("-1 1:1e39", &["too large"]);
    line("-1 1", &["`1` is not a feature", "index:value"]);
    line("-1 -1:1", &["`-1:1`", "1 to 100000000"]);
    line("-1 4294967297:1", &["4294967297", "1 to 100000000"]);
    line("-1 100000001:1", &["100000001", "1 to 100000000"]);
    line("-1 qid:3 1:1", &["`qid:3`", "ranking"]);
    line("1,2 1:1", &["label `1,2`"]);
    line("inf 1:1", &["label `inf` is not finite"]);
    refused("libsvm", "1 1:1\n-1 5:1\n", json!({ "width": 4 }), &["line 2", "`5:1`", "1 to 4"]);
    refused("libsvm", "1 1:1\n", json!({ "width": 0 }), &["`width` is 0", "1 to 100000000"]);
    refused("libsvm", "# nothing\n", no(), &["no examples"]);
    refused("libsvm", "1\n-1\n", no(), &["no features"]);
    refused("libsvm", "1 1:1\n1 2:1\n", no(), &["class `1`", "at least two"]);
}
