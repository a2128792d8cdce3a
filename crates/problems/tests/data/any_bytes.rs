//! Whatever the bytes, there is a data set or an error, and a data set keeps its promises.

use crate::idx::array;
use crate::{Temporary, gzip, load};
use downhill_problems::data::{Counts, Features, Target};
use downhill_problems::{Dataset, SplitSpec, Streams};
use proptest::prelude::*;
use serde_json::json;

/// Reads it; what was read is whole and can be split, unless for a reason.
fn try_all(kind: &str, bytes: &[u8]) -> Result<(), String> {
    let labels = Temporary::new("labels", &array(&[2], &[0, 1]));
    let fields = if kind == "idx" { json!({ "labels": labels.path() }) } else { json!({}) };
    let data = load(kind, bytes, fields).inspect_err(|e| assert!(e.contains("some-images"), "{e}"))?;
    assert_whole(&data);
    SplitSpec::default().split::<f32>(&data, &Streams::new("any", 0)).map(|_| ()).map_err(|e| e.0)
}

fn assert_whole(data: &Dataset) {
    let (rows, width) = (data.rows(), data.width());
    assert!(rows > 0 && width > 0);
    match &data.features {
        Features::Dense(values) => assert!(values.len() == rows * width && values.iter().all(|v| v.is_finite())),
        Features::Bytes(values) | Features::Symbols(values) => assert_eq!(values.len(), rows * width),
        Features::Sparse(csr) | Features::Counts(Counts { rows: csr, .. }) => {
            assert_eq!((csr.starts.len(), csr.starts[rows]), (rows + 1, csr.values.len()));
            assert!(csr.starts.is_sorted() && csr.columns.iter().all(|&c| (c as usize) < width));
            assert!(csr.values.iter().all(|&v| v.is_finite() && v != 0.0));
        }
    }
    match &data.target {
        Target::Classes { labels, names } => {
            let occurs = |c: usize| labels.contains(&(c as u32)) || matches!(data.features, Features::Symbols(_));
            assert!(names.len() > 1 && (0..names.len()).all(occurs));
            assert!(labels.iter().all(|&c| (c as usize) < names.len()));
        }
        Target::Numbers(y) => assert!(y.iter().all(|v| v.is_finite())),
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for kind in ["csv", "libsvm", "idx", "text", "documents"] {
            let _ = try_all(kind, &bytes);
            let _ = try_all(kind, &gzip(&bytes));
        }
        let _ = try_all("idx", &[&[0, 0, 8, 3], &bytes[..]].concat());
    }

    #[test]
    fn almost_csv(text in "[-0-9a,;\t\"\r\n .e]{0,60}") {
        let _ = try_all("csv", text.as_bytes());
    }

    #[test]
    fn almost_libsvm(text in "([-+]?[0-9](\\.5)? ?([1-9]?[0-9]:-?[0-9e]{1,3} ){0,3}[#\r]?\n){0,6}") {
        let _ = try_all("libsvm", text.as_bytes());
    }

    #[test]
    fn almost_documents(text in "([ab]\t[xyä0 .\u{300}-]{0,9}\n){0,9}") {
        let _ = try_all("documents", text.as_bytes());
    }

    #[test]
    fn almost_csv_of_numbers_is_read(rows in prop::collection::vec((any::<f32>(), -9i32..9), 3..30)) {
        let text: String = rows.iter().map(|(x, y)| format!("{x:e},{y}\n")).collect();
        if let Ok(data) = load("csv", text, json!({ "task": "regression" })) {
            let Features::Dense(x) = &data.features else { unreachable!() };
            prop_assert!(x.iter().zip(&rows).all(|(found, (x, _))| *found as f32 == *x));
        } else {
            prop_assert!(rows.iter().all(|r| r.1 == rows[0].1) || rows.iter().any(|r| !r.0.is_finite()));
        }
    }
}

#[test]
fn every_beginning_of_a_file() {
    let csv = "\u{feff}größe;\"b;c\";y\r\n1;\"x\";no\r\n-2.5;\"y\ny\";yes\r\n3e2;x;no\r\n4;x;yes\r\n5;x;no\r\n";
    let libsvm = "+1 1:0.5 4:-2 # a comment\n-1 2:1e-3 300:7\n-1 4:1\n1 1:1\n-1 2:2\n";
    let idx = array(&[2, 2, 2], &[1; 8]);
    let files = [("csv", csv.as_bytes()), ("libsvm", libsvm.as_bytes()), ("idx", &idx)];
    for (kind, bytes) in files {
        assert!(load_whole(kind, bytes), "{kind}");
        for packed in [bytes.to_vec(), gzip(bytes)] {
            for end in 0..packed.len() {
                let _ = try_all(kind, &packed[..end]);
            }
        }
    }
}

fn load_whole(kind: &str, bytes: &[u8]) -> bool {
    // Two images are too few for three parts, and that is said.
    try_all(kind, bytes).map_or_else(|e| kind == "idx" && e.contains("leave none"), |()| true)
}
