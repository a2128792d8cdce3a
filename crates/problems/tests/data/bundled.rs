//! Facts against files, and values that committed studies stand on.

use downhill_problems::data::{Features, Target};
use downhill_problems::{DataSpec, Dataset, SplitSpec, Streams};
use serde_json::json;

const DIGESTS: &[(&str, &str)] = &[
    ("iris", "0eb586af4d1828595764811e5f64f3161c09d3b71211f0512e57b9d16787a37a"),
    ("wine", "37a503449e43966533c207f6f0f4daf1b1e95d1ca671d20353000adecd143a00"),
    ("penguins", "e874f7b545949afff7613f6b70e9465d8c79156721dc53d5d5c08d9c39190938"),
    ("auto_mpg", "13b9dc1945705ab60f30aff6c10d0f52001eec68e2eacaa114fa2caad5b0454a"),
    ("breast_cancer", "db1c0df91848254220b4b0649240d6fd9e1adb5dd6a2ef3d4135366288184bfc"),
    ("diabetes", "035c08de2f2b4206766c4e341572071c521c34f268242449a43c8d2fe1b85201"),
    ("german_credit", "3099e66ecb13a4872eaab82607837304a557993d39a004d7e0bbef37c24e3bc9"),
    ("wine_quality", "15d7a10aaadc13d3aef39d23272905c429887441f578137d0bdc41be19d40772"),
    ("digits", "13756791e0c0da587deb6ac62e481ddc214a4eedf28b4d6882f50f1ddc440ca1"),
    ("digit_images", "c8450cf63924ea4531308d330aadae3b5fd8acb48fe937c38ca5f547311ba8dc"),
    ("coriolanus", "1dd3458f81de0d22707f1513252a19e20503eb8715c2ee920fdf58e49d0cb8a9"),
    ("abalone", "6bf8450679a6d8e8064a87361c30bdc40d61d3e46662431900ac9ecdcdf44015"),
    ("spambase", "c68d1827dd47d13cac5719ac528f790b8b1ff12d977044496e5df7baca7b4756"),
    ("satimage", "865f6dfe6e4f12c70aaa5d32476820afdae5706a14e17c864b6ffc488cf74073"),
    ("letter", "58327df3085403e9ea2a0ab559accd6ca6efe2f0cc7e85a1cf881c2a18a6f258"),
];

fn load(name: &str) -> Dataset {
    name.parse::<DataSpec>().unwrap().load().unwrap()
}

#[test]
fn facts_are_those_of_the_files() {
    let readme = include_str!("../../data/README.md");
    for facts in Dataset::bundled() {
        let data = load(facts.name);
        assert_eq!((data.rows(), data.width(), data.columns.len()), (facts.rows, facts.width, facts.width));
        let classes = match &data.target {
            Target::Classes { names, .. } => Some(names.len()),
            Target::Numbers(_) => None,
        };
        assert_eq!(classes, facts.classes, "{}", facts.name);
        assert_eq!((data.name.as_str(), data.source.as_str()), (facts.name, facts.source));
        let origin = facts.source.split("doi:").nth(1).unwrap_or(facts.source);
        assert!(readme.contains(origin), "{}", facts.source);
        let file = format!("{}/data/{}", env!("CARGO_MANIFEST_DIR"), facts.file);
        assert_eq!(std::fs::read(file).unwrap().len(), facts.bytes());
    }
}

#[test]
fn a_bundled_table_is_as_its_file() {
    for facts in Dataset::bundled().iter().filter(|b| b.file == format!("{}.csv.gz", b.name)) {
        let path = format!("{}/data/{}", env!("CARGO_MANIFEST_DIR"), facts.file);
        // Header and delimiter by default; few whole numbers would be taken for classes.
        let task = if facts.classes.is_some() { "classification" } else { "regression" };
        let file = serde_json::from_value::<DataSpec>(json!({ "csv": path, "task": task })).unwrap().load().unwrap();
        assert_eq!(file.digest, load(facts.name).digest);
    }
}

#[test]
fn value_stability_of_digests() {
    let found: Vec<_> = Dataset::bundled().iter().map(|b| (b.name, load(b.name).digest)).collect();
    assert_eq!(found, DIGESTS.iter().map(|&(name, digest)| (name, digest.to_owned())).collect::<Vec<_>>());
}

#[test]
fn value_stability_of_a_split() {
    let data = load("digits");
    let rows = SplitSpec::default().rows(&data, &Streams::new("digits", 0)).unwrap();
    let found = rows.each_ref().map(|rows| (rows.len(), rows[..6].to_vec(), crc32(rows)));
    let expected = [
        (1078, vec![0, 2, 3, 5, 6, 9], 3_361_217_250),
        (360, vec![7, 10, 18, 35, 40, 41], 4_280_476_368),
        (359, vec![1, 4, 8, 12, 21, 27], 2_900_739_462),
    ];
    assert_eq!(found, expected);
}

fn crc32(rows: &[u32]) -> u32 {
    let mut crc = flate2::Crc::new();
    rows.iter().for_each(|row| crc.update(&row.to_le_bytes()));
    crc.sum()
}

/// What scikit-learn's loaders return, at a few places.
#[test]
fn values_are_where_they_belong() {
    let Features::Dense(iris) = load("iris").features else { panic!("a table is dense") };
    assert_eq!(iris[..4], [5.1, 3.5, 1.4, 0.2]);
    let cancer = load("breast_cancer");
    let Target::Classes { labels, names } = &cancer.target else { panic!("classes") };
    assert_eq!((names[labels[0] as usize].as_str(), cancer.columns[0].as_str()), ("malignant", "mean radius"));
    let Target::Numbers(diabetes) = load("diabetes").target else { panic!("numbers") };
    assert_eq!(diabetes[..3], [151.0, 75.0, 141.0]);
    let penguins = load("penguins");
    assert_eq!(penguins.columns[..4], ["island=Biscoe", "island=Dream", "island=Torgersen", "bill length (mm)"]);
    let Features::Dense(x) = penguins.features else { panic!("a table is dense") };
    assert_eq!(x[..4], [0.0, 0.0, 1.0, 39.1]);
}
