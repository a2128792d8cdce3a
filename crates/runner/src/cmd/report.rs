//! `downhill report` and `downhill plot`: what results say, from their files alone.

use super::{Context, list, say};
use crate::catalogue;
use crate::claims;
use crate::columns;
use crate::findings::findings;
use crate::parity;
use crate::published;
use crate::report::{self, Pages, Part};
use crate::splice::splice;
use crate::store::{self, Results};
use crate::tables;
use crate::view::View;
use anyhow::{Context as _, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write README.md, report.html and the figures of results, from their files alone. Without a folder: of all results,
/// and the findings and tables in README.md and docs/.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    which: Which,
}

/// Draw the figures of results, from their files alone. Without a folder: of all results.
#[derive(clap::Args)]
pub struct PlotArgs {
    #[command(flatten)]
    which: Which,
}

#[derive(clap::Args)]
struct Which {
    /// Folders of results, such as results/article/hiker.
    dirs: Vec<PathBuf>,
    /// Write nothing; say what would change, with code 1 if anything would.
    #[arg(long)]
    check: bool,
}

/// Runs `downhill report`.
///
/// # Errors
/// If results cannot be read or written, or a page has a marker that nothing answers.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let mut pages = args.which.pages(Part::All, context)?;
    if args.which.dirs.is_empty() {
        pages.push(Pages { texts: spliced(context)?, stale: Vec::new() });
        pages.extend(parity(context)?);
    }
    args.which.finish(&pages)
}

/// The page of `downhill compare`, if it has been run.
fn parity(context: &Context) -> Result<Option<Pages>> {
    let dir = context.results.join("burn-parity");
    let page = || Ok(Pages { texts: vec![(dir.join("README.md"), parity::page(&dir)?)], stale: Vec::new() });
    dir.exists().then(page).transpose()
}

/// Runs `downhill plot`.
///
/// # Errors
/// As [`run`].
pub fn plot(args: &PlotArgs, context: &Context) -> Result<ExitCode> {
    args.which.finish(&args.which.pages(Part::Plots, context)?)
}

impl Which {
    fn pages(&self, part: Part, context: &Context) -> Result<Vec<Pages>> {
        let dirs = if self.dirs.is_empty() { studies(&context.results)? } else { self.dirs.clone() };
        ensure!(!dirs.is_empty(), "no results (trials.csv) below {}", context.results.display());
        dirs.iter().map(|dir| Pages::of(&Results::latest(dir, &context.lab)?, part, &context.lab)).collect()
    }

    fn finish(&self, pages: &[Pages]) -> Result<ExitCode> {
        let changed: Vec<&Path> = pages.iter().flat_map(Pages::changed).collect();
        let total: usize = pages.iter().map(|p| p.texts.len()).sum();
        if self.check {
            changed.iter().for_each(|path| say(&format!("{}\n", path.display())));
            ensure!(
                changed.is_empty(),
                "{} of {total} files are not what results say: `downhill report`",
                changed.len()
            );
            return Ok(ExitCode::SUCCESS);
        }
        pages.iter().try_for_each(Pages::write)?;
        say(&format!("{total} files, {} of them changed\n", changed.len()));
        Ok(ExitCode::SUCCESS)
    }
}

/// All folders of finished results below one, in the order of their paths. Packed ones are reported when they are named.
fn studies(dir: &Path) -> Result<Vec<PathBuf>> {
    below(dir, &|dir| dir.join("trials.csv").exists())
}

/// All folders of that kind below one, in the order of their paths.
pub(crate) fn below(dir: &Path, is: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if is(dir) {
        found.push(dir.to_owned());
    }
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let path = entry.with_context(|| format!("cannot read {}", dir.display()))?.path();
        if path.is_dir() {
            found.extend(below(&path, is)?);
        }
    }
    found.sort();
    Ok(found)
}

/// README.md, the pages in docs/ and those between results, with what their markers ask for.
fn spliced(context: &Context) -> Result<Vec<(PathBuf, String)>> {
    let docs = context.root.join("docs");
    let docs = fs::read_dir(&docs).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = docs.filter(|p| p.extension().is_some_and(|e| e == "md")).collect();
    paths.push(context.root.join("README.md"));
    let between = fs::read_dir(&context.results).into_iter().flatten().flatten().map(|entry| entry.path());
    paths.extend(between.filter(|dir| !dir.join("study.toml").exists()).map(|dir| dir.join("README.md")));
    paths.sort();
    let page = |path: PathBuf| {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = splice(&text, |words| fill(words, context)).with_context(|| path.display().to_string())?;
        Ok((path, text))
    };
    paths.into_iter().filter(|path| path.exists()).map(page).collect()
}

/// What a marker asks for: `finding STUDY`, all that was found; `answer STUDY`, a line a problem; `published STUDY`, what
/// others found beside it; `claims FOLDER`, what became of the claims of the studies below it; `table STUDY`, its table;
/// `overall STUDY`, what holds over all its problems; `list KIND`, as the command; `catalogue optimizers`, all that is known of
/// them; `names optimizers`, a line a family; `columns TABLE`, what they are.
fn fill(words: &str, context: &Context) -> Result<String> {
    let Some((what, name)) = words.split_once(' ') else { bail!("`{words}` is not two words") };
    match what {
        "catalogue" => return catalogue::markdown(&context.lab, &context.root),
        "list" => return list::markdown(name, &context.lab),
        "names" => return Ok(catalogue::names(&context.lab)),
        "columns" => return columns::markdown(name),
        "claims" => return claims::markdown(&below(&context.results.join(name), &store::has_tables)?, &context.lab),
        _ => {}
    }
    let results = Results::read(&context.results.join(name))?;
    let view = View::new(&results, &context.lab)?;
    match what {
        "finding" => Ok(report::list(&findings(&view))),
        "answer" => Ok(findings(&view).iter().map(report::headline).collect()),
        "table" => Ok(tables::study(&view).markdown()),
        "overall" => Ok(report::overall(&view)),
        "published" => published::markdown(&view),
        other => bail!(
            "`{other}` is none of `answer`, `catalogue`, `claims`, `columns`, `finding`, `list`, `names`, `overall`, \
             `published`, `table`"
        ),
    }
}
