//! Schedules with a rate above 1, which SGD on well-scaled problems, Adadelta-like rules and LAMB can want.

use burn::lr_scheduler::{
    cosine::CosineAnnealingLrSchedulerConfig, exponential::ExponentialLrSchedulerConfig,
    linear::LinearLrSchedulerConfig, step::StepLrSchedulerConfig,
};
use std::fmt::{self, Write};

pub(crate) fn main(out: &mut String) -> fmt::Result {
    let said = |ok: Option<String>| ok.map_or("taken".to_owned(), |e| format!("refused, {e}"));
    writeln!(out, "linear from 2: {}", said(LinearLrSchedulerConfig::new(2.0, 0.1, 10).init().err()))?;
    writeln!(out, "cosine from 2: {}", said(CosineAnnealingLrSchedulerConfig::new(2.0, 10).init().err()))?;
    writeln!(out, "exponential from 2: {}", said(ExponentialLrSchedulerConfig::new(2.0, 0.9).init().err()))?;
    writeln!(out, "step from 2: {}", said(StepLrSchedulerConfig::new(2.0, 10).init().err()))
}
