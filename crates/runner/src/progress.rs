//! How far a sweep is: a bar on a terminal, a line every ten seconds elsewhere.

use crate::record::Outcome;
use crate::trial::Record;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(10);

/// How far a sweep is.
pub(crate) struct Progress {
    /// Of this sweep, so that the rate is the present one.
    begun: Instant,
    total: usize,
    done: usize,
    diverged: usize,
    failed: usize,
    show: Show,
}

enum Show {
    Bar(ProgressBar),
    Lines { last: Instant },
    Nothing,
}

impl Progress {
    /// Of so many trials.
    pub(crate) fn new(total: usize, quiet: bool) -> Self {
        let show = if quiet || total == 0 {
            Show::Nothing
        } else if std::io::stderr().is_terminal() {
            let bar = ProgressBar::new(total as u64);
            if let Ok(style) = ProgressStyle::with_template("[{bar:32}] {msg}") {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            Show::Bar(bar)
        } else {
            Show::Lines { last: Instant::now() }
        };
        Progress { begun: Instant::now(), total, done: 0, diverged: 0, failed: 0, show }
    }

    /// One more trial is done.
    pub(crate) fn add(&mut self, record: &Record) {
        self.done += 1;
        match record.summary.outcome {
            Outcome::Diverged { .. } => self.diverged += 1,
            Outcome::Failed { .. } => self.failed += 1,
            Outcome::Finished | Outcome::Reached { .. } => {}
        }
        let text = self.text();
        match &mut self.show {
            Show::Bar(bar) => {
                bar.set_message(text);
                bar.set_position(self.done as u64);
            }
            Show::Lines { last } if last.elapsed() >= EVERY => {
                eprintln!("{text}");
                *last = Instant::now();
            }
            Show::Lines { .. } | Show::Nothing => {}
        }
    }

    /// Takes the bar off the screen.
    pub(crate) fn end(&self) {
        if let Show::Bar(bar) = &self.show {
            bar.finish_and_clear();
        }
    }

    fn text(&self) -> String {
        let seconds = self.begun.elapsed().as_secs_f64();
        let rate = self.done as f64 / seconds.max(1e-3);
        let left = (self.total - self.done) as f64 / rate;
        let mut text = format!("{}/{} trials, {rate:.0}/s, {} left", self.done, self.total, duration(left));
        for (count, what) in [(self.diverged, "diverged"), (self.failed, "failed")] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        text
    }
}

/// `48 s`, `2 min 5 s`, `3 h 20 min`.
pub(crate) fn duration(seconds: f64) -> String {
    let s = seconds.ceil() as u64;
    match s {
        0..90 => format!("{s} s"),
        90..3600 => format!("{} min {} s", s / 60, s % 60),
        _ => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}
