//! The program: its command line, and how another crate brings its own optimizers and problems to it.

use crate::cmd::{self, Context, Usage};
use crate::lab::Lab;
use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use downhill::{Entry, Method, Registry, Wrapper, WrapperEntry};
#[cfg(feature = "burn")]
use downhill_burn::{Backend, BurnFamily};
use downhill_problems::{Families, Family, FamilyEntry};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The program with its optimizers and problems. Another crate adds its own, and has all commands for them:
///
/// ```no_run
/// use downhill::{Layout, Method, Optimizer, Real};
/// # #[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
/// # struct Mine;
/// # impl Method for Mine {
/// #     const FACTS: downhill::Facts = downhill::Facts { name: "mine", ..downhill::Sgd::FACTS };
/// #     fn build<R: Real>(&self, layout: &Layout) -> Box<dyn Optimizer<R>> { downhill::Sgd::default().build(layout) }
/// # }
/// fn main() -> std::process::ExitCode {
///     runner::Runner::new().optimizer::<Mine>().main()
/// }
/// ```
pub struct Runner {
    optimizers: Registry,
    families: Families,
    /// Families of burn modules, which wait for their backend.
    #[cfg(feature = "burn")]
    modules: Vec<fn(Backend) -> FamilyEntry>,
}

impl Default for Runner {
    fn default() -> Self {
        Runner {
            optimizers: Registry::builtin(),
            families: Families::builtin(),
            #[cfg(feature = "burn")]
            modules: Vec::new(),
        }
    }
}

/// Which optimizer, at which learning rate, trains best? Sweeps them over problems and seeds, and says what is known.
#[derive(Parser)]
#[command(name = "downhill", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// The folder of all results.
    #[arg(long, global = true, value_name = "DIR")]
    results: Option<PathBuf>,
    /// What computes burn's own optimizers and burn modules: flex or ndarray; wgpu where it is compiled in.
    #[cfg(feature = "burn")]
    #[arg(long, global = true, default_value_t, value_name = "NAME")]
    backend: Backend,
}

const EXAMPLES: &str = "\
Examples:
  downhill recommend --data mine.csv --target price      which optimizer and learning rate, in two minutes
  downhill sweep                                 the default study, some minutes
  downhill sweep mine.toml --dry-run             how many trials, how long
  downhill status mine.toml                      how far it is
  downhill submit slurm mine.toml                the same study on a cluster
  downhill report results/mine                   its tables and figures again, from its files
  downhill serve results/mine                    the same in a browser, while the sweep runs
  downhill import runs.csv                       the runs of another program, as results
  downhill export results/mine --to parquet      for pandas, DuckDB, ...; or tensorboard, or json
  downhill run --problem mlp --data digits --optimizer adam --lr 1e-3 --epochs 20
  downhill compare adam lion                     tunes both, and says which is better where
  downhill time -o adam lion                     what a step of each costs, alone on a pinned thread
  downhill data get fashion-mnist                a data set that studies can name, fetched and checked
  downhill list optimizers                       names, defaults, papers
  downhill list optimizers adam                  what each hyperparameter does";

#[derive(Subcommand)]
enum Command {
    List(cmd::list::Args),
    Recommend(cmd::recommend::Args),
    Run(cmd::run::Args),
    Sweep(cmd::sweep::Args),
    Status(cmd::status::Args),
    Plan(cmd::plan::Args),
    Work(cmd::work::Args),
    Merge(cmd::merge::Args),
    Submit(cmd::submit::Args),
    Plot(cmd::report::PlotArgs),
    Report(cmd::report::Args),
    Serve(cmd::serve::Args),
    Again(cmd::again::Args),
    Pack(cmd::pack::Args),
    Check(cmd::check::Args),
    Compare(cmd::compare::Args),
    Time(cmd::time::Args),
    Import(cmd::import::Args),
    Export(cmd::export::Args),
    Replay(cmd::replay::Args),
    Data(cmd::data::Args),
}

impl Runner {
    /// With everything that comes with downhill.
    pub fn new() -> Self {
        Runner::default()
    }

    /// With one more optimizer.
    ///
    /// # Panics
    /// If its name is taken.
    pub fn optimizer<M: Method>(mut self) -> Self {
        self.optimizers = self.optimizers.with(Entry::of::<M>());
        self
    }

    /// With one more wrapper.
    pub fn wrapper<W: Wrapper>(mut self) -> Self {
        self.optimizers = self.optimizers.with_wrapper(WrapperEntry::of::<W>());
        self
    }

    /// With one more family of problems.
    pub fn problem<F: Family>(mut self) -> Self {
        self.families = self.families.with(FamilyEntry::of::<F>());
        self
    }

    /// With one more family of problems, of burn modules; `--backend` says what computes them.
    #[cfg(feature = "burn")]
    pub fn burn_problem<F: BurnFamily>(mut self) -> Self {
        self.modules.push(downhill_burn::family::<F>);
        self
    }

    /// Does what the command line says. The code is 0 if all went well, 1 after an error, 2 if the command line was
    /// wrong, 3 if a study finished with failed trials, 130 if it was interrupted.
    pub fn main(self) -> ExitCode {
        self.run(std::env::args_os())
    }

    /// As [`main`](Runner::main), with these words, the first of which names the program.
    pub fn run(self, words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
        let cli = match Cli::try_parse_from(words) {
            Ok(cli) => cli,
            Err(e) => {
                // Help and version go to stdout and are no errors; nothing can be done about a closed pipe.
                drop(e.print());
                return ExitCode::from(e.exit_code() as u8);
            }
        };
        match self.command(cli) {
            Ok(code) => code,
            Err(error) => {
                eprintln!("error: {error:#}");
                ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
            }
        }
    }

    fn command(self, cli: Cli) -> Result<ExitCode> {
        let root = root()?;
        let results = cli.results.unwrap_or_else(|| root.join("results"));
        #[cfg(feature = "burn")]
        let lab = self.lab(cli.backend);
        #[cfg(not(feature = "burn"))]
        let lab = Lab::new(self.optimizers, self.families);
        let context = Context { lab, root, results };
        match cli.command {
            Command::List(args) => cmd::list::run(&args, &context),
            Command::Recommend(args) => cmd::recommend::run(&args, &context),
            Command::Run(args) => cmd::run::run(&args, &context),
            Command::Sweep(args) => cmd::sweep::run(&args, &context),
            Command::Status(args) => cmd::status::run(&args, &context),
            Command::Plan(args) => cmd::plan::run(&args, &context),
            Command::Work(args) => cmd::work::run(&args, &context),
            Command::Merge(args) => cmd::merge::run(&args, &context),
            Command::Submit(args) => cmd::submit::run(&args, &context),
            Command::Plot(args) => cmd::report::plot(&args, &context),
            Command::Report(args) => cmd::report::run(&args, &context),
            Command::Serve(args) => cmd::serve::run(&args, &context),
            Command::Again(args) => cmd::again::run(&args, &context),
            Command::Pack(args) => cmd::pack::run(&args, &context),
            Command::Check(args) => cmd::check::run(&args, &context),
            Command::Compare(args) => cmd::compare::run(&args, &context),
            Command::Time(args) => cmd::time::run(&args, &context),
            Command::Import(args) => cmd::import::run(&args, &context),
            Command::Export(args) => cmd::export::run(&args, &context),
            Command::Replay(args) => cmd::replay::run(&args, &context),
            Command::Data(args) => cmd::data::run(&args, &context),
        }
    }

    /// The known optimizers and problems, burn's optimizers and modules on that backend.
    #[cfg(feature = "burn")]
    pub fn lab(&self, backend: Backend) -> Lab {
        let optimizers = downhill_burn::entries(backend).into_iter();
        let modules =
            downhill_burn::families(backend).into_iter().chain(self.modules.iter().map(|entry| entry(backend)));
        Lab::new(
            optimizers.fold(self.optimizers.clone(), Registry::with),
            modules.fold(self.families.clone(), Families::with),
        )
    }
}

/// The nearest folder above that holds `experiments`, as a path from the current one; the current one if none does.
fn root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder is gone")?;
    let above = here.ancestors().position(|dir| dir.join("experiments").is_dir()).unwrap_or(0);
    Ok(std::iter::repeat_n(Path::new(".."), above).collect())
}
