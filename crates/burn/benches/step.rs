//! One step of an optimizer on one parameter inside burn: burn's own, downhill's through the bridge, and downhill's bare
//! kernel on a slice, one after the other at each size.
//!
//! `cargo bench -p downhill-burn --profile dev --bench step` (dev is the release profile, and built already); the same
//! with mimalloc instead of the system's allocator: `--bench step_mimalloc`.

use burn::module::{Module, Param};
use burn::optim::{self, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use downhill::{Configured, Layout, NoOracle, Registry, Step};
use downhill_burn::PerParameter;
use std::time::{Duration, Instant};

/// All parameters in one tensor.
#[derive(Module, Debug)]
struct One {
    x: Param<Tensor<1>>,
}

/// The time that so many steps take.
type Run = Box<dyn FnMut(u64) -> Duration>;

const LR: f64 = 1e-6;

fn gradient(n: usize) -> Vec<f32> {
    (0..n).map(|i| ((i * 7 + 3) % 11) as f32 / 5.0 - 1.0).collect()
}

/// Steps of a module; each gradient is made outside of the time, fresh as from a backward pass.
fn inside(mut optimizer: ModuleOptimizer, n: usize) -> impl FnMut(u64) -> Duration {
    let device = Device::flex();
    let ones = TensorData::new(vec![1.0f32; n], [n]);
    let x = Tensor::<1>::from_data(ones, &device.clone().autodiff()).require_grad();
    let mut one = Some(One { x: Param::from_tensor(x) });
    let g = gradient(n);
    move |steps| {
        let mut spent = Duration::ZERO;
        for _ in 0..steps {
            let module = one.take().expect("it comes back");
            let mut grads = GradientsParams::new();
            grads.register(module.x.id, Tensor::<1>::from_data(TensorData::new(g.clone(), [n]), &device));
            let clock = Instant::now();
            one = Some(optimizer.step(LR, module, grads));
            spent += clock.elapsed();
        }
        spent
    }
}

/// The kernel on a slice, with a fresh gradient each time, too.
fn bare(method: &Configured, n: usize) -> impl FnMut(u64) -> Duration + use<> {
    let mut optimizer = method.build::<f32>(&Layout::vector(n)).expect("any layout fits");
    let (mut x, g, mut t) = (vec![1.0f32; n], gradient(n), 0);
    move |steps| {
        let mut spent = Duration::ZERO;
        for _ in 0..steps {
            t += 1;
            let g = g.clone();
            let clock = Instant::now();
            optimizer.step(&mut x, &g, &mut Step { t, lr: LR, loss: 0.0, oracle: &mut NoOracle });
            spent += clock.elapsed();
        }
        spent
    }
}

fn pairs() -> [(&'static str, ModuleOptimizer); 7] {
    [
        ("adam", optim::AdamConfig::new().init()),
        ("adamw", optim::AdamWConfig::new().init()),
        ("rmsprop", optim::RmsPropConfig::new().init()),
        ("lion", optim::LionConfig::new().init()),
        ("adan", optim::AdanConfig::new().init()),
        ("lamb", optim::LambConfig::new().init()),
        ("sgd", optim::SgdConfig::new().with_momentum(Some(optim::momentum::MomentumConfig::new())).init()),
    ]
}

/// All of them, at each size.
pub(crate) fn steps(c: &mut Criterion) {
    for n in [100_000, 1_000_000, 10_000_000] {
        for (name, burns) in pairs() {
            let table = match name {
                "rmsprop" | "sgd" => serde_json::json!({ "name": name, "momentum": 0.9 }), // as burn's
                _ => serde_json::json!({ "name": name }),
            };
            let method = Registry::builtin().configure(&table).expect("a registered name");
            let ours = PerParameter::new(method.clone()).expect("each parameter for itself");
            let mut group = c.benchmark_group(name);
            group.throughput(Throughput::Elements(n as u64)).sampling_mode(SamplingMode::Flat).sample_size(20);
            group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
            let mut runs: [(&str, Run); 3] = [
                ("bare", Box::new(bare(&method, n))),
                ("inside", Box::new(inside(ours.into(), n))),
                ("burn", Box::new(inside(burns, n))),
            ];
            for (label, run) in &mut runs {
                group.bench_function(BenchmarkId::new(*label, n), |b| b.iter_custom(&mut *run));
            }
            group.finish();
        }
    }
}

#[allow(dead_code, reason = "the other allocator's binary has its own")]
fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    steps(&mut criterion);
    criterion.final_summary();
}
