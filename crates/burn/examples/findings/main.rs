//! Findings about burn 0.22.1, each a small program: `cargo run -p downhill-burn --example findings -- NAME`, or all of
//! them without a name. docs/burn-findings.md has what they print, why it matters, and a suggestion;
//! `tests/findings.rs` holds it to that.

mod list;

use std::process::ExitCode;

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1);
    let chosen: Vec<_> = list::ALL.iter().filter(|(name, _)| wanted.as_deref().is_none_or(|w| w == *name)).collect();
    if chosen.is_empty() {
        let names: Vec<_> = list::ALL.iter().map(|(name, _)| *name).collect();
        eprintln!("no such finding; there are: {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    for (name, finding) in chosen {
        let mut text = String::new();
        finding(&mut text).expect("a string takes all text");
        println!("# {name}\n{text}");
    }
    ExitCode::SUCCESS
}
