//! The cost of a step in `f32`: every optimizer, a copy of the parameters, and the chain against a loop by hand.
//!
//!     cargo bench -p downhill                    a step of 1e5 and of 1e6 parameters
//!     cargo bench -p downhill -- adam/           one optimizer
//!
//! At 1e6 parameters, milliseconds are nanoseconds a parameter. 1e5 parameters fit the second-level cache of most
//! machines with one or two quantities remembered; 1e6 do not.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use downhill::isa::{Isa, Kernel, dispatch};
use downhill::{AdamW, Layout, Method, NoOracle, Optimizer, Registry, Step};
use std::hint::black_box;
use std::time::{Duration, Instant};

const SIZES: [usize; 2] = [100_000, 1_000_000];

/// Parameters and gradients of the size that training has, so that nothing is denormal.
fn vectors(n: usize) -> (Vec<f32>, Vec<f32>) {
    ((0..n).map(|i| (i as f32).sin()).collect(), (0..n).map(|i| 1e-2 * (i as f32).cos()).collect())
}

fn step(optimizer: &mut dyn Optimizer<f32>, x: &mut [f32], g: &[f32], t: u64) {
    optimizer.step(x, black_box(g), &mut Step { t, lr: 1e-6, loss: 0.0, oracle: &mut NoOracle });
}

fn every_optimizer(c: &mut Criterion) {
    println!("instruction set: {:?}", Isa::current());
    for entry in Registry::builtin().entries() {
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
struct ByHand<'a> {
    x: &'a mut [f32],
    m: &'a mut [f32],
    v: &'a mut [f32],
    g: &'a [f32],
    t: i32,
}

impl Kernel for ByHand<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let (b1, b2, eps, decay, lr) = (0.9f32, 0.999f32, 1e-8f32, 1e-2f32, 1e-6f32);
        let (c1, c2) = (1.0 / (1.0 - b1.powi(self.t)), 1.0 / (1.0 - b2.powi(self.t)));
        let moments = self.m.iter_mut().zip(self.v);
        for ((x, (m, v)), &g) in self.x.iter_mut().zip(moments).zip(self.g) {
            *m += (1.0 - b1) * (g - *m);
            *v += (1.0 - b2) * (g * g - *v);
            *x -= lr * (*m * c1 / ((*v * c2).sqrt() + eps) + decay * *x);
        }
    }
}

/// The two take turns, so that whatever else the machine does meets both: the median of the ratios.
fn chain_against_hand(_: &mut Criterion) {
    for n in SIZES {
        let mut chain = AdamW::default().build::<f32>(&Layout::vector(n));
        let (mut x, g) = vectors(n);
        let (mut y, _) = vectors(n);
        let (mut m, mut v) = (vec![0.0; n], vec![0.0; n]);
        let turns = 200_000_000 / n as u64;
        let mut pairs: Vec<_> = (1..=turns)
            .map(|t| {
                let chained = time(|| step(&mut *chain, &mut x, &g, t));
                let by_hand = ByHand { x: &mut y, m: &mut m, v: &mut v, g: black_box(&g), t: t as i32 };
                (chained, time(|| dispatch(by_hand)))
            })
            .skip(10)
            .collect();
        let mut median = |key: fn(&(Duration, Duration)) -> f64| {
            pairs.sort_by(|a, b| key(a).total_cmp(&key(b)));
            key(&pairs[pairs.len() / 2])
        };
        let per_parameter = 1e9 / n as f64;
        let (chained, by_hand) = (median(|p| p.0.as_secs_f64()), median(|p| p.1.as_secs_f64()));
        let ratio = median(|p| p.0.as_secs_f64() / p.1.as_secs_f64());
        println!(
            "AdamW, {n} parameters: chain {:.3} ns, by hand {:.3} ns a parameter; chain / hand {ratio:.3}",
            chained * per_parameter,
            by_hand * per_parameter
        );
    }
}

fn time(f: impl FnOnce()) -> Duration {
    let start = Instant::now();
    f();
    start.elapsed()
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    targets = chain_against_hand, every_optimizer, copy
}
criterion_main!(benches);
