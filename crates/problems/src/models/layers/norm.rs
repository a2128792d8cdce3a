//! Layer normalisation.

use super::super::leaders::LANES;
use super::{Buffers, First, Layer, Parameter, Shape};
use crate::rng::Rng;
use downhill::gemm::Into;
use downhill::isa::{Kernel, dispatch};
use downhill::{Real, Role};

/// Added to the variance, as in torch.
const EPS: f64 = 1e-5;

/// The units of an example at a place, to mean 0 and variance 1, times a gain, plus an offset, unit by unit:
///
/// ```text
/// y = gain z + shift,  z = (x - mean x) / sqrt(mean (x - mean x)^2 + 1e-5)
/// ```
///
/// (Ba, Kiros & Hinton 2016, arXiv:1607.06450.) No example knows of another, so that measures see what training saw.
pub(crate) struct Norm(pub(crate) Shape);

impl<R: Real> Layer<R> for Norm {
    fn parameters(&self) -> Vec<Parameter> {
        let block = |stem, role, value| {
            let (shape, start) = (vec![self.0.units], First::Constant(value));
            Parameter { stem, shape, role, start }
        };
        vec![block("gain", Role::Gain, 1.0), block("shift", Role::Bias, 0.0)]
    }
    fn output(&self) -> Option<Shape> {
        None
    }
    /// `z`, and by what it was divided.
    fn kept(&self) -> usize {
        self.0.len() + self.0.places
    }
    fn forward(&self, x: &[R], at: Buffers<'_, R>, _: &mut Option<Rng>) {
        let (gain, shift) = x.split_at(self.0.units);
        let (z, sd) = at.kept.split_at_mut(at.input.len());
        dispatch(Forward { gain, shift, x: at.input, z, sd });
    }
    fn backward(&self, into: Into, x: &[R], at: Buffers<'_, R>, g: &mut [R]) {
        let (gain, (g_gain, g_shift)) = (&x[..self.0.units], g.split_at_mut(self.0.units));
        let (z, sd) = at.kept.split_at(at.input.len());
        let columns = sd.len();
        for (u, (g_gain, g_shift)) in g_gain.iter_mut().zip(g_shift).enumerate() {
            let row = u * columns..(u + 1) * columns;
            let by_gain = R::of(downhill::real::dot(&at.input[row.clone()], &z[row.clone()]));
            let by_shift = R::of(downhill::real::sum(&at.input[row], |d| d));
            match into {
                Into::Replace => (*g_gain, *g_shift) = (by_gain, by_shift),
                Into::Add => {
                    *g_gain += by_gain;
                    *g_shift += by_shift;
                }
            }
        }
        if at.wanted {
            dispatch(Backward { gain, delta: at.input, z, sd });
        }
    }
}

struct Forward<'a, R> {
    gain: &'a [R],
    shift: &'a [R],
    x: &'a mut [R],
    z: &'a mut [R],
    sd: &'a mut [R],
}

impl<R: Real> Kernel for Forward<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(mut self) {
        let whole = self.sd.len() / LANES * LANES;
        (0..whole).step_by(LANES).for_each(|at| self.block::<LANES>(at));
        (whole..self.sd.len()).for_each(|at| self.block::<1>(at));
    }
}

impl<R: Real> Forward<'_, R> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let (columns, share) = (self.sd.len(), 1.0 / self.gain.len() as f64);
        let mut mean = [0.0; N];
        for x in self.x.chunks_exact(columns) {
            for i in 0..N {
                mean[i] += x[at + i].to_f64();
            }
        }
        let mean = mean.map(|sum| sum * share);
        let mut variance = [0.0; N];
        for x in self.x.chunks_exact(columns) {
            for i in 0..N {
                let off = x[at + i].to_f64() - mean[i];
                variance[i] += off * off;
            }
        }
        let sd = variance.map(|sum| (sum * share + EPS).sqrt());
        let units = self.x.chunks_exact_mut(columns).zip(self.z.chunks_exact_mut(columns));
        for ((x, z), (&gain, &shift)) in units.zip(self.gain.iter().zip(self.shift)) {
            for i in 0..N {
                z[at + i] = R::of((x[at + i].to_f64() - mean[i]) / sd[i]);
                x[at + i] = gain * z[at + i] + shift;
            }
        }
        self.sd[at..at + N].iter_mut().zip(sd).for_each(|(to, sd)| *to = R::of(sd));
    }
}

/// `dx = (d - mean d - z mean (d z)) / sd`, where `d = gain dy`.
struct Backward<'a, R> {
    gain: &'a [R],
    delta: &'a mut [R],
    z: &'a [R],
    sd: &'a [R],
}

impl<R: Real> Kernel for Backward<'_, R> {
    type Output = ();
    #[inline(always)]
    fn run(mut self) {
        let whole = self.sd.len() / LANES * LANES;
        (0..whole).step_by(LANES).for_each(|at| self.block::<LANES>(at));
        (whole..self.sd.len()).for_each(|at| self.block::<1>(at));
    }
}

impl<R: Real> Backward<'_, R> {
    #[inline(always)]
    fn block<const N: usize>(&mut self, at: usize) {
        let (columns, share) = (self.sd.len(), 1.0 / self.gain.len() as f64);
        let (mut mean, mut along) = ([0.0; N], [0.0; N]);
        for ((delta, z), gain) in self.delta.chunks_exact(columns).zip(self.z.chunks_exact(columns)).zip(self.gain) {
            for i in 0..N {
                let d = (*gain * delta[at + i]).to_f64();
                mean[i] += d;
                along[i] += d * z[at + i].to_f64();
            }
        }
        let units = self.delta.chunks_exact_mut(columns).zip(self.z.chunks_exact(columns));
        for ((delta, z), gain) in units.zip(self.gain) {
            for i in 0..N {
                let (d, z) = ((*gain * delta[at + i]).to_f64(), z[at + i].to_f64());
                delta[at + i] = R::of((d - share * (mean[i] + z * along[i])) / self.sd[at + i].to_f64());
            }
        }
    }
}
