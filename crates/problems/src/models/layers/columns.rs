//! Data as it is, for layers that hold examples in columns.

use super::super::rows::Input;
use super::affine::entries;
use super::{Reader, Shape};
use downhill::Real;
use downhill::gemm::Into;

/// The features themselves; those of a row go by unit, then by place.
pub(crate) struct Columns(pub(crate) Shape);

impl<R: Real> Reader<R> for Columns {
    fn shape(&self) -> Shape {
        self.0
    }
    fn read(&self, _: &[R], input: &Input<'_, R>, out: &mut [R]) {
        let examples = out.len() / self.0.len();
        match *input {
            Input::Hidden(x) => out.copy_from_slice(x),
            Input::Dense(x) => {
                for (i, row) in x.chunks_exact(self.0.len()).enumerate() {
                    out[i..].iter_mut().step_by(examples).zip(row).for_each(|(out, &x)| *out = x);
                }
            }
            Input::Sparse(x, rows) => {
                out.fill(R::ZERO);
                for (i, row) in rows.iter().enumerate() {
                    entries(x, row).for_each(|(column, value)| out[column * examples + i] = value);
                }
            }
        }
    }
    fn gradient(&self, _: Into, _: &Input<'_, R>, _: &[R], _: &mut [R]) {}
}
