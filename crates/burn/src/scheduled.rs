//! A schedule of downhill as a learning rate scheduler of burn.

use burn::lr_scheduler::{LrScheduler, LrSchedulerRecord};
use burn::optim::LearningRate;
use downhill::Schedule;

/// The learning rates of a schedule, one after the other: burn's `LrScheduler`.
///
/// ```
/// use burn::lr_scheduler::LrScheduler;
/// use downhill::{Schedule, Span};
/// use downhill_burn::Scheduled;
///
/// let linear = Schedule::Linear { start: 1.0, end: 0.0, over: Span::Share(1.0) };
/// let mut lr = Scheduled::new(2.0, linear, 4); // burn's own refuses rates above 1
/// assert_eq!([(); 4].map(|()| lr.step()), [2.0, 1.5, 1.0, 0.5]);
/// ```
#[derive(Clone, Debug)]
pub struct Scheduled {
    lr: f64,
    schedule: Schedule,
    horizon: u64,
    t: u64,
}

impl Scheduled {
    /// `lr` times the factors of `schedule` over `horizon` steps.
    pub fn new(lr: f64, schedule: Schedule, horizon: u64) -> Self {
        Scheduled { lr, schedule, horizon, t: 0 }
    }
}

impl LrScheduler for Scheduled {
    fn step(&mut self) -> LearningRate {
        self.t += 1;
        self.lr * self.schedule.factor(self.t - 1, self.horizon)
    }
    fn to_record(&self) -> LrSchedulerRecord {
        LrSchedulerRecord::new().with_scalar("steps", self.t)
    }
    /// A record of another scheduler starts over.
    fn load_record(&mut self, record: LrSchedulerRecord) {
        self.t = record.scalar("steps").unwrap_or(0);
    }
}
