//! What others published, beside ours: a table and a sentence.

use super::{Found, GATE, Met, Published, moments};
use crate::stats::Group;
use crate::table::{Cell, Table, literal, plain, significant};
use crate::view::View;
use anyhow::{Context as _, Result};

/// All that was published, beside what was found here; none if the study names nothing.
pub fn compared(view: &View) -> Option<Table> {
    let columns = [
        ("problem", "problem"),
        (view.axis.name(), "member"),
        ("lr", "lr"),
        ("after", "after"),
        ("measure", "measure"),
        ("by others", "published"),
        ("ours: mean and standard deviation", "ours"),
        ("n", "n"),
        ("off by deviations", "off"),
        ("verdict", "verdict"),
    ];
    let mut table = Table::new(columns);
    for (published, group, met) in all(view) {
        let Some(cell) = published.cell(group) else { continue };
        let number = matches!(published.found, Found::Number { .. });
        let measure = if number { published.measure.replace('_', " ") } else { String::new() };
        table.sources.push(view.source(cell.trials.iter().copied()));
        table.rows.push(vec![
            group.title().into(),
            published.member.as_str().into(),
            cell.lr.into(),
            published.at.map(|at| at as f64).into(),
            measure.into(),
            published.words.rsplit(" = ").next().unwrap_or_default().replace("+-", "±").into(),
            if number { met.number() } else { met.count() }.into(),
            Cell::Number(if number { met.ours.len() } else { met.lost.1 } as f64),
            published.found.off(&met.ours).map_or(Cell::Empty, |off| hundredths(off).into()),
            met.verdict().into(),
        ]);
    }
    (!table.rows.is_empty()).then(|| table.without_empty())
}

/// How many of them were met, in sentences; none if the study names nothing.
pub fn sentence(view: &View) -> Option<String> {
    let all = all(view);
    let told = |held: Option<bool>| {
        let such = all.iter().filter(move |(.., met)| met.held == held);
        such.map(|(published, ..)| format!("`{}`", published.words)).collect::<Vec<_>>()
    };
    let met = format!("{} of {} numbers of others are met.", told(Some(true)).len(), all.len());
    let rest = [("Missed", told(Some(false))), ("Open", told(None))];
    let rest = rest.into_iter().filter(|(_, list)| !list.is_empty());
    let rest: String = rest.map(|(what, list)| format!(" {what}: {}.", list.join(", "))).collect();
    let gate = format!(
        "A mean may be off by {} standard deviations and the rounding of what was printed: by those that were published, and \
         where none was (of a single run, or on the way), by our own.",
        plain(GATE)
    );
    (!all.is_empty()).then(|| format!("{met}{rest} {gate}"))
}

/// Sentence and table as Markdown.
///
/// # Errors
/// If the study names nothing that was published.
pub fn markdown(view: &View) -> Result<String> {
    let found = sentence(view).zip(compared(view));
    let (sentence, table) = found.with_context(|| format!("{} names nothing `published`", view.results.study.name))?;
    Ok(format!("{}\n\n{}", literal(&sentence), table.without("problem").markdown()))
}

/// What was published, on each problem where it can be looked for.
fn all<'v, 'a>(view: &'v View<'a>) -> Vec<(&'v Published, &'v Group<'a>, Met)> {
    let on = |published: &'v Published| {
        view.groups.iter().filter_map(move |group| Some((published, group, published.met(group, view)?)))
    };
    view.ask.published.iter().flat_map(on).collect()
}

/// To two decimals; adding 0 makes -0 a 0.
fn hundredths(x: f64) -> String {
    format!("{:.2}", (100.0 * x).round() / 100.0 + 0.0)
}

impl Met {
    /// Mean and deviation, and what was lost.
    fn number(&self) -> String {
        let lost = (self.lost.0 > 0).then(|| self.count());
        let mean = moments(&self.ours).map(|(mean, sd)| match sd {
            Some(sd) => format!("{} ± {}", significant(mean, 5), significant(sd, 2)),
            None => significant(mean, 5),
        });
        mean.into_iter().chain(lost).collect::<Vec<_>>().join(", ")
    }

    fn count(&self) -> String {
        format!("{} of {} lost", self.lost.0, self.lost.1)
    }

    fn verdict(&self) -> &'static str {
        match self.held {
            Some(true) => "held",
            Some(false) => "missed",
            None => "open",
        }
    }
}
