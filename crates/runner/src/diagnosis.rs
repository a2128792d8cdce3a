//! What went wrong in a trial, from its curve: a cause, the evidence, and what to try.
//!
//! The rules ask in this order, and the first that applies is the answer. *Left* is the loss at the end over the best that
//! is known for the problem, as a share of what the start is over it; *late* is the share of the whole descent that came in
//! the second half of the steps; *alive* is the gradient at the end over that at the start; the *pace* is the norm of a step
//! over that of its gradient and the learning rate. Thresholds were set on one half of the problems of
//! `results/diagnosis`, and judged on the other.

use crate::rows::CurveRow;
use crate::table::{plain, significant};

/// Why a trial did not do better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Nothing is wrong, as far as the curve shows.
    Healthy,
    /// The loss blew up from the start: the learning rate is beyond the cliff.
    Cliff,
    /// The loss blew up after real progress.
    LateDivergence,
    /// Still descending steadily at the end: the learning rate is too small, or the training too short.
    Crawling,
    /// Steps as large as before, without progress: the learning rate is at the edge of stability.
    Oscillating,
    /// The gradient is nearly zero, the loss well above the best known: a local minimum, a saddle or a plateau.
    Stuck,
    /// Steps have become small while the gradient has not: the rate vanished, as Adagrad's does.
    RateVanished,
    /// The validation loss has risen since while the training loss fell.
    Overfitting,
    /// The model has settled far above what is known to be possible.
    Underfitting,
}

impl Cause {
    /// All of them.
    pub const ALL: [Cause; 9] = [
        Cause::Healthy,
        Cause::Cliff,
        Cause::LateDivergence,
        Cause::Crawling,
        Cause::Oscillating,
        Cause::Stuck,
        Cause::RateVanished,
        Cause::Overfitting,
        Cause::Underfitting,
    ];

    /// In a word or two.
    pub fn word(self) -> &'static str {
        match self {
            Cause::Healthy => "healthy",
            Cause::Cliff => "diverged: cliff",
            Cause::LateDivergence => "diverged late",
            Cause::Crawling => "crawling",
            Cause::Oscillating => "oscillating",
            Cause::Stuck => "stuck",
            Cause::RateVanished => "rate vanished",
            Cause::Overfitting => "overfitting",
            Cause::Underfitting => "underfitting",
        }
    }

    /// What to try.
    pub fn advice(self) -> &'static str {
        match self {
            Cause::Healthy => "",
            Cause::Cliff => "a learning rate 3 to 10 times lower",
            Cause::LateDivergence => "a schedule that falls, clipping, or a lower learning rate",
            Cause::Crawling => "a learning rate 3 to 10 times higher, or more steps",
            Cause::Oscillating => "a learning rate 2 to 5 times lower, or a schedule that falls",
            Cause::Stuck => "another start, a larger rate at first, momentum, or noise",
            Cause::RateVanished => "a higher learning rate, or a method that forgets old gradients, such as RMSprop",
            Cause::Overfitting => "to stop there, more data, a penalty, or a smaller model",
            Cause::Underfitting => "a larger model, or a smaller penalty",
        }
    }
}

/// A cause with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// Why.
    pub cause: Cause,
    /// What shows it, with numbers.
    pub evidence: String,
}

/// Less than this share left to the best known, and all is well.
const NEAR: f64 = 0.05;
/// More than this share left, and a model that has settled is too small for its data.
const FAR: f64 = 0.15;
/// More than this share of the descent in the second half, and it has not ended. A straight line has a half there.
const LATE: f64 = 0.2;
/// The same for a descent that is still going down at each of the last points.
const STEADY: f64 = 0.03;
/// A gradient below this share of the first one is gone.
const DEAD: f64 = 0.03;
/// A pace below this share of the first one has vanished. Averaging over noise alone takes Adam's to a fifth.
const VANISHED: f64 = 0.12;
/// Validation loss that has risen by this share of its whole fall.
const RISEN: f64 = 0.1;
/// A loss that varies at the end by this share of its whole fall.
const ROUGH: f64 = 0.01;
/// A divergence before this share of the start's loss was gone is a cliff.
const PROGRESS: f64 = 0.5;

/// The cause, from the points of a curve; `diverged` at which step, if it did; the lowest training loss that is `known` for
/// the problem from other trials or theory, without which nothing can be stuck or underfit. None for fewer than four points
/// of a trial that did not diverge.
pub fn diagnose(curve: &[CurveRow], diverged: Option<u64>, known: Option<f64>) -> Option<Diagnosis> {
    let points: Vec<&CurveRow> = curve.iter().filter(|p| p.train_loss.is_finite()).collect();
    let losses: Vec<f64> = points.iter().map(|p| p.train_loss).collect();
    let said = |cause, evidence: String| Some(Diagnosis { cause, evidence });
    let start = *losses.first()?;
    let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
    if let Some(step) = diverged {
        let floor = known.unwrap_or(0.0).min(lowest);
        let gone = (start - lowest) / (start - floor).abs().max(f64::MIN_POSITIVE);
        let half = points.iter().find(|p| p.train_loss <= 0.5 * (start + lowest)).map_or(step, |p| p.step.max(1));
        let rose = points.last()?.lr > 2.0 * points.first()?.lr;
        let late = gone > PROGRESS && (rose || step > 50 * half);
        let evidence = format!(
            "at step {step}, after {:.0} % of the way down{}",
            100.0 * gone.max(0.0),
            if rose { ", while the rate rose" } else { "" }
        );
        return said(if late { Cause::LateDivergence } else { Cause::Cliff }, evidence);
    }
    let (first, last) = (points.first()?, points.last()?);
    if points.len() < 4 || last.step < 4 {
        return None;
    }
    let end = last.train_loss;
    if let Some(evidence) = overfitting(&points) {
        return said(Cause::Overfitting, evidence);
    }
    let left = known.map(|best| (end - best) / (start - best).max(f64::MIN_POSITIVE));
    if left.is_some_and(|left| left < NEAR) {
        return said(Cause::Healthy, format!("{} of the way is left", percent(left.unwrap_or(0.0))));
    }
    let late = (at(&points, 0.5 * last.step as f64) - end) / (start - lowest).max(f64::MIN_POSITIVE);
    let gradient = |p: &&CurveRow| p.gradient_norm;
    let alive = ending(&points, gradient) / beginning(&points, gradient).max(f64::MIN_POSITIVE);
    let pace = |p: &&CurveRow| p.update_norm / (p.gradient_norm * p.lr.max(f64::MIN_POSITIVE)).max(f64::MIN_POSITIVE);
    let slowed = ending(&points, pace) / beginning(&points, pace).max(f64::MIN_POSITIVE);
    let shrunk = ending(&points, |p| p.update_norm) / middle(&points, |p| p.update_norm).max(f64::MIN_POSITIVE);
    // A penalty is a part of what is descended.
    let objective: Vec<f64> = points.iter().map(|p| p.train_objective).collect();
    let fall = objective[0] - objective.iter().copied().fold(f64::INFINITY, f64::min);
    let rough = roughness(&objective) / fall.max(f64::MIN_POSITIVE);
    let falling = objective.windows(2).rev().take(3).all(|w| w[1] < w[0]);
    let has_data = points.iter().any(|p| p.validation_loss != p.train_loss);

    if slowed < VANISHED && alive > DEAD && late > 0.0 && rough < ROUGH {
        return said(
            Cause::RateVanished,
            format!("steps are {}x smaller for the same gradient, which is at {}", plain(1.0 / slowed), percent(alive)),
        );
    }
    if late > LATE && late < 1.0 && rough < 0.5 * late || late > STEADY && falling && rough < 0.1 * late {
        return said(Cause::Crawling, format!("{} of the descent came in the second half", percent(late)));
    }
    if points.iter().all(|p| p.gradient_norm.is_nan()) {
        // An imported run: what follows needs gradients.
        return said(Cause::Healthy, "nothing that the losses alone show".into());
    }
    if alive > DEAD && shrunk > 0.2 && rough > ROUGH {
        return said(
            Cause::Oscillating,
            format!("the loss varies by {} of its fall, and steps do not shrink", percent(rough)),
        );
    }
    let Some(left) = left else { return said(Cause::Healthy, "nothing that the curve alone shows".into()) };
    if left > 1.0 {
        return said(
            Cause::Oscillating,
            format!("the loss ends above its start: {} of the way is left", percent(left)),
        );
    }
    if has_data && left < FAR {
        return said(Cause::Healthy, format!("{} of the way is left", percent(left)));
    }
    if has_data {
        let gap = last.validation_loss - end;
        return said(
            Cause::Underfitting,
            format!("settled with {} of the way left; validation loss {} above", percent(left), significant(gap, 2)),
        );
    }
    if alive < DEAD || first.gradient_norm < 1e-3 {
        return said(
            Cause::Stuck,
            format!("the gradient is at {}, {} of the way is left", percent(alive), percent(left)),
        );
    }
    if shrunk > 0.2 {
        return said(Cause::Oscillating, format!("steps do not shrink, {} of the way is left", percent(left)));
    }
    said(Cause::Stuck, format!("{} of the way is left, and steps shrink", percent(left)))
}

/// Since when the validation loss has risen, while the training loss fell.
fn overfitting(points: &[&CurveRow]) -> Option<String> {
    let (first, last) = (points.first()?, points.last()?);
    let best = points.iter().min_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss))?;
    let (rise, fall) = (last.validation_loss - best.validation_loss, first.validation_loss - best.validation_loss);
    let risen = rise > RISEN * fall.max(0.0) && rise > 0.02 * best.validation_loss.abs();
    let lowest = points.iter().map(|p| p.train_loss).fold(f64::INFINITY, f64::min);
    let settled = last.train_loss - lowest < 0.1 * (first.train_loss - lowest);
    let learned = last.train_loss < 0.5 * first.train_loss && best.step > 0 && settled;
    (learned
        && risen
        && best.step < last.step
        && last.train_loss < best.train_loss
        && last.validation_loss != last.train_loss)
        .then(|| {
            format!(
                "since epoch {} the validation loss has risen by {}, the training loss has fallen by {}",
                plain(best.epoch),
                significant(rise, 2),
                significant(best.train_loss - last.train_loss, 2)
            )
        })
}

/// The training loss at a step, between its recorded neighbours.
fn at(points: &[&CurveRow], step: f64) -> f64 {
    let pair = points.windows(2).find(|w| w[0].step as f64 <= step && step <= w[1].step as f64);
    pair.map_or(f64::NAN, |w| {
        let share = (step - w[0].step as f64) / (w[1].step - w[0].step).max(1) as f64;
        w[0].train_loss + share * (w[1].train_loss - w[0].train_loss)
    })
}

/// The median of the first, of the last, or of the points in the middle; the start, where no step was taken, is left out.
fn beginning(points: &[&CurveRow], of: impl Fn(&&CurveRow) -> f64) -> f64 {
    median(points[1..].iter().take(3).map(of))
}
fn ending(points: &[&CurveRow], of: impl Fn(&&CurveRow) -> f64) -> f64 {
    median(points[1..].iter().rev().take(3).map(of))
}
fn middle(points: &[&CurveRow], of: impl Fn(&&CurveRow) -> f64) -> f64 {
    let third = (points.len() - 1) / 3;
    median(points[1 + third..points.len() - third].iter().map(of))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    crate::stats::quantile(values, 0.5)
}

/// How far the last losses lie from a straight line through their ends, up and down: half the sum of all ups.
fn roughness(losses: &[f64]) -> f64 {
    let last = &losses[losses.len().saturating_sub(6)..];
    last.windows(2).map(|w| (w[1] - w[0]).max(0.0)).sum()
}

fn percent(share: f64) -> String {
    format!("{} %", significant(100.0 * share, 2))
}
