//! Win, tie or unresolved.

use crate::estimate::{normal_quantile, t_quantile};
use crate::power::{fewest, seeds_for};
use crate::two::Difference;

/// What the difference `a - b` of two losses says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// `a` is lower.
    Better,
    /// `a` is higher.
    Worse,
    /// Whatever the difference is, it is smaller than what counts.
    Tie,
    /// Not known.
    Unresolved {
        /// So many more seeds for each would tell in four of five cases, if the difference and the spread are what they
        /// now seem; none if a million would not.
        further: Option<usize>,
    },
}

/// With how much certainty [`Verdict::Unresolved`] promises.
const POWER: f64 = 0.8;

/// A tie if the interval of coverage `1 - 2 alpha` lies within `bound` of zero: two one-sided tests (Schuirmann 1987,
/// doi:10.1007/BF01068419). Else a win if the interval of coverage `1 - alpha` excludes zero. So a difference that is
/// there, but smaller than what counts, is a tie; each verdict is wrong in at most a share `alpha` of cases. `bound >= 0`
/// is in the unit of the losses.
///
/// ```
/// use downhill_stats::{Verdict, paired, verdict};
/// let (a, b) = ([1.0, 1.1, 0.9, 1.0], [2.0, 2.2, 2.0, 1.9]);
/// let difference = paired(&a, &b, 0.95).expect("four pairs");
/// assert_eq!(verdict(&difference, 0.01, 0.05), Verdict::Better);
/// assert_eq!(verdict(&difference, 2.00, 0.05), Verdict::Tie);
/// ```
pub fn verdict(difference: &Difference, bound: f64, alpha: f64) -> Verdict {
    let (low, high) = difference.interval(1.0 - 2.0 * alpha);
    if -bound <= low && high <= bound {
        return Verdict::Tie;
    }
    let (low, high) = difference.interval(1.0 - alpha);
    match (low, high) {
        (_, high) if high < 0.0 => Verdict::Better,
        (low, _) if low > 0.0 => Verdict::Worse,
        _ => {
            let n = difference.estimate.n;
            let win = seeds_for(difference.estimate.value / difference.sd, alpha, POWER, difference.design);
            let tie = seeds_to_tie(difference, bound, alpha);
            let needed = [win, tie].into_iter().flatten().min();
            Verdict::Unresolved { further: needed.map(|needed| needed.saturating_sub(n).max(1)) }
        }
    }
}

/// The fewest seeds with which the interval fits into the bound, with a margin for its own noise.
fn seeds_to_tie(difference: &Difference, bound: f64, alpha: f64) -> Option<usize> {
    let room = bound - difference.estimate.value.abs();
    let fits = |n: usize| {
        let n = n as f64;
        let (error, df) = (difference.sd * difference.design.error(n), difference.design.freedom(n));
        (t_quantile(df, 1.0 - alpha) + t_quantile(df, POWER)) * error <= room
    };
    if room <= 0.0 {
        return None;
    }
    let reach = normal_quantile(1.0 - alpha) + normal_quantile(POWER);
    fewest((reach * difference.sd * difference.design.error(1.0) / room).powi(2).ceil(), fits)
}
