//! Which rows of a table a pass works on, and their features.

use crate::data::{Csr, Matrix};
use crate::problem::Batch;
use downhill::Real;

/// Rows of a table, by number.
#[derive(Clone, Copy)]
pub(crate) enum Rows<'a> {
    /// From the first number up to, without, the second.
    Span(usize, usize),
    /// These, in this order.
    List(&'a [u32]),
}

impl<'a> Rows<'a> {
    /// The rows of a batch out of `n` examples.
    pub(crate) fn of(batch: Batch<'a>, n: usize) -> Self {
        match batch {
            Batch::All => Rows::Span(0, n),
            Batch::Rows(list) => Rows::List(list),
        }
    }

    pub(crate) fn len(self) -> usize {
        match self {
            Rows::Span(start, end) => end - start,
            Rows::List(list) => list.len(),
        }
    }

    /// The number of the `i`th.
    #[inline(always)]
    pub(crate) fn get(self, i: usize) -> usize {
        match self {
            Rows::Span(start, _) => start + i,
            Rows::List(list) => list[i] as usize,
        }
    }

    /// Their targets, so many each.
    pub(crate) fn each(self, places: usize) -> Each<'a> {
        Each { rows: self, places }
    }

    /// The rows' numbers.
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        (0..self.len()).map(move |i| self.get(i))
    }

    /// The same in pieces of at most `size` rows.
    pub(crate) fn chunks(self, size: usize) -> impl Iterator<Item = Rows<'a>> {
        (0..self.len()).step_by(size).map(move |i| {
            let end = self.len().min(i + size);
            match self {
                Rows::Span(start, _) => Rows::Span(start + i, start + end),
                Rows::List(list) => Rows::List(&list[i..end]),
            }
        })
    }
}

/// Targets by number, of which each row has as many as there are places: the first of all rows, then the second of all,
/// as the outputs of a layer stand.
#[derive(Clone, Copy)]
pub(crate) struct Each<'a> {
    rows: Rows<'a>,
    places: usize,
}

impl Each<'_> {
    pub(crate) fn len(self) -> usize {
        self.rows.len() * self.places
    }

    /// Whether a row has more than one.
    pub(crate) fn are_many(self) -> bool {
        self.places > 1
    }

    /// The number of the `i`th, where it is known to the compiler whether they [are many](Self::are_many): loops over
    /// examples are short, and a question in each turn is felt.
    #[inline(always)]
    pub(crate) fn number<const MANY: bool>(self, i: usize) -> usize {
        if MANY { self.rows.get(i % self.rows.len()) * self.places + i / self.rows.len() } else { self.rows.get(i) }
    }

    /// The number of the `i`th.
    #[inline(always)]
    pub(crate) fn get(self, i: usize) -> usize {
        if self.are_many() { self.number::<true>(i) } else { self.number::<false>(i) }
    }

    /// The targets' numbers.
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        (0..self.len()).map(move |i| self.get(i))
    }
}

/// What a layer is given. Layers hold an example in a column, so that every loop runs along the examples, however
/// narrow the layer; data holds an example in a row.
pub(crate) enum Input<'a, R> {
    /// Dense data, `[examples, features]`.
    Dense(&'a [R]),
    /// Rows of a sparse table, read where they are.
    Sparse(&'a Csr<R>, Rows<'a>),
    /// A layer's outputs, `[units, examples]`.
    Hidden(&'a [R]),
}

impl<'a, R: Real> Input<'a, R> {
    /// Of these rows of a table with `width` columns, at least one. Consecutive rows are read where they are; a list of dense
    /// rows is gathered into `gathered`, which holds [`gathered`](Self::gathered) numbers.
    pub(crate) fn new(x: &'a Matrix<R>, width: usize, rows: Rows<'a>, gathered: &'a mut [R]) -> Self {
        match (x, rows) {
            (Matrix::Sparse(x), _) => Input::Sparse(x, rows),
            (Matrix::Dense(x), Rows::Span(start, end)) => Input::Dense(&x[start * width..end * width]),
            (Matrix::Dense(x), Rows::List(_)) => {
                for (to, row) in gathered.chunks_exact_mut(width).zip(rows.iter()) {
                    to.copy_from_slice(&x[row * width..][..width]);
                }
                Input::Dense(gathered)
            }
        }
    }

    /// How many numbers [`new`](Self::new) gathers for these rows.
    pub(crate) fn gathered(x: &Matrix<R>, width: usize, rows: Rows<'_>) -> usize {
        match (x, rows) {
            (Matrix::Dense(_), Rows::List(list)) => list.len() * width,
            _ => 0,
        }
    }
}
