//! The union of journals: whatever was run twice is kept once, and what contradicts itself is refused.

use super::index::{Brief, Kind, Known};
use super::journal::{self, Line, Place};
use super::log::Log;
use anyhow::{Result, bail};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::PathBuf;

/// How many bytes are written at once.
const WRITE: usize = 1 << 20;

/// How many contradictions are named.
const MOST: usize = 10;

/// What a union came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// Records in the files.
    pub records: usize,
    /// Those of them that were new, or took the place of a failure.
    pub added: usize,
    /// Records by numerics and kernel class.
    pub kinds: BTreeMap<Kind, usize>,
    /// What was wrong with the files, in words.
    pub notes: Vec<String>,
}

impl Log {
    /// Adds the records of other journals. Again, and in another order, it comes to the same results: of one trial a result
    /// is kept before a failure, and the timings of the result that came first.
    ///
    /// # Errors
    /// If two results of one trial differ: names both lines, and adds nothing. If a file cannot be read or written.
    pub fn merge(&mut self, files: &[PathBuf]) -> Result<Merged> {
        let (mut merged, mut fresh) = (Merged::default(), HashMap::<u64, (usize, Known)>::new());
        let (mut against, mut contradictions) = (Vec::new(), 0);
        for (number, path) in files.iter().enumerate() {
            journal::scan(path, Brief::parse, |line, place, _, found| {
                let Line::Sound(brief) = found else {
                    merged.notes.extend(found.fault().map(|fault| format!("{}:{line}: {fault}", path.display())));
                    return Ok(());
                };
                merged.records += 1;
                let new = brief.at(line, place);
                let old = fresh.get(&brief.key).map(|(file, known)| (files[*file].display(), known));
                if let Some((file, old)) = old.or_else(|| Some((self.path().display(), self.index.get(brief.key)?))) {
                    if new.contradicts(old) {
                        contradictions += 1;
                        if against.len() < MOST {
                            let (key, old) = (brief.key, old.line);
                            against.push(format!("  {key:016x}: {file}:{old} and {}:{line}", path.display()));
                        }
                    }
                    if !new.supersedes(old) || new.failed {
                        return Ok(());
                    }
                }
                *merged.kinds.entry(brief.kind).or_default() += 1;
                fresh.insert(brief.key, (number, new));
                Ok(())
            })?;
        }
        if contradictions > 0 {
            bail!(
                "{contradictions} trials have two results that differ, though equal trials give equal bytes; nothing was \
                 merged:\n{}\nRun one of them again (`downhill again`), and take out the file that is wrong: another build, \
                 other data or a faulty machine",
                against.join("\n")
            );
        }
        merged.added = fresh.len();
        let mut places: Vec<(usize, Place)> = fresh.into_values().map(|(file, known)| (file, known.place)).collect();
        places.sort_unstable();
        self.copy(&places, files)?;
        Ok(merged)
    }

    fn copy(&mut self, places: &[(usize, Place)], files: &[PathBuf]) -> Result<()> {
        let mut lines = Vec::with_capacity(WRITE);
        for of_file in places.chunk_by(|a, b| a.0 == b.0) {
            let path = &files[of_file[0].0];
            let file = File::open(path)?;
            for (_, place) in of_file {
                lines.extend(journal::line_at(&file, *place, path)?);
                if lines.len() >= WRITE {
                    self.journal.write(&lines)?;
                    lines.clear();
                }
            }
        }
        self.journal.write(&lines)?;
        self.sync()?;
        self.reread()
    }
}
