//! Claims that a study can check: `"adagrad < sgd"`, and whether they held.

use crate::rows::TrialRow;
use crate::stats::{ALPHA, COVERAGE, Cell, Compared, Estimate, Group};
use crate::table::{estimate, plain};
use crate::view::View;
use downhill_stats::{Verdict, paired, verdict};
use serde::{Deserialize, Deserializer, de::Error as _};

/// That one member of every group is lower, higher or as good in a measure than another: `"adagrad < sgd"`, `"adam <= sgd"`,
/// `"test_metric: adam >= sgd"`, `"adam ~ nadam"`. The measure is a column of `trials.csv`, the test loss without one.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The column.
    pub measure: String,
    /// The member that it is about.
    pub member: String,
    /// Its relation to the other one.
    pub relation: Relation,
    /// The other one.
    pub other: String,
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
        let found = Relation::ALL.into_iter().find_map(|(relation, sign)| Some((relation, text.split_once(sign)?)));
        let wrong = || {
            format!(
                "`{text}` is no expectation such as `adam < sgd`, `adam <= sgd`, `test_metric: adam > sgd` or `adam ~ sgd`"
            )
        };
        let (relation, (left, other)) = found.ok_or_else(wrong)?;
        let (measure, member) = left.split_once(": ").unwrap_or(("test_loss", left));
        let [measure, member, other] = [measure, member, other].map(|word| word.trim().to_owned());
        if [&measure, &member, &other].into_iter().any(String::is_empty) {
            return Err(wrong());
        }
        Ok(Expectation { measure, member, relation, other })
    }

    /// As it is written.
    pub fn words(&self) -> String {
        let sign = Relation::ALL.iter().find(|(relation, _)| *relation == self.relation).map_or("", |(_, sign)| sign);
        let measure = if self.measure == "test_loss" { String::new() } else { format!("{}: ", self.measure) };
        format!("{measure}{}{sign}{}", self.member, self.other)
    }

    /// The chosen candidates of the two in a group; none if one of them is not there.
    fn cells<'g>(&self, group: &'g Group<'g>) -> Option<[&'g Cell<'g>; 2]> {
        let find = |label: &str| group.members.iter().chain(&group.defaults).find(|m| m.label == label)?.shown();
        Some([find(&self.member)?, find(&self.other)?])
    }

    fn measure(&self, trial: &TrialRow) -> f64 {
        trial.column(&self.measure).unwrap_or(f64::NAN)
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
    /// The titles of the groups where it held, did not, and where that is open.
    pub groups: [Vec<String>; 3],
    /// The differences, each in words with n and interval.
    pub told: Vec<String>,
}

impl Outcome {
    /// Of an expectation on all groups that have both members; over them, if each has one trial of a member.
    pub fn of(expectation: &Expectation, view: &View) -> Self {
        let share = view.ask.equivalence;
        let groups = || view.groups.iter().filter_map(|g| Some((g.title(), expectation.cells(g)?)));
        let mut outcome = Outcome::default();
        if groups().all(|(_, cells)| cells.iter().all(|c| c.trials.len() == 1)) {
            let means = groups().filter_map(|(_, [a, b])| {
                Some((a.mean(|t| expectation.measure(t))?, b.mean(|t| expectation.measure(t))?))
            });
            let (a, b): (Vec<f64>, Vec<f64>) = means.unzip();
            let bound = share * (b.iter().sum::<f64>() / b.len() as f64).abs();
            if let Some(found) = paired(&a, &b, COVERAGE) {
                let verdict = verdict(&found, bound, ALPHA);
                outcome.add(expectation, format!("{} problems with a trial each", a.len()), &found.estimate, verdict);
            }
            return outcome;
        }
        for (title, [cell, other]) in groups() {
            let bound = share * other.mean(|t| expectation.measure(t)).map_or(0.0, f64::abs);
            if let Some(found) = Compared::of(cell, other, |t| expectation.measure(t), bound) {
                outcome.add(expectation, title, &found.difference, found.verdict);
            }
        }
        outcome
    }

    fn add(&mut self, expectation: &Expectation, title: String, difference: &Estimate, verdict: Verdict) {
        let place = match expectation.relation.holds(verdict) {
            Some(true) => 0,
            Some(false) => 1,
            None => 2,
        };
        self.told.push(format!(
            "{title}: {} less {} {} (n = {}), {}",
            expectation.member,
            expectation.other,
            estimate(difference),
            difference.n,
            ["held", "not held", "open"][place]
        ));
        self.groups[place].push(title);
    }

    /// Whether it held wherever it could be checked.
    pub fn held(&self) -> bool {
        let [held, failed, open] = &self.groups;
        !held.is_empty() && failed.is_empty() && open.is_empty()
    }

    /// In a sentence.
    pub fn sentence(&self, expectation: &Expectation, equivalence: f64) -> String {
        let [held, failed, open] = self.groups.each_ref().map(Vec::len);
        let all = held + failed + open;
        let said = match (held, failed, open) {
            (0, 0, 0) => "too few trials".to_owned(),
            (1, 0, 0) => format!("held on {}", self.groups[0][0]),
            (_, 0, 0) => format!("held on all {all}"),
            (0, _, 0) => format!("held on none of {all}"),
            _ => {
                let part = |what: &str, names: &[String]| {
                    (!names.is_empty()).then(|| format!("{what} {} of {all} ({})", names.len(), names.join("; ")))
                };
                let [held, failed, open] = &self.groups;
                [part("held on", held), part("not held on", failed), part("open on", open)]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(", ")
            }
        };
        format!("Expected `{}`: {said} (a tie is within {} %).", expectation.words(), plain(100.0 * equivalence))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn expectations_are_read_as_they_are_written() {
        let read = |text: &str| Expectation::parse(text).unwrap();
        for text in
            ["adam < sgd momentum=0.9", "test_metric: adam >= sgd", "adam ~ nadam", "adam <= adam at its default"]
        {
            assert_eq!(read(text).words(), text);
        }
        assert_eq!(read("adam beta2=0.99 <= sgd").member, "adam beta2=0.99");
        for text in ["adam", "adam<sgd", "adam = sgd", " < sgd", "x:  < sgd"] {
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
