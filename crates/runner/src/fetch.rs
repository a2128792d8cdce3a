//! Data sets from other machines, when somebody asks for them: fetched, checked, unpacked, kept.
//!
//! A file has its name only when it is whole and checked: it is written beside, flushed, and renamed. What was fetched
//! before a fault stays, so that the same command goes on from there. One process at a time fetches a data set.

mod http;
mod sums;
mod unpack;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use downhill_problems::data::{Digest, Download, Found, Known, Places};
use http::Fault;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use sums::{Sums, sha256, sha256_of};

/// How to fetch.
#[derive(Clone, Debug, Default)]
pub struct Fetch {
    /// Where data sets are looked for; what is fetched is kept in the given folder, else in the cache.
    pub places: Places,
    /// The address below which another machine has the downloads, as `NAME/FILE`, instead of their own addresses.
    pub mirror: Option<String>,
    /// Whether to connect to nothing.
    pub offline: bool,
}

/// How it went.
#[derive(Clone, Debug, PartialEq)]
pub enum Got {
    /// It was here, and is as it should be.
    Here(Found),
    /// It is now in this folder.
    Fetched(PathBuf),
}

/// The most bytes that unpacking may make of a byte of the catalogue's size: several times what texts come to.
const MOST_UNPACKED: f64 = 40.0;

impl Fetch {
    /// Makes sure that a data set is on this machine.
    ///
    /// # Errors
    /// If no address gives the right bytes, each with its reason; if they cannot be written; if what is here is damaged.
    pub fn get(&self, known: &Known) -> Result<Got> {
        if let Some(found) = self.here(known)? {
            return Ok(Got::Here(found));
        }
        if self.offline {
            known.locate(&self.places).map_err(|e| anyhow!("{e}; `--offline` forbids to fetch it"))?;
        }
        let folder = self.folder(known)?;
        fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let _lock = lock(&folder, known.name)?;
        // Whoever had the lock may have fetched it.
        if let Some(found) = self.here(known)? {
            return Ok(Got::Here(found));
        }
        let mut sums = Sums::read(&folder)?;
        for download in known.downloads {
            if !download.files.iter().all(|file| folder.join(file).is_file()) {
                self.download(known, download, &folder, &mut sums)?;
            }
        }
        for file in known.files() {
            check(known, &folder.join(file), file, &sums)?;
        }
        Ok(Got::Fetched(folder))
    }

    /// The folder that holds, or will hold, what is fetched.
    fn folder(&self, known: &Known) -> Result<PathBuf> {
        let Places { given, cache, .. } = &self.places;
        let store = given.as_ref().or(cache.as_ref()).context("no folder to keep data in: say `--data-dir DIR`")?;
        Ok(store.join(known.name))
    }

    fn here(&self, known: &Known) -> Result<Option<Found>> {
        let Some(found) = self.places.find(known) else { return Ok(None) };
        let sums = Sums::read(&found.folder)?;
        for (path, file) in found.files.iter().zip(known.files()) {
            check(known, path, file, &sums)?;
        }
        Ok(Some(found))
    }

    /// Tries one address after the other.
    fn download(&self, known: &Known, download: &Download, folder: &Path, sums: &mut Sums) -> Result<()> {
        let most = (known.megabytes * 2e6) as u64 + 1_000_000;
        // Bytes of which nobody knows what they should be are not put together from two answers.
        let resume = download.digest != Digest::FirstUse;
        let mut faults = Vec::new();
        for url in self.urls(known, download) {
            // What one address gave is not gone on with at another, which may pack it differently.
            let part = folder.join(format!("{}.{}.part", download.files[0], &sha256_of(url.as_bytes())?[..8]));
            let got = http::download(&url, &part, resume, most)
                .and_then(|()| self.keep(known, download, &part, folder, sums));
            match got {
                Ok(()) => return remove(&part),
                Err(Fault::Local(e)) => return Err(e.context(format!("fetching `{}`", known.name))),
                Err(Fault::Remote(what)) => {
                    faults.push(format!("\n  {url}: {what}"));
                    if part.metadata().is_ok_and(|part| part.len() == 0) {
                        remove(&part)?;
                    }
                }
            }
        }
        bail!(
            "cannot fetch `{}`:{}\nwhat was fetched is kept; try again later, or elsewhere with `--mirror URL`",
            known.name,
            faults.concat()
        )
    }

    fn urls(&self, known: &Known, download: &Download) -> Vec<String> {
        let last = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
        match &self.mirror {
            Some(mirror) => {
                let mut urls: Vec<_> = download.urls.iter().map(|url| last(url)).collect();
                urls.dedup();
                urls.iter().map(|file| format!("{}/{}/{file}", mirror.trim_end_matches('/'), known.name)).collect()
            }
            None => download.urls.iter().map(|&url| url.to_owned()).collect(),
        }
    }

    /// Checks what was downloaded, unpacks it, and gives the files their names.
    fn keep(
        &self,
        known: &Known,
        download: &Download,
        part: &Path,
        folder: &Path,
        sums: &mut Sums,
    ) -> Result<(), Fault> {
        let wrong = |what: &str, found: &str, expected: &str| {
            // Nothing of it may be gone on from.
            fs::remove_file(part).map_or_else(
                |e| Fault::Local(anyhow!("cannot remove {}: {e}", part.display())),
                |()| Fault::Remote(format!("{what} sha256 is {found}, expected {expected}: not the right file")),
            )
        };
        if let Digest::Download(expected) = download.digest {
            let found = sha256(part).map_err(Fault::Local)?;
            if found != expected {
                return Err(wrong("its", &found, expected));
            }
        }
        let most = (known.megabytes * 1e6 * MOST_UNPACKED) as u64;
        unpack::unpack(download, part, folder, most).inspect_err(|fault| {
            if let Fault::Remote(_) = fault {
                download.files.iter().for_each(|file| drop(fs::remove_file(unpack::new(folder, file))));
                drop(fs::remove_file(part));
            }
        })?;
        for file in download.files {
            let new = unpack::new(folder, file);
            let found = sha256(&new).map_err(Fault::Local)?;
            let expected = match download.digest {
                Digest::Content(expected) => Some(expected),
                Digest::Download(_) => None,
                Digest::FirstUse => sums.of(file),
            };
            if let Some(expected) = expected.filter(|expected| *expected != found) {
                drop(fs::remove_file(&new));
                let what = match download.digest {
                    Digest::FirstUse => {
                        format!("`{file}` is not what it was at first, says {}: its", sums.path().display())
                    }
                    _ => format!("`{file}`, unpacked: its"),
                };
                return Err(wrong(&what, &found, expected));
            }
            sums.set(file, &found);
        }
        // The list first: a file that has its name is in it.
        sums.write().map_err(Fault::Local)?;
        for file in download.files {
            let (new, path) = (unpack::new(folder, file), folder.join(file));
            fs::rename(&new, &path)
                .with_context(|| format!("cannot rename {} to {}", new.display(), path.display()))
                .map_err(Fault::Local)?;
        }
        Ok(())
    }
}

/// Makes the files of a download that is here, each under its name and `.new` in that folder: what fetching does before it
/// checks and renames them. More than `most` bytes are refused.
///
/// # Errors
/// If it is not what it should be, or cannot be read or written.
pub fn unpack(download: &Download, packed: &Path, folder: &Path, most: u64) -> Result<()> {
    unpack::unpack(download, packed, folder, most).map_err(|fault| match fault {
        Fault::Local(e) => e,
        Fault::Remote(what) => anyhow!("{}: {what}", packed.display()),
    })
}

/// Whether a file that is here is as it should be.
fn check(known: &Known, path: &Path, file: &str, sums: &Sums) -> Result<()> {
    let download = known.downloads.iter().find(|download| download.files.contains(&file));
    let expected = match download.map(|download| download.digest) {
        Some(Digest::Content(expected)) => Some(expected),
        _ => sums.of(file),
    };
    let Some(expected) = expected else { return Ok(()) };
    let found = unpack::sha256_unpacked(path)?;
    ensure!(
        found == expected,
        "`{}` is here, but damaged: the sha256 of {} is {found}, expected {expected}; remove the file to fetch it again",
        known.name,
        path.display()
    );
    Ok(())
}

/// What is known of the digests of a data set that is in this folder: `None` if nothing.
///
/// # Errors
/// If their list cannot be read.
pub fn recorded(folder: &Path, file: &str) -> Result<Option<String>> {
    Ok(Sums::read(folder)?.of(file).map(str::to_owned))
}

fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))
}

/// Waits until no other process fetches this data set.
fn lock(folder: &Path, name: &str) -> Result<File> {
    let path = folder.join(".lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    if file.try_lock().is_err() {
        eprintln!("waiting for another process that fetches `{name}`");
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}
