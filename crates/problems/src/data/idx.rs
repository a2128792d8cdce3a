//! Images as bytes: the format of MNIST.

use super::labels::{self, Task};
use super::{Dataset, Features, file};
use crate::problem::ProblemError;
use serde::Serialize;

/// Grey images and their classes in two IDX files of unsigned bytes, gzipped or not, as MNIST and Fashion-MNIST come.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IdxSpec {
    /// The file of images (three dimensions: images, rows, columns).
    pub idx: String,
    /// A short name for streams, tables and figures. Default: the folder of the images, whose own name is the same in
    /// all such data sets; without a folder the file's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The file of classes (one dimension). Default: beside the images, with `images` and `idx3` in its name replaced
    /// by `labels` and `idx1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
}

impl IdxSpec {
    /// That file, everything else by default.
    pub fn new(idx: impl Into<String>) -> Self {
        IdxSpec { idx: idx.into(), name: None, labels: None }
    }
    /// The given name or the folder's.
    pub(super) fn name(&self) -> &str {
        let folder = || self.idx.rsplit(['/', '\\']).nth(1).filter(|f| !matches!(*f, "" | "." | ".."));
        self.name.as_deref().or_else(folder).unwrap_or(file::name(&self.idx))
    }
    fn labels(&self) -> Result<String, ProblemError> {
        let (folder, name) = self.idx.split_at(self.idx.rfind(['/', '\\']).map_or(0, |i| i + 1));
        match &self.labels {
            Some(labels) => Ok(labels.clone()),
            None if name.contains("images") => {
                Ok(format!("{folder}{}", name.replace("images", "labels").replace("idx3", "idx1")))
            }
            None => Err(ProblemError(format!(
                "data file `{}`: no `images` in its name to find the labels by; say `labels = \"path\"`",
                self.idx
            ))),
        }
    }
}

/// Reads both files.
pub(super) fn load(spec: &IdxSpec) -> Result<Dataset, ProblemError> {
    let path = spec.labels()?;
    parse(spec, &file::read(&spec.idx)?, &path, &file::read(&path)?)
}

/// Reads the content of images and labels.
pub(super) fn parse(spec: &IdxSpec, images: &[u8], labels_path: &str, labels: &[u8]) -> Result<Dataset, ProblemError> {
    let ([count, height, width], pixels) = array::<3>(&spec.idx, images)?;
    let ([classes], labels) = array::<1>(labels_path, labels)?;
    if count != classes {
        return Err(ProblemError(format!(
            "data file `{}` has {count} images, but `{labels_path}` has {classes} labels",
            spec.idx
        )));
    }
    if pixels.is_empty() {
        return Err(ProblemError(format!("data file `{}` has no pixels: {count} x {height} x {width}", spec.idx)));
    }
    let labels = labels.iter().map(|&l| f64::from(l)).collect();
    let at = format!("data file `{labels_path}`");
    let target = labels::from_numbers(&at, labels, Some(Task::Classification), 256)?;
    let columns = (0..height).flat_map(|r| (0..width).map(move |c| format!("{r},{c}"))).collect();
    Ok(Dataset::new(spec.name(), &spec.idx, Features::Bytes(pixels.to_vec()), target, columns))
}

/// An array of unsigned bytes: two zeros, the type 8, the number of dimensions, each dimension (big-endian, 4 bytes),
/// the values.
fn array<'a, const D: usize>(path: &str, bytes: &'a [u8]) -> Result<([u32; D], &'a [u8]), ProblemError> {
    let error = |what: String| ProblemError(format!("data file `{path}`: {what}"));
    let truncated =
        |expected: u64| error(format!("{} bytes (unpacked), expected {expected}; is it complete?", bytes.len()));
    let (magic, rest) = bytes.split_first_chunk::<4>().ok_or_else(|| truncated(4 + 4 * D as u64))?;
    if *magic != [0, 0, 8, D as u8] {
        let (found, expected) = (u32::from_be_bytes(*magic), 0x800 + D);
        return Err(error(format!(
            "starts with 0x{found:08x}, expected 0x{expected:08x} (IDX, unsigned bytes, dimensions: {D})"
        )));
    }
    let (header, values) = rest.split_at_checked(4 * D).ok_or_else(|| truncated(4 + 4 * D as u64))?;
    let mut shape = [0; D];
    for (size, bytes) in shape.iter_mut().zip(header.as_chunks::<4>().0) {
        *size = u32::from_be_bytes(*bytes);
    }
    let size = shape.iter().try_fold(1u64, |product, &n| product.checked_mul(u64::from(n)));
    match size {
        Some(size) if size == values.len() as u64 => Ok((shape, values)),
        Some(size) => Err(truncated(size.saturating_add(4 + 4 * D as u64))),
        None => Err(error(format!("the dimensions {shape:?} are too large"))),
    }
}
