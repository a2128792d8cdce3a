//! Text: windows of symbols, each followed by the symbol to be predicted.

use super::{Bundled, Dataset, Features, Known, Places, Target, file};
use crate::problem::ProblemError;
use serde::Serialize;
use std::collections::BTreeSet;

/// A text in UTF-8, cut into rows of `context` symbols without overlap; the class of a row is the symbol that follows
/// it. A language model has the targets inside the row too: each symbol's is the next one, the last one's the class.
///
/// A symbol is a character (a Unicode scalar value); the vocabulary holds all that occur in what is read, sorted, so that
/// its numbers do not depend on the split. Symbols behind the last whole row are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TextSpec {
    /// The file, gzipped or not, or the name of a text that is bundled or fetched.
    pub text: String,
    /// A short name for streams, tables and figures. Default: the file's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Symbols a row, `>= 1`.
    pub context: usize,
    /// Only so many symbols from the beginning of the text, `>= 1`; all of them if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbols: Option<usize>,
}

/// Symbols a row, as of the bundled text: those of DeepOBS' `tolstoi_char_rnn` (arXiv:1903.05499).
pub(super) const CONTEXT: usize = 50;

/// The most symbols that a vocabulary may have.
const MOST_SYMBOLS: usize = 256;

impl TextSpec {
    /// That file or bundled text, everything else by default.
    pub fn new(text: impl Into<String>) -> Self {
        TextSpec { text: text.into(), name: None, context: CONTEXT, symbols: None }
    }
    /// The given name or the file's.
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(file::name(&self.text))
    }
}

/// Reads the text of that name, else the file.
pub(super) fn load(spec: &TextSpec) -> Result<Dataset, ProblemError> {
    if let Some(bundled) = Bundled::text(&spec.text) {
        return bundled.rows_of(spec);
    }
    let known = Known::named(&spec.text).and_then(|known| known.rows_of(spec, &Places::of_this_machine()));
    known.unwrap_or_else(|| parse(spec, &file::read(&spec.text)?))
}

/// Makes rows of a file's bytes.
pub(super) fn parse(spec: &TextSpec, bytes: &[u8]) -> Result<Dataset, ProblemError> {
    let error = |what: String| ProblemError(format!("data file `{}`: {what}", spec.text));
    let text = file::text(&spec.text, bytes)?;
    let end = spec.symbols.and_then(|n| text.char_indices().nth(n)).map_or(text.len(), |(at, _)| at);
    let text = &text[..end];
    let vocabulary: Vec<char> = text.chars().collect::<BTreeSet<_>>().into_iter().collect();
    if vocabulary.len() > MOST_SYMBOLS {
        let n = vocabulary.len();
        return Err(error(format!(
            "{n} different characters, allowed are {MOST_SYMBOLS}; is this an alphabetic text?"
        )));
    }
    let number = |c: char| vocabulary.partition_point(|&v| v < c) as u8;
    let symbols: Vec<u8> = text.chars().map(number).collect();
    let (n, context) = (symbols.len(), spec.context);
    let rows = n.saturating_sub(1).checked_div(context).unwrap_or(0);
    let last = |row: usize| u32::from(symbols[(row + 1) * context]);
    let labels: Vec<u32> = (0..rows).map(last).collect();
    if labels.iter().all(|label| labels.first() == Some(label)) {
        return Err(error(format!(
            "{n} characters ({} distinct), `context` is {context}: fewer than two rows that end differently",
            vocabulary.len()
        )));
    }
    let target = Target::Classes { labels, names: vocabulary.iter().map(char::to_string).collect() };
    let columns = (0..context).map(|c| c.to_string()).collect();
    let features = Features::Symbols(symbols[..rows * context].to_vec());
    Ok(Dataset::new(spec.name(), &spec.text, features, target, columns))
}
