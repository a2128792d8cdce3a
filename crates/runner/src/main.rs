//! `downhill`: sweeps optimizers over learning rates, problems and seeds, and says what is known.

use std::process::ExitCode;

/// For `downhill compare`, which says what a step allocates.
#[global_allocator]
static ALLOCATOR: runner::parity::allocation::Counted = runner::parity::allocation::Counted;

fn main() -> ExitCode {
    runner::Runner::new().main()
}
