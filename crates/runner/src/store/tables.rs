//! The tables of a study, from its journal: sorted, and written as they are read, so that a million trials need no more
//! memory than their plan. Only to choose whose curves are kept are all rows looked at together.

use super::index::Index;
use super::packed;
use super::whole::Whole;
use crate::ask::Ask;
use crate::lab::Lab;
use crate::rows::{Axes, CurveRow, Labels, TimingRow, TrialRow, axes, within};
use crate::study::{Plan, Planned, Study};
use crate::trial::Record;
use anyhow::{Context as _, Result};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

/// How many records are in memory at a time.
const CHUNK: usize = 1024;

/// The trials of a plan that are done, in canonical order, with their labels.
pub(super) struct Sorted<'p> {
    trials: Vec<(&'p Planned, u32)>,
    /// Problem and optimizer in words.
    labels: Vec<(String, String)>,
}

impl<'p> Sorted<'p> {
    pub(super) fn of(plan: &'p Plan, lab: &Lab) -> Self {
        let mut known = Labels::new(lab);
        let mut found: BTreeMap<Axes, u32> = BTreeMap::new();
        let mut numbered: Vec<(&Planned, u32)> = Vec::with_capacity(plan.done.len());
        for planned in &plan.done {
            let next = found.len() as u32;
            let (problem, optimizer) =
                (known.problem(&planned.trial).to_owned(), known.optimizer(&planned.trial).to_owned());
            let number = *found.entry(axes(&planned.trial, problem, optimizer)).or_insert(next);
            numbered.push((planned, number));
        }
        let mut rank = vec![0; found.len()];
        let mut labels = Vec::with_capacity(found.len());
        for (place, (axes, number)) in found.into_iter().enumerate() {
            rank[number as usize] = place as u32;
            let [problem, optimizer, ..] = axes.0;
            labels.push((problem, optimizer));
        }
        let mut trials: Vec<(&Planned, u32)> = numbered.into_iter().map(|(p, n)| (p, rank[n as usize])).collect();
        trials.par_sort_by(|(a, i), (b, j)| i.cmp(j).then_with(|| within(&a.trial, &b.trial)));
        Sorted { trials, labels }
    }

    /// Reads the records in their order, and hands what `make` makes of each to `each`.
    pub(super) fn read<T: Send>(
        &self,
        index: &Index,
        make: impl Fn(TrialRow, Record) -> Result<T> + Sync,
        mut each: impl FnMut(T) -> Result<()>,
    ) -> Result<()> {
        let file = index.file()?;
        for chunk in self.trials.chunks(CHUNK) {
            let lines = chunk.iter().map(|(planned, _)| index.line(&planned.key, &file)).collect::<Result<Vec<_>>>()?;
            let made: Result<Vec<Option<T>>> = (chunk.par_iter().zip(lines))
                .map(|((planned, axes), line)| {
                    let Some(line) = line else { return Ok(None) };
                    let record = index.parse(&line)?;
                    let (problem, optimizer) = self.labels[*axes as usize].clone();
                    let stage = planned.stages.iter().map(|s| s.word()).collect::<Vec<_>>().join("+").into();
                    let arm = planned.arm.as_deref().unwrap_or_default().into();
                    make(TrialRow { stage, arm, ..TrialRow::labelled(&record, problem, optimizer) }, record).map(Some)
                })
                .collect();
            made?.into_iter().flatten().try_for_each(&mut each)?;
        }
        Ok(())
    }
}

/// Writes `trials.csv`, `curves.csv` and `timings.csv` of what is done.
pub(super) fn write(dir: &Path, study: &Study, plan: &Plan, index: &Index, lab: &Lab) -> Result<()> {
    let sorted = Sorted::of(plan, lab);
    let ask = Ask::of(&study.text)?;
    let kept: Option<HashSet<String>> = if ask.keeps_all() {
        None
    } else {
        let mut rows = Vec::new();
        sorted.read(
            index,
            |row, _| Ok(row),
            |row| {
                row.join(&mut rows);
                Ok(())
            },
        )?;
        Some(ask.kept(&rows, lab).into_iter().map(str::to_owned).collect())
    };
    let mut files = ["trials.csv", "curves.csv", "timings.csv"].map(|name| Table::create(&dir.join(name)));
    let parts = |row: TrialRow, record: Record| {
        let is_kept = kept.as_ref().is_none_or(|kept| kept.contains(&record.key));
        let curve = CurveRow::of(&record).filter(|_| is_kept);
        Ok([csv([&row])?, csv(curve)?, csv([TimingRow::new(&record)])?])
    };
    sorted.read(index, parts, |parts| {
        for (file, (header, rows)) in files.iter_mut().zip(parts) {
            if let Ok(file) = file {
                file.add(&header, &rows)?;
            }
        }
        Ok(())
    })?;
    files.into_iter().try_for_each(|file| file?.finish())
}

/// A table under way.
struct Table {
    file: Whole,
    packed: std::path::PathBuf,
    empty: bool,
}

impl Table {
    fn create(path: &Path) -> Result<Self> {
        Ok(Table { file: Whole::create(path)?, packed: packed(path), empty: true })
    }

    fn add(&mut self, header: &[u8], rows: &[u8]) -> Result<()> {
        if self.empty && !rows.is_empty() {
            self.file.write(header)?;
            self.empty = false;
        }
        self.file.write(rows)
    }

    fn finish(self) -> Result<()> {
        self.file.finish()?;
        // What was packed is outdated.
        match fs::remove_file(&self.packed) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(e).with_context(|| format!("cannot remove {}", self.packed.display()))
            }
            _ => Ok(()),
        }
    }
}

/// Rows as CSV: the header, and the rest.
fn csv<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.into_iter().try_for_each(|row| writer.serialize(row)).context("a row as CSV")?;
    let mut header = writer.into_inner().context("rows as CSV")?;
    let end = header.iter().position(|&b| b == b'\n').map_or(0, |i| i + 1);
    let rows = header.split_off(end);
    Ok((header, rows))
}
