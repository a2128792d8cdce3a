//! The cost of a training step, and of measuring a part of the data, in `f32` on one core.
//!
//!     cargo bench -p downhill-problems               all
//!     cargo bench -p downhill-problems -- measure    measures alone

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use downhill_problems::models::{Mlp, Model};
use downhill_problems::{DataSpec, Info, Part, Problem, Scratch, SplitSpec, Stream, Streams, World};
use std::hint::black_box;

mod cases;
use cases::{CASES, Training};

fn steps(c: &mut Criterion) {
    let mut group = c.benchmark_group("step");
    for case in CASES {
        let network = case.network();
        let mut training = Training::new(&case, &network, network.examples().div_ceil(case.batch) as u64);
        let mut t = 0;
        group.throughput(Throughput::Elements(case.batch as u64)).bench_function(case.name, |b| {
            b.iter(|| {
                t += 1;
                black_box(training.step(t))
            });
        });
    }
}

fn measures(c: &mut Criterion) {
    let mut group = c.benchmark_group("measure");
    for name in ["digits", "letter"] {
        let (world, streams) = (World::new(), Streams::new(name, 0));
        let data: DataSpec = name.parse().unwrap_or_else(|e| panic!("{e}"));
        let splits = world.context(&SplitSpec::default(), &streams).splits::<f32>(&data);
        let network = splits.and_then(|s| Mlp::default().network(s)).unwrap_or_else(|e| panic!("{e}"));
        let mut x = vec![0.0; network.layout().len()];
        network.start(&mut streams.rng(Stream::Start), &mut x);
        let mut scratch = Scratch::new();
        group.throughput(Throughput::Elements(network.examples() as u64)).bench_function(name, |b| {
            b.iter(|| network.measure(black_box(&x), Part::Train, &mut scratch));
        });
    }
}

criterion_group!(benches, steps, measures);
criterion_main!(benches);
