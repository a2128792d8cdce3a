//! Runs trials: rayon over trials only, one thread inside a trial. A panic is its trial's outcome.

use crate::lab::Lab;
use crate::trial::{Record, Trial};
use anyhow::{Context as _, Result, anyhow};
use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, Once};
use std::time::{Duration, Instant};

/// How long a trial goes on before it looks whether it should stop.
const SLICE: Duration = Duration::from_millis(50);

thread_local! {
    /// A panic on this thread is a trial's outcome, and not printed.
    static WITHIN_TRIAL: Cell<bool> = const { Cell::new(false) };
}

/// One thread for each core.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}

/// Runs the trials on `jobs` threads, and hands each record to `keep`, one at a time. Once `stop` is set, trials under
/// way are dropped within a second and no others begin.
///
/// # Errors
/// If threads cannot be started, or the first error of `keep`, which also stops the work.
pub fn run(
    trials: &[Trial],
    lab: &Lab,
    jobs: usize,
    stop: &AtomicBool,
    keep: impl FnMut(Record) -> Result<()> + Send,
) -> Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build().context("cannot start threads")?;
    let (next, kept) = (AtomicUsize::new(0), Mutex::new((keep, Ok(()))));
    // Each thread takes the next trial when it is free: the longest wait at the end is that of one trial.
    pool.broadcast(|_| {
        while !stop.load(Ordering::Relaxed)
            && let Some(trial) = trials.get(next.fetch_add(1, Ordering::Relaxed))
            && let Some(record) = one(trial, lab, stop)
        {
            let mut kept = kept.lock().unwrap_or_else(|e| e.into_inner());
            if kept.1.is_ok() {
                kept.1 = (kept.0)(record);
            }
            if kept.1.is_err() {
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
    kept.into_inner().unwrap_or_else(|e| e.into_inner()).1
}

/// Runs one trial; nothing if it was stopped.
fn one(trial: &Trial, lab: &Lab, stop: &AtomicBool) -> Option<Record> {
    contained(|| slices(trial, lab, stop)).unwrap_or_else(|error| Some(Record::failed(trial, format!("{error:#}"))))
}

/// Does a part of a trial; a panic becomes an error, and is not printed.
///
/// # Errors
/// Those of `part`, and its panics.
pub(crate) fn contained<T>(part: impl FnOnce() -> Result<T>) -> Result<T> {
    silence_panics_of_trials();
    WITHIN_TRIAL.set(true);
    let done = panic::catch_unwind(AssertUnwindSafe(part));
    WITHIN_TRIAL.set(false);
    done.unwrap_or_else(|panic| Err(anyhow!("panic: {}", message(&*panic))))
}

fn slices(trial: &Trial, lab: &Lab, stop: &AtomicBool) -> Result<Option<Record>> {
    let mut running = trial.start(lab)?;
    let (mut to, mut stride) = (1, 1);
    while !stop.load(Ordering::Relaxed) {
        let clock = Instant::now();
        if running.advance(to) {
            return Ok(Some(running.record()));
        }
        stride = if clock.elapsed() < SLICE { stride * 2 } else { (stride / 2).max(1) };
        to += stride;
    }
    Ok(None)
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}

fn silence_panics_of_trials() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !WITHIN_TRIAL.get() {
                print(info);
            }
        }));
    });
}
