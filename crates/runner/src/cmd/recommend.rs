//! `downhill recommend`: which optimizer, at which learning rate, for your data.

use super::run::{named, one_value, toml_value};
use super::sweep::interruptible;
use super::{Context, Usage, say};
use crate::lab::Lab;
use crate::pilot;
use crate::progress::{Progress, duration};
use crate::race::{FINAL_SEEDS, Heat, Race, Seen};
use crate::recommend::{Answer, Entrant, Question, entrants, for_burn, for_downhill, settled};
use crate::report::{Pages, Part};
use crate::rounds::FRESH;
use crate::store::{Folder, Results};
use crate::study::Study;
use crate::sweep;
use crate::table::about;
use crate::trial::Trial;
use anyhow::{Result, bail};
use downhill_problems::DataSpec;
use downhill_problems::data::Target;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Find the optimizer, learning rate and schedule for your data: races them, tries the last ones on fresh seeds, and says
/// what is known. Ctrl-C gives the best answer so far; the same command goes on from there.
#[derive(clap::Args)]
pub struct Args {
    /// A name, as in `downhill data list`, a file (.csv, .tsv, .libsvm, idx3-ubyte, also with .gz), or a folder that holds
    /// one of these, with or without a second file for test, or a folder a class with a text file a document.
    #[arg(long, short, required_unless_present = "problem")]
    data: Option<String>,
    /// The column of a table to predict: its name, or its number from 0; without it, the last.
    #[arg(long, value_name = "COLUMN", requires = "data")]
    target: Option<String>,
    /// mlp:64,32 (hidden widths), linear, logistic, softmax or svm.
    #[arg(long, default_value = "mlp:64,32", conflicts_with = "problem")]
    model: String,
    /// Another problem instead of a model: a name, or a table such as '{ name = "rosenbrock" }'.
    #[arg(long, short)]
    problem: Option<String>,
    /// How long it may take: 90s, 2m, 1h.
    #[arg(long, default_value = "2m", value_parser = seconds, conflicts_with = "trials", value_name = "TIME")]
    budget: f64,
    /// How many trials it may take, instead of a time: the same answer on any machine of this kind.
    #[arg(long, value_name = "N")]
    trials: Option<usize>,
    /// What to choose from: names separated by commas, or, separated by semicolons, tables such as
    /// '{ name = "sgd", momentum = 0.9 }'.
    #[arg(long, value_delimiter = ';', value_name = "NAMES")]
    optimizers: Vec<String>,
    /// Schedules to choose from, written as optimizers are.
    #[arg(long, value_delimiter = ';', default_value = "constant,cosine", value_name = "NAMES")]
    schedules: Vec<String>,
    /// How long your training is: passes over the training examples; without it, 20.
    #[arg(long)]
    epochs: Option<u64>,
    /// How long it is in steps; for plain functions, 1000.
    #[arg(long, conflicts_with = "epochs")]
    steps: Option<u64>,
    /// Training examples a step; without it, 32.
    #[arg(long)]
    batch: Option<u64>,
    /// Threads, each running one trial at a time; without it, one for each core.
    #[arg(long, short, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// The folder of the results.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Start over: drop what an earlier race left there.
    #[arg(long)]
    fresh: bool,
    /// Show no progress.
    #[arg(long, short)]
    quiet: bool,
}

/// Runs the command.
///
/// # Errors
/// If the problem or an optimizer is wrong, the budget is too small for any answer, or the folder cannot be written.
pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let lab = &context.lab;
    let question = question(args, lab)?;
    let (entered, left_out) = entrants(&question, lab)?;
    let jobs = args.jobs.map_or_else(sweep::cores, usize::from);
    let templates: Vec<&Trial> = entered.iter().map(|e| &e.template).collect();
    let clock = Instant::now();
    let each = pilot::seconds(&templates, lab)? / templates.len() as f64;
    let left = || (args.budget - clock.elapsed().as_secs_f64()).max(0.0);
    let affordable = |each: f64| (left() * jobs as f64 / each) as usize;
    let trials = args.trials.unwrap_or_else(|| affordable(each));
    let mut race = Race { grids: entered.iter().map(|e| e.start).collect(), trials };
    let least = race.least() + FINAL_SEEDS;
    if race.trials < least {
        let needed = duration(least as f64 * each / jobs as f64);
        bail!(Usage(format!(
            "{} trials are too few for an answer: it takes at least {least} (--trials {least}, or --budget {needed}), or \
             shorter ones (--epochs, --steps)",
            race.trials
        )));
    }
    let dir = args.out.clone().unwrap_or_else(|| context.results.join("recommend").join(name(&question)));
    let mut folder = Folder::open(&dir, args.fresh)?;
    folder.notes().iter().for_each(|note| eprintln!("warning: {note}"));
    if !args.quiet {
        eprintln!(
            "{} optimizers and schedules, {} trials of about {}, {jobs} at a time, results in {}",
            race.admitted(),
            race.trials,
            brief(each),
            dir.display()
        );
        left_out.iter().for_each(|reason| eprintln!("left out: {reason}"));
    }
    let deadline = args.trials.is_none().then(|| clock + Duration::from_secs_f64(args.budget));
    let mut ground = Ground { entered: &entered, folder: &mut folder, lab, jobs, quiet: args.quiet, run: 0 };
    let begun = Instant::now();
    let (seen, ended) = loop {
        let (seen, ended) = ground.run(&race, deadline)?;
        // A pilot of a few steps is a rough guess: what is left of the time goes into a larger race, which has the trials
        // of this one.
        let each = begun.elapsed().as_secs_f64() * jobs as f64 / ground.run.max(1) as f64;
        let possible = seen.len() + affordable(each);
        let worth_it = possible > race.trials + race.trials / 5;
        if args.trials.is_some() || ended != Ended::Over || !worth_it || race.done(&seen, settled) {
            break (seen, ended);
        }
        race.trials = possible;
    };
    let run = ground.run;
    folder.sync()?;
    let Some(answer) = Answer::of(&race, &entered, &seen, |trial| folder.record(trial))? else {
        eprintln!("no trial has come to a sound end yet: nothing can be said; the same command goes on");
        return Ok(if ended == Ended::Interrupted { ExitCode::from(130) } else { ExitCode::from(3) });
    };
    say(&answer.words(&entered, lab));
    let each = begun.elapsed().as_secs_f64() / run.max(1) as f64;
    let spent = Spent { trials: seen.len(), seconds: clock.elapsed().as_secs_f64(), each };
    say(&told(&spent, &race, &answer, &entered, ended));
    write(&question, &answer, &entered, &mut folder, lab)?;
    let best = &entered[answer.champion.entrant];
    let (ours, burns) = (for_downhill(best, answer.champion.lr, lab), for_burn(best, answer.champion.lr, lab));
    let indented = |code: &str| code.lines().map(|line| format!("    {line}\n")).collect::<String>();
    say(&format!("\nIn Rust, with downhill:\n{}\nIn a training loop of burn:\n{}", indented(&ours), indented(&burns)));
    let study = dir.join("study.toml");
    say(&format!("\nThe final again: downhill sweep {}\n", study.display()));
    if !args.quiet {
        eprintln!("figures and tables: {}", dir.join("report.html").display());
    }
    Ok(if ended == Ended::Interrupted { ExitCode::from(130) } else { ExitCode::SUCCESS })
}

/// What the command line asks.
fn question(args: &Args, lab: &Lab) -> Result<Question> {
    let mut problem = match &args.problem {
        Some(text) => named("--problem", text)?,
        None => model(&args.model)?,
    };
    if let Some(data) = &args.data {
        problem.insert("data".to_owned(), data_table(data, args.target.as_deref())?);
    }
    let mut batch = args.batch;
    if let (None, Some(table)) = (&args.problem, problem.get("data")) {
        let spec: DataSpec = serde_json::from_value(table.clone()).map_err(|e| Usage(e.to_string()))?;
        let data = lab.world.dataset(&spec).map_err(|e| Usage(e.to_string()))?;
        let takes_both = ["mlp", "linear"].iter().any(|name| problem["name"] == *name);
        if takes_both && matches!(data.target, Target::Numbers(_)) {
            problem.insert("loss".to_owned(), json!("squared"));
        }
        // Of few rows, of which a part is kept from training, a batch of the usual size cannot be drawn.
        batch = batch.or_else(|| Some(data.rows() as u64 / 2).filter(|&half| half < 32).map(|half| half.max(1)));
    }
    problem.iter_mut().for_each(|(key, value)| one_value(key, value));
    let mut study = Map::from_iter([("problem".to_owned(), json!([problem])), ("points".to_owned(), json!(16))]);
    match (args.epochs, args.steps) {
        (None, None) => study.extend([("epochs".to_owned(), json!(20)), ("steps".to_owned(), json!(1000))]),
        (epochs, steps) => {
            study.extend(epochs.map(|n| ("epochs".to_owned(), json!(n))));
            study.extend(steps.map(|n| ("steps".to_owned(), json!(n))));
        }
    }
    study.extend(batch.map(|n| ("batch".to_owned(), json!(n))));
    let lenient = args.optimizers.is_empty();
    let optimizers = match lenient {
        true => Question::usual_optimizers(),
        false => each(&args.optimizers).map(|text| named("--optimizers", text)).collect::<Result<_>>()?,
    };
    let schedules = each(&args.schedules).map(|text| toml_value("--schedules", text)).collect::<Result<_>>()?;
    Ok(Question { study, optimizers, schedules, lenient })
}

/// Names separated by commas, and tables, which have commas of their own.
fn each(texts: &[String]) -> impl Iterator<Item = &str> {
    let apart = |text: &String| if text.contains('{') { '\0' } else { ',' };
    texts.iter().flat_map(move |text| text.split(apart(text))).map(str::trim).filter(|text| !text.is_empty())
}

/// `mlp:64,32` or the name of a linear model.
fn model(text: &str) -> Result<Map<String, Value>> {
    const KNOWN: &str = "allowed are mlp:64,32 (hidden widths, at least 1), linear, logistic, softmax, svm";
    let wrong = || Usage(format!("--model {text}: {KNOWN}"));
    let (name, widths) = text.split_once(':').unwrap_or((text, ""));
    let mut table = Map::from_iter([("name".to_owned(), json!(name))]);
    match name {
        "mlp" if !widths.is_empty() => {
            let width = |w: &str| w.trim().parse().ok().filter(|&n: &usize| n > 0).ok_or_else(wrong);
            let hidden: Vec<usize> = widths.split(',').map(width).collect::<Result<_, _>>()?;
            table.insert("hidden".to_owned(), json!(hidden));
        }
        "mlp" | "linear" | "logistic" | "softmax" | "svm" if widths.is_empty() => {}
        _ => bail!(wrong()),
    }
    Ok(table)
}

/// A name, a file, or a folder.
fn data_table(data: &str, target: Option<&str>) -> Result<Value> {
    let folder = Path::new(data).is_dir();
    let Some(target) = target else { return Ok(if folder { json!({ "folder": data }) } else { json!(data) }) };
    if folder || matches!(data.parse(), Ok(DataSpec::Name(_) | DataSpec::Libsvm(_) | DataSpec::Idx(_))) {
        bail!(Usage(format!("--target {target}: {data} has one target; a column is chosen of a table (.csv, .tsv)")));
    }
    let column = target.parse::<i64>().map_or(json!(target), |number| json!(number));
    Ok(json!({ "csv": data, "target": column }))
}

/// The name of a folder for the results: problem and data, safe as a file name.
fn name(question: &Question) -> String {
    let problem = &question.study["problem"][0];
    let data = match &problem["data"] {
        Value::String(text) => text.clone(),
        table => ["csv", "idx", "folder"].iter().find_map(|key| table[*key].as_str()).unwrap_or_default().to_owned(),
    };
    let stem = Path::new(&data).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let text = format!("{}-{stem}", problem["name"].as_str().unwrap_or("problem"));
    let safe: String = text.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    safe.trim_matches(['-', '.']).to_owned()
}

/// Why a race ended.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ended {
    /// Nothing is left to run.
    Over,
    /// Its time is over.
    Late,
    /// Ctrl-C.
    Interrupted,
}

/// Where a race is run: its trials, their records.
struct Ground<'a> {
    entered: &'a [Entrant],
    folder: &'a mut Folder,
    lab: &'a Lab,
    jobs: usize,
    quiet: bool,
    /// Trials that were run, and not found done.
    run: usize,
}

impl Ground<'_> {
    /// Runs the race, round by round; what the journal has is not run again.
    fn run(&mut self, race: &Race, deadline: Option<Instant>) -> Result<(Seen, Ended)> {
        let stop = interruptible()?;
        let mut seen = Seen::new();
        let mut progress = Progress::new(race.trials, self.quiet);
        let ended = loop {
            let plan = race.next(&seen, settled);
            if plan.is_empty() {
                break Ended::Over;
            }
            let in_final = plan.iter().any(|heat| heat.seed >= FRESH);
            let mut trials: Vec<(Option<Heat>, Trial)> =
                plan.iter().map(|heat| (Some(*heat), self.entered[heat.entrant].trial(heat))).collect();
            if in_final {
                // The default beside the finalists, which is no part of the race.
                let first = &self.entered[0];
                let seeds = FRESH..FRESH + FINAL_SEEDS as u64;
                trials.extend(seeds.map(|seed| (None, first.at(first.default, seed))));
            }
            let todo: Vec<Trial> =
                trials.iter().map(|(_, trial)| trial.clone()).filter(|t| !self.folder.has(&t.key())).collect();
            self.run += todo.len();
            let late = self.sweep(&todo, deadline, stop, &mut progress)?;
            for (heat, trial) in &trials {
                if let (Some(heat), Some(finish)) = (heat, self.folder.finish_of(&trial.key())) {
                    seen.insert(*heat, finish);
                }
            }
            if late {
                break Ended::Late;
            }
            if stop.load(Ordering::Relaxed) {
                break Ended::Interrupted;
            }
        };
        progress.end();
        Ok((seen, ended))
    }

    /// Runs trials until they are done, the deadline, or ctrl-C. Whether it was the deadline.
    fn sweep(
        &mut self,
        todo: &[Trial],
        deadline: Option<Instant>,
        stop: &AtomicBool,
        progress: &mut Progress,
    ) -> Result<bool> {
        let (over, late, done) = (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) && !over.load(Ordering::Relaxed) {
                    let passed = deadline.is_some_and(|d| Instant::now() >= d);
                    late.fetch_or(passed, Ordering::Relaxed);
                    over.fetch_or(passed || stop.load(Ordering::Relaxed), Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(20));
                }
            });
            let folder = &mut *self.folder;
            let result = sweep::run(todo, self.lab, self.jobs, &over, |record| {
                progress.add(&record);
                folder.append(&record)
            });
            done.store(true, Ordering::Relaxed);
            result
        })?;
        Ok(late.load(Ordering::Relaxed))
    }
}

/// What a race took.
struct Spent {
    trials: usize,
    seconds: f64,
    /// Seconds of one more trial, on all threads.
    each: f64,
}

/// What it took, and what more would buy.
fn told(spent: &Spent, race: &Race, answer: &Answer, entered: &[Entrant], ended: Ended) -> String {
    let (trials, time) = (spent.trials, duration(spent.seconds));
    let mut text = format!("  {:<10} {trials} trials, {time} (the same again: --trials {})", "spent", race.trials);
    text.push_str(match ended {
        Ended::Over => "\n",
        Ended::Late => ", all of its time\n",
        Ended::Interrupted => ", interrupted\n",
    });
    let mut more = Vec::new();
    if let Some((alternatives, trials)) = answer.open() {
        let time = duration(trials as f64 * spent.each);
        more.push(format!(
            "about {} trials ({time}) would tell the best apart from {alternatives} of the others",
            about(trials)
        ));
    }
    if race.admitted() < entered.len() {
        let names: Vec<&str> = entered[race.admitted()..].iter().map(|e| e.label.as_str()).collect();
        more.push(format!("a larger budget would also try {}", names.join("; ")));
    }
    if more.is_empty() && ended == Ended::Over {
        more.push("nothing: every alternative is told apart, or as good".to_owned());
    }
    for (i, line) in more.iter().enumerate() {
        text.push_str(&format!("  {:<10} {line}\n", if i == 0 { "more" } else { "" }));
    }
    text
}

/// The study of the final, its tables and its report.
fn write(question: &Question, answer: &Answer, entered: &[Entrant], folder: &mut Folder, lab: &Lab) -> Result<()> {
    let first = &entered[0];
    let mut finalists: Vec<(&Entrant, f64)> =
        answer.places().map(|place| (&entered[place.entrant], place.lr)).collect();
    if answer.fresh && !finalists.iter().any(|(e, lr)| e.label == first.label && *lr == first.default) {
        finalists.push((first, first.default));
    }
    let from = if answer.fresh { FRESH } else { 0 };
    let seeds: Vec<u64> = (from..from + answer.seeds() as u64).collect();
    let asked = "Which optimizer, at which learning rate, for these data? The final of downhill recommend.";
    let text = question.study_text(asked, &finalists, &seeds)?;
    let dir = folder.path().to_owned();
    let study = Study::parse(dir.file_name().unwrap_or_default().to_string_lossy().into_owned(), text, lab)
        .map_err(|fault| anyhow::anyhow!("the study of the final, line {}: {}", fault.line, fault.text))?;
    folder.describe(&study, lab)?;
    folder.finish(&study, lab)?;
    Pages::of(&Results::read(&dir)?, Part::All, lab)?.write()
}

/// `0.12 s`, `35 ms`.
fn brief(seconds: f64) -> String {
    if seconds < 0.1 { format!("{:.1} ms", 1e3 * seconds) } else { format!("{seconds:.2} s") }
}

/// `90s`, `2m`, `1h`, or a number of seconds.
fn seconds(text: &str) -> Result<f64, String> {
    let (digits, unit) = text.split_at(text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len()));
    let unit = match unit {
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err("expected a time such as 90s, 2m or 1h".into()),
    };
    match digits.trim().parse::<f64>() {
        Ok(number) if number > 0.0 && (number * unit).is_finite() => Ok(number * unit),
        _ => Err("expected a time above zero, such as 90s, 2m or 1h".into()),
    }
}
