//! How far burn's path and ours part from the same start and the same batches, and why.
//!
//! Both compute in `f32`, and so does every gradient: a rounding in one step is carried on by all later ones. What is
//! the optimizer's doing and what the problem's is measured by walking again with one thing changed: hyperparameters
//! rounded as burn holds them, burn's gradients in place of our own, a start of ours one rounding away, `f64` in place
//! of `f32`.

use super::pairs::Decay;
use super::{Defaults, Pair, Tables, comparisons};
use crate::answers::Answers;
use crate::lab::Lab;
use crate::table::significant;
use crate::trial::kernel_class;
use anyhow::{Context as _, Result};
use downhill::{Block, Need, Optimizer, Step};
use downhill_problems::{
    Configured, Order, Precision, Problem, Sample, Sampler, Sampling, Scratch, SplitSpec, Stream, Streams,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Two paths that part by no more agree.
pub const TOLERANCE: f64 = 1e-5;

/// A row of `deviations.csv`. Deviations are the largest difference of a coordinate after any step, relative to the
/// largest coordinate of the second path there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deviation {
    /// burn's optimizer.
    pub burn: String,
    /// Ours.
    pub ours: String,
    /// With whose defaults.
    pub defaults: String,
    /// The problem.
    pub problem: String,
    /// The learning rate.
    pub lr: f64,
    /// Of our path from burn's, each on its own gradients.
    pub deviation: f64,
    /// The same, with our hyperparameters in `f32` as burn holds them, and a decay beside the step done as burn does it:
    /// by a factor in `f32`, and a rounding of its own.
    pub rounded: f64,
    /// Of our path from itself with every coordinate moved to the next `f32` after the first step.
    pub nudged: f64,
    /// So many steps the two paths stay within [`TOLERANCE`].
    pub steps: u64,
    /// So many steps ours and the moved one do.
    pub nudged_steps: u64,
    /// Of our path on burn's gradients from burn's. None for methods that ask for gradients themselves.
    pub same_gradients: Option<f64>,
    /// The same, with our hyperparameters as burn holds them.
    pub same_gradients_rounded: Option<f64>,
    /// Of burn's path from ours in `f64` on burn's gradients.
    pub burn_from_exact: Option<f64>,
    /// Of our path on burn's gradients from the same.
    pub ours_from_exact: Option<f64>,
    /// The instruction set of matrix products.
    pub kernel: String,
}

impl Deviation {
    /// What the numbers say about the first of them. None if there is nothing to explain, `Err` if nothing explains it.
    pub fn reason(&self) -> Result<Option<String>, String> {
        let near = |x: f64| x <= TOLERANCE;
        let show = |x: f64| significant(x, 2);
        if near(self.deviation) {
            return Ok(None);
        }
        if near(self.rounded) {
            let rounded = show(self.rounded);
            return Ok(Some(format!("{HELD}; with ours so, {rounded}")));
        }
        // A path of ours that starts one rounding off must part as far, or the problem is not to blame.
        let amplified = self.nudged > 0.1 * self.rounded;
        let nudged = format!(
            "the problem amplifies roundings: the two agree for {} steps, ours and itself moved by one rounding for {} (and \
             part by {})",
            self.steps,
            self.nudged_steps,
            show(self.nudged)
        );
        match (self.same_gradients, self.same_gradients_rounded) {
            (Some(same), _) if near(same) && amplified => {
                Ok(Some(format!("{nudged}; on burn's gradients, {}", show(same))))
            }
            (_, Some(same)) if near(same) && amplified => {
                Ok(Some(format!("{HELD}, and {nudged}; on burn's gradients with ours so, {}", show(same))))
            }
            (None, _) if amplified => Ok(Some(nudged)),
            _ => Err(format!("{self:?}")),
        }
    }
}

/// What burn does to hyperparameters.
const HELD: &str = "burn rounds hyperparameters to f32, and a decay beside the step twice: its factor, and the product";

/// What both walk on.
pub struct Course {
    /// The table of the problem, as JSON.
    problem: &'static str,
    /// In words.
    pub label: &'static str,
    /// The learning rate, in units of burn's usual one: functions are steeper than networks.
    lr: f64,
}

/// Two networks, a classifier and two functions.
pub const COURSES: [Course; 5] = [
    Course { problem: r#"{ "name": "mlp", "data": "digits", "hidden": [32] }"#, label: "mlp/digits", lr: 1.0 },
    Course { problem: r#"{ "name": "mlp", "data": "wine", "hidden": [32, 16] }"#, label: "mlp/wine", lr: 1.0 },
    Course { problem: r#"{ "name": "softmax", "data": "digits" }"#, label: "softmax/digits", lr: 1.0 },
    Course { problem: r#"{ "name": "rotated-quadratic" }"#, label: "rotated-quadratic", lr: 0.1 },
    Course { problem: r#"{ "name": "rosenbrock" }"#, label: "rosenbrock", lr: 0.1 },
];

/// The deviations of all pairs on these courses over so many steps; methods for matrices walk where there are some.
///
/// # Errors
/// If a pair or a course cannot be built.
pub fn deviations(lab: &Lab, courses: &[Course], steps: u64) -> Result<Vec<Deviation>> {
    let mut rows = Vec::new();
    for (pair, defaults, tables) in comparisons() {
        for course in courses {
            let row = deviation(lab, (pair, defaults, &tables), course, steps);
            rows.extend(row.with_context(|| format!("{} and {} on {}", pair.burn, pair.ours, course.label))?);
        }
    }
    Ok(rows)
}

fn deviation(
    lab: &Lab,
    (pair, defaults, tables): (&Pair, Defaults, &Tables),
    course: &Course,
    steps: u64,
) -> Result<Option<Deviation>> {
    let lr = course.lr * pair.lr(&lab.optimizers);
    let (table, needs) =
        (lab.optimizers.configure(&tables.ours)?.canonical(), lab.optimizers.configure(&tables.burn)?.needs());
    let asks = needs.contains(&Need::Again);
    let walker = Walker::new(lab, course, (steps, lr), needs.contains(&Need::FullBatch))?;
    if needs.contains(&Need::Matrices) && !walker.has_matrices()? {
        return Ok(None);
    }
    let (held, decay) = as_burn_holds(table, pair.decay);
    let decay = Some((pair.decay, decay));

    let burn = walker.walk::<f32>(&tables.burn, Change::default())?;
    let ours = walker.walk::<f32>(&tables.ours, Change::default())?;
    let nudged = walker.walk::<f32>(&tables.ours, Change { nudge: true, ..Change::default() })?;
    let rounded = walker.walk::<f32>(&held, Change { decay, ..Change::default() })?;
    let given = Change { gradients: Some(&burn.g), ..Change::default() };
    let on_burns = |table: &Value, change| (!asks).then(|| walker.walk::<f32>(table, change)).transpose();
    let (same, same_rounded) = (on_burns(&tables.ours, given)?, on_burns(&held, Change { decay, ..given })?);
    let exact = (!asks).then(|| walker.walk::<f64>(&tables.ours, given)).transpose()?;
    let from = |a: &Option<Path>, b: &Option<Path>| Some(three_digits(a.as_ref()?.from(b.as_ref()?)));
    let [deviation, rounded] = [&ours, &rounded].map(|path| three_digits(path.from(&burn)));
    let steps = ours.within(&burn);
    let burn = Some(burn);
    Ok(Some(Deviation {
        burn: pair.burn.to_owned(),
        ours: pair.ours.to_owned(),
        defaults: defaults.to_string(),
        problem: course.label.to_owned(),
        lr,
        deviation,
        rounded,
        nudged: three_digits(nudged.from(&ours)),
        steps,
        nudged_steps: nudged.within(&ours),
        same_gradients: from(&same, &burn),
        same_gradients_rounded: from(&same_rounded, &burn),
        burn_from_exact: from(&burn, &exact),
        ours_from_exact: from(&same, &exact),
        kernel: kernel_class(),
    }))
}

/// The table with numbers as burn holds them, and without a decay that burn does by itself; that decay.
fn as_burn_holds(table: Value, decay: Decay) -> (Value, f64) {
    let mut apart = 0.0;
    let mut hold = |(name, value): (String, Value)| match value.as_f64().filter(|_| value.is_f64()) {
        Some(x) if name == "decay" && decay != Decay::Inside => {
            apart = f64::from(x as f32);
            (name, 0.0.into())
        }
        Some(x) => (name, f64::from(x as f32).into()),
        None => (name, value),
    };
    let table = table.as_object().cloned().unwrap_or_default().into_iter().map(&mut hold).collect();
    (table, apart)
}

fn three_digits(x: f64) -> f64 {
    format!("{x:.2e}").parse().unwrap_or(x)
}

/// What is changed in a walk.
#[derive(Clone, Copy, Default)]
struct Change<'a> {
    /// Every coordinate becomes the next `f32` after the first step.
    nudge: bool,
    /// These gradients in place of those at the path's own points.
    gradients: Option<&'a [Vec<f64>]>,
    /// A decay beside the step, done as burn does.
    decay: Option<(Decay, f64)>,
}

/// The point after every step, and the gradient that led there.
struct Path {
    x: Vec<Vec<f64>>,
    g: Vec<Vec<f64>>,
}

impl Path {
    /// The largest difference of a coordinate after each step, relative to the other path's largest coordinate there.
    fn apart<'a>(&'a self, other: &'a Path) -> impl Iterator<Item = f64> + 'a {
        let after = |(a, b): (&Vec<f64>, &Vec<f64>)| {
            let difference = largest(a.iter().zip(b).map(|(a, b)| (a - b).abs()));
            if difference == 0.0 { 0.0 } else { difference / largest(b.iter().map(|b| b.abs())) }
        };
        self.x.iter().zip(&other.x).map(after)
    }
    /// The largest of those.
    fn from(&self, other: &Path) -> f64 {
        largest(self.apart(other))
    }
    /// How many of the first are within [`TOLERANCE`].
    fn within(&self, other: &Path) -> u64 {
        self.apart(other).take_while(|&apart| apart <= TOLERANCE).count() as u64
    }
}

/// NaN if there is one.
fn largest(x: impl Iterator<Item = f64>) -> f64 {
    x.fold(0.0, |a: f64, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) })
}

/// Walks a course: the trial of seed 0, with the default batches, or with all examples for a method that wants them.
struct Walker<'a> {
    lab: &'a Lab,
    family: Configured,
    streams: Streams,
    sampling: Sampling,
    steps: u64,
    lr: f64,
    start: Vec<f32>,
}

impl<'a> Walker<'a> {
    fn new(lab: &'a Lab, course: &Course, (steps, lr): (u64, f64), full: bool) -> Result<Self> {
        let family = lab.families.configure(&serde_json::from_str(course.problem).context(course.problem)?)?;
        let streams = Streams::new(family.stream_key(), 0);
        let sampling = if full { Sampling { order: Order::Full, ..Sampling::default() } } else { Sampling::default() };
        let mut walker = Walker { lab, family, streams, sampling, steps, lr, start: Vec::new() };
        let problem = walker.problem::<f32>()?;
        walker.start = vec![0.0; problem.layout().len()];
        problem.start(&mut walker.streams.rng(Stream::Start), &mut walker.start);
        Ok(walker)
    }

    fn has_matrices(&self) -> Result<bool> {
        Ok(self.problem::<f32>()?.layout().blocks().iter().any(Block::is_hidden_matrix))
    }

    fn problem<R: Precision>(&self) -> Result<Arc<dyn Problem<R>>> {
        Ok(self.family.build::<R>(&self.lab.world.context(&SplitSpec::default(), &self.streams))?)
    }

    fn walk<R: Precision>(&self, table: &Value, change: Change) -> Result<Path> {
        let problem = self.problem::<R>()?;
        let mut sampler = Sampler::new(self.sampling, problem.examples(), &self.streams)?;
        let mut optimizer: Box<dyn Optimizer<R>> = self.lab.optimizers.configure(table)?.build(&problem.layout())?;
        let mut x: Vec<R> = self.start.iter().map(|&x| R::of(x.into())).collect();
        let (mut g, mut scratch, mut path) = (x.clone(), Scratch::new(), Path { x: Vec::new(), g: Vec::new() });
        let wide = |x: &[R]| x.iter().map(|x| x.to_f64()).collect::<Vec<_>>();
        for t in 1..=self.steps {
            let sample = Sample { batch: sampler.batch(t), t, streams: &self.streams };
            let loss = match change.gradients {
                Some(given) => {
                    g.iter_mut().zip(&given[t as usize - 1]).for_each(|(g, &given)| *g = R::of(given));
                    R::ZERO
                }
                None => problem.eval(&x, &sample, &mut g, &mut scratch),
            };
            if let Some((Decay::Before, decay)) = change.decay {
                let factor = R::of(1.0 - self.lr * decay);
                x.iter_mut().for_each(|x| *x *= factor);
            }
            let (evaluations, examples) = (&mut 0, &mut 0);
            let mut oracle = Answers {
                problem: &*problem,
                sample,
                scratch: &mut scratch,
                asked: None,
                evaluations,
                examples,
                seconds: 0.0,
            };
            path.g.push(wide(&g));
            optimizer.step(&mut x, &g, &mut Step { t, lr: self.lr, loss, oracle: &mut oracle });
            if let Some((Decay::After, decay)) = change.decay {
                let factor = R::of(1.0 + self.lr * decay);
                x.iter_mut().for_each(|x| *x = *x / factor);
            }
            if change.nudge && t == 1 {
                x.iter_mut().for_each(|x| *x = R::of((x.to_f64() as f32).next_up().into()));
            }
            path.x.push(wide(&x));
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(x: &[&[f64]]) -> Path {
        Path { x: x.iter().map(|x| x.to_vec()).collect(), g: Vec::new() }
    }

    #[test]
    fn a_deviation_is_relative_to_the_largest_coordinate_of_its_step() {
        let (a, b) = (path(&[&[1.0, 8.0], &[0.5, 2.0]]), path(&[&[1.0, 8.5], &[0.0, 2.0]]));
        assert_eq!(a.from(&b), 0.25, "half of 2 after the second step, more than half of 8.5 after the first");
        assert_eq!((a.within(&b), a.within(&a)), (0, 2));
        assert_eq!(path(&[&[0.0]]).from(&path(&[&[0.0]])), 0.0);
        assert!(path(&[&[f64::NAN]]).from(&path(&[&[1.0]])).is_nan());
    }
}
