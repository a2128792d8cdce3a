//! How often the named cause is the right one: trials in which it was planted. Writes `results/diagnosis/cases.csv` and its
//! README. `cargo run -p runner --no-default-features --example diagnosis`, two minutes on two cores; with `known`, the
//! problems on which thresholds are set, and what was taken for something else.

mod families;
mod page;
mod plant;

use anyhow::Result;
use downhill::Registry;
use downhill_problems::Families;
use plant::Bench;
use runner::Lab;
use runner::store::{write_atomically, write_csv};
use std::path::Path;

fn main() -> Result<()> {
    let mut bench = Bench { lab: Lab::new(Registry::builtin(), Families::builtin()), seen: true, cases: Vec::new() };
    families::plant(&families::known(), &mut bench)?;
    if std::env::args().any(|a| a == "known") {
        print!("{}", page::page(&bench.cases));
        return Ok(());
    }
    bench.seen = false;
    families::plant(&families::held_out(), &mut bench)?;
    let dir = Path::new("results/diagnosis");
    std::fs::create_dir_all(dir)?;
    write_csv(&dir.join("cases.csv"), &bench.cases)?;
    write_atomically(&dir.join("README.md"), page::page(&bench.cases).as_bytes())
}
