//! The writing side: the folder of one study, while one process sweeps it.

use super::journal::Journal;
use super::{write_atomically, write_csv};
use crate::ask::Ask;
use crate::lab::Lab;
use crate::load::{Load, Watch};
use crate::record::Outcome;
use crate::rows::{CurveRow, TimingRow, TrialRow, optimizer_label, problem_label};
use crate::study::{Planned, Study};
use crate::trial::{NUMERICS, Record, Trial, kernel_class};
use anyhow::{Context as _, Result, bail};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The folder of one study, locked by this process.
pub struct Folder {
    dir: PathBuf,
    journal: Journal,
    records: HashMap<String, Record>,
    /// What was wrong with the journal, in words for the user.
    pub notes: Vec<String>,
    /// Since it was opened.
    watch: Watch,
    /// Held as long as the folder is open; the system frees it however the process ends.
    _lock: File,
}

impl Folder {
    /// Opens or creates it, and reads what is done. `fresh` starts over: tables and journal of an earlier sweep go.
    ///
    /// # Errors
    /// If it cannot be written, or another process has it: names folder and process.
    pub fn open(dir: &Path, fresh: bool) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let lock = lock(dir)?;
        if fresh {
            for name in ["journal.jsonl", "trials.csv", "curves.csv", "timings.csv", "study.toml", "machine.toml"] {
                let path = dir.join(name);
                if path.exists() {
                    fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
                }
            }
        }
        let (journal, found) = Journal::open(&dir.join("journal.jsonl"))?;
        let records = found.records.into_iter().map(|r| (r.key.clone(), r)).collect();
        Ok(Folder { dir: dir.to_owned(), journal, records, notes: found.notes, watch: Watch::begin(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Whether the trial needs no run: it has a record, and did not fail.
    pub fn has(&self, key: &str) -> bool {
        self.records.get(key).is_some_and(|r| !matches!(r.summary.outcome, Outcome::Failed { .. }))
    }

    /// Keeps a record, safe from a kill of this process when this returns.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn append(&mut self, record: Record) -> Result<()> {
        self.journal.append(&record)?;
        self.records.insert(record.key.clone(), record);
        Ok(())
    }

    /// Waits until the disk has all records.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn sync(&mut self) -> Result<()> {
        self.journal.sync()
    }

    /// Writes `study.toml`: the study as it was given, and what its axes came to.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn describe(&self, study: &Study, lab: &Lab) -> Result<()> {
        write_atomically(&self.dir.join("study.toml"), described(study, lab).as_bytes())
    }

    /// Writes the tables of the trials that are done, sorted; records of other trials stay in the journal.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn finish(&mut self, study: &Study, lab: &Lab) -> Result<()> {
        self.sync()?;
        let (rows, records): (Vec<TrialRow>, Vec<&Record>) = tabled(study, &self.records, lab).into_iter().unzip();
        let kept = Ask::of(&study.text)?.kept(&rows, lab);
        let curves = records.iter().filter(|r| kept.contains(r.key.as_str()));
        write_csv(&self.dir.join("trials.csv"), &rows)?;
        write_csv(&self.dir.join("curves.csv"), curves.flat_map(|r| CurveRow::of(r)))?;
        write_csv(&self.dir.join("timings.csv"), records.iter().map(|r| TimingRow::new(r)))?;
        let machine = crate::machine::describe() + &crate::machine::load(&[("during", self.load())]);
        write_atomically(&self.dir.join("machine.toml"), machine.as_bytes())
    }

    /// What else the machine did since the folder was opened.
    pub fn load(&self) -> Load {
        let timings = || self.records.values().map(|r| r.timings);
        self.watch.load().with_share(timings().map(|t| t.cpu).sum(), timings().map(|t| t.wall).sum())
    }

    /// The record of a trial.
    pub fn record(&self, trial: &Trial) -> Option<&Record> {
        self.records.get(&trial.key())
    }
}

/// The rows of the trials that are done, sorted, with their records; records of other trials are left out.
pub(super) fn tabled<'r>(
    study: &Study,
    records: &'r HashMap<String, Record>,
    lab: &Lab,
) -> Vec<(TrialRow, &'r Record)> {
    let record = |trial: &Trial| records.get(&trial.key());
    let row = |planned: &Planned| {
        let record = record(&planned.trial)?;
        let stage = planned.stages.iter().map(|s| s.word()).collect::<Vec<_>>().join("+");
        let arm = planned.arm.clone().unwrap_or_default();
        Some((TrialRow { stage, arm, ..TrialRow::new(record, lab) }, record))
    };
    let mut rows: Vec<(TrialRow, &Record)> = study.plan(record).done.iter().filter_map(row).collect();
    rows.sort_by(|(a, _), (b, _)| canonical_order(a, b));
    rows
}

/// Problem, optimizer, further axes, learning rate, seed: the same order for any order of work.
pub(crate) fn canonical_order(a: &TrialRow, b: &TrialRow) -> Ordering {
    let axes = |r: &TrialRow| {
        let text = [&r.problem, &r.optimizer, &r.schedule, &r.order, &r.precision, &r.budget].map(String::clone);
        (text, r.batch)
    };
    (axes(a).cmp(&axes(b))).then(a.lr.total_cmp(&b.lr)).then(a.seed.cmp(&b.seed)).then_with(|| a.spec.cmp(&b.spec))
}

/// One process a folder.
fn lock(dir: &Path) -> Result<File> {
    let path = dir.join("journal.lock.pid");
    let context = || format!("cannot write {}", path.display());
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).create(true).truncate(false).open(&path).with_context(context)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            drop(file.read_to_string(&mut pid));
            bail!("another sweep, process {}, is writing {}: wait for it, or give --out", pid.trim(), dir.display());
        }
        Err(TryLockError::Error(e)) => return Err(e).with_context(|| format!("cannot lock {}", path.display())),
    }
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).with_context(context)?;
    Ok(file)
}

/// The study as it was given, below what its axes came to.
fn described(study: &Study, lab: &Lab) -> String {
    const HEAD: &str = "# Run by downhill";
    let (mut problems, mut rates) = (BTreeSet::new(), BTreeMap::<_, BTreeSet<u64>>::new());
    for trial in study.trials() {
        problems.insert(problem_label(&trial.problem, lab));
        // Positive numbers sort as their bits do.
        rates.entry(optimizer_label(&trial.optimizer, lab)).or_default().insert(trial.lr.to_bits());
    }
    let (version, kernel, count) = (env!("CARGO_PKG_VERSION"), kernel_class(), study.trials().len());
    let mut text = format!("{HEAD} {version}, numerics {NUMERICS}, kernel {kernel}: {count} trials.\n");
    text.push_str("# In trials.csv, `spec` holds each in full.\n");
    text.extend(problems.iter().map(|problem| format!("# problem: {problem}\n")));
    for (optimizer, rates) in rates {
        let rates: Vec<String> = rates.into_iter().map(|bits| f64::from_bits(bits).to_string()).collect();
        text.push_str(&format!("# optimizer: {optimizer}, lr {}\n", rates.join(" ")));
    }
    // A study that is itself such a copy has a head already.
    let given = match study.text.split_once("\n\n") {
        Some((head, given)) if head.starts_with(HEAD) => given,
        _ => &study.text,
    };
    format!("{text}\n{given}")
}
