//! One step of Adam: burn's through the bridge, on either backend, against downhill's, and against burn's alone on
//! tensors that stay where they are, to see what the bridge costs.
//!
//! `cargo bench -p downhill-burn --profile dev` (dev is the release profile, and already built here); divide by the number
//! of parameters for a cost per parameter.

use burn::optim::{AdamConfig, Optimizer};
use burn::tensor::{Device, Tensor, TensorData};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use downhill::{Layout, NoOracle, Registry, Step};
use downhill_burn::{Backend, entries};
use std::hint::black_box;

fn adam(c: &mut Criterion) {
    let on = |backend| entries(backend).into_iter().fold(Registry::builtin(), Registry::with);
    let [flex, ndarray] = [Backend::Flex, Backend::Ndarray].map(on);
    let mut group = c.benchmark_group("adam");
    for n in [1_000, 100_000] {
        group.throughput(Throughput::Elements(n as u64));
        for (label, registry, name) in
            [("downhill", &flex, "adam"), ("burn-flex", &flex, "burn/adam"), ("burn-ndarray", &ndarray, "burn/adam")]
        {
            let method = registry.configure(&serde_json::json!({ "name": name })).expect("a registered name");
            let mut optimizer = method.build::<f32>(&Layout::vector(n)).expect("any layout fits");
            let g: Vec<f32> = (0..n).map(|i| ((i * 7 + 3) % 11) as f32 / 5.0 - 1.0).collect();
            let (mut x, mut t) = (vec![1.0f32; n], 0);
            group.bench_function(BenchmarkId::new(label, n), |b| {
                b.iter(|| {
                    t += 1;
                    let mut step = Step { t, lr: 1e-6, loss: 0.0, oracle: &mut NoOracle };
                    optimizer.step(black_box(&mut x), black_box(&g), &mut step);
                });
            });
        }
    }
    for n in [1_000, 100_000] {
        group.throughput(Throughput::Elements(n as u64));
        let tensor = |value| Tensor::<1>::from_data(TensorData::new(vec![value; n], [n]), &Device::flex());
        let (optimizer, g) = (AdamConfig::new().build(), tensor(0.5f32));
        let mut at = Some((tensor(1.0f32), None));
        group.bench_function(BenchmarkId::new("burn-flex-alone", n), |b| {
            b.iter(|| at = at.take().map(|(x, state)| optimizer.step(1e-6, x, g.clone(), state)));
        });
    }
    group.finish();
}

criterion_group!(benches, adam);
criterion_main!(benches);
