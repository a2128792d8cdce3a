//! Measures, in turns.

use super::Cost;
use crate::lab::Lab;
use crate::load::free_memory;
use crate::rows::{optimizer_label, problem_label};
use anyhow::{Context as _, Result, anyhow, ensure};
use cpu_time::ThreadTime;
use downhill::{Claim, Configured, Layout, Need, NoOracle, Optimizer, Real, Role, State, Step};
use downhill_problems::{Precision, Sample, Sampler, Sampling, Scratch, SplitSpec, Stream, Streams};
use downhill_stats::{Estimate, median};
use rand::RngExt as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What all are compared with.
const REFERENCE: &str = "sgd";
/// Rounds that do not count.
const WARM: usize = 2;
/// So small that nothing goes anywhere.
const LR: f64 = 1e-6;
/// What a cache may hold, in bytes: how fast that is depends on where in memory it lies.
const CACHED: usize = 1 << 25;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Turns of each that count; from 6 on a median has an interval.
    pub rounds: usize,
    /// How long a turn takes, at least.
    pub turn: Duration,
}

/// What is stepped.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// One matrix of so many parameters, nearly square.
    Parameters(usize),
    /// The parameters of a problem, with its gradient at the start.
    Problem {
        /// Its table.
        table: Value,
        /// Examples of a gradient.
        batch: Option<usize>,
    },
}

/// The costs of these optimizers at a place, SGD's among them; without any, of all that treat each coordinate alike and ask
/// for nothing but the gradient. In the order of the list, a problem's gradient first.
///
/// # Errors
/// If a name, a field or a value is wrong, or a named optimizer asks for more inside its step.
pub fn measure<R: Precision>(lab: &Lab, named: &[Value], place: &Place, effort: Effort) -> Result<Vec<Cost>> {
    match place {
        Place::Parameters(n) => {
            fits((2 * size_of::<R>() as u64).saturating_mul(*n as u64), free_memory())?;
            // Of the size that training has, so that nothing is denormal.
            let x: Vec<R> = (0..*n).map(|i| R::of((i as f64).sin())).collect();
            let g: Vec<R> = (0..*n).map(|i| R::of(1e-2 * (i as f64).cos())).collect();
            let layout = Layout::new().block("w", shape(*n), Role::Hidden);
            let sides = sides(lab, named, &layout, &x, &g, R::ONE)?;
            Ok(costs::<R>(turns(sides, effort)?, &format!("{n} parameters"), *n, effort))
        }
        Place::Problem { table, batch } => {
            let family = lab.families.configure(table).map_err(|e| anyhow!("--problem: {e}"))?;
            let (streams, split) = (Streams::new(family.stream_key(), 0), SplitSpec::default());
            let problem = family.build::<R>(&lab.world.context(&split, &streams))?;
            let mut sampling = Sampling::default();
            sampling.batch = batch.unwrap_or(sampling.batch);
            let mut sampler = Sampler::new(sampling, problem.examples(), &streams)?;
            let (layout, mut scratch) = (problem.layout(), Scratch::new());
            let (mut x, mut g) = (vec![R::ZERO; layout.len()], vec![R::ZERO; layout.len()]);
            problem.start(&mut streams.rng(Stream::Start), &mut x);
            let loss =
                problem.eval(&x, &Sample { batch: sampler.batch(1), t: 1, streams: &streams }, &mut g, &mut scratch);
            let label = problem_label(table, lab);
            let (at, mut into, mut t) = (x.clone(), g.clone(), 0);
            let once = move || {
                t += 1;
                let sample = Sample { batch: sampler.batch(t), t, streams: &streams };
                black_box(problem.eval(black_box(&at), &sample, &mut into, &mut scratch));
            };
            let gradient = Side::of("gradient", label.clone(), None, once);
            let mut all = vec![gradient];
            all.extend(sides(lab, named, &layout, &x, &g, loss)?);
            Ok(costs::<R>(turns(all, effort)?, &label, layout.len(), effort))
        }
    }
}

/// A shape of so many elements, as square as their divisors allow.
pub fn shape(n: usize) -> [usize; 2] {
    let rows = (1..=n.isqrt()).rev().find(|rows| n.is_multiple_of(*rows)).unwrap_or(1);
    [rows, n / rows]
}

/// What is done in a turn.
trait Work {
    /// Once.
    fn once(&mut self);
    /// Goes on elsewhere in memory: a program has its vectors in one place, and intervals are about programs.
    ///
    /// # Errors
    /// If it cannot be saved and loaded.
    fn relocate(&mut self, _: &mut ChaCha8Rng) -> Result<()> {
        Ok(())
    }
}

impl<F: FnMut()> Work for F {
    fn once(&mut self) {
        self();
    }
}

/// An optimizer, with parameters and memory of its own.
struct Stepped<'a, R: Real> {
    configured: Configured,
    layout: &'a Layout,
    optimizer: Box<dyn Optimizer<R>>,
    x: Vec<R>,
    g: &'a [R],
    loss: R,
    t: u64,
    /// What lies between.
    gaps: [Vec<u8>; 2],
}

impl<R: Real> Work for Stepped<'_, R> {
    fn once(&mut self) {
        self.t += 1;
        let step = &mut Step { t: self.t, lr: LR, loss: self.loss, oracle: &mut NoOracle };
        self.optimizer.step(&mut self.x, black_box(self.g), step);
    }

    fn relocate(&mut self, rng: &mut ChaCha8Rng) -> Result<()> {
        if State::bytes(&mut *self.optimizer) + size_of_val(&self.x[..]) > CACHED {
            return Ok(());
        }
        let state = State::save(&mut *self.optimizer);
        // Up to two pages: caches tell addresses apart by their place in a page.
        let mut gap = || Vec::with_capacity(rng.random_range(0..8192));
        let (before, x, between) = (gap(), self.x.clone(), gap());
        let mut optimizer = self.configured.build(self.layout)?;
        state.load(&mut *optimizer)?;
        (self.x, self.optimizer, self.gaps) = (x, optimizer, [before, between]);
        Ok(())
    }
}

/// What takes turns, and what its turns took.
struct Side<'a> {
    what: &'static str,
    name: String,
    /// Bytes that are remembered, for methods whose least traffic is known.
    remembered: Option<usize>,
    work: Box<dyn Work + 'a>,
    steps: usize,
    /// Nanoseconds of one step, by round.
    times: Vec<f64>,
    clock: Duration,
    processor: Duration,
}

impl<'a> Side<'a> {
    fn of(what: &'static str, name: String, remembered: Option<usize>, work: impl Work + 'a) -> Self {
        let (clock, processor) = (Duration::ZERO, Duration::ZERO);
        Side { what, name, remembered, work: Box::new(work), steps: 1, times: Vec::new(), clock, processor }
    }

    /// As many steps in a row; their time.
    fn run(&mut self) -> (Duration, Duration) {
        let (clock, processor) = (Instant::now(), ThreadTime::now());
        for _ in 0..self.steps {
            self.work.once();
        }
        (processor.elapsed(), clock.elapsed())
    }

    /// Finds out how many steps make a turn.
    fn calibrate(&mut self, turn: Duration) {
        while self.run().0 < turn && self.steps < 1 << 30 {
            self.steps *= 2;
        }
    }

    fn turn(&mut self, counts: bool, rng: &mut ChaCha8Rng) -> Result<()> {
        self.work.relocate(rng).with_context(|| self.name.clone())?;
        // Others have had the caches meanwhile.
        self.work.once();
        let (processor, clock) = self.run();
        if counts {
            self.times.push(processor.as_secs_f64() * 1e9 / self.steps as f64);
            self.processor += processor;
            self.clock += clock;
        }
        Ok(())
    }
}

/// The optimizers, each with parameters and memory of its own.
fn sides<'a, R: Real>(
    lab: &Lab,
    named: &[Value],
    layout: &'a Layout,
    x: &[R],
    g: &'a [R],
    loss: R,
) -> Result<Vec<Side<'a>>> {
    let plain = |name: &str| json!({ "name": name });
    let tables: Vec<Value> = match named {
        [] => {
            let simple = |facts: &downhill::Facts| {
                let claims = [Claim::Splittable, Claim::AllocationFree];
                facts.needs.is_empty() && claims.iter().all(|claim| facts.claims.contains(claim))
            };
            let entries = lab.optimizers.entries().iter().filter(|entry| simple(&entry.facts));
            entries.map(|entry| plain(entry.facts.name)).collect()
        }
        named => [plain(REFERENCE)].iter().chain(named).cloned().collect(),
    };
    let (mut sides, mut memory, free) = (Vec::<Side>::new(), 0, free_memory());
    for table in tables {
        let label = optimizer_label(&table, lab);
        if sides.iter().any(|side| side.name == label) {
            continue;
        }
        let configured = lab.optimizers.configure(&table)?;
        refuse(&configured).with_context(|| label.clone())?;
        let mut optimizer = configured.build::<R>(layout).with_context(|| label.clone())?;
        let bytes = State::bytes(&mut *optimizer);
        memory += (bytes + size_of_val(x)) as u64;
        // What is built has not been touched yet, and takes no memory before it is.
        fits(memory, free).with_context(|| format!("{} optimizers at once", sides.len() + 1))?;
        let alike = configured.obeys(Claim::Splittable) && configured.needs().is_empty();
        let remembered = alike.then_some(bytes);
        let stepped = Stepped { configured, layout, optimizer, x: x.to_vec(), g, loss, t: 0, gaps: Default::default() };
        sides.push(Side::of("step", label, remembered, stepped));
    }
    Ok(sides)
}

/// Whether there is that much memory.
fn fits(bytes: u64, free: Option<u64>) -> Result<()> {
    let (needed, free) = (bytes >> 20, free.unwrap_or(u64::MAX) >> 20);
    ensure!(
        needed < free,
        "{needed} MB or more are needed, {free} MB are free: give fewer --optimizers or --parameters"
    );
    Ok(())
}

/// Whether a step with a given gradient is a step of that method.
fn refuse(configured: &Configured) -> Result<()> {
    let given = [Need::Loss, Need::Matrices, Need::FullBatch];
    let asks = configured.needs().into_iter().find(|need| !given.contains(need));
    asks.map_or(Ok(()), |need| {
        Err(anyhow!("its step asks for {}, so that it has no cost without its problem; leave it out", need.text()))
    })
}

/// All turns, in rounds, each in an order of its own.
fn turns(mut sides: Vec<Side<'_>>, effort: Effort) -> Result<Vec<Side<'_>>> {
    sides.iter_mut().for_each(|side| side.calibrate(effort.turn));
    let mut order: Vec<usize> = (0..sides.len()).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    for round in 0..WARM + effort.rounds {
        order.shuffle(&mut rng);
        order.iter().try_for_each(|&i| sides[i].turn(round >= WARM, &mut rng))?;
    }
    Ok(sides)
}

/// The median of the ratios, round by round.
fn ratio(a: &[f64], b: &[f64]) -> Option<Estimate> {
    median(&a.iter().zip(b).map(|(a, b)| a / b).collect::<Vec<_>>(), 0.95)
}

fn costs<R: Real>(sides: Vec<Side<'_>>, place: &str, parameters: usize, effort: Effort) -> Vec<Cost> {
    let seen: Vec<(&str, &[f64])> = sides.iter().map(|side| (side.what, &side.times[..])).collect();
    let reference = sides.iter().find(|side| side.what == "step" && side.name == REFERENCE);
    let nothing = Estimate { value: f64::NAN, low: f64::NAN, high: f64::NAN, n: 0 };
    let cost = |side: &Side| {
        let time = median(&side.times, 0.95).unwrap_or(nothing);
        let to_reference = reference.and_then(|reference| ratio(&side.times, &reference.times)).unwrap_or(nothing);
        let scalar = size_of::<R>() as f64;
        let bytes = side.remembered.map(|state| 3.0 * scalar + 2.0 * state as f64 / parameters as f64);
        Cost {
            what: side.what.to_owned(),
            name: side.name.clone(),
            place: place.to_owned(),
            parameters,
            precision: if size_of::<R>() == 4 { "f32".into() } else { "f64".into() },
            rounds: effort.rounds,
            steps: side.steps,
            ns: rounded(time.value),
            ns_low: rounded(time.low),
            ns_high: rounded(time.high),
            ratio: rounded(to_reference.value),
            ratio_low: rounded(to_reference.low),
            ratio_high: rounded(to_reference.high),
            rank: (side.what == "step").then(|| rank(&side.times, &seen)),
            bytes: bytes.map(rounded),
            gb_s: bytes.map(|bytes| rounded(bytes * parameters as f64 / time.value)),
            share: rounded(side.processor.as_secs_f64() / side.clock.as_secs_f64().max(1e-9)),
        }
    };
    sides.iter().map(cost).collect()
}

/// One more than there are steps that are faster beyond doubt.
fn rank(times: &[f64], all: &[(&str, &[f64])]) -> usize {
    let faster = |other: &[f64]| ratio(other, times).is_some_and(|r| r.high < 1.0);
    1 + all.iter().filter(|(what, other)| *what == "step" && faster(other)).count()
}

fn rounded(x: f64) -> f64 {
    format!("{x:.3e}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A side whose turns took these times.
    fn side(name: &str, remembered: Option<usize>, times: &[f64]) -> Side<'static> {
        let took = Side { times: times.to_vec(), ..Side::of("step", name.into(), remembered, || {}) };
        Side { clock: Duration::from_secs(10), processor: Duration::from_secs(9), ..took }
    }

    #[test]
    fn ranks_are_of_those_that_can_be_told_apart() {
        let effort = Effort { rounds: 9, turn: Duration::ZERO };
        // The machine becomes slower from round to round: only round by round can they be told apart.
        let of = |factor: f64, jitter: f64| -> Vec<f64> {
            (0..9).map(|i| factor * (1.0 + f64::from(i)) * (1.0 + jitter * (f64::from(i * 7 % 9) - 4.0))).collect()
        };
        let sides = vec![
            side("slow", None, &of(200.0, 0.0)),
            side("sgd", Some(0), &of(100.0, 0.0)),
            side("close", Some(4000), &of(100.0, 0.01)),
        ];
        let costs = costs::<f32>(sides, "here", 1000, effort);
        assert_eq!(costs.iter().map(|c| c.rank).collect::<Vec<_>>(), [Some(3), Some(1), Some(1)]);
        assert_eq!((costs[0].ratio, costs[0].ratio_low, costs[0].ratio_high), (2.0, 2.0, 2.0));
        assert!(costs[2].ratio_low < 1.0 && costs[2].ratio_high > 1.0, "{:?}", costs[2]);
        // SGD: gradient, parameters twice, in 500 ns; the other remembers as much again.
        assert_eq!((costs[1].bytes, costs[1].gb_s), (Some(12.0), Some(24.0)));
        assert_eq!((costs[2].bytes, costs[0].bytes, costs[0].share), (Some(20.0), None, 0.9));
    }

    #[test]
    fn every_side_has_as_many_turns_as_every_other() {
        let count = std::cell::Cell::new(0);
        let counting = Side::of("step", "a".into(), None, || count.set(count.get() + 1));
        let effort = Effort { rounds: 7, turn: Duration::from_micros(50) };
        let sides = turns(vec![counting, Side::of("step", "b".into(), None, || {})], effort).expect("nothing moves");
        assert!(sides.iter().all(|side| side.times.len() == 7 && side.times.iter().all(|t| *t > 0.0)));
        // Each turn is a step that does not count, and those that do, after twice as many less one of calibration.
        assert_eq!(count.get(), 2 * sides[0].steps - 1 + (7 + WARM) * (1 + sides[0].steps));
    }

    #[test]
    fn an_optimizer_that_lies_elsewhere_takes_the_same_steps() {
        let layout = Layout::vector(100);
        let (x, g): (Vec<f32>, Vec<f32>) = (0..100).map(|i| ((i as f32).sin(), (i as f32).cos())).unzip();
        let configured = downhill::Registry::builtin().configure(&json!({ "name": "adam" })).expect("a name");
        let stepped = || Stepped {
            optimizer: configured.build(&layout).expect("a vector"),
            configured: configured.clone(),
            layout: &layout,
            x: x.clone(),
            g: &g,
            loss: 1.0,
            t: 0,
            gaps: Default::default(),
        };
        let (mut here, mut there, mut rng) = (stepped(), stepped(), ChaCha8Rng::seed_from_u64(0));
        for _ in 0..5 {
            let before = there.x.as_ptr();
            there.relocate(&mut rng).expect("Adam loads what it saves");
            assert_ne!(there.x.as_ptr(), before);
            for _ in 0..3 {
                here.once();
                there.once();
            }
            assert_eq!(here.x, there.x);
        }
    }

    #[test]
    fn shapes_are_nearly_square() {
        assert_eq!([100, 1_000, 100_000, 7].map(shape), [[10, 10], [25, 40], [250, 400], [1, 7]]);
    }
}
