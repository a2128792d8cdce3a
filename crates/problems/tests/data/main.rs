//! Data sets and their splits: what is promised, on bundled tables, on odd files, on any bytes at all.
#![allow(clippy::unwrap_used, reason = "tests")]

mod any_bytes;
mod bundled;
mod csv;
mod documents;
mod folder;
mod idx;
mod libsvm;
mod spec;
mod splits;
mod text;

use downhill_problems::{DataSpec, Dataset};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A file that goes when it is dropped.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str, content: &[u8]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let folder = format!("downhill-data-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        Temporary(path)
    }
    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

/// Reads a file of that content, given by `{ kind = path, ..fields }`.
fn load(kind: &str, content: impl AsRef<[u8]>, fields: Value) -> Result<Dataset, String> {
    let file = Temporary::new("some-images", content.as_ref());
    let mut table = fields;
    table[kind] = json!(file.path());
    let spec: DataSpec = serde_json::from_value(table).map_err(|e| e.to_string())?;
    spec.load().map_err(|e| e.0)
}

/// Such a file is refused, in words that name all of these.
#[track_caller]
fn refused(kind: &str, content: impl AsRef<[u8]>, fields: Value, words: &[&str]) {
    let content = content.as_ref();
    let error = load(kind, content, fields).map(|_| ()).expect_err(&String::from_utf8_lossy(content));
    for word in words {
        assert!(error.contains(word), "`{word}` is not in: {error}");
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}
