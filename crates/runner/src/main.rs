//! `downhill`: sweeps optimizers over learning rates, problems and seeds, and says what is known.

use std::process::ExitCode;

fn main() -> ExitCode {
    runner::Runner::new().main()
}
