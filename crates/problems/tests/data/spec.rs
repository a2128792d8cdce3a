//! How a study names its data, and what is said of a mistake.

use downhill_problems::DataSpec;
use serde_json::{Value, json};

fn read(value: Value) -> Result<DataSpec, String> {
    serde_json::from_value(value).map_err(|e| e.to_string())
}

#[test]
fn texts_and_tables() {
    for (text, table) in [
        ("mine.csv", json!({ "csv": "mine.csv" })),
        ("data/Mine.CSV.gz", json!({ "csv": "data/Mine.CSV.gz" })),
        ("a\\mine.tsv", json!({ "csv": "a\\mine.tsv" })),
        ("mine.svm", json!({ "libsvm": "mine.svm" })),
        ("mine.libsvm.gz", json!({ "libsvm": "mine.libsvm.gz" })),
        ("mine.svmlight", json!({ "libsvm": "mine.svmlight" })),
        ("m/t10k-images-idx3-ubyte.gz", json!({ "idx": "m/t10k-images-idx3-ubyte.gz" })),
    ] {
        let spec = read(json!(text)).unwrap();
        assert_eq!(Ok(&spec), read(table.clone()).as_ref());
        // One canonical text, whichever way it was written.
        assert_eq!(serde_json::to_value(&spec).unwrap(), table);
    }
    assert_eq!(serde_json::to_value(read(json!("wine")).unwrap()).unwrap(), json!("wine"));
}

#[test]
fn a_table_keeps_all_it_was_told() {
    for table in [
        json!({ "csv": "m.csv", "name": "m", "target": "y", "header": true, "delimiter": "|", "task": "regression" }),
        json!({ "csv": "m.csv", "target": -2, "header": false, "task": "classification" }),
        json!({ "libsvm": "m.svm", "name": "m", "width": 7, "task": "regression" }),
        json!({ "idx": "images", "name": "m", "labels": "labels" }),
        json!({ "text": "war.txt", "name": "m", "context": 10 }),
        json!({ "documents": "mails", "name": "m", "min_documents": 5 }),
        json!({ "folder": "mine", "name": "m" }),
    ] {
        assert_eq!(serde_json::to_value(read(table.clone()).unwrap()).unwrap(), table);
    }
}

#[test]
fn names_are_short() {
    for (value, name) in [
        (json!("letter"), "letter"),
        (json!("data/mine.csv.gz"), "mine.csv"),
        (json!({ "csv": "data/mine.csv", "name": "mine" }), "mine"),
        (json!("mine.svm"), "mine.svm"),
        (json!("/data/fashion-mnist/train-images-idx3-ubyte.gz"), "fashion-mnist"),
        (json!("../train-images-idx3-ubyte.gz"), "train-images-idx3-ubyte"),
        (json!({ "idx": "m/images-idx3-ubyte", "name": "mnist" }), "mnist"),
        (json!({ "text": "books/war.txt.gz" }), "war.txt"),
        (json!({ "documents": "mails/all.txt.gz" }), "all.txt"),
        (json!("data/mails/"), "mails"),
        (json!("./"), "folder"),
        (json!("fashion-mnist"), "fashion-mnist"),
    ] {
        assert_eq!(read(value).unwrap().name(), name);
    }
}

#[test]
fn a_mistake_is_answered_with_the_choices() {
    let every = [
        "iris",
        "wine",
        "breast_cancer",
        "diabetes",
        "digits",
        "digit_images",
        "letter",
        "coriolanus",
        "mnist",
        "tiny-shakespeare",
        "data/mine.csv",
        "data/mine/",
    ];
    for (value, words) in [
        (json!("digit"), &["unknown data set `digit`", "did you mean `digits`"][..]),
        (json!("minst"), &every),
        (json!("data/mine.txt"), &["data/mine.txt", ".csv", ".svm", "idx3-ubyte", "{ csv = "]),
        (json!(3), &["`data` is 3", "path", "table"]),
        (json!({ "path": "x" }), &["`csv`, `libsvm`, `idx`, `text`, `documents` or `folder`"]),
        (json!({ "csv": 3 }), &["`csv` is 3", "a path"]),
        (json!({ "csv": "x", "tarqet": 3 }), &["`tarqet`", "did you mean `target`", "delimiter"]),
        (json!({ "csv": "x", "libsvm": "y" }), &["`libsvm`", "csv, name, target"]),
        (json!({ "csv": "x", "target": 1.5 }), &["`target` is 1.5", "number from 0"]),
        (json!({ "csv": "x", "header": "yes" }), &["`header` is \"yes\"", "true or false"]),
        (json!({ "csv": "x", "delimiter": ", " }), &["`delimiter` is \", \"", "one ASCII character"]),
        (json!({ "csv": "x", "task": "ranking" }), &["\"ranking\"", "\"classification\" or \"regression\""]),
        (json!({ "libsvm": "x", "width": -1 }), &["`width` is -1", "1 to 100000000"]),
        (json!({ "idx": "x", "width": 1 }), &["`width`", "idx, name, labels"]),
        (json!({ "text": "x", "context": 0 }), &["`context` is 0", "a whole number >= 1"]),
    ] {
        let error = read(value).unwrap_err();
        for word in words {
            assert!(error.contains(word), "`{word}` is not in: {error}");
        }
    }
    let missing = read(json!("nowhere/mine.csv")).unwrap().load().unwrap_err().0;
    assert!(missing.contains("`nowhere/mine.csv`") && missing.contains("folder"), "{missing}");
    crate::refused("csv", "a,y\n", json!({ "delimiter": "é" }), &["'é'", "one ASCII character"]);
}
