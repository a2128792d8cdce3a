//! A protocol replayed on recorded runs: what it would have chosen, and what that would have cost, without training.
//!
//! A trial that the protocol asks for, (candidate, seed, share of the budget), is answered by the last recorded point of
//! the run at or before that share. Candidates are the learning rates of the archive, seeds of the search those that all
//! of them have. A seed that the archive does not have is answered by a run of the same candidate that has not answered
//! yet, and when there is none by one drawn again, which is counted.

use crate::lab::Lab;
use crate::protocol::{Arm, Protocol, Search, Seen, Try, WHOLE, choice};
use crate::rounds::Finish;
use crate::rows::{CurveRow, TrialRow};
use crate::stats::{Axis, Cell as Rate, quantile, usable};
use crate::store::Results;
use crate::table::{Cell, Table, plain, significant};
use anyhow::{Result, bail, ensure};
use clap::ValueEnum;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is low where a candidate is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// The loss.
    #[default]
    Loss,
    /// One less the metric (for accuracies, the error), where there is a metric; else the loss.
    Metric,
}

/// A protocol on the arms of an archive.
#[derive(Clone, Debug)]
pub struct Replay {
    /// One for each optimizer on each problem.
    pub arms: Vec<Replayed>,
    /// What could not be replayed, in words.
    pub notes: Vec<String>,
}

/// What a protocol came to on one arm.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The problem.
    pub problem: String,
    /// The optimizer.
    pub optimizer: String,
    /// How many rates the archive has.
    pub candidates: usize,
    /// How many seeds all of them have.
    pub seeds: usize,
    /// What the protocol chose: the rate and its mean test value on those seeds. None if all that it ran was lost.
    pub chosen: Option<(f64, f64)>,
    /// What the whole grid chooses by validation on those seeds, for the whole budget. None if all was lost.
    pub best: Option<(f64, f64)>,
    /// What the search cost, in trials of the whole budget; confirmation is not counted.
    pub spent: f64,
    /// How often a run answered for a seed that the archive does not have, though it had answered before.
    pub resampled: usize,
}

impl Replay {
    /// Replays a protocol on results. `draw` numbers the random candidates of [`Search::Random`].
    ///
    /// # Errors
    /// If the protocol asks for what no archive can answer, or a curve is needed that the results do not keep.
    pub fn of(results: &Results, protocol: &Protocol, measure: Measure, draw: u64, lab: &Lab) -> Result<Self> {
        if let Search::Sobol(_) = protocol.search {
            bail!("`search`: an archive has the rates that were run and none between: allowed are grid and random");
        }
        let curves: HashMap<&str, &[CurveRow]> =
            results.curves.chunk_by(|a, b| a.key == b.key).map(|c| (c[0].key.as_str(), c)).collect();
        let mut replay = Replay { arms: Vec::new(), notes: Vec::new() };
        for group in crate::stats::groups(&results.trials, &Axis::Optimizer, lab) {
            for member in &group.members {
                let name = format!("{} on {}", member.label, group.problem);
                let rates: Vec<&Rate> = member.grid.iter().filter(|r| !r.search.is_empty()).collect();
                let seeds = common(&rates);
                if seeds.is_empty() {
                    replay.notes.push(format!("{name}: no seed that all {} rates have; left out", rates.len()));
                    continue;
                }
                let mut bank = Bank::new(rates, &curves, measure, seeds);
                let kept = drawn(bank.rates.len(), protocol.search, &format!("{draw} {name}"));
                let arm = Arm { candidates: kept.len(), seeds: bank.seeds.clone(), grows: false };
                let seen = bank.run(protocol, &arm, &kept)?;
                let found = choice(&arm, &seen).map(|c| kept[c.candidate as usize]);
                let spent = spent(&seen);
                let resampled = bank.resampled;
                let all: Vec<usize> = (0..bank.rates.len()).collect();
                let whole = Arm { candidates: all.len(), ..arm };
                let best = choice(&whole, &bank.run(&GRID, &whole, &all)?).map(|c| c.candidate as usize);
                let value = |i: usize| (bank.rates[i].lr, bank.reported(i));
                replay.arms.push(Replayed {
                    problem: group.problem.clone(),
                    optimizer: member.label.clone(),
                    candidates: bank.rates.len(),
                    seeds: bank.seeds.len(),
                    chosen: found.map(value),
                    best: best.map(value),
                    spent,
                    resampled,
                });
            }
        }
        ensure!(!replay.arms.is_empty(), "{}: nothing to replay", results.dir.display());
        Ok(replay)
    }

    /// One row an arm.
    pub fn table(&self) -> Table {
        let mut table = Table::new([
            ("problem", "problem"),
            ("optimizer", "optimizer"),
            ("rates", "candidates"),
            ("seeds", "seeds"),
            ("chosen lr", "chosen_lr"),
            ("grid's lr", "grid_lr"),
            ("test there", "chosen_test"),
            ("grid's test", "grid_test"),
            ("regret, %", "regret_percent"),
            ("of the grid's compute, %", "compute_percent"),
            ("resampled", "resampled"),
        ]);
        for arm in &self.arms {
            table.rows.push(vec![
                arm.problem.as_str().into(),
                arm.optimizer.as_str().into(),
                (arm.candidates as f64).into(),
                (arm.seeds as f64).into(),
                Cell::from(arm.chosen.map(|c| c.0)),
                Cell::from(arm.best.map(|c| c.0)),
                Cell::from(arm.chosen.map(|c| c.1).filter(|v| v.is_finite())),
                Cell::from(arm.best.map(|c| c.1).filter(|v| v.is_finite())),
                match arm.regret() {
                    Some(regret) if regret.is_finite() => (100.0 * regret).into(),
                    Some(_) => "lost".into(),
                    None => Cell::Empty,
                },
                (100.0 * arm.spent / arm.grid()).into(),
                (arm.resampled as f64).into(),
            ]);
        }
        table
    }

    /// Over all arms, in sentences.
    pub fn summary(&self) -> String {
        let regrets: Vec<f64> = self.arms.iter().filter_map(Replayed::regret).collect();
        let sum = |of: fn(&Replayed) -> f64| self.arms.iter().map(of).sum::<f64>();
        let share = 100.0 * sum(|a| a.spent) / sum(Replayed::grid);
        let none = regrets.iter().filter(|r| **r <= 0.0).count();
        let lost = regrets.iter().filter(|r| r.is_infinite()).count();
        let finite: Vec<f64> = regrets.iter().copied().filter(|r| r.is_finite()).collect();
        let percent = |x: f64| significant(100.0 * x, 3);
        let mean = finite.iter().sum::<f64>() / finite.len() as f64;
        let worst = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let spread = if finite.is_empty() {
            String::new()
        } else {
            let median = quantile(finite.iter().copied(), 0.5);
            format!("; median {} %, mean {} %, worst {} %", percent(median), percent(mean), percent(worst))
        };
        let lost = if lost > 0 { format!("; {lost} chose a rate that was lost") } else { String::new() };
        let again: usize = self.arms.iter().map(|a| a.resampled).sum();
        let again = if again > 0 { format!(" {again} answers came from runs drawn again.") } else { String::new() };
        format!(
            "{} arms for {} % of the grid's compute: no regret in {none}{spread}{lost}.{again}",
            self.arms.len(),
            plain(share)
        )
    }
}

impl Replayed {
    /// What the grid's choice would have saved, relative to its own test value: `(chosen - best) / |best|`. Below 0 where
    /// the protocol was lucky, infinite where it chose a rate that was lost. None if the grid itself lost all.
    pub fn regret(&self) -> Option<f64> {
        let (_, best) = self.best.filter(|(_, value)| value.is_finite())?;
        let chosen = self.chosen.map_or(f64::INFINITY, |(_, value)| value);
        Some(if chosen == best { 0.0 } else { (chosen - best) / best.abs() })
    }

    /// What the whole grid costs, in trials of the whole budget.
    fn grid(&self) -> f64 {
        (self.candidates * self.seeds) as f64
    }
}

/// Every rate for the whole budget on the seeds of the search, and nothing else.
pub const GRID: Protocol =
    Protocol { search: Search::Grid, halving: None, extend: 0, finalists: 1, reseed: 0, confirm: 0, default: false };

/// The recorded runs of an arm.
struct Bank<'a> {
    /// Ascending.
    rates: Vec<&'a Rate<'a>>,
    curves: &'a HashMap<&'a str, &'a [CurveRow]>,
    measure: Measure,
    seeds: Vec<u64>,
    /// Which run answers for a rate and a seed.
    cast: BTreeMap<(usize, u64), &'a TrialRow>,
    resampled: usize,
}

impl<'a> Bank<'a> {
    fn new(
        rates: Vec<&'a Rate<'a>>,
        curves: &'a HashMap<&'a str, &'a [CurveRow]>,
        measure: Measure,
        seeds: Vec<u64>,
    ) -> Self {
        let metric = rates.iter().flat_map(|r| r.all()).any(|t| t.validation_metric.is_finite());
        let measure = if metric { measure } else { Measure::Loss };
        Bank { rates, curves, measure, seeds, cast: BTreeMap::new(), resampled: 0 }
    }

    /// All that a protocol sees of the arm, whose candidates are these rates.
    fn run(&mut self, protocol: &Protocol, arm: &Arm, kept: &[usize]) -> Result<Seen> {
        let mut seen = Seen::new();
        loop {
            let (_, next) = protocol.plan(arm, &seen);
            if next.is_empty() {
                return Ok(seen);
            }
            for t in next {
                let run = self.cast(kept[t.candidate as usize], t.seed);
                seen.insert(t, self.finish(run, t.share)?);
            }
        }
    }

    /// The run that answers for a rate and a seed.
    fn cast(&mut self, rate: usize, seed: u64) -> &'a TrialRow {
        if let Some(run) = self.cast.get(&(rate, seed)) {
            return run;
        }
        let runs: Vec<&TrialRow> = self.rates[rate].all().collect();
        let taken = |run: &TrialRow| self.cast.iter().any(|((r, _), t)| *r == rate && t.key == run.key);
        let spare = |run: &&&TrialRow| !self.seeds.contains(&run.seed) && !taken(run);
        let own = runs.iter().find(|run| run.seed == seed);
        let run = match own.filter(|run| !taken(run)).or_else(|| runs.iter().find(spare)) {
            Some(run) => run,
            None => {
                self.resampled += 1;
                runs[number(&format!("{} {seed}", runs[0].key), runs.len())]
            }
        };
        self.cast.insert((rate, seed), run);
        run
    }

    /// What a run shows at a share of its budget.
    fn finish(&self, run: &TrialRow, share: u32) -> Result<Finish> {
        if share >= WHOLE {
            let [validation, test] =
                self.values([run.validation_loss, run.test_loss, run.validation_metric, run.test_metric]);
            return Ok(Finish { validation, test, lost: !usable(run) });
        }
        let lost = Finish { validation: f64::NAN, test: f64::NAN, lost: true };
        let curve = self.curves.get(run.key.as_str()).copied().unwrap_or_default();
        let share = f64::from(share) / f64::from(WHOLE);
        let Some((length, by_epoch)) = budget(run) else {
            bail!("trial {}: budget {:?} is no number", run.key, run.budget)
        };
        let until = share * length * (1.0 + 1e-9);
        let at = |p: &CurveRow| if by_epoch { p.epoch } else { p.step as f64 };
        // A trial that was lost is so from the moment that its curve ends.
        let ended = curve.last().is_none_or(|p| at(p) <= until);
        if !usable(run) && ended {
            return Ok(lost);
        }
        let Some(p) = curve.iter().take_while(|p| at(p) <= until).last() else {
            bail!(
                "trial {}: curves.csv has no point of its first {} %; sweep the study with `curves = \"all\"`",
                run.key,
                plain(100.0 * share)
            );
        };
        let [validation, test] = self.values([p.validation_loss, p.test_loss, p.validation_metric, p.test_metric]);
        Ok(Finish { validation, test, lost: false })
    }

    fn values(&self, [validation, test, validation_metric, test_metric]: [f64; 4]) -> [f64; 2] {
        match self.measure {
            Measure::Loss => [validation, test],
            Measure::Metric => [1.0 - validation_metric, 1.0 - test_metric],
        }
    }

    /// The mean test value of a rate over the seeds of the search; infinite if any of them was lost.
    fn reported(&self, rate: usize) -> f64 {
        let runs = self.rates[rate].search.iter().filter(|t| self.seeds.contains(&t.seed));
        let values: Vec<f64> = runs
            .map(|t| {
                let [_, test] = self.values([t.validation_loss, t.test_loss, t.validation_metric, t.test_metric]);
                if usable(t) { test } else { f64::INFINITY }
            })
            .collect();
        values.iter().sum::<f64>() / values.len() as f64
    }
}

/// The seeds that all rates have, ascending.
fn common(rates: &[&Rate]) -> Vec<u64> {
    let of = |rate: &&Rate| rate.search.iter().map(|t| t.seed).collect::<BTreeSet<u64>>();
    let all = rates.iter().map(of).reduce(|a, b| &a & &b);
    all.unwrap_or_default().into_iter().collect()
}

/// The rates that take part, ascending.
fn drawn(rates: usize, search: Search, text: &str) -> Vec<usize> {
    let mut places: Vec<usize> = (0..rates).collect();
    if let Search::Random(n) = search {
        places.sort_by_cached_key(|i| Sha256::digest(format!("{text} {i}")).to_vec());
        places.truncate(n);
        places.sort_unstable();
    }
    places
}

/// A number below `n` that depends on the text alone.
fn number(text: &str, n: usize) -> usize {
    let head = Sha256::digest(text).iter().take(8).fold(0u64, |sum, &byte| (sum << 8) | u64::from(byte));
    (head % n as u64) as usize
}

/// How long a run was to be, and whether in epochs.
fn budget(run: &TrialRow) -> Option<(f64, bool)> {
    let (length, unit) = run.budget.split_once(' ')?;
    Some((length.parse().ok()?, unit == "epochs"))
}

/// The search's cost: a run that goes on from one share to the next is paid once.
fn spent(seen: &Seen) -> f64 {
    let mut most: BTreeMap<(i64, u64), u32> = BTreeMap::new();
    for Try { candidate, seed, share } in seen.keys().filter(|t| t.seed < crate::rounds::FRESH) {
        let most = most.entry((*candidate, *seed)).or_default();
        *most = (*most).max(*share);
    }
    most.values().map(|&share| f64::from(share) / f64::from(WHOLE)).sum()
}
