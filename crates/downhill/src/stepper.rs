//! The shortest way to use an optimizer.

use crate::{NoOracle, Optimizer, Oracle, Real, Refused, Schedule, State, StateError, Step};

/// An optimizer with its step count, learning rate and schedule: `opt.step(&mut x, &g)`.
pub struct Stepper<R: Real> {
    optimizer: Box<dyn Optimizer<R>>,
    t: u64,
    lr: f64,
    schedule: Schedule,
    horizon: u64,
    readout: Vec<R>,
}

impl<R: Real> Stepper<R> {
    /// Before the first step.
    pub fn new(optimizer: Box<dyn Optimizer<R>>, lr: f64, schedule: Schedule) -> Self {
        Stepper { optimizer, t: 0, lr, schedule, horizon: 0, readout: Vec::new() }
    }

    /// Follows `schedule` over `horizon` steps.
    pub fn with_schedule(mut self, schedule: Schedule, horizon: u64) -> Self {
        (self.schedule, self.horizon) = (schedule, horizon);
        self
    }

    /// One step from `x`, where the gradient is `g`.
    ///
    /// # Panics
    /// If the method asks for more than the gradient: use [`step_with`](Self::step_with).
    pub fn step(&mut self, x: &mut [R], g: &[R]) {
        self.advance(x, g, R::of(f64::NAN), &mut NoOracle);
    }

    /// One step with a closure that computes loss and gradient at any point, for methods that ask again.
    /// Returns the loss at `x` before the step; `g` receives its gradient.
    pub fn step_with(&mut self, x: &mut [R], g: &mut [R], f: impl FnMut(&[R], &mut [R]) -> R) -> R {
        struct Closure<F>(F);
        impl<R: Real, F: FnMut(&[R], &mut [R]) -> R> Oracle<R> for Closure<F> {
            fn again(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
                Ok((self.0)(x, g))
            }
            fn full(&mut self, x: &[R], g: &mut [R]) -> Result<R, Refused> {
                Ok((self.0)(x, g))
            }
        }
        let mut closure = Closure(f);
        let loss = (closure.0)(x, g);
        self.advance(x, g, loss, &mut closure);
        loss
    }

    fn advance(&mut self, x: &mut [R], g: &[R], loss: R, oracle: &mut dyn Oracle<R>) {
        let lr = self.lr();
        self.t += 1;
        self.optimizer.step(x, g, &mut Step { t: self.t, lr, loss, oracle });
    }

    /// The learning rate of the next step.
    pub fn lr(&self) -> f64 {
        self.lr * self.schedule.factor(self.t, self.horizon)
    }

    /// Sets the base learning rate from the next step on.
    pub fn set_lr(&mut self, lr: f64) {
        self.lr = lr;
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.t
    }

    /// The point to evaluate: `x`, or the average that the method keeps.
    pub fn readout<'a>(&'a mut self, x: &'a [R]) -> &'a [R] {
        self.readout.resize(x.len(), R::ZERO);
        self.optimizer.readout(x, &mut self.readout)
    }

    /// The steps taken, and everything remembered.
    pub fn save(&mut self) -> (u64, State) {
        (self.t, State::save(&mut *self.optimizer))
    }

    /// Goes on from a saved state, bit for bit.
    ///
    /// # Errors
    /// If the state is of another optimizer or layout.
    pub fn load(&mut self, (t, state): &(u64, State)) -> Result<(), StateError> {
        state.load(&mut *self.optimizer)?;
        self.t = *t;
        Ok(())
    }
}
