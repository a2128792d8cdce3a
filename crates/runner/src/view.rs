//! What reports and figures look at: a study's results in groups, with curves, facts and colours at hand.

use crate::across::Across;
use crate::ask::Ask;
use crate::lab::Lab;
use crate::landscape::Landscape;
use crate::rows::{CurveRow, TrialRow};
use crate::stats::{Axis, Cell, Compared, Group, Member, groups};
use crate::store::Results;
use crate::table::Source;
use anyhow::{Context as _, Result, ensure};
use std::cell::OnceCell;
use std::collections::HashMap;

/// A study's results in groups, with curves and facts at hand.
pub struct View<'a> {
    /// The results.
    pub results: &'a Results,
    /// What the study asks of its report.
    pub ask: Ask,
    /// What it compares.
    pub axis: Axis,
    /// What may be compared with what.
    pub groups: Vec<Group<'a>>,
    /// The problem of each group, built again to look at; none if it can no longer be built.
    pub landscapes: Vec<Option<Landscape>>,
    curves: HashMap<&'a str, &'a [CurveRow]>,
    /// By group, once it has been asked for: [`View::against_the_leader`].
    compared: Vec<OnceCell<Vec<Option<Compared>>>>,
    across: OnceCell<Option<Across>>,
}

impl<'a> View<'a> {
    /// Reads what the study asks, and groups its trials.
    ///
    /// # Errors
    /// If there is no trial, or the study names a measure that is no numeric column of `trials.csv`.
    pub fn new(results: &'a Results, lab: &Lab) -> Result<Self> {
        let place = || results.dir.join("study.toml").display().to_string();
        let ask = Ask::of(&results.study.text).with_context(place)?;
        let first = results.trials.first().with_context(|| format!("{}: no trials", results.dir.display()))?;
        for name in ask.measures() {
            ensure!(first.column(name).is_some(), "{}: `measure`: {name} is no numeric column of trials.csv", place());
        }
        let axis = ask.axis();
        let groups = groups(&results.trials, &axis, lab);
        let landscapes = groups.iter().map(|g| g.trials().next().and_then(|t| Landscape::of(t, lab))).collect();
        let curves = results.curves.chunk_by(|a, b| a.key == b.key).map(|c| (c[0].key.as_str(), c)).collect();
        let compared = vec![OnceCell::new(); groups.len()];
        Ok(View { results, ask, axis, groups, landscapes, curves, compared, across: OnceCell::new() })
    }

    /// Groups with their problems.
    pub fn scenes(&self) -> impl Iterator<Item = (&Group<'a>, Option<&Landscape>)> {
        self.groups.iter().zip(self.landscapes.iter().map(Option::as_ref))
    }

    /// The optimizers over all problems, once it has been asked for.
    pub fn across(&self) -> Option<&Across> {
        self.across.get_or_init(|| Across::of(self)).as_ref()
    }

    /// What a group's metric is called; none if its problem has none.
    pub fn metric(&self, group: &Group) -> Option<&'static str> {
        let (_, landscape) = self.scenes().find(|(g, _)| std::ptr::eq(*g, group))?;
        landscape?.facts.metric.map(|metric| metric.name)
    }

    /// Each member less the leader in test loss, with what that says; empty without a leader. Of a group of this view.
    pub fn against_the_leader(&self, group: &Group) -> &[Option<Compared>] {
        let place = self.groups.iter().position(|g| std::ptr::eq(g, group));
        let compared = |leader| group.compared(leader, |t| t.test_loss, self.ask.equivalence);
        place.map_or(&[], |i| self.compared[i].get_or_init(|| group.leader().map(compared).unwrap_or_default()))
    }

    /// One cell less another in test loss.
    pub fn compared(&self, cell: &Cell, reference: &Cell) -> Option<Compared> {
        let bound = self.ask.equivalence * reference.mean(|t| t.test_loss)?.abs();
        Compared::of(cell, reference, |t| t.test_loss, bound)
    }

    /// Where numbers of these trials come from; of none in particular, of all.
    pub fn source<'t>(&self, trials: impl Iterator<Item = &'t TrialRow>) -> Source {
        let (name, keys) = (&self.results.study.name, trials.map(|t| t.key.clone()).collect());
        match &self.ask.imported {
            Some(imported) => Source { command: imported.command(name), keys },
            None => Source::trials(&format!("results/{name}"), keys),
        }
    }

    /// The points of a trial.
    pub fn curve(&self, key: &str) -> &'a [CurveRow] {
        self.curves.get(key).copied().unwrap_or_default()
    }

    /// The labels of all members, in the order in which they come, learning rates ascending: the place decides the
    /// colour.
    pub fn labels(&self) -> Vec<&str> {
        let mut members: Vec<&Member> = self.groups.iter().flat_map(|g| &g.members).collect();
        if self.axis == Axis::LearningRate {
            members.sort_by(|a, b| a.grid[0].lr.total_cmp(&b.grid[0].lr));
        }
        let mut labels: Vec<&str> = Vec::new();
        for member in members {
            if !labels.contains(&member.label.as_str()) {
                labels.push(&member.label);
            }
        }
        labels
    }

    /// How many seeds the largest cell has.
    pub fn seeds(&self) -> usize {
        let cells = self.groups.iter().flat_map(|g| &g.members).flat_map(|m| &m.grid);
        cells.map(|c| c.trials.len()).max().unwrap_or(0)
    }
}
