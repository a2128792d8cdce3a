//! Whatever the cells hold.

use super::{CURVES, SHEETS, Sheet, TIMINGS, Value, parquet_rows, rows, same};
use proptest::prelude::*;
use runner::columns::{Column, Kind};
use runner::export::{json, parquet};
use std::fs;
use std::path::Path;

/// A cell as it stands in a CSV file: any double, any text with what needs quoting.
fn cell(column: &'static Column) -> BoxedStrategy<String> {
    let full = match column.kind {
        Kind::Integer => any::<i64>().prop_map(|i| i.to_string()).boxed(),
        Kind::Number => any::<f64>().prop_map(|x| x.to_string()).boxed(),
        Kind::Text => "[ -~üß\u{1F642}\n\"]{1,12}".boxed(),
    };
    if column.optional { prop_oneof![1 => Just(String::new()), 3 => full].boxed() } else { full }
}

fn table(sheet: Sheet) -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(sheet.columns.iter().map(cell).collect::<Vec<_>>(), 0..5)
}

fn write(dir: &Path, sheet: Sheet, rows: &[Vec<String>]) {
    let mut writer = csv::Writer::from_path(dir.join(sheet.name).with_extension("csv")).unwrap();
    writer.write_record(sheet.columns.iter().map(|c| c.name)).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.flush().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_table_comes_back(trials in table(SHEETS[0]), curves in table(CURVES), timings in table(TIMINGS)) {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path();
        for (sheet, rows) in SHEETS.into_iter().zip([&trials, &curves, &timings]) {
            write(dir, sheet, rows);
        }
        fs::write(dir.join("study.toml"), "question = \"any\"\n").unwrap();
        parquet::write(dir, dir).unwrap();
        json::write(dir, &dir.join("results.json")).unwrap();
        let document: serde_json::Value =
            serde_json::from_slice(&fs::read(dir.join("results.json")).unwrap()).unwrap();
        for (sheet, written) in SHEETS.into_iter().zip([&trials, &curves, &timings]) {
            let (was, is) = (rows(dir, sheet), parquet_rows(&dir.join(sheet.name).with_extension("parquet")));
            prop_assert_eq!((was.len(), is.len()), (written.len(), written.len()));
            for ((was, is), written) in was.iter().zip(&is).zip(written) {
                prop_assert!(was.values.iter().zip(is).all(|(a, b)| same(a, b)), "{:?}\n{:?}", was, is);
                for (value, text) in is.iter().zip(written) {
                    let said = match value {
                        Value::Missing => String::new(),
                        Value::Integer(i) => i.to_string(),
                        Value::Number(x) => x.to_string(),
                        Value::Text(text) => text.clone(),
                    };
                    prop_assert_eq!(&said, text);
                }
            }
            for (i, was) in was.iter().enumerate() {
                for (column, value) in was.cells() {
                    let is = &document[sheet.name][i][column.name];
                    let number = is.as_f64().or_else(|| is.as_str()?.parse().ok());
                    prop_assert!(match value {
                        Value::Missing => is.is_null(),
                        Value::Integer(i) => is.as_i64() == Some(*i),
                        Value::Number(x) => same(&Value::Number(number.unwrap()), &Value::Number(*x)),
                        Value::Text(text) => is.as_str() == Some(text),
                    }, "{}: {:?} is {}", column.name, value, is);
                }
            }
        }
    }
}
