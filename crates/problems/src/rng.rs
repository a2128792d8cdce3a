//! Random streams: independent, named, portable.
//!
//! A stream is keyed by (problem, seed, name), never by the optimizer: all optimizers meet the same starts, batches,
//! noise and dropout masks. Draws that belong to a step are addressed by its number, so that a trial can stop and go
//! on without any generator state.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The generator: ChaCha with 8 rounds, the same numbers on every platform and in every version.
pub type Rng = ChaCha8Rng;

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Which examples train, validate and test.
    Split,
    /// The starting point.
    Start,
    /// The order of examples.
    Batches,
    /// Noise on gradients, probes.
    Noise,
    /// Dropout masks.
    Dropout,
    /// Choices of a tuner.
    Tuner,
    /// What an optimizer draws: probes of curvature, sampled labels.
    Probe,
}

impl Stream {
    const ALL: [Stream; 7] =
        [Stream::Split, Stream::Start, Stream::Batches, Stream::Noise, Stream::Dropout, Stream::Tuner, Stream::Probe];
}

/// The streams of one trial.
#[derive(Clone, Debug)]
pub struct Streams {
    problem: String,
    seed: u64,
    fixed: Vec<Stream>,
    /// The generator's key of each stream.
    keys: [[u8; 32]; 7],
}

impl Streams {
    /// Keyed by the problem's [stream key](crate::Configured::stream_key) and the seed.
    pub fn new(problem: impl Into<String>, seed: u64) -> Self {
        Streams { problem: problem.into(), seed, fixed: Vec::new(), keys: [[0; 32]; 7] }.with_keys()
    }

    /// The same, but these streams do not vary with the seed: they are drawn as for seed 0.
    pub fn with_fixed(self, fixed: &[Stream]) -> Self {
        Streams { fixed: fixed.to_vec(), ..self }.with_keys()
    }

    /// The same seeds under another key.
    pub fn keyed(&self, problem: impl Into<String>) -> Self {
        Streams { problem: problem.into(), ..self.clone() }.with_keys()
    }

    fn with_keys(self) -> Self {
        let text = |stream| format!("downhill/{}/{}/{stream:?}", self.problem, self.seed(stream));
        Streams { keys: Stream::ALL.map(|stream| Sha256::digest(text(stream)).into()), ..self }
    }

    /// The seed of one stream.
    pub fn seed(&self, stream: Stream) -> u64 {
        if self.fixed.contains(&stream) { 0 } else { self.seed }
    }

    /// The stream of that name, from its beginning.
    pub fn rng(&self, stream: Stream) -> Rng {
        self.at(stream, 0)
    }

    /// The draws of step (or epoch) `t` in that stream: 2^64 independent sub-streams. Allocates nothing.
    pub fn at(&self, stream: Stream, t: u64) -> Rng {
        let mut rng = Rng::from_seed(self.keys[stream as usize]);
        rng.set_stream(t);
        rng
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng as _;

    #[test]
    fn value_stability() {
        // Results of committed studies stand on these numbers.
        let streams = Streams::new("mlp digits", 7);
        let mut rng = streams.rng(Stream::Start);
        let first = [rng.next_u32(), rng.next_u32()];
        assert_eq!(first, [streams.rng(Stream::Start).next_u32(), first[1]]);
        assert_ne!(first[0], streams.at(Stream::Start, 1).next_u32());
        assert_ne!(first[0], streams.rng(Stream::Batches).next_u32());
        assert_ne!(first[0], Streams::new("mlp digits", 8).rng(Stream::Start).next_u32());
    }
}
