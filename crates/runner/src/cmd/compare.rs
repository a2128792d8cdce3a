//! `downhill compare`: burn's optimizers against ours.

use super::{Context, parity};
use anyhow::Result;
use std::process::ExitCode;

/// Compare burn's optimizers with ours: how far their paths part and why, whether it matters to a training, and what a
/// step costs. Writes results/burn-parity, README.md last.
#[derive(clap::Args)]
pub struct Args {
    /// With burn's.
    #[arg(long, required = true)]
    burn: bool,
    #[command(flatten)]
    parity: parity::Args,
}

/// Runs the command.
///
/// # Errors
/// If the study is wrong, a file cannot be written or read, or a deviation has no reason.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    parity::run(&args.parity, context)
}
