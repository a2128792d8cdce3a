//! Level 2: a rule that sees one block with its shape.

// Several slices of one length walk together: an index says so more plainly than nested zips, and vectorises.
#![allow(clippy::needless_range_loop)]

use crate::isa::{Kernel, dispatch};
use crate::memory::Memory;
use crate::pointwise::Clock;
use crate::{At, Block, Pointwise, Real, Visit};

/// A rule over one block: norms, rows and columns, matrix products.
///
/// It turns the gradient in `u` into a direction, in place; the step is `x -= lr * u`.
pub trait Rule<R: Real>: Send + 'static {
    /// What it remembers of one block.
    type State: Send;
    /// The memory of a block before the first step.
    fn init(&self, block: &Block) -> Self::State;
    /// `u` holds the gradient and receives the direction.
    fn direct(&self, at: &At, state: &mut Self::State, x: &[R], u: &mut [R]);
    /// One step: `x -= lr * direction(g)`. `u` is scratch of the block's length.
    fn apply(&self, at: &At, state: &mut Self::State, x: &mut [R], g: &[R], u: &mut [R]) {
        u.copy_from_slice(g);
        self.finish(at, state, x, u);
    }
    /// One step from the gradient in `u`, which is lost.
    fn finish(&self, at: &At, state: &mut Self::State, x: &mut [R], u: &mut [R]) {
        self.direct(at, state, x, u);
        descend(x, u, R::of(at.lr));
    }
    /// Visits what it remembers.
    fn visit(&self, state: &mut Self::State, visit: &mut Visit<'_>);
}

/// `x -= lr * u`.
pub(crate) fn descend<R: Real>(x: &mut [R], u: &[R], lr: R) {
    dispatch(Descend { x, u, lr });
}

struct Descend<'a, R> {
    x: &'a mut [R],
    u: &'a [R],
    lr: R,
}
impl<R: Real> Kernel for Descend<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        for (x, &u) in self.x.iter_mut().zip(self.u) {
            *x -= self.lr * u;
        }
    }
}

/// A pointwise rule over a block, in one pass.
#[derive(Clone, Copy, Debug)]
pub struct Fused<P>(pub P);

impl<R: Real, P: Pointwise<R>> Rule<R> for Fused<P> {
    type State = (P::Clock, <P::Memory as Memory<R>>::Vecs);
    fn init(&self, block: &Block) -> Self::State {
        (self.0.clock(), P::Memory::new(block.len(), &mut self.0.slots().into_iter()))
    }
    fn direct(&self, at: &At, (clock, memory): &mut Self::State, x: &[R], u: &mut [R]) {
        self.0.tick(clock, at);
        let c = self.0.coef(clock, at);
        dispatch(Direct::<P, R> { c, memory: P::Memory::lanes(memory, x.len()), x, u });
    }
    fn apply(&self, at: &At, (clock, memory): &mut Self::State, x: &mut [R], g: &[R], _: &mut [R]) {
        self.0.tick(clock, at);
        let c = self.0.coef(clock, at);
        dispatch(Apply::<P, R> { c, memory: P::Memory::lanes(memory, x.len()), x, g, lr: R::of(at.lr) });
    }
    fn finish(&self, at: &At, state: &mut Self::State, x: &mut [R], u: &mut [R]) {
        self.apply(at, state, x, u, &mut []);
    }
    fn visit(&self, (clock, memory): &mut Self::State, visit: &mut Visit<'_>) {
        clock.visit("clock", visit);
        P::Memory::visit(memory, &mut self.0.slots().into_iter(), visit);
    }
}

struct Direct<'a, P: Pointwise<R>, R: Real> {
    c: P::Coef,
    memory: <P::Memory as Memory<R>>::Lanes<'a>,
    x: &'a [R],
    u: &'a mut [R],
}
impl<P: Pointwise<R>, R: Real> Kernel for Direct<'_, P, R> {
    type Output = ();
    #[inline(always)]
    fn run(mut self) {
        let n = self.x.len();
        let u = &mut self.u[..n];
        for i in 0..n {
            u[i] = P::update(self.c, P::Memory::cell(&mut self.memory, i), self.x[i], u[i]);
        }
    }
}

struct Apply<'a, P: Pointwise<R>, R: Real> {
    c: P::Coef,
    memory: <P::Memory as Memory<R>>::Lanes<'a>,
    x: &'a mut [R],
    g: &'a [R],
    lr: R,
}
impl<P: Pointwise<R>, R: Real> Kernel for Apply<'_, P, R> {
    type Output = ();
    #[inline(always)]
    fn run(mut self) {
        let n = self.x.len();
        let g = &self.g[..n];
        for i in 0..n {
            let x = self.x[i];
            self.x[i] = x - self.lr * P::update(self.c, P::Memory::cell(&mut self.memory, i), x, g[i]);
        }
    }
}

/// One rule, then another on its direction: a pass a stage. LAMB = `Then(Fused(Chain(Adam, Decay)), TrustRatio)`.
#[derive(Clone, Copy, Debug)]
pub struct Then<A, B>(pub A, pub B);

impl<R: Real, A: Rule<R>, B: Rule<R>> Rule<R> for Then<A, B> {
    type State = (A::State, B::State);
    fn init(&self, block: &Block) -> Self::State {
        (self.0.init(block), self.1.init(block))
    }
    fn direct(&self, at: &At, state: &mut Self::State, x: &[R], u: &mut [R]) {
        self.0.direct(at, &mut state.0, x, u);
        self.1.direct(at, &mut state.1, x, u);
    }
    fn finish(&self, at: &At, state: &mut Self::State, x: &mut [R], u: &mut [R]) {
        self.0.direct(at, &mut state.0, x, u);
        self.1.finish(at, &mut state.1, x, u);
    }
    fn visit(&self, state: &mut Self::State, visit: &mut Visit<'_>) {
        visit.within("0", |v| self.0.visit(&mut state.0, v));
        visit.within("1", |v| self.1.visit(&mut state.1, v));
    }
}

/// One rule for the blocks that `when` accepts, another for the rest: Muon on hidden matrices, AdamW elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Split<A, B> {
    /// Which blocks `this` takes.
    pub when: fn(&Block) -> bool,
    /// The rule for those.
    pub this: A,
    /// The rule for the others.
    pub other: B,
}

/// The memory of a [`Split`] block.
pub enum Either<A, B> {
    /// Of the first rule.
    This(A),
    /// Of the second.
    Other(B),
}

impl<R: Real, A: Rule<R>, B: Rule<R>> Rule<R> for Split<A, B> {
    type State = Either<A::State, B::State>;
    fn init(&self, block: &Block) -> Self::State {
        if (self.when)(block) { Either::This(self.this.init(block)) } else { Either::Other(self.other.init(block)) }
    }
    fn direct(&self, at: &At, state: &mut Self::State, x: &[R], u: &mut [R]) {
        match state {
            Either::This(s) => self.this.direct(at, s, x, u),
            Either::Other(s) => self.other.direct(at, s, x, u),
        }
    }
    fn apply(&self, at: &At, state: &mut Self::State, x: &mut [R], g: &[R], u: &mut [R]) {
        match state {
            Either::This(s) => self.this.apply(at, s, x, g, u),
            Either::Other(s) => self.other.apply(at, s, x, g, u),
        }
    }
    fn visit(&self, state: &mut Self::State, visit: &mut Visit<'_>) {
        match state {
            Either::This(s) => self.this.visit(s, visit),
            Either::Other(s) => self.other.visit(s, visit),
        }
    }
}
