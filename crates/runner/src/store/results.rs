//! The reading side: all that a report knows of a study.

use super::folder::tabled;
use super::{journal, read_csv};
use crate::lab::Lab;
use crate::rows::{CurveRow, TimingRow, TrialRow};
use crate::study::Study;
use crate::trial::Record;
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The results of a study, as files say.
#[derive(Clone, Debug)]
pub struct Results {
    /// The folder.
    pub dir: PathBuf,
    /// What was asked.
    pub study: StudyInfo,
    /// One row a trial, sorted by problem, optimizer, further axes, learning rate, seed.
    pub trials: Vec<TrialRow>,
    /// Their curves, or those that the study keeps, in the same order.
    pub curves: Vec<CurveRow>,
    /// Where the time went; absent from committed results.
    pub timings: Option<Vec<TimingRow>>,
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct StudyInfo {
    /// The folder's path below `results`, such as `article/ravine`.
    pub name: String,
    /// In words, as the study puts it; may be empty.
    pub question: String,
    /// `study.toml`: the study as it was run.
    pub text: String,
}

impl Results {
    /// Reads a folder that a sweep has finished.
    ///
    /// # Errors
    /// Names the file, the line and the cause.
    pub fn read(dir: &Path) -> Result<Self> {
        let timings = dir.join("timings.csv");
        Ok(Results {
            study: StudyInfo::read(dir)?,
            trials: read_csv(&dir.join("trials.csv"))?,
            curves: read_csv(&dir.join("curves.csv"))?,
            timings: if timings.exists() { Some(read_csv(&timings)?) } else { None },
            dir: dir.to_owned(),
        })
    }

    /// Reads a folder as far as a sweep has come: from its journal, which is only looked at, and is left to whoever
    /// writes it. The same rows as in the tables that the sweep leaves in the end.
    ///
    /// # Errors
    /// Names the file and the cause.
    pub fn so_far(dir: &Path, lab: &Lab) -> Result<Self> {
        let path = dir.join("journal.jsonl");
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        // A last line that is being written is read the next time.
        let (found, _) = journal::read(&bytes, &path);
        let records: HashMap<String, Record> = found.records.into_iter().map(|r| (r.key.clone(), r)).collect();
        let study = Study::load(&dir.join("study.toml"), lab)?;
        let (trials, records): (Vec<TrialRow>, Vec<&Record>) = tabled(&study, &records, lab).into_iter().unzip();
        Ok(Results {
            study: StudyInfo::read(dir)?,
            trials,
            curves: records.iter().flat_map(|r| CurveRow::of(r)).collect(),
            timings: Some(records.iter().map(|r| TimingRow::new(r)).collect()),
            dir: dir.to_owned(),
        })
    }
}

impl StudyInfo {
    pub(crate) fn read(dir: &Path) -> Result<Self> {
        #[derive(Deserialize)]
        struct Question {
            #[serde(default)]
            question: String,
        }
        let path = dir.join("study.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let Question { question } = toml::from_str(&text).with_context(|| path.display().to_string())?;
        Ok(StudyInfo { name: name_below(dir, "results"), question, text })
    }
}

/// The path below the last folder of that name, joined by `/`; the last component if there is none.
pub(crate) fn name_below(path: &Path, folder: &str) -> String {
    let parts: Vec<_> = path
        .components()
        .filter_map(|c| match c {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    let start = parts.iter().rposition(|&p| p == folder).map_or(parts.len().saturating_sub(1), |i| i + 1);
    parts[start..].join("/")
}
