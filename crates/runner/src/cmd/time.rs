//! `downhill time`: what a step costs, by itself.

use super::run::named;
use super::{Context, Format, Usage, say};
use crate::lab::Lab;
use crate::load::{Load, Watch};
use crate::machine;
use crate::store::{write_atomically, write_csv};
use crate::timing::{Cost, Effort, Place, alone, gradients, measure, page, table};
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Measure what a step of each optimizer costs: alone, on one pinned thread, taking turns. Only such numbers rank optimizers
/// by speed; times of a sweep are of trials that run beside others.
///
/// Writes time.csv, machine.toml and README.md. Says so if the machine had other things to do.
#[derive(clap::Args)]
pub struct Args {
    /// Names, or tables such as '{ name = "adam", beta2 = 0.99 }'; SGD comes with them. Without any, all that treat each
    /// coordinate alike and ask for nothing but the gradient.
    #[arg(long, short, num_args = 1.., value_name = "OPTIMIZER")]
    optimizers: Vec<String>,
    /// So many parameters, as one matrix; several with commas. Without it or a problem, 10000 and 1000000.
    #[arg(long, value_delimiter = ',', value_name = "N", conflicts_with = "problem", value_parser = clap::value_parser!(u64).range(1..))]
    parameters: Vec<u64>,
    /// The parameters of a problem, whose gradient is measured too: a name, or a table.
    #[arg(long, short)]
    problem: Option<String>,
    /// A name, as in `downhill data list`, a file or a folder, for problems on data.
    #[arg(long, short, requires = "problem")]
    data: Option<String>,
    /// Examples of a gradient.
    #[arg(long, requires = "problem", value_parser = clap::value_parser!(u64).range(1..))]
    batch: Option<u64>,
    /// f32 or f64.
    #[arg(long, default_value = "f32", value_parser = ["f32", "f64"])]
    precision: String,
    /// Turns of each optimizer; from 6 on there are intervals.
    #[arg(long, default_value_t = 31, value_parser = clap::value_parser!(u16).range(6..))]
    rounds: u16,
    /// The folder; without it, `time` in the folder of all results.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Runs the command.
///
/// # Errors
/// If a name, a field or a value is wrong, or the folder cannot be written.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let lab = &context.lab;
    let optimizers = args.optimizers.iter().map(|text| Ok(Value::Object(named("--optimizers", text)?)));
    let optimizers = optimizers.collect::<Result<Vec<Value>>>()?;
    for table in &optimizers {
        lab.optimizers.configure(table).map_err(|e| Usage(e.to_string()))?;
    }
    let places = places(args)?;
    let dir = args.out.clone().unwrap_or_else(|| context.results.join("time"));
    // A folder that cannot be written is known before anything is measured.
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let before = Load::look();
    let (core, costs, during) = alone(|core| {
        let watch = Watch::begin();
        let costs = places.iter().map(|place| of(args, lab, &optimizers, place)).collect::<Result<Vec<_>>>()?.concat();
        let processor = |cost: &Cost| cost.ns * cost.steps as f64 * cost.rounds as f64;
        let (processor, clock) =
            costs.iter().fold((0.0, 0.0), |(p, c), cost| (p + processor(cost), c + processor(cost) / cost.share));
        Ok((core, costs, watch.load().with_share(processor, clock)))
    })?;
    write_csv(&dir.join("time.csv"), &costs)?;
    let pinned = core.map_or_else(|| "# The system pins no thread.\n".to_owned(), |core| format!("pinned = {core}\n"));
    let machine = machine::describe() + &pinned + &machine::load(&[("before", before), ("during", during)]);
    write_atomically(&dir.join("machine.toml"), machine.as_bytes())?;
    write_atomically(&dir.join("README.md"), page(&dir)?.as_bytes())?;
    say(&args.format.render(&table(&costs))?);
    if args.format == Format::Table {
        say(&format!("\n{}{}\n", gradients(&costs), dir.join("README.md").display()));
    }
    let against = [before, during].iter().flat_map(Load::against).collect::<Vec<_>>();
    if !against.is_empty() {
        eprintln!("note: the machine was loaded ({}); measure again on a quiet one", against.join("; "));
    }
    Ok(ExitCode::SUCCESS)
}

fn of(args: &Args, lab: &Lab, optimizers: &[Value], place: &Place) -> Result<Vec<Cost>> {
    let effort = Effort { rounds: usize::from(args.rounds), turn: Duration::from_millis(2) };
    match args.precision.as_str() {
        "f64" => measure::<f64>(lab, optimizers, place, effort),
        _ => measure::<f32>(lab, optimizers, place, effort),
    }
}

/// Where steps are measured.
fn places(args: &Args) -> Result<Vec<Place>> {
    if let Some(problem) = &args.problem {
        let mut table = named("--problem", problem)?;
        table.extend(args.data.clone().map(|data| ("data".to_owned(), Value::from(data))));
        return Ok(vec![Place::Problem { table: Value::Object(table), batch: args.batch.map(|n| n as usize) }]);
    }
    let sizes = if args.parameters.is_empty() { &[10_000, 1_000_000][..] } else { &args.parameters };
    Ok(sizes.iter().map(|&n| Place::Parameters(n as usize)).collect())
}
