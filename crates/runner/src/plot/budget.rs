//! What tuning buys, over what it costs.

use super::canvas::{Dash, Ink};
use super::curves::{key, known_minimum, least, member_color, most};
use super::figure::{Figure, Mark, Panel};
use super::scale::Scale;
use crate::landscape::Landscape;
use crate::rows::unit;
use crate::stats::{Axis, Group};
use crate::table::{plain, significant};
use crate::tuning::{Tuning, tuning};
use crate::view::View;

/// The expected best validation loss over what was spent on candidates, a dot for each further one.
pub(super) fn figure(view: &View) -> Figure {
    let panels = view.scenes().filter(|_| view.axis != Axis::LearningRate).filter_map(|(g, l)| panel(view, g, l));
    let defaults = view.groups.iter().any(|g| !g.defaults.is_empty());
    Figure {
        title: "What tuning buys".into(),
        caption: ["expected lowest validation loss of the candidates tried so far, a dot for each; all seeds counted"]
            .into_iter()
            .chain(defaults.then_some("square: the default, untuned"))
            .collect::<Vec<_>>()
            .join("; "),
        key: key(view),
        x: match unit(&view.results.trials) {
            "gradients" => "calls of the gradient",
            unit => unit,
        }
        .into(),
        y: "expected best loss".into(),
        panels: panels.collect(),
        ..Figure::default()
    }
}

fn panel(view: &View, group: &Group, landscape: Option<&Landscape>) -> Option<Panel> {
    let minimum = known_minimum(group, landscape).unwrap_or(0.0);
    let all = tuning(group);
    let points = |t: &Tuning| -> Vec<(f64, f64)> {
        t.best.iter().enumerate().map(|(k, loss)| ((k + 1) as f64 * t.spent, loss - minimum)).collect()
    };
    let seen: Vec<(f64, f64)> = all.iter().flat_map(points).collect();
    let (from, to) = (least(seen.iter().map(|p| p.0))?, most(seen.iter().map(|p| p.0))?);
    let (low, high) = (least(seen.iter().map(|p| p.1))?, most(seen.iter().map(|p| p.1))?);
    let (mut marks, unit) = (Vec::new(), unit(&view.results.trials));
    for tuned in &all {
        let of = group.defaults.iter().find(|d| d.label == tuned.label);
        let owner = of.and_then(|d| group.members.iter().find(|m| d.is_default_of(m))).map(|m| m.label.as_str());
        let color = member_color(view, owner.unwrap_or(&tuned.label));
        let line = points(tuned);
        let hint = |(k, at): (usize, &(f64, f64))| {
            let (loss, spent) = (significant(at.1, 4), plain(at.0));
            let text = format!("{}, k = {}: {loss} after {spent} {unit}", tuned.label, k + 1);
            Mark::Hint(*at, text)
        };
        match of {
            Some(_) => marks.extend(line.iter().map(|&at| Mark::Square(at, 3.6, color))),
            None => marks.extend(line.iter().map(|&at| Mark::Dot(at, 2.4, color))),
        }
        marks.extend(line.iter().enumerate().map(hint));
        marks.push(Mark::Line(line, Ink::new(color, Dash::Solid)));
    }
    let y = Scale::suited(low, high).room(0.06, 0.06);
    Some(Panel { title: group.title(), x: Scale::suited(from, to).room(0.04, 0.04), y, marks })
}
