//! `downhill replay`: what a protocol would have chosen on recorded runs.

use super::{Context, Format, Usage, say};
use crate::protocol::{Halving, Protocol, Search};
use crate::replay::{GRID, Measure, Replay};
use crate::store::Results;
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Test a tuner on recorded runs, without training: which learning rate it would have chosen, how much worse that is than
/// the choice of the whole grid, and what it would have cost.
///
/// The results are those of a sweep that keeps all curves, or imported ones. Without --protocol, every rate runs for the
/// whole budget on the seeds that all rates have, but for what the other options change.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A folder of results.
    dir: PathBuf,
    /// A TOML file with a table [protocol], such as a study.
    #[arg(long, value_name = "FILE")]
    protocol: Option<PathBuf>,
    /// All rates (`grid`), or so many of them drawn at random (`random:8`).
    #[arg(long, value_name = "HOW")]
    search: Option<String>,
    /// After which share of the budget which share of the rates goes on; several with commas.
    #[arg(long, value_name = "AT:KEEP", value_delimiter = ',')]
    halving: Vec<String>,
    /// How many rates get further seeds.
    #[arg(long)]
    finalists: Option<usize>,
    /// How many further seeds.
    #[arg(long)]
    reseed: Option<usize>,
    /// On how many fresh seeds the choice is run again; not counted as compute.
    #[arg(long)]
    confirm: Option<usize>,
    /// Which random rates.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    draw: u64,
    /// What chooses, and what is reported.
    #[arg(long, value_enum, default_value_t)]
    by: Measure,
    /// How the table is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  downhill replay results/deepobs --halving 0.1:0.25,0.3:0.33     of 36 rates 9 go on after 10 %, 3 after 30 %
  downhill replay results/mine --search random:8 --finalists 3 --reseed 3
  downhill replay results/mine --protocol experiments/mine.toml --format md";

/// Runs `downhill replay`.
///
/// # Errors
/// If the results cannot be read, or the protocol is not one that they can answer.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let protocol = args.protocol()?;
    let results = Results::read(&args.dir)?;
    let replay = Replay::of(&results, &protocol, args.by, args.draw, &context.lab)?;
    replay.notes.iter().for_each(|note| eprintln!("note: {note}"));
    say(&args.format.render(&replay.table())?);
    if matches!(args.format, Format::Table | Format::Md) {
        say(&format!("\n{}\n", replay.summary()));
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    /// That of the file, or the grid, with what the other options change.
    fn protocol(&self) -> Result<Protocol> {
        let mut protocol = self.protocol.as_deref().map_or(Ok(GRID), read)?;
        if let Some(how) = &self.search {
            protocol.search = match how.strip_prefix("random:").map(str::parse) {
                Some(Ok(n)) => Search::Random(n),
                None if how == "grid" => Search::Grid,
                _ => bail!(Usage(format!("--search {how}: allowed are grid and random:N, such as random:8"))),
            };
        }
        if !self.halving.is_empty() {
            protocol.halving = Some(halving(&self.halving)?);
        }
        protocol.finalists = self.finalists.unwrap_or(protocol.finalists);
        protocol.reseed = self.reseed.unwrap_or(protocol.reseed);
        protocol.confirm = self.confirm.unwrap_or(protocol.confirm);
        protocol.check().map_err(Usage)?;
        Ok(protocol)
    }
}

fn halving(words: &[String]) -> Result<Halving> {
    let mut halving = Halving { at: Vec::new(), keep: Vec::new() };
    for word in words {
        let pair = word.split_once(':').and_then(|(at, keep)| Some((at.parse().ok()?, keep.parse().ok()?)));
        let Some((at, keep)) = pair else {
            bail!(Usage(format!("--halving {word}: allowed is AT:KEEP, two shares, such as 0.1:0.25")));
        };
        halving.at.push(at);
        halving.keep.push(keep);
    }
    Ok(halving)
}

/// The table `[protocol]` of a file.
fn read(path: &Path) -> Result<Protocol> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let place = || path.display().to_string();
    let mut table: toml::Table = toml::from_str(&text).with_context(place)?;
    let protocol = table.remove("protocol").with_context(|| format!("{}: no table [protocol]", path.display()))?;
    protocol.try_into().with_context(|| format!("{}: [protocol]", path.display()))
}
