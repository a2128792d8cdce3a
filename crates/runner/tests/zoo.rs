//! The zoo: what is in it, what studies pick, and that reports keep its halves apart.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::Place;
use downhill::Registry;
use downhill_problems::Families;
use runner::zoo::{Instance, Pick, Set, Which, instances};
use runner::{Lab, Study};
use std::collections::{BTreeMap, BTreeSet};

fn lab() -> Lab {
    Lab::new(Registry::builtin(), Families::builtin())
}

#[test]
fn every_instance_has_a_name_a_cost_and_a_problem_of_its_own() {
    let lab = lab();
    let all = instances(&lab).unwrap();
    let names: BTreeSet<&str> = all.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names.len(), all.len());
    let problems: BTreeSet<String> = all.iter().map(|i| i.problem.to_string()).collect();
    assert_eq!(problems.len(), all.len(), "one problem twice");
    for instance in &all {
        assert!(instance.ms.is_some(), "{}: not measured; `--example zoo` does so", instance.name);
        let text = format!("[[optimizer]]\nname = \"sgd\"\nlr = 0.1\n[[problem]]\ninstance = \"{}\"\n", instance.name);
        let study = Study::parse("one".into(), text, &lab).unwrap();
        assert_eq!(study.trials().len(), 1, "{}", instance.name);
        assert_eq!(*study.trials()[0].problem, instance.problem);
    }
}

/// At least 120 instances of ten groups, no group of more than 15 %, at least 60 with batches or noise.
#[test]
fn the_zoo_is_large_and_mixed() {
    let lab = lab();
    let all = instances(&lab).unwrap();
    assert!(all.len() >= 120, "{}", all.len());
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    all.iter().for_each(|i| *groups.entry(&i.group).or_default() += 1);
    assert!(groups.len() >= 10, "{groups:?}");
    assert!(groups.values().all(|&n| 100 * n <= 15 * all.len()), "{groups:?}");
    let text = "[[optimizer]]\nname = \"sgd\"\nlr = 0.1\n[[problem]]\nzoo = \"all\"\n";
    let study = Study::parse("all".into(), text.into(), &lab).unwrap();
    assert_eq!(study.trials().len(), all.len());
    let noisy = |t: &&runner::Trial| {
        let problem = lab.families.configure(&t.problem).unwrap();
        let streams = downhill_problems::Streams::new("zoo", 0);
        t.sampling.batch > 0 || problem.build::<f64>(&lab.world.context(&t.split, &streams)).unwrap().facts().noisy
    };
    assert!(study.trials().iter().filter(noisy).count() >= 60);
    let costs: Vec<f64> = all.iter().filter_map(|i| i.ms).collect();
    assert!(costs.iter().sum::<f64>() / costs.len() as f64 <= 190.0);
}

#[test]
fn both_halves_have_all_groups() {
    let mut groups: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for Instance { group, set, .. } in instances(&lab()).unwrap() {
        groups.entry(group).or_default()[usize::from(set == Set::HeldOut)] += 1;
    }
    for (group, [development, held_out]) in groups {
        assert!(development.abs_diff(held_out) <= 2, "{group}: {development} for development, {held_out} held out");
    }
}

#[test]
fn picks_are_what_they_say() {
    let all = instances(&lab()).unwrap();
    let count = |pick: Pick| all.iter().filter(|i| pick.takes(i)).count();
    let tag = || Some("convex".to_owned());
    let convex = count(Pick { tag: tag(), ..Pick::default() });
    assert!(0 < convex && convex < all.len());
    let halves =
        [Which::Development, Which::HeldOut].map(|w| count(Pick { zoo: Some(w), tag: tag(), ..Pick::default() }));
    assert_eq!(halves.iter().sum::<usize>(), convex);
    assert_eq!(count(Pick { zoo: Some(Which::All), ..Pick::default() }), all.len());
    assert_eq!(count(Pick { max_ms: Some(0.0), ..Pick::default() }), 0);
    assert_eq!(count(Pick { instance: Some(all[3].name.clone()), ..Pick::default() }), 1);
}

#[test]
fn a_study_picks_by_tag_and_its_report_keeps_the_halves_apart() {
    let place = Place::new();
    let study = |pick: &str| {
        let optimizers = "[[optimizer]]\nname = [\"sgd\", \"adam\", \"rmsprop\"]\nlr = [1e-3, 1e-2, 1e-1]\n";
        place.write("study.toml", format!("seeds = 2\n{optimizers}[[problem]]\n{pick}\n"));
        place.run("sweep study.toml --out results/zoo --quiet --fresh")
    };
    study("tag = \"multimodal\"\nsteps = 40").expect(0, &[]);
    let page = place.read("results/zoo/README.md");
    for words in [
        "Over the problems for development",
        "Over the problems that were held out",
        "Kendall's tau",
        "held-out problems",
    ] {
        assert!(page.contains(words), "lacks `{words}`:\n{page}");
    }
    study("tag = \"multimodal\"\nzoo = \"held-out\"\nsteps = 40").expect(0, &[]);
    assert!(!place.read("results/zoo/README.md").contains("for development"));
    study("tag = \"multimodel\"").expect(1, &["study.toml:5", "downhill list zoo"]);
    study("tga = \"multimodal\"\nzoo = \"all\"").expect(1, &["study.toml:5", "unknown field `tga`"]);
    study("zoo = \"some\"").expect(1, &["study.toml:5", "held-out"]);
    place.run("list zoo").expect(0, &["group", "development", "held-out", "multimodal"]);
    place.run("list zoo multimodal-1").expect(0, &["ms", "rastrigin"]);
    place.run("list zoo multimodel-1").expect(2, &["did you mean `multimodal-1`"]);
}
