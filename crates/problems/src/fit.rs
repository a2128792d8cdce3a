//! A data set, a model, an optimizer, one line.

use crate::data::{Dataset, Features, Scale, SplitSpec, Target};
use crate::models::{Leaders, Model, Network};
use crate::problem::{Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::rng::{Stream, Streams};
use crate::sampling::{Sampler, Sampling};
use crate::world::World;
use downhill::{Method, Schedule, check};
use std::fmt;

/// How to train.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The learning rate; `None` takes the method's default.
    pub lr: Option<f64>,
    /// How the learning rate changes over all steps.
    pub schedule: Schedule,
    /// Passes over the training part.
    pub epochs: u64,
    /// Which examples a step sees; 32 shuffled ones by default.
    pub sampling: Sampling,
    /// Draws the split, the start, the order of examples and dropout.
    pub seed: u64,
    /// What is kept from training.
    pub split: SplitSpec,
}

impl Default for Fit {
    fn default() -> Self {
        let (schedule, sampling, split) = (Schedule::default(), Sampling::default(), SplitSpec::default());
        Fit { lr: None, schedule, epochs: 20, sampling, seed: 0, split }
    }
}

/// Trains a model on its data set, in single precision.
///
/// ```
/// use downhill::Adam;
/// use downhill_problems::{Fit, Part, fit, models::Mlp};
///
/// let mlp = Mlp { data: "digits".parse()?, hidden: vec![32], ..Mlp::default() };
/// let model = fit(&mlp, &Adam::default(), Fit { lr: Some(1e-2), epochs: 10, ..Fit::default() })?;
/// assert!(model.score(Part::Test) > 0.9); // the share of digits that it never saw and reads rightly
/// # Ok::<(), downhill_problems::ProblemError>(())
/// ```
///
/// # Errors
/// If the data cannot be read or does not fit the model, or a knob is out of its range.
///
/// # Panics
/// If the method asks for more than loss and gradient on the same examples, such as Hessian products.
pub fn fit<M: Model, O: Method>(model: &M, method: &O, how: Fit) -> Result<Fitted, ProblemError> {
    let json = |value: serde_json::Result<_>| value.unwrap_or_default();
    check(M::FACTS.name, M::FACTS.hypers, &json(serde_json::to_value(model))).map_err(|e| ProblemError(e.0))?;
    check(O::FACTS.name, O::FACTS.hypers, &json(serde_json::to_value(method))).map_err(|e| ProblemError(e.0))?;
    let spec = model.data().ok_or_else(|| ProblemError(format!("`{}` names no data set", M::FACTS.name)))?;
    // The streams of a study's trial with the same model, data and seed.
    let streams = Streams::new(format!("{} {}", M::FACTS.name, spec.name()), how.seed);
    let world = World::new();
    let splits = world.context(&how.split, &streams).splits::<f32>(spec)?;
    let width = splits.width;
    let network = model.network(splits)?;
    let mut sampler = Sampler::new(how.sampling, network.examples(), &streams)?;

    let (layout, steps) = (network.layout(), how.epochs * sampler.steps_per_epoch());
    let mut stepper = method.stepper(&layout, how.lr.unwrap_or(O::FACTS.lr)).with_schedule(how.schedule, steps);
    let (mut x, mut g, mut scratch) = (vec![0.0; layout.len()], vec![0.0; layout.len()], Scratch::new());
    network.start(&mut streams.rng(Stream::Start), &mut x);
    for t in 1..=steps {
        let sample = Sample { batch: sampler.batch(t), t, streams: &streams };
        stepper.step_with(&mut x, &mut g, |x, g| network.eval(x, &sample, g, &mut scratch));
    }
    let data = world.dataset(spec)?;
    let [train, ..] = how.split.rows(&data, &streams.keyed(spec.name()))?;
    Ok(Fitted { x: stepper.readout(&x).to_vec(), network, encoding: Encoding::new(&data, &train, width) })
}

/// A trained model.
pub struct Fitted {
    network: Network<f32>,
    x: Vec<f32>,
    encoding: Encoding,
}

/// How raw values became what the model sees, and back.
struct Encoding {
    columns: Vec<String>,
    features: Scale,
    /// By number; empty if the target is a number.
    classes: Vec<String>,
    target: Scale,
}

impl Encoding {
    /// As [`SplitSpec::split`] does with these training rows, which become so wide.
    fn new(data: &Dataset, train: &[u32], width: usize) -> Self {
        let features = match &data.features {
            Features::Dense(values) => Scale::of(values, width, train),
            Features::Bytes(_) => Scale::by(255.0, width),
            Features::Symbols(_) | Features::Sparse(_) | Features::Counts(_) => Scale::by(1.0, width),
        };
        let (classes, target) = match &data.target {
            Target::Classes { names, .. } => (names.clone(), Scale::by(1.0, 1)),
            Target::Numbers(values) => (vec![], Scale::of(values, 1, train)),
        };
        Encoding { columns: data.columns.clone(), features, classes, target }
    }
}

/// What a model says of an example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prediction<'a> {
    /// A class, by name.
    Class(&'a str),
    /// A number, in the units of the data.
    Number(f64),
}

impl fmt::Display for Prediction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Prediction::Class(name) => f.write_str(name),
            Prediction::Number(y) => write!(f, "{y}"),
        }
    }
}

impl Fitted {
    /// The metric over one part of the data: the share of right classes, or R2; NaN if it does not exist.
    pub fn score(&self, part: Part) -> f64 {
        self.measure(part).metric.unwrap_or(f64::NAN)
    }

    /// Loss and metric over one part of the data.
    pub fn measure(&self, part: Part) -> Measures {
        self.network.measure(&self.x, part, &mut Scratch::new())
    }

    /// The trained parameters, laid out as the [network](Self::network) says.
    pub fn parameters(&self) -> &[f32] {
        &self.x
    }

    /// The model as a problem.
    pub fn network(&self) -> &Network<f32> {
        &self.network
    }

    /// Classes or numbers for new examples, each with the values of all feature columns, as they stand in the file;
    /// of documents the weights of words ([`Counts`](crate::data::Counts)), as in the split.
    ///
    /// ```
    /// use downhill::Adam;
    /// use downhill_problems::{Fit, Prediction, fit, models::Softmax};
    ///
    /// let flowers = fit(&Softmax { data: "iris".parse()? }, &Adam::default(), Fit { lr: Some(0.05), ..Fit::default() })?;
    /// let answers = flowers.predict(&[[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]])?; // lengths and widths in cm
    /// assert_eq!(answers, [Prediction::Class("setosa"), Prediction::Class("virginica")]);
    /// # Ok::<(), downhill_problems::ProblemError>(())
    /// ```
    ///
    /// # Errors
    /// If an example has another number of values, or one that is not finite, or the training has diverged.
    pub fn predict(&self, rows: &[impl AsRef<[f64]>]) -> Result<Vec<Prediction<'_>>, ProblemError> {
        if rows.is_empty() {
            return Ok(vec![]);
        }
        let Encoding { columns, features, classes, target } = &self.encoding;
        let width = features.width();
        if let Some((i, row)) = rows.iter().enumerate().find(|(_, row)| row.as_ref().len() != width) {
            let found = row.as_ref().len();
            return Err(ProblemError(format!("example {i} has {found} values, but the model has {width} features")));
        }
        let values: Vec<f64> = rows.iter().flat_map(|row| row.as_ref()).copied().collect();
        let numbers: Vec<u32> = (0..rows.len() as u32).collect();
        let name = |c: usize| columns.get(c).cloned().unwrap_or_else(|| c.to_string());
        let f = self.network.predict(&self.x, &features.apply::<f32>(&values, &numbers, name)?);
        let one = |i: usize| match classes.as_slice() {
            [] => f[i].is_finite().then(|| Prediction::Number(target.undo(0, f[i].into()))),
            names => {
                let Leaders { class: [class], .. } = Leaders::of(&f, rows.len(), i);
                names.get(class as usize).map(|name| Prediction::Class(name))
            }
        };
        let all: Option<Vec<_>> = (0..rows.len()).map(one).collect();
        all.ok_or_else(|| ProblemError("the model's outputs are not finite: the training has diverged".into()))
    }
}
