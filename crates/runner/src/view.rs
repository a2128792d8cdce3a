//! What reports and figures look at: a study's results in groups, with curves, facts and colours at hand.

use crate::across::Across;
use crate::ask::Ask;
use crate::lab::Lab;
use crate::landscape::Landscape;
use crate::rows::{CurveRow, TrialRow};
use crate::stats::{Axis, Cell, Compared, Group, Member};
use crate::store::Results;
use crate::table::{Command, Source};
use crate::zoo::{self, Set};
use anyhow::{Context as _, Result, ensure};
use downhill_problems::data::Dataset;
use serde_json::Value;
use std::cell::OnceCell;
use std::collections::HashMap;

/// Of more problems than this, a report shows what holds over all of them, and no figure or sentence of each.
const MANY: usize = 30;

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
    /// By group: what it is in the zoo, if it is of there.
    kin: Vec<Option<Kin>>,
    across: OnceCell<Vec<Across>>,
}

/// Where in the zoo a problem stands.
#[derive(Clone, Debug)]
struct Kin {
    set: Set,
    group: String,
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
        let groups = ask.groups(&results.trials, lab);
        let landscapes: Vec<Option<Landscape>> =
            groups.iter().map(|g| g.trials().next().and_then(|t| Landscape::of(t, lab))).collect();
        let curves = results.curves.chunk_by(|a, b| a.key == b.key).map(|c| (c[0].key.as_str(), c)).collect();
        let compared = vec![OnceCell::new(); groups.len()];
        let zoo = zoo::instances(lab).unwrap_or_default();
        let kin = |group: &Group| {
            let spec: Value = group.trials().next()?.spec.parse().ok()?;
            let found = zoo.iter().find(|instance| instance.problem == spec["problem"])?;
            Some(Kin { set: found.set, group: found.group.clone() })
        };
        let kin = groups.iter().map(kin).collect();
        Ok(View { results, ask, axis, groups, landscapes, curves, compared, kin, across: OnceCell::new() })
    }

    /// Groups with their problems.
    pub fn scenes(&self) -> impl Iterator<Item = (&Group<'a>, Option<&Landscape>)> {
        self.groups.iter().zip(self.landscapes.iter().map(Option::as_ref))
    }

    /// The optimizers over all problems, for each of the [`sets`](View::sets), once it has been asked for.
    pub fn across(&self) -> &[Across] {
        self.across.get_or_init(|| self.sets().into_iter().filter_map(|set| Across::of(self, set)).collect())
    }

    /// The sets of problems that are kept apart: development and held out if there are problems of both, else one of all.
    pub fn sets(&self) -> Vec<Option<Set>> {
        let has = |set| self.kin.iter().flatten().any(|kin| kin.set == set);
        let both = [Set::Development, Set::HeldOut];
        if both.into_iter().all(has) { both.map(Some).to_vec() } else { vec![None] }
    }

    /// The groups of a set that carry a headline; problems that are not of the zoo have been looked at.
    pub fn of(&self, set: Option<Set>) -> Vec<&Group<'a>> {
        let is = |kin: &Option<Kin>| set.is_none_or(|s| kin.as_ref().map_or(Set::Development, |kin| kin.set) == s);
        let groups = self.groups.iter().zip(&self.kin);
        groups.filter(|(g, kin)| !g.toy() && is(kin)).map(|(g, _)| g).collect()
    }

    /// The groups on which a headline rests: those that were held out, if some were.
    pub fn judged(&self) -> Vec<&Group<'a>> {
        self.of(self.sets().last().copied().flatten())
    }

    /// What a group's problem is kin to: its group in the zoo, else its family.
    pub fn cluster(&self, group: &Group) -> String {
        let place = self.groups.iter().position(|g| std::ptr::eq(g, group));
        let kin = place.and_then(|i| self.kin[i].as_ref()).map(|kin| kin.group.clone());
        kin.unwrap_or_else(|| group.problem.split(['/', ' ']).next().unwrap_or_default().to_owned())
    }

    /// What a group's metric is called; none if its problem has none. Pages are the same on machines where a data set that is
    /// fetched is not there: all of these have classes.
    pub fn metric(&self, group: &Group) -> Option<&'static str> {
        let (_, landscape) = self.scenes().find(|(g, _)| std::ptr::eq(*g, group))?;
        match landscape {
            Some(landscape) => landscape.facts.metric.map(|metric| metric.name),
            None => {
                let spec: Value = group.trials().next()?.spec.parse().ok()?;
                let fetched = Dataset::known().iter().any(|known| spec["problem"]["data"] == known.name);
                let measured = group.trials().any(|trial| trial.test_metric.is_finite());
                (fetched && measured).then_some("accuracy")
            }
        }
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
        let name = &self.results.study.name;
        let command = match &self.ask.imported {
            Some(imported) => Command::Whole(imported.command(name)),
            None => Command::Again(format!("results/{name}")),
        };
        Source { command, keys: trials.map(|t| t.key.clone()).collect() }
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

    /// Whether there are so many problems that each by itself is looked up, not read.
    pub fn many(&self) -> bool {
        self.groups.len() > MANY
    }

    /// How many seeds the largest cell has.
    pub fn seeds(&self) -> usize {
        let cells = self.groups.iter().flat_map(|g| &g.members).flat_map(|m| &m.grid);
        cells.map(|c| c.trials.len()).max().unwrap_or(0)
    }
}
