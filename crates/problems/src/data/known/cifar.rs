//! CIFAR-10's binary version: colour images as bytes.

use super::File;
use crate::data::{Dataset, Features, Target};
use crate::problem::ProblemError;

/// In the order of their numbers, as in `batches.meta.txt`.
const CLASSES: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
/// Three channels of 32 rows of 32 pixels.
const IMAGE: usize = 3 * 32 * 32;

/// The images of these files, one behind the other: the class's number, then all of red, of green, of blue, row by row.
pub(super) fn parse(files: &[File<'_>]) -> Result<Dataset, ProblemError> {
    let (mut labels, mut pixels) = (Vec::new(), Vec::new());
    for (path, bytes) in files {
        let error = |what: String| ProblemError(format!("data file `{path}`: {what}"));
        if bytes.is_empty() || bytes.len() % (1 + IMAGE) != 0 {
            let (found, one) = (bytes.len(), 1 + IMAGE);
            return Err(error(format!("{found} bytes, expected a multiple of {one}, an image each; is it complete?")));
        }
        for (i, image) in bytes.chunks_exact(1 + IMAGE).enumerate() {
            if usize::from(image[0]) >= CLASSES.len() {
                return Err(error(format!("image {i} is of class {}, allowed is 0 to 9", image[0])));
            }
            labels.push(u32::from(image[0]));
            pixels.extend_from_slice(&image[1..]);
        }
    }
    let target = Target::Classes { labels, names: CLASSES.map(str::to_owned).to_vec() };
    let column = |i: usize| format!("{},{},{}", ["r", "g", "b"][i / 1024], i % 1024 / 32, i % 32);
    let path = files.first().map_or("", |file| file.0);
    Ok(Dataset::new("cifar-10", path, Features::Bytes(pixels), target, (0..IMAGE).map(column).collect()))
}
