//! Steps allocate nothing, where a method claims so. A binary of its own: it replaces the allocator.

#![allow(clippy::unwrap_used)]

#[path = "laws/common.rs"]
#[allow(dead_code)]
mod common;

use common::{Bowl, configure, everything, noise};
use downhill::{Claim, Real, Registry, Role, Step};
use serde_json::Value;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
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

/// Large enough for a matrix product to allocate.
fn layout() -> downhill::Layout {
    downhill::Layout::new().block("w", [40, 33], Role::Hidden).block("b", [4], Role::Bias)
}

/// Allocations in the steps 2 to 10.
fn allocations<R: Real>(table: &Value) -> usize {
    let n = layout().len();
    let mut optimizer = configure(table).build(&layout()).unwrap();
    let (mut x, g): (Vec<R>, Vec<R>) = (common::cast(&noise(0, n)), common::cast(&noise(1, n)));
    let mut calls = 0;
    for t in 1..=10 {
        // The oracle's own allocations come before those that count.
        let mut oracle = Bowl::new(t, &x, &g, 1.0);
        let mark = CALLS.get();
        optimizer.step(&mut x, &g, &mut Step { t, lr: 0.01, loss: R::ONE, oracle: &mut oracle });
        if t > 1 {
            calls += CALLS.get() - mark;
        }
    }
    calls
}

#[test]
fn a_step_allocates_nothing_where_claimed_and_something_elsewhere() {
    for table in everything() {
        let registry = Registry::builtin();
        let facts = registry.find(table["name"].as_str().unwrap()).unwrap().facts;
        let claimed = facts.claims.contains(&Claim::AllocationFree);
        assert_eq!(allocations::<f32>(&table) == 0, claimed, "{table} in f32");
        assert_eq!(allocations::<f64>(&table) == 0, claimed, "{table} in f64");
    }
}
