//! Texts as rows of symbols.

use downhill_problems::data::{Features, Labels, Matrix, Target};
use downhill_problems::{DataSpec, Dataset, SplitSpec, Streams};
use serde_json::json;

fn read(text: &str, context: usize) -> Result<Dataset, String> {
    crate::load("text", text, json!({ "context": context }))
}

/// The recipe of the vocabulary: all characters that occur, sorted; rows do not overlap, the class is the next symbol.
#[test]
fn rows_are_windows_and_the_symbol_behind_them() {
    let data = read("abcä\nabba", 2).unwrap();
    let Target::Classes { labels, names } = &data.target else { panic!("symbols are classes") };
    assert_eq!(names.concat(), "\nabcä");
    let Features::Symbols(symbols) = &data.features else { panic!("a text has symbols") };
    // ab|c, cä|\n, \na|b, bb|a
    assert_eq!((symbols, labels), (&vec![1, 2, 3, 4, 0, 1, 2, 2], &vec![3, 0, 2, 1]));
    assert_eq!((data.rows(), data.width(), data.columns.len()), (4, 2, 2));
}

#[test]
fn a_language_model_finds_every_symbol_once_as_a_target() {
    let spec: DataSpec = "coriolanus".parse().unwrap();
    let data = spec.load().unwrap();
    let (Features::Symbols(symbols), Target::Classes { labels, .. }) = (&data.features, &data.target) else {
        panic!("a text")
    };
    for (row, &next) in labels.iter().enumerate().take(labels.len() - 1) {
        assert_eq!(u32::from(symbols[(row + 1) * data.width()]), next);
    }
    let shorter: DataSpec = serde_json::from_value(json!({ "text": "coriolanus", "context": 20 })).unwrap();
    let shorter = shorter.load().unwrap();
    let Features::Symbols(same) = &shorter.features else { panic!("a text") };
    assert_eq!((same[..100] == symbols[..100], shorter.width(), shorter.rows()), (true, 20, 7723));
    assert_ne!(shorter.digest, data.digest);
    let few: DataSpec = serde_json::from_value(json!({ "text": "coriolanus", "context": 20, "symbols": 101 })).unwrap();
    let few = few.load().unwrap();
    assert_eq!((few.width(), few.rows()), (20, 5));
}

/// Numbers of symbols reach a model as they are.
#[test]
fn symbols_are_not_scaled() {
    let data = "coriolanus".parse::<DataSpec>().unwrap().load().unwrap();
    let splits = SplitSpec::default().split::<f32>(&data, &Streams::new("coriolanus", 0)).unwrap();
    let Matrix::Dense(x) = &splits.train.x else { panic!("rows of symbols are dense") };
    assert_eq!((splits.width, splits.classes), (50, 61));
    assert!(x.iter().all(|&s| s.fract() == 0.0 && (0.0..61.0).contains(&s)));
    assert!(x.contains(&60.0) && x.contains(&0.0));
    assert!(matches!(&splits.train.y, Labels::Classes(y) if y.len() == x.len() / 50));
}

#[test]
fn what_is_wrong_is_said() {
    let wide: String = (0x4e00..0x4e00 + 300u32).filter_map(char::from_u32).collect();
    for (text, context, word) in [
        ("abc", 5, "`context` is 5"),
        ("aaaaaaaa", 2, "8 characters (1 distinct)"),
        ("", 2, "0 characters"),
        (wide.as_str(), 2, "300 different characters, allowed are 256"),
    ] {
        crate::refused("text", text, json!({ "context": context }), &[word]);
    }
}
