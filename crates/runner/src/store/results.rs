//! The reading side: all that a report knows of a study.

use super::folder::{MISSING, journal};
use super::index::Index;
use super::tables::Sorted;
use super::{Missing, csv_reader, has_tables, packed, read_csv};
use crate::lab::Lab;
use crate::rows::{CurveRow, TimingRow, TrialRow};
use crate::study::Study;
use crate::trial::Record;
use anyhow::{Context as _, Result};
use serde::Deserialize;
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
    /// Which of its trials are missing, in words; none if none are.
    pub missing: Option<String>,
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
            trials: rows(&dir.join("trials.csv"))?,
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
        // A last line that is being written is read the next time.
        let index = Index::read(&journal(dir))?;
        let study = Study::load(&dir.join("study.toml"), lab)?.on(&index.kernel());
        let plan = study.plan(|key| index.finish(key));
        let (mut trials, mut curves, mut timings) = (Vec::new(), Vec::new(), Vec::new());
        let parts = |row: TrialRow, record: Record| Ok((row, CurveRow::of(&record).collect(), TimingRow::new(&record)));
        Sorted::of(&plan, lab).read(&index, parts, |(row, curve, timing): (_, Vec<CurveRow>, _)| {
            row.join(&mut trials);
            curves.extend(curve);
            timings.push(timing);
            Ok(())
        })?;
        let missing = Missing::of(&plan, lab);
        let missing = (missing.count > 0).then(|| missing.words());
        let study = StudyInfo { missing, ..StudyInfo::read(dir)? };
        Ok(Results { study, trials, curves, timings: Some(timings), dir: dir.to_owned() })
    }

    /// Reads a folder as its tables say, or, where a sweep has come further than these, as its journal says.
    ///
    /// # Errors
    /// As [`read`](Results::read) and [`so_far`](Results::so_far).
    pub fn latest(dir: &Path, lab: &Lab) -> Result<Self> {
        let time = |path: &Path| fs::metadata(path).and_then(|m| m.modified()).ok();
        let journal = journal(dir);
        let tables = dir.join("trials.csv");
        let is_newer = time(&journal) > time(&tables).or_else(|| time(&packed(&tables)));
        if journal.exists() && (is_newer || !has_tables(dir)) { Results::so_far(dir, lab) } else { Results::read(dir) }
    }
}

/// The rows of `trials.csv`.
fn rows(path: &Path) -> Result<Vec<TrialRow>> {
    let (path, reader) = csv_reader(path)?;
    let mut rows = Vec::new();
    for row in reader.into_deserialize::<TrialRow>() {
        row.with_context(|| path.display().to_string())?.join(&mut rows);
    }
    Ok(rows)
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
        let missing = text
            .lines()
            .find_map(|line| line.strip_prefix(MISSING))
            .map(|words| words.trim_end_matches('.').to_owned());
        Ok(StudyInfo { name: name_below(dir, "results"), question, text, missing })
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
