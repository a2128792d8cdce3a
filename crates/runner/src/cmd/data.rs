//! `downhill data`: which data sets are here, and getting those that are not.

use super::{Context, Format, Usage, say};
use crate::fetch::{Fetch, Got, recorded};
use crate::table::{Cell, Table};
use anyhow::Result;
use clap::Subcommand;
use downhill::unknown;
use downhill_problems::Dataset;
use downhill_problems::data::{Bundled, DATA_DIR, Digest, Known, Places};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Say which data sets are on this machine, and get others. Nothing else of downhill connects to anything.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(ListArgs),
    Get(GetArgs),
}

/// List the data sets that a study can name: which are here and where, under which licence, and how the bytes are known.
#[derive(clap::Args)]
struct ListArgs {
    /// A folder of data sets, searched first; else that of DOWNHILL_DATA_DIR.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Get data sets, unless they are here. Each file is checked by its sha256 before it has its name; the same command goes
/// on after a fault.
#[derive(clap::Args)]
struct GetArgs {
    /// Their names, as in `downhill data list`.
    #[arg(required = true)]
    names: Vec<String>,
    /// Where to keep them, and to look first; sweeps find them there if DOWNHILL_DATA_DIR names the folder. Without it, the
    /// cache (~/.cache/downhill).
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Another machine that has the downloads, as URL/NAME/FILE; else that of DOWNHILL_MIRROR.
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,
    /// Connect to nothing: only say if they are here, and whole.
    #[arg(long)]
    offline: bool,
}

/// Runs the command.
///
/// # Errors
/// If there is no such data set, or it cannot be fetched.
pub fn run(args: &Args, _: &Context) -> Result<ExitCode> {
    match &args.command {
        Command::List(args) => list(args)?,
        Command::Get(args) => get(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn places(given: Option<&PathBuf>) -> Places {
    let places = Places::of_this_machine();
    Places { given: given.cloned().or(places.given), ..places }
}

fn list(args: &ListArgs) -> Result<()> {
    let places = places(args.data_dir.as_ref());
    let columns = ["name", "rows", "features", "target", "here", "known by", "MB", "licence", "source"];
    let mut table = Table::new(columns.map(|name| (name, name)));
    for set in Dataset::bundled() {
        table.rows.push(vec![
            set.name.into(),
            (set.rows as f64).into(),
            (set.width as f64).into(),
            set.classes.map_or("a number".to_owned(), |n| format!("{n} classes")).into(),
            "bundled".into(),
            "bundled".into(),
            Cell::Empty,
            set.licence.into(),
            set.source.into(),
        ]);
    }
    for set in Dataset::known() {
        let found = places.find(set);
        let here =
            found.as_ref().map_or("no".to_owned(), |found| format!("{}: {}", found.place, found.folder.display()));
        table.rows.push(vec![
            set.name.into(),
            (set.rows as f64).into(),
            set.width.map_or("words".into(), |n| (n as f64).into()),
            format!("{} classes", set.classes).into(),
            here.into(),
            known_by(set, found.as_ref().map(|found| found.folder.as_path()))?.into(),
            set.megabytes.into(),
            set.licence.into(),
            set.source.into(),
        ]);
    }
    say(&args.format.render(&table)?);
    Ok(())
}

/// What says that the bytes of a data set are the right ones. A download's digest says nothing of files that came
/// another way.
fn known_by(known: &Known, folder: Option<&Path>) -> Result<String> {
    let sum = |file| folder.map(|folder| recorded(folder, file)).transpose().map(Option::flatten);
    let digests = || known.downloads.iter().map(|download| download.digest);
    if digests().all(|digest| matches!(digest, Digest::Content(_))) {
        return Ok("sha256 of the files".to_owned());
    }
    let sum = sum(known.files().next().unwrap_or_default())?;
    Ok(match (digests().any(|digest| digest == Digest::FirstUse), folder, sum) {
        (_, Some(_), None) => "nothing: not fetched by downhill".to_owned(),
        (false, ..) => "sha256 of the download".to_owned(),
        (true, _, None) => "the first use".to_owned(),
        (true, _, Some(sum)) => format!("the first use, {}", &sum[..sum.len().min(12)]),
    })
}

fn get(args: &GetArgs) -> Result<()> {
    let mirror = args.mirror.clone().or_else(|| std::env::var("DOWNHILL_MIRROR").ok()).filter(|url| !url.is_empty());
    let fetch = Fetch { places: places(args.data_dir.as_ref()), mirror, offline: args.offline };
    // A misspelt name stops all, before anything is fetched.
    let wanted = args.names.iter().map(|name| find(name)).collect::<Result<Vec<_>>>()?;
    for (name, known) in args.names.iter().zip(wanted) {
        let Some(known) = known else {
            say(&format!("{name} is bundled: there is nothing to get\n"));
            continue;
        };
        say(&match fetch.get(known)? {
            Got::Here(found) => format!("{name} is here ({}): {}\n", found.place, found.folder.display()),
            Got::Fetched(folder) => {
                let aside = args.data_dir.is_some() && std::env::var_os(DATA_DIR).map(PathBuf::from) != args.data_dir;
                let hint =
                    if aside { format!("; sweeps find it with {DATA_DIR} set to its parent") } else { String::new() };
                format!(
                    "{name} is now in {}{hint}\nlicence: {}\nsource: {}\n",
                    folder.display(),
                    known.licence,
                    known.source
                )
            }
        });
    }
    Ok(())
}

/// `None` of a bundled one.
fn find(name: &str) -> Result<Option<&'static Known>> {
    if Bundled::named(name).is_some() {
        return Ok(None);
    }
    let known = Known::named(name).map(Some);
    Ok(known.ok_or_else(|| Usage(unknown("data set", name, Dataset::known().iter().map(|set| set.name)).0))?)
}
