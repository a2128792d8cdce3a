//! The cost of a step: every optimizer in both precisions, a copy of the parameters, the chain against a loop by hand,
//! and Muon against its matrix products.
//!
//!     cargo bench -p downhill --bench step                       all, a step of 1e4 to 1e7 parameters: half an hour
//!     cargo bench -p downhill --bench step -- /f32/100000        one precision and size
//!     cargo bench -p downhill --bench step -- '^adam/'           one optimizer
//!     cargo bench -p downhill --bench step -- none               only the two comparisons, which are printed
//!
//! At 1e6 parameters, milliseconds are nanoseconds a parameter. 1e5 parameters fit the second-level cache of most
//! machines with one or two quantities remembered; 1e6 do not. Who asks for more than the gradient is answered with a
//! bowl's, and the time includes that.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use downhill::gemm::{Into, Op, gemm};
use downhill::isa::{Isa, Kernel, dispatch};
use downhill::real::dot;
use downhill::{AdamW, Layout, Method, Muon, Optimizer, Oracle, Purpose, Real, Refused, Registry, Role, Step, Visit};
use std::hint::black_box;
use std::time::{Duration, Instant};

const SIZES: [usize; 4] = [10_000, 100_000, 1_000_000, 10_000_000];

/// Parameters and gradients of the size that training has, so that nothing is denormal.
fn vectors<R: Real>(n: usize) -> (Vec<R>, Vec<R>) {
    let size = |f: fn(f64) -> f64| (0..n).map(|i| R::of(f(i as f64))).collect();
    (size(f64::sin), size(|i| 1e-2 * i.cos()))
}

/// Answers as `|x|^2 / 200` would, whose gradient at 1 is 1e-2, seen through one of a thousand examples.
struct Bowl;
impl<R: Real> Oracle<R> for Bowl {
    fn again(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        let slope = R::of(1e-2);
        g.iter_mut().zip(x).for_each(|(g, &x)| *g = slope * x);
        Ok(R::of(0.5 * 1e-2 * dot(x, x)))
    }
    fn full(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        self.again(x, g)
    }
    fn examples(&mut self) -> Result<usize, Refused> {
        Ok(1000)
    }
    fn rows(&mut self) -> Result<&[u32], Refused> {
        Ok(&[17])
    }
    fn summand(&mut self, _: usize, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        self.again(x, g)
    }
    fn model_labels(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
        self.again(x, g)
    }
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        Ok(0.0)
    }
    fn noise(&mut self, _: Purpose, out: &mut [R]) -> Result<(), Refused> {
        out.iter_mut().enumerate().for_each(|(i, out)| *out = R::of((i % 7) as f64 / 2.0 - 1.5));
        Ok(())
    }
}

fn step<R: Real>(optimizer: &mut dyn Optimizer<R>, x: &mut [R], g: &[R], t: u64) {
    optimizer.step(x, black_box(g), &mut Step { t, lr: 1e-6, loss: R::ONE, oracle: &mut Bowl });
}

/// One vector, or matrices of 100 x 100.
fn layout(n: usize, matrices: bool) -> Layout {
    if !matrices {
        return Layout::vector(n);
    }
    (0..n / 10_000).fold(Layout::new(), |layout, i| layout.block(format!("w{i}"), [100, 100], Role::Hidden))
}

fn every_optimizer<R: Real>(c: &mut Criterion) {
    for entry in Registry::builtin().entries() {
        let name = entry.facts.name;
        let mut group = c.benchmark_group(format!("{name}/{}", R::NAME));
        for n in SIZES {
            // Made once, where it is wanted: criterion calls the closure anew for each sample.
            let mut made = None;
            let make = || {
                let configured = Registry::builtin().configure(&serde_json::json!({ "name": name }));
                let built = configured.map(|c| c.build::<R>(&layout(n, entry.family == "Matrices")));
                let Ok(Ok(optimizer)) = built else { unreachable!("{name} has defaults") };
                let (mut optimizer, (mut x, g)) = (optimizer, vectors(n));
                // The first touch of fresh memory is the system's work.
                step(&mut *optimizer, &mut x, &g, 1);
                (optimizer, x, g, 1)
            };
            group.throughput(Throughput::Elements(n as u64)).bench_function(BenchmarkId::from_parameter(n), |b| {
                let (optimizer, x, g, t) = made.get_or_insert_with(make);
                b.iter(|| {
                    *t += 1;
                    step(&mut **optimizer, x, g, *t);
                });
            });
        }
    }
}

fn copy(c: &mut Criterion) {
    let mut group = c.benchmark_group("memcpy/f32");
    for n in SIZES {
        group.throughput(Throughput::Elements(n as u64)).bench_function(BenchmarkId::from_parameter(n), |b| {
            let (mut x, g) = vectors::<f32>(n);
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
    println!("instruction set: {:?}", Isa::current());
    for n in [100_000, 1_000_000] {
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
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    targets = chain_against_hand, muon_against_products, every_optimizer::<f32>, every_optimizer::<f64>, copy
}
criterion_main!(benches);
