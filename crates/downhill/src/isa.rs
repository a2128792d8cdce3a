//! Which instruction set an element-wise loop runs on, chosen when the program runs.
//!
//! Every loop is compiled once per level from the same source. Rust never contracts a multiplication and
//! an addition into one rounding, so all levels give the same bits (`tests/isa.rs`).

use std::sync::atomic::{AtomicU8, Ordering};

/// A level of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Isa {
    /// What every processor of the architecture has (SSE2 on x86-64, NEON on AArch64).
    Baseline,
    /// AVX2, 256 bits.
    Avx2,
    /// AVX-512, 512 bits.
    Avx512,
}

static LIMIT: AtomicU8 = AtomicU8::new(Isa::Avx512 as u8);

impl Isa {
    /// The best level of this machine, not above the [limit](Isa::limit).
    pub fn current() -> Isa {
        let limit = LIMIT.load(Ordering::Relaxed);
        Isa::available().into_iter().rev().find(|&isa| isa as u8 <= limit).unwrap_or(Isa::Baseline)
    }

    /// The levels that this machine has, from the lowest.
    pub fn available() -> Vec<Isa> {
        let mut levels = vec![Isa::Baseline];
        #[cfg(target_arch = "x86_64")]
        {
            if pulp::x86::V3::is_available() {
                levels.push(Isa::Avx2);
            }
            if pulp::x86::V4::is_available() {
                levels.push(Isa::Avx512);
            }
        }
        levels
    }

    /// Uses no level above this one from now on, in the whole process: for tests and for measuring.
    pub fn limit(self) {
        LIMIT.store(self as u8, Ordering::Relaxed);
    }
}

/// A loop to be compiled for every level. Mark `run` `#[inline(always)]`.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// The loop.
    fn run(self) -> Self::Output;
}

struct Adapter<K>(K);

impl<K: Kernel> pulp::NullaryFnOnce for Adapter<K> {
    type Output = K::Output;
    #[inline(always)]
    fn call(self) -> K::Output {
        self.0.run()
    }
}

/// Runs the kernel on the best instruction set allowed.
#[inline]
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        let limit = LIMIT.load(Ordering::Relaxed);
        if limit >= Isa::Avx512 as u8
            && let Some(simd) = pulp::x86::V4::try_new()
        {
            return simd.vectorize(Adapter(kernel));
        }
        if limit >= Isa::Avx2 as u8
            && let Some(simd) = pulp::x86::V3::try_new()
        {
            return simd.vectorize(Adapter(kernel));
        }
    }
    kernel.run()
}
