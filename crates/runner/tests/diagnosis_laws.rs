//! What any diagnosis must satisfy, on the curves of every committed study: that units decide nothing, that no curve
//! is too odd, and that what is said has a number in it.
#![allow(clippy::unwrap_used, reason = "tests")]

use runner::diagnosis::{Cause, diagnose};
use runner::rows::{CurveRow, TrialRow};
use runner::store::read_csv;
use std::collections::HashMap;
use std::path::Path;

/// A committed trial as `diagnose` sees it.
struct Seen {
    key: String,
    curve: Vec<CurveRow>,
    diverged: Option<u64>,
    known: f64,
}

impl Seen {
    fn cause(&self, known: Option<f64>) -> Option<Cause> {
        diagnose(&self.curve, self.diverged, known).map(|d| d.cause)
    }

    /// The same trial, where `of` is done to each of its points.
    fn with(&self, of: impl Fn(&mut CurveRow)) -> Vec<CurveRow> {
        let mut curve = self.curve.clone();
        curve.iter_mut().for_each(of);
        curve
    }
}

/// Every trial of `results/article` with a curve; what is known of a problem is the lowest loss of its study.
fn committed() -> Vec<Seen> {
    let article = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/article");
    let mut folders: Vec<_> = std::fs::read_dir(article).unwrap().map(|f| f.unwrap().path()).collect();
    folders.sort();
    let mut seen = Vec::new();
    for folder in folders.iter().filter(|f| f.join("curves.csv").exists()) {
        let trials: Vec<TrialRow> = read_csv(&folder.join("trials.csv")).unwrap();
        let mut curves: HashMap<String, Vec<CurveRow>> = HashMap::new();
        for row in read_csv::<CurveRow>(&folder.join("curves.csv")).unwrap() {
            curves.entry(row.key.clone()).or_default().push(row);
        }
        for trial in &trials {
            let Some(curve) = curves.remove(trial.key.as_str()) else { continue };
            let peers = trials.iter().filter(|t| t.problem == trial.problem && t.outcome != "diverged");
            let known = peers.map(|t| t.train_loss).filter(|l| l.is_finite()).fold(f64::INFINITY, f64::min);
            let diverged = trial.outcome_step.filter(|_| trial.outcome == "diverged");
            seen.push(Seen { key: trial.key.to_string(), curve, diverged, known });
        }
    }
    assert!(seen.len() > 100, "{} trials with curves", seen.len());
    seen
}

/// Losses in other units (by a power of two, which is exact) are the same trial: gradients grow with them.
#[test]
fn the_unit_of_the_loss_decides_nothing() {
    let changed: Vec<String> = committed()
        .iter()
        .filter(|seen| seen.known.is_finite())
        .flat_map(|seen| {
            [-20, 20].into_iter().filter_map(|power| {
                let unit = 2f64.powi(power);
                let scaled = seen.with(|p| {
                    p.train_objective *= unit;
                    p.train_loss *= unit;
                    p.validation_loss *= unit;
                    p.test_loss *= unit;
                    p.gradient_norm *= unit;
                    p.lr /= unit;
                });
                let (before, after) = (
                    seen.cause(Some(seen.known)),
                    diagnose(&scaled, seen.diverged, Some(unit * seen.known)).map(|d| d.cause),
                );
                (before != after).then(|| format!("{} by 2^{power}: {before:?}, then {after:?}", seen.key))
            })
        })
        .collect();
    assert!(changed.is_empty(), "{} changed:\n{}", changed.len(), changed.join("\n"));
}

/// Parameters in other units are the same trial: steps grow as gradients shrink, the learning rate by the square.
#[test]
fn the_unit_of_the_parameters_decides_nothing() {
    for seen in committed() {
        for unit in [2f64.powi(-20), 2f64.powi(20)] {
            let scaled = seen.with(|p| {
                p.update_norm *= unit;
                p.parameter_norm *= unit;
                p.x0 = p.x0.map(|x| x * unit);
                p.x1 = p.x1.map(|x| x * unit);
                p.gradient_norm /= unit;
                p.lr *= unit * unit;
            });
            let after = diagnose(&scaled, seen.diverged, Some(seen.known)).map(|d| d.cause);
            assert_eq!(seen.cause(Some(seen.known)), after, "{} times {unit}", seen.key);
        }
    }
}

/// Curves that are cut, empty, or hold what a file can hold: an answer or none, and no panic.
#[test]
fn no_curve_is_too_odd() {
    let mut answered = 0;
    for seen in committed() {
        for end in [0, 1, 2, 3, 4, 5, seen.curve.len() / 2] {
            let cut = &seen.curve[..end.min(seen.curve.len())];
            for known in [None, Some(seen.known), Some(f64::NAN), Some(f64::INFINITY)] {
                answered += usize::from(diagnose(cut, None, known).is_some());
                answered += usize::from(diagnose(cut, Some(0), known).is_some());
            }
        }
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, f64::MIN_POSITIVE, f64::MAX] {
            let all = seen.with(|p| {
                (p.train_objective, p.train_loss, p.validation_loss) = (value, value, value);
                (p.gradient_norm, p.update_norm, p.lr) = (value, value, value);
            });
            answered += usize::from(diagnose(&all, None, Some(seen.known)).is_some());
            let norms = seen.with(|p| (p.gradient_norm, p.update_norm) = (value, value));
            answered += usize::from(diagnose(&norms, seen.diverged, Some(seen.known)).is_some());
        }
    }
    assert!(answered > 0);
}

/// Nothing can be stuck or underfit by comparison with a best that nobody knows.
#[test]
fn without_a_best_nothing_is_called_stuck_or_underfit() {
    for seen in committed() {
        let alone = seen.cause(None);
        assert!(!matches!(alone, Some(Cause::Stuck | Cause::Underfitting)), "{}: {alone:?}", seen.key);
    }
}

/// A cause comes with a number that shows it and with something to try.
#[test]
fn a_cause_has_evidence_and_advice() {
    let mut causes = std::collections::BTreeMap::<Cause, usize>::new();
    for seen in committed() {
        let Some(found) = diagnose(&seen.curve, seen.diverged, Some(seen.known)) else { continue };
        *causes.entry(found.cause).or_default() += 1;
        if found.cause != Cause::Healthy {
            assert!(found.evidence.chars().any(|c| c.is_ascii_digit()), "{}: {}", seen.key, found.evidence);
            assert!(
                !found.evidence.contains("NaN") && !found.evidence.contains("inf"),
                "{}: {}",
                seen.key,
                found.evidence
            );
            assert!(!found.cause.advice().is_empty());
        }
    }
    assert!(causes.len() > 3, "{causes:?}");
}
