//! The comparison with burn: nothing is left out, the page is what its files say, and the command runs.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::Place;
use downhill::Registry;
use downhill_burn::Backend;
use downhill_problems::Families;
use runner::parity::paths::{COURSES, deviations};
use runner::parity::{Defaults, PAIRS, comparisons, verdicts};
use runner::rows::TrialRow;
use runner::stats::{Axis, groups};
use runner::store::{read_csv, write_csv};
use runner::{Lab, Study, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn lab() -> Lab {
    let burn = downhill_burn::entries(Backend::Flex);
    Lab::new(burn.into_iter().fold(Registry::builtin(), Registry::with), Families::builtin())
}

fn studies(lab: &Lab) -> Vec<Study> {
    let entries = fs::read_dir(root().join("experiments/burn-parity")).unwrap();
    entries.map(|entry| Study::load(&entry.unwrap().path(), lab).unwrap()).collect()
}

/// A built-in that burn's crate adds must be paired here.
#[test]
fn every_optimizer_of_burn_has_a_pair() {
    let burn: BTreeSet<_> = downhill_burn::entries(Backend::Flex).iter().map(|e| e.facts.name).collect();
    let paired: BTreeSet<_> = PAIRS.iter().map(|p| p.burn).collect();
    assert_eq!(paired, burn);
    let lab = lab();
    for (pair, defaults, tables) in comparisons() {
        let [burn, ours] =
            [tables.burn, tables.ours].map(|table| lab.optimizers.configure(&table).unwrap().canonical());
        // At whose defaults it is, that side says nothing that the other side's convention would not say by itself.
        let plain = |name: &str| lab.optimizers.configure(&serde_json::json!({ "name": name })).unwrap().canonical();
        match defaults {
            Defaults::Burns if pair.ours != "heavy-ball" => assert_eq!(burn, plain(pair.burn)),
            Defaults::Burns => assert_eq!(burn["dampening"], plain(pair.burn)["dampening"]),
            Defaults::Ours => assert_eq!(ours, plain(pair.ours)),
        }
    }
}

/// Each pair, with both defaults, on at least six problems with ten seeds, both sides at the same rates.
#[test]
fn the_studies_leave_no_pair_out() {
    let lab = lab();
    let bare = |mut table: serde_json::Value| {
        table.as_object_mut().unwrap().remove("preset");
        table.to_string()
    };
    let mut seen: BTreeMap<(String, String), BTreeSet<(String, u64)>> = BTreeMap::new();
    for trial in studies(&lab).iter().flat_map(Study::trials) {
        let key = (bare((*trial.optimizer).clone()), trial.problem.to_string());
        seen.entry(key).or_default().insert((trial.lr.to_string(), trial.seed));
    }
    for (pair, defaults, tables) in comparisons() {
        let [burn, ours] = [tables.burn, tables.ours].map(|table| {
            let name = bare(lab.optimizers.configure(&table).unwrap().canonical());
            let found = seen.iter().filter(|((optimizer, _), _)| *optimizer == name);
            found.map(|((_, problem), cells)| (problem, cells)).collect::<BTreeMap<_, _>>()
        });
        assert_eq!(burn, ours, "{} and {} at the defaults of {defaults}", pair.burn, pair.ours);
        assert!(burn.len() >= 6, "{}: {} problems", pair.burn, burn.len());
        let seeds =
            |cells: &BTreeSet<(String, u64)>| cells.iter().map(|(_, seed)| *seed).collect::<BTreeSet<_>>().len();
        assert!(burn.values().all(|cells| seeds(cells) == 10), "{}", pair.burn);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    // Files alone: a sweep of a study by itself leaves a folder among the results.
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn committed() -> Place {
    let place = Place::new();
    for dir in ["results/burn-parity", "experiments/burn-parity"] {
        copy(&root().join(dir), &place.path(dir));
    }
    place
}

#[test]
fn the_committed_page_is_what_its_files_say() {
    let place = committed();
    let before = place.read("results/burn-parity/README.md");
    place.run("compare --burn --only page").expect(0, &["README.md"]);
    assert_eq!(place.read("results/burn-parity/README.md"), before);
    // A row that its numbers do not explain is no page.
    let csv = place.read("results/burn-parity/deviations.csv");
    let (head, rest) = csv.split_once('\n').unwrap();
    let (first, rest) = rest.split_once('\n').unwrap();
    let mut fields: Vec<_> = first.split(',').collect();
    fields[5] = "0.5";
    fields[6] = "0.5";
    place.write("results/burn-parity/deviations.csv", format!("{head}\n{}\n{rest}", fields.join(",")));
    place.run("compare --burn --only page").expect(1, &["a deviation without a reason", "burn/sgd"]);
}

/// The same bytes again, on the instruction set on which they were made.
#[test]
fn the_committed_numbers_come_again() {
    let (lab, place) = (lab(), committed());
    let old = place.read("results/burn-parity/deviations.csv");
    if !old.contains(&runner::trial::kernel_class()) {
        return;
    }
    let again = place.path("again.csv");
    write_csv(&again, deviations(&lab, &COURSES, 200).unwrap()).unwrap();
    assert_eq!(fs::read_to_string(&again).unwrap(), old);

    let small = |t: &Trial| t.problem["data"] == "diabetes";
    let losses = studies(&lab).into_iter().find(|study| study.name.ends_with("losses")).unwrap();
    let trials: Vec<Trial> = losses.trials().iter().filter(|t| small(t)).cloned().collect();
    let mut done = BTreeMap::new();
    let keep = |record: runner::Record| {
        done.insert(record.key.clone(), TrialRow::new(&record, &lab));
        Ok(())
    };
    runner::sweep::run(&trials, &lab, 2, &AtomicBool::new(false), keep).unwrap();
    let rows: Vec<TrialRow> = trials.iter().map(|t| done.remove(&t.key()).unwrap()).collect();
    let rows = verdicts::rows("losses", &groups(&rows, &Axis::Optimizer, &lab), &lab).unwrap();
    let old: Vec<verdicts::Row> = read_csv(&place.path("results/burn-parity/verdicts.csv")).unwrap();
    let old: Vec<_> = old.into_iter().filter(|row| row.study == "losses" && row.problem.contains("diabetes")).collect();
    assert!(!rows.is_empty());
    assert_eq!(rows, old);
}

#[test]
fn a_quick_comparison_takes_seconds_and_says_all() {
    let place = Place::new();
    copy(&root().join("experiments/burn-parity"), &place.path("experiments/burn-parity"));
    place.run("compare").expect(2, &["CONTESTANTS"]);
    place.run("compare --burn --quick").expect(0, &["results/burn-parity-quick/README.md"]);
    let page = place.read("results/burn-parity-quick/README.md");
    for words in ["Do they walk the same path?", "Does it matter?", "What does a step cost?", "burn/lion"] {
        assert!(page.contains(words), "lacks `{words}`:\n{page}");
    }
    // Bytes are counted: burn makes a new tensor of most operations, our steps allocate nothing.
    let speed: Vec<runner::parity::speed::Speed> =
        read_csv(&place.path("results/burn-parity-quick/speed.csv")).unwrap();
    let adam = speed.iter().find(|row| row.burn == "burn/adam" && row.what == "step").unwrap();
    assert!(adam.burn_bytes.unwrap() > 4 * 1_000, "{adam:?}");
    assert_eq!(adam.alone_bytes, Some(0), "{adam:?}");
    let before = place.read("results/burn-parity-quick/deviations.csv");
    place.run("compare --burn --quick --only paths").expect(0, &[]);
    assert_eq!(place.read("results/burn-parity-quick/deviations.csv"), before);
}
