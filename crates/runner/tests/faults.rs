//! What can go wrong while a study runs: torn files, full disks, panics, a second sweep, ctrl-C.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{LONG, Place, SMALL, superuser, wait_for};
use downhill::{Layout, Real};
use downhill_problems::{
    Context, Facts, Family, FamilyFacts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch,
};
use std::fs;
use std::io::Read as _;
use std::process::{Command, ExitCode};
use std::sync::Arc;

#[test]
fn a_torn_last_line_is_cut_and_its_trial_runs_again() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.run("sweep study.toml -q --out out").expect(0, &[]);
    let (whole, tables) = (place.read("out/journal.jsonl"), place.tables("out"));
    for missing in [1, 9, 400] {
        place.write("out/journal.jsonl", &whole[..whole.len() - missing]);
        place.run("sweep study.toml -q --out out").expect(0, &["journal.jsonl:36", "cut short"]);
        assert_eq!(place.keys("out").len(), 36);
        assert!(place.tables("out") == tables);
    }
}

#[test]
fn a_damaged_line_is_named_and_its_trial_runs_again() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.run("sweep study.toml -q --out out").expect(0, &[]);
    let (whole, tables) = (place.read("out/journal.jsonl"), place.tables("out"));
    let lines: Vec<&str> = whole.lines().collect();
    let damages: [(&str, String); 3] = [
        ("journal.jsonl:3", whole.replacen(lines[2], &lines[2].replacen('1', "2", 5), 1)),
        ("journal.jsonl:7", whole.replacen(lines[6], "", 1)),
        ("journal.jsonl:12", whole.replacen(lines[11], &lines[11][..50], 1)),
    ];
    for (at, damaged) in damages {
        place.write("out/journal.jsonl", damaged);
        place.run("sweep study.toml -q --out out").expect(0, &[at, "damaged"]);
        assert_eq!(place.keys("out").len(), 36);
        assert!(place.tables("out") == tables, "{at}");
        // The damage is gone.
        assert_eq!(place.run("sweep study.toml -q --out out").expect(0, &[]).err, "");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_refused_before_the_first_trial() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    place.write("file", "");
    place.run("sweep study.toml --out file/below").expect(1, &["error", "file/below"]);
    if superuser(&place.path("")) {
        eprintln!("SKIPPED: a read-only folder keeps the superuser from nothing");
        return;
    }
    let mut permissions = fs::metadata(place.path("")).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(place.path(""), permissions).unwrap();
    place.run("sweep study.toml --out below").expect(1, &["error", "below", "denied"]);
}

/// Mounts a small disk, which only the superuser may do.
#[test]
fn a_full_disk_keeps_what_was_written() {
    let place = Place::new();
    place.write("study.toml", SMALL);
    fs::create_dir(place.path("disk")).unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=96k", "tmpfs"]).arg(place.path("disk")).output();
    if !mounted.is_ok_and(|m| m.status.success()) {
        eprintln!("SKIPPED: a small disk cannot be mounted here");
        return;
    }
    let done = place.run("sweep study.toml -q --jobs 2 --out disk/out");
    let kept = place.keys("disk/out");
    let enlarged = Command::new("mount").args(["-o", "remount,size=4m"]).arg(place.path("disk")).status();
    let resumed = place.run("sweep study.toml -q --out disk/out");
    let (keys, tables) = (place.keys("disk/out"), place.tables("disk/out"));
    drop(Command::new("umount").arg("-l").arg(place.path("disk")).status());
    done.expect(1, &["disk/out/journal.jsonl", "cannot write"]);
    assert!(!kept.is_empty() && kept.len() < 36, "{} trials were kept", kept.len());
    assert!(enlarged.unwrap().success());
    resumed.expect(0, &[]);
    assert!(keys.starts_with(&kept) && keys.len() == 36);
    place.run("sweep study.toml -q --out undisturbed").expect(0, &[]);
    assert!(tables == place.tables("undisturbed"));
}

#[test]
fn a_second_sweep_is_refused() {
    let place = Place::new();
    place.write("study.toml", LONG);
    let mut first = place.spawn("sweep study.toml -q --jobs 1 --out out");
    wait_for(|| !place.keys("out").is_empty());
    let second = place.run("sweep study.toml -q --out out");
    let fresh = place.run("sweep study.toml -q --out out --fresh");
    let kept = !place.keys("out").is_empty();
    first.kill().unwrap();
    first.wait().unwrap();
    let process = format!("process {}", first.id());
    second.expect(1, &["another sweep", &process, "out"]);
    fresh.expect(1, &[&process]);
    assert!(kept, "--fresh removes nothing that another sweep is writing");
    place.run("sweep study.toml -q --out out --filter seed=0").expect(0, &[]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_sweep_stops_soon_keeps_what_is_done_and_says_how_to_go_on() {
    ["-INT", "-TERM", "-HUP"].into_iter().for_each(interrupted_by);
}

#[cfg(unix)]
fn interrupted_by(signal: &str) {
    let place = Place::new();
    // Trials of minutes: a sweep that waited for their end would not stop soon.
    place.write("study.toml", LONG.replace("steps = 60000", "steps = [1000, 2000000000]"));
    let mut child = place.spawn("sweep study.toml -q --jobs 2 --out out");
    wait_for(|| !place.keys("out").is_empty());
    let begun = std::time::Instant::now();
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let code = child.wait().unwrap().code();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(code, Some(130), "{signal}: {said}");
    assert!(begun.elapsed().as_secs_f64() < 2.0, "{:?}", begun.elapsed());
    assert!(said.contains("trials are done and kept; the same command goes on"), "{said}");
    assert!(!place.keys("out").is_empty());
}

#[test]
fn a_folder_that_is_removed_stops_the_sweep() {
    let place = Place::new();
    place.write("study.toml", LONG.replace("steps = 60000", "steps = 2000000"));
    let mut child = place.spawn("sweep study.toml -q --jobs 1 --out out");
    wait_for(|| !place.keys("out").is_empty());
    fs::remove_dir_all(place.path("out")).unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{said}");
    assert!(said.contains("journal.jsonl was removed while it was written"), "{said}");
}

#[test]
fn a_trial_that_takes_too_long_has_no_result() {
    let place = Place::new();
    let study = |long: &str| {
        format!(
            "steps = [200, {long}]\nlr = 0.001\nseeds = 2\n[[optimizer]]\nname = \"sgd\"\n[[problem]]\nname = \"sphere\"\n"
        )
    };
    place.write("study.toml", study("2000000000"));
    let sweep = "sweep study.toml -q --jobs 1 --out out --trial-timeout 0.8";
    for _ in 0..2 {
        place
            .run(sweep)
            .expect(3, &["2 trials took more than 0.8 s", "tried again by the next sweep", "lr 0.001, seed 1"]);
        assert_eq!(place.keys("out").len(), 2, "a timeout is no result");
    }
    let all = place.read("out/trials.csv");
    place.write("short.toml", study("201").replace("[200, 201]", "200"));
    place.run("sweep short.toml -q --out short").expect(0, &[]);
    assert_eq!(all, place.read("short/trials.csv"));
    place.run("sweep study.toml --out out --trial-timeout 0").expect(2, &["no number of seconds > 0"]);
}

/// A problem that panics at its 50th gradient.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Panics {
    at: u64,
    /// The step that never ends.
    hangs: u64,
}

impl Default for Panics {
    fn default() -> Self {
        Panics { at: 50, hangs: 10_000 }
    }
}

impl Family for Panics {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "panics",
        formula: "x^2, until it is too much",
        source: "this test",
        teaches: "that one trial's panic is one trial's",
        hypers: &[],
        tags: &["function"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(self.clone()))
    }
}

impl Info for Panics {
    fn layout(&self) -> Layout {
        Layout::vector(1)
    }
    fn examples(&self) -> usize {
        0
    }
    fn facts(&self) -> Facts {
        Facts::default()
    }
}

impl<R: Real> Problem<R> for Panics {
    fn start(&self, _: &mut downhill_problems::Rng, x: &mut [R]) {
        x[0] = R::ONE;
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        assert!(sample.t < self.at, "step {} is too much", self.at);
        if sample.t >= self.hangs {
            loop {
                std::thread::park();
            }
        }
        g[0] = x[0] + x[0];
        x[0] * x[0]
    }
    fn measure(&self, x: &[R], _: Part, _: &mut Scratch<R>) -> Measures {
        let loss = (x[0] * x[0]).to_f64();
        Measures { objective: loss, loss, metric: None }
    }
}

#[test]
fn a_panic_is_one_failed_trial() {
    let place = Place::new();
    let study = "steps = 100\nlr = 0.1\nseeds = 2\n[[optimizer]]\nname = \"sgd\"\n[[problem]]\nname = \"panics\"\nat = [50, 1000]\n";
    place.write("study.toml", study);
    let sweep = || {
        let words = ["downhill", "sweep", "-q", "--jobs", "2"].map(Into::into);
        let paths = [place.path("study.toml"), "--out".into(), place.path("out")].map(Into::into);
        runner::Runner::new()
            .problem::<Panics>()
            .run(words.into_iter().chain(paths).collect::<Vec<std::ffi::OsString>>())
    };
    assert_eq!(sweep(), ExitCode::from(3));
    let rows = place.read("out/trials.csv");
    assert_eq!(rows.matches("panic: step 50 is too much").count(), 2, "{rows}");
    assert_eq!(rows.matches(",finished,").count(), 2, "{rows}");
    // What failed is tried again, what is finished is not.
    assert_eq!(sweep(), ExitCode::from(3));
    assert_eq!(place.keys("out").len(), 4 + 2);
    assert_eq!(place.read("out/trials.csv"), rows);
}

#[test]
fn a_step_that_never_ends_is_left_behind() {
    let place = Place::new();
    let study = "steps = 100\nlr = 0.1\nseeds = 2\n[[optimizer]]\nname = \"sgd\"\n[[problem]]\nname = \"panics\"\nat = 1000\nhangs = [50, 1000]\n";
    place.write("study.toml", study);
    // One thread: each trial that hangs would keep all others waiting.
    let words = ["downhill", "sweep", "-q", "--jobs", "1", "--trial-timeout", "0.5"].map(Into::into);
    let paths = [place.path("study.toml"), "--out".into(), place.path("out")].map(Into::into);
    let words: Vec<std::ffi::OsString> = words.into_iter().chain(paths).collect();
    assert_eq!(runner::Runner::new().problem::<Panics>().run(words), ExitCode::from(3));
    assert_eq!(place.keys("out").len(), 2, "those that end have a result, the others none");
    let rows = place.read("out/trials.csv");
    assert_eq!((rows.lines().count(), rows.matches(",finished,").count()), (1 + 2, 2), "{rows}");
}
