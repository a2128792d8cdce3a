//! JSON as Python writes it: with the words `NaN`, `Infinity` and `-Infinity` for what JSON has no number for.

use crate::record::number;
use serde::Deserialize;

/// A number that need not be finite.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Number(#[serde(with = "number")] pub(super) f64);

/// The text with those words in quotes, as [`number`] reads them; words within strings stay. Lines stay where they are.
pub(super) fn quoted(text: &str) -> String {
    const WORDS: [(&str, &str); 3] = [("NaN", "\"NaN\""), ("-Infinity", "\"-inf\""), ("Infinity", "\"inf\"")];
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let (mut rest, mut inside) = (text, false);
    while let Some(at) = rest.find(|c| matches!(c, '"' | '\\') || (!inside && matches!(c, 'N' | 'I' | '-'))) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let word = WORDS.iter().find(|(word, _)| !inside && rest.starts_with(word));
        let taken = match (word, rest.as_bytes()[0]) {
            (Some((word, quoted)), _) => {
                out.push_str(quoted);
                word.len()
            }
            (None, b'\\') => {
                // What follows a backslash ends no string.
                let taken = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                out.push_str(&rest[..taken]);
                taken
            }
            (None, first) => {
                inside ^= first == b'"';
                out.push_str(&rest[..1]);
                1
            }
        };
        rest = &rest[taken..];
    }
    out + rest
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn words_of_python_become_numbers_and_strings_stay() {
        let text = r#"{"a \" NaN": [1.5, NaN, -Infinity, Infinity, -2e3, "1"], "NaN\\": 0}"#;
        let read: serde_json::Value = serde_json::from_str(&quoted(text)).unwrap();
        assert_eq!(read["NaN\\"], 0);
        let numbers: Vec<Number> = serde_json::from_value(read["a \" NaN"].clone()).unwrap();
        let numbers: Vec<f64> = numbers.iter().map(|n| n.0).collect();
        assert!(numbers[1].is_nan());
        assert_eq!((numbers[0], &numbers[2..]), (1.5, &[f64::NEG_INFINITY, f64::INFINITY, -2000.0, 1.0][..]));
    }
}
