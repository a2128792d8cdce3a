//! The only place that knows plotters: lines, areas and words on a page.

use crate::table::escape;
use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// plotters' SVG has whole coordinates: the page is drawn ten times as large, and shown in its own size.
const SCALE: f64 = 10.0;

/// A colour: red, green, blue.
pub(super) type Rgb = (u8, u8, u8);

/// Words and frames.
pub(super) const TEXT: Rgb = (38, 38, 38);
/// Words of less weight.
pub(super) const QUIET: Rgb = (105, 105, 105);
/// Lines of reference.
pub(super) const GROUND: Rgb = (120, 120, 120);
/// Grid lines.
pub(super) const GRID: Rgb = (228, 228, 228);

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ink {
    pub(super) color: Rgb,
    pub(super) dash: Dash,
    /// 0 to 1.
    pub(super) opacity: f64,
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dash {
    Solid,
    Dashed,
    Dotted,
    /// Thin, unbroken: grid and contours.
    Hair,
}

impl Dash {
    /// plotters' SVG has no dashes: each kind has a width of its own, by which the written page is then completed.
    fn width(self) -> u32 {
        match self {
            Dash::Solid => 19,
            Dash::Dashed => 13,
            Dash::Dotted => 21,
            Dash::Hair => 9,
        }
    }
    fn pattern(self) -> Option<&'static str> {
        match self {
            Dash::Solid | Dash::Hair => None,
            Dash::Dashed => Some("50 35"),
            Dash::Dotted => Some("1 40"),
        }
    }
}

impl Ink {
    /// An opaque line.
    pub(super) fn new(color: Rgb, dash: Dash) -> Self {
        Ink { color, dash, opacity: 1.0 }
    }
    /// Lets through what lies below.
    pub(super) fn faint(self, opacity: f64) -> Self {
        Ink { opacity, ..self }
    }
}

/// Where a text lies, seen from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Start,
    Middle,
    End,
    /// In the middle, turned to read upwards.
    Upwards,
}

/// A page under way; coordinates in pixels from its upper left corner.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    failed: Option<String>,
    /// Texts that appear when the pointer rests near a point.
    hints: Vec<((f64, f64), String)>,
}

impl Canvas<'_> {
    /// Draws a page of that size.
    pub(super) fn page((width, height): (f64, f64), draw: impl FnOnce(&mut Canvas)) -> Result<String> {
        let large = ((width * SCALE) as u32, (height * SCALE) as u32);
        let mut svg = String::new();
        let area = SVGBackend::with_string(&mut svg, large).into_drawing_area();
        let mut canvas = Canvas { area, failed: None, hints: Vec::new() };
        canvas.rect((0.0, 0.0), (width, height), (255, 255, 255), 1.0);
        draw(&mut canvas);
        canvas.area.present().map_err(|e| anyhow!("{e}"))?;
        let failed = canvas.failed.take();
        let hints: String = std::mem::take(&mut canvas.hints).iter().map(|(at, text)| hint(*at, text)).collect();
        drop(canvas);
        match failed {
            Some(reason) => Err(anyhow!("cannot draw: {reason}")),
            None if hints.is_empty() => Ok(completed(&svg, large, (width, height))),
            None => {
                let hints = format!("<g class=\"hints\" fill=\"none\" pointer-events=\"all\">\n{hints}</g>\n</svg>");
                Ok(completed(&svg, large, (width, height)).replace("</svg>", &hints))
            }
        }
    }

    /// A text that appears when the pointer rests near a point.
    pub(super) fn hint(&mut self, at: (f64, f64), text: &str) {
        self.hints.push((at, text.to_owned()));
    }

    pub(super) fn line(&mut self, points: &[(f64, f64)], ink: Ink) {
        let style = rgb(ink.color).mix(ink.opacity).stroke_width(ink.dash.width());
        let points: Vec<_> = points.iter().map(|&p| large(p)).collect();
        self.put(|area| area.draw(&PathElement::new(points, style)));
    }

    pub(super) fn area(&mut self, outline: &[(f64, f64)], color: Rgb, opacity: f64) {
        let points: Vec<_> = outline.iter().map(|&p| large(p)).collect();
        self.put(|area| area.draw(&Polygon::new(points, rgb(color).mix(opacity).filled())));
    }

    pub(super) fn rect(&mut self, from: (f64, f64), to: (f64, f64), color: Rgb, opacity: f64) {
        self.put(|area| area.draw(&Rectangle::new([large(from), large(to)], rgb(color).mix(opacity).filled())));
    }

    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, color: Rgb) {
        self.put(|area| area.draw(&Circle::new(large(at), (radius * SCALE) as i32, rgb(color).filled())));
    }

    pub(super) fn ring(&mut self, at: (f64, f64), radius: f64, color: Rgb) {
        let style = rgb(color).stroke_width(Dash::Solid.width());
        self.put(|area| area.draw(&Circle::new(large(at), (radius * SCALE) as i32, style)));
    }

    pub(super) fn cross(&mut self, (x, y): (f64, f64), arm: f64, color: Rgb) {
        for slope in [arm, -arm] {
            self.line(&[(x - arm, y - slope), (x + arm, y + slope)], Ink::new(color, Dash::Solid));
        }
    }

    pub(super) fn text(&mut self, text: &str, at: (f64, f64), size: f64, align: Align, color: Rgb) {
        if !text.is_empty() {
            self.put(|area| area.draw_text(text, &style(size, align, color, FontStyle::Normal), large(at)));
        }
    }

    pub(super) fn bold(&mut self, text: &str, at: (f64, f64), size: f64, align: Align) {
        self.put(|area| area.draw_text(text, &style(size, align, TEXT, FontStyle::Bold), large(at)));
    }

    fn put<E: std::fmt::Display>(&mut self, draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), E>) {
        if let Err(e) = draw(&self.area) {
            self.failed.get_or_insert(e.to_string());
        }
    }
}

/// The width of a text in pixels, near enough to leave room for it.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * 0.56
}

/// A text in lines of that width, broken at blanks and slashes.
pub(super) fn wrapped(text: &str, room: f64, size: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(['/', ' ']) {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && width(&lines[last], size) + width(word.trim(), size) > room {
            lines.push(String::new());
        }
        let last = lines.len() - 1;
        lines[last].push_str(word);
    }
    lines
}

/// An invisible disc with a title.
fn hint(at: (f64, f64), text: &str) -> String {
    const RADIUS: f64 = 7.0;
    let (x, y) = large(at);
    let (radius, text) = ((RADIUS * SCALE) as i32, escape(text));
    format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"><title>{text}</title></circle>\n")
}

fn large((x, y): (f64, f64)) -> (i32, i32) {
    ((x * SCALE).round() as i32, (y * SCALE).round() as i32)
}

fn rgb((r, g, b): Rgb) -> RGBColor {
    RGBColor(r, g, b)
}

fn style(size: f64, align: Align, color: Rgb, weight: FontStyle) -> TextStyle<'static> {
    let font = FontDesc::new(FontFamily::SansSerif, size * SCALE, weight);
    let horizontal = match align {
        Align::Start => HPos::Left,
        Align::Middle | Align::Upwards => HPos::Center,
        Align::End => HPos::Right,
    };
    let font = if align == Align::Upwards { font.transform(FontTransform::Rotate270) } else { font };
    TextStyle { font, color: rgb(color).to_backend_color(), pos: Pos::new(horizontal, VPos::Center) }
}

/// The page in its own size, with round joints and dashes.
fn completed(svg: &str, large: (u32, u32), (width, height): (f64, f64)) -> String {
    let head = format!("<svg width=\"{}\" height=\"{}\"", large.0, large.1);
    let own = format!("<svg width=\"{width}\" height=\"{height}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"");
    let mut svg = svg.replacen(&head, &own, 1).replace(" opacity=\"1\"", "").replace(" \"/>", "\"/>");
    for dash in [Dash::Dashed, Dash::Dotted] {
        let bare = format!("stroke-width=\"{}\"", dash.width());
        let pattern = dash.pattern().unwrap_or_default();
        svg = svg.replace(&bare, &format!("{bare} stroke-dasharray=\"{pattern}\""));
    }
    svg
}
