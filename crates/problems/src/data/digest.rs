//! The identity of a data set: sha256 of its content in one canonical binary form.

use super::{Csr, Features, Target};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Of features, target, the names of columns and classes, and where the rows for test begin, in hexadecimal. Numbers are
/// little-endian, everything of variable length is preceded by its length, so that no two data sets share a form.
pub(super) fn digest(features: &Features, target: &Target, columns: &[String], test_from: Option<usize>) -> String {
    let mut form = Form(Sha256::new_with_prefix("downhill data 1\n"));
    match features {
        Features::Dense(values) => form.tag("dense").numbers(values, |v| v.to_le_bytes()),
        Features::Bytes(values) => form.tag("bytes").bytes(values),
        Features::Symbols(values) => form.tag("symbols").bytes(values),
        Features::Sparse(csr) => form.tag("sparse").rows(csr),
        Features::Counts(counts) => {
            form.tag("counts").numbers(&[counts.min_documents], |m| m.to_le_bytes()).rows(&counts.rows)
        }
    };
    match target {
        Target::Classes { labels, names } => form.tag("classes").numbers(labels, |l| l.to_le_bytes()).names(names),
        Target::Numbers(values) => form.tag("numbers").numbers(values, |v| v.to_le_bytes()),
    };
    form.names(columns);
    if let Some(row) = test_from {
        form.tag("test from").numbers(&[row], |&r| (r as u64).to_le_bytes());
    }
    hex(&form.0.finalize())
}

struct Form(Sha256);

impl Form {
    fn tag(&mut self, tag: &str) -> &mut Self {
        self.bytes(tag.as_bytes())
    }
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }
    fn rows(&mut self, csr: &Csr<f32>) -> &mut Self {
        self.numbers(&[csr.width], |&w| (w as u64).to_le_bytes())
            .numbers(&csr.starts, |&s| (s as u64).to_le_bytes())
            .numbers(&csr.columns, |c| c.to_le_bytes())
            .numbers(&csr.values, |v| v.to_le_bytes())
    }
    fn names(&mut self, names: &[String]) -> &mut Self {
        self.0.update((names.len() as u64).to_le_bytes());
        names.iter().fold(self, |form, name| form.bytes(name.as_bytes()))
    }
    fn numbers<T, const N: usize>(&mut self, values: &[T], bytes: impl Fn(&T) -> [u8; N]) -> &mut Self {
        self.0.update((values.len() as u64).to_le_bytes());
        let mut buffer = Vec::with_capacity(1024 * N);
        for block in values.chunks(1024) {
            buffer.clear();
            buffer.extend(block.iter().flat_map(&bytes));
            self.0.update(&buffer);
        }
        self
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}
