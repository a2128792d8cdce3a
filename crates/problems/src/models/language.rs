//! Texts for language models: each symbol has the next one for its target.

use crate::data::{DataSpec, Labels, Matrix, Portion, Splits, TextSpec};
use crate::problem::ProblemError;
use downhill::Real;
use std::sync::Arc;

/// A thousand short rows: `{ text = "coriolanus", context = 20, symbols = 20001 }`.
pub(crate) fn beginning() -> DataSpec {
    DataSpec::Text(TextSpec { context: 20, symbols: Some(20_001), ..TextSpec::new("coriolanus") })
}

/// The same rows of symbols, each symbol with the next one for its target, the last one with the row's class.
///
/// # Errors
/// If the data is no text.
pub(crate) fn next_symbols<R: Real>(splits: &Splits<R>) -> Result<Arc<Splits<R>>, ProblemError> {
    let Splits { train, validation, test, width, classes } = splits;
    let portion = |portion| next(portion, *width, *classes).ok_or_else(no_text);
    let (train, validation, test) = (portion(train)?, portion(validation)?, portion(test)?);
    Ok(Arc::new(Splits { train, validation, test, width: *width, classes: *classes }))
}

fn next<R: Real>(portion: &Portion<R>, width: usize, classes: usize) -> Option<Portion<R>> {
    let (Matrix::Dense(x), Labels::Classes(last)) = (&portion.x, &portion.y) else { return None };
    let mut y = Vec::with_capacity(x.len());
    for (row, &last) in x.chunks_exact(width).zip(last) {
        y.extend(row[1..].iter().map(|s| s.to_f64() as u32));
        y.push(last);
    }
    let is_symbol = |s: &R| (0.0..classes as f64).contains(&s.to_f64()) && s.to_f64().fract() == 0.0;
    x.iter().all(is_symbol).then(|| Portion { x: Matrix::Dense(x.clone()), y: Labels::Classes(y) })
}

fn no_text() -> ProblemError {
    let text = "the data is no text, of which a language model learns: allowed are `coriolanus` and tables such as";
    ProblemError(format!("{text} {{ text = \"coriolanus\", context = 20, symbols = 20001 }}"))
}
