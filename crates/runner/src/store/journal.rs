//! The journal: one line a finished trial, appended with one write, so that a kill at any moment loses at most the
//! line being written, and that line is known by its checksum.

use super::write_atomically;
use crate::trial::Record;
use anyhow::{Context as _, Result, bail};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How much work a power cut may lose; a kill loses none.
const SYNC: Duration = Duration::from_secs(1);

/// An open journal.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Of the file, in bytes: all whole lines.
    length: u64,
    synced: Instant,
}

/// What a journal held when it was opened.
pub(super) struct Found {
    pub(super) records: Vec<Record>,
    /// What was wrong with it, in words.
    pub(super) notes: Vec<String>,
}

impl Journal {
    /// Opens or creates it, and takes damaged lines out.
    pub(super) fn open(path: &Path) -> Result<(Self, Found)> {
        let context = || format!("cannot write {}", path.display());
        let mut file = OpenOptions::new().append(true).create(true).open(path).with_context(context)?;
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let (found, sound) = read(&bytes, path);
        if sound.len() < bytes.len() {
            write_atomically(path, &sound)?;
            file = OpenOptions::new().append(true).open(path).with_context(context)?;
        }
        Ok((Journal { path: path.to_owned(), file, length: sound.len() as u64, synced: Instant::now() }, found))
    }

    /// Adds a record, whole or not at all.
    pub(super) fn append(&mut self, record: &Record) -> Result<()> {
        let json = serde_json::to_string(record).context("a record as JSON")?;
        let line = format!("{} {json}\n", checksum(json.as_bytes()));
        let written = self.file.write(line.as_bytes());
        match written {
            Ok(n) if n == line.len() => self.length += n as u64,
            // What a full disk left of the line is cut off, or, if even that fails, when the journal is next opened.
            other => {
                drop(self.file.set_len(self.length));
                let cause = other.err().map_or("the disk is full".to_owned(), |e| e.to_string());
                bail!("cannot write {}: {cause}; what was written before is kept", self.path.display());
            }
        }
        if self.synced.elapsed() > SYNC {
            self.sync()?;
        }
        Ok(())
    }

    /// Waits until the disk has it.
    pub(super) fn sync(&mut self) -> Result<()> {
        self.file.sync_data().with_context(|| format!("cannot write {}", self.path.display()))?;
        // What is written to a file that was removed is lost when the process ends.
        fs::metadata(&self.path)
            .with_context(|| format!("{} was removed while it was written", self.path.display()))?;
        self.synced = Instant::now();
        Ok(())
    }
}

fn checksum(json: &[u8]) -> String {
    Sha256::digest(json).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// The records, and the lines without the damaged ones.
pub(super) fn read(bytes: &[u8], path: &Path) -> (Found, Vec<u8>) {
    let mut found = Found { records: Vec::new(), notes: Vec::new() };
    let mut sound = Vec::with_capacity(bytes.len());
    for (i, line) in bytes.split_inclusive(|&b| b == b'\n').enumerate() {
        let at = format!("{}:{}", path.display(), i + 1);
        let Some(whole) = line.strip_suffix(b"\n") else {
            found.notes.push(format!("{at}: the last line was cut short; its trial runs again"));
            continue;
        };
        let json = whole.get(9..).unwrap_or_default();
        if whole.get(..9) != Some(format!("{} ", checksum(json)).as_bytes()) {
            found.notes.push(format!("{at}: the line is damaged; its trial runs again"));
            continue;
        }
        sound.extend_from_slice(line);
        match serde_json::from_slice(json) {
            Ok(record) => found.records.push(record),
            Err(_) => found.notes.push(format!("{at}: the line was written by another version; it is kept, not used")),
        }
    }
    (found, sound)
}
