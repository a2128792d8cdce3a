//! What every trial is made from: the known optimizers and problems, and the data loaded so far.

use downhill::Registry;
use downhill_problems::{Families, World};
use std::sync::Arc;

/// The known optimizers and problems, and the data loaded so far, which a copy shares.
#[derive(Clone)]
pub struct Lab {
    /// Optimizers by name.
    pub optimizers: Registry,
    /// Problems by name.
    pub families: Families,
    /// Data sets, loaded once and shared by all trials.
    pub world: Arc<World>,
    /// The most trials that a study may have: they are planned in memory.
    pub most_trials: usize,
}

impl Lab {
    /// With these optimizers and problems, and nothing loaded.
    pub fn new(optimizers: Registry, families: Families) -> Self {
        Lab { optimizers, families, world: Arc::new(World::new()), most_trials: 10_000_000 }
    }
}
