//! Which trials of a study to run: `optimizer=adam,problem=mlp`.

use crate::lab::Lab;
use crate::rows::{optimizer_label, problem_label};
use crate::trial::Trial;

/// Terms that must all hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter(Vec<Term>);

#[derive(Clone, Debug, PartialEq)]
enum Term {
    /// One of the trial's texts of that key is this.
    Is(String, String),
    /// The text occurs in the label of optimizer or problem.
    Occurs(String),
}

const KEYS: [&str; 6] = ["optimizer", "problem", "data", "lr", "seed", "batch"];

impl Filter {
    /// Reads terms separated by commas: `key=value`, or a text that occurs in the name of optimizer or problem.
    pub fn parse(text: &str) -> Self {
        Filter(text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(Term::parse).collect())
    }

    /// Whether all terms hold.
    pub fn matches(&self, trial: &Trial, lab: &Lab) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let (optimizer, problem) = (optimizer_label(&trial.optimizer, lab), problem_label(&trial.problem, lab));
        let first = |label: &str| label.split(' ').next().unwrap_or_default().to_owned();
        let (name, rest) = (first(&optimizer), first(&problem));
        let (family, data) = rest.split_once('/').unwrap_or((&rest, ""));
        self.0.iter().all(|term| match term {
            Term::Occurs(text) => optimizer.contains(text) || problem.contains(text),
            Term::Is(key, value) => match key.as_str() {
                "optimizer" => [&name, &optimizer].contains(&value),
                "problem" => [family, &rest, &problem].contains(&value.as_str()),
                "data" => data == value,
                "lr" => value.parse() == Ok(trial.lr),
                "seed" => value.parse() == Ok(trial.seed),
                _ => value.parse() == Ok(trial.sampling.batch),
            },
        })
    }
}

impl Term {
    fn parse(text: &str) -> Self {
        match text.split_once('=') {
            // `beta2=0.99` is a part of an optimizer's label.
            Some((key, value)) if KEYS.contains(&key) => Term::Is(key.to_owned(), value.to_owned()),
            _ => Term::Occurs(text.to_owned()),
        }
    }
}
