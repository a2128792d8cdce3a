//! What reads files of others: each reader answers with a value or an error, whatever the bytes.

use crate::inputs::{Corpus, Seed};
use downhill::Registry;
use downhill_problems::data::{CsvSpec, Digest, DocumentsSpec, Download, IdxSpec, LibsvmSpec, Packing, TextSpec};
use downhill_problems::{DataSpec, Families};
use flate2::{Compression, write::GzEncoder};
use runner::import::{Archive, Columns};
use runner::store::{Folder, Results};
use runner::{Lab, Study};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A format, and what reads it.
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    read: fn(&Bench, &Seed) -> Result<(), String>,
}

/// All of them.
pub(crate) const READERS: [Reader; 9] = [
    Reader { name: "study", read: study },
    Reader { name: "csv", read: csv },
    Reader { name: "libsvm", read: libsvm },
    Reader { name: "idx", read: idx },
    Reader { name: "text", read: text },
    Reader { name: "documents", read: documents },
    Reader { name: "archive", read: archive },
    Reader { name: "import", read: import },
    Reader { name: "journal", read: journal },
];

/// A folder to write inputs to, in memory where there is one.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
    /// Renewed now and then: it keeps data that it has loaded.
    lab: RefCell<(Lab, u32)>,
}

impl Reader {
    /// The committed inputs.
    pub(crate) fn corpus(&self) -> Corpus {
        Corpus::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(self.name))
    }

    /// Reads an input. The error is the reader's own.
    ///
    /// # Panics
    /// If the reader does, or breaks its word.
    pub(crate) fn read(&self, bench: &Bench, input: &Seed) -> Result<(), String> {
        let read = (self.read)(bench, input);
        assert!(!read.as_ref().is_err_and(|e| e.trim().is_empty()), "an error without words");
        read
    }
}

impl Bench {
    pub(crate) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Bench { folder: folder.expect("a temporary folder"), lab: RefCell::new((lab(), 0)) }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path(name);
        fs::write(&path, bytes).expect("room for an input");
        path.to_string_lossy().into_owned()
    }

    fn with_lab<T>(&self, what: impl FnOnce(&Lab) -> T) -> T {
        let mut lab = self.lab.borrow_mut();
        lab.1 += 1;
        if lab.1.is_multiple_of(1000) {
            lab.0 = self::lab();
        }
        what(&lab.0)
    }
}

fn lab() -> Lab {
    // So many that planning them takes no second.
    Lab { most_trials: 500, ..Lab::new(Registry::builtin(), Families::builtin()) }
}

fn study(bench: &Bench, input: &Seed) -> Result<(), String> {
    let text = std::str::from_utf8(&input.bytes).map_err(|e| e.to_string())?;
    let study = bench.with_lab(|lab| Study::parse("fuzz".into(), text.into(), lab));
    let study = study.map_err(|fault| {
        assert!(!fault.text.contains("panic"), "{}", fault.text);
        let lines = text.split('\n').count();
        assert!((1..=lines).contains(&fault.line), "line {} of {lines}: {}", fault.line, fault.text);
        fault.text
    })?;
    assert!(!study.trials().is_empty(), "a study without trials is none");
    Ok(())
}

/// Loads a data set, which has rows and features if it is one.
fn load(spec: DataSpec) -> Result<(), String> {
    let data = spec.load().map_err(|e| e.to_string())?;
    assert!(data.rows() > 0 && data.width() > 0, "{} rows, {} features", data.rows(), data.width());
    Ok(())
}

fn csv(bench: &Bench, input: &Seed) -> Result<(), String> {
    load(DataSpec::Csv(CsvSpec::new(bench.write("table.csv", &input.bytes))))
}

fn libsvm(bench: &Bench, input: &Seed) -> Result<(), String> {
    load(DataSpec::Libsvm(LibsvmSpec::new(bench.write("rows.svm", &input.bytes))))
}

/// Images, and behind a line `LABELS` their classes.
fn idx(bench: &Bench, input: &Seed) -> Result<(), String> {
    let mark = b"\nLABELS\n";
    let at = input.bytes.windows(mark.len()).position(|w| w == mark).unwrap_or(input.bytes.len());
    let labels = input.bytes.get(at + mark.len()..).unwrap_or_default();
    let images = bench.write("images-idx3-ubyte", &input.bytes[..at]);
    bench.write("labels-idx1-ubyte", labels);
    load(DataSpec::Idx(IdxSpec::new(images)))
}

fn text(bench: &Bench, input: &Seed) -> Result<(), String> {
    let spec = TextSpec { context: 5, ..TextSpec::new(bench.write("text.txt", &input.bytes)) };
    load(DataSpec::Text(spec))
}

fn documents(bench: &Bench, input: &Seed) -> Result<(), String> {
    load(DataSpec::Documents(DocumentsSpec::new(bench.write("documents.txt", &input.bytes))))
}

/// Archives as they come, or (`tar`, `mails`) what is gzipped in them; nothing is written but the file that is expected.
fn archive(bench: &Bench, input: &Seed) -> Result<(), String> {
    let mails =
        Packing::Documents { folders: &[("top/no", "words.txt", "no"), ("top/yes", "words.txt", "yes")], mail: true };
    let gzipped = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory")
    };
    let (packing, bytes) = match input.ending.as_str() {
        "gz" => (Packing::Gzip, input.bytes.clone()),
        "bz2" => (Packing::Bzip2, input.bytes.clone()),
        "zip" => (Packing::Zip, input.bytes.clone()),
        "tgz" => (Packing::TarGz, input.bytes.clone()),
        "tar" => (Packing::TarGz, gzipped(&input.bytes)),
        _ => (mails, gzipped(&input.bytes)),
    };
    let download = Download { urls: &[], digest: Digest::FirstUse, packing, files: &["words.txt"] };
    let packed = bench.write("archive", &bytes);
    let inside = bench.path("inside");
    fs::create_dir_all(&inside).expect("a folder");
    let done = runner::fetch::unpack(&download, Path::new(&packed), &inside, 1 << 20);
    for (folder, names) in [(bench.folder.path(), ["archive", "inside"].as_slice()), (&inside, &["words.txt.new"])] {
        for entry in fs::read_dir(folder).expect("the folder") {
            let name = entry.expect("an entry").file_name();
            assert!(names.contains(&&*name.to_string_lossy()), "unpacking wrote {name:?}");
        }
    }
    done.map_err(|e| format!("{e:#}"))
}

/// Runs of others: one CSV file, or one JSON file of DeepOBS in its folders.
fn import(bench: &Bench, input: &Seed) -> Result<(), String> {
    let name = if input.ending == "csv" { "runs.csv" } else { "wave/sgd/lr__1e-1/random_seed__1.json" };
    fs::create_dir_all(bench.path(name).parent().expect("a folder")).expect("a folder");
    let path = bench.write(name, &input.bytes);
    let (archive, _) = Archive::read(Path::new(&path), None, &Columns::default()).map_err(|e| format!("{e:#}"))?;
    assert!(!archive.is_empty(), "an archive without runs is none");
    let out = bench.path("imported");
    bench
        .with_lab(|lab| archive.write(&out, "", runner::import::Imported::default(), lab))
        .map_err(|e| format!("{e:#}"))?;
    let results = Results::read(&out).unwrap_or_else(|e| panic!("what was imported cannot be read: {e:#}"));
    assert_eq!(results.trials.len(), archive.len());
    Ok(())
}

/// A journal as it lies there, or (`records`) lines that get a checksum first. Whole lines stay, all others are told.
fn journal(bench: &Bench, input: &Seed) -> Result<(), String> {
    let sum = |json: &[u8]| Sha256::digest(json).iter().take(4).map(|b| format!("{b:02x}")).collect::<String>();
    let bytes = match input.ending.as_str() {
        "records" => {
            let lines = input.bytes.split(|&b| b == b'\n').filter(|line| !line.is_empty());
            lines.flat_map(|json| [sum(json).as_bytes(), b" ", json, b"\n"].concat()).collect()
        }
        _ => input.bytes.clone(),
    };
    let sound = |line: &&[u8]| {
        let json = line.strip_suffix(b"\n").and_then(|line| line.get(9..));
        json.is_some_and(|json| line.starts_with(format!("{} ", sum(json)).as_bytes()))
    };
    let (whole, torn): (Vec<&[u8]>, Vec<&[u8]>) = bytes.split_inclusive(|&b| b == b'\n').partition(sound);
    bench.write("journal.jsonl", &bytes);
    let folder = Folder::open(bench.folder.path(), false).map_err(|e| format!("{e:#}"))?;
    assert!(folder.notes().len() >= torn.len(), "{} lines are gone, told of {}", torn.len(), folder.notes().len());
    let kept = fs::read(bench.path("journal.jsonl")).expect("the journal");
    assert!(kept == whole.concat(), "not all that is whole was kept");
    let notes = folder.notes().to_vec();
    drop(folder);
    let again = Folder::open(bench.folder.path(), false).map_err(|e| format!("{e:#}"))?;
    let gone = again
        .notes()
        .iter()
        .filter(|note| !note.contains("another version") && !note.contains("another result"))
        .count();
    assert_eq!(gone, 0, "{:?}", again.notes());
    if notes.is_empty() { Ok(()) } else { Err(notes.join("; ")) }
}
