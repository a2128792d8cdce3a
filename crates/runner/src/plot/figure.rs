//! A figure: a key of colours, and panels in a grid.

use super::canvas::{Align, Canvas, Dash, GRID, Ink, QUIET, Rgb, TEXT, width, wrapped};
use super::scale::Scale;
use anyhow::Result;

/// A point in the panel's own numbers.
pub(super) type At = (f64, f64);

/// The opacity of bands: two on top of each other still let lines through.
const BAND: f64 = 0.14;

/// A figure: a key of colours, and panels in a grid.
#[derive(Default)]
pub(super) struct Figure {
    pub(super) title: String,
    /// What is drawn how, in a sentence: below the title, and beside the figure in reports.
    pub(super) caption: String,
    /// Labels with their lines.
    pub(super) key: Vec<(String, Ink)>,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) panels: Vec<Panel>,
    /// Whether a panel is as high as it is wide.
    pub(super) square: bool,
    /// Whether panels are many and small.
    pub(super) small: bool,
}

/// One panel; later marks lie over earlier ones.
pub(super) struct Panel {
    pub(super) title: String,
    pub(super) x: Scale,
    pub(super) y: Scale,
    pub(super) marks: Vec<Mark>,
}

/// Something in a panel.
pub(super) enum Mark {
    /// Cut off where it leaves the panel.
    Line(Vec<At>, Ink),
    /// Between two lines over the same abscissas: x, low, high.
    Band(Vec<(f64, f64, f64)>, Rgb),
    Dot(At, f64, Rgb),
    Ring(At, f64, Rgb),
    /// At an abscissa, in some row of the strip at the panel's top.
    Lost(f64, usize, Rgb),
    /// At the panel's edge if it lies above or below.
    Cross(At, Rgb),
    Star(At, Rgb),
    /// By half its side.
    Square(At, f64, Rgb),
    /// A text for the pointer.
    Hint(At, String),
}

const WIDTH: f64 = 960.0;
const MARGIN: f64 = 16.0;
/// Left of a panel for tick labels, below it, above it.
const LEFT: f64 = 46.0;
const BELOW: f64 = 24.0;
const ABOVE: f64 = 24.0;
/// Between the panels of a row.
const BETWEEN: f64 = 14.0;
const LINE: f64 = 20.0;
/// Of a panel's title: its size, and from line to line.
const TITLE: f64 = 13.0;
const TITLE_LINE: f64 = 15.0;

impl Figure {
    fn columns(&self) -> usize {
        match self.panels.len() {
            _ if self.small => 4,
            n @ 1..=3 => n,
            4 => 2,
            _ => 3,
        }
    }

    pub(super) fn draw(&self) -> Result<String> {
        let columns = self.columns();
        let rows = self.panels.len().div_ceil(columns);
        let legend = Legend::new(&self.key);
        let upwards = if self.y.is_empty() { 0.0 } else { 20.0 };
        let top = 62.0 + legend.rows as f64 * LINE;
        let cell = (WIDTH - 2.0 * MARGIN - upwards - BETWEEN * (columns - 1) as f64) / columns as f64;
        let height = if self.square {
            (cell - LEFT).min(460.0)
        } else {
            (cell * 0.62).clamp(if self.small { 110.0 } else { 190.0 }, 330.0)
        };
        let titles: Vec<Vec<String>> = self.panels.iter().map(|p| wrapped(&p.title, cell - LEFT, TITLE)).collect();
        let above = ABOVE + TITLE_LINE * (titles.iter().map(Vec::len).max().unwrap_or(1) - 1) as f64;
        let row = above + height + BELOW;
        let page = (WIDTH, (top + row * rows as f64 + 30.0).ceil());
        Canvas::page(page, |canvas| {
            canvas.bold(&self.title, (MARGIN, 22.0), 16.0, Align::Start);
            canvas.text(&self.caption, (MARGIN, 44.0), 12.5, Align::Start, QUIET);
            legend.draw(canvas, 66.0);
            for (i, (panel, title)) in self.panels.iter().zip(&titles).enumerate() {
                let left = MARGIN + upwards + (i % columns) as f64 * (cell + BETWEEN) + LEFT;
                let upper = top + (i / columns) as f64 * row + above;
                for (line, text) in title.iter().rev().enumerate() {
                    let y = upper - 11.0 - TITLE_LINE * line as f64;
                    canvas.bold(text.trim_end(), (left, y), TITLE, Align::Start);
                }
                panel.draw(canvas, &Frame { left, top: upper, width: cell - LEFT, height });
            }
            let middle = top + row * rows as f64 / 2.0;
            canvas.text(&self.y, (MARGIN + 4.0, middle), 12.5, Align::Upwards, TEXT);
            canvas.text(&self.x, (WIDTH / 2.0, page.1 - 16.0), 12.5, Align::Middle, TEXT);
        })
    }
}

/// Where the panel lies on the page, in pixels.
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Panel {
    fn draw(&self, canvas: &mut Canvas, frame: &Frame) {
        let (right, bottom) = (frame.left + frame.width, frame.top + frame.height);
        for (x, label) in self.x.ticks() {
            let x = frame.left + frame.width * self.x.at(x);
            canvas.line(&[(x, frame.top), (x, bottom)], Ink::new(GRID, Dash::Hair));
            canvas.text(&label, (x, bottom + 11.0), 11.5, Align::Middle, TEXT);
        }
        for (y, label) in self.y.ticks() {
            let y = bottom - frame.height * self.y.at(y);
            canvas.line(&[(frame.left, y), (right, y)], Ink::new(GRID, Dash::Hair));
            canvas.text(&label, (frame.left - 6.0, y), 11.5, Align::End, TEXT);
        }
        let place = Place { panel: self, frame };
        self.marks.iter().for_each(|mark| place.draw(canvas, mark));
        let corners = [(frame.left, frame.top), (right, frame.top), (right, bottom), (frame.left, bottom)];
        let outline: Vec<_> = corners.into_iter().chain([corners[0]]).collect();
        canvas.line(&outline, Ink::new(QUIET, Dash::Hair));
    }
}

/// From a panel's numbers to the page.
struct Place<'a> {
    panel: &'a Panel,
    frame: &'a Frame,
}

impl Place<'_> {
    /// Shares of the panel's width and height, from its lower left corner.
    fn share(&self, (x, y): At) -> At {
        (self.panel.x.at(x), self.panel.y.at(y))
    }
    fn page(&self, (x, y): At) -> At {
        (self.frame.left + self.frame.width * x, self.frame.top + self.frame.height * (1.0 - y))
    }
    /// On the page; points above or below the panel at its edge, points beside it nowhere.
    fn held(&self, at: At) -> Option<At> {
        let (x, y) = self.share(at);
        ((-1e-9..=1.0 + 1e-9).contains(&x) && !y.is_nan()).then(|| self.page((x, y.clamp(0.0, 1.0))))
    }

    fn draw(&self, canvas: &mut Canvas, mark: &Mark) {
        match mark {
            Mark::Line(points, ink) => {
                let shares: Vec<At> = points.iter().map(|&p| self.share(p)).collect();
                for piece in clipped(&shares) {
                    let piece: Vec<At> = piece.into_iter().map(|p| self.page(p)).collect();
                    canvas.line(&piece, *ink);
                }
            }
            Mark::Band(points, color) => {
                let side = |&(x, y): &At| self.held((x, y));
                let low: Vec<At> = points.iter().map(|p| (p.0, p.1)).collect();
                let high: Vec<At> = points.iter().map(|p| (p.0, p.2)).collect();
                let outline: Vec<At> = low.iter().filter_map(side).chain(high.iter().rev().filter_map(side)).collect();
                canvas.area(&outline, *color, BAND);
            }
            Mark::Lost(x, row, color) => {
                let x = self.frame.left + self.frame.width * self.panel.x.at(*x);
                canvas.cross((x, self.frame.top + 6.0 + 7.0 * *row as f64), 2.6, *color);
            }
            Mark::Hint(at, text) => self.at(*at, |p| canvas.hint(p, text)),
            Mark::Dot(at, radius, color) => self.at(*at, |p| canvas.dot(p, *radius, *color)),
            Mark::Ring(at, radius, color) => self.at(*at, |p| canvas.ring(p, *radius, *color)),
            Mark::Cross(at, color) => self.held(*at).into_iter().for_each(|p| canvas.cross(p, 4.0, *color)),
            Mark::Star(at, color) => self.at(*at, |p| star(canvas, p, *color)),
            Mark::Square(at, half, color) => self.at(*at, |(x, y)| {
                canvas.rect((x - half, y - half), (x + half, y + half), *color, 1.0);
            }),
        }
    }

    /// Draws at a point, if it lies in the panel.
    fn at(&self, at: At, draw: impl FnOnce(At)) {
        let (x, y) = self.share(at);
        let inside = -1e-6..=1.0 + 1e-6;
        if inside.contains(&x) && inside.contains(&y) {
            draw(self.page((x, y)));
        }
    }
}

fn star(canvas: &mut Canvas, (x, y): At, color: Rgb) {
    // A regular pentagram's inner corners lie at 0.38 of its radius; drawn stouter.
    let corner = |i: u32| {
        let (radius, angle) = (if i.is_multiple_of(2) { 6.0 } else { 2.7 }, f64::from(i) * std::f64::consts::PI / 5.0);
        (x + radius * libm::sin(angle), y - radius * libm::cos(angle))
    };
    let outline: Vec<At> = (0..10).map(corner).collect();
    canvas.area(&outline, color, 1.0);
}

/// The pieces of a line inside the unit square. Points that are not numbers end a piece.
fn clipped(points: &[At]) -> Vec<Vec<At>> {
    let mut pieces: Vec<Vec<At>> = Vec::new();
    for pair in points.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1]) else { continue };
        match pieces.last_mut() {
            Some(piece) if piece.last() == Some(&from) => piece.push(to),
            _ => pieces.push(vec![from, to]),
        }
    }
    pieces
}

/// The part of a segment inside the unit square (Liang and Barsky 1984).
fn segment(a: At, b: At) -> Option<(At, At)> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut from, mut to) = (0.0f64, 1.0f64);
    for (step, room) in [(-dx, a.0), (dx, 1.0 - a.0), (-dy, a.1), (dy, 1.0 - a.1)] {
        if step.is_nan() || room.is_nan() || (step == 0.0 && room < 0.0) {
            return None;
        }
        if step < 0.0 {
            from = from.max(room / step);
        } else if step > 0.0 {
            to = to.min(room / step);
        }
    }
    let at = |t: f64| match t {
        0.0 => a,
        1.0 => b,
        t => (a.0 + t * dx, a.1 + t * dy),
    };
    (from <= to).then(|| (at(from), at(to)))
}

/// The key: entries in rows, as many in each as fit.
struct Legend<'a> {
    entries: Vec<(&'a str, Ink, f64, usize)>,
    rows: usize,
}

impl<'a> Legend<'a> {
    fn new(key: &'a [(String, Ink)]) -> Self {
        const SIZE: f64 = 12.5;
        let (mut x, mut row) = (MARGIN, 0);
        let mut entries = Vec::new();
        for (label, ink) in key {
            let length = 34.0 + width(label, SIZE) + 12.0;
            if x + length > WIDTH - MARGIN && x > MARGIN {
                (x, row) = (MARGIN, row + 1);
            }
            entries.push((label.as_str(), *ink, x, row));
            x += length;
        }
        Legend { rows: if key.is_empty() { 0 } else { row + 1 }, entries }
    }

    fn draw(&self, canvas: &mut Canvas, top: f64) {
        for &(label, ink, x, row) in &self.entries {
            let y = top + LINE * row as f64;
            canvas.line(&[(x, y), (x + 26.0, y)], ink);
            canvas.text(label, (x + 34.0, y), 12.5, Align::Start, TEXT);
        }
    }
}

/// The colour of the member at that place: for numbers in order from dark to light, else as far apart as can be.
pub(super) fn color(place: usize, of: usize, ordered: bool) -> Rgb {
    /// Okabe and Ito 2008, safe for the colour-blind; grey for the yellow, which is lost on white. Then Tol's muted
    /// ones (2021), as far as they are not among these, and two browns.
    const APART: [Rgb; 16] = [
        (0, 114, 178),
        (213, 94, 0),
        (0, 158, 115),
        (204, 121, 167),
        (230, 159, 0),
        (86, 180, 233),
        (60, 60, 60),
        (150, 150, 150),
        (136, 34, 85),
        (153, 153, 51),
        (51, 34, 136),
        (17, 119, 51),
        (136, 204, 238),
        (221, 160, 160),
        (120, 70, 20),
        (190, 160, 120),
    ];
    /// From viridis (van der Walt and Smith 2015), without its lightest fifth.
    const ORDERED: [Rgb; 5] = [(68, 1, 84), (59, 82, 139), (33, 144, 141), (68, 190, 112), (150, 210, 60)];
    if !ordered {
        return APART[place % APART.len()];
    }
    let at = place as f64 / of.saturating_sub(1).max(1) as f64 * (ORDERED.len() - 1) as f64;
    let (below, share) = ((at as usize).min(ORDERED.len() - 2), at - (at as usize).min(ORDERED.len() - 2) as f64);
    let mix = |a: u8, b: u8| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as u8;
    let (a, b) = (ORDERED[below], ORDERED[below + 1]);
    (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}
