//! SAGA.

use super::table::Table;
use crate::{Block, Facts, Layout, Method, Need, Optimizer, Real, Step, Visit};
use serde::{Deserialize, Serialize};

/// SAG without its bias: the last gradient of an example is used to take the noise out of its new one.
///
/// ```text
/// u   = mean over the batch of (g_i(x) - y_i) + mean over all (y)
/// y_i <- g_i(x)              for the examples i of the batch
/// x   <- x - lr u
/// ```
///
/// Defazio, Bach & Lacoste-Julien 2014, arXiv:1407.0202. The table starts at 0 and not, as there, with a pass over
/// the examples: `u` is unbiased with any table. Rate: 1 / (3 L), with L of the steepest example. Memory: a vector
/// per example, allocated at the first step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Saga {}

impl Method for Saga {
    const FACTS: Facts = Facts {
        name: "saga",
        formula: "x <- x - lr (mean over the batch of (g_i(x) - y_i) + mean(y)), then y_i <- g_i(x)",
        source: "Defazio, Bach & Lacoste-Julien 2014, arXiv:1407.0202",
        convention: "the paper's without its proximal step, the table starts at 0",
        preset: "paper",
        failure: "a gradient per example in memory, and stale ones where the loss is not smooth or examples are augmented",
        lr: 1e-2,
        grid: (1e-4, 1.0),
        needs: &[Need::Summands],
        claims: super::LINEAR,
        ..Facts::COMMON
    };

    fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> {
        Box::new(Corrected {
            blocks: layout.blocks().to_vec(),
            table: Table::new(layout.len()),
            u: vec![R::ZERO; layout.len()],
        })
    }
}

struct Corrected<R> {
    blocks: Vec<Block>,
    table: Table<R>,
    u: Vec<R>,
}

impl<R: Real> Optimizer<R> for Corrected<R> {
    fn step(&mut self, x: &mut [R], g: &[R], step: &mut Step<'_, R>) {
        let Corrected { blocks, table, u } = self;
        let share = R::of(1.0 / step.examples() as f64);
        u.iter_mut().zip(&table.sum).for_each(|(u, &sum)| *u = share * sum);
        table.renew(x, g, step, |change| u.iter_mut().zip(change).for_each(|(u, &change)| *u += change));
        super::descend(blocks, x, u, step);
    }
    fn visit(&mut self, visit: &mut Visit<'_>) {
        self.table.visit(&self.blocks, visit);
    }
}
