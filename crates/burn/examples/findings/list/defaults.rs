//! Defaults that are not torch's.

use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdaGradConfig, AdamConfig, AdamWConfig, RmsPropConfig};
use serde::Serialize;
use std::fmt::{self, Write};

pub(crate) fn main(out: &mut String) -> fmt::Result {
    writeln!(out, "Adam epsilon {}, torch 1e-8", of(AdamConfig::new(), "epsilon"))?;
    writeln!(out, "AdamW epsilon {}, torch 1e-8", of(AdamWConfig::new(), "epsilon"))?;
    writeln!(out, "AdamW weight_decay {}, torch 1e-2", of(AdamWConfig::new(), "weight_decay"))?;
    writeln!(out, "AdaGrad epsilon {}, torch 1e-10", of(AdaGradConfig::new(), "epsilon"))?;
    writeln!(out, "RmsProp epsilon {}, torch 1e-8", of(RmsPropConfig::new(), "epsilon"))?;
    writeln!(out, "RmsProp momentum {}, torch 0", of(RmsPropConfig::new(), "momentum"))?;
    writeln!(out, "Momentum dampening {}, torch 0", of(MomentumConfig::new(), "dampening"))
}

/// A field of a config; f32 values as short as they can be.
fn of(config: impl Serialize, field: &str) -> String {
    let fields = serde_json::to_value(config).expect("a config is data");
    let value = fields[field].as_f64().expect("these fields are numbers");
    if value < 1e-3 { format!("{:e}", value as f32) } else { format!("{}", value as f32) }
}
