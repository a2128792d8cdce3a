//! Claims that a study can check: `"adagrad < sgd"`, and whether they held.

mod drift;
mod sides;

use crate::stats::{ALPHA, Estimate};
use crate::table::{estimate, plain};
use crate::view::View;
use downhill_stats::{Verdict, verdict};
use serde::{Deserialize, Deserializer, de::Error as _};
use sides::Sides;

/// That one member of every group is lower, higher or as good in a measure than another: `"adagrad < sgd"`, `"adam <= sgd"`,
/// `"test_metric: adam >= sgd"`, `"adam ~ nadam"`, `"adam within 0.01 of nadam"`.
///
/// The measure is the test loss without one, else
///
/// - a column of `trials.csv`, or one of `curves.csv`, of which the last point counts: `gradient_norm`;
/// - `after 4`: the lowest validation loss that four of the member's candidates are expected to have among them
///   ([`tuning`](crate::tuning::tuning)), each seed of the search for itself; `metric after 4`, the highest metric;
/// - `drift`: by how many decades the best learning rate moves for each decade of another number, the `*` of
///   `adam l2(lambda=*)`; `drift per step`, if that number times the learning rate is what is meant;
/// - `lost`: the share of all the member's trials on a seed that diverged or failed.
///
/// The other one is a member, or a number, or `minimum`, which is the problem's known one. `the best at its default` is the
/// optimizer of the lowest validation loss among those at their defaults, `the best tuned` that of all others.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The column, or what else is measured.
    pub measure: String,
    /// The member that it is about.
    pub member: String,
    /// Its relation to the other one.
    pub relation: Relation,
    /// The other one.
    pub other: String,
    /// How large a difference is a tie; without it, the study's share of the other one's mean.
    pub within: Option<f64>,
}

/// How two members are expected to differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<`: resolved to be lower.
    Lower,
    /// `<=`: lower or a tie.
    NotHigher,
    /// `~`: a tie.
    Tie,
    /// `>=`: higher or a tie.
    NotLower,
    /// `>`: resolved to be higher.
    Higher,
}

impl Relation {
    /// All of them, as they are written.
    const ALL: [(Relation, &str); 5] = [
        (Relation::Lower, " < "),
        (Relation::NotHigher, " <= "),
        (Relation::Tie, " ~ "),
        (Relation::NotLower, " >= "),
        (Relation::Higher, " > "),
    ];

    /// Whether a verdict is what was expected; none if that is not known.
    fn holds(self, verdict: Verdict) -> Option<bool> {
        let lower = match verdict {
            Verdict::Better => -1,
            Verdict::Tie => 0,
            Verdict::Worse => 1,
            Verdict::Unresolved { .. } => return None,
        };
        Some(match self {
            Relation::Lower => lower < 0,
            Relation::NotHigher => lower <= 0,
            Relation::Tie => lower == 0,
            Relation::NotLower => lower >= 0,
            Relation::Higher => lower > 0,
        })
    }
}

impl Expectation {
    /// From the words of a study.
    ///
    /// # Errors
    /// If there is no relation with blanks around it, or nothing at one side.
    pub fn parse(text: &str) -> Result<Self, String> {
        let near = || {
            let (member, rest) = text.split_once(" within ")?;
            let (within, other) = rest.split_once(" of ")?;
            let within = within.trim().parse().ok().filter(|within| *within >= 0.0)?;
            Some((Relation::Tie, (member, other), Some(within)))
        };
        let signed = |(relation, sign): (Relation, &str)| Some((relation, text.split_once(sign)?, None));
        let found = near().or_else(|| Relation::ALL.into_iter().find_map(signed));
        let wrong = || {
            format!(
                "`{text}` is no expectation such as `adam < sgd`, `adam <= sgd`, `test_metric: adam > sgd`, `adam ~ sgd` or \
                 `adam within 0.01 of sgd`"
            )
        };
        let (relation, (left, other), within) = found.ok_or_else(wrong)?;
        let (measure, member) = left.split_once(": ").unwrap_or(("test_loss", left));
        let [measure, member, other] = [measure, member, other].map(|word| word.trim().to_owned());
        if [&measure, &member, &other].into_iter().any(String::is_empty) {
            return Err(wrong());
        }
        Ok(Expectation { measure, member, relation, other, within })
    }

    /// As it is written.
    pub fn words(&self) -> String {
        let sign = Relation::ALL.iter().find(|(relation, _)| *relation == self.relation).map_or("", |(_, sign)| sign);
        let sign = self.within.map_or(sign.to_owned(), |within| format!(" within {} of ", plain(within)));
        let measure = if self.measure == "test_loss" { String::new() } else { format!("{}: ", self.measure) };
        format!("{measure}{}{sign}{}", self.member, self.other)
    }
}

impl<'de> Deserialize<'de> for Expectation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Expectation::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// What became of an expectation, problem by problem.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// In the order of the groups.
    pub checked: Vec<Checked>,
}

/// An expectation on one group.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The group.
    pub title: String,
    /// One side less the other.
    pub difference: Estimate,
    /// Whether it held; none if that is open.
    pub held: Option<bool>,
}

impl Checked {
    /// The difference with n and interval, and what that says.
    pub fn words(&self) -> String {
        let said = match self.held {
            Some(true) => "held",
            Some(false) => "not held",
            None => "open",
        };
        format!("{} (n = {}), {said}", estimate(&self.difference), self.difference.n)
    }
}

impl Outcome {
    /// Of an expectation on all groups that have both sides; over them, if each has one trial of a side.
    pub fn of(expectation: &Expectation, view: &View) -> Self {
        let groups = view.scenes().filter_map(|scene| Some((scene.0.title(), Sides::of(expectation, scene, view)?)));
        let mut groups: Vec<(String, Sides)> = groups.collect();
        if groups.len() > 1 && groups.iter().all(|(_, sides)| sides.is_single()) {
            let title = format!("{} problems with a trial each", groups.len());
            groups = vec![(title, Sides::joined(groups.into_iter().map(|(_, sides)| sides)))];
        }
        let checked = |(title, sides): (String, Sides)| {
            let bound = expectation.within.unwrap_or_else(|| view.ask.equivalence * sides.size());
            let found = sides.difference()?;
            let held = expectation.relation.holds(verdict(&found, bound, ALPHA));
            Some(Checked { title, difference: found.estimate, held })
        };
        Outcome { checked: groups.into_iter().filter_map(checked).collect() }
    }

    /// The differences, each in words.
    pub fn told(&self, expectation: &Expectation) -> Vec<String> {
        let Expectation { member, other, .. } = expectation;
        self.checked.iter().map(|c| format!("{}: {member} less {other} {}", c.title, c.words())).collect()
    }

    /// Where it held, where it did not, and where that is open.
    fn titles(&self) -> [Vec<&str>; 3] {
        [Some(true), Some(false), None]
            .map(|held| self.checked.iter().filter(|c| c.held == held).map(|c| c.title.as_str()).collect())
    }

    /// On how many groups it held, on how many it did not, and on how many that is open.
    pub fn counts(&self) -> [usize; 3] {
        self.titles().map(|titles| titles.len())
    }

    /// Whether it held wherever it could be checked.
    pub fn held(&self) -> bool {
        let [held, failed, open] = self.counts();
        held > 0 && failed == 0 && open == 0
    }

    /// In a sentence.
    pub fn sentence(&self, expectation: &Expectation, equivalence: f64) -> String {
        let all = self.checked.len();
        let said = match self.counts() {
            [0, 0, 0] => "too few trials".to_owned(),
            [1, 0, 0] => format!("held on {}", self.checked[0].title),
            [_, 0, 0] => format!("held on all {all}"),
            [0, _, 0] => format!("held on none of {all}"),
            _ => {
                let part = |what: &str, names: Vec<&str>| {
                    (!names.is_empty()).then(|| format!("{what} {} of {all} ({})", names.len(), names.join("; ")))
                };
                let [held, failed, open] = self.titles();
                [part("held on", held), part("not held on", failed), part("open on", open)]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(", ")
            }
        };
        let tie = match expectation.within {
            Some(_) => String::new(),
            None => format!(" (a tie is within {} %)", plain(100.0 * equivalence)),
        };
        format!("Expected `{}`: {said}{tie}.", expectation.words())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn expectations_are_read_as_they_are_written() {
        let read = |text: &str| Expectation::parse(text).unwrap();
        for text in [
            "adam < sgd momentum=0.9",
            "test_metric: adam >= sgd",
            "adam ~ nadam",
            "adam <= adam at its default",
            "train_objective: l-bfgs within 1e-9 of 0.3233",
            "after 4: adam (lr drawn) < sgd (lr, momentum drawn)",
            "drift: adam l2(lambda=*) < 0",
        ] {
            assert_eq!(read(text).words(), text);
        }
        assert_eq!(read("adam beta2=0.99 <= sgd").member, "adam beta2=0.99");
        assert_eq!(read("gradient_norm: adam within 1e-9 of minimum").within, Some(1e-9));
        for text in ["adam", "adam<sgd", "adam = sgd", " < sgd", "x:  < sgd", "adam within a hair of sgd"] {
            assert!(Expectation::parse(text).unwrap_err().contains("adam <= sgd"), "{text}");
        }
    }

    #[test]
    fn a_tie_is_neither_lower_nor_higher() {
        let all = [Verdict::Better, Verdict::Tie, Verdict::Worse, Verdict::Unresolved { further: None }];
        let holds = |relation: Relation| all.map(|v| relation.holds(v));
        assert_eq!(holds(Relation::Lower), [Some(true), Some(false), Some(false), None]);
        assert_eq!(holds(Relation::NotHigher), [Some(true), Some(true), Some(false), None]);
        assert_eq!(holds(Relation::Tie), [Some(false), Some(true), Some(false), None]);
        assert_eq!(holds(Relation::NotLower), [Some(false), Some(true), Some(true), None]);
        assert_eq!(holds(Relation::Higher), [Some(false), Some(false), Some(true), None]);
    }
}
