//! Any optimizer of downhill on a burn module: for methods that look at more than one parameter and its gradient.

use crate::parameters::{self, gradients, read, write};
use crate::record::{self, RecordProblem};
use burn::module::Module;
use burn::optim::{GradientsParams, LearningRate, OptimizerRecord};
use downhill::{
    Configured, Layout, NoOracle, Optimizer, Oracle, Purpose, Refusal, Refused, Role, Schedule, State, Step,
};
use downhill_problems::{Stream, Streams};
use rand_distr::{Distribution, StandardNormal};

/// One of downhill's optimizers for a whole burn module, with the shape of burn's own: `step(lr, module, grads)`.
///
/// ```
/// use burn::{module::Module, nn, tensor::{Device, Tensor}};
/// use burn::optim::GradientsParams;
/// use downhill::Prodigy;
/// use downhill_burn::WholeModel;
///
/// let device = Device::flex().autodiff();
/// let mut model = nn::LinearConfig::new(3, 1).with_initializer(nn::Initializer::Zeros).init(&device);
/// let mut optim = WholeModel::new(Prodigy::default(), &model).expect("Prodigy needs no more than gradients");
/// let x = Tensor::<2>::from_data([[1.0, 2.0, 3.0], [3.0, 1.0, 2.0]], &device);
/// let loss = |model: &nn::Linear| (model.forward(x.clone()) - 1.0).powf_scalar(2.0).mean();
/// for _ in 0..400 {
///     let grads = GradientsParams::from_grads(loss(&model).backward(), &model);
///     model = optim.step(1.0, model, grads);
/// }
/// assert!(loss(&model).into_scalar::<f32>() < 1e-6);
/// ```
///
/// Parameters and gradients are copied into flat vectors and back, 12 bytes a parameter and step beside what the method
/// reads and writes itself; what fits a [`PerParameter`](crate::PerParameter) is faster there. Computes in `f32`. A
/// parameter without a gradient has the gradient 0: other than with burn's optimizers, momentum and decay go on.
///
/// burn keeps the weight of a `Linear` with its inputs first. Muon, Shampoo, SOAP, Adafactor and SM3 treat it as its
/// transpose; methods that go by rows (Adam-mini, adaptive clipping, gradient centralization) see burn's rows.
pub struct WholeModel {
    optimizer: Box<dyn Optimizer<f32>>,
    layout: Layout,
    t: u64,
    schedule: Schedule,
    horizon: u64,
    streams: Streams,
    x: Vec<f32>,
    g: Vec<f32>,
}

impl WholeModel {
    /// A method as it is, or configured with wrappers and groups, for modules such as this one.
    ///
    /// # Errors
    /// If the method refuses the module's layout: no hidden matrix for Muon, a group that selects no parameter.
    pub fn new<M: Module>(method: impl Into<Configured>, module: &M) -> Result<Self, Refusal> {
        WholeModel::with_roles(method, module, |_, role| role)
    }

    /// The same where roles are not what [`layout`](crate::layout) guesses.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_roles<M: Module>(
        method: impl Into<Configured>,
        module: &M,
        role: impl Fn(&str, Role) -> Role,
    ) -> Result<Self, Refusal> {
        let layout = parameters::layout(module, role);
        if layout.is_empty() {
            return Err(Refusal("the module has no trainable parameter: is it on an autodiff device?".into()));
        }
        Ok(WholeModel {
            optimizer: method.into().build(&layout)?,
            layout,
            t: 0,
            schedule: Schedule::default(),
            horizon: 0,
            streams: Streams::new("burn module", 0),
            x: Vec::new(),
            g: Vec::new(),
        })
    }

    /// Multiplies the learning rate of each step by the factors of `schedule` over `horizon` steps.
    pub fn with_schedule(self, schedule: Schedule, horizon: u64) -> Self {
        WholeModel { schedule, horizon, ..self }
    }

    /// Other draws for methods that probe at random (Sophia-H, AdaHessian); 0 by default.
    pub fn with_seed(self, seed: u64) -> Self {
        WholeModel { streams: Streams::new("burn module", seed), ..self }
    }

    /// One step along gradients.
    ///
    /// # Panics
    /// If the method asks for more ([`step_with`](Self::step_with)), or the module is not the one of
    /// [`new`](Self::new).
    pub fn step<M: Module>(&mut self, lr: LearningRate, module: M, mut grads: GradientsParams) -> M {
        gradients(&module, &mut grads, &mut self.g);
        self.begin(&module);
        self.advance(lr, f32::NAN, &mut NoOracle);
        write(module, &self.x)
    }

    /// One step of a method that asks: line searches, SAM, Polyak's step, SVRG. A closure answers for one batch;
    /// implement [`Objective`] for the rest. Returns the module and the loss before the step.
    ///
    /// ```
    /// use burn::{nn, tensor::{Device, Tensor}};
    /// use burn::optim::GradientsParams;
    /// use downhill::LBfgs;
    /// use downhill_burn::WholeModel;
    ///
    /// let device = Device::flex().autodiff();
    /// let mut model = nn::LinearConfig::new(2, 1).with_initializer(nn::Initializer::Zeros).init(&device);
    /// let mut optim = WholeModel::new(LBfgs::default(), &model).expect("a closure has all that L-BFGS asks for");
    /// let x = Tensor::<2>::from_data([[1.0, 9.0], [0.5, 3.0], [2.0, 2.0]], &device);
    /// let mut question = |model: &nn::Linear| {
    ///     let loss = (model.forward(x.clone()) - 1.0).powf_scalar(2.0).mean();
    ///     (loss.clone().into_scalar(), GradientsParams::from_grads(loss.backward(), model))
    /// };
    /// let mut loss = f32::INFINITY;
    /// for _ in 0..15 {
    ///     (model, loss) = optim.step_with(1.0, model, &mut question);
    /// }
    /// assert!(loss < 1e-5, "{loss}");
    /// ```
    ///
    /// # Panics
    /// If `objective` does not answer what the method asks.
    pub fn step_with<M: Module>(&mut self, lr: LearningRate, module: M, objective: &mut impl Objective<M>) -> (M, f32) {
        let (loss, mut grads) = objective.at(&module);
        gradients(&module, &mut grads, &mut self.g);
        self.begin(&module);
        let (streams, t) = (self.streams.clone(), self.t);
        let mut asked = Asked { module: Some(module), objective, streams, t, flat: Vec::new() };
        self.advance(lr, loss, &mut asked);
        let module = asked.module.expect(BACK);
        (write(module, &self.x), loss)
    }

    fn begin<M: Module>(&mut self, module: &M) {
        read(module, &mut self.x);
        let (found, expected) = (self.x.len(), self.layout.len());
        assert_eq!(found, expected, "the module has {found} trainable numbers, the one of `new` had {expected}");
        self.t += 1;
    }

    fn advance(&mut self, lr: f64, loss: f32, oracle: &mut dyn Oracle<f32>) {
        let lr = lr * self.schedule.factor(self.t - 1, self.horizon);
        self.optimizer.step(&mut self.x, &self.g, &mut Step { t: self.t, lr, loss, oracle });
    }

    /// The module to evaluate and to keep: `module` itself, or with the average that the method keeps (EMA, SWA,
    /// Schedule-Free, DoG).
    pub fn evaluated<M: Module>(&self, module: &M) -> M {
        let (mut x, mut average) = (Vec::new(), vec![0.0; self.layout.len()]);
        read(module, &mut x);
        let at = self.optimizer.readout(&x, &mut average);
        write(module.clone(), at)
    }

    /// The blocks that the method sees.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The steps taken and all that is remembered, in burn's format: keys are the names of blocks and quantities.
    ///
    /// # Errors
    /// If burn cannot write it.
    pub fn to_record(&mut self) -> Result<OptimizerRecord, RecordProblem> {
        Ok(record::write(self.t, &State::save(&mut *self.optimizer))?)
    }

    /// Goes on from a record, bit for bit.
    ///
    /// # Errors
    /// If the record is of another optimizer, or of a module with other parameters.
    pub fn load_record(mut self, record: OptimizerRecord) -> Result<Self, RecordProblem> {
        let (t, state) = record::read(record)?;
        state.load(&mut *self.optimizer).map_err(RecordProblem::State)?;
        self.t = t;
        Ok(self)
    }
}

/// What a training loop can answer about the batch of the present step. Any `FnMut(&M) -> (f32, GradientsParams)` is
/// one, for which the batch is all there is.
pub trait Objective<M> {
    /// Loss and gradients at `module`, on the same batch each time.
    fn at(&mut self, module: &M) -> (f32, GradientsParams);
    /// Loss and gradients over all training examples.
    fn full(&mut self, _module: &M) -> Result<(f32, GradientsParams), Refused> {
        Err(Refused("the gradient over all training examples"))
    }
    /// The number of training examples.
    fn examples(&mut self) -> Result<usize, Refused> {
        Err(Refused("single examples"))
    }
    /// The examples of the batch.
    fn rows(&mut self) -> Result<&[u32], Refused> {
        Err(Refused("single examples"))
    }
    /// Loss and gradients of one example.
    fn summand(&mut self, _i: usize, _module: &M) -> Result<(f32, GradientsParams), Refused> {
        Err(Refused("single examples"))
    }
    /// Loss and gradients with labels drawn from the model's own predictions.
    fn model_labels(&mut self, _module: &M) -> Result<(f32, GradientsParams), Refused> {
        Err(Refused("labels drawn from a model"))
    }
    /// A value that the loss cannot go below.
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        Err(Refused("a lower bound of the loss"))
    }
}

impl<M, F: FnMut(&M) -> (f32, GradientsParams)> Objective<M> for F {
    fn at(&mut self, module: &M) -> (f32, GradientsParams) {
        self(module)
    }
    fn full(&mut self, module: &M) -> Result<(f32, GradientsParams), Refused> {
        Ok(self(module))
    }
}

/// An [`Objective`] as the oracle of a step: writes each point of a question into the module.
struct Asked<'a, M, O> {
    /// Always there between questions.
    module: Option<M>,
    objective: &'a mut O,
    streams: Streams,
    t: u64,
    flat: Vec<f32>,
}

const BACK: &str = "each question puts the module back";

impl<M: Module, O: Objective<M>> Asked<'_, M, O> {
    fn ask(
        &mut self,
        x: &[f32],
        g: &mut [f32],
        question: impl FnOnce(&mut O, &M) -> Result<(f32, GradientsParams), Refused>,
    ) -> Result<f32, Refused> {
        let module = write(self.module.take().expect(BACK), x);
        let answer = question(self.objective, &module);
        let loss = answer.map(|(loss, mut grads)| {
            gradients(&module, &mut grads, &mut self.flat);
            g.copy_from_slice(&self.flat);
            loss
        });
        self.module = Some(module);
        loss
    }
}

impl<M: Module, O: Objective<M>> Oracle<f32> for Asked<'_, M, O> {
    fn again(&mut self, x: &[f32], g: &mut [f32]) -> Result<f32, Refused> {
        self.ask(x, g, |objective, module| Ok(objective.at(module)))
    }
    fn full(&mut self, x: &[f32], g: &mut [f32]) -> Result<f32, Refused> {
        self.ask(x, g, |objective, module| objective.full(module))
    }
    fn examples(&mut self) -> Result<usize, Refused> {
        self.objective.examples()
    }
    fn rows(&mut self) -> Result<&[u32], Refused> {
        self.objective.rows()
    }
    fn summand(&mut self, i: usize, x: &[f32], g: &mut [f32]) -> Result<f32, Refused> {
        self.ask(x, g, |objective, module| objective.summand(i, module))
    }
    fn model_labels(&mut self, x: &[f32], g: &mut [f32]) -> Result<f32, Refused> {
        self.ask(x, g, |objective, module| objective.model_labels(module))
    }
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        self.objective.lower_bound()
    }
    fn noise(&mut self, purpose: Purpose, out: &mut [f32]) -> Result<(), Refused> {
        let mut rng = self.streams.at(Stream::Probe, self.t * 4 + purpose as u64);
        out.fill_with(|| StandardNormal.sample(&mut rng));
        Ok(())
    }
}
