//! Targets as they stand in files: which are classes, which are numbers.

use super::Target;
use crate::problem::ProblemError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is to be predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// A class.
    Classification,
    /// A number.
    Regression,
}

/// The most classes that a data set may have.
const MOST_CLASSES: usize = 1000;

/// Numbers as targets: classes if `task` says so, or says nothing and they are at most `most` distinct whole numbers.
pub(super) fn from_numbers(
    at: &str,
    values: Vec<f64>,
    task: Option<Task>,
    most: usize,
) -> Result<Target, ProblemError> {
    let odd = values.iter().find(|v| v.fract() != 0.0 || v.abs() >= 2f64.powi(53));
    match (task, odd) {
        (Some(Task::Regression), _) | (None, Some(_)) => numbers(at, values),
        (Some(Task::Classification), Some(odd)) => {
            Err(ProblemError(format!("{at}: {odd} is not a class; classes are texts or whole numbers below 2^53")))
        }
        (Some(Task::Classification), None) => {
            distinct(&values, MOST_CLASSES).map_or_else(|| Err(too_many(at)), |found| classes(at, &values, &found))
        }
        (None, None) => match distinct(&values, most) {
            Some(found) => classes(at, &values, &found),
            None => numbers(at, values),
        },
    }
}

/// The distinct ones of whole numbers, ascending, if they are at most `most`.
fn distinct(values: &[f64], most: usize) -> Option<Vec<i64>> {
    let mut found = BTreeSet::new();
    for &v in values {
        found.insert(v as i64);
        if found.len() > most {
            return None; // early: numbers to be predicted are nearly all distinct
        }
    }
    Some(found.into_iter().collect())
}

/// Texts as targets, numbered in the order of `names`.
pub(super) fn from_texts(
    at: &str,
    labels: Vec<u32>,
    names: Vec<String>,
    task: Option<Task>,
) -> Result<Target, ProblemError> {
    if task == Some(Task::Regression) {
        let example = &names[0];
        return Err(ProblemError(format!("{at}: a regression needs numbers, but the target holds texts: `{example}`")));
    }
    if names.len() > MOST_CLASSES {
        return Err(too_many(at));
    }
    at_least_two(at, &names)?;
    Ok(Target::Classes { labels, names })
}

fn classes(at: &str, values: &[f64], distinct: &[i64]) -> Result<Target, ProblemError> {
    let names: Vec<String> = distinct.iter().map(i64::to_string).collect();
    at_least_two(at, &names)?;
    let labels = values.iter().map(|&v| distinct.partition_point(|&d| d < v as i64) as u32).collect();
    Ok(Target::Classes { labels, names })
}

fn numbers(at: &str, values: Vec<f64>) -> Result<Target, ProblemError> {
    match values.first() {
        Some(first) if values.iter().all(|v| v == first) => {
            Err(ProblemError(format!("{at}: every target is {first}: nothing to predict")))
        }
        _ => Ok(Target::Numbers(values)),
    }
}

fn at_least_two(at: &str, names: &[String]) -> Result<(), ProblemError> {
    match names {
        [only] => {
            Err(ProblemError(format!("{at}: every example is of class `{only}`: at least two classes are needed")))
        }
        _ => Ok(()),
    }
}

fn too_many(at: &str) -> ProblemError {
    ProblemError(format!(
        "{at}: more than {MOST_CLASSES} classes; is this the target? For numbers say `task = \"regression\"`"
    ))
}
