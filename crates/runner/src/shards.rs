//! Past one machine: a plan is a file of trials, a shard is a journal, and merging is a union of journals. Whatever
//! launches the parts may lose them, kill them, or run them twice.

use crate::lab::Lab;
use crate::store::Whole;
use crate::study::{Plan, Study};
use crate::trial::{NUMERICS, Trial, kernel_class};
use anyhow::{Context as _, Result, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

/// The first line of a plan; the others are canonical texts, one a trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The name of the study.
    pub study: String,
    /// sha256 of its text.
    pub text: String,
    /// The version of the numerics.
    pub numerics: u32,
    /// The kernel class that it is for.
    pub kernel: String,
    /// How many trials there are.
    pub trials: usize,
    /// sha256 of their lines.
    pub digest: String,
}

impl Head {
    /// Names the plan: the beginning of its digest.
    pub fn id(&self) -> &str {
        self.digest.get(..8).unwrap_or(&self.digest)
    }

    /// The journal of a part of the plan, below the folder of the study's results.
    pub fn journal(&self, dir: &Path, part: Part) -> PathBuf {
        shards(dir).join(format!("{}-{}-of-{}.jsonl", self.id(), part.number, part.of))
    }
}

/// Where a folder of results has the journals of parts.
pub fn shards(dir: &Path) -> PathBuf {
    dir.join("shards")
}

/// The journals of parts in a folder of results, by name; none if there is no such folder.
///
/// # Errors
/// If the folder cannot be read.
pub fn journals(dir: &Path) -> Result<Vec<PathBuf>> {
    let dir = shards(dir);
    if dir.exists() { inside(&dir) } else { Ok(Vec::new()) }
}

/// The journals that lie in a folder, by name.
///
/// # Errors
/// If it cannot be read.
pub fn inside(dir: &Path) -> Result<Vec<PathBuf>> {
    let context = || format!("cannot read {}", dir.display());
    let entries = fs::read_dir(dir).with_context(context)?.collect::<Result<Vec<_>, _>>().with_context(context)?;
    let mut found: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    found.retain(|path| path.extension().is_some_and(|e| e == "jsonl"));
    found.sort();
    Ok(found)
}

/// A part of a plan: every so-and-so-many-th trial, from that number on. Neighbours cost alike, so parts do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 0.
    pub number: usize,
    /// How many parts there are.
    pub of: usize,
}

impl FromStr for Part {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(i, n)| Some((i.trim().parse().ok()?, n.trim().parse().ok()?)));
        match parts {
            Some((number, of)) if number < of => Ok(Part { number, of }),
            _ => Err("expected I/N, part I of N parts, the first of which is 0: 0/8 to 7/8".into()),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// The head of the plan of a round: what the study has to run next.
pub fn head(study: &Study, plan: &Plan) -> Head {
    let mut digest = Sha256::new();
    plan.next.iter().for_each(|planned| digest.update(planned.trial.canonical() + "\n"));
    Head {
        study: study.name.clone(),
        text: hex(&Sha256::digest(&study.text)),
        numerics: NUMERICS,
        kernel: plan.next.first().map_or_else(kernel_class, |p| p.trial.kernel.to_string()),
        trials: plan.next.len(),
        digest: hex(&digest.finalize()),
    }
}

/// Writes a plan. It is never changed: the same one may be written again, another one may not take its place.
///
/// # Errors
/// If the file is another plan, or cannot be written.
pub fn write(path: &Path, head: &Head, plan: &Plan) -> Result<()> {
    if path.exists() {
        let same = read_head(path).is_ok_and(|old| old == *head);
        ensure!(same, "{} is another plan, and a plan is never changed: give another name", path.display());
        return Ok(());
    }
    fs::create_dir_all(path.parent().unwrap_or(path)).with_context(|| format!("cannot write {}", path.display()))?;
    let mut file = Whole::create(path)?;
    file.write((serde_json::to_string(head)? + "\n").as_bytes())?;
    plan.next.iter().try_for_each(|planned| file.write((planned.trial.canonical() + "\n").as_bytes()))?;
    file.finish()
}

/// The first line of a plan.
///
/// # Errors
/// If it is no plan.
pub fn read_head(path: &Path) -> Result<Head> {
    let mut line = String::new();
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    BufReader::new(file).read_line(&mut line).with_context(|| format!("cannot read {}", path.display()))?;
    let head = serde_json::from_str(&line)
        .map_err(|e| anyhow!("{} is no plan ({e}); `downhill plan` makes one", path.display()));
    head.context("its first line should be the head of a plan")
}

/// Goes through the lines of a plan, and checks in the end that they are all there as they were written.
///
/// # Errors
/// If the file cannot be read, is no plan, or was changed; the first error of `each`, which gets number and text.
pub fn read(path: &Path, mut each: impl FnMut(usize, &str) -> Result<()>) -> Result<Head> {
    let head = read_head(path)?;
    let context = || format!("cannot read {}", path.display());
    let mut file = BufReader::with_capacity(1 << 16, File::open(path).with_context(context)?);
    let (mut line, mut digest, mut count) = (String::new(), Sha256::new(), 0);
    file.read_line(&mut line).with_context(context)?;
    loop {
        line.clear();
        if file.read_line(&mut line).with_context(context)? == 0 {
            break;
        }
        digest.update(&line);
        each(count, line.trim_end_matches('\n'))?;
        count += 1;
    }
    let (found, whole) = (hex(&digest.finalize()), count == head.trials);
    ensure!(
        whole && found == head.digest,
        "{} was changed or cut: {count} trials, digest {found}; its head says {}, {}; copy it again",
        path.display(),
        head.trials,
        head.digest
    );
    Ok(head)
}

/// The trials of a part.
///
/// # Errors
/// As [`read`]; if a line is no trial.
pub fn trials(path: &Path, part: Part) -> Result<(Head, Vec<Trial>)> {
    let mut lines = Vec::new();
    let head = read(path, |number, text| {
        if number % part.of == part.number {
            lines.push((number, text.to_owned()));
        }
        Ok(())
    })?;
    let trial = |(number, text): (usize, String)| {
        serde_json::from_str(&text).with_context(|| format!("{}:{}: no trial", path.display(), number + 2))
    };
    let trials = lines.into_iter().map(trial).collect::<Result<_>>()?;
    Ok((head, trials))
}

/// The key that a line of a plan has, as a number.
pub(crate) fn key(text: &str) -> u64 {
    Sha256::digest(text).iter().take(8).fold(0, |key, &byte| key << 8 | u64::from(byte))
}

/// Refuses work that would give other numbers here: another kernel class, other numerics, other data.
///
/// # Errors
/// Says what differs, and what to do.
pub fn same_here(head: &Head, trials: &[Trial], lab: &Lab) -> Result<()> {
    let here = kernel_class();
    if head.kernel != here {
        bail!(
            "the plan is for kernel class {}, and this machine's is {here}, which rounds matrix products otherwise: work on \
             machines of that class, or make the plan on a machine like this one",
            head.kernel
        );
    }
    ensure!(
        head.numerics == NUMERICS,
        "the plan is for numerics version {}, and this program has {NUMERICS}: use the program that made it, or make it again",
        head.numerics
    );
    let mut seen = HashSet::new();
    for trial in trials.iter().filter(|t| t.data.is_some()) {
        if !seen.insert(trial.problem.to_string()) {
            continue;
        }
        let family = lab.families.configure(&trial.problem)?;
        let Some(data) = family.data() else { continue };
        let found: Arc<str> = lab.world.dataset(data)?.digest.as_str().into();
        ensure!(
            trial.data.as_ref() == Some(&found),
            "the data `{}` are others here than where the plan was made: sha256 {found}, planned {}",
            data.name(),
            trial.data.as_deref().unwrap_or("none")
        );
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
