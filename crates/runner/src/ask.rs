//! The keys of a study that decide no trial: what it asks of its report.

use crate::expect::Expectation;
use crate::import::Imported;
use crate::lab::Lab;
use crate::protocol::Protocol;
use crate::published::Published;
use crate::rows::TrialRow;
use crate::stats::{Axis, Group, Member, groups};
use anyhow::Result;
use serde::Deserialize;
use std::collections::HashSet;

/// What a study asks of its report, in keys of `study.toml`:
///
/// | key | value | default |
/// |---|---|---|
/// | `compare` | what is compared: `optimizer`, `lr`, or a key of problem, optimizer, sampling or trial: `penalty`, `batch`, `momentum`, `schedule`, ... | `optimizer` |
/// | `measure` | columns of `trials.csv` that the table shows and the findings speak of, beside the loss | none |
/// | `claim` | what others say, in words; shown above the findings | none |
/// | `expect` | what the claim means for the results, see [`Expectation`]: `["adagrad < sgd", "adam <= sgd"]` | none |
/// | `published` | what others found, see [`Published`]: `["sgd at 10 = 92.98", "adam = 87.11 +- 0.024"]`; for one problem | none |
/// | `remark` | what is to be said of how that turned out: where the study differs from the paper, why a claim did not hold | none |
/// | `equivalence` | losses that differ by less than this share of the better one are a tie, `>= 0` | 0.01 |
/// | `choose` | the column of `trials.csv` whose lowest mean chooses the learning rates, in a study without `[protocol]`: `train_objective`, where the claim is about that | `validation_loss` |
/// | `curves` | which curves are kept in `curves.csv`: `all`, or those that figures show, at the `chosen` learning rates | `all` |
#[derive(Clone, Debug, Deserialize)]
pub struct Ask {
    #[serde(default = "optimizer")]
    compare: String,
    #[serde(default)]
    measure: OneOrMany,
    /// What others say.
    pub claim: Option<String>,
    /// What is to be said of how that turned out.
    pub remark: Option<String>,
    /// What it means for the results.
    #[serde(default)]
    pub expect: Vec<Expectation>,
    /// What others found, in numbers.
    #[serde(default)]
    pub published: Vec<Published>,
    #[serde(default)]
    curves: Kept,
    /// What chooses learning rates; the validation loss without it.
    pub choose: Option<String>,
    /// Losses that differ by less than this share of the better one are a tie.
    #[serde(default = "equivalence")]
    pub equivalence: f64,
    /// How trials were found that depend on others; none if they are a fixed plan.
    pub protocol: Option<Protocol>,
    /// Where the runs come from, if they are those of another harness.
    pub imported: Option<Imported>,
}

/// The curves that `curves.csv` has; the journal has all.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kept {
    #[default]
    All,
    Chosen,
}

/// One percent.
fn equivalence() -> f64 {
    0.01
}

fn optimizer() -> String {
    "optimizer".into()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}
impl Default for OneOrMany {
    fn default() -> Self {
        OneOrMany::Many(Vec::new())
    }
}

impl Ask {
    /// From the text of a study.
    ///
    /// # Errors
    /// If that is not TOML, or a key has a value that it cannot have.
    pub fn of(text: &str) -> Result<Self> {
        Ok(toml::from_str(text)?)
    }

    /// Whether all curves are kept.
    pub(crate) fn keeps_all(&self) -> bool {
        matches!(self.curves, Kept::All)
    }

    /// The trials in groups, each member at the learning rate that the study wants chosen.
    pub fn groups<'a>(&self, trials: &'a [TrialRow], lab: &Lab) -> Vec<Group<'a>> {
        let mut groups = groups(trials, &self.axis(), lab);
        if let Some(column) = &self.choose {
            groups.iter_mut().flat_map(|g| &mut g.members).for_each(|member| member.choose(column));
        }
        groups
    }

    /// The keys of the trials whose curves are kept.
    pub fn kept<'a>(&self, trials: &'a [TrialRow], lab: &Lab) -> HashSet<&'a str> {
        let Kept::Chosen = self.curves else { return trials.iter().map(|t| t.key.as_str()).collect() };
        let groups = self.groups(trials, lab);
        let cells = groups.iter().flat_map(|g| &g.members).filter_map(Member::shown);
        cells.flat_map(|cell| cell.trials.iter().map(|t| t.key.as_str())).collect()
    }

    /// What is compared.
    pub fn axis(&self) -> Axis {
        Axis::parse(&self.compare)
    }

    /// The columns of the key `measure`.
    pub fn measures(&self) -> &[String] {
        match &self.measure {
            OneOrMany::One(name) => std::slice::from_ref(name),
            OneOrMany::Many(names) => names,
        }
    }
}
