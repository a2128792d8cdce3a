//! Random resamples that depend on the numbers alone.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

/// How often is resampled: an odd number, so that quantiles at 2.5 and 97.5 % are order statistics.
pub(crate) const RESAMPLES: usize = 1999;

/// A generator seeded by the bits of the numbers (FNV-1a).
pub(crate) fn generator<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> ChaCha8Rng {
    let bytes = numbers.into_iter().flat_map(|x| x.to_bits().to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    ChaCha8Rng::seed_from_u64(hash)
}

/// As many of them, drawn with replacement, into `sample`.
pub(crate) fn draw(from: &[f64], sample: &mut Vec<f64>, rng: &mut ChaCha8Rng) {
    sample.clear();
    sample.extend((0..from.len()).map(|_| from[rng.random_range(0..from.len())]));
}

/// The ends of the middle share of sorted resamples.
pub(crate) fn ends(sorted: &[f64], coverage: f64) -> (f64, f64) {
    let at = |q: f64| sorted[((q * (sorted.len() + 1) as f64).round() as usize).clamp(1, sorted.len()) - 1];
    (at(0.5 * (1.0 - coverage)), at(0.5 * (1.0 + coverage)))
}
