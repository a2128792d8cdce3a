//! Files that are there whole or not at all.

use anyhow::{Context as _, Result};
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// A file under way: written as a neighbour, which takes its place in the end, or goes.
pub(crate) struct Whole {
    path: PathBuf,
    part: PathBuf,
    file: BufWriter<File>,
}

impl Whole {
    /// Begins one.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let part = path.with_extension("part");
        let file = File::create(&part).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Whole { path: path.to_owned(), part, file: BufWriter::with_capacity(1 << 16, file) })
    }

    /// Adds bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Puts it in its place.
    pub(crate) fn finish(mut self) -> Result<()> {
        let done = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        done.and_then(|()| fs::rename(&self.part, &self.path))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // Of a finished one there is none.
        drop(fs::remove_file(&self.part));
    }
}
