//! Evaluations allocate nothing once the scratch has grown.

use crate::cases::{cases, everything};
use downhill_problems::{Part, Scratch};
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

#[test]
fn an_evaluation_allocates_nothing() {
    // The stream of a step spells out its own name; tests/alloc.rs has what needs data.
    for case in cases().iter().filter(|case| !case.has("noisy") && !case.needs_data()) {
        let (problem, streams) = (case.build::<f64>(), case.streams(0));
        let (x, mut g, mut scratch) = (case.start(&*problem, 0), vec![0.0; problem.layout().len()], Scratch::new());
        let mut run = || {
            problem.eval(&x, &everything(&streams), &mut g, &mut scratch);
            problem.measure(&x, Part::Train, &mut scratch);
        };
        run();
        let before = CALLS.get();
        run();
        assert_eq!(CALLS.get() - before, 0, "{}", case.table);
    }
}
