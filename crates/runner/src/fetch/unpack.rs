//! Downloads become files.
//!
//! Nothing is written under a name that an archive gives: an entry is looked up among the names that the catalogue
//! expects. An archive that tries to leave its folder, or holds links, is refused all the same: it is not what it should
//! be.

use super::http::Fault;
use super::sums::sha256_of;
use anyhow::{Context as _, Result, anyhow};
use bzip2::read::MultiBzDecoder;
use downhill_problems::data::{Download, Packing};
use flate2::read::MultiGzDecoder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};

/// Where a file is written before it has its name.
pub(super) fn new(folder: &Path, file: &str) -> PathBuf {
    folder.join(format!("{file}.new"))
}

/// Writes the files of a download under their [`new`] names; more than `most` bytes are refused.
pub(super) fn unpack(download: &Download, part: &Path, folder: &Path, most: u64) -> Result<(), Fault> {
    let packed = File::open(part).with_context(|| format!("cannot read {}", part.display())).map_err(Fault::Local)?;
    let packed = BufReader::new(packed);
    let mut files = Files { folder, expected: download.files, left: most, found: BTreeMap::new() };
    match download.packing {
        Packing::Plain => files.write(download.files[0], packed)?,
        Packing::Gzip => files.write(download.files[0], MultiGzDecoder::new(packed))?,
        Packing::Bzip2 => files.write(download.files[0], MultiBzDecoder::new(packed))?,
        Packing::TarGz => each_entry(MultiGzDecoder::new(packed), most, |path, entry| {
            match path.file_name().and_then(|name| name.to_str()) {
                Some(name) if download.files.contains(&name) => files.write(name, entry),
                _ => Ok(()),
            }
        })?,
        Packing::Zip => zip_entries(packed, &mut files)?,
        Packing::Documents { folders, mail } => {
            let documents = documents(MultiGzDecoder::new(packed), folders, mail, most)?;
            for file in download.files {
                // By class, then by name, whatever the order in the archive.
                let lines: String =
                    documents.iter().filter(|((at, ..), _)| at == file).map(|(_, line)| line.as_str()).collect();
                if !lines.is_empty() {
                    files.write(file, lines.as_bytes())?;
                }
            }
        }
    }
    files.finish()
}

/// The sha256 of what a file holds, gzipped or not.
pub(super) fn sha256_unpacked(path: &Path) -> Result<String> {
    let hash = || {
        let file = BufReader::new(File::open(path)?);
        match path.extension().is_some_and(|end| end == "gz") {
            true => sha256_of(MultiGzDecoder::new(file)),
            false => sha256_of(file),
        }
    };
    hash().with_context(|| format!("cannot read {}", path.display()))
}

/// The files that are expected, each once.
struct Files<'a> {
    folder: &'a Path,
    expected: &'a [&'a str],
    /// Bytes that may yet be written.
    left: u64,
    found: BTreeMap<String, u32>,
}

impl Files<'_> {
    fn write(&mut self, name: &str, from: impl Read) -> Result<(), Fault> {
        *self.found.entry(name.to_owned()).or_default() += 1;
        let path = new(self.folder, name);
        let local = |e: io::Error| Fault::Local(anyhow!("cannot write {}: {e}", path.display()));
        let mut to = File::create(&path).map_err(local)?;
        let mut from = from.take(self.left + 1);
        let mut buffer = vec![0; 1 << 16];
        loop {
            match from.read(&mut buffer).map_err(damaged)? {
                0 => break,
                n => to.write_all(&buffer[..n]).map_err(local)?,
            }
        }
        self.left = (from.limit()).checked_sub(1).ok_or_else(too_large)?;
        to.sync_all().map_err(local)
    }

    /// Whether each was there.
    fn finish(self) -> Result<(), Fault> {
        match self.expected.iter().find(|file| self.found.get(**file) != Some(&1)) {
            Some(file) => {
                let times = self.found.get(*file).copied().unwrap_or(0);
                Err(Fault::Remote(format!("the archive holds `{file}` {times} times, expected once")))
            }
            None => Ok(()),
        }
    }
}

/// An error after so many bytes.
struct Limited<R> {
    from: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(buffer)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| io::Error::other(TOO_LARGE))?;
        Ok(n)
    }
}

const TOO_LARGE: &str = "unpacks to far more than it should";

fn damaged(e: io::Error) -> Fault {
    Fault::Remote(format!("cannot be unpacked: {e}"))
}

fn too_large() -> Fault {
    Fault::Remote(TOO_LARGE.to_owned())
}

/// Calls for each file of a tar archive, with its path. All of the archive counts, not only what is taken from it: a
/// bomb may lie in a name.
fn each_entry(
    tar: impl Read,
    most: u64,
    mut each: impl FnMut(&Path, &mut dyn Read) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut archive = tar::Archive::new(Limited { from: tar, left: most });
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let path = entry.path().map_err(damaged)?.into_owned();
        let kind = entry.header().entry_type();
        inside(&path, kind.is_symlink() || kind.is_hard_link())?;
        if kind.is_file() {
            each(&path, &mut entry)?;
        }
    }
    Ok(())
}

fn zip_entries(packed: impl Read + io::Seek, files: &mut Files<'_>) -> Result<(), Fault> {
    let zip = |e: zip::result::ZipError| Fault::Remote(format!("cannot be unpacked: {e}"));
    let mut archive = zip::ZipArchive::new(packed).map_err(zip)?;
    for i in 0..archive.len() {
        let entry = archive.by_index(i).map_err(zip)?;
        let path = PathBuf::from(entry.name().map_err(zip)?.into_owned());
        inside(&path, entry.is_symlink())?;
        match path.file_name().and_then(|name| name.to_str()) {
            Some(name) if entry.is_file() && files.expected.contains(&name) => files.write(name, entry)?,
            _ => {}
        }
    }
    Ok(())
}

/// An entry may not point out of the archive's folder.
fn inside(path: &Path, link: bool) -> Result<(), Fault> {
    let stays = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    // Windows would take a backslash for a separator.
    if stays && !link && !path.to_string_lossy().contains('\\') {
        return Ok(());
    }
    let what = if link { "is a link" } else { "leaves the folder" };
    Err(Fault::Remote(format!("the archive's entry `{}` {what}: refused", path.display())))
}

/// Lines `class<TAB>document` by file, class and path.
type Lines = BTreeMap<(&'static str, &'static str, PathBuf), String>;

fn documents(
    tar: impl Read,
    folders: &[(&'static str, &'static str, &'static str)],
    mail: bool,
    most: u64,
) -> Result<Lines, Fault> {
    let mut lines = Lines::new();
    let mut left = most;
    each_entry(tar, most, |path, entry| {
        let at = folders.iter().find(|(folder, ..)| path.parent() == Some(Path::new(folder)));
        let Some((_, file, class)) = at.filter(|_| path.extension().is_some_and(|end| end == "txt")) else {
            return Ok(());
        };
        let mut bytes = Vec::new();
        entry.take(left + 1).read_to_end(&mut bytes).map_err(damaged)?;
        left = left.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
        let text = String::from_utf8_lossy(&bytes);
        let body = if mail { body(&text) } else { &text };
        let words: Vec<&str> = body.split_whitespace().collect();
        lines.insert((*file, *class, path.to_owned()), format!("{class}\t{}\n", words.join(" ")));
        Ok(())
    })?;
    Ok(lines)
}

/// What follows the first empty line of a mail: its head tells who sent it, and so its class.
fn body(mail: &str) -> &str {
    let mut at = 0;
    for line in mail.split_inclusive('\n') {
        at += line.len();
        if line.trim_end().is_empty() {
            return &mail[at..];
        }
    }
    ""
}
