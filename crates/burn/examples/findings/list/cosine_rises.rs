//! A cosine schedule past its end.

use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use std::fmt::{self, Write};

pub(crate) fn main(out: &mut String) -> fmt::Result {
    let schedule: Result<_, _> = CosineAnnealingLrSchedulerConfig::new(1.0, 10).init();
    let mut schedule = schedule.expect("1 is a rate that it takes");
    let rates: Vec<f64> = (0..=20).map(|_| schedule.step().base()).collect();
    for t in [0, 5, 10, 15, 20] {
        writeln!(out, "step {t:2} of 10: {:.2}", rates[t])?;
    }
    Ok(())
}
