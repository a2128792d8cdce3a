//! How many bytes a part of the program asks for.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

static COUNTING: AtomicBool = AtomicBool::new(false);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// The system's allocator, which counts while [`bytes`] runs. Otherwise it costs a look at one flag.
pub struct Counted;

fn count(size: usize) {
    if COUNTING.load(Relaxed) {
        BYTES.fetch_add(size as u64, Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise is the one that `System` asks for.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.saturating_sub(layout.size()));
        // SAFETY: as above.
        unsafe { System.realloc(at, layout, size) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

/// The bytes that all threads ask for while `part` runs. None in a program whose allocator is not [`Counted`].
pub fn bytes(part: impl FnOnce()) -> Option<u64> {
    let counted = |part: &mut dyn FnMut()| {
        let before = BYTES.load(Relaxed);
        COUNTING.store(true, Relaxed);
        part();
        COUNTING.store(false, Relaxed);
        BYTES.load(Relaxed) - before
    };
    let mut part = Some(part);
    let counts = counted(&mut || drop(std::hint::black_box(Box::new(0_u64)))) > 0;
    let bytes = counted(&mut || part.take().into_iter().for_each(|part| part()));
    counts.then_some(bytes)
}
