//! What a journal holds, by key: where each record lies, and what plans ask of it. The records stay on disk.

use super::journal::{self, Line, Place};
use crate::record::{Outcome, Point, Summary, Timings};
use crate::rounds::Finish;
use crate::trial::{NUMERICS, Record, kernel_class};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

/// A record in a few words.
#[derive(Clone, Debug)]
pub(crate) struct Brief {
    /// The key's number.
    pub(crate) key: u64,
    pub(crate) finish: Finish,
    /// Whether it failed, and so is no result.
    pub(crate) failed: bool,
    /// A digest of summary and curve as they stand: equal for equal results.
    pub(super) result: u64,
    /// Seconds since 1970.
    pub(crate) ended: f64,
    /// On the clock, in seconds.
    pub(crate) wall: f64,
    /// Numerics and kernel class.
    pub(crate) kind: Kind,
}

/// Version of the numerics and kernel class: trials of another kind are other trials.
pub(crate) type Kind = (u32, String);

/// What is known of a record that stays on disk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) finish: Finish,
    pub(super) failed: bool,
    pub(super) result: u64,
    pub(super) line: u32,
    pub(super) place: Place,
}

/// The records of one journal.
pub(crate) struct Index {
    path: PathBuf,
    known: HashMap<u64, Known>,
    /// How many records there are of each kind.
    pub(crate) kinds: BTreeMap<Kind, usize>,
    /// What was wrong, in words for the user.
    pub(crate) notes: Vec<String>,
    /// Whether there are lines that do not stand as they were written.
    pub(super) is_damaged: bool,
}

impl Brief {
    /// Of a line's JSON; none if it was written by another version.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Parts<'a> {
            key: &'a str,
            #[serde(borrow)]
            trial: Kin<'a>,
            #[serde(borrow)]
            summary: &'a RawValue,
            #[serde(borrow)]
            curve: &'a RawValue,
            timings: Timings,
            #[serde(default)]
            ended: f64,
        }
        #[derive(Deserialize)]
        struct Kin<'a> {
            numerics: u32,
            kernel: &'a str,
        }
        let parts: Parts = serde_json::from_str(json).ok()?;
        let (summary, curve) = (parts.summary.get(), parts.curve.get());
        let mut result = DefaultHasher::new();
        (summary, curve).hash(&mut result);
        let summary: Summary = serde_json::from_str(summary).ok()?;
        let mut points = serde_json::Deserializer::from_str(curve.get(1..)?);
        let first = Point::deserialize(&mut points).ok();
        Some(Brief {
            key: number(parts.key)?,
            finish: Finish::of(&summary, first.as_ref()),
            failed: matches!(summary.outcome, Outcome::Failed { .. }),
            result: result.finish(),
            ended: parts.ended,
            wall: parts.timings.wall,
            kind: (parts.trial.numerics, parts.trial.kernel.to_owned()),
        })
    }

    /// Of a record that was written just now; its result is compared with no other, as nothing runs twice in a process.
    pub(super) fn of(record: &Record) -> Option<Self> {
        let failed = matches!(record.summary.outcome, Outcome::Failed { .. });
        let kind = (record.trial.numerics, record.trial.kernel.to_string());
        let (key, finish) = (number(&record.key)?, Finish::from(record));
        Some(Brief { key, finish, failed, result: 0, ended: 0.0, wall: record.timings.wall, kind })
    }

    pub(super) fn at(&self, line: u32, place: Place) -> Known {
        Known { finish: self.finish, failed: self.failed, result: self.result, line, place }
    }
}

impl Known {
    /// Whether this record takes the other's place: a result that of a failure, a later failure that of an earlier one.
    pub(super) fn supersedes(&self, other: &Known) -> bool {
        other.failed
    }

    /// Whether both are results, and not the same.
    pub(super) fn contradicts(&self, other: &Known) -> bool {
        !self.failed && !other.failed && self.result != other.result
    }
}

/// The number that a key is written for.
pub(crate) fn number(key: &str) -> Option<u64> {
    u64::from_str_radix(key, 16).ok()
}

impl Index {
    /// Reads a journal, which is only looked at; one that is not there is empty.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let mut index = Index::new(path);
        index.extend(path, |_| ())?;
        Ok(index)
    }

    /// Of no records yet.
    pub(crate) fn new(path: &Path) -> Self {
        Index {
            path: path.to_owned(),
            known: HashMap::new(),
            kinds: BTreeMap::new(),
            notes: Vec::new(),
            is_damaged: false,
        }
    }

    /// Adds what a journal holds, and shows each record; those of another journal than its own can be counted, not read.
    pub(crate) fn extend(&mut self, path: &Path, mut each: impl FnMut(&Brief)) -> Result<()> {
        journal::scan(path, Brief::parse, |line, place, _, found| {
            match &found {
                Line::Sound(brief) => {
                    each(brief);
                    self.add(brief, line, place);
                }
                other => {
                    self.is_damaged |= !other.is_whole();
                    self.notes.extend(other.fault().map(|fault| format!("{}:{line}: {fault}", path.display())));
                }
            }
            Ok(())
        })
    }

    /// Whether the trial whose key has that number has a result.
    pub(crate) fn has_number(&self, key: u64) -> bool {
        self.get(key).is_some_and(|known| !known.failed)
    }

    /// How many trials have a record.
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) fn add(&mut self, brief: &Brief, line: u32, place: Place) {
        let (new, path) = (brief.at(line, place), self.path.display());
        if let Some(old) = self.known.get(&brief.key) {
            if new.contradicts(old) {
                let key = brief.key;
                self.notes.push(format!(
                    "{path}:{line}: another result of the trial {key:016x} than at line {}, which is the one used",
                    old.line
                ));
            }
            if !new.supersedes(old) {
                return;
            }
        } else {
            *self.kinds.entry(brief.kind.clone()).or_default() += 1;
        }
        self.known.insert(brief.key, new);
    }

    /// Adds a record that takes the place of any other of its trial.
    pub(super) fn put(&mut self, key: u64, known: Known) {
        self.known.insert(key, known);
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn get(&self, key: u64) -> Option<&Known> {
        self.known.get(&key)
    }

    /// What came of a trial.
    pub(crate) fn finish(&self, key: &str) -> Option<Finish> {
        Some(self.get(number(key)?)?.finish)
    }

    /// Whether a trial has a result: a failure is none.
    pub(crate) fn has(&self, key: &str) -> bool {
        number(key).and_then(|key| self.get(key)).is_some_and(|known| !known.failed)
    }

    /// The file, to read records from.
    pub(super) fn file(&self) -> Result<File> {
        File::open(&self.path).with_context(|| format!("cannot read {}", self.path.display()))
    }

    /// The line of a trial's record.
    pub(super) fn line(&self, key: &str, file: &File) -> Result<Option<Vec<u8>>> {
        let known = number(key).and_then(|key| self.get(key));
        known.map(|known| journal::line_at(file, known.place, &self.path)).transpose()
    }

    /// The record of a trial.
    pub(crate) fn record(&self, key: &str) -> Result<Option<Record>> {
        let Some(line) = self.line(key, &self.file()?)? else { return Ok(None) };
        self.parse(&line).map(Some)
    }

    /// A record from its line.
    pub(super) fn parse(&self, line: &[u8]) -> Result<Record> {
        serde_json::from_slice(journal::json(line)).with_context(|| self.path.display().to_string())
    }

    /// The kernel class of its records: the one of which there are most, or this machine's. Where a study was run decides
    /// which trials are its own.
    pub(crate) fn kernel(&self) -> String {
        let here = kernel_class();
        let current = self.kinds.iter().filter(|((numerics, _), _)| *numerics == NUMERICS);
        // This machine's, if as many.
        let most = current.max_by_key(|((_, kernel), count)| (**count, *kernel == here));
        most.map_or(here, |((_, kernel), _)| kernel.clone())
    }

    /// How many records are of another kind than this kernel class and the present numerics, by kind, in words.
    pub(crate) fn strangers(&self, kernel: &str) -> Vec<String> {
        let strange =
            self.kinds.iter().filter(|((numerics, class), _)| (*numerics, class.as_str()) != (NUMERICS, kernel));
        let say = |((numerics, class), count): (&Kind, &usize)| {
            format!(
                "{}: {count} records are of kernel class {class}, numerics {numerics}; they are kept, and never mixed with \
                 those of {kernel}, numerics {NUMERICS}",
                self.path.display()
            )
        };
        strange.map(say).collect()
    }
}
