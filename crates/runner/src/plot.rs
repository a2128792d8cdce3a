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
    let figures = [
        ("loss", curves::loss(view)),
        ("metric", curves::metric(view)),
        ("gap", curves::gap(view)),
        ("rates", rates::figure(view)),
        ("each", rates::each(view)),
        ("budget", budget::figure(view)),
        ("reached", across::reached(view)),
        ("profile", across::profile(view)),
        ("paths", paths::two_dimensions(view)),
        ("steps", paths::one_dimension(view)),
    ];
    let panels = figures.into_iter().filter(|(_, f)| !f.panels.is_empty());
    let draw =
        |(name, f): (_, Figure)| Ok(Plot { name, title: f.title.clone(), caption: f.caption.clone(), svg: f.draw()? });
    let mut plots: Vec<Plot> = panels.map(draw).collect::<Result<_>>()?;
    plots.extend(heat::plot(view)?);
    for across in view.across() {
        plots.extend(across::ranks(view, across)?);
    }
    Ok(plots)
}
