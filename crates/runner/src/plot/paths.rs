//! Ways across landscapes of one and two parameters.

use super::canvas::{Dash, GROUND, Ink, Rgb};
use super::contour::Heights;
use super::curves::{key, least, member_color, most};
use super::figure::{At, Figure, Mark, Panel};
use super::scale::Scale;
use crate::landscape::Landscape;
use crate::rows::CurveRow;
use crate::stats::{Axis, Group, Member};
use crate::table::plain;
use crate::view::View;

/// More panels than this, and all members share one a group.
const PANELS: usize = 12;
const CONTOUR: Rgb = (178, 186, 194);
const STAR: Rgb = (20, 20, 20);

/// Paths over contours, for problems of two parameters.
pub(super) fn two_dimensions(view: &View) -> Figure {
    let what = "lines of equal loss part the picture into equal areas";
    Figure { square: true, ..figure(view, "Paths", what, panels(view, 2, contours)) }
}

/// Steps on the curve, for problems of one parameter.
pub(super) fn one_dimension(view: &View) -> Figure {
    let panels = panels(view, 1, profile);
    Figure { x: "parameter".into(), y: "loss".into(), ..figure(view, "Steps", "loss over the parameter", panels) }
}

fn figure(view: &View, title: &str, what: &str, panels: Vec<Panel>) -> Figure {
    Figure {
        title: format!("{title}, by {}", view.axis.name()),
        caption: format!("{what}; recorded points, the last one large; star: known minimum"),
        key: key(view),
        panels,
        ..Figure::default()
    }
}

/// One way: the points of a trial, in a member's colour.
struct Way {
    points: Vec<At>,
    color: Rgb,
}

type Draw = fn(&Landscape, &[Way]) -> Option<(Scale, Scale, Vec<Mark>)>;

/// One panel a group with one seed, or one a member with all seeds where seeds start at different points.
fn panels(view: &View, dimension: usize, draw: Draw) -> Vec<Panel> {
    let scenes: Vec<(&Group, &Landscape)> =
        view.scenes().filter_map(|(g, l)| Some((g, l.filter(|l| l.dimension == dimension)?))).collect();
    let members: usize = scenes.iter().map(|(g, _)| g.members.len()).sum();
    let starts_differ = scenes.iter().any(|(g, _)| starts(view, g) > 1);
    let apart = members <= PANELS && (starts_differ || dimension == 1);
    let mut panels = Vec::new();
    for (group, landscape) in scenes {
        let mut add = |title: String, ways: Vec<Way>| {
            let drawn = draw(landscape, &ways).map(|(x, y, marks)| Panel { title, x, y, marks });
            panels.extend(drawn);
        };
        if apart {
            group.members.iter().for_each(|m| add(title(view, group, m), ways(view, m, usize::MAX)));
        } else {
            let seed = if starts_differ { ", one seed" } else { "" };
            add(group.title() + seed, group.members.iter().flat_map(|m| ways(view, m, 1)).collect());
        }
    }
    panels
}

fn title(view: &View, group: &Group, member: &Member) -> String {
    let cell = member.shown();
    let lr = cell.filter(|_| view.axis != Axis::LearningRate).map(|c| format!("lr {}", plain(c.lr)));
    let lost = cell.filter(|c| c.lost() == c.trials.len()).map(|_| "diverged".to_owned());
    let problem = view.groups.iter().any(|g| g.problem != group.problem).then(|| group.problem.clone());
    let setting = Some(group.setting.clone()).filter(|s| !s.is_empty());
    let parts = [problem, setting, Some(member.label.clone()), lr, lost];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The number of different points that a group's trials start from.
fn starts(view: &View, group: &Group) -> usize {
    let mut starts: Vec<_> = group.trials().filter_map(|t| view.curve(&t.key).first()).map(point).collect();
    starts.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    starts.dedup();
    starts.len()
}

/// What a point of one parameter lacks is its loss.
fn point(p: &CurveRow) -> At {
    (p.x0.unwrap_or(f64::NAN), p.x1.unwrap_or(p.train_loss))
}

fn ways(view: &View, member: &Member, most: usize) -> Vec<Way> {
    let color = member_color(view, &member.label);
    let trials = member.shown().into_iter().flat_map(|c| c.trials.iter().take(most));
    let ways = trials.map(|t| Way { points: view.curve(&t.key).iter().map(point).collect(), color });
    ways.filter(|w| !w.points.is_empty()).collect()
}

/// Ways as marks: lines, a dot at each recorded step, a larger one at the end. Faint where there are many.
fn marks(ways: &[Way]) -> Vec<Mark> {
    let opacity = (6.0 / ways.len() as f64).clamp(0.12, 1.0);
    let lines = ways.iter().map(|w| Mark::Line(w.points.clone(), Ink::new(w.color, Dash::Solid).faint(opacity)));
    let dots =
        ways.iter().filter(|_| ways.len() <= 6).flat_map(|w| w.points.iter().map(|&at| Mark::Dot(at, 2.2, w.color)));
    let ends = ways.iter().filter_map(|w| Some(Mark::Dot(*w.points.last()?, 4.4, w.color)));
    lines.chain(dots).chain(ends).collect()
}

/// The part of coordinate `i` to look at: where the ways lie within the domain, with the nearest minimum and some
/// room; the whole domain where ways lead all over it.
fn window(landscape: &Landscape, ways: &[Way], i: usize) -> Option<(f64, f64)> {
    let coordinate = |p: &At| if i == 0 { p.0 } else { p.1 };
    let domain = landscape.facts.interval(i);
    let inside = |v: &f64| domain.is_none_or(|(low, high)| (low..=high).contains(v));
    let walked = || ways.iter().flat_map(|w| &w.points).map(coordinate).filter(|v| v.is_finite()).filter(inside);
    let minima: Vec<f64> = landscape.facts.minimisers.iter().map(|at| at[i]).filter(inside).collect();
    let middle = 0.5 * (least(walked())? + most(walked())?);
    let nearest = minima.into_iter().min_by(|a, b| (a - middle).abs().total_cmp(&(b - middle).abs()));
    let (low, high) = (least(walked().chain(nearest))?, most(walked().chain(nearest))?);
    let room = 0.25 * (high - low).max(1e-3);
    let (low, high) = (low - room, high + room);
    Some(domain.map_or((low, high), |(from, to)| (low.max(from), high.min(to))))
}

fn contours(landscape: &Landscape, ways: &[Way]) -> Option<(Scale, Scale, Vec<Mark>)> {
    const POINTS: usize = 96;
    /// As many as do not crowd the picture: on rough ground few.
    const LEVELS: [usize; 4] = [12, 8, 5, 3];
    const CROWD: usize = 4000;
    let (x, y) = (window(landscape, ways, 0)?, window(landscape, ways, 1)?);
    let between = |(low, high): (f64, f64), share: f64| low + share * (high - low);
    let heights = Heights::of(POINTS, |u, v| landscape.value(&[between(x, u), between(y, v)]));
    let at = |count| heights.levels(count).into_iter().flat_map(|l| heights.lines(l)).collect::<Vec<_>>();
    let calm = |lines: &Vec<Vec<At>>| lines.iter().map(Vec::len).sum::<usize>() <= CROWD;
    let lines = LEVELS.into_iter().map(at).find(calm).unwrap_or_else(|| at(2));
    let line = |line: Vec<At>| {
        let points = line.into_iter().map(|(u, v)| (between(x, u), between(y, v))).collect();
        Mark::Line(points, Ink::new(CONTOUR, Dash::Hair))
    };
    let stars = landscape.facts.minimisers.iter().map(|at| Mark::Star((at[0], at[1]), STAR));
    let marks = lines.into_iter().map(line).chain(marks(ways)).chain(stars).collect();
    Some((Scale::linear(x.0, x.1), Scale::linear(y.0, y.1), marks))
}

fn profile(landscape: &Landscape, ways: &[Way]) -> Option<(Scale, Scale, Vec<Mark>)> {
    const POINTS: u32 = 240;
    let (from, to) = landscape.facts.interval(0).or_else(|| window(landscape, ways, 0))?;
    let at = |i: u32| from + f64::from(i) / f64::from(POINTS) * (to - from);
    let ground: Vec<At> = (0..=POINTS).map(|i| (at(i), landscape.value(&[at(i)]))).collect();
    let (low, high) = (least(ground.iter().map(|p| p.1))?, most(ground.iter().map(|p| p.1))?);
    let stars = landscape.facts.minimisers.iter().map(|x| Mark::Star((x[0], landscape.value(x)), STAR));
    let ground = Mark::Line(ground.clone(), Ink::new(GROUND, Dash::Solid));
    let marks = [ground].into_iter().chain(marks(ways)).chain(stars).collect();
    Some((Scale::linear(from, to), Scale::linear(low, high).room(0.06, 0.06), marks))
}
