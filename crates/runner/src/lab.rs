//! What every trial is made from: the known optimizers and problems, and the data loaded so far.

use downhill::Registry;
use downhill_problems::{Families, World};

/// The known optimizers and problems, and the data loaded so far.
pub struct Lab {
    /// Optimizers by name.
    pub optimizers: Registry,
    /// Problems by name.
    pub families: Families,
    /// Data sets, loaded once and shared by all trials.
    pub world: World,
}

impl Lab {
    /// With these optimizers and problems, and nothing loaded.
    pub fn new(optimizers: Registry, families: Families) -> Self {
        Lab { optimizers, families, world: World::new() }
    }
}
