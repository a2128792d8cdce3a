//! Members by problems: how far each is from the best.

use super::Plot;
use super::canvas::{Align, Canvas, QUIET, Rgb, TEXT, width, wrapped};
use super::curves::known_minimum;
use crate::landscape::Landscape;
use crate::stats::{Axis, Compared, Group};
use crate::table::significant;
use crate::view::View;
use anyhow::Result;

/// One cell, and whether it is told apart from the best.
struct Tile {
    far: Far,
    resolved: bool,
}

/// How far from the best.
enum Far {
    /// So many times its test loss.
    Times(f64),
    /// This far, where the best is at the minimum, of which nothing is a multiple.
    Above(f64),
}

/// The heat map; none for fewer than two members or two problems, nor for learning rates.
///
/// # Errors
/// If it cannot be drawn.
pub(super) fn plot(view: &View) -> Result<Option<Plot>> {
    let labels = view.labels();
    let columns: Vec<(&Group, Vec<Option<Tile>>)> =
        view.scenes().filter_map(|(g, l)| Some((g, column(view, g, l, &labels)?))).collect();
    if labels.len() < 2 || columns.len() < 2 || view.axis == Axis::LearningRate {
        return Ok(None);
    }
    let tiles = || columns.iter().flat_map(|(_, tiles)| tiles.iter().flatten());
    let above = if tiles().any(|tile| matches!(tile.far, Far::Above(_))) {
        " (grey: less the minimum, as the lowest is at it)"
    } else {
        ""
    };
    let caption = format!(
        "test loss at the chosen learning rate, as a multiple of the lowest on that problem{above}; \
         ≈: not told apart from the best, seed by seed"
    );
    let title = format!("Problem by problem, by {}", view.axis.name());
    let svg = draw(&labels, &columns, &title, &caption)?;
    Ok(Some(Plot { name: "heat", title, caption, svg }))
}

fn column(view: &View, group: &Group, landscape: Option<&Landscape>, labels: &[&str]) -> Option<Vec<Option<Tile>>> {
    let minimum = known_minimum(group, landscape).unwrap_or(0.0);
    let lowest = group.lowest(|t| t.test_loss)?;
    let mean = |m: usize| Some(group.members[m].best()?.mean(|t| t.test_loss)? - minimum);
    // A loss that rounding made negative is nothing.
    let best = mean(lowest).filter(|&b| b >= 0.0)?;
    let apart = |c: Option<Compared>| c.is_some_and(|c| c.resolved());
    let differences = group.compared(lowest, |t| t.test_loss, view.ask.equivalence);
    let tile = |label: &&str| {
        let m = group.members.iter().position(|m| m.label == **label)?;
        let far = match mean(m)? {
            above if best == 0.0 => Far::Above(above),
            _ if m == lowest => Far::Times(1.0),
            above => Far::Times(above / best),
        };
        Some(Tile { far, resolved: m == lowest || apart(differences[m]) })
    };
    Some(labels.iter().map(tile).collect())
}

fn draw(labels: &[&str], columns: &[(&Group, Vec<Option<Tile>>)], title: &str, caption: &str) -> Result<String> {
    const PAGE: f64 = 960.0;
    const SIZE: f64 = 12.5;
    const ROW: f64 = 30.0;
    let left = labels.iter().map(|l| width(l, SIZE)).fold(60.0, f64::max).min(300.0) + 28.0;
    let cell = ((PAGE - left - 16.0) / columns.len() as f64).min(150.0);
    let titles: Vec<Vec<String>> = columns.iter().map(|(g, _)| wrapped(&g.title(), cell - 6.0, SIZE)).collect();
    let lines = titles.iter().map(Vec::len).max().unwrap_or(1);
    let top = 66.0 + 15.0 * lines as f64;
    Canvas::page((PAGE, top + ROW * labels.len() as f64 + 16.0), |canvas| {
        canvas.bold(title, (16.0, 22.0), 16.0, Align::Start);
        canvas.text(caption, (16.0, 44.0), SIZE, Align::Start, QUIET);
        for (row, label) in labels.iter().enumerate() {
            let y = top + ROW * (row as f64 + 0.5);
            canvas.text(label, (left - 10.0, y), SIZE, Align::End, TEXT);
        }
        for (i, ((_, tiles), title)) in columns.iter().zip(&titles).enumerate() {
            let x = left + cell * i as f64;
            for (line, text) in title.iter().enumerate() {
                let y = top - 10.0 - 15.0 * (title.len() - 1 - line) as f64;
                canvas.text(text, (x + cell / 2.0, y), SIZE, Align::Middle, TEXT);
            }
            for (row, tile) in tiles.iter().enumerate() {
                let y = top + ROW * row as f64;
                let (back, front, text) = look(tile.as_ref());
                canvas.rect((x + 1.0, y + 1.0), (x + cell - 1.0, y + ROW - 1.0), back, 1.0);
                canvas.text(&text, (x + cell / 2.0, y + ROW / 2.0), SIZE, Align::Middle, front);
            }
        }
    })
}

/// Background, text colour and text of a tile: the darker, the further from the best.
fn look(tile: Option<&Tile>) -> (Rgb, Rgb, String) {
    const GREY: Rgb = (236, 236, 236);
    let Some(tile) = tile else { return (GREY, QUIET, "—".into()) };
    let sign = if tile.resolved { "" } else { "≈ " };
    let ratio = match tile.far {
        Far::Above(loss) => return (GREY, TEXT, format!("{sign}{}", significant(loss, 2))),
        Far::Times(ratio) => ratio,
    };
    // From the best to ten times as much; beyond, all is equally dark.
    let far = libm::log10(ratio).clamp(0.0, 1.0);
    let shade = |light: f64, dark: f64| (light + far * (dark - light)).round() as u8;
    // Between ColorBrewer's lightest and darkest blue.
    let back = (shade(239.0, 8.0), shade(246.0, 48.0), shade(252.0, 107.0));
    let text = match ratio {
        r if r < 99.95 => significant(r, if r < 9.995 { 3 } else { 2 }),
        _ => ">100".into(),
    };
    (back, readable(back), format!("{sign}{text}"))
}

/// Black or white, whichever contrasts more with a ground: at least 4.5 to 1 on any (WCAG 2.2, 1.4.3).
fn readable((r, g, b): Rgb) -> Rgb {
    let linear = |c: u8| match f64::from(c) / 255.0 {
        c if c <= 0.04045 => c / 12.92,
        c => libm::pow((c + 0.055) / 1.055, 2.4),
    };
    let luminance = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    // Where (l + 0.05) / 0.05 = 1.05 / (l + 0.05).
    if luminance > 0.179 { (0, 0, 0) } else { (255, 255, 255) }
}

#[cfg(test)]
mod tests {
    use super::{Far, Tile, look};

    #[test]
    fn a_tile_says_how_many_times_or_how_far() {
        let said = |far, resolved| look(Some(&Tile { far, resolved })).2;
        assert_eq!(said(Far::Times(1.0), true), "1.00");
        assert_eq!(said(Far::Times(45.2), false), "≈ 45");
        assert_eq!(said(Far::Times(1e5), true), ">100");
        assert_eq!(said(Far::Above(1.2e-96), true), "1.2e-96");
        assert_eq!(look(None).2, "—");
    }
}
