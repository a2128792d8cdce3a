//! Optimizers over all problems: targets reached over the budget, performance profiles, mean ranks with their critical difference.

use super::Plot;
use super::canvas::{Align, Canvas, Dash, GROUND, Ink, QUIET, TEXT, width};
use super::curves::{key, member_color};
use super::figure::{Figure, Mark, Panel};
use super::scale::Scale;
use crate::across::{Across, MOST};
use crate::table::{plain, significant};
use crate::view::View;
use crate::zoo::Set;
use anyhow::Result;

/// Points of a curve, of which those within a flat piece are left out.
const POINTS: usize = 200;
/// The smallest share of the budget that is drawn.
const FIRST: f64 = 0.01;

/// The share of all targets that was reached within a share of the budget.
pub(super) fn reached(view: &View) -> Figure {
    let draw = |across: &Across| {
        let at = |i: usize| libm::pow(FIRST, 1.0 - i as f64 / (POINTS - 1) as f64);
        panel(view, across, (Scale::log(FIRST, 1.0), at), "of the budget", |share| across.reached(share))
    };
    Figure {
        title: "Targets reached, over all problems".into(),
        caption:
            "the share of targets reached by validation loss, all runs, misses counted; dashed: the default, untuned"
                .into(),
        key: key(view),
        x: "share of the budget".into(),
        y: "share of targets".into(),
        panels: view.across().iter().map(draw).collect(),
        ..Figure::default()
    }
}

/// The share of problems that was solved within a multiple of the lowest cost.
pub(super) fn profile(view: &View) -> Figure {
    let draw = |across: &Across| {
        let at = |i: usize| 1.0 + (MOST - 1.0) * i as f64 / (POINTS - 1) as f64;
        panel(view, across, (Scale::linear(1.0, MOST), at), "times the lowest cost", |tau| across.solved(tau))
    };
    Figure {
        title: "Performance profiles".into(),
        caption:
            "the share of problems solved to a tenth of the way within a multiple of the lowest cost (Dolan & Moré); \
                  dashed: the default, untuned"
                .into(),
        key: key(view),
        x: "times the lowest cost of all".into(),
        y: "share of problems".into(),
        panels: view.across().iter().map(draw).collect(),
        ..Figure::default()
    }
}

/// A line an optimizer through the shares at `POINTS` abscissas.
fn panel(
    view: &View,
    across: &Across,
    (x, at): (Scale, impl Fn(usize) -> f64),
    of: &str,
    shares: impl Fn(f64) -> Vec<f64>,
) -> Panel {
    let columns: Vec<(f64, Vec<f64>)> = (0..POINTS).map(|i| (at(i), shares(at(i)))).collect();
    let mut marks = Vec::new();
    for (line, label) in across.labels().enumerate() {
        let tuned = label.strip_suffix(" at its default");
        let ink = Ink::new(
            member_color(view, tuned.unwrap_or(label)),
            if tuned.is_some() { Dash::Dashed } else { Dash::Solid },
        );
        let share = |i: usize| columns.get(i).map(|(_, shares)| shares[line]);
        let turns = |i: &usize| share(*i) != share(i + 1) || i.checked_sub(1).and_then(share) != share(*i);
        let points: Vec<(f64, f64)> = (0..POINTS).filter(turns).map(|i| (columns[i].0, columns[i].1[line])).collect();
        let Some(&end) = points.last() else { continue };
        marks.push(Mark::Hint(end, format!("{label}: {} % within {} {of}", plain(100.0 * end.1), plain(end.0))));
        marks.push(Mark::Line(points, ink));
    }
    Panel {
        title: across.set.map_or("", |set| set.word()).to_owned(),
        x,
        y: Scale::linear(0.0, 1.0).room(0.02, 0.02),
        marks,
    }
}

/// Mean ranks on a line; those within the critical difference of each other are joined (Demšar 2006). None for fewer than
/// three optimizers or two problems.
///
/// # Errors
/// If it cannot be drawn.
pub(super) fn ranks(view: &View, across: &Across) -> Result<Option<Plot>> {
    const SIZE: f64 = 12.5;
    const ROW: f64 = 20.0;
    const PAGE: f64 = 960.0;
    let Some(ranking) = across.ranking() else { return Ok(None) };
    let (all, apart, problems) = (&ranking.ranks, ranking.critical, ranking.problems);
    let k = all.len();
    let (name, over) = match across.set {
        None => ("ranks", ""),
        Some(Set::Development) => ("ranks", ", development problems"),
        Some(Set::HeldOut) => ("ranks-held-out", ", held-out problems"),
    };
    let title = format!("Mean ranks by test loss{over}");
    let caption = format!(
        "1 is lowest; of {k} optimizers over {problems} problems those joined by a bar are less than {} apart, Nemenyi's critical \
         difference",
        significant(apart, 3)
    );
    let room = all.iter().map(|(label, _)| width(label, SIZE)).fold(60.0, f64::max) + 70.0;
    let at = |rank: f64| room + (PAGE - 2.0 * room) * (rank - 1.0) / (k - 1) as f64;
    let bars = joined(&all.iter().map(|(_, rank)| *rank).collect::<Vec<_>>(), apart);
    let (axis, below) = (96.0, 96.0 + 14.0 + 9.0 * bars.len() as f64);
    let svg = Canvas::page((PAGE, below + ROW * k.div_ceil(2) as f64 + 24.0), |canvas| {
        canvas.bold(&title, (16.0, 22.0), 16.0, Align::Start);
        canvas.text(&caption, (16.0, 44.0), SIZE, Align::Start, QUIET);
        canvas.line(&[(at(1.0), axis), (at(k as f64), axis)], Ink::new(GROUND, Dash::Hair));
        for rank in 1..=k {
            let x = at(rank as f64);
            canvas.line(&[(x, axis - 5.0), (x, axis)], Ink::new(GROUND, Dash::Hair));
            canvas.text(&rank.to_string(), (x, axis - 14.0), 11.5, Align::Middle, TEXT);
        }
        for (row, (from, to)) in bars.iter().enumerate() {
            let y = axis + 10.0 + 9.0 * row as f64;
            let ends = [at(all[*from].1) - 3.0, at(all[*to].1) + 3.0];
            canvas.rect((ends[0], y - 1.5), (ends[1], y + 1.5), TEXT, 1.0);
        }
        for (i, (label, rank)) in all.iter().enumerate() {
            // The better half to the left, the first one on top; the other half to the right, the last one on top.
            let left = i < k.div_ceil(2);
            let y = below + ROW * (if left { i } else { k - 1 - i } as f64 + 0.5);
            let edge = if left { room - 10.0 } else { PAGE - room + 10.0 };
            let ink = Ink::new(member_color(view, label), Dash::Solid);
            canvas.line(&[(at(*rank), axis), (at(*rank), y), (edge, y)], ink);
            let (x, align) = if left { (edge - 6.0, Align::End) } else { (edge + 6.0, Align::Start) };
            canvas.text(&format!("{label} {rank:.1}"), (x, y), SIZE, align, TEXT);
            canvas.hint((at(*rank), axis), &format!("{label}: mean rank {rank:.2} over {problems} problems"));
        }
    })?;
    Ok(Some(Plot { name, title, caption, svg }))
}

/// The longest runs of ascending ranks that lie within `apart`, first and last place of each; runs of one are none.
fn joined(ranks: &[f64], apart: f64) -> Vec<(usize, usize)> {
    let last = |from: usize| ranks.iter().rposition(|r| r - ranks[from] <= apart).unwrap_or(from);
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for from in 0..ranks.len() {
        let to = last(from);
        if to > from && runs.last().is_none_or(|(_, end)| to > *end) {
            runs.push((from, to));
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn bars_join_what_is_not_told_apart() {
        assert_eq!(joined(&[1.0, 1.5, 2.5, 4.0], 1.5), [(0, 2), (2, 3)]);
        assert_eq!(joined(&[1.0, 3.0, 5.0], 1.0), []);
        assert_eq!(joined(&[1.0, 1.0, 1.0], 0.0), [(0, 2)]);
    }
}
