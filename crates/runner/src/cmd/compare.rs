//! `downhill compare`: several optimizers or results, problem by problem and over all.

use super::{Context, Format, Usage, say};
use crate::comparison::{Comparison, Contestant};
use crate::stats::{Group, Member};
use crate::store::{Results, write_atomically};
use crate::table::literal;
use crate::view::View;
use anyhow::{Context as _, Result, bail};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Compare optimizers or results with the first of them: per problem and over all, with verdicts, what a wrong learning
/// rate costs, and what a step costs.
#[derive(clap::Args)]
pub struct Args {
    /// Optimizers, which are tuned and run on seven problems first; folders of results, of each the best optimizer on each
    /// problem; or optimizers within the folder given with --within, by parts of their names.
    #[cfg_attr(feature = "burn", arg(required_unless_present = "burn"))]
    #[cfg_attr(not(feature = "burn"), arg(required = true))]
    contestants: Vec<String>,
    /// Compare optimizers within these results, such as results/default.
    #[arg(long, value_name = "DIR")]
    within: Option<PathBuf>,
    /// Losses that differ by less than this share are a tie.
    #[arg(long, default_value_t = 0.01)]
    equivalence: f64,
    /// Also write README.md, problems.csv and overall.csv there.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How the table of problems is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// burn's optimizers against ours: how far their paths part and why, whether it matters to a training, and what a step
    /// costs. Writes results/burn-parity, README.md last.
    #[cfg(feature = "burn")]
    #[arg(long, conflicts_with_all = ["contestants", "within", "out"])]
    burn: bool,
    #[cfg(feature = "burn")]
    #[command(flatten)]
    parity: super::parity::Args,
}

/// Runs the command.
///
/// # Errors
/// If results cannot be read, a name is unknown, or the contestants have no problem in common.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    #[cfg(feature = "burn")]
    if args.burn {
        return super::parity::run(&args.parity, context);
    }
    if args.contestants.len() < 2 {
        bail!(Usage("compare what with what? name two results or more, or with --within two optimizers".into()));
    }
    let folder = |name: &String| Path::new(name).is_dir();
    let within_dir = match (&args.within, args.contestants.iter().any(folder)) {
        (Some(dir), _) => Some(dir.clone()),
        (None, true) => None,
        (None, false) => Some(run_them(args, context)?),
    };
    let folders: Vec<PathBuf> = match &within_dir {
        Some(dir) => vec![dir.clone()],
        None => args.contestants.iter().map(PathBuf::from).collect(),
    };
    let results = folders.iter().map(|dir| read(dir)).collect::<Result<Vec<_>>>()?;
    let views = results.iter().map(|r| View::new(r, &context.lab)).collect::<Result<Vec<_>>>()?;
    let contestants = match &within_dir {
        Some(dir) => args.contestants.iter().map(|name| within(&views[0], name, dir)).collect::<Result<_>>()?,
        None => views.iter().zip(&args.contestants).map(|(view, name)| best(view, name)).collect(),
    };
    let comparison = Comparison { contestants, equivalence: args.equivalence };
    if comparison.problems().is_empty() {
        let of = |c: &Contestant| format!("{}: {}", c.label, c.members.keys().cloned().collect::<Vec<_>>().join(", "));
        let all: Vec<String> = comparison.contestants.iter().map(of).collect();
        bail!(Usage(format!("no problem is in all of them; {}", all.join("; "))));
    }
    let (problems, overall) = (comparison.by_problem(), comparison.overall());
    say(&args.format.render(&problems)?);
    if args.format == Format::Table {
        say(&format!("\n{}\n{}", overall.text(), comparison.words()));
    }
    if let Some(dir) = &args.out {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let page = format!(
            "# {}\n\n{}\n## Over all problems\n\n{}\n## Problem by problem\n\n{}",
            literal(&args.contestants.join(" against ")),
            literal(&comparison.words()),
            overall.markdown(),
            problems.markdown()
        );
        write_atomically(&dir.join("problems.csv"), problems.csv()?.as_bytes())?;
        write_atomically(&dir.join("overall.csv"), overall.csv()?.as_bytes())?;
        write_atomically(&dir.join("README.md"), page.as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where optimizers are compared that were not run yet: models on four data sets' worth of problems, and three functions.
const PROBLEMS: &str = r#"seeds = 2
epochs = 15
steps = 500
[protocol]
[[problem]]
name = "softmax"
data = "digits"
[[problem]]
name = "mlp"
data = ["digits", "breast_cancer"]
[[problem]]
name = "mlp"
data = "diabetes"
loss = "squared"
[[problem]]
name = ["chained-rosenbrock", "ellipsoid"]
start = "random"
[[problem]]
name = "noisy-quadratic"
"#;

/// Tunes and runs optimizers; their folder.
fn run_them(args: &Args, context: &Context) -> Result<PathBuf> {
    let mut text = PROBLEMS.to_owned();
    for name in &args.contestants {
        context.lab.optimizers.configure(&serde_json::json!({ "name": name })).map_err(|e| {
            Usage(format!("{e}; no folder of that name is here, either; folders of results come from `downhill sweep`"))
        })?;
        text.push_str(&format!("[[optimizer]]\nname = {}\n", serde_json::json!(name)));
    }
    let safe = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '-' };
    let name: String = args.contestants.join("-vs-").chars().map(safe).collect();
    let dir = context.results.join("compare").join(name);
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let study = dir.join("compare.toml");
    write_atomically(&study, text.as_bytes())?;
    super::sweep::quietly(&study, &dir, context)?;
    Ok(dir)
}

fn read(dir: &Path) -> Result<Results> {
    if !crate::store::has_tables(dir) {
        bail!(Usage(format!(
            "{} is no folder of results (it has no trials.csv); run `downhill sweep` first, or name optimizers with --within",
            dir.display()
        )));
    }
    Results::read(dir)
}

/// The best optimizer of some results on each problem.
fn best<'v>(view: &'v View<'v>, name: &str) -> Contestant<'v> {
    let leader = |g: &'v Group<'v>| Some((g.title(), &g.members[g.leader()?]));
    contestant(view, name.trim_end_matches('/').to_owned(), view.groups.iter().filter_map(leader).collect())
}

/// One optimizer of some results, tuned or at its default.
fn within<'v>(view: &'v View<'v>, name: &str, dir: &Path) -> Result<Contestant<'v>> {
    let all = |g: &'v Group<'v>| g.members.iter().chain(&g.defaults);
    let exact = view.groups.iter().flat_map(all).any(|m| m.label == name);
    let fits = |m: &&Member| if exact { m.label == name } else { m.label.contains(name) };
    let mut labels: Vec<&str> = view.groups.iter().flat_map(all).filter(fits).map(|m| m.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    let [label] = labels[..] else {
        let mut known: Vec<&str> = view.groups.iter().flat_map(all).map(|m| m.label.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        let what = if labels.is_empty() { "is none" } else { "is more than one" };
        bail!(Usage(format!("`{name}` {what} of the optimizers in {}: {}", dir.display(), known.join(", "))));
    };
    let member = |g: &'v Group<'v>| Some((g.title(), all(g).find(|m| m.label == label)?));
    Ok(contestant(view, label.to_owned(), view.groups.iter().filter_map(member).collect()))
}

fn contestant<'v>(view: &'v View<'v>, label: String, members: BTreeMap<String, &'v Member<'v>>) -> Contestant<'v> {
    let timings: HashMap<&str, _> = view.results.timings.iter().flatten().map(|t| (t.key.as_str(), t)).collect();
    Contestant { label, members, timings }
}
