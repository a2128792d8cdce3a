//! Evaluations and measures allocate nothing once their scratch has grown. A binary of its own: it replaces the
//! allocator.

#![allow(clippy::unwrap_used)]

use downhill_problems::{
    Batch, Families, Order, Part, Precision, Sample, Sampler, Sampling, Scratch, SplitSpec, Stream, Streams, World,
};
use serde_json::{Value, json};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Matrix products take and free packing space, which begins with a line of the cache, and flags, which are bytes. What
/// else is allocated holds numbers.
const NUMBERS: std::ops::Range<usize> = 2..64;

/// Counts allocations of numbers.
struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + usize::from(NUMBERS.contains(&layout.align())));
        // SAFETY: the caller's promise is the one that `System` asks for.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Whether the evaluations and measures of steps 2 to 5 allocate numbers.
fn allocates<R: Precision>(table: &Value) -> bool {
    let (world, configured) = (World::new(), Families::builtin().configure(table).unwrap());
    let streams = Streams::new(configured.stream_key(), 0);
    let problem = configured.build::<R>(&world.context(&SplitSpec::default(), &streams)).unwrap();
    let mut x = vec![R::ZERO; problem.layout().len()];
    let (mut g, mut scratch) = (x.clone(), Scratch::new());
    problem.start(&mut streams.rng(Stream::Start), &mut x);
    let rows: Vec<u32> = (0..problem.examples().min(20) as u32).collect();
    let mut most = 0;
    for t in 1..=5 {
        let mut count = |call: &mut dyn FnMut()| {
            let before = CALLS.get();
            call();
            most = if t > 1 { most.max(CALLS.get() - before) } else { 0 };
        };
        for batch in [Batch::All, Batch::Rows(&rows)] {
            let sample = Sample { batch, t, streams: &streams };
            count(&mut || _ = problem.eval(&x, &sample, &mut g, &mut scratch));
        }
        for part in Part::ALL {
            count(&mut || _ = problem.measure(&x, part, &mut scratch));
        }
    }
    most > 0
}

#[test]
fn a_warm_evaluation_allocates_nothing() {
    let families = Families::builtin();
    // Noise takes a text from `Streams::at`, to find its stream.
    let plain = families.entries().iter().filter(|e| !e.facts.tags.contains(&"noisy"));
    let mut tables: Vec<Value> = plain.map(|e| json!({ "name": e.facts.name })).collect();
    tables.push(json!({ "name": "mlp", "data": "iris", "hidden": [40, 10], "activation": "gelu" }));
    tables.push(json!({ "name": "svm", "data": "iris", "penalty": { "l1": 1e-3, "l2": 1e-3 } }));
    let wrong: Vec<_> = tables.iter().filter(|t| allocates::<f32>(t) || allocates::<f64>(t)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_warm_sampler_allocates_nothing() {
    for order in [Order::Shuffled, Order::Fixed, Order::Replacement, Order::Full] {
        let mut sampler =
            Sampler::new(Sampling { order, batch: 7, ..Sampling::default() }, 100, &Streams::new("alloc", 0)).unwrap();
        sampler.batch(1);
        let before = CALLS.get();
        (2..100).for_each(|t| {
            sampler.batch(t);
        });
        assert_eq!(CALLS.get(), before, "{order:?}");
    }
}
