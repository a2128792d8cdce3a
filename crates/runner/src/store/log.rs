//! A journal that one process writes: the folder's own, or that of a shard.

use super::index::{Brief, Index};
use super::journal::{self, Journal};
use crate::rounds::Finish;
use crate::trial::Record;
use anyhow::{Context as _, Result, bail};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::Path;

/// A journal, locked by this process, with what it holds.
pub struct Log {
    pub(super) journal: Journal,
    pub(super) index: Index,
    /// What was wrong with it, in words for the user.
    pub notes: Vec<String>,
    /// Held as long as the journal is open; the system frees it however the process ends.
    _lock: File,
}

impl Log {
    /// Opens or creates it, and reads what is done.
    ///
    /// # Errors
    /// If it cannot be written, or another process has it: names file and process.
    pub fn open(path: &Path) -> Result<Self> {
        let lock = lock(path)?;
        Log::locked(path, lock)
    }

    pub(super) fn locked(path: &Path, lock: File) -> Result<Self> {
        let mut index = Index::read(path)?;
        let notes = std::mem::take(&mut index.notes);
        if index.is_damaged {
            journal::mend(path)?;
            index = Index::read(path)?;
            // Of lines that stay there are notes already.
            index.notes.clear();
        }
        Ok(Log { journal: Journal::open(path)?, index, notes, _lock: lock })
    }

    /// Whether the trial needs no run: it has a record, and did not fail.
    pub fn has(&self, key: &str) -> bool {
        self.index.has(key)
    }

    /// What came of a trial.
    pub fn finish_of(&self, key: &str) -> Option<Finish> {
        self.index.finish(key)
    }

    /// The record of a trial.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn record(&self, key: &str) -> Result<Option<Record>> {
        self.index.record(key)
    }

    /// Keeps a record, safe from a kill of this process when this returns.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn append(&mut self, record: &Record) -> Result<()> {
        let place = self.journal.append(record)?;
        if let Some(brief) = Brief::of(record) {
            self.index.add(&brief, 0, place);
        }
        Ok(())
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        self.index.path()
    }

    /// Waits until the disk has all records.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn sync(&mut self) -> Result<()> {
        self.journal.sync()
    }
}

/// One process a journal: the lock lies beside it and says whose it is.
pub(super) fn lock(journal: &Path) -> Result<File> {
    let dir = journal.parent().unwrap_or(journal);
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let path = journal.with_extension("lock.pid");
    let context = || format!("cannot write {}", path.display());
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).create(true).truncate(false).open(&path).with_context(context)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            drop(file.read_to_string(&mut holder));
            let (holder, journal) = (holder.trim(), journal.display());
            bail!("another sweep, process {holder}, is writing {journal}: wait for it, or give another --out");
        }
        Err(TryLockError::Error(e)) => return Err(e).with_context(|| format!("cannot lock {}", path.display())),
    }
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let on = if host.trim().is_empty() { String::new() } else { format!(" on {}", host.trim()) };
    file.set_len(0).and_then(|()| writeln!(file, "{}{on}", std::process::id())).with_context(context)?;
    Ok(file)
}
