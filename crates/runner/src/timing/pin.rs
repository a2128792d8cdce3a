//! A thread that stays on one core.

use crate::load::Counters;
use anyhow::{Result, anyhow};
use std::time::Duration;

/// Does something on a thread of its own, pinned to the core that is idle most, and hands it that core; none if the system
/// cannot pin.
///
/// # Errors
/// Those of `work`, and its panics.
pub fn alone<T: Send>(work: impl FnOnce(Option<usize>) -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| work(pin()));
        thread.join().unwrap_or_else(|_| Err(anyhow!("the measuring thread panicked")))
    })
}

#[cfg(target_os = "linux")]
fn pin() -> Option<usize> {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;
    // 0 is the calling thread.
    let thread = Pid::from_raw(0);
    let allowed = sched_getaffinity(thread).ok()?;
    let allowed: Vec<usize> = (0..CpuSet::count()).filter(|&id| allowed.is_set(id).unwrap_or(false)).collect();
    let core = idlest(&allowed).or(allowed.last().copied())?;
    let mut one = CpuSet::new();
    one.set(core).and_then(|()| sched_setaffinity(thread, &one)).ok().map(|()| core)
}

#[cfg(not(target_os = "linux"))]
fn pin() -> Option<usize> {
    None
}

/// Looks for a moment.
#[cfg(target_os = "linux")]
fn idlest(among: &[usize]) -> Option<usize> {
    let before = Counters::now()?;
    std::thread::sleep(Duration::from_millis(200));
    Counters::now()?.idlest(&before, among)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_and_its_panic_is_an_error() {
        assert_eq!(alone(|_| Ok(6 * 7)).expect("an answer"), 42);
        assert!(alone::<()>(|_| panic!("on purpose")).is_err());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_thread_is_on_one_core_and_no_other_is() {
        use nix::sched::{CpuSet, sched_getaffinity};
        use nix::unistd::Pid;
        let cores = || {
            let set = sched_getaffinity(Pid::from_raw(0)).expect("a set");
            (0..CpuSet::count()).filter(|&id| set.is_set(id).unwrap_or(false)).collect::<Vec<_>>()
        };
        let before = cores();
        let (core, within) = alone(|core| Ok((core, cores()))).expect("an answer");
        assert_eq!(within, core.into_iter().collect::<Vec<_>>());
        assert_eq!(cores(), before);
    }
}
