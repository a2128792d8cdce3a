//! How the final loss depends on the learning rate: how wrong the rate may be, and how far the cliff is. From the trials
//! of the search alone.

use super::{Cell, Member};
use std::fmt;

/// A distance along learning rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// In decades.
    pub decades: f64,
    /// Whether the grid ends there: it is at least so far.
    pub open: bool,
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at_least = if self.open { "at least " } else { "" };
        write!(f, "{at_least}{:.1}", self.decades)
    }
}

/// The final loss over the learning rate, in numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The chosen rate.
    pub best: f64,
    /// The rate of the lowest mean validation loss plus its standard error, among those that lost no trial and whose next
    /// higher neighbour lost none either: what one would take home. None if there is no such rate.
    pub robust: Option<f64>,
    /// How wide the range of rates around the best is whose loss is at most 5 % above its.
    pub within_5: Reach,
    /// The same for 10 %.
    pub within_10: Reach,
    /// From the best to the next higher rate at which a trial was lost, or to the end of the grid.
    pub cliff: Reach,
}

impl Member<'_> {
    /// The final loss over the learning rate, in numbers; none for fewer than three rates, or without a best one.
    pub fn slope(&self) -> Option<Slope> {
        let chosen = self.chosen.filter(|_| self.grid.len() > 2)?;
        let best = &self.grid[chosen];
        let lost = |c: &&Cell| c.search_lost() > 0;
        let above = &self.grid[chosen + 1..];
        let far = |c: &Cell| (c.lr / best.lr).log10();
        let cliff = match above.iter().find(lost) {
            Some(cell) => Reach { decades: far(cell), open: false },
            None => Reach { decades: above.last().map_or(0.0, far), open: true },
        };
        let safe = self.grid.iter().zip(self.grid.iter().skip(1).map(Some).chain([None]));
        let safe = safe.filter(|(cell, next)| !lost(cell) && !next.as_ref().is_some_and(lost));
        let pessimistic = |c: &Cell| {
            let losses: Vec<f64> = c.search.iter().map(|t| t.validation_loss).collect();
            let (n, mean) = (losses.len() as f64, losses.iter().sum::<f64>() / losses.len() as f64);
            let squares: f64 = losses.iter().map(|x| (x - mean).powi(2)).sum();
            mean + if n > 1.0 { (squares / (n - 1.0) / n).sqrt() } else { 0.0 }
        };
        let robust = safe.map(|(c, _)| (pessimistic(c), c.lr)).filter(|(loss, _)| loss.is_finite());
        let robust = robust.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, lr)| lr);
        Some(Slope { best: best.lr, robust, within_5: self.within(0.05)?, within_10: self.within(0.1)?, cliff })
    }

    /// The width of the range around the best rate whose loss is at most this share of the best one's size above it. Ends
    /// between two rates are interpolated in the logarithm of the rate; a rate with lost trials ends the range before it.
    fn within(&self, share: f64) -> Option<Reach> {
        let chosen = self.chosen?;
        let best = self.grid[chosen].search_loss()?;
        let bound = best + share * best.abs();
        let (below, above) = (self.grid[..=chosen].iter().rev(), self.grid[chosen..].iter());
        let (left, right) = (reach(below, bound), reach(above, bound));
        Some(Reach { decades: left.decades + right.decades, open: left.open || right.open })
    }
}

/// How far cells, from the best one on, stay below a bound.
fn reach<'c, 'a: 'c>(cells: impl Iterator<Item = &'c Cell<'a>>, bound: f64) -> Reach {
    let sound = |c: &Cell| c.search_loss().filter(|_| c.search_lost() == 0);
    let cells: Vec<(f64, Option<f64>)> = cells.map(|c| (c.lr.log10(), sound(c))).collect();
    let from = |x: f64| (x - cells[0].0).abs();
    for pair in cells.windows(2) {
        let ((x, loss), (next, beyond)) = (pair[0], pair[1]);
        match (loss, beyond) {
            (_, Some(beyond)) if beyond <= bound => {}
            (Some(loss), Some(beyond)) => {
                let share = if beyond > loss { ((bound - loss) / (beyond - loss)).clamp(0.0, 1.0) } else { 0.0 };
                return Reach { decades: from(x + share * (next - x)), open: false };
            }
            _ => return Reach { decades: from(x), open: false },
        }
    }
    Reach { decades: cells.last().map_or(0.0, |(x, _)| from(*x)), open: true }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::lab::Lab;
    use crate::rows::TrialRow;
    use crate::study::Study;
    use crate::trial::Record;
    use downhill::Registry;
    use downhill_problems::Families;

    /// Rates half a decade apart from 1e-3 on with these losses on two seeds, a little apart; infinite ones are lost.
    fn slope(losses: &[f64]) -> Slope {
        let lab = Lab::new(Registry::builtin(), Families::builtin());
        let text = "steps = 1\n[[optimizer]]\nname = \"sgd\"\n[[problem]]\nname = \"sphere\"\n";
        let study = Study::parse(String::new(), text.into(), &lab).unwrap();
        let bare = TrialRow::new(&Record::failed(&study.trials()[0], String::new()), &lab);
        let row = |i: usize, seed: u64, loss: f64| TrialRow {
            lr: 10f64.powf(-3.0 + 0.5 * i as f64),
            seed,
            outcome: if loss.is_finite() { "finished".into() } else { "diverged".into() },
            validation_loss: loss + 1e-6 * seed as f64,
            ..bare.clone()
        };
        let rows: Vec<TrialRow> =
            losses.iter().enumerate().flat_map(|(i, &loss)| [row(i, 0, loss), row(i, 1, loss)]).collect();
        let cells = rows.chunks(2).map(|pair| Cell {
            lr: pair[0].lr,
            search: pair.iter().collect(),
            trials: pair.iter().collect(),
        });
        Member::new("sgd".into(), cells.collect()).slope().unwrap()
    }

    fn near(reach: Reach, decades: f64, open: bool) -> bool {
        (reach.decades - decades).abs() < 1e-3 && reach.open == open
    }

    #[test]
    fn widths_are_interpolated_and_the_cliff_is_a_lost_trial() {
        // 1.05 lies half way up to 1.1 on the left, a quarter of the way up to 1.2 on the right.
        let s = slope(&[2.0, 1.1, 1.0, 1.2, f64::INFINITY]);
        assert!((s.best - 1e-2).abs() < 1e-9);
        assert!(near(s.within_5, 0.25 + 0.125, false), "{s:?}");
        assert!(near(s.within_10, 0.5 + 0.25, false), "{s:?}");
        assert!(near(s.cliff, 1.0, false), "{s:?}");
        assert_eq!(s.robust, Some(s.best));
    }

    #[test]
    fn what_the_grid_does_not_show_is_at_least() {
        let s = slope(&[1.0, 1.01, 1.02]);
        assert!(near(s.within_5, 1.0, true) && near(s.cliff, 1.0, true), "{s:?}");
    }

    /// The best rate is next to the cliff: the robust one is another.
    #[test]
    fn the_robust_rate_keeps_away_from_the_cliff() {
        let s = slope(&[1.3, 1.2, 1.0, f64::INFINITY]);
        assert!((s.best - 1e-2).abs() < 1e-9 && (s.robust.unwrap() - 10f64.powf(-2.5)).abs() < 1e-9, "{s:?}");
        assert!(near(s.cliff, 0.5, false), "{s:?}");
    }
}
