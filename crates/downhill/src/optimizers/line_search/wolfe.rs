//! The search for a step that satisfies the strong Wolfe conditions.

use super::line::Point;

/// A step along a descent line that lowers the value enough and makes the line flat enough:
///
/// ```text
/// f(t) <= f(0) + c1 t f'(0)      |f'(t)| <= c2 |f'(0)|
/// ```
///
/// Wolfe 1969; bracketing and zoom as Nocedal & Wright 2006, Algorithms 3.5 and 3.6, with cubic interpolation: move
/// by move torch's `_strong_wolfe`, which is Schmidt's minFunc. Unlike there, a value that is not a finite number
/// sends the search back towards the last finite point, and when evaluations run out before a bracket is found the
/// lowest of the last points is taken.
#[derive(Clone, Copy)]
pub(super) struct Wolfe {
    pub(super) c1: f64,
    pub(super) c2: f64,
    /// Trials at most.
    pub(super) tries: u64,
}

/// A bracket shorter than this, in units of the parameters, is not divided further.
const SHORT: f64 = 1e-9;

impl Wolfe {
    /// How far to go, with `t` as the first trial: never to a value above that of `start`, at `t = 0`. `reach` is the
    /// largest coordinate of the direction.
    pub(super) fn search(&self, start: Point, t: f64, reach: f64, mut evaluate: impl FnMut(f64) -> Point) -> f64 {
        let flat = |p: &Point| p.slope.abs() <= -self.c2 * start.slope;
        let high = |p: &Point| p.f > start.f + self.c1 * p.t * start.slope;
        let (mut last, mut new) = (start, evaluate(t));
        // Trials behind the first.
        let (mut k, limit) = (0, self.tries - 1);

        // Go on until a bracket is found.
        let mut bracket = loop {
            if k == limit {
                let lower = |a: Point, b: Point| if b.f < a.f || a.f.is_nan() { b } else { a };
                return lower(lower(start, last), new).t;
            }
            if !finite(&new) {
                new = evaluate(last.t + 0.5 * (new.t - last.t));
                k += 1;
                continue;
            }
            if high(&new) || (k > 1 && new.f >= last.f) {
                break [last, new];
            }
            if flat(&new) {
                return new.t;
            }
            if new.slope >= 0.0 {
                break [last, new];
            }
            let t = cubic(&last, &new, new.t + 0.01 * (new.t - last.t), 10.0 * new.t);
            (last, new) = (new, evaluate(t));
            k += 1;
        };

        // Shorten it until a good point is found.
        let lower = |bracket: &[Point; 2]| usize::from(bracket[0].f > bracket[1].f);
        let mut low = lower(&bracket);
        let mut near = false;
        while k < limit {
            let (from, to) = (bracket[0].t.min(bracket[1].t), bracket[0].t.max(bracket[1].t));
            if (to - from) * reach < SHORT {
                break;
            }
            // Twice near an end, or at it: a tenth inside.
            let (mut t, margin) = (cubic(&bracket[0], &bracket[1], from, to), 0.1 * (to - from));
            if (to - t).min(t - from) >= margin {
                near = false;
            } else if near || t >= to || t <= from {
                t = if (t - to).abs() < (t - from).abs() { to - margin } else { from + margin };
                near = false;
            } else {
                near = true;
            }
            let new = evaluate(t);
            k += 1;
            if !finite(&new) {
                bracket[1 - low] = Point { f: f64::INFINITY, ..new };
            } else if high(&new) || new.f >= bracket[low].f {
                bracket[1 - low] = new;
                low = lower(&bracket);
            } else if flat(&new) {
                return new.t;
            } else {
                if new.slope * (bracket[1 - low].t - bracket[low].t) >= 0.0 {
                    bracket[1 - low] = bracket[low];
                }
                bracket[low] = new;
            }
        }
        bracket[low].t
    }
}

fn finite(p: &Point) -> bool {
    p.f.is_finite() && p.slope.is_finite()
}

/// The minimum between `from` and `to` of the cubic through two points with their slopes; the middle if it has none.
fn cubic(a: &Point, b: &Point, from: f64, to: f64) -> f64 {
    let d1 = a.slope + b.slope - 3.0 * (a.f - b.f) / (a.t - b.t);
    let square = d1 * d1 - a.slope * b.slope;
    let (left, right) = if a.t <= b.t { (a, b) } else { (b, a) };
    let d2 = square.sqrt();
    let t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2.0 * d2));
    if t.is_finite() { t.max(from).min(to) } else { 0.5 * (from + to) }
}
