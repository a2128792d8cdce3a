//! The journal: one line a finished trial, appended with one write, so that a kill at any moment loses at most the
//! line being written, and that line is known by its checksum.

use super::whole::Whole;
use crate::trial::Record;
use anyhow::{Context as _, Result, bail};
use rayon::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How much work a power cut may lose; a kill loses none.
const SYNC: Duration = Duration::from_secs(1);

/// How much of a journal is held in memory at a time, in bytes.
const BLOCK: u64 = 4 << 20;

/// The checksum before a line's JSON: eight hexadecimal digits and a space.
const HEAD: usize = 9;

/// An open journal.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// Of the file, in bytes: all whole lines.
    length: u64,
    synced: Instant,
}

/// Where a line lies in its file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) at: u64,
    pub(super) length: u32,
}

/// A line of a journal.
pub(super) enum Line<T> {
    /// A record, or what is wanted of it.
    Sound(T),
    /// Sound, but nothing that this version writes.
    Foreign,
    /// Its checksum is wrong.
    Damaged,
    /// The last line, without its end.
    Torn,
}

impl<T> Line<T> {
    /// Whether it stands as it was written.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self, Line::Sound(_) | Line::Foreign)
    }

    /// What is wrong with it, in words.
    pub(super) fn fault(&self) -> Option<&'static str> {
        match self {
            Line::Sound(_) => None,
            Line::Foreign => Some("the line was written by another version; it is kept, not used"),
            Line::Damaged => Some("the line is damaged; its trial runs again"),
            Line::Torn => Some("the last line was cut short; its trial runs again"),
        }
    }
}

impl Journal {
    /// Opens or creates it, to add to its whole lines.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let context = || format!("cannot write {}", path.display());
        let file = OpenOptions::new().append(true).create(true).open(path).with_context(context)?;
        let length = file.metadata().with_context(context)?.len();
        Ok(Journal { path: path.to_owned(), file, length, synced: Instant::now() })
    }

    /// Adds a record, whole or not at all; where it lies.
    pub(super) fn append(&mut self, record: &Record) -> Result<Place> {
        /// A line: when a trial ended is the journal's to know.
        #[derive(Serialize)]
        struct Entry<'a> {
            #[serde(flatten)]
            record: &'a Record,
            ended: f64,
        }
        let ended = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |t| t.as_millis() as f64 / 1e3);
        let json = serde_json::to_string(&Entry { record, ended }).context("a record as JSON")?;
        let line = [&checksum(json.as_bytes()), json.as_bytes(), b"\n"].concat();
        let place = Place { at: self.length, length: line.len() as u32 };
        self.write(&line)?;
        if self.synced.elapsed() > SYNC {
            self.sync()?;
        }
        Ok(place)
    }

    /// Adds whole lines; where the first lies.
    pub(super) fn write(&mut self, lines: &[u8]) -> Result<u64> {
        let at = self.length;
        match self.file.write(lines) {
            Ok(n) if n == lines.len() => self.length += n as u64,
            // What a full disk left of the line is cut off, or, if even that fails, when the journal is next opened.
            other => {
                drop(self.file.set_len(self.length));
                let cause = other.err().map_or("the disk is full".to_owned(), |e| e.to_string());
                bail!("cannot write {}: {cause}; what was written before is kept", self.path.display());
            }
        }
        Ok(at)
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

/// Takes damaged lines out of a journal; what another version wrote stays.
pub(super) fn mend(path: &Path) -> Result<()> {
    let mut sound = Whole::create(path)?;
    scan(path, |_| Some(()), |_, _, bytes, line| if line.is_whole() { sound.write(bytes) } else { Ok(()) })?;
    sound.finish()
}

fn checksum(json: &[u8]) -> [u8; HEAD] {
    let mut head = [b' '; HEAD];
    let digest = Sha256::digest(json);
    for (i, digit) in head.iter_mut().take(HEAD - 1).enumerate() {
        let half = if i % 2 == 0 { digest[i / 2] >> 4 } else { digest[i / 2] & 15 };
        *digit = b"0123456789abcdef"[usize::from(half)];
    }
    head
}

/// Goes through a journal in order, with little of it in memory: `parse` runs on all cores, `each` gets a line's number from 1,
/// its place, its bytes and what was made of it. A journal that is not there has no lines.
pub(super) fn scan<T: Send>(
    path: &Path,
    parse: impl Fn(&str) -> Option<T> + Sync,
    mut each: impl FnMut(u32, Place, &[u8], Line<T>) -> Result<()>,
) -> Result<()> {
    let context = || format!("cannot read {}", path.display());
    let mut file = match File::open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        opened => opened.with_context(context)?,
    };
    let mut fill = |bytes: &mut Vec<u8>| (&mut file).take(BLOCK).read_to_end(bytes);
    let (mut bytes, mut next, mut number, mut at) = (Vec::new(), Vec::new(), 0, 0);
    let mut fresh = fill(&mut bytes).with_context(context)?;
    loop {
        let whole = if fresh == 0 { bytes.len() } else { memchr::memrchr(b'\n', &bytes).map_or(0, |i| i + 1) };
        let ends = memchr::memchr_iter(b'\n', &bytes[..whole]).map(|i| i + 1);
        // The last line may have no end.
        let torn = (fresh == 0 && bytes.last().is_some_and(|&b| b != b'\n')).then_some(whole);
        let cuts = ends.chain(torn).scan(0, |from, to| Some(&bytes[std::mem::replace(from, to)..to]));
        let lines: Vec<&[u8]> = cuts.collect();
        let parse = || lines.par_iter().map(|line| read(line, &parse)).collect::<Vec<Line<T>>>();
        // The next block is read beside it.
        let (parsed, filled) = rayon::join(parse, || fill(&mut next));
        for (line, parsed) in lines.into_iter().zip(parsed) {
            let place = Place { at, length: line.len() as u32 };
            (number, at) = (number + 1, at + line.len() as u64);
            each(number, place, line, parsed)?;
        }
        if fresh == 0 {
            return Ok(());
        }
        bytes.drain(..whole);
        bytes.append(&mut next);
        fresh = filled.with_context(context)?;
    }
}

fn read<T>(line: &[u8], parse: impl Fn(&str) -> Option<T>) -> Line<T> {
    let Some(whole) = line.strip_suffix(b"\n") else { return Line::Torn };
    let json = whole.get(HEAD..).unwrap_or_default();
    if whole.get(..HEAD) != Some(&checksum(json)) {
        return Line::Damaged;
    }
    std::str::from_utf8(json).ok().and_then(parse).map_or(Line::Foreign, Line::Sound)
}

/// The line at a place, with its end; an error if it is no longer there.
pub(super) fn line_at(mut file: &File, place: Place, path: &Path) -> Result<Vec<u8>> {
    let mut line = vec![0; place.length as usize];
    let found = file.seek(SeekFrom::Start(place.at)).and_then(|_| file.read_exact(&mut line));
    found.with_context(|| format!("cannot read {}", path.display()))?;
    match read(&line, |_| Some(())) {
        Line::Sound(()) => Ok(line),
        _ => bail!("{} was changed by someone else at byte {}: run the command again", path.display(), place.at),
    }
}

/// The JSON of a line.
pub(super) fn json(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").and_then(|whole| whole.get(HEAD..)).unwrap_or_default()
}
