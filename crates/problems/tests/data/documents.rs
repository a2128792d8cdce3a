//! Documents as bags of words.

use crate::{Temporary, refused};
use downhill_problems::data::{Counts, Csr, Features, Matrix, Target};
use downhill_problems::models::Logistic;
use downhill_problems::{DataSpec, Dataset, Fit, Part, SplitSpec, Streams, fit};
use serde_json::{Value, json};

fn read(lines: &str, min_documents: u32) -> Result<Dataset, String> {
    crate::load("documents", lines, json!({ "min_documents": min_documents }))
}

fn counts(data: &Dataset) -> &Counts {
    let Features::Counts(counts) = &data.features else { panic!("documents are counted") };
    counts
}

fn dense<R: Copy + Into<f64>>(x: &Csr<R>) -> Vec<Vec<f64>> {
    let row = |i: usize| {
        let mut row = vec![0.0; x.width];
        (x.starts[i]..x.starts[i + 1]).for_each(|e| row[x.columns[e] as usize] = x.values[e].into());
        row
    };
    (0..x.starts.len() - 1).map(row).collect()
}

#[test]
fn words_are_runs_of_two_letters_or_digits() {
    let data = read("ham\tÄpfel, äpfel and-or a 42 B2B! x\nspam\tor_or OR 7\n", 1).unwrap();
    assert_eq!(data.columns, ["42", "and", "b2b", "or", "äpfel"]);
    assert_eq!(dense(&counts(&data).rows), [[1.0, 1.0, 1.0, 1.0, 2.0], [0.0, 0.0, 0.0, 3.0, 0.0]]);
    assert_eq!(data.target, Target::Classes { labels: vec![0, 1], names: vec!["ham".into(), "spam".into()] });
    let stars = read("10\tten of ten\n9\tnine of ten\n10\tten again\n", 1).unwrap();
    assert_eq!(stars.target, Target::Classes { labels: vec![1, 0, 1], names: vec!["9".into(), "10".into()] });
}

/// scikit-learn's numbers, written by scripts/tfidf_golden.py.
#[test]
fn weights_are_those_of_scikit_learn() {
    let golden: Value = serde_json::from_str(include_str!("tfidf.json")).unwrap();
    let documents: Vec<&str> = golden["documents"].as_array().unwrap().iter().map(|d| d.as_str().unwrap()).collect();
    let lines: String = documents.iter().zip(0..).map(|(d, i)| format!("{}\t{d}\n", i % 2)).collect();
    let train: Vec<u32> = serde_json::from_value(golden["train"].clone()).unwrap();
    let rest: Vec<u32> = (0..documents.len() as u32).filter(|i| !train.contains(i)).collect();
    for case in golden["cases"].as_array().unwrap() {
        let data = read(&lines, case["min_documents"].as_u64().unwrap() as u32).unwrap();
        let parts = [train.clone(), rest[..2].to_vec(), rest[2..].to_vec()];
        let found = counts(&data).weigh::<f64>(&parts).unwrap();
        let expected: Vec<Vec<f64>> = serde_json::from_value(case["rows"].clone()).unwrap();
        for (rows, x) in parts.iter().zip(&found) {
            assert_eq!(x.width, case["vocabulary"].as_array().unwrap().len());
            for (row, found) in rows.iter().zip(dense(x)) {
                let off = |(a, b): (&f64, &f64)| (a - b).abs();
                let worst = found.iter().zip(&expected[*row as usize]).map(off).fold(0.0, f64::max);
                assert!(worst < 1e-15, "document {row}: {worst}");
            }
        }
        let words: Vec<String> = serde_json::from_value(case["vocabulary"].clone()).unwrap();
        assert!(words.iter().all(|word| data.columns.contains(word)) && data.columns.is_sorted());
    }
}

#[test]
fn only_the_training_part_is_learned_from() {
    let lines = |last: &str| -> String {
        let half =
            |class: &str| (0..20).map(|i| format!("{class}\tcommon {class} word{}\n", i % 5)).collect::<String>();
        half("no") + &half("yes") + last
    };
    let (split, streams) = (SplitSpec::default(), Streams::new("documents", 0));
    let data = read(&lines(""), 2).unwrap();
    let splits = split.split::<f64>(&data, &streams).unwrap();
    let row = split.rows(&data, &streams).unwrap()[2][0] as usize;
    let edited = lines("")
        .lines()
        .enumerate()
        .map(|(i, line)| if i == row { format!("{line} unheard of unheard of\n") } else { format!("{line}\n") })
        .collect::<String>();
    let other = split.split::<f64>(&read(&edited, 2).unwrap(), &streams).unwrap();
    assert_eq!(splits.width, other.width);
    for part in Part::ALL {
        let (Matrix::Sparse(a), Matrix::Sparse(b)) = (&splits.part(part).x, &other.part(part).x) else {
            panic!("sparse")
        };
        assert_eq!(a, b, "{part:?}");
        let norms = dense(a).iter().map(|row| row.iter().map(|v| v * v).sum::<f64>()).collect::<Vec<_>>();
        assert!(norms.iter().all(|norm| (norm - 1.0).abs() < 1e-12), "{norms:?}");
    }
}

#[test]
fn a_model_tells_the_classes_apart() {
    let words = [["buy", "now", "free", "win"], ["meet", "later", "home", "lunch"]];
    let line =
        |i: usize| format!("{}\t{} {} the\n", ["spam", "ham"][i % 2], words[i % 2][i / 2 % 4], words[i % 2][i / 3 % 4]);
    let file = Temporary::new("mails", (0..200).map(line).collect::<String>().as_bytes());
    let data: DataSpec = serde_json::from_value(json!({ "documents": file.path() })).unwrap();
    assert_eq!(data.name(), "mails");
    let model = fit(&Logistic { data }, &downhill::Adam::default(), Fit { lr: Some(0.1), ..Fit::default() });
    assert!(model.unwrap().score(Part::Test) > 0.95);
}

#[test]
fn what_is_wrong_is_said() {
    let no = || json!({});
    refused("documents", "ham hello there\n", no(), &["line 1", "`ham hello there`", "a class, a tab, a text"]);
    refused("documents", "ham\ta b c\nspam\t- -\n", no(), &["no words", "two letters or digits"]);
    refused("documents", "ham\thello\nham\tthere\n", no(), &["class `ham`", "at least two classes"]);
    refused("documents", "", no(), &["no words"]);
    refused("documents", b"ham\t\xff\n", no(), &["line 1", "UTF-8"]);
    refused("documents", "x\ty", json!({ "min_documents": 0 }), &["`min_documents` is 0", ">= 1"]);
    let rare: String = (0..20).map(|i| format!("{}\tword{i}\n", i % 2)).collect();
    let error = SplitSpec::default().split::<f32>(&read(&rare, 2).unwrap(), &Streams::new("rare", 0)).unwrap_err().0;
    assert!(error.contains("none of 20 words occurs in 2 training documents"), "{error}");
}
