//! Gives readers of files a million damaged inputs each:
//! `cargo run --release -p runner --no-default-features --example fuzz -- [--inputs N] [FORMAT...]`
//!
//! Each format is read in a process of its own that may have 1 GiB of memory (`ulimit -v`, where there is a shell) and ten
//! seconds of the processor an input. An input is a function of its number; one that fails is kept in `target/fuzz/`, and belongs into
//! `crates/runner/tests/fuzz/corpus/` once its cause is gone. The last lines are a table.

#[path = "../tests/fuzz/inputs.rs"]
mod inputs;
#[path = "../tests/fuzz/readers.rs"]
mod readers;

use anyhow::{Context as _, Result, bail, ensure};
use cpu_time::ProcessTime;
use readers::{Bench, READERS, Reader};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Kilobytes of address space.
const MEMORY: u64 = 1 << 20;
/// Of the processor.
const SECONDS: u64 = 10;
/// Of the clock, for what waits for something.
const STILL: u64 = 600;
/// After so many, a format is given up.
const FAILURES: usize = 20;
const FOLDER: &str = "target/fuzz";

fn main() -> Result<ExitCode> {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "--within") {
        let [_, name, from, to, state] = &words[..] else { bail!("--within FORMAT FROM TO FILE") };
        return within(reader(name)?, from.parse()?, to.parse()?, Path::new(state));
    }
    let mut inputs = 1_000_000;
    if let Some(at) = words.iter().position(|word| word == "--inputs") {
        ensure!(at + 1 < words.len(), "--inputs N");
        inputs = words[at + 1].parse().context("--inputs N")?;
        words.drain(at..at + 2);
    }
    let chosen: Vec<&Reader> = match words.is_empty() {
        true => READERS.iter().collect(),
        false => words.iter().map(|name| reader(name)).collect::<Result<_>>()?,
    };
    fs::create_dir_all(FOLDER).context(FOLDER)?;
    let mut failed = 0;
    println!("format inputs read refused failed peak_mib");
    for reader in chosen {
        let told = all(reader, inputs)?;
        failed += told.failures;
        println!("{} {inputs} {} {} {} {}", reader.name, told.read, told.refused, told.failures, told.peak >> 10);
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn reader(name: &str) -> Result<&'static Reader> {
    let known = || READERS.iter().map(|reader| reader.name).collect::<Vec<_>>().join(", ");
    READERS.iter().find(|reader| reader.name == name).with_context(|| format!("`{name}` is none of {}", known()))
}

#[derive(Default)]
struct Told {
    read: u64,
    refused: u64,
    failures: usize,
    /// Kilobytes.
    peak: u64,
}

/// All inputs of a format, with a new process after each failure.
fn all(reader: &Reader, inputs: u64) -> Result<Told> {
    let (mut from, mut told) = (0, Told::default());
    let bench = Bench::new();
    // Written for each input: in memory, if there is a place.
    let state = bench.path("state");
    while from < inputs && told.failures < FAILURES {
        fs::write(&state, "")?;
        let script = format!("ulimit -v {MEMORY} && exec \"$0\" \"$@\"");
        let mut child = Command::new("sh");
        child.args(["-c", &script]).arg(std::env::current_exe()?).args(["--within", reader.name]);
        child.args([from.to_string(), inputs.to_string()]).arg(&state).stderr(Stdio::piped());
        let ended = child.output().context("sh")?;
        let words = fs::read_to_string(&state)?;
        let numbers: Vec<u64> = words.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let [at, read, refused, peak] = numbers[..] else { bail!("{}: no state in {words:?}", reader.name) };
        told = Told { read: told.read + read, refused: told.refused + refused, peak: told.peak.max(peak), ..told };
        if ended.status.success() {
            break;
        }
        told.failures += 1;
        let input = reader.corpus().input(at);
        let kept = Path::new(FOLDER).join(format!("{}-{at}.{}", reader.name, input.ending));
        fs::write(&kept, &input.bytes)?;
        let why = String::from_utf8_lossy(&ended.stderr);
        eprintln!("{}: {}, {}", kept.display(), ended.status, why.trim().lines().last().unwrap_or_default());
        from = at + 1;
    }
    Ok(told)
}

/// Reads inputs in this process, until one fails. The state is the number of an input, how many were read and refused, and
/// the most memory that there was.
fn within(reader: &Reader, from: u64, to: u64, state: &Path) -> Result<ExitCode> {
    static AT: AtomicU64 = AtomicU64::new(0);
    static TOLD: Mutex<(u64, u64)> = Mutex::new((0, 0));
    let (bench, corpus) = (Bench::new(), reader.corpus());
    let write = |at: u64| {
        let (read, refused) = *TOLD.lock().unwrap_or_else(|e| e.into_inner());
        fs::write(state, format!("{at} {read} {refused} {}", peak()))
    };
    set_hook(Box::new(|info| eprintln!("{}", info.to_string().replace('\n', " "))));
    std::thread::spawn(|| {
        let now = || (AT.load(Ordering::Relaxed), ProcessTime::now().as_duration(), Instant::now());
        let mut since = now();
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let (at, processor, clock) = now();
            if at != since.0 {
                since = (at, processor, clock);
            } else if processor.saturating_sub(since.1).as_secs() >= SECONDS || since.2.elapsed().as_secs() >= STILL {
                eprintln!("more than {SECONDS} seconds");
                std::process::exit(124);
            }
        }
    });
    for number in from..to {
        AT.store(number + 1, Ordering::Relaxed);
        // What ends the process is told by the number that was written before.
        write(number)?;
        let input = corpus.input(number);
        let done = catch_unwind(AssertUnwindSafe(|| reader.read(&bench, &input)));
        let mut told = TOLD.lock().unwrap_or_else(|e| e.into_inner());
        match done {
            Ok(Ok(())) => told.0 += 1,
            Ok(Err(_)) => told.1 += 1,
            Err(_) => return Ok(ExitCode::FAILURE),
        }
    }
    write(to)?;
    Ok(ExitCode::SUCCESS)
}

/// Kilobytes of memory that this process had at most, as Linux tells it.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
