//! The final loss over the learning rate.

use super::canvas::{Dash, Ink, Rgb};
use super::curves::{NOTHING, key, known_minimum, least, member_color, most};
use super::figure::{Figure, Mark, Panel};
use super::scale::Scale;
use crate::landscape::Landscape;
use crate::rows::TrialRow;
use crate::stats::{Axis, Cell, Group, Member};
use crate::table::{estimate, plain};
use crate::view::View;

/// Test losses are drawn too where no more members than this crowd a panel.
const FEW: usize = 4;

/// The final loss over the learning rate, where several were tried.
pub(super) fn figure(view: &View) -> Figure {
    let panels: Vec<Panel> = view.scenes().filter_map(|(g, l)| panel(view, g, l)).collect();
    let said = [
        view.groups.iter().any(with_test).then_some("validation solid, test dashed"),
        (view.seeds() > 1).then_some("mean over the seeds"),
        (view.axis != Axis::LearningRate).then_some("ring: chosen by validation"),
        Some("cross at the top: a trial diverged or failed there"),
    ];
    Figure {
        title: "Final loss over the learning rate".into(),
        caption: said.into_iter().flatten().collect::<Vec<_>>().join("; "),
        key: if view.axis == Axis::LearningRate { Vec::new() } else { key(view) },
        x: "learning rate".into(),
        y: "final loss".into(),
        panels,
        square: false,
    }
}

fn with_test(group: &Group) -> bool {
    group.has_data() && group.members.len() <= FEW
}

/// One line of a panel: a member, or all members together where they are learning rates.
struct Line<'g, 'a> {
    cells: Vec<&'g Cell<'a>>,
    chosen: Option<&'g Cell<'a>>,
    color: Rgb,
    /// What a hint begins with.
    label: String,
}

fn lines<'g, 'a>(view: &View, group: &'g Group<'a>) -> Vec<Line<'g, 'a>> {
    if view.axis == Axis::LearningRate {
        let cells = group.members.iter().flat_map(|m| &m.grid).collect();
        return vec![Line { cells, chosen: None, color: member_color(view, ""), label: "lr ".into() }];
    }
    let line = |m: &'g Member<'a>| Line {
        cells: m.grid.iter().collect(),
        chosen: m.best(),
        color: member_color(view, &m.label),
        label: format!("{} at lr ", m.label),
    };
    group.members.iter().map(line).collect()
}

fn panel(view: &View, group: &Group, landscape: Option<&Landscape>) -> Option<Panel> {
    let known = known_minimum(group, landscape);
    let minimum = known.unwrap_or(0.0);
    let first = |t: &TrialRow| view.curve(&t.key).first().map(|p| p.validation_loss - minimum);
    let start = most(group.trials().filter_map(first)).unwrap_or(f64::INFINITY);
    let least_shown = if known.is_some() { NOTHING * start } else { f64::NEG_INFINITY };
    let mean = |cell: &Cell, measure: fn(&TrialRow) -> f64| {
        Some((cell.lr, (cell.search_mean(measure)? - minimum).max(least_shown)))
    };

    let lines = lines(view, group);
    let rates = || lines.iter().flat_map(|l| &l.cells).map(|c| c.lr);
    let (from, to) = (least(rates())?, most(rates())?);
    if from == to {
        return None;
    }
    let (mut marks, mut seen, mut lost) = (Vec::new(), Vec::new(), 0);
    for line in &lines {
        let points: Vec<_> = line.cells.iter().filter_map(|c| mean(c, |t| t.validation_loss)).collect();
        let tested = line.cells.iter().filter(|_| with_test(group)).filter_map(|c| mean(c, |t| t.test_loss));
        let tested: Vec<_> = tested.collect();
        seen.extend(points.iter().chain(&tested).map(|p| p.1));
        marks.push(Mark::Line(tested, Ink::new(line.color, Dash::Dashed)));
        marks.extend(points.iter().map(|&at| Mark::Dot(at, 2.4, line.color)));
        marks.push(Mark::Line(points, Ink::new(line.color, Dash::Solid)));
        let chosen = line.chosen.and_then(|c| mean(c, |t| t.validation_loss));
        marks.extend(chosen.map(|at| Mark::Ring(at, 5.5, line.color)));
        for cell in &line.cells {
            let Some(at) = mean(cell, |t| t.validation_loss) else { continue };
            let Some(loss) = cell.searched(|t| t.validation_loss) else { continue };
            let lost = if cell.search_lost() > 0 { format!(", {} lost", cell.search_lost()) } else { String::new() };
            let text = format!("{}{}: {} (n = {}{lost})", line.label, plain(cell.lr), estimate(&loss), loss.n);
            marks.push(Mark::Hint(at, text));
        }
        let crosses = line.cells.iter().filter(|c| c.search_lost() > 0).map(|c| Mark::Lost(c.lr, lost, line.color));
        let before = marks.len();
        marks.extend(crosses);
        lost += usize::from(marks.len() > before);
    }
    let high = most(seen.iter().copied())?.min(if start > 0.0 { 3.0 * start } else { f64::INFINITY });
    let low = least(seen.iter().copied().filter(|&v| v <= high)).unwrap_or(high);
    let y = Scale::suited(low, high).room(0.06, 0.06 + 0.04 * lost as f64);
    Some(Panel { title: group.title(), x: Scale::log(from, to).room(0.04, 0.04), y, marks })
}
