//! What went wrong in a trial, from its curve: a cause, the evidence, and what to try.
//!
//! The rules are asked in the order of [`diagnose`], and the first that applies is the answer. They compare numbers of one
//! unit only, so that neither the scale of the loss nor that of the steps matters:
//!
//! - *left*: `(f_T - f*) / (f_0 - f*)`, the share of the way from the start to the best known loss `f*` that is left;
//! - *late*: `(f_T/2 - f_T) / (f_0 - min f)`, the share of the descent that came in the second half of the steps;
//! - *closed*: `(f_T/2 - f_T) / (f_T/2 - f*)`, the share of what was left at half time that the second half closed;
//! - *bounce*: the sum of all rises of the objective in the last seven eighths of the steps over its whole fall;
//! - *alive*: the norm of the gradient at the end over that at the start;
//! - *slowed*: the norm of a step over that of its gradient, against the same at the start;
//! - *flat*: `(f_T - f*) / (|g| (1 + |x|))`. A convex function has `f - f* <= |g| |x - x*|`, so that a number far above 1 says
//!   that the slope does not lead to `f*`: a local minimum, a saddle or a plateau.
//!
//! "At the start" and "at the end" are medians of three recorded points. Thresholds were set on one half of the problems of
//! `results/diagnosis`, and judged on the other.

use crate::rows::CurveRow;
use crate::stats::quantile;
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
/// Less than this left to a model that has settled, and it is noise: other seeds differ by as much.
const FAR: f64 = 0.1;
/// More of the descent than this in the second half, and it has not ended. A straight line has a half there.
const LATE: f64 = 0.2;
/// More than this closed in the second half: as many steps again would close as much of the rest.
const CLOSED: f64 = 0.3;
/// Rises above this share of what is left explain it. Without a best known loss, above this share of the whole fall:
const BOUNCE: f64 = 0.5;
const BOUNCE_ALONE: f64 = 0.1;
/// Steps above this share of those in the middle do not shrink.
const STEADY: f64 = 0.5;
/// A gradient above this share of the first is alive.
const ALIVE: f64 = 0.1;
/// Steps above this share of the first ones have not vanished.
const SHRUNK: f64 = 0.2;
/// Steps below this share of the first ones, for the same gradient and rate, have vanished. Averaging over noise takes Adam's
/// to a fifth, momentum's to a tenth.
const VANISHED: f64 = 0.05;
/// The same at half time, whatever the rate: a cosine is at a half there.
const VANISHED_EARLY: f64 = 0.02;
/// Above it the slope does not lead to the best known loss.
const FLAT: f64 = 10.0;
/// Validation loss that has risen by this share of its whole fall.
const RISEN: f64 = 0.1;
/// The training loss of a model that overfits does not rise by more than this share of its fall.
const SMOOTH: f64 = 0.05;
/// A divergence before this share of the way was gone is a cliff.
const PROGRESS: f64 = 0.5;

/// The cause, from the points of a curve; `diverged` at which step, if it did; the lowest training loss that is `known` for
/// the problem from other trials or theory, without which nothing can be stuck or underfit. None for fewer than four points
/// of a trial that did not diverge.
pub fn diagnose(curve: &[CurveRow], diverged: Option<u64>, known: Option<f64>) -> Option<Diagnosis> {
    let points: Vec<&CurveRow> = curve.iter().filter(|p| p.train_loss.is_finite()).collect();
    if let Some(step) = diverged {
        return divergence(&points, step, known);
    }
    let shape = Shape::of(points, known)?;
    let rules: [(Cause, Rule<'_>); 9] = [
        (Cause::Overfitting, Shape::overfits),
        (Cause::Healthy, Shape::is_near),
        (Cause::Oscillating, Shape::never_fell),
        (Cause::Stuck, Shape::is_trapped),
        (Cause::RateVanished, Shape::vanished),
        (Cause::Crawling, Shape::crawls),
        (Cause::Oscillating, Shape::bounces),
        (Cause::Stuck, Shape::rests),
        (Cause::Underfitting, Shape::underfits),
    ];
    let named = rules.iter().find_map(|(cause, rule)| Some((*cause, rule(&shape)?)));
    let (cause, evidence) = named.unwrap_or((Cause::Healthy, "nothing that the curve shows".into()));
    Some(Diagnosis { cause, evidence })
}

/// The evidence, if the rule applies.
type Rule<'a> = fn(&Shape<'a>) -> Option<String>;

/// A cliff, unless the descent was half done, and long so or under a rate that grew.
fn divergence(points: &[&CurveRow], step: u64, known: Option<f64>) -> Option<Diagnosis> {
    let (first, last) = (points.first()?, points.last()?);
    let start = first.train_loss;
    let lowest = points.iter().map(|p| p.train_loss).fold(f64::INFINITY, f64::min);
    let gone = share(start - lowest, start - known.unwrap_or(0.0).min(lowest));
    let half = points.iter().find(|p| p.train_loss <= 0.5 * (start + lowest)).map_or(step, |p| p.step.max(1));
    let rose = last.lr > 2.0 * first.lr;
    let late = gone > PROGRESS && (rose || step > 50 * half);
    let evidence = format!(
        "at step {step}, after {} of the way down{}",
        percent(gone.max(0.0)),
        if rose { ", while the rate rose" } else { "" }
    );
    Some(Diagnosis { cause: if late { Cause::LateDivergence } else { Cause::Cliff }, evidence })
}

/// What the rules look at; NaN where it is not recorded, so that no comparison holds.
struct Shape<'a> {
    points: Vec<&'a CurveRow>,
    start: f64,
    end: f64,
    lowest: f64,
    left: Option<f64>,
    late: f64,
    closed: f64,
    bounce: f64,
    alive: f64,
    flat: f64,
    /// The steps at the end over those in the middle, and over those at the start.
    kept: f64,
    shrunk: f64,
    /// Step over gradient, at half time; and at the end for the same rate: over those at the start.
    slowed: [f64; 2],
    has_data: bool,
}

impl<'a> Shape<'a> {
    fn of(points: Vec<&'a CurveRow>, known: Option<f64>) -> Option<Self> {
        let (first, last) = (*points.first()?, *points.last()?);
        if points.len() < 4 || last.step < 4 {
            return None;
        }
        let (start, end) = (first.train_loss, last.train_loss);
        let lowest = points.iter().map(|p| p.train_loss).fold(f64::INFINITY, f64::min);
        let half = at(&points, 0.5 * last.step as f64);
        let tail: Vec<f64> = points.iter().filter(|p| 8 * p.step >= last.step).map(|p| p.train_objective).collect();
        let fall = points.iter().map(|p| first.train_objective - p.train_objective).fold(0.0, f64::max);
        let rises: f64 = tail.windows(2).map(|w| (w[1] - w[0]).max(0.0)).sum();
        // No step was taken at the first point.
        let moved = &points[1..];
        let middle = moved.iter().position(|p| 2 * p.step >= last.step)?;
        let around = &moved[middle.saturating_sub(1)..(middle + 2).min(moved.len())];
        let (early, late) = (&moved[..moved.len().min(3)], &moved[moved.len().saturating_sub(3)..]);
        let third = moved.len() / 3;
        let pace = |p: &CurveRow| p.update_norm / p.gradient_norm;
        let gradient = median(late, |p| p.gradient_norm);
        Some(Shape {
            start,
            end,
            lowest,
            left: known.map(|best| share(end - best, start - best)),
            late: share(half - end, start - lowest),
            closed: known.map_or(f64::NAN, |best| share(half - end, half - best)),
            bounce: share(rises, fall),
            alive: share(gradient, median(early, |p| p.gradient_norm)),
            flat: known.map_or(f64::NAN, |best| share(end - best, gradient * (1.0 + last.parameter_norm))),
            kept: share(median(late, |p| p.update_norm), median(&moved[third..moved.len() - third], |p| p.update_norm)),
            shrunk: share(median(late, |p| p.update_norm), median(early, |p| p.update_norm)),
            slowed: [
                share(median(around, pace), median(early, pace)),
                share(median(late, |p| pace(p) / p.lr), median(early, |p| pace(p) / p.lr)),
            ],
            has_data: points.iter().any(|p| p.validation_loss != p.train_loss),
            points,
        })
    }

    /// Since when the validation loss has risen, while the training loss fell.
    fn overfits(&self) -> Option<String> {
        let (first, last) = (self.points.first()?, self.points.last()?);
        let best = self.points.iter().min_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss))?;
        let (rise, fall) = (last.validation_loss - best.validation_loss, first.validation_loss - best.validation_loss);
        let risen = rise > RISEN * fall.max(0.0) && rise > 0.02 * best.validation_loss.abs();
        let settled = self.end - self.lowest < 0.1 * (self.start - self.lowest) && self.bounce < SMOOTH;
        let learned = self.end < 0.5 * self.start;
        let apart = best.step < last.step && self.end < best.train_loss && self.has_data;
        (risen && settled && learned && apart).then(|| {
            format!(
                "since epoch {} the validation loss has risen by {}, the training loss has fallen by {}",
                plain(best.epoch),
                significant(rise, 2),
                significant(best.train_loss - self.end, 2)
            )
        })
    }

    fn is_near(&self) -> Option<String> {
        let left = self.left.filter(|left| *left < NEAR)?;
        Some(format!("{} of the way is left", percent(left)))
    }

    /// All that descended was lost again, or never was.
    fn never_fell(&self) -> Option<String> {
        let highest = self.points.iter().map(|p| p.train_loss).fold(self.start, f64::max);
        let scale = (self.start - self.lowest).max(f64::EPSILON * self.start.abs());
        if self.end > self.start + f64::EPSILON * self.start.abs() {
            return Some(format!("the loss ends above its start, at {} from {}", short(self.end), short(self.start)));
        }
        (self.left.is_some() && highest - self.start > scale)
            .then(|| format!("on the way the loss rose from {} to {}", short(self.start), short(highest)))
    }

    /// The slope does not lead to the best known loss.
    fn is_trapped(&self) -> Option<String> {
        (!self.has_data && self.flat > FLAT).then(|| {
            let left = percent(self.left.unwrap_or(f64::NAN));
            if self.flat.is_infinite() {
                return format!("{left} of the way is left, and the ground is flat");
            }
            format!("{left} of the way is left, {}x what the gradient could make up for", significant(self.flat, 2))
        })
    }

    /// Steps have become small while the gradient has not.
    fn vanished(&self) -> Option<String> {
        let [half, end] = self.slowed;
        // Where the gradient has grown, steps of one length are small beside it and have not vanished.
        if self.alive.is_nan() || self.alive <= ALIVE || self.shrunk > SHRUNK {
            return None;
        }
        let gradient = percent(self.alive);
        if half < VANISHED_EARLY {
            let times = significant(1.0 / half, 2);
            return Some(format!(
                "at half time steps are {times}x smaller for the same gradient, which ends at {gradient}"
            ));
        }
        let times = || significant(1.0 / end, 2);
        (end < VANISHED).then(|| {
            format!("steps are {}x smaller for the same gradient and rate; the gradient is at {gradient}", times())
        })
    }

    /// Still going down, and not up in between.
    fn crawls(&self) -> Option<String> {
        let down = self.late < 1.0 && self.bounce < 0.5 * self.late;
        let words = format!("{} of the descent came in the second half", percent(self.late));
        if down && self.late > LATE {
            return Some(words);
        }
        (down && self.closed > CLOSED).then(|| format!("{words}: {} of what was left", percent(self.closed)))
    }

    /// Steps that do not shrink, and lead nowhere: up and down, or over a minimum and back.
    fn bounces(&self) -> Option<String> {
        let enough = self.left.map_or(BOUNCE_ALONE, |left| BOUNCE * left);
        let over = self.left.is_some() && !self.has_data;
        if self.kept.is_nan() || self.kept <= STEADY || self.alive == 0.0 {
            return None;
        }
        if self.bounce > enough {
            let rises = percent(self.bounce);
            return Some(format!("steps do not shrink, and late rises of the loss are {rises} of its fall"));
        }
        over.then(|| format!("steps do not shrink, {} of the way is left", percent(self.left.unwrap_or(f64::NAN))))
    }

    /// A function that is left far from its minimum, by steps that shrink.
    fn rests(&self) -> Option<String> {
        let left = self.left.filter(|_| !self.has_data && !self.kept.is_nan())?;
        Some(format!("{} of the way is left, and steps shrink", percent(left)))
    }

    /// A model that has settled.
    fn underfits(&self) -> Option<String> {
        let left = self.left.filter(|left| self.has_data && *left >= FAR)?;
        let last = self.points.last()?;
        let penalty = share(last.train_objective - last.train_loss, last.train_objective.abs());
        let more = if penalty > 0.01 {
            format!(", and {} of the objective is penalty", percent(penalty))
        } else {
            String::new()
        };
        Some(format!("settled with {} of the way left{more}", percent(left)))
    }
}

/// `a / b`; infinite for a positive `a` over nothing, zero for nothing over nothing.
fn share(a: f64, b: f64) -> f64 {
    if a == 0.0 { 0.0 } else { a / b }
}

/// The training loss at a step, between its recorded neighbours.
fn at(points: &[&CurveRow], step: f64) -> f64 {
    let pair = points.windows(2).find(|w| w[0].step as f64 <= step && step <= w[1].step as f64);
    pair.map_or(f64::NAN, |w| {
        let share = (step - w[0].step as f64) / (w[1].step - w[0].step).max(1) as f64;
        w[0].train_loss + share * (w[1].train_loss - w[0].train_loss)
    })
}

fn median(points: &[&CurveRow], of: impl Fn(&CurveRow) -> f64) -> f64 {
    quantile(points.iter().map(|p| of(p)), 0.5)
}

fn percent(share: f64) -> String {
    format!("{} %", significant(100.0 * share, 2))
}

fn short(loss: f64) -> String {
    significant(loss, 3)
}
