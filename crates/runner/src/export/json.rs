//! One JSON document with everything, a row a line:
//!
//! ```json
//! {"schema":"downhill results 1","version":"0.1.0","study":{"name":"...","question":"...","toml":"..."},
//! "trials":[
//! {"key":"...","problem":"...","optimizer":"...","lr":0.1, ...}
//! ],
//! "curves":[
//! {"key":"...","step":0, ...}
//! ],
//! "timings":[ ... ],
//! "numerics":[1]}
//! ```
//!
//! Numbers are the shortest decimals that read back as the same double. NaN and the infinities, which JSON has not, are the
//! texts `"NaN"`, `"inf"` and `"-inf"`, and a missing value is `null`.

use super::{Numerics, SCHEMA, target};
use crate::columns::{Rows, SHEETS};
use crate::store::StudyInfo;
use anyhow::{Context as _, Result};
use serde_json::json;
use std::fs::File;
use std::io::{Read as _, Write};
use std::path::Path;

/// How a document begins, whichever its schema: what tells it from those of others.
const OPENING: &str = "{\"schema\":\"downhill results ";

/// Writes the document of a folder of results; returns the number of trials.
///
/// # Errors
/// If a table cannot be read, or `out` cannot be written or is something else.
pub fn write(dir: &Path, out: &Path) -> Result<usize> {
    target::check(out, |path| {
        let mut start = String::new();
        let read = File::open(path).and_then(|file| file.take(OPENING.len() as u64).read_to_string(&mut start));
        read.is_ok() && start == OPENING
    })?;
    let study = StudyInfo::read(dir)?;
    let study = json!({ "name": study.name, "question": study.question, "toml": study.text });
    target::file(out, |file| {
        let cannot = || format!("cannot write {}", out.display());
        let version = json!(env!("CARGO_PKG_VERSION"));
        write!(file, "{OPENING}{SCHEMA}\",\"version\":{version},\"study\":{study}").with_context(cannot)?;
        let (mut numerics, mut trials) = (Numerics::default(), 0);
        for sheet in SHEETS.into_iter().filter(|sheet| sheet.is_in(dir)) {
            write!(file, ",\n\"{}\":[", sheet.name).with_context(cannot)?;
            for (i, row) in Rows::open(dir, sheet)?.enumerate() {
                let row = row?;
                if sheet.name == "trials" {
                    numerics.add(&row);
                    trials += 1;
                }
                file.write_all(if i == 0 { b"\n" } else { b",\n" }).with_context(cannot)?;
                serde_json::to_writer(&mut *file, &row).with_context(cannot)?;
            }
            file.write_all(b"\n]").with_context(cannot)?;
        }
        writeln!(file, ",\n\"numerics\":{}}}", json!(numerics.0)).with_context(cannot)?;
        Ok(trials)
    })
}
