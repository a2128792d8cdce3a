//! What a table may look like, and what is said when it may not.

use crate::{gzip, load, refused};
use downhill_problems::Dataset;
use downhill_problems::data::{Features, Target};
use serde_json::json;

fn dense(data: &Dataset) -> &[f64] {
    let Features::Dense(values) = &data.features else { panic!("a table is dense") };
    values
}

#[test]
fn the_same_table_in_many_spellings() {
    let plain = "a,b,y\n1,2.5,no\n3,-4e1,yes\n";
    let expected = load("csv", plain, json!({})).unwrap();
    assert_eq!(dense(&expected), [1.0, 2.5, 3.0, -40.0]);
    assert_eq!(expected.columns, ["a", "b"]);
    assert_eq!(expected.target, Target::Classes { labels: vec![0, 1], names: vec!["no".into(), "yes".into()] });
    let (head, tail) = plain.split_at(7);
    let spellings: [&[u8]; 10] = [
        b"a,b,y\r\n1,2.5,no\r\n3,-4e1,yes\r\n",
        b"a,b,y\r1,2.5,no\r3,-4e1,yes",
        b"\xef\xbb\xbfa,b,y\n1,2.5,no\n3,-4e1,yes",
        b"\n\na,b,y\n\n1,2.5,no\n   \n3,-4e1,yes\n\n",
        b"\"a\",\"b\",\"y\"\n1,\"2.5\",no\n3,-40,\"yes\"\n",
        b"a; b; y\n1; 2.50; no\n 3 ;-4e1;yes\n",
        b"a\tb\ty\n1\t2.5\tno\n3\t-4e1\tyes\n",
        b"\"a\"\tb\ty\n1\t\"2.5\"\tno\n3.0\t-40.0\t\"yes\"",
        &gzip(plain.as_bytes()),
        &[gzip(head.as_bytes()), gzip(tail.as_bytes())].concat(),
    ];
    for spelling in spellings {
        let found = load("csv", spelling, json!({})).unwrap();
        assert_eq!(found.digest, expected.digest, "{}", String::from_utf8_lossy(spelling));
    }
    let piped = load("csv", "a|b|y\n1|2.5|no\n3|-4e1|yes\n", json!({ "delimiter": "|" })).unwrap();
    assert_eq!(piped.digest, expected.digest);
    let quoted = load("csv", "\"a, b, c\";y\n1;0\n2;1\n", json!({})).unwrap();
    assert_eq!(quoted.columns, ["a, b, c"]);
    for edited in ["a,b,y\n1,2.5,no\n3,-41,yes\n", "a,c,y\n1,2.5,no\n3,-40,yes\n", "a,b,y\n1,2.5,no\n3,-40,si\n"] {
        assert_ne!(load("csv", edited, json!({})).unwrap().digest, expected.digest);
    }
}

#[test]
fn the_target_is_found() {
    let text = "y,a,b\n0.5,1,2\n1.5,3,4\n";
    for target in [json!("y"), json!(0), json!(-3)] {
        let data = load("csv", text, json!({ "target": target })).unwrap();
        assert_eq!(data.target, Target::Numbers(vec![0.5, 1.5]));
        assert_eq!((dense(&data), data.columns.join(" ")), (&[1.0, 2.0, 3.0, 4.0][..], "a b".to_owned()));
    }
    refused("csv", text, json!({ "target": "z" }), &["`z`", "`y`, `a`, `b`", "-3 to 2"]);
    refused("csv", text, json!({ "target": 3 }), &["`target` is 3", "-3 to 2"]);
    refused("csv", "1,2\n3,4\n", json!({ "target": "y" }), &["`y`", "`x0`, `x1`"]);
}

#[test]
fn a_header_is_told_from_data() {
    let rows = |text: &str, fields| load("csv", text, fields).map(|d| d.rows()).unwrap();
    assert_eq!(rows("a,y\n1,0\n2,1\n", json!({})), 2);
    assert_eq!(rows("1,0\n2,1\n", json!({})), 2);
    assert_eq!(rows("red,0\nblue,1\n", json!({})), 2);
    assert_eq!(rows("0,1\n5,6\n7,8\n", json!({ "header": true })), 2);
    assert_eq!(rows("red,no\nblue,yes\n", json!({ "header": false })), 2);
    refused("csv", "red,no\nblue,yes\n", json!({}), &["`header = true`", "`header = false`"]);
}

#[test]
fn texts_become_categories() {
    let data = load("csv", "c,x,y\nred,1,0\nblue,2,1\n7,3,1\nblue,4,0\n", json!({})).unwrap();
    assert_eq!(data.columns, ["c=7", "c=blue", "c=red", "x"]);
    assert_eq!(dense(&data), [0., 0., 1., 1., 0., 1., 0., 2., 1., 0., 0., 3., 0., 1., 0., 4.]);
    let names: String = (0..1001).map(|i| format!("id{i},{}\n", i % 2)).collect();
    refused("csv", names, json!({}), &["1001", "1000", "remove the column"]);
    let cells = |row: usize| format!("t{},", row % 1000).repeat(1000);
    let wide: String = (0..1100).map(|row| format!("{}{}\n", cells(row), row % 2)).collect();
    refused("csv", wide, json!({ "header": false }), &["1100 rows of 1000000 features", "1073741824"]);
}

#[test]
fn classes_or_numbers() {
    let classes = |text: &str, fields| match load("csv", text, fields).unwrap().target {
        Target::Classes { names, labels } => Some((names.join(" "), labels)),
        Target::Numbers(_) => None,
    };
    let table = |n: usize| (0..n).map(|i| format!("0,{i}\n")).collect::<String>();
    assert_eq!(classes("0,10\n0,-2\n0,9\n", json!({})), Some(("-2 9 10".into(), vec![2, 0, 1])));
    assert!(classes(&table(20), json!({})).is_some() && classes(&table(21), json!({})).is_none());
    assert!(classes(&table(21), json!({ "task": "classification" })).is_some());
    assert!(classes(&table(2), json!({ "task": "regression" })).is_none());
    assert!(classes("0,1\n0,1.5\n", json!({})).is_none());
    refused("csv", "0,1\n0,1.5\n", json!({ "task": "classification" }), &["1.5", "whole numbers"]);
    refused("csv", "0,1\n0,1e16\n", json!({ "task": "classification" }), &["10000000000000000", "2^53"]);
    refused("csv", "0,a\n0,b\n", json!({ "task": "regression" }), &["`a`", "needs numbers"]);
    refused("csv", table(1001), json!({ "task": "classification" }), &["1000", "regression"]);
}

#[test]
fn what_is_wrong_is_named() {
    let no = || json!({});
    refused("csv", "", no(), &["some-images", "is empty"]);
    refused("csv", "a,y\n", json!({ "header": true }), &["no rows"]);
    refused("csv", "a\n1\n2\n", no(), &["line 1", "one column", "`delimiter`"]);
    refused("csv", "a,y\r\n1,0\r\n\r\n2,1,3\r\n", no(), &["line 4", "3 cells", "has 2"]);
    refused("csv", "a,y\n\"1,0\n2,1\n", no(), &["line 2", "1 cells", "quote"]);
    refused("csv", "a,b,a\n1,2,3\n", no(), &["line 1", "0 and 2", "`a`"]);
    refused("csv", ",a,y\n0,1,0\n1,2,1\n", no(), &["line 1", "no name", "row numbers"]);
    refused("csv", "a,y\n1,0\n2,0\n", no(), &["class `0`", "at least two"]);
    refused("csv", "a,y\n1,0.5\n2,0.5\n", no(), &["every target is 0.5"]);
    for missing in ["", " ", "NA", "n/a", "?", "NaN", "null"] {
        let text = format!("a,y\n1,0\n{missing},1\n");
        refused("csv", text, no(), &["line 3", "column `a`", "missing", missing.trim()]);
    }
    refused("csv", "a,y\n1,0\n-inf,1\n", no(), &["line 3", "column `a`", "`-inf` is not finite"]);
    refused("csv", "a,y\n1,0\n1e999,1\n", no(), &["line 3", "`1e999` is not finite"]);
    refused("csv", "a;y\n1,5;0\n", no(), &["line 2", "`1,5` has a comma"]);
    let typo: String = (0..40).map(|i| if i == 30 { "1o,0\n".into() } else { format!("{i},{}\n", i % 2) }).collect();
    refused("csv", typo, no(), &["line 31", "column `x0`", "`1o` is not a number", "39 of 40"]);
    refused("csv", b"a,y\n1,0\n\xff,1\n", no(), &["line 3", "UTF-8"]);
    refused("csv", b"\xff\xfea\0", no(), &["UTF-16"]);
    refused("csv", &gzip(b"a,y\n1,0\n")[..20], no(), &["gzipped, but damaged"]);
}
