//! Numbers that others published, and whether they come out here: `"sgd at 10 = 92.98"`.

mod beside;

pub use beside::{compared, markdown, sentence};

use crate::rows::{CurveRow, TrialRow};
use crate::stats::{Cell, Group};
use crate::view::View;
use serde::{Deserialize, Deserializer, de::Error as _};

/// How many standard deviations a mean may be off.
const GATE: f64 = 3.0;

/// What somebody else found of one member at one learning rate: `"sgd = 87.40 +- 0.17"`,
/// `"test_metric: adam lr=0.001 at 10 = 0.925"`, `"sgd lr=0.1 = diverges"`.
///
/// The measure is a column of `trials.csv`, with `at` one of `curves.csv`, the test loss without one; the learning rate is the
/// chosen one without `lr=`; the place is the end without `at`, which counts in the unit of the budget. What was found is a
/// number, with its standard deviation over seeds if that was published, or that runs are lost, or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// As it is written.
    pub words: String,
    /// The column; of no meaning for what is no number.
    pub measure: String,
    /// The member that it is about.
    pub member: String,
    /// The learning rate, if not the chosen one.
    pub lr: Option<f64>,
    /// After so many steps or epochs, if not at the end.
    pub at: Option<u64>,
    /// What was found.
    pub found: Found,
}

/// What was found by others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// A number.
    Number {
        /// Of one run, or the mean of several.
        mean: f64,
        /// Their standard deviation; none of one.
        sd: Option<f64>,
        /// Half a unit of the last digit that was printed.
        rounding: f64,
    },
    /// Every run is lost.
    Diverges,
    /// No run is lost.
    Finishes,
}

/// What became of it here.
#[derive(Clone, Debug, PartialEq)]
pub struct Met {
    /// The values of the trials that were not lost.
    pub ours: Vec<f64>,
    /// How many were lost, of how many.
    pub lost: (usize, usize),
    /// Whether it came out; none if that cannot be told.
    pub held: Option<bool>,
}

impl Published {
    /// From the words of a study.
    ///
    /// # Errors
    /// If they are not of this form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is nothing published such as `sgd = 87.4 +- 0.17`, `test_metric: adam lr=0.001 at 10 = 0.925` or \
                 `sgd lr=0.1 = diverges`"
            )
        };
        let (left, right) = text.rsplit_once(" = ").ok_or_else(wrong)?;
        let found = Found::parse(right.trim()).ok_or_else(wrong)?;
        let (measure, rest) = left.split_once(": ").unwrap_or(("test_loss", left));
        let (rest, at) = match rest.rsplit_once(" at ") {
            Some((rest, at)) => (rest, Some(at.trim().parse().map_err(|_| wrong())?)),
            None => (rest, None),
        };
        let (member, lr) = match rest.rsplit_once(" lr=") {
            Some((member, lr)) => (member, Some(lr.trim().parse().map_err(|_| wrong())?)),
            None => (rest, None),
        };
        let [measure, member] = [measure, member].map(|word| word.trim().to_owned());
        if measure.is_empty() || member.is_empty() {
            return Err(wrong());
        }
        Ok(Published { words: text.to_owned(), measure, member, lr, at, found })
    }

    /// Whether trials, or points of a curve, have that measure.
    pub fn measurable(&self, trial: &TrialRow) -> bool {
        match self.at {
            None => trial.column(&self.measure).is_some(),
            Some(_) => CurveRow::default().column(&self.measure).is_some(),
        }
    }

    /// The candidate of the group that it is about.
    pub fn cell<'g, 'a>(&self, group: &'g Group<'a>) -> Option<&'g Cell<'a>> {
        let member = group.members.iter().find(|m| m.label == self.member)?;
        match self.lr {
            Some(lr) => member.grid.iter().find(|cell| cell.lr == lr),
            None => member.shown(),
        }
    }

    /// What became of it on a problem; none if it was not tried there.
    pub fn met(&self, group: &Group, view: &View) -> Option<Met> {
        let cell = self.cell(group)?;
        let ours = cell.usable().filter_map(|trial| self.value(trial, view));
        let ours: Vec<f64> = ours.filter(|x| x.is_finite()).collect();
        let lost = (cell.lost(), cell.trials.len());
        let held = self.found.held(&ours, lost);
        Some(Met { ours, lost, held })
    }

    /// What a trial that was not lost came to.
    fn value(&self, trial: &TrialRow, view: &View) -> Option<f64> {
        let Some(at) = self.at else { return trial.column(&self.measure) };
        let budget: u64 = trial.budget.split(' ').next()?.parse().ok().filter(|&n| n > 0)?;
        let there = |point: &&CurveRow| point.step * budget == at * trial.step;
        view.curve(&trial.key).iter().find(there)?.column(&self.measure)
    }
}

impl<'de> Deserialize<'de> for Published {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Published::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Found {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "diverges" => return Some(Found::Diverges),
            "finishes" => return Some(Found::Finishes),
            _ => {}
        }
        let (mean, sd) = text.split_once(" +- ").map_or((text, None), |(mean, sd)| (mean, Some(sd)));
        let finite = |text: &str| text.trim().parse().ok().filter(|x: &f64| x.is_finite());
        let sd = match sd {
            Some(sd) => Some(finite(sd).filter(|sd| *sd >= 0.0)?),
            None => None,
        };
        Some(Found::Number { mean: finite(mean)?, sd, rounding: rounding(mean) })
    }

    /// By how many standard deviations the mean of ours is off: those published, else our own. None of what is no number, or
    /// without deviations.
    fn off(self, ours: &[f64]) -> Option<f64> {
        let Found::Number { mean, sd, .. } = self else { return None };
        let (own, own_sd) = moments(ours)?;
        Some((own - mean) / sd.or(own_sd)?).filter(|off| off.is_finite())
    }

    /// A mean of ours may be off by three standard deviations and the rounding of what was printed: by the deviations that
    /// were published, by our own of one run. Trials that were lost are no values; if all were, there is none.
    fn held(self, ours: &[f64], (lost, all): (usize, usize)) -> Option<bool> {
        match self {
            _ if all == 0 => None,
            Found::Diverges => Some(lost == all),
            Found::Finishes => Some(lost == 0),
            Found::Number { .. } if lost == all => Some(false),
            Found::Number { mean, sd, rounding } => {
                let (own, own_sd) = moments(ours)?;
                Some((own - mean).abs() <= GATE * sd.or(own_sd)? + rounding)
            }
        }
    }
}

/// Half a unit of the last digit of a number as it is written.
fn rounding(text: &str) -> f64 {
    let (digits, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.trim().len());
    0.5 * 10f64.powi(power.trim().parse::<i32>().unwrap_or(0) - decimals as i32)
}

/// Mean and standard deviation; none of no value, and no deviation of one.
fn moments(values: &[f64]) -> Option<(f64, Option<f64>)> {
    let n = values.len() as f64;
    let mean = Some(values.iter().sum::<f64>() / n).filter(|mean| mean.is_finite())?;
    let square: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    Some((mean, (values.len() > 1).then(|| (square / (n - 1.0)).sqrt())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_was_published_is_read_as_it_is_written() {
        let read = |text: &str| Published::parse(text).unwrap();
        let all = read("test_metric: heavy-ball momentum=0.99 order=fixed lr=0.001 at 10 = 0.925 +- 0.002");
        assert_eq!(
            (all.measure.as_str(), all.member.as_str()),
            ("test_metric", "heavy-ball momentum=0.99 order=fixed")
        );
        assert_eq!((all.lr, all.at), (Some(0.001), Some(10)));
        assert_eq!(all.found, Found::Number { mean: 0.925, sd: Some(0.002), rounding: 0.0005 });
        let bare = read("sgd = 353");
        assert_eq!((bare.measure.as_str(), bare.lr, bare.at), ("test_loss", None, None));
        assert_eq!(bare.found, Found::Number { mean: 353.0, sd: None, rounding: 0.5 });
        assert_eq!(
            read("train_loss: sgd at 100 = 5.6e-5").found,
            Found::Number { mean: 5.6e-5, sd: None, rounding: 5e-7 }
        );
        assert_eq!(read("sgd lr=0.1 = diverges").found, Found::Diverges);
        for text in ["sgd", "sgd = ", " = 3", "sgd = 3 +- x", "sgd at ten = 3", "sgd lr=fast = 3", "sgd = 3 +- -1"] {
            assert!(Published::parse(text).unwrap_err().contains("87.4 +- 0.17"), "{text}");
        }
    }

    #[test]
    fn three_deviations_and_the_rounding_are_allowed() {
        let held = |found: &str, ours: &[f64]| Found::parse(found).unwrap().held(ours, (0, ours.len()));
        assert_eq!(held("1.0 +- 0.1", &[1.34]), Some(true));
        assert_eq!(held("1.0 +- 0.1", &[1.36]), Some(false));
        assert_eq!(held("1.0", &[1.2, 1.4]), Some(true)); // our own deviation is 0.14
        assert_eq!(held("0.8", &[1.2, 1.4]), Some(false));
        assert_eq!(held("1.0", &[1.0]), None);
        assert_eq!(held("1.0", &[]), None);
    }

    #[test]
    fn what_is_lost_has_no_value() {
        let held = |found: &str, ours: &[f64], lost| Found::parse(found).unwrap().held(ours, lost);
        assert_eq!(held("1.0", &[], (3, 3)), Some(false));
        assert_eq!(held("diverges", &[], (3, 3)), Some(true));
        assert_eq!(held("diverges", &[1.0], (2, 3)), Some(false));
        assert_eq!(held("finishes", &[1.0], (2, 3)), Some(false));
        assert_eq!(held("finishes", &[1.0, 1.0], (0, 2)), Some(true));
    }
}
