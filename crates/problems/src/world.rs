//! What trials share: every data set is loaded once, and split once a seed as long as the splits fit.

use crate::data::{Corruption, DataSpec, Dataset, Features, SplitSpec, Splits};
use crate::problem::ProblemError;
use crate::rng::{Stream, Streams};
use downhill::Real;
use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Data sets and their splits, shared by all trials and threads.
pub struct World {
    datasets: Mutex<HashMap<String, Arc<Dataset>>>,
    /// The latest used last.
    splits: Mutex<Vec<Kept>>,
    /// The memory that splits may take when no trial uses them.
    keep: usize,
}

/// The splits of one data set, seed and precision.
struct Kept {
    key: String,
    splits: Arc<dyn Any + Send + Sync>,
    bytes: usize,
}

impl Default for World {
    fn default() -> Self {
        // Nine splits of MNIST in single precision.
        World { datasets: Mutex::default(), splits: Mutex::default(), keep: 2 << 30 }
    }
}

impl World {
    /// Nothing loaded yet.
    pub fn new() -> Self {
        World::default()
    }

    /// The data set, loaded at the first call.
    ///
    /// # Errors
    /// If it cannot be read: file, line, field, found, allowed.
    pub fn dataset(&self, spec: &DataSpec) -> Result<Arc<Dataset>, ProblemError> {
        let key = serde_json::to_string(spec).unwrap_or_default();
        // Held while loading: two trials that want the same file must not both read it.
        let mut datasets = self.datasets.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(found) = datasets.get(&key) {
            return Ok(found.clone());
        }
        let loaded = Arc::new(spec.load()?);
        datasets.insert(key, loaded.clone());
        Ok(loaded)
    }

    /// The context in which one trial's problem is built.
    pub fn context<'a>(&'a self, split: &'a SplitSpec, streams: &'a Streams) -> Context<'a> {
        Context { world: self, split, streams, corruption: Corruption::default() }
    }
}

/// What a problem is built from, beside its own table.
pub struct Context<'a> {
    world: &'a World,
    split: &'a SplitSpec,
    streams: &'a Streams,
    corruption: Corruption,
}

impl<'a> Context<'a> {
    /// The same, with data made worse.
    pub fn corrupted(&self, corruption: Corruption) -> Context<'a> {
        Context { corruption, ..*self }
    }

    /// The data set, split by the trial's stream, standardised on its training part, and corrupted; shared.
    ///
    /// # Errors
    /// If it cannot be read, split or corrupted.
    pub fn splits<R: Real>(&self, spec: &DataSpec) -> Result<Arc<Splits<R>>, ProblemError> {
        let dataset = self.world.dataset(spec)?;
        // Keyed by the data, not the model: all models of one seed meet the same split.
        let streams = self.streams.keyed(spec.name());
        let seed = streams.seed(Stream::Split);
        let key = format!("{} {} {:?} {seed} {:?}", R::NAME, dataset.digest, self.split, self.corruption);
        let mut kept = self.world.splits.lock().unwrap_or_else(|e| e.into_inner());
        let found = kept.iter().position(|k| k.key == key);
        if let Some(i) = found
            && let Ok(splits) = kept[i].splits.clone().downcast()
        {
            kept[i..].rotate_left(1);
            return Ok(splits);
        }
        let mut splits = self.split.split::<R>(&dataset, &streams)?;
        if self.corruption != Corruption::default() {
            if let Features::Symbols(_) = dataset.features {
                return Err(ProblemError(format!(
                    "`corruption` knows no texts, but the data set is `{}`",
                    spec.name()
                )));
            }
            splits = self.corruption.apply(splits, &self.streams.keyed(format!("{}, corrupted", spec.name())))?;
        }
        let splits = Arc::new(splits);
        kept.push(Kept { key, splits: splits.clone(), bytes: splits.bytes() });
        while kept.len() > 1 && kept.iter().map(|k| k.bytes).sum::<usize>() > self.world.keep {
            kept.remove(0);
        }
        Ok(splits)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unused_split_goes_first() {
        let (split, spec) = (SplitSpec::default(), "iris".parse().unwrap());
        let splits =
            |world: &World, seed| world.context(&split, &Streams::new("iris", seed)).splits::<f32>(&spec).unwrap();
        let one = splits(&World::new(), 0).bytes();
        assert_eq!(one, 150 * (4 + 1) * 4);
        let world = World { keep: 2 * one, ..World::new() };
        let first: Vec<_> = (0..2).map(|seed| splits(&world, seed)).collect();
        assert!(Arc::ptr_eq(&first[0], &splits(&world, 0)));
        splits(&world, 2); // 1 goes
        assert!(Arc::ptr_eq(&first[0], &splits(&world, 0)));
        assert!(!Arc::ptr_eq(&first[1], &splits(&world, 1)));
    }
}
