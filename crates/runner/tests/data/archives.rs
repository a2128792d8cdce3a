//! Archives: what is taken from them, and which are refused.

use crate::server::{Reply, Server};
use crate::{Cache, gzip, known, sha256};
use downhill_problems::data::{Digest, Packing};
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// A tar archive of files, with names that the crate itself would refuse to write.
fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(vec![]);
    for (name, bytes) in entries {
        let mut header = tar::Header::new_old();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// An archive whose one entry is the name of the next, as GNU writes long ones.
fn named_by(name: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(name.len() as u64);
    header.set_cksum();
    let mut builder = tar::Builder::new(vec![]);
    builder.append(&header, name).unwrap();
    builder.into_inner().unwrap()
}

fn link(name: &str, target: &str, kind: tar::EntryType) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(0);
    let mut builder = tar::Builder::new(vec![]);
    builder.append_link(&mut header, name, target).unwrap();
    builder.into_inner().unwrap()
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Fetches an archive into a cache of its own.
fn fetch(archive: &[u8], packing: Packing) -> (Cache, Result<(), String>) {
    let (body, cache) = (archive.to_vec(), Cache::new());
    let server = Server::new(move |_| Reply::all(&body));
    let known = known(&[format!("{}/archive", server.url)], Digest::Download(sha256(archive)), packing);
    let got = cache.get(&known).map(|_| ());
    (cache, got)
}

const DOCUMENTS: Packing =
    Packing::Documents { folders: &[("top/no", "words.txt", "no"), ("top/yes", "words.txt", "yes")], mail: true };

#[test]
fn a_file_is_taken_by_its_name() {
    let entries: &[(&str, &[u8])] = &[("top/README", b"about"), ("top/words.txt", b"0\ta b\n"), ("top/words", b"no")];
    for (archive, packing) in [(gzip(&tar(entries)), Packing::TarGz), (zip(entries), Packing::Zip)] {
        let (cache, got) = fetch(&archive, packing);
        got.unwrap();
        assert_eq!(fs::read(cache.path("words.txt")).unwrap(), b"0\ta b\n");
        assert_eq!(cache.names(), [".lock", "SHA256SUMS", "words.txt"]);
    }
}

#[test]
fn documents_become_lines_in_order() {
    let archive = gzip(&tar(&[
        ("top/yes/2.txt", b"From: me\r\nTo: you\r\n\r\nWin\tnow\r\nor never\r\n"),
        ("top/yes/10.txt", b"From: me\n\nten\n\nand more"),
        ("top/no/1.txt", b"Subject: \xff\n\ncaf\xe9 at eight"),
        ("top/no/1.json", b"{}"),
        ("top/other/1.txt", b"\nnothing"),
        ("top/no/empty.txt", b"only a head"),
    ]));
    let (cache, got) = fetch(&archive, DOCUMENTS);
    got.unwrap();
    let lines = fs::read_to_string(cache.path("words.txt")).unwrap();
    assert_eq!(lines, "no\tcaf\u{fffd} at eight\nno\t\nyes\tten and more\nyes\tWin now or never\n");
}

#[test]
fn no_entry_leaves_its_folder() {
    use tar::EntryType::{Link, Symlink};
    let evil: &[u8] = b"0\tevil\n";
    let outside = std::env::temp_dir().join(format!("downhill-evil-{}", std::process::id()));
    let absolute = outside.to_str().unwrap().to_owned();
    let mut archives: Vec<(Vec<u8>, Packing)> = vec![];
    for name in ["../words.txt", "top/../../words.txt", &absolute, "..\\words.txt", "top/words.txt/../../../x"] {
        archives.push((gzip(&tar(&[("words.txt", evil), (name, evil)])), Packing::TarGz));
        archives.push((zip(&[("words.txt", evil), (name, evil)]), Packing::Zip));
        archives.push((gzip(&tar(&[("top/no/1.txt", evil), (name, evil)])), DOCUMENTS));
    }
    for kind in [Symlink, Link] {
        archives.push((gzip(&link("words.txt", "/etc/passwd", kind)), Packing::TarGz));
    }
    for (archive, packing) in archives {
        let (cache, got) = fetch(&archive, packing);
        let error = got.unwrap_err();
        assert!(
            error.contains("refused") && (error.contains("leaves the folder") || error.contains("is a link")),
            "{error}"
        );
        assert_eq!(cache.names(), [".lock"], "{error}");
        let beside: Vec<_> = fs::read_dir(cache.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(beside, ["words"]);
    }
    assert!(!Path::new(&outside).exists());
}

#[test]
fn what_is_no_archive_is_said() {
    let twice = tar(&[("a/words.txt", b"0\ta\n"), ("b/words.txt", b"0\tb\n")]);
    let bomb = vec![0; 9_000_000];
    for (archive, packing, word) in [
        (gzip(&tar(&[("other.txt", b"x")])), Packing::TarGz, "holds `words.txt` 0 times"),
        (zip(&[("other.txt", b"x")]), Packing::Zip, "holds `words.txt` 0 times"),
        (gzip(&tar(&[("other/1.txt", b"x")])), DOCUMENTS, "holds `words.txt` 0 times"),
        (gzip(&twice), Packing::TarGz, "holds `words.txt` 2 times"),
        (gzip(&twice)[..60].to_vec(), Packing::TarGz, "cannot be unpacked"),
        (b"no archive".to_vec(), Packing::TarGz, "cannot be unpacked"),
        (b"no archive".to_vec(), Packing::Zip, "cannot be unpacked"),
        (b"no archive".to_vec(), Packing::Gzip, "cannot be unpacked"),
        (b"no archive".to_vec(), Packing::Bzip2, "cannot be unpacked"),
        (gzip(&bomb), Packing::Gzip, "far more than it should"),
        (gzip(&tar(&[("words.txt", &bomb)])), Packing::TarGz, "far more than it should"),
        (zip(&[("words.txt", &bomb)]), Packing::Zip, "far more than it should"),
        (gzip(&tar(&[("top/no/1.txt", &bomb)])), DOCUMENTS, "far more than it should"),
        (gzip(&tar(&[("other.txt", &bomb)])), Packing::TarGz, "far more than it should"),
        (gzip(&named_by(&bomb)), Packing::TarGz, "far more than it should"),
    ] {
        let (cache, got) = fetch(&archive, packing);
        let error = got.unwrap_err();
        assert!(error.contains(word), "lacks `{word}`: {error}");
        assert_eq!(cache.names(), [".lock"], "{error}");
    }
}
