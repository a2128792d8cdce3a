//! The writing side: the folder of one study, while one process sweeps it.

use super::log::{Log, lock};
use super::{Merged, tables, write_atomically};
use crate::lab::Lab;
use crate::load::{Load, Watch};
use crate::rounds::Finish;
use crate::rows::Labels;
use crate::study::{Plan, Study};
use crate::trial::{NUMERICS, Record, Trial, kernel_class};
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of one study, locked by this process.
pub struct Folder {
    dir: PathBuf,
    pub(super) log: Log,
    /// Since it was opened: the machine, and what trials had of a processor and on the clock, in seconds.
    watch: Watch,
    spent: [f64; 2],
}

/// What is missing of a study: how many trials, and of which problem and optimizer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Missing {
    /// All of them.
    pub count: usize,
    /// In words, those with the most first.
    pub of: Vec<(String, usize)>,
}

impl Folder {
    /// Opens or creates it, and reads what is done. `fresh` starts over: tables and journal of an earlier sweep go.
    ///
    /// # Errors
    /// If it cannot be written, or another process has it: names folder and process.
    pub fn open(dir: &Path, fresh: bool) -> Result<Self> {
        let journal = journal(dir);
        let lock = lock(&journal)?;
        if fresh {
            for name in ["journal.jsonl", "trials.csv", "curves.csv", "timings.csv", "study.toml", "machine.toml"] {
                let path = dir.join(name);
                if path.exists() {
                    fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
                }
            }
        }
        Ok(Folder { dir: dir.to_owned(), log: Log::locked(&journal, lock)?, watch: Watch::begin(), spent: [0.0; 2] })
    }

    /// What was wrong with the journal, in words for the user.
    pub fn notes(&self) -> &[String] {
        &self.log.notes
    }

    /// How many records are of another kernel class or of other numerics, in words: none is a result here.
    pub fn strangers(&self, kernel: &str) -> Vec<String> {
        self.log.index.strangers(kernel)
    }

    /// The kernel class of its records, this machine's if there are none.
    pub fn kernel(&self) -> String {
        self.log.index.kernel()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Whether the trial of that key needs no run: it has a record, and did not fail.
    pub fn has(&self, key: &str) -> bool {
        self.log.has(key)
    }

    /// What came of the trial of that key.
    pub fn finish_of(&self, key: &str) -> Option<Finish> {
        self.log.finish_of(key)
    }

    /// Keeps a record, safe from a kill of this process when this returns.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn append(&mut self, record: &Record) -> Result<()> {
        self.spent[0] += record.timings.cpu;
        self.spent[1] += record.timings.wall;
        self.log.append(record)
    }

    /// Waits until the disk has all records.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn sync(&mut self) -> Result<()> {
        self.log.sync()
    }

    /// Writes `study.toml`: the study as it was given, and what its axes came to.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn describe(&self, study: &Study, lab: &Lab) -> Result<()> {
        self.described(study, None, lab)
    }

    fn described(&self, study: &Study, missing: Option<&Missing>, lab: &Lab) -> Result<()> {
        write_atomically(&self.dir.join("study.toml"), described(study, missing, lab).as_bytes())
    }

    /// Writes the tables of the trials that are done, sorted; records of other trials stay in the journal. Says in
    /// `study.toml` what is missing.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn finish(&mut self, study: &Study, lab: &Lab) -> Result<()> {
        self.sync()?;
        self.write(study, &study.plan(|key| self.finish_of(key)), lab)
    }

    /// The same, where the plan is known.
    pub(crate) fn write(&self, study: &Study, plan: &Plan, lab: &Lab) -> Result<()> {
        tables::write(&self.dir, study, plan, &self.log.index, lab)?;
        self.described(study, Some(&Missing::of(plan, lab)), lab)?;
        let machine = crate::machine::describe() + &crate::machine::load(&[("during", self.load())]);
        write_atomically(&self.dir.join("machine.toml"), machine.as_bytes())
    }

    /// What else the machine did since the folder was opened.
    pub fn load(&self) -> Load {
        let [processor, clock] = self.spent;
        self.watch.load().with_share(processor, clock)
    }

    /// Adds the records of other journals, as [`Log::merge`].
    ///
    /// # Errors
    /// As there.
    pub fn merge(&mut self, files: &[PathBuf]) -> Result<Merged> {
        self.log.merge(files)
    }

    /// Whether the trial of that key was run, and failed.
    pub fn failed(&self, key: &str) -> bool {
        self.finish_of(key).is_some() && !self.has(key)
    }

    /// The record of a trial.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn record(&self, trial: &Trial) -> Result<Option<Record>> {
        self.log.record(&trial.key())
    }
}

/// The journal of a folder.
pub fn journal(dir: &Path) -> PathBuf {
    dir.join("journal.jsonl")
}

impl Missing {
    /// What a plan has still to run.
    pub fn of(plan: &Plan, lab: &Lab) -> Self {
        let (mut labels, mut counts) = (Labels::new(lab), BTreeMap::<String, usize>::new());
        for planned in &plan.next {
            let trial = &planned.trial;
            let (problem, optimizer) = (labels.problem(trial).to_owned(), labels.optimizer(trial));
            *counts.entry(format!("{optimizer} on {problem}")).or_default() += 1;
        }
        let mut of: Vec<(String, usize)> = counts.into_iter().collect();
        of.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Missing { count: plan.next.len(), of }
    }

    /// In words, the first few by name: `12 trials: 6 of adam on mlp/digits, ...`.
    pub fn words(&self) -> String {
        const MOST: usize = 5;
        let named: Vec<String> = self.of.iter().take(MOST).map(|(what, count)| format!("{count} of {what}")).collect();
        let rest: usize = self.of.iter().skip(MOST).map(|(_, count)| count).sum();
        let more = if rest > 0 { format!(", {rest} of {} others", self.of.len() - MOST) } else { String::new() };
        let trials = if self.count == 1 { "trial" } else { "trials" };
        format!("{} {trials}: {}{more}", self.count, named.join(", "))
    }
}

/// What stands in `study.toml` before what is missing.
pub(super) const MISSING: &str = "# missing: ";

/// The study as it was given, below what its axes came to.
fn described(study: &Study, missing: Option<&Missing>, lab: &Lab) -> String {
    const HEAD: &str = "# Run by downhill";
    let mut labels = Labels::new(lab);
    let (mut problems, mut rates) = (BTreeSet::new(), BTreeMap::<String, BTreeSet<u64>>::new());
    for trial in study.trials() {
        if !problems.contains(labels.problem(trial)) {
            problems.insert(labels.problem(trial).to_owned());
        }
        // Positive numbers sort as their bits do.
        let (optimizer, rate) = (labels.optimizer(trial), trial.lr.to_bits());
        match rates.get_mut(optimizer) {
            Some(rates) => drop(rates.insert(rate)),
            None => drop(rates.insert(optimizer.to_owned(), BTreeSet::from([rate]))),
        }
    }
    let kernel = study.trials().first().map_or_else(kernel_class, |t| t.kernel.to_string());
    let (version, count) = (env!("CARGO_PKG_VERSION"), study.trials().len());
    let mut text = format!("{HEAD} {version}, numerics {NUMERICS}, kernel {kernel}: {count} trials.\n");
    text.push_str("# In trials.csv, `spec` holds each in full.\n");
    text.extend(problems.iter().map(|problem| format!("# problem: {problem}\n")));
    for (optimizer, rates) in rates {
        let rates: Vec<String> = rates.into_iter().map(|bits| f64::from_bits(bits).to_string()).collect();
        text.push_str(&format!("# optimizer: {optimizer}, lr {}\n", rates.join(" ")));
    }
    text.extend(missing.filter(|m| m.count > 0).map(|m| format!("{MISSING}{}.\n", m.words())));
    // A study that is itself such a copy has a head already.
    let given = match study.text.split_once("\n\n") {
        Some((head, given)) if head.starts_with(HEAD) => given,
        _ => &study.text,
    };
    format!("{text}\n{given}")
}
