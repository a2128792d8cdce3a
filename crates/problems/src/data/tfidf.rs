//! Weights of words, learned on the training part.

use super::Csr;
use crate::problem::ProblemError;
use downhill::Real;

/// How often each word occurs in each document. A split makes features of it: of the words that occur in at least
/// `min_documents` training documents, count times `ln((1 + n) / (1 + d)) + 1`, where `d` of `n` training documents
/// hold the word; then each row is divided by its Euclidean norm. Those are the defaults of scikit-learn's
/// `TfidfVectorizer` (`smooth_idf`, `norm="l2"`), but for its `min_df` of 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    /// A row a document, a column a word, sorted.
    pub rows: Csr<f32>,
    /// In how many training documents a word must occur, `>= 1`.
    pub min_documents: u32,
}

impl Counts {
    /// The weighted rows of three parts, the first of which is for training; words keep their order. A row that holds none
    /// of the words stays empty.
    ///
    /// # Errors
    /// If no word occurs often enough.
    pub fn weigh<R: Real>(&self, parts: &[Vec<u32>; 3]) -> Result<[Csr<R>; 3], ProblemError> {
        let entries = |row: u32| {
            let entries = self.rows.starts[row as usize]..self.rows.starts[row as usize + 1];
            self.rows.columns[entries.clone()].iter().zip(&self.rows.values[entries])
        };
        let mut documents = vec![0u32; self.rows.width];
        parts[0].iter().flat_map(|&row| entries(row)).for_each(|(&word, _)| documents[word as usize] += 1);
        // By word: its new column and its weight.
        let n = parts[0].len() as f64;
        let mut width = 0;
        let kept: Vec<Option<(u32, f64)>> = documents
            .iter()
            .map(|&d| {
                (d >= self.min_documents.max(1)).then(|| {
                    width += 1;
                    (width - 1, libm::log((1.0 + n) / (1.0 + f64::from(d))) + 1.0)
                })
            })
            .collect();
        if width == 0 {
            let (min, words) = (self.min_documents, self.rows.width);
            return Err(ProblemError(format!(
                "none of {words} words occurs in {min} training documents; a smaller `min_documents` is needed"
            )));
        }
        Ok(parts.each_ref().map(|rows| {
            let mut out = Csr { starts: vec![0], columns: vec![], values: vec![], width: width as usize };
            for &row in rows {
                let weighted = || {
                    entries(row).filter_map(|(&word, &count)| {
                        kept[word as usize].map(|(column, weight)| (column, f64::from(count) * weight))
                    })
                };
                let norm = weighted().map(|(_, v)| v * v).sum::<f64>().sqrt();
                for (column, v) in weighted() {
                    out.columns.push(column);
                    out.values.push(R::of(v / norm));
                }
                out.starts.push(out.columns.len());
            }
            out
        }))
    }
}
