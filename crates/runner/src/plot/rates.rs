//! The final loss over the learning rate.

use super::canvas::{Dash, Ink, Rgb};
use super::curves::{NOTHING, key, known_minimum, least, member_color, most};
use super::figure::{Figure, Mark, Panel};
use super::scale::Scale;
use crate::landscape::Landscape;
use crate::rows::TrialRow;
use crate::stats::{Axis, Cell, Group, Member, usable};
use crate::table::{estimate, plain};
use crate::view::View;

/// Test losses and bands are drawn in a panel of no more members than this.
const FEW: usize = 4;

/// Members of all problems, up to so many, have panels of their own in [`each`].
const PANELS: usize = 60;

/// The final loss over the learning rate, where several were tried.
pub(super) fn figure(view: &View) -> Figure {
    let panel = |(group, landscape)| {
        let lines = lines(view, group);
        let (test, band) = (with_test(group), lines.len() <= FEW);
        Ground::new(view, group, landscape, &lines, test)?.panel(group.title(), &lines, test, band)
    };
    let panels: Vec<Panel> = view.scenes().filter_map(panel).collect();
    let test = view.groups.iter().any(with_test);
    let bands = view.groups.iter().any(|g| g.members.len() <= FEW);
    Figure {
        title: "Final loss over the learning rate".into(),
        caption: caption(view, test, bands),
        key: if view.axis == Axis::LearningRate { Vec::new() } else { key(view) },
        x: "learning rate".into(),
        y: "final loss".into(),
        panels,
        ..Figure::default()
    }
}

/// The same, a panel a member, where so many crowd those of [`figure`] that neither bands nor marks are seen there.
pub(super) fn each(view: &View) -> Figure {
    let crowded = view.groups.iter().any(|g| g.members.len() > FEW);
    let all: usize = view.groups.iter().map(|g| g.members.len()).sum();
    let panels = |(group, landscape): (&Group, Option<&Landscape>)| {
        let lines = lines(view, group);
        let panel = |line: &Line| {
            let title = format!("{}: {}", group.title(), line.label);
            Ground::new(view, group, landscape, &lines, true)?.panel(title, std::slice::from_ref(line), true, true)
        };
        lines.iter().filter_map(panel).collect::<Vec<_>>()
    };
    let shown = crowded && all <= PANELS && view.axis != Axis::LearningRate;
    Figure {
        title: format!("Final loss over the learning rate, one {} a panel", view.axis.name()),
        caption: caption(view, view.groups.iter().any(Group::has_data), true),
        x: "learning rate".into(),
        y: "final loss".into(),
        panels: view.scenes().filter(|_| shown).flat_map(panels).collect(),
        small: true,
        ..Figure::default()
    }
}

fn caption(view: &View, test: bool, bands: bool) -> String {
    let seeds = match (view.seeds() > 1, bands) {
        (true, true) => Some("mean over the seeds, band from lowest to highest"),
        (true, false) => Some("mean over the seeds"),
        _ => None,
    };
    let marks = match view.axis {
        Axis::LearningRate => None,
        _ if view.groups.iter().any(|g| !g.defaults.is_empty()) => {
            Some("ring: chosen by validation; star: robust; square: the default")
        }
        _ => Some("ring: chosen by validation; star: robust"),
    };
    let said = [test.then_some("validation solid, test dashed"), seeds, marks, Some("cross at the top: trials lost")];
    said.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn with_test(group: &Group) -> bool {
    group.has_data() && group.members.len() <= FEW
}

/// One line of a panel: a member, or all members together where they are learning rates.
struct Line<'g, 'a> {
    label: String,
    cells: Vec<&'g Cell<'a>>,
    chosen: Option<&'g Cell<'a>>,
    robust: Option<&'g Cell<'a>>,
    default: Option<&'g Cell<'a>>,
    color: Rgb,
}

fn lines<'g, 'a>(view: &View, group: &'g Group<'a>) -> Vec<Line<'g, 'a>> {
    if view.axis == Axis::LearningRate {
        let cells = group.members.iter().flat_map(|m| &m.grid).collect();
        let color = member_color(view, "");
        return vec![Line { label: String::new(), cells, chosen: None, robust: None, default: None, color }];
    }
    let line = |m: &'g Member<'a>| {
        let robust = m.slope().and_then(|slope| slope.robust);
        Line {
            label: m.label.clone(),
            cells: m.grid.iter().collect(),
            chosen: m.best(),
            robust: robust.and_then(|lr| m.grid.iter().find(|c| c.lr == lr)),
            default: group.defaults.iter().find(|d| d.is_default_of(m)).and_then(Member::shown),
            color: member_color(view, &m.label),
        }
    };
    group.members.iter().map(line).collect()
}

/// What the panels of one problem share: scales, and what is subtracted.
struct Ground {
    minimum: f64,
    least_shown: f64,
    x: Scale,
    /// The ends of the vertical scale.
    ends: (f64, f64),
}

impl Ground {
    /// None for a single learning rate, or without a loss.
    fn new(view: &View, group: &Group, landscape: Option<&Landscape>, lines: &[Line], test: bool) -> Option<Self> {
        let known = known_minimum(group, landscape);
        let minimum = known.unwrap_or(0.0);
        let first = |t: &TrialRow| view.curve(&t.key).first().map(|p| p.validation_loss - minimum);
        let start = most(group.trials().filter_map(first)).unwrap_or(f64::INFINITY);
        let least_shown = if known.is_some() { NOTHING * start } else { f64::NEG_INFINITY };
        let cells = || lines.iter().flat_map(|l| &l.cells).copied();
        let rates = || cells().chain(lines.iter().filter_map(|l| l.default)).map(|c| c.lr);
        let (from, to) = (least(cells().map(|c| c.lr))?, most(cells().map(|c| c.lr))?);
        if from == to {
            return None;
        }
        let x = Scale::log(least(rates())?, most(rates())?).room(0.04, 0.04);
        let ground = Ground { minimum, least_shown, x, ends: (0.0, 0.0) };
        let measures: &[fn(&TrialRow) -> f64] = &[|t| t.validation_loss, |t| t.test_loss];
        let measures = &measures[..if test { 2 } else { 1 }];
        let seen: Vec<f64> =
            measures.iter().flat_map(|m| cells().filter_map(|c| ground.mean(c, *m))).map(|p| p.1).collect();
        let high = most(seen.iter().copied())?.min(if start > 0.0 { 3.0 * start } else { f64::INFINITY });
        let low = least(seen.iter().copied().filter(|&v| v <= high)).unwrap_or(high);
        Some(Ground { ends: (low, high), ..ground })
    }

    /// A loss as it is drawn.
    fn above(&self, loss: f64) -> f64 {
        (loss - self.minimum).max(self.least_shown)
    }

    fn mean(&self, cell: &Cell, measure: fn(&TrialRow) -> f64) -> Option<(f64, f64)> {
        Some((cell.lr, self.above(cell.search_mean(measure)?)))
    }

    /// From the lowest to the highest seed that ended.
    fn band(&self, cell: &Cell) -> Option<(f64, f64, f64)> {
        let losses = || cell.search.iter().filter(|t| usable(t)).map(|t| t.validation_loss);
        Some((cell.lr, self.above(least(losses())?), self.above(most(losses())?)))
    }

    fn panel(&self, title: String, lines: &[Line], test: bool, band: bool) -> Option<Panel> {
        let (mut bands, mut marks, mut lost) = (Vec::new(), Vec::new(), 0);
        for line in lines {
            let validation = |cell: &Cell| self.mean(cell, |t| t.validation_loss);
            let points: Vec<_> = line.cells.iter().filter_map(|c| validation(c)).collect();
            let tested = line.cells.iter().filter(|_| test).filter_map(|c| self.mean(c, |t| t.test_loss)).collect();
            if band && line.cells.iter().any(|c| c.search.len() > 1) {
                let band = line.cells.iter().filter_map(|c| self.band(c)).collect();
                bands.push(Mark::Band(band, line.color));
            }
            marks.push(Mark::Line(tested, Ink::new(line.color, Dash::Dashed)));
            marks.extend(points.iter().map(|&at| Mark::Dot(at, 2.4, line.color)));
            marks.push(Mark::Line(points, Ink::new(line.color, Dash::Solid)));
            marks.extend(line.robust.and_then(validation).map(|at| Mark::Star(at, line.color)));
            marks.extend(line.chosen.and_then(validation).map(|at| Mark::Ring(at, 5.5, line.color)));
            let default = line.default.and_then(|c| Some((c.lr, self.above(c.mean(|t| t.validation_loss)?))));
            marks.extend(default.map(|at| Mark::Square(at, 3.6, line.color)));
            marks.extend(line.cells.iter().filter_map(|c| Some(Mark::Hint(validation(c)?, hint(&line.label, c)?))));
            let before = marks.len();
            marks.extend(line.cells.iter().filter(|c| c.search_lost() > 0).map(|c| Mark::Lost(c.lr, lost, line.color)));
            lost += usize::from(marks.len() > before);
        }
        let (low, high) = self.ends;
        let y = Scale::suited(low, high).room(0.06, 0.06 + 0.04 * lost as f64);
        Some(Panel { title, x: self.x, y, marks: bands.into_iter().chain(marks).collect() })
    }
}

/// What a cell came to.
fn hint(label: &str, cell: &Cell) -> Option<String> {
    let loss = cell.searched(|t| t.validation_loss)?;
    let lost = if cell.search_lost() > 0 { format!(", {} lost", cell.search_lost()) } else { String::new() };
    let at = if label.is_empty() { "lr".to_owned() } else { format!("{label} at lr") };
    Some(format!("{at} {}: {} (n = {}{lost})", plain(cell.lr), estimate(&loss), loss.n))
}
