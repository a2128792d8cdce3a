//! Runs trials: threads over trials only, one inside a trial. A panic is its trial's outcome.

use crate::lab::Lab;
use crate::trial::{Record, Trial};
use anyhow::{Context as _, Result, anyhow};
use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

/// How long a trial goes on before it looks whether it should stop.
const SLICE: Duration = Duration::from_millis(50);
/// How long a step may go on when its trial should end, before its thread is left behind.
const GRACE: Duration = Duration::from_secs(2);

thread_local! {
    /// A panic on this thread is a trial's outcome, and not printed.
    static WITHIN_TRIAL: Cell<bool> = const { Cell::new(false) };
}

/// One thread for each core.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}

/// Runs the trials on `jobs` threads, and hands each record to `keep`, one at a time. Once `stop` is set, trials under
/// way are dropped within two seconds and no others begin.
///
/// # Errors
/// If threads cannot be started, or the first error of `keep`, which also stops the work.
pub fn run(
    trials: &[Trial],
    lab: &Lab,
    jobs: usize,
    stop: &AtomicBool,
    keep: impl FnMut(Record) -> Result<()>,
) -> Result<()> {
    within(None, trials, lab, jobs, stop, keep).map(drop)
}

/// As [`run`], but a trial may take no longer than `timeout`; returns those that would have. They have no record.
///
/// The clock is looked at between steps. A step that does not end cannot be ended from outside either: its thread is
/// left behind, to go when the process does, and another takes its place.
///
/// # Errors
/// As [`run`].
pub fn within<'t>(
    timeout: Option<Duration>,
    trials: &'t [Trial],
    lab: &Lab,
    jobs: usize,
    stop: &AtomicBool,
    mut keep: impl FnMut(Record) -> Result<()>,
) -> Result<Vec<&'t Trial>> {
    let (sender, receiver) = mpsc::sync_channel(jobs);
    let work = Work { trials: trials.to_vec(), lab: lab.clone(), timeout, next: 0.into(), stop: false.into(), sender };
    let work = Arc::new(work);
    let mut threads = BTreeMap::new();
    for number in 0..jobs.min(trials.len()) {
        threads.insert(number, work.start(number)?);
    }
    let (mut started, mut late, mut kept, mut stopped) = (threads.len(), Vec::new(), Ok(()), None);
    while !threads.is_empty() {
        match receiver.recv_timeout(SLICE) {
            // Of a thread that was left behind, nothing counts.
            Ok((number, _)) if !threads.contains_key(&number) => {}
            Ok((number, Said::Begins(at))) => drop(threads.insert(number, Some((at, Instant::now())))),
            Ok((_, Said::Ends(record))) if kept.is_ok() => kept = keep(*record),
            Ok((_, Said::Ends(_))) | Err(_) => {}
            Ok((_, Said::Late(at))) => late.push(at),
            Ok((number, Said::Leaves)) => drop(threads.remove(&number)),
        }
        if stop.load(Ordering::Relaxed) || kept.is_err() {
            work.stop.store(true, Ordering::Relaxed);
            let since = *stopped.get_or_insert_with(Instant::now);
            if since.elapsed() > GRACE {
                break;
            }
        }
        let hangs = |began: &Instant| timeout.is_some_and(|timeout| began.elapsed() > timeout + GRACE);
        let hanging: Vec<usize> = threads
            .iter()
            .filter(|(_, t)| t.as_ref().is_some_and(|(_, began)| hangs(began)))
            .map(|(n, _)| *n)
            .collect();
        for number in hanging {
            late.extend(threads.remove(&number).flatten().map(|(at, _)| at));
            threads.insert(started, work.start(started)?);
            started += 1;
        }
    }
    late.sort_unstable();
    kept.map(|()| late.into_iter().map(|at| &trials[at]).collect())
}

/// What a thread has to say.
enum Said {
    Begins(usize),
    Ends(Box<Record>),
    Late(usize),
    Leaves,
}

/// What all threads work on. It is theirs, since they may outlast who started them.
struct Work {
    trials: Vec<Trial>,
    lab: Lab,
    timeout: Option<Duration>,
    next: AtomicUsize,
    stop: AtomicBool,
    sender: SyncSender<(usize, Said)>,
}

impl Work {
    /// A thread that takes the next trial when it is free: the longest wait at the end is that of one trial. As yet it has
    /// none under way.
    fn start(self: &Arc<Self>, number: usize) -> Result<Option<(usize, Instant)>> {
        let work = Arc::clone(self);
        let run = move || {
            while !work.stop.load(Ordering::Relaxed) {
                let at = work.next.fetch_add(1, Ordering::Relaxed);
                let Some(trial) = work.trials.get(at) else { break };
                // Nobody listens any more once the others have been given up too.
                let Ok(()) = work.sender.send((number, Said::Begins(at))) else { return };
                let said = match contained(|| work.slices(trial)) {
                    Ok(Some(record)) => Said::Ends(Box::new(record)),
                    Ok(None) if work.stop.load(Ordering::Relaxed) => break,
                    Ok(None) => Said::Late(at),
                    Err(error) => Said::Ends(Box::new(Record::failed(trial, format!("{error:#}")))),
                };
                let Ok(()) = work.sender.send((number, said)) else { return };
            }
            drop(work.sender.send((number, Said::Leaves)));
        };
        thread::Builder::new().spawn(run).context("cannot start threads").map(|_| None)
    }

    /// Runs one trial; nothing if it was stopped or takes too long.
    fn slices(&self, trial: &Trial) -> Result<Option<Record>> {
        let began = Instant::now();
        let mut running = trial.start(&self.lab)?;
        let (mut to, mut stride) = (1, 1);
        while !self.stop.load(Ordering::Relaxed) && self.timeout.is_none_or(|timeout| began.elapsed() <= timeout) {
            let clock = Instant::now();
            if running.advance(to) {
                return Ok(Some(running.record()));
            }
            stride = if clock.elapsed() < SLICE { stride * 2 } else { (stride / 2).max(1) };
            to += stride;
        }
        Ok(None)
    }
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
