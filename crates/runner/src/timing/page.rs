//! What was measured, as a table and a page.

use super::Cost;
use crate::store::read_csv;
use crate::table::{Cell, Table, significant};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// One row a step, the cheapest first.
pub fn table(costs: &[Cost]) -> Table {
    let mut table = Table::new([
        ("where", "place"),
        ("rank", "rank"),
        ("optimizer", "name"),
        ("us a step", "us"),
        ("ns a parameter", "ns_parameter"),
        ("to SGD", "ratio"),
        ("bytes a parameter", "bytes"),
        ("GB/s", "gb_s"),
    ]);
    let mut steps: Vec<&Cost> = costs.iter().filter(|cost| cost.what == "step").collect();
    let place = |cost: &Cost| (cost.parameters, cost.place.clone(), cost.rank);
    steps.sort_by(|a, b| place(a).cmp(&place(b)).then(a.ns.total_cmp(&b.ns)));
    for cost in steps {
        let number = |x: Option<f64>| x.map_or(Cell::Empty, |x| significant(x, 3).into());
        table.rows.push(vec![
            cost.place.as_str().into(),
            cost.rank.map_or(Cell::Empty, |rank| Cell::Number(rank as f64)),
            cost.name.as_str().into(),
            interval(1e-3 * cost.ns, 1e-3 * cost.ns_low, 1e-3 * cost.ns_high).into(),
            number(Some(cost.ns / cost.parameters as f64)),
            interval(cost.ratio, cost.ratio_low, cost.ratio_high).into(),
            number(cost.bytes),
            number(cost.gb_s),
        ]);
    }
    table.without_empty()
}

fn interval(value: f64, low: f64, high: f64) -> String {
    let value = significant(value, 3);
    if low.is_nan() { value } else { format!("{value} [{}, {}]", significant(low, 3), significant(high, 3)) }
}

/// What a gradient costs beside the steps, in a sentence each.
pub(crate) fn gradients(costs: &[Cost]) -> String {
    let sentence = |gradient: &Cost| {
        let steps = costs.iter().filter(|c| c.what == "step" && c.place == gradient.place).map(|c| c.ns);
        let (least, most) = steps.fold((f64::INFINITY, 0.0_f64), |(least, most), ns| (least.min(ns), most.max(ns)));
        let share = |step: f64| significant(100.0 * step / (step + gradient.ns), 2);
        format!(
            "A gradient of {} ({} parameters) takes {} us: of gradient and step together, the steps below are {} to {} %.\n",
            gradient.name,
            gradient.parameters,
            interval(1e-3 * gradient.ns, 1e-3 * gradient.ns_low, 1e-3 * gradient.ns_high),
            share(least),
            share(most),
        )
    };
    costs.iter().filter(|cost| cost.what == "gradient").map(sentence).collect()
}

/// What of `machine.toml` the page repeats.
#[derive(Deserialize)]
struct Machine {
    /// Why times are not to be trusted.
    loaded: Option<String>,
    /// The core that the thread was pinned to.
    pinned: Option<usize>,
}

/// The page for the files in a folder.
///
/// # Errors
/// If a file cannot be read.
pub fn page(dir: &Path) -> Result<String> {
    let costs: Vec<Cost> = read_csv(&dir.join("time.csv"))?;
    let path = dir.join("machine.toml");
    let machine = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let rounds = costs.iter().map(|c| c.rounds).max().unwrap_or(0);
    let precision = costs.first().map_or("", |c| &c.precision);
    let said: Machine = toml::from_str(&machine).with_context(|| path.display().to_string())?;
    let note = said.loaded.map(|why| format!("**The machine was loaded** ({why}): measure again on a quiet one.\n\n"));
    let pinned = if said.pinned.is_some() { " pinned to a core" } else { "" };
    Ok(format!(
        "<!-- Made by `downhill time` from time.csv and machine.toml. Do not edit. -->\n\n\
         # What a step costs\n\n\
         The optimizer's step alone, with a given gradient, in {precision}, on one thread{pinned}: its processor time, the \
         median of {rounds} rounds in which all took turns in an order drawn anew, each in a new place in memory (those of up \
         to 32 MiB), with its 95 % interval. Ratios are taken round by round. A rank is one more than the number of optimizers \
         that are faster beyond doubt (the interval of their ratio is below 1), so that those which cannot be told apart share \
         it. Bytes are the least that such a step reads and writes.\n\n\
         Only numbers like these rank optimizers by speed. Times in a sweep's `timings.csv` are of trials that ran beside \
         others, and say where the time went.\n\n{}{}{}\n## The machine\n\n```toml\n{machine}```\n",
        note.unwrap_or_default(),
        gradients(&costs).lines().map(|line| format!("{line}\n\n")).collect::<String>(),
        table(&costs).markdown(),
    ))
}
