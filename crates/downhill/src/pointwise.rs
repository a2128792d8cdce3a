//! Level 1: a rule that is one formula on one scalar.

use crate::memory::{Cell, Memory, Slot};
use crate::{Real, Visit};

/// What a rule may know of the step that it computes.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The step, from 1.
    pub t: u64,
    /// The learning rate of this step and block: schedule and group included.
    pub lr: f64,
    /// The group's weight decay, which replaces a rule's own coefficient.
    pub decay: Option<f64>,
}

/// One formula per scalar.
///
/// `update` receives the parameter `x` and the gradient `g` (or what the rule before made of it) and returns the
/// direction `u`; the step is then `x -= lr * u`. All that does not depend on the scalar is computed once per
/// step and block by [`coef`](Pointwise::coef), in `f64`, and cast once.
///
/// ```
/// use downhill::{At, Cell, Pointwise, Real, Slot, Slots};
///
/// /// m <- beta m + g;  u = m
/// #[derive(Clone)]
/// struct HeavyBall { beta: f64 }
///
/// impl<R: Real> Pointwise<R> for HeavyBall {
///     type Memory = Slots<1>;
///     type Clock = ();
///     type Coef = R;
///     fn slots(&self) -> Vec<Slot> { vec![("m", 0.0)] }
///     fn coef(&self, _: &(), _: &At) -> R { R::of(self.beta) }
///     #[inline(always)]
///     fn update(beta: R, [m]: Cell<'_, Slots<1>, R>, _x: R, g: R) -> R {
///         *m = beta * *m + g;
///         *m
///     }
/// }
/// let mut m = 2.0;
/// assert_eq!(HeavyBall::update(0.5, [&mut m], 0.0, 1.0), 2.0);
/// ```
pub trait Pointwise<R: Real>: Clone + Send + Sync + 'static {
    /// What it remembers per scalar.
    type Memory: Memory<R>;
    /// What it remembers per step: `()`, `f64`, or pairs.
    type Clock: Clock;
    /// All that is constant within a step.
    type Coef: Copy;
    /// Name and initial value of each remembered quantity, in order; as many as `Memory` holds.
    fn slots(&self) -> Vec<Slot> {
        Vec::new()
    }
    /// The clock before the first step.
    fn clock(&self) -> Self::Clock {
        Self::Clock::default()
    }
    /// Advances the clock; called once per step, before `coef`.
    fn tick(&self, _clock: &mut Self::Clock, _at: &At) {}
    /// The constants of this step.
    fn coef(&self, clock: &Self::Clock, at: &At) -> Self::Coef;
    /// The formula. Mark it `#[inline(always)]`: it becomes the body of a vectorised loop.
    fn update(c: Self::Coef, memory: Cell<'_, Self::Memory, R>, x: R, g: R) -> R;
}

/// `f64` scalars that advance once per step and are saved with the state.
pub trait Clock: Clone + Default + Send + 'static {
    /// Visits each.
    fn visit(&mut self, name: &str, visit: &mut Visit<'_>);
}
impl Clock for () {
    fn visit(&mut self, _: &str, _: &mut Visit<'_>) {}
}
impl Clock for f64 {
    fn visit(&mut self, name: &str, visit: &mut Visit<'_>) {
        visit.scalar(name, self);
    }
}
impl<A: Clock, B: Clock> Clock for (A, B) {
    fn visit(&mut self, name: &str, visit: &mut Visit<'_>) {
        self.0.visit(&format!("{name}0"), visit);
        self.1.visit(&format!("{name}1"), visit);
    }
}

/// `A`'s direction becomes `B`'s gradient, inside the same loop: `Chain(Adam, Decay)` *is* the fused AdamW.
#[derive(Clone, Copy, Debug)]
pub struct Chain<A, B>(pub A, pub B);

impl<R: Real, A: Pointwise<R>, B: Pointwise<R>> Pointwise<R> for Chain<A, B> {
    type Memory = (A::Memory, B::Memory);
    type Clock = (A::Clock, B::Clock);
    type Coef = (A::Coef, B::Coef);
    fn slots(&self) -> Vec<Slot> {
        [self.0.slots(), self.1.slots()].concat()
    }
    fn clock(&self) -> Self::Clock {
        (self.0.clock(), self.1.clock())
    }
    fn tick(&self, clock: &mut Self::Clock, at: &At) {
        self.0.tick(&mut clock.0, at);
        self.1.tick(&mut clock.1, at);
    }
    fn coef(&self, clock: &Self::Clock, at: &At) -> Self::Coef {
        (self.0.coef(&clock.0, at), self.1.coef(&clock.1, at))
    }
    #[inline(always)]
    fn update(c: Self::Coef, memory: Cell<'_, Self::Memory, R>, x: R, g: R) -> R {
        B::update(c.1, memory.1, x, A::update(c.0, memory.0, x, g))
    }
}
