//! `downhill data` against a server on this machine: what arrives, and what is said when it does not.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "tests")]

mod archives;
#[path = "../common/mod.rs"]
mod common;
mod faults;
mod program;
mod server;

use downhill_problems::data::{Digest, Download, Form, Known, Packing, Places};
use runner::fetch::{Fetch, Got};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use tempfile::TempDir;

/// A data set of one file, `words.txt`, at these addresses.
fn known(urls: &[String], digest: Digest, packing: Packing) -> Known {
    let urls: Vec<&'static str> = urls.iter().map(|url| &*url.clone().leak()).collect();
    let files: &'static [&'static str] = &["words.txt"];
    let downloads = vec![Download { urls: urls.leak(), digest, packing, files }].leak();
    Known {
        name: "words",
        rows: 2,
        width: None,
        classes: 2,
        source: "these tests",
        licence: "free",
        megabytes: 0.1,
        downloads,
        npm: None,
        form: Form::Documents,
    }
}

fn sha256(bytes: &[u8]) -> &'static str {
    let sum: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    sum.leak()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut to = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}

/// 100 kB that do not repeat themselves.
fn words() -> Vec<u8> {
    let line = |i: u32| format!("{}\tword{} word{}\n", i % 2, i.wrapping_mul(2_654_435_761), i);
    (0..3500).flat_map(|i| line(i).into_bytes()).collect()
}

/// A cache of its own.
struct Cache {
    folder: TempDir,
    fetch: Fetch,
}

impl Cache {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let places = Places { cache: Some(folder.path().to_owned()), ..Places::default() };
        Cache { folder, fetch: Fetch { places, ..Fetch::default() } }
    }
    fn get(&self, known: &Known) -> Result<Got, String> {
        self.fetch.get(known).map_err(|e| format!("{e:#}"))
    }
    /// It cannot be had, for a reason in these words.
    #[track_caller]
    fn refuses(&self, known: &Known, words: &[&str]) {
        let error = self.get(known).unwrap_err();
        words.iter().for_each(|word| assert!(error.contains(word), "lacks `{word}`: {error}"));
        assert!(!self.path("words.txt").exists(), "a file that is not right has its name");
        assert_eq!(self.names().iter().find(|name| name.ends_with(".new")), None);
    }
    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("words").join(file)
    }
    /// What lies in the folder of the data set.
    fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path("")) else { return vec![] };
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}
