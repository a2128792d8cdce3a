//! SAG.

use super::table::Table;
use crate::{Block, Facts, Layout, Method, Need, Optimizer, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// Descent along the mean of the last gradient of every example.
///
/// ```text
/// y_i <- g_i(x)              for the examples i of the batch
/// x   <- x - lr mean(y)      over the examples seen so far
/// ```
///
/// Le Roux, Schmidt & Bach 2012; Schmidt, Le Roux & Bach 2017, arXiv:1309.2388. The mean over the examples seen, not
/// over all, as section 4.1 of the latter proposes for the start. Rates: 1 / (16 L) in theory, 1 / L in practice,
/// with L of the steepest example. Memory: a vector per example, allocated at the first step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sag {}

impl Method for Sag {
    const FACTS: Facts = Facts {
        name: "sag",
        formula: "y_i <- g_i(x) for the examples of the batch; x <- x - lr mean(y) over the examples seen",
        source: "Schmidt, Le Roux & Bach 2017, arXiv:1309.2388",
        convention: "the paper's, with the count of examples seen so far",
        preset: "paper",
        failure: "a gradient per example in memory, and stale ones where the loss is not smooth or examples are augmented",
        lr: 1e-2,
        grid: (1e-4, 1.0),
        needs: &[Need::Summands],
        claims: super::LINEAR,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Averaged {
            blocks: layout.blocks().to_vec(),
            table: Table::new(layout.len()),
            u: vec![R::ZERO; layout.len()],
        })
    }
}

struct Averaged<R> {
    blocks: Vec<Block>,
    table: Table<R>,
    u: Vec<R>,
}

impl<R: Real> Optimizer<R> for Averaged<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        self.table.renew(x, g, step, |_| ());
        let share = R::of(1.0 / self.table.seen as f64);
        self.u.iter_mut().zip(&self.table.sum).for_each(|(u, &sum)| *u = share * sum);
        super::descend(&self.blocks, x, &self.u, step);
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.table.visit(&self.blocks, visit);
    }
}
