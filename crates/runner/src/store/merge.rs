//! The union of journals: whatever was run twice is kept once, and what contradicts itself is refused.

use super::index::{Brief, Kind, Known};
use super::journal::{self, Line, Place};
use super::log::Log;
use anyhow::{Context as _, Result, bail};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};

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
    /// What was wrong with the files, in words.
    pub notes: Vec<String>,
}

/// A record of another journal that is to be added.
struct Fresh {
    /// Which journal.
    file: usize,
    known: Known,
    key: u64,
}

impl Log {
    /// Adds the records of other journals. Again, and in another order, it comes to the same results: of one trial a result
    /// is kept before a failure, and the timings of the result that came first.
    ///
    /// # Errors
    /// If two results of one trial differ: names both lines, and adds nothing. If a file cannot be read or written.
    pub fn merge(&mut self, files: &[PathBuf]) -> Result<Merged> {
        let (mut merged, mut fresh) = (Merged::default(), HashMap::<u64, (usize, Known)>::new());
        let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
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
                let is_first = fresh.insert(brief.key, (number, new)).is_none();
                if is_first && self.index.get(brief.key).is_none() {
                    *kinds.entry(brief.kind).or_default() += 1;
                }
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
        let mut fresh: Vec<Fresh> = fresh.into_iter().map(|(key, (file, known))| Fresh { file, known, key }).collect();
        fresh.sort_unstable_by_key(|record| (record.file, record.known.place));
        for of_file in fresh.chunk_by(|a, b| a.file == b.file) {
            self.copy(of_file, &files[of_file[0].file])?;
        }
        kinds.into_iter().for_each(|(kind, count)| *self.index.kinds.entry(kind).or_default() += count);
        self.sync()?;
        Ok(merged)
    }

    /// Adds records of one file, in their order there.
    fn copy(&mut self, records: &[Fresh], path: &Path) -> Result<()> {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut rest = records;
        while !rest.is_empty() {
            let (mut lines, mut count) = (Vec::with_capacity(2 * WRITE), 0);
            while count < rest.len() && lines.len() < WRITE {
                lines.extend(journal::line_at(&file, rest[count].known.place, path)?);
                count += 1;
            }
            let mut at = self.journal.write(&lines)?;
            for Fresh { known, key, .. } in &rest[..count] {
                let place = Place { at, ..known.place };
                self.index.put(*key, Known { place, ..*known });
                at += u64::from(place.length);
            }
            rest = &rest[count..];
        }
        Ok(())
    }
}
