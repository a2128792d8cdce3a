//! A user's own folder, and folders of data sets that were fetched.

use crate::idx::array;
use crate::{Temporary, gzip};
use downhill_problems::data::{Features, Known, Packing, Places, Target};
use downhill_problems::{DataSpec, Dataset, SplitSpec, Streams};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder with these files, which goes when it is dropped.
struct Folder(Temporary);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Folder(Temporary::new(".hidden", b""));
        files.iter().for_each(|(name, bytes)| folder.write(name, bytes));
        folder
    }
    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fn path(&self) -> &Path {
        Path::new(self.0.path()).parent().unwrap()
    }
    fn load(&self) -> Result<Dataset, String> {
        let spec: DataSpec = self.path().to_str().unwrap().parse().unwrap();
        spec.load().map_err(|e| e.0)
    }
}

const TABLE: &[u8] = b"a,y\n1,no\n2,yes\n3,no\n4,yes\n5,no\n6,yes\n";

#[test]
fn one_file_is_the_data_set() {
    let table = Folder::new(&[("mine.csv", TABLE), ("README.md", b"about it")]).load().unwrap();
    assert_eq!((table.rows(), table.test_from), (6, None));
    let sparse = Folder::new(&[("mine.svm.gz", &gzip(b"+1 1:1\n-1 2:1\n"))]).load().unwrap();
    assert!(matches!(sparse.features, Features::Sparse(_)));
    let folder = Folder::new(&[("mine.csv", TABLE)]);
    assert_eq!(folder.load().unwrap().name, folder.path().file_name().unwrap().to_str().unwrap());
    let slash = format!("{}/", folder.path().display());
    assert_eq!(slash.parse::<DataSpec>().unwrap().load().unwrap().digest, folder.load().unwrap().digest);
}

#[test]
fn a_second_file_is_for_test() {
    let csv = Folder::new(&[("train.csv", TABLE), ("test.csv", b"a,y\n7,no\n8,yes\n")]).load().unwrap();
    assert_eq!((csv.rows(), csv.test_from), (8, Some(6)));
    let rows = SplitSpec::default().rows(&csv, &Streams::new("tested", 0)).unwrap();
    assert_eq!((rows[2].as_slice(), rows[0].len() + rows[1].len()), (&[6, 7][..], 6));
    let (train, test) = (b"+1 1:1 3:5\n-1 2:1\n", b"-1 3:2\n+1\n");
    let svm = Folder::new(&[("a.svm", train), ("test-a.svm", test)]).load().unwrap();
    let Features::Sparse(x) = &svm.features else { panic!("sparse") };
    assert_eq!(
        (&x.starts[..], &x.columns[..], &x.values[..]),
        (&[0, 2, 3, 4, 4][..], &[0, 2, 1, 2][..], &[1.0, 5.0, 1.0, 2.0][..])
    );
    let images = |n: u8| array(&[u32::from(n), 1, 1], &(0..n).collect::<Vec<_>>());
    let labels = |n: u8| array(&[u32::from(n)], &(0..n).map(|i| i % 2).collect::<Vec<_>>());
    let idx = Folder::new(&[
        ("train-images-idx3-ubyte", &images(6)),
        ("train-labels-idx1-ubyte", &labels(6)),
        ("t10k-images-idx3-ubyte.gz", &gzip(&images(2))),
        ("t10k-labels-idx1-ubyte.gz", &gzip(&labels(2))),
    ]);
    let idx = idx.load().unwrap();
    assert_eq!((idx.rows(), idx.test_from), (8, Some(6)));
    assert!(matches!(&idx.features, Features::Bytes(b) if b[..] == [0, 1, 2, 3, 4, 5, 0, 1]));
    let whole = Folder::new(&[("train.csv", TABLE)]).load().unwrap();
    let emptied = Folder::new(&[("train.csv", TABLE), ("test.csv", b"a,y\n1,no\n2,yes\n")]).load().unwrap();
    assert_ne!(whole.digest, emptied.digest);
}

#[test]
fn a_folder_a_class_holds_documents() {
    let folder = Folder::new(&[
        ("spam/2.txt", b"win now"),
        ("spam/1.txt", b"win \xff money"),
        ("ham/1.eml", b"see you now"),
        ("ham/.DS_Store", b"noise"),
    ]);
    let data = folder.load().unwrap();
    assert_eq!(data.columns, ["money", "now", "see", "win", "you"]);
    let Target::Classes { labels, names } = &data.target else { panic!("classes") };
    assert_eq!((labels.as_slice(), names.concat()), (&[0, 1, 1][..], "hamspam".to_owned()));
    let Features::Counts(counts) = &data.features else { panic!("counts") };
    assert_eq!(counts.rows.columns, [1, 2, 4, 0, 3, 1, 3]);
}

#[test]
fn what_could_be_anything_is_refused() {
    for (files, words) in [
        (&[("notes.md", &b"x"[..])][..], &["nothing to read", ".csv", "a folder a class"][..]),
        (&[("a.csv", TABLE), ("b.csv", TABLE)], &["several ways", "a.csv, b.csv"]),
        (&[("a.csv", TABLE), ("x/1", b"word"), ("y/1", b"word")], &["several ways", "a.csv"]),
        (
            &[("train.csv", TABLE), ("test.csv", b"b,y\n7,no\n8,yes\n")],
            &["train.csv", "test.csv", "different features"],
        ),
        (&[("train.csv", TABLE), ("test.csv", b"a,y\n7,no\n8,si\n")], &["different targets"]),
        (&[("only/1", b"word")], &["nothing to read"]),
    ] {
        let error = Folder::new(files).load().map(|_| ()).unwrap_err();
        words.iter().for_each(|word| assert!(error.contains(word), "`{word}` is not in: {error}"));
    }
    let missing = "no/such/folder/".parse::<DataSpec>().unwrap().load().map(|_| ()).unwrap_err().0;
    assert!(missing.contains("no/such/folder/") && missing.contains("counts from the folder"), "{missing}");
}

/// Small files of the form that a known data set has.
fn like(known: &Known) -> Vec<(String, Vec<u8>)> {
    let images = array(&[4, 1, 1], &[1, 2, 3, 4]);
    let labels = array(&[4], &[0, 1, 0, 1]);
    let image = |class: u8| [&[class][..], &[7; 3072]].concat();
    let content = |file: &str| {
        match known.name {
        "mnist" | "fashion-mnist" if file.contains("images") => images.clone(),
        "mnist" | "fashion-mnist" => labels.clone(),
        "cifar-10" => [image(3), image(9)].concat(),
        "a9a" | "rcv1" => b"-1 3:1 11:1\n+1 5:1\n".to_vec(),
        "adult" if file == "adult.test" => b"|1x3 Cross validator\n25, Private, 1, 11th, 7, a, b, c, d, Male, 0, 0, 40, US, <=50K.\n\
            30, ?, 1, 11th, 7, a, b, c, d, Male, 0, 0, 40, US, <=50K.\n31, Gov, 1, 9th, 7, a, b, c, d, Male, 0, 0, 40, US, >50K.\n\n"
            .to_vec(),
        "adult" => b"39, Gov, 7, 9th, 13, a, b, c, d, Male, 2174, 0, 40, US, <=50K\n40, Gov, 7, 9th, 13, a, b, c, d, Male, 2174, 0, 40, UK, >50K\n".to_vec(),
        "covtype" => (0..4).map(|i| format!("{}{}\n", format!("{i},").repeat(54), 1 + i % 2)).collect::<String>().into_bytes(),
        "imdb" | "sms-spam" | "spamassassin" => b"neg\tso bad\npos\tso good\nneg\tbad bad\n".to_vec(),
        "tiny-shakespeare" => b"First Citizen: speak.\n".repeat(20),
        other => panic!("{other}: not known to this test"),
    }
    };
    known.files().map(|file| (file.to_owned(), content(file))).collect()
}

#[test]
fn every_known_data_set_is_read_from_the_first_place_that_has_it() {
    for known in Dataset::known() {
        let place = Folder::new(&[]);
        let at = |name: &str| Some(place.path().join(name));
        let places =
            Places { given: at("given"), cache: at("cache"), system: at("system"), project: at("project/below") };
        let missing = known.load(&places).map(|_| ()).unwrap_err().0;
        for word in [&format!("`downhill data get {}`", known.name), known.licence, "cache", "system", "given"] {
            assert!(missing.contains(word), "{missing}");
        }
        // From the last place to the first: each hides the one before.
        let npm = known.npm.map(|package| format!("project/node_modules/{package}"));
        let folders =
            npm.into_iter().chain(["system", "cache", "given"].map(|place| format!("{place}/{}", known.name)));
        for folder in folders {
            let files = like(known);
            let (last, first) = files.split_last().unwrap();
            first.iter().for_each(|(name, bytes)| place.write(&format!("{folder}/{name}"), bytes));
            let before = places.find(known).map(|found| found.folder);
            assert_ne!(before, Some(place.path().join(&folder)), "a file is missing");
            place.write(&format!("{folder}/{}.gz", last.0), &gzip(&last.1));
            assert_eq!(places.find(known).unwrap().folder, place.path().join(&folder));
        }
        let data = known.load(&places).unwrap();
        assert_eq!(
            (data.name.as_str(), data.source.as_str(), data.licence.as_str()),
            (known.name, known.source, known.licence)
        );
        if let Some(width) = known.width.filter(|_| !["adult", "mnist", "fashion-mnist"].contains(&known.name)) {
            assert_eq!(data.width(), width, "{}", known.name);
        }
        let tested =
            known.files().any(|file| ["t10k", "test", "a9a.t", "adult.test"].iter().any(|t| file.starts_with(t)));
        assert_eq!(data.test_from.is_some(), tested, "{}", known.name);
    }
}

#[test]
fn adult_is_one_table_of_two_files() {
    let known = Known::named("adult").unwrap();
    let place = Folder::new(&[]);
    like(known).iter().for_each(|(name, bytes)| place.write(&format!("adult/{name}"), bytes));
    let data = known.load(&Places { given: Some(place.path().to_owned()), ..Places::default() }).unwrap();
    assert_eq!((data.rows(), data.test_from), (4, Some(2)));
    assert!(
        data.columns.contains(&"native-country=UK".to_owned())
            && data.columns.contains(&"workclass=Private".to_owned())
    );
    assert_eq!(data.target, Target::Classes { labels: vec![0, 1, 0, 1], names: vec!["<=50K".into(), ">50K".into()] });
}

#[test]
fn damaged_images_in_colour_are_named() {
    let known = Known::named("cifar-10").unwrap();
    for (bytes, word) in
        [(vec![1; 3072], "3072 bytes, expected a multiple of 3073"), (vec![77; 3073], "is of class 77")]
    {
        let place = Folder::new(&[]);
        known.files().for_each(|file| place.write(&format!("cifar-10/{file}"), &bytes));
        let error = known.load(&Places { cache: Some(place.path().to_owned()), ..Places::default() }).unwrap_err().0;
        assert!(error.contains(word) && error.contains("data_batch_1.bin"), "{error}");
    }
}

/// What a reader of the catalogue may rely on.
#[test]
fn the_catalogue_is_whole() {
    let mut names: Vec<&str> = Dataset::known().iter().map(|k| k.name).collect();
    names.extend(Dataset::bundled().iter().map(|b| b.name));
    let n = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), n, "a name means one data set");
    for known in Dataset::known() {
        assert!(known.rows > 0 && known.classes > 1 && known.megabytes > 0.0 && !known.licence.is_empty());
        for download in known.downloads {
            use downhill_problems::data::Digest;
            assert!(!download.urls.is_empty() && !download.files.is_empty());
            let several = !matches!(download.packing, Packing::Plain | Packing::Gzip | Packing::Bzip2);
            assert!(several || download.files.len() == 1, "{}", known.name);
            match download.digest {
                Digest::Content(hex) => assert!(hex.len() == 64 && download.files.len() == 1),
                Digest::Download(hex) => assert_eq!(hex.len(), 64),
                Digest::FirstUse => assert_eq!(known.name, "rcv1"),
            }
            for url in download.urls {
                assert!(url.starts_with("https://") || known.name == "fashion-mnist", "{url}");
            }
            for file in download.files {
                assert_eq!(PathBuf::from(file).components().count(), 1, "a file has a name, not a path");
            }
        }
    }
}
