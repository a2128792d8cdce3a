//! Figures: one SVG a kind, its panels the problems. Functions of files, the same bytes on every machine.

mod across;
mod budget;
mod canvas;
mod contour;
mod curves;
mod figure;
mod heat;
mod paths;
mod rates;
mod scale;

use crate::view::View;
use anyhow::Result;
use figure::Figure;

/// A figure of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// The file below `plots/`, without its ending.
    pub name: &'static str,
    /// What it shows.
    pub title: String,
    /// What is drawn how, in a sentence.
    pub caption: String,
    /// The picture.
    pub svg: String,
}

/// All figures that say something about these results; none is empty.
///
/// # Errors
/// If a picture cannot be drawn.
pub fn all(view: &View) -> Result<Vec<Plot>> {
    type Make = fn(&View) -> Figure;
    let over_all: [(&str, Make); 2] = [("reached", across::reached), ("profile", across::profile)];
    let of_each: [(&str, Make); 8] = [
        ("loss", curves::loss),
        ("metric", curves::metric),
        ("gap", curves::gap),
        ("rates", rates::figure),
        ("each", rates::each),
        ("budget", budget::figure),
        ("paths", paths::two_dimensions),
        ("steps", paths::one_dimension),
    ];
    let of_each = of_each.into_iter().filter(|_| !view.many());
    let figures = of_each.chain(over_all).map(|(name, make)| (name, make(view)));
    let draw =
        |(name, f): (_, Figure)| Ok(Plot { name, title: f.title.clone(), caption: f.caption.clone(), svg: f.draw()? });
    let mut plots: Vec<Plot> = figures.filter(|(_, f)| !f.panels.is_empty()).map(draw).collect::<Result<_>>()?;
    if !view.many() {
        plots.extend(heat::plot(view)?);
    }
    for across in view.across() {
        plots.extend(across::ranks(view, across)?);
    }
    Ok(plots)
}
