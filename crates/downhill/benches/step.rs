//! The cost of a step in `f32`: every optimizer, a copy of the parameters, and the chain against a loop by hand.
//!
//!     cargo bench -p downhill                    a step of 1e5 and of 1e6 parameters
//!     cargo bench -p downhill -- adam/           one optimizer
//!     cargo bench -p downhill -- muon            a step of Muon against its matrix products alone, too
//!
//! At 1e6 parameters, milliseconds are nanoseconds a parameter. 1e5 parameters fit the second-level cache of most
//! machines with one or two quantities remembered; 1e6 do not.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use downhill::gemm::{Into, Op, gemm};
use downhill::isa::{Isa, Kernel, dispatch};
use downhill::{AdamW, Layout, Method, Muon, Optimizer, Oracle, Purpose, Refused, Registry, Role, Step, Visit};
use std::hint::black_box;
use std::time::{Duration, Instant};

const SIZES: [usize; 2] = [100_000, 1_000_000];

/// Parameters and gradients of the size that training has, so that nothing is denormal.
fn vectors(n: usize) -> (Vec<f32>, Vec<f32>) {
    ((0..n).map(|i| (i as f32).sin()).collect(), (0..n).map(|i| 1e-2 * (i as f32).cos()).collect())
}

/// Answers nothing but the wish for noise, cheaply.
struct Hiss;
impl Oracle<f32> for Hiss {
    fn noise(&mut self, _: Purpose, out: &mut [f32]) -> Result<(), Refused> {
        out.iter_mut().enumerate().for_each(|(i, out)| *out = (i % 7) as f32 / 2.0 - 1.5);
        Ok(())
    }
}

fn step(optimizer: &mut dyn Optimizer<f32>, x: &mut [f32], g: &[f32], t: u64) {
    optimizer.step(x, black_box(g), &mut Step { t, lr: 1e-6, loss: 0.0, oracle: &mut Hiss });
}

fn every_optimizer(c: &mut Criterion) {
    println!("instruction set: {:?}", Isa::current());
    for entry in Registry::builtin().entries().iter().filter(|e| e.facts.needs.is_empty()) {
        let mut group = c.benchmark_group(entry.facts.name);
        for n in SIZES {
            let table = serde_json::json!({ "name": entry.facts.name });
            let built = Registry::builtin().configure(&table).ok().and_then(|c| c.build(&Layout::vector(n)).ok());
            let Some(mut optimizer) = built else { continue };
            let ((mut x, g), mut t) = (vectors(n), 0);
            group.throughput(Throughput::Elements(n as u64)).bench_function(BenchmarkId::from_parameter(n), |b| {
                b.iter(|| {
                    t += 1;
                    step(&mut *optimizer, &mut x, &g, t);
                });
            });
        }
    }
}

fn copy(c: &mut Criterion) {
    let mut group = c.benchmark_group("memcpy");
    for n in SIZES {
        let (mut x, g) = vectors(n);
        group.throughput(Throughput::Elements(n as u64)).bench_function(BenchmarkId::from_parameter(n), |b| {
            b.iter(|| black_box(&mut x).copy_from_slice(black_box(&g)));
        });
    }
}

/// AdamW as one would write it for one purpose.
struct ByHand {
    m: Vec<f32>,
    v: Vec<f32>,
}

impl Optimizer<f32> for ByHand {
    fn step(&mut self, x: &mut [f32], g: &[f32], at: &mut Step<'_, f32>) {
        let (c1, c2) = (1.0 - 0.9f64.powi(at.t as i32), 1.0 - 0.999f64.powi(at.t as i32));
        let (unbias1, unbias2, lr) = ((1.0 / c1) as f32, (1.0 / c2) as f32, at.lr as f32);
        dispatch(Loop { x, m: &mut self.m, v: &mut self.v, g, unbias1, unbias2, lr });
    }
    fn visit(&mut self, _: &mut Visit<'_>) {}
}

struct Loop<'a> {
    x: &'a mut [f32],
    m: &'a mut [f32],
    v: &'a mut [f32],
    g: &'a [f32],
    unbias1: f32,
    unbias2: f32,
    lr: f32,
}

impl Kernel for Loop<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let moments = self.m.iter_mut().zip(self.v);
        for ((x, (m, v)), &g) in self.x.iter_mut().zip(moments).zip(self.g) {
            *m += 0.1 * (g - *m);
            *v += 0.001 * (g * g - *v);
            *x -= self.lr * (*m * self.unbias1 / ((*v * self.unbias2).sqrt() + 1e-8) + 0.01 * *x);
        }
    }
}

/// The chain and the loop by hand take turns of ten steps on the same parameters, so that whatever else the machine
/// does meets both; who is allocated first changes, since a vector's place in memory can decide more than the loop.
fn chain_against_hand(_: &mut Criterion) {
    for n in SIZES {
        let (mut x, g) = vectors(n);
        let (mut chained, mut by_hand) = (Vec::new(), Vec::new());
        for round in 0..20 {
            let chain = || AdamW::default().build::<f32>(&Layout::vector(n));
            let hand = || -> Box<dyn Optimizer<f32>> { Box::new(ByHand { m: vec![0.0; n], v: vec![0.0; n] }) };
            let mut pair = if round % 2 == 0 { [chain(), hand()] } else { [hand(), chain()] };
            pair.rotate_left(round % 2);
            // Both once before the clock runs: the first touch of fresh memory is the system's work.
            let _ = pair.each_mut().map(|o| ten_steps(&mut **o, &mut x, &g, 0));
            for turn in 1..=5 {
                let [chain, hand] = pair.each_mut().map(|o| ten_steps(&mut **o, &mut x, &g, 10 * turn));
                chained.push(chain / n as f64);
                by_hand.push(hand / n as f64);
            }
        }
        let (chain, hand) = (median(chained), median(by_hand));
        let ratio = chain / hand;
        println!("AdamW, {n} parameters: chain {chain:.3} ns, by hand {hand:.3} ns a parameter; ratio {ratio:.3}");
    }
}

/// A step of Muon on a square matrix and its products alone, 15 of n^3 multiplications and additions, by turns.
fn muon_against_products(_: &mut Criterion) {
    for n in [256, 1024] {
        let layout = Layout::new().block("w", [n, n], Role::Hidden);
        let ((mut x, g), mut muon) = (vectors(n * n), Muon::default().build::<f32>(&layout));
        let (mut a, mut b) = (vec![0.0f32; n * n], vec![0.0f32; n * n]);
        let time = |f: &mut dyn FnMut(u64), t| {
            let start = Instant::now();
            f(t);
            start.elapsed().as_secs_f64() * 1e3
        };
        let (mut steps, mut products) = (Vec::new(), Vec::new());
        for t in 1..=12 {
            let step = time(&mut |t| step(&mut *muon, &mut x, &g, t), t);
            let product = time(
                &mut |_| {
                    for _ in 0..5 {
                        gemm(Into::Replace, &mut a, [n, n, n], (&g, Op::N), (black_box(&g), Op::T));
                        gemm(Into::Replace, &mut b, [n, n, n], (&a, Op::N), (black_box(&a), Op::N));
                        gemm(Into::Replace, &mut a, [n, n, n], (&b, Op::N), (black_box(&g), Op::N));
                    }
                },
                t,
            );
            // The first touch of fresh memory is the system's work.
            if t > 2 {
                steps.push(step);
                products.push(product);
            }
        }
        let (step, products) = (median(steps), median(products));
        println!("muon, {n}x{n}: step {step:.2} ms, its 15 products {products:.2} ms; ratio {:.3}", step / products);
    }
}

/// The nanoseconds of one of ten steps.
fn ten_steps(optimizer: &mut dyn Optimizer<f32>, x: &mut [f32], g: &[f32], t: u64) -> f64 {
    let start = Instant::now();
    (1..=10).for_each(|i| step(optimizer, x, g, t + i));
    start.elapsed().as_nanos() as f64 / 10.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    targets = chain_against_hand, muon_against_products, every_optimizer, copy
}
criterion_main!(benches);
