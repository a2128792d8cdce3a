//! Records of a plan that were never run, as its parts would leave them: what `scripts/scale.py` measures the store with.
//!
//!     cargo run --example synthetic -- plan.jsonl FOLDER 10
//!
//! Curves have five points.

#[allow(unreachable_pub, reason = "tests use it, too")]
#[path = "../tests/common/made_up.rs"]
mod made_up;

use anyhow::{Context as _, Result};
use runner::shards::{self, Part};
use runner::store::Log;
use std::path::Path;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [plan, dir, of] = &words[..] else { anyhow::bail!("expected PLAN FOLDER PARTS") };
    let of = of.parse().context("PARTS")?;
    for number in 0..of {
        let part = Part { number, of };
        let (head, trials) = shards::trials(Path::new(plan), part)?;
        let mut log = Log::open(&head.journal(Path::new(dir), part))?;
        trials.iter().try_for_each(|trial| log.append(&made_up::record(trial, 4)))?;
        log.sync()?;
    }
    Ok(())
}
