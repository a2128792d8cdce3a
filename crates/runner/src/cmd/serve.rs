//! `downhill serve`: reports in a browser, while sweeps go on.

use super::{Context, say};
use crate::serve::{Site, listen};
use anyhow::{Context as _, Result};
use std::path::PathBuf;
use std::process::ExitCode;

/// Show reports in a browser on this machine, also of sweeps that still run; ctrl-C ends it.
#[derive(clap::Args)]
pub struct Args {
    /// A folder of results, or of several; without it, all results.
    dir: Option<PathBuf>,
    /// The port on 127.0.0.1; 0 for any free one.
    #[arg(long, value_name = "N", default_value_t = 8000)]
    port: u16,
}

/// Runs the command, until the process is ended.
///
/// # Errors
/// If there is no such folder, or the port is taken.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let dir = args.dir.as_ref().unwrap_or(&context.results);
    let site = Site::new(dir, &context.lab)?;
    let listener = listen(args.port)?;
    let address = listener.local_addr().context("the socket has no address")?;
    say(&format!("{} at http://{address}/ (ctrl-C ends it)\n", dir.display()));
    site.serve(&listener)?;
    Ok(ExitCode::SUCCESS)
}
