//! Files as bytes: read whole, unpacked if gzipped.

use crate::problem::ProblemError;
use flate2::read::MultiGzDecoder;
use std::borrow::Cow;
use std::io::Read;

/// A gzipped file may be a thousand times larger than it looks. 8 GiB, as of tables.
const MOST_UNPACKED: u64 = 8 << 30;

/// The content of a file.
pub(super) fn read(path: &str) -> Result<Vec<u8>, ProblemError> {
    let bytes = std::fs::read(path).map_err(|e| {
        ProblemError(format!("data file `{path}`: {e}; a path counts from the folder that the program runs in"))
    })?;
    Ok(unpack(path, &bytes)?.into_owned())
}

/// The content of bytes that start as a gzip file does; else the bytes.
pub(super) fn unpack<'a>(path: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, ProblemError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut content = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(MOST_UNPACKED)
        .read_to_end(&mut content)
        .map_err(|e| ProblemError(format!("data file `{path}` is gzipped, but damaged: {e}")))?;
    if content.len() as u64 == MOST_UNPACKED {
        let most = MOST_UNPACKED >> 30;
        return Err(ProblemError(format!(
            "data file `{path}`: {most} GiB or more when it is unpacked; use a part of it"
        )));
    }
    Ok(Cow::Owned(content))
}

/// The file's name without folders and `.gz`.
pub(super) fn name(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".gz").unwrap_or(name)
}

/// The content as text, without a byte order mark.
pub(super) fn text<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, ProblemError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(ProblemError(format!("data file `{path}` is UTF-16 text: save it as UTF-8")));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = line(bytes, e.valid_up_to());
        ProblemError(format!("data file `{path}`, line {line}: not UTF-8 text; save the file as UTF-8"))
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The number of the line, from 1, that holds the byte.
pub(super) fn line(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at.min(bytes.len())].iter().filter(|&&b| b == b'\n').count()
}
