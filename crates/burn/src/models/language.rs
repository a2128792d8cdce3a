//! What language models share: symbols in, the next symbols as targets.

use crate::{Examples, Targets};
use burn::tensor::{Int, Tensor};

/// Rows of symbols, `[rows, context]`, and each symbol's next one, row after row: within a row the symbol behind it, for
/// the last one the row's class.
pub(super) fn next(examples: Examples) -> (Tensor<2, Int>, Targets) {
    let Targets::Classes(last) = examples.y else { unreachable!("refused when the module was built: no symbols") };
    let x = examples.x.int();
    let [rows, context] = x.dims();
    let shifted = Tensor::cat(vec![x.clone().narrow(1, 1, context - 1), last.reshape([rows, 1])], 1);
    (x, Targets::Classes(shifted.reshape([rows * context])))
}
