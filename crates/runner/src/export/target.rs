//! Where an export goes: in the place of an earlier one, and of nothing else; whole, or not at all.

use anyhow::{Context as _, Result, bail};
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Refuses a place where something lies that is no earlier export; an empty folder is nothing.
///
/// # Errors
/// Names it, and what to do.
pub(super) fn check(path: &Path, earlier: impl FnOnce(&Path) -> bool) -> Result<()> {
    let empty = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    if path.symlink_metadata().is_ok() && !empty && !earlier(path) {
        bail!("{} was not written by `downhill export`: move it away, or say where with --out", path.display());
    }
    Ok(())
}

/// `trials.parquet.downhill-part` for `trials.parquet`: a name that nobody else gives, since what lies there is replaced.
fn neighbour(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

/// Creates the folders above.
fn above(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

/// Writes a file through a neighbour, which takes its place when all is written.
///
/// # Errors
/// Those of `write`; names the file and the cause.
pub(super) fn file<T>(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<T>) -> Result<T> {
    above(path)?;
    let (part, cannot) = (neighbour(path, ".downhill-part"), || format!("cannot write {}", path.display()));
    let through = || {
        let mut file = BufWriter::new(File::create(&part).with_context(cannot)?);
        let done = write(&mut file)?;
        file.flush().and_then(|()| file.get_ref().sync_data()).with_context(cannot)?;
        fs::rename(&part, path).with_context(cannot)?;
        Ok(done)
    };
    through().inspect_err(|_| drop(fs::remove_file(&part)))
}

/// Fills a folder beside its place; the earlier one goes when the new one is whole.
///
/// # Errors
/// As [`file`].
pub(super) fn folder<T>(path: &Path, fill: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    above(path)?;
    let cannot = || format!("cannot write {}", path.display());
    let (part, old) = (neighbour(path, ".downhill-part"), neighbour(path, ".downhill-old"));
    let gone = |path: &Path| if path.exists() { fs::remove_dir_all(path) } else { Ok(()) };
    let through = || {
        gone(&part).and_then(|()| fs::create_dir(&part)).with_context(cannot)?;
        let done = fill(&part)?;
        if path.exists() {
            gone(&old).and_then(|()| fs::rename(path, &old)).with_context(cannot)?;
        }
        fs::rename(&part, path).and_then(|()| gone(&old)).with_context(cannot)?;
        Ok(done)
    };
    through().inspect_err(|_| drop(fs::remove_dir_all(&part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finished_leaves_what_was_there() {
        let place = tempfile::tempdir().expect("a folder");
        let (one, all) = (place.path().join("one.txt"), place.path().join("all"));
        let text = |path: &Path| fs::read_to_string(path).expect("a text");
        file(&one, |file| Ok(file.write_all(b"first")?)).expect("written");
        folder(&all, |dir| Ok(fs::write(dir.join("a"), "first")?)).expect("written");
        let broken = || anyhow::anyhow!("the disk is full");
        let half = file(&one, |file| file.write_all(b"sec").map_err(Into::into).and_then(|()| Err::<(), _>(broken())));
        let none =
            folder(&all, |dir| fs::write(dir.join("b"), "").map_err(Into::into).and_then(|()| Err::<(), _>(broken())));
        assert!(half.is_err() && none.is_err());
        assert_eq!([text(&one), text(&all.join("a"))], ["first", "first"]);
        folder(&all, |dir| Ok(fs::write(dir.join("b"), "second")?)).expect("written");
        assert!(!all.join("a").exists() && all.join("b").exists());
        let left: Vec<_> = fs::read_dir(place.path()).expect("a folder").flatten().map(|e| e.file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }

    #[test]
    fn nothing_else_is_replaced() {
        let place = tempfile::tempdir().expect("a folder");
        let mine = place.path().join("thesis.json");
        check(&mine, |_| false).expect("nothing is there");
        fs::write(&mine, "mine").expect("written");
        let said = check(&mine, |_| false).expect_err("refused").to_string();
        assert!(said.contains("thesis.json") && said.contains("--out"), "{said}");
        check(&mine, |_| true).expect("an earlier export");
        let (empty, other) = (place.path().join("runs"), place.path().join("runs.old"));
        fs::create_dir(&empty).and_then(|()| fs::write(&other, "mine")).expect("written");
        check(&empty, |_| false).expect("an empty folder");
        folder(&empty, |_| Ok(())).and_then(|()| folder(&empty, |_| Ok(()))).expect("written");
        assert_eq!(fs::read_to_string(&other).expect("a text"), "mine");
    }
}
