//! What files were when they were fetched, as `sha256sum --check` reads it.

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};

/// The file `SHA256SUMS` of a folder.
pub(super) struct Sums {
    path: PathBuf,
    of: BTreeMap<String, String>,
}

impl Sums {
    /// An empty one, if there is none.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("SHA256SUMS");
        let text = match fs::read_to_string(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => String::new(),
            other => other.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let lines = text.lines().filter_map(|line| line.split_once("  "));
        Ok(Sums { of: lines.map(|(sum, file)| (file.to_owned(), sum.to_owned())).collect(), path })
    }
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
    pub(super) fn of(&self, file: &str) -> Option<&str> {
        self.of.get(file).map(String::as_str)
    }
    pub(super) fn set(&mut self, file: &str, sum: &str) {
        self.of.insert(file.to_owned(), sum.to_owned());
    }
    pub(super) fn write(&self) -> Result<()> {
        let text: String = self.of.iter().map(|(file, sum)| format!("{sum}  {file}\n")).collect();
        let new = self.path.with_extension("new");
        let write = || {
            let mut file = File::create(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, &self.path)
        };
        write().with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Of a file, in hexadecimal.
pub(super) fn sha256(path: &Path) -> Result<String> {
    let hash = || sha256_of(File::open(path)?);
    hash().with_context(|| format!("cannot read {}", path.display()))
}

/// Of whatever can be read.
pub(super) fn sha256_of(mut from: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer)? {
            0 => break,
            n => hash.update(&buffer[..n]),
        }
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
    }
    Ok(text)
}
