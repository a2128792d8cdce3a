//! `README.md` of the comparison, a function of the files beside it.

use super::PAIRS;
use super::paths::{Deviation, TOLERANCE};
use super::speed::Speed;
use super::verdicts::{MARGIN, Outcome, Row};
use crate::stats::Estimate;
use crate::store::read_csv;
use crate::table::{Cell, Table, estimate, plain, significant};
use anyhow::{Context as _, Result, anyhow};
use std::fs;
use std::path::Path;

/// The page for the files in a folder.
///
/// # Errors
/// If a file cannot be read, or a deviation has no reason that its numbers bear out.
pub fn page(dir: &Path) -> Result<String> {
    let deviations: Vec<Deviation> = read_csv(&dir.join("deviations.csv"))?;
    let verdicts: Vec<Row> = read_csv(&dir.join("verdicts.csv"))?;
    let speed: Vec<Speed> = read_csv(&dir.join("speed.csv"))?;
    let path = dir.join("speed-machine.toml");
    let machine = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(format!(
        "<!-- Made by `downhill compare --burn` from the files beside it. Do not edit. -->\n\n\
         # burn's optimizers and ours\n\n\
         Every optimizer of burn 0.22.1 beside its counterpart here, with burn's defaults and with ours: how far their \
         paths part and why, whether it matters to a training, and what a step costs.\n\n\
         ```sh\ncargo run -p runner -- compare --burn    # all of this page again, in some minutes\n```\n\n\
         {}\n{}\n{}",
        paths(&deviations)?,
        matters(&verdicts),
        costs(&speed, &machine)
    ))
}

/// The different values of a column, in the order in which they come.
fn distinct<T, K: PartialEq>(rows: &[T], key: impl Fn(&T) -> K) -> Vec<K> {
    let mut keys = Vec::new();
    for key in rows.iter().map(key) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// A table with one row a pair and defaults, and one column for each of `columns`.
fn cross(titles: &[String], names: &[(String, String, String)], cell: impl Fn(usize, usize) -> Cell) -> Table {
    let fixed = ["burn's", "ours", "defaults"].map(String::from);
    let mut table = Table::new(fixed.iter().chain(titles).map(|t| (t.as_str(), t.as_str())));
    for (i, (burn, ours, defaults)) in names.iter().enumerate() {
        let mut row: Vec<Cell> = [burn, ours, defaults].map(|text| Cell::from(text.as_str())).into();
        row.extend((0..titles.len()).map(|j| cell(i, j)));
        table.rows.push(row);
    }
    table
}

fn paths(rows: &[Deviation]) -> Result<String> {
    let names = distinct(rows, |r| (r.burn.clone(), r.ours.clone(), r.defaults.clone()));
    let problems = distinct(rows, |r| r.problem.clone());
    let of = |name: &(String, String, String)| {
        rows.iter().filter(move |r| (&r.burn, &r.ours, &r.defaults) == (&name.0, &name.1, &name.2)).collect::<Vec<_>>()
    };
    let table = cross(&problems, &names, |i, j| {
        of(&names[i]).iter().find(|r| r.problem == problems[j]).map_or(Cell::Empty, |r| r.deviation.into())
    });

    let mut why = Table::new(["burn's", "ours", "defaults", "problem", "deviation", "reason"].map(|t| (t, t)));
    for row in rows {
        let reason = row.reason().map_err(|row| anyhow!("a deviation without a reason: {row}"))?;
        if let Some(reason) = reason {
            let words = [&row.burn, &row.ours, &row.defaults, &row.problem].map(|text| Cell::from(text.as_str()));
            why.rows.push(words.into_iter().chain([row.deviation.into(), reason.into()]).collect());
        }
    }

    let largest =
        |name, of_row: fn(&Deviation) -> Option<f64>| of(name).into_iter().filter_map(of_row).reduce(f64::max);
    let mut nearer = Table::new(["burn's", "ours", "defaults", "burn is off by", "ours by"].map(|t| (t, t)));
    for name in &names {
        let (burn, ours) = (largest(name, |r| r.burn_from_exact), largest(name, |r| r.ours_from_exact));
        // A factor of two is no rounding more or less.
        if let Some((burn, ours)) = burn.zip(ours).filter(|(burn, ours)| burn.max(*ours) > 2.0 * burn.min(*ours)) {
            let words = [&name.0, &name.1, &name.2].map(|text| Cell::from(text.as_str()));
            nearer.rows.push(words.into_iter().chain([burn.into(), ours.into()]).collect());
        }
    }
    let reasons = match why.rows.len() {
        0 => "None is larger.\n".to_owned(),
        _ => format!(
            "Each larger one has a reason, measured by walking again with one thing changed:\n\n{}",
            why.markdown()
        ),
    };
    let apart: Vec<&str> = PAIRS.iter().map(|p| p.apart).filter(|apart| !apart.is_empty()).collect();
    let apart = if apart.is_empty() { String::new() } else { format!("\n{}\n", apart.join(" ")) };
    let agree = rows.iter().filter(|r| r.deviation <= TOLERANCE).count();
    let kernel = rows.first().map(|r| r.kernel.as_str()).unwrap_or_default();
    Ok(format!(
        "## Do they walk the same path?\n\n\
         Both from the same start, on the same batches, in `f32`, each on the gradients at its own points; the learning \
         rate is burn's usual one, on functions a tenth of it. A deviation is the largest difference of a coordinate \
         after any step, relative to the largest coordinate. {agree} of {} are at most {}; [deviations.csv](deviations.csv) \
         has the numbers of this section, computed with matrix products for {kernel}.\n\n{}{apart}\n\
         {}\n\
         ### Whose rounding is smaller?\n\n\
         Both on burn's gradients, against the same rule in `f64` with hyperparameters as they are written: the largest \
         deviation on any of the problems. Where one is more than twice as far off as the other:\n\n{}",
        rows.len(),
        plain(TOLERANCE),
        table.markdown(),
        reasons,
        nearer.markdown()
    ))
}

fn matters(rows: &[Row]) -> String {
    let said = |r: &Row| {
        let difference = || estimate(&Estimate::around(r.difference, r.half, r.n));
        let few = if r.n < r.seeds { format!(" (n = {})", r.n) } else { String::new() };
        match r.outcome() {
            Outcome::Tie => format!("tie{few}"),
            Outcome::Ours => format!("ours, {}{few}", difference()),
            Outcome::Burns => format!("burn, {}{few}", difference()),
            Outcome::Unresolved => format!("?, {}{few}", difference()),
        }
    };
    let of_study = |study: String| {
        let rows: Vec<&Row> = rows.iter().filter(|r| r.study == study).collect();
        let names = distinct(&rows, |r| (r.burn.clone(), r.ours.clone(), r.defaults.clone()));
        let problems = distinct(&rows, |r| r.problem.clone());
        let table = cross(&problems, &names, |i, j| {
            let name = &names[i];
            let is =
                |r: &&&Row| (&r.burn, &r.ours, &r.defaults) == (&name.0, &name.1, &name.2) && r.problem == problems[j];
            rows.iter().find(is).map_or(Cell::Empty, |r| said(r).into())
        });
        format!("[{study}.toml](../../experiments/burn-parity/{study}.toml):\n\n{}\n", table.markdown())
    };
    let tables: String = distinct(rows, |r| r.study.clone()).into_iter().map(of_study).collect();
    let count = |outcome| rows.iter().filter(|r| r.outcome() == outcome).count();
    let seeds = rows.iter().map(|r| r.seeds).max().unwrap_or(0);
    format!(
        "## Does it matter?\n\n\
         {seeds} seeds, each optimizer at the best of three learning rates by validation loss. A cell is our mean test loss \
         less burn's (of a function, the final loss), paired by seed, with the 95 % interval of Student's t: `tie` if all of \
         it lies within {} % of burn's loss, `ours` or `burn` for the lower one if it excludes zero, else `?`, unresolved. \
         Of {} comparisons {} are ties, in {} ours ends lower, in {} burn's, and {} are unresolved; at 95 % one in twenty \
         intervals misses. [verdicts.csv](verdicts.csv) has the rates and the losses.\n\n{tables}",
        plain(100.0 * MARGIN),
        rows.len(),
        count(Outcome::Tie),
        count(Outcome::Ours),
        count(Outcome::Burns),
        count(Outcome::Unresolved),
    )
}

fn costs(rows: &[Speed], machine: &str) -> String {
    let titles = [
        "burn's",
        "ours",
        "parameters",
        "burn takes",
        "ours",
        "alone",
        "burn / ours",
        "burn asks for",
        "ours",
        "alone",
    ];
    let table = |what: &str, unit: fn(&Speed) -> f64, bytes: fn(&Speed) -> f64| {
        let mut table = Table::new(titles.map(|t| (t, t)));
        for r in rows.iter().filter(|r| r.what == what) {
            let per = |ns: Option<f64>| ns.map_or(Cell::Empty, |ns| significant(ns / unit(r), 3).into());
            let asked = |n: Option<u64>| n.map_or(Cell::Empty, |n| significant(n as f64 / bytes(r), 2).into());
            let interval =
                format!("{} ({} to {})", significant(r.ratio, 3), significant(r.low, 3), significant(r.high, 3));
            table.rows.push(vec![
                r.burn.as_str().into(),
                r.ours.as_str().into(),
                Cell::Number(r.parameters as f64),
                per(Some(r.burn_ns)),
                per(Some(r.inside_ns)),
                per(r.alone_ns),
                interval.into(),
                asked(r.burn_bytes),
                asked(r.inside_bytes),
                asked(r.alone_bytes),
            ]);
        }
        table.without_empty().markdown()
    };
    let turns = rows.iter().map(|r| r.turns).max().unwrap_or(0);
    format!(
        "## What does a step cost?\n\n\
         Both inside burn, on burn-flex, on one thread, with burn's defaults: burn's optimizer, and ours in its place. They \
         take turns, {turns} each; times are medians, and the ratio is the median of the turns' with its 95 % interval from \
         order statistics. Ours is a `PerParameter`, which works in place, or a `WholeModel` for methods that look at shapes \
         (Adafactor, Muon), which copies the parameters out and in; `alone` is the same step on slices, \
         without burn. Times are this machine's:\n\n```toml\n{machine}```\n\n\
         ### The optimizer alone\n\nOn one matrix: nanoseconds and bytes asked for, a parameter and step.\n\n{}\n\
         ### A step of training\n\nForward, backward and step of a network 784-100-10 on a batch of 64: microseconds, and \
         kilobytes asked for.\n\n{}",
        table("step", |r| r.parameters as f64, |r| r.parameters as f64),
        table("training", |_| 1e3, |_| 1e3),
    )
}
