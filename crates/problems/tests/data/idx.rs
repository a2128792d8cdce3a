//! Images as MNIST has them.

use crate::{Temporary, gzip, refused};
use downhill_problems::data::{Features, Labels, Matrix, Target};
use downhill_problems::{DataSpec, SplitSpec, Streams};
use serde_json::json;

/// An IDX array of bytes.
pub(crate) fn array(shape: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, shape.len() as u8];
    bytes.extend(shape.iter().flat_map(|n| n.to_be_bytes()));
    bytes.extend(values);
    bytes
}

fn images() -> Vec<u8> {
    array(&[6, 2, 2], &(0..24).map(|i| i * 10).collect::<Vec<u8>>())
}
fn labels() -> Vec<u8> {
    array(&[6], &[3, 7, 3, 7, 3, 7])
}

#[test]
fn both_files_are_found_and_read() {
    for (name, beside) in [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images.idx3-ubyte.gz", "train-labels.idx1-ubyte.gz"),
    ] {
        let file = Temporary::new(name, &images());
        // Whether it is packed is told by its bytes, not by its name.
        std::fs::write(file.0.with_file_name(beside), gzip(&labels())).unwrap();
        let spec: DataSpec = file.path().parse().unwrap();
        assert_eq!(spec.name(), file.0.parent().unwrap().file_name().unwrap().to_str().unwrap());
        let data = spec.load().unwrap();
        assert_eq!((data.name.as_str(), data.rows(), data.width()), (spec.name(), 6, 4));
        assert_eq!(
            data.target,
            Target::Classes { labels: vec![0, 1, 0, 1, 0, 1], names: vec!["3".into(), "7".into()] }
        );
        assert!(matches!(&data.features, Features::Bytes(b) if b[..4] == [0, 10, 20, 30]));
        assert_eq!(data.columns, ["0,0", "0,1", "1,0", "1,1"]);

        let share = SplitSpec { validation: 1.0 / 3.0, test: 1.0 / 3.0, seen: false };
        let rows = share.rows(&data, &Streams::new("images", 0)).unwrap();
        let splits = share.split::<f64>(&data, &Streams::new("images", 0)).unwrap();
        let Matrix::Dense(x) = &splits.test.x else { panic!("images are dense") };
        let first = f64::from(rows[2][0]) * 40.0;
        assert_eq!(x[..4], [0.0, 10.0, 20.0, 30.0].map(|pixel| (first + pixel) / 255.0));
        assert!(matches!(&splits.test.y, Labels::Classes(y) if y.len() == 2 && y[0] != y[1]));
    }
}

#[test]
fn what_is_wrong_is_named() {
    let file = Temporary::new("labels", &labels());
    let with = || json!({ "labels": file.path() });
    refused("idx", array(&[5, 2, 2], &[0; 20]), with(), &["5 images", "6 labels"]);
    refused("idx", &images()[..30], with(), &["30 bytes", "expected 40"]);
    refused("idx", [images(), vec![0]].concat(), with(), &["41 bytes", "expected 40"]);
    refused("idx", &images()[..9], with(), &["9 bytes", "expected 16"]);
    refused("idx", b"\0\0", with(), &["2 bytes", "expected 16"]);
    refused("idx", labels(), with(), &["0x00000801", "expected 0x00000803"]);
    refused("idx", b"P5 28 28", with(), &["0x50352032", "expected 0x00000803"]);
    refused("idx", array(&[u32::MAX; 3], &[]), with(), &["too large"]);
    refused("idx", array(&[6, 0, 2], &[]), with(), &["no pixels"]);
    refused("idx", images(), json!({ "labels": "/nowhere/labels" }), &["`/nowhere/labels`"]);
    refused("idx", images(), json!({}), &["some-labels"]);
    let other = DataSpec::Idx(downhill_problems::data::IdxSpec::new(file.path()));
    assert!(other.load().unwrap_err().0.contains("say `labels = "));
}
