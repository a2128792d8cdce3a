//! A burn module on data as a problem of downhill: one flat vector in, loss and flat gradient out.

use crate::loss::{Score, Tally};
use crate::parameters::{self, IN_F32, trainable};
use crate::start::Started;
use crate::{BurnFamily, DataShape, Draws, Examples, Loss, Start, Targets};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use downhill::Layout;
use downhill_problems::data::{Labels, Matrix, Portion, Splits};
use downhill_problems::{
    Batch, Facts, Info, Measures, Metric, Part, Problem, ProblemError, Rng, Sample, Scratch, Stream, Streams,
};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Examples that go through a module together.
const CHUNK: usize = 256;

/// Modules of one family on one data set.
///
/// Parameters live in the caller's vector; a module is a place to compute in. Evaluations side by side take one each,
/// and each writes all parameters first, so that they share nothing.
pub(crate) struct ModuleProblem<F: BurnFamily> {
    family: F,
    splits: Arc<Splits<f32>>,
    shape: DataShape,
    /// With gradients.
    device: Device,
    layout: Layout,
    starts: Vec<Started>,
    metric: Option<Metric>,
    noisy: bool,
    idle: Mutex<Vec<F::Module>>,
}

impl<F: BurnFamily> ModuleProblem<F> {
    /// # Errors
    /// If data and family do not fit, or if the module is no function of parameters and examples.
    pub(crate) fn new(family: F, splits: Arc<Splits<f32>>, device: Device) -> Result<Self, ProblemError> {
        let Matrix::Dense(train) = &splits.train.x else {
            return Err(ProblemError("a module takes dense data, and this data set is sparse".into()));
        };
        // Parts of one data set: the training part speaks for all.
        let symbol = |&x: &f32| x.fract() == 0.0 && (0.0..splits.classes as f32).contains(&x);
        let shape = DataShape { features: splits.width, classes: splits.classes, text: train.iter().all(symbol) };
        let device = device.autodiff();
        let module = Self::fresh(&family, shape, &device)?;
        let guess = parameters::layout(&module, |_, role| role);
        let layout = parameters::layout(&module, |name, role| family.role(name, role));
        if layout.is_empty() {
            return Err(ProblemError("the module has no trainable parameter".into()));
        }
        let start = |block| Started::new(block, &guess, family.start(block, Start::guess(block, &guess)));
        let starts = guess.blocks().iter().map(start).collect();
        let (metric, noisy, idle) = (None, false, Mutex::new(vec![module]));
        ModuleProblem { family, splits, shape, device, layout, starts, metric, noisy, idle }.tried()
    }

    /// A module whose parameters are zero: none of them was drawn by burn, nor will be.
    fn fresh(family: &F, shape: DataShape, device: &Device) -> Result<F::Module, ProblemError> {
        let mut zeroed = Zeroed { frozen: None };
        let module = family.module(shape, device)?.map(&mut zeroed);
        match zeroed.frozen {
            Some(shape) => Err(ProblemError(format!(
                "a frozen parameter of shape {shape:?} has no value, and burn would draw it from a generator that all \
                 trials share: give it one"
            ))),
            None => Ok(module),
        }
    }

    /// The same, after a look at what it does on a few examples.
    fn tried(mut self) -> Result<Self, ProblemError> {
        let streams = Streams::new(F::FACTS.name, 0);
        let mut x = vec![0.0; self.layout.len()];
        self.start(&mut streams.rng(Stream::Start), &mut x);
        let rows = [0, 1, 2, 3].map(|row| row % count(&self.splits.train.y) as u32);
        let sample = Sample { batch: Batch::Rows(&rows), t: 1, streams: &streams };

        let module = parameters::write(self.take(), &x);
        let mut draws = Draws::of(&sample, &self.device);
        let loss = self.family.loss(&module, self.examples(Part::Train, &Rows::List(&rows), &self.device), &mut draws);
        (self.metric, self.noisy) = (loss.score.metric(), draws.asked());
        drop(loss);
        self.give_back(module);

        let bits = |loss: f32, g: &[f32]| -> Vec<u32> { [loss].iter().chain(g).map(|v| v.to_bits()).collect() };
        let still = || {
            let module = parameters::write(self.take(), &x);
            let seen = self.look(&module.valid(), &Rows::List(&rows), Part::Train).0;
            self.give_back(module);
            seen.to_bits()
        };
        let (mut g, mut scratch) = (vec![0.0; x.len()], Scratch::new());
        let mut step = || {
            let loss = self.eval(&x, &sample, &mut g, &mut scratch);
            bits(loss, &g)
        };
        let before = still();
        if step() != step() {
            return Err(ProblemError(
                "two evaluations at one point and step differ: a module draws through `Draws` alone, since burn's own \
                 dropout and random tensors take their numbers from a generator that all trials share"
                    .into(),
            ));
        }
        if still() != before {
            return Err(ProblemError(
                "a training step changes what is measured at the same parameters: the module remembers something beside \
                 them, as the running statistics of a BatchNorm; use a LayerNorm or a GroupNorm"
                    .into(),
            ));
        }
        Ok(self)
    }

    fn take(&self) -> F::Module {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| {
            Self::fresh(&self.family, self.shape, &self.device).expect("it was built before, from the same arguments")
        })
    }

    fn give_back(&self, module: F::Module) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(module);
    }

    /// These rows of a part as tensors.
    fn examples(&self, part: Part, rows: &Rows<'_>, device: &Device) -> Examples {
        let Portion { x, y } = self.splits.part(part);
        let (n, width) = (rows.len(), self.splits.width);
        let x = match x {
            Matrix::Dense(x) => rows.gather(x, width),
            Matrix::Sparse(_) => unreachable!("refused when the problem was built"),
        };
        let y = match y {
            Labels::Classes(y) => {
                let classes: Vec<i32> = rows.gather(y, 1).into_iter().map(|class| class as i32).collect();
                Targets::Classes(Tensor::from_data(TensorData::new(classes, [n]), device))
            }
            Labels::Numbers(y) => Targets::Numbers(Tensor::from_data(TensorData::new(rows.gather(y, 1), [n]), device)),
        };
        Examples { x: Tensor::from_data(TensorData::new(x, [n, width]), device), y }
    }

    /// The mean loss over some rows, without gradients and draws.
    fn look(&self, module: &F::Module, rows: &Rows<'_>, part: Part) -> (f64, Score) {
        let device = self.device.clone().inner();
        let examples = self.examples(part, rows, &device);
        let Loss { mean, score } = self.family.loss(module, examples, &mut Draws::none(&device));
        (f64::from(mean.into_scalar::<f32>()), score)
    }
}

impl<F: BurnFamily> Info for ModuleProblem<F> {
    fn layout(&self) -> Layout {
        self.layout.clone()
    }
    fn examples(&self) -> usize {
        count(&self.splits.train.y)
    }
    fn facts(&self) -> Facts {
        // Cross-entropy and squared errors, which have metrics, are not negative; of other losses nothing is known.
        Facts { lower_bound: self.metric.map(|_| 0.0), metric: self.metric, noisy: self.noisy, ..Facts::default() }
    }
}

impl<F: BurnFamily> Problem<f32> for ModuleProblem<F> {
    fn start(&self, rng: &mut Rng, x: &mut [f32]) {
        self.starts.iter().for_each(|block| block.draw(rng, x));
    }

    fn eval(&self, x: &[f32], sample: &Sample<'_>, g: &mut [f32], _: &mut Scratch<f32>) -> f32 {
        let module = parameters::write(self.take(), x);
        let mut draws = Draws::of(sample, &self.device);
        let all = Rows::of(sample.batch, count(&self.splits.train.y));
        let mut total = 0.0;
        for (i, rows) in all.chunks().enumerate() {
            let share = rows.len() as f64 / all.len() as f64;
            let mean = self.family.loss(&module, self.examples(Part::Train, &rows, &self.device), &mut draws).mean;
            total += share * f64::from(mean.clone().into_scalar::<f32>());
            let mean = if share < 1.0 { mean * share } else { mean };
            gradients(&module, mean.backward(), g, i == 0);
        }
        self.give_back(module);
        total as f32
    }

    fn measure(&self, x: &[f32], part: Part, _: &mut Scratch<f32>) -> Measures {
        let module = parameters::write(self.take(), x);
        let still = module.valid();
        let all = Rows::Span(0..count(&self.splits.part(part).y));
        let (mut total, mut tally) = (0.0, Tally::default());
        for rows in all.chunks() {
            let (mean, score) = self.look(&still, &rows, part);
            total += mean * rows.len() as f64;
            tally.add(score);
        }
        drop(still); // parameters held twice would be copied at the next write
        self.give_back(module);
        let loss = total / all.len() as f64;
        Measures { objective: loss, loss, metric: tally.metric(self.metric) }
    }
}

/// Puts zeros where burn would draw; remembers the shape of a frozen parameter that it would draw.
struct Zeroed {
    frozen: Option<Vec<usize>>,
}

impl ModuleMapper for Zeroed {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if param.is_initialized() {
            return param;
        }
        if !trainable(&param) {
            self.frozen = Some(param.lazy_shape().to_vec());
            return param;
        }
        let zeros = Tensor::zeros(param.lazy_shape(), &param.lazy_device());
        Param::initialized(param.id, zeros.require_grad())
    }
}

/// Moves the gradients into `g`, or adds them to it; 0 where a parameter took no part in the loss.
fn gradients<M: Module>(module: &M, mut from: Gradients, g: &mut [f32], replace: bool) {
    struct Move<'a> {
        from: &'a mut Gradients,
        rest: &'a mut [f32],
        replace: bool,
    }
    impl ModuleVisitor for Move<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if !trainable(param) {
                return;
            }
            let tensor = param.val();
            let (g, rest) = std::mem::take(&mut self.rest).split_at_mut(tensor.shape().num_elements());
            self.rest = rest;
            match tensor.grad_remove(self.from).map(Tensor::into_data) {
                Some(found) => {
                    let found = found.as_slice::<f32>().expect(IN_F32);
                    if self.replace {
                        g.copy_from_slice(found);
                    } else {
                        g.iter_mut().zip(found).for_each(|(g, found)| *g += found);
                    }
                }
                None if self.replace => g.fill(0.0),
                None => {}
            }
        }
    }
    module.visit(&mut Move { from: &mut from, rest: g, replace });
}

/// Rows of a table, by number.
enum Rows<'a> {
    Span(Range<usize>),
    List(&'a [u32]),
}

impl<'a> Rows<'a> {
    fn of(batch: Batch<'a>, n: usize) -> Self {
        match batch {
            Batch::All => Rows::Span(0..n),
            Batch::Rows(list) => Rows::List(list),
        }
    }

    fn len(&self) -> usize {
        match self {
            Rows::Span(span) => span.len(),
            Rows::List(list) => list.len(),
        }
    }

    fn chunks(&self) -> impl Iterator<Item = Rows<'a>> {
        (0..self.len()).step_by(CHUNK).map(|from| {
            let to = self.len().min(from + CHUNK);
            match self {
                Rows::Span(span) => Rows::Span(span.start + from..span.start + to),
                Rows::List(list) => Rows::List(&list[from..to]),
            }
        })
    }

    /// Their values in a table of so many columns.
    fn gather<T: Copy>(&self, table: &[T], width: usize) -> Vec<T> {
        match self {
            Rows::Span(span) => table[span.start * width..span.end * width].to_vec(),
            Rows::List(list) => {
                let mut gathered = Vec::with_capacity(list.len() * width);
                list.iter().for_each(|&row| gathered.extend_from_slice(&table[row as usize * width..][..width]));
                gathered
            }
        }
    }
}

fn count<R>(y: &Labels<R>) -> usize {
    match y {
        Labels::Classes(y) => y.len(),
        Labels::Numbers(y) => y.len(),
    }
}
