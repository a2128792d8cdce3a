//! Burn modules as problems: gradients, randomness, starts, sizes, and what is refused.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{bits, build, registry};
use downhill::{NoOracle, Role, Step};
use downhill_burn::{Backend, families};
use downhill_problems::{
    Batch, Configured, Families, Part, Problem, Sample, Sampler, Sampling, Scratch, SplitSpec, Stream, Streams, World,
};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

static WORLD: LazyLock<World> = LazyLock::new(World::new);

fn configured(table: &Value) -> Configured {
    let all = families(Backend::Flex).into_iter().fold(Families::builtin(), Families::with);
    all.configure(table).unwrap_or_else(|e| panic!("{table}: {e}"))
}

fn streams(table: &Value, seed: u64) -> Streams {
    Streams::new(configured(table).stream_key(), seed)
}

fn problem(table: &Value, seed: u64) -> Arc<dyn Problem<f32>> {
    let split = SplitSpec::default();
    let problem = configured(table).build::<f32>(&WORLD.context(&split, &streams(table, seed)));
    problem.unwrap_or_else(|e| panic!("{table}: {e}"))
}

fn error(table: &Value) -> String {
    let split = SplitSpec::default();
    let built = configured(table).build::<f32>(&WORLD.context(&split, &streams(table, 0)));
    built.err().map(|e| e.0).unwrap_or_else(|| panic!("{table} was built"))
}

fn text(context: usize) -> Value {
    json!({ "text": "coriolanus", "context": context })
}

/// Each family so small that a step takes a millisecond.
fn small() -> Vec<Value> {
    vec![
        json!({ "name": "burn/2c2d", "channels1": 2, "channels2": 3, "units": 5 }),
        json!({ "name": "burn/resnet", "channels": 4 }),
        json!({ "name": "burn/transformer", "data": text(6), "width": 8, "heads": 2, "layers": 1 }),
        json!({ "name": "burn/lstm", "data": text(6), "width": 6 }),
        json!({ "name": "burn/vae", "channels": 3, "latent": 2 }),
    ]
}

fn start(problem: &dyn Problem<f32>, streams: &Streams) -> Vec<f32> {
    let mut x = vec![0.0; problem.layout().len()];
    problem.start(&mut streams.rng(Stream::Start), &mut x);
    x
}

/// The parameters and the last measures of some steps of Adam.
fn trial(table: &Value, seed: u64) -> (Vec<u32>, [u64; 3]) {
    let (problem, streams) = (problem(table, seed), streams(table, seed));
    let mut sampler = Sampler::new(Sampling { batch: 7, ..Sampling::default() }, problem.examples(), &streams).unwrap();
    let mut optimizer = build::<f32>(&registry(Backend::Flex), "adam", json!({}), &problem.layout());
    let (mut x, mut scratch) = (start(&*problem, &streams), Scratch::new());
    let mut g = x.clone();
    for t in 1..=4 {
        let sample = Sample { batch: sampler.batch(t), t, streams: &streams };
        let loss = problem.eval(&x, &sample, &mut g, &mut scratch);
        optimizer.step(&mut x, &g, &mut Step { t, lr: 0.01, loss, oracle: &mut NoOracle });
    }
    let loss = Part::ALL.map(|part| problem.measure(&x, part, &mut scratch).loss.to_bits());
    (bits(&x), loss)
}

/// Along a random direction in each block, dropout and noise included: they are fixed by the step.
#[test]
fn gradients_are_those_of_the_loss() {
    for table in small() {
        let (problem, streams) = (problem(&table, 1), streams(&table, 1));
        let layout = problem.layout();
        let (mut x, mut scratch) = (start(&*problem, &streams), Scratch::new());
        // Away from starts so near to zero that single precision sees no slope.
        x.iter_mut().zip(0..).for_each(|(x, i)| *x += 0.1 * (i as f32 * 1.7).sin());
        let rows: Vec<u32> = (0..16).collect();
        let mut loss = |x: &[f32], g: &mut [f32]| {
            let sample = Sample { batch: Batch::Rows(&rows), t: 3, streams: &streams };
            f64::from(problem.eval(x, &sample, g, &mut scratch))
        };
        let (mut g, mut spare) = (vec![f32::NAN; x.len()], vec![0.0; x.len()]);
        let here = loss(&x, &mut g);
        assert!(here.is_finite() && g.iter().all(|g| g.is_finite()));
        let mut seen = 0;
        // A step of a difference crosses kinks of relu and of pools; the language models have none.
        let smooth = ["burn/lstm", "burn/transformer"].contains(&table["name"].as_str().unwrap());
        let (share, resolution) = if smooth { (2e-3, 1e-4) } else { (0.1, 5e-4) };
        for block in layout.blocks() {
            let own = &g[block.range.clone()];
            let norm = own.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt();
            assert!(norm > 0.0 || block.role == Role::Bias, "{table} {}: no gradient", block.name);
            if norm < 4e-3 {
                continue; // below the resolution of a difference in single precision
            }
            seen += 1;
            // Down the gradient, so that the change is as large as it can be; small enough to cross few kinks.
            let h = (2e-3 * here.max(1.0) / norm).min(5e-3);
            let mut moved = |by: f64| {
                let mut there = x.clone();
                there[block.range.clone()]
                    .iter_mut()
                    .zip(own)
                    .for_each(|(x, &g)| *x += (by * f64::from(g) / norm) as f32);
                loss(&there, &mut spare)
            };
            let slope = (moved(h) - moved(-h)) / (2.0 * h);
            let error = (slope - norm).abs();
            assert!(error < share * norm + resolution, "{table} {}: {slope} against {norm}", block.name);
        }
        assert!(2 * seen > layout.blocks().len(), "{table}: {seen} blocks seen");
    }
}

/// A gradient over many rows goes through in pieces; a part of no loss.
#[test]
fn a_batch_is_the_mean_of_its_pieces() {
    let table = json!({ "name": "burn/2c2d", "channels1": 2, "channels2": 3, "units": 5 });
    let (problem, streams) = (problem(&table, 0), streams(&table, 0));
    let (x, mut scratch) = (start(&*problem, &streams), Scratch::new());
    let n = problem.examples() as u32;
    let mut over = |rows: &[u32]| {
        let mut g = vec![0.0; x.len()];
        let loss =
            problem.eval(&x, &Sample { batch: Batch::Rows(rows), t: 1, streams: &streams }, &mut g, &mut scratch);
        g.push(loss);
        g.into_iter().map(f64::from).collect::<Vec<_>>()
    };
    let all: Vec<u32> = (0..n).collect();
    let (whole, cut) = (over(&all), (n / 3) as usize);
    let parts = [&all[..cut], &all[cut..]].map(|rows| (rows.len() as f64 / f64::from(n), over(rows)));
    let mean = |i: usize| parts.iter().map(|(share, v)| share * v[i]).sum::<f64>();
    let largest = whole.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    assert!(n > 512, "more than two pieces");
    assert!((0..whole.len()).all(|i| (whole[i] - mean(i)).abs() < 1e-5 * largest));
    let mut g = vec![0.0; x.len()];
    let full = problem.eval(&x, &Sample { batch: Batch::All, t: 1, streams: &streams }, &mut g, &mut scratch);
    assert_eq!(f64::from(full), whole[x.len()]);
    let measured = problem.measure(&x, Part::Train, &mut scratch);
    assert!((measured.loss - f64::from(full)).abs() < 1e-5 && (0.0..0.5).contains(&measured.metric.unwrap()));
}

/// 6 seeds of 8 problems, dropout and noise among them: threads side by side give the bytes of one after the other.
#[test]
fn parallel_trials_are_the_serial_ones() {
    let mut tables = small();
    tables.push(json!({ "name": "burn/lstm", "data": text(5), "width": 4, "layers": 1, "dropout": 0.0 }));
    tables.push(json!({ "name": "burn/transformer", "data": text(5), "width": 4, "heads": 1, "dropout": 0.5 }));
    tables.push(json!({ "name": "burn/vae", "channels": 2, "latent": 3, "dropout": 0.0 }));
    let plan: Vec<_> = (0..6).flat_map(|seed| tables.iter().map(move |table| (table, seed))).collect();
    let serial: Vec<_> = plan.iter().map(|&(table, seed)| trial(table, seed)).collect();
    let parallel: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = plan.iter().map(|&(table, seed)| scope.spawn(move || trial(table, seed))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let same = serial.iter().zip(&parallel).filter(|(a, b)| a == b).count();
    assert_eq!((same, plan.len()), (48, 48));
    let distinct: std::collections::HashSet<_> = serial.iter().map(|(x, _)| x).collect();
    assert_eq!(distinct.len(), 48, "seeds and problems differ");
}

/// One problem, asked by several threads at once: each has a module of its own.
#[test]
fn one_problem_serves_many_threads() {
    for table in small() {
        let (problem, streams) = (problem(&table, 2), streams(&table, 2));
        let x = start(&*problem, &streams);
        let ask = |t: u64| {
            let (mut g, mut scratch) = (vec![0.0; x.len()], Scratch::new());
            let sample = Sample { batch: Batch::Rows(&[4, 8, 9]), t, streams: &streams };
            let loss = problem.eval(&x, &sample, &mut g, &mut scratch);
            g.push(loss);
            bits(&g)
        };
        let serial: Vec<_> = (1..=8).map(ask).collect();
        let parallel: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (1..=8).map(|t| scope.spawn(move || ask(t))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(serial == parallel, "{table}");
        assert_eq!(serial[0] != serial[1], problem.facts().noisy, "{table}: noisy is what differs from step to step");
    }
}

#[test]
fn measures_have_no_noise_and_the_metric_that_facts_name() {
    for table in small() {
        let problem = problem(&table, 0);
        let (x, mut scratch) = (start(&*problem, &streams(&table, 0)), Scratch::new());
        for part in Part::ALL {
            let once = problem.measure(&x, part, &mut scratch);
            assert_eq!(once, problem.measure(&x, part, &mut scratch));
            assert_eq!(once.metric.is_some(), problem.facts().metric.is_some(), "{table}");
            assert!(once.loss.is_finite() && once.metric.is_none_or(|m| (0.0..=1.0).contains(&m)));
        }
        let name = table["name"].as_str().unwrap();
        assert_eq!(problem.facts().metric.map(|m| m.name), (name != "burn/vae").then_some("accuracy"));
        assert_eq!(problem.facts().noisy, !["burn/2c2d", "burn/resnet"].contains(&name));
    }
}

/// An untrained language model guesses: near the logarithm of the number of symbols; trained a little, it is better.
#[test]
fn a_language_model_learns_its_text() {
    let table = json!({ "name": "burn/lstm", "data": text(10), "width": 16, "layers": 1, "dropout": 0.0 });
    let (problem, streams) = (problem(&table, 0), streams(&table, 0));
    let mut sampler =
        Sampler::new(Sampling { batch: 64, ..Sampling::default() }, problem.examples(), &streams).unwrap();
    let mut optimizer = build::<f32>(&registry(Backend::Flex), "adam", json!({}), &problem.layout());
    let (mut x, mut scratch) = (start(&*problem, &streams), Scratch::new());
    let mut g = x.clone();
    let before = problem.measure(&x, Part::Test, &mut scratch);
    assert!((before.loss - 61f64.ln()).abs() < 0.2, "{before:?}");
    for t in 1..=200 {
        let sample = Sample { batch: sampler.batch(t), t, streams: &streams };
        let loss = problem.eval(&x, &sample, &mut g, &mut scratch);
        optimizer.step(&mut x, &g, &mut Step { t, lr: 0.02, loss, oracle: &mut NoOracle });
    }
    // Frequencies alone give 3.1; pairs of characters are below that.
    let after = problem.measure(&x, Part::Test, &mut scratch);
    assert!(after.loss < 2.7 && after.metric.unwrap() > 0.25, "{after:?}");
}

/// On the images of MNIST, DeepOBS' networks have DeepOBS' sizes.
#[test]
fn sizes_are_those_of_deepobs() {
    let folder = std::env::temp_dir().join(format!("downhill-mnist-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (images, labels) = (folder.join("images-idx3-ubyte"), folder.join("labels-idx1-ubyte"));
    let pixels = (0..100 * 784u32).map(|i| (i * 7 % 251) as u8);
    let header = [0, 0, 8, 3, 0, 0, 0, 100, 0, 0, 0, 28, 0, 0, 0, 28].into_iter();
    std::fs::write(&images, header.chain(pixels).collect::<Vec<u8>>()).unwrap();
    let header = [0, 0, 8, 1, 0, 0, 0, 100].into_iter();
    std::fs::write(&labels, header.chain((0..100).map(|i| i % 10)).collect::<Vec<u8>>()).unwrap();
    let data = json!({ "idx": images });
    for (name, size) in [("burn/2c2d", 3_274_634), ("burn/vae", 10_151_489)] {
        assert_eq!(problem(&json!({ "name": name, "data": data }), 0).layout().len(), size, "{name}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// Fashion-MNIST itself, where Debian's package `dataset-fashion-mnist` is installed.
#[test]
fn fashion_mnist_where_it_is() {
    let path = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz";
    let table = json!({ "name": "burn/2c2d", "channels1": 2, "channels2": 2, "units": 4, "data": path });
    if !std::path::Path::new(path).exists() {
        let missing = error(&table);
        assert!(missing.contains(path) && missing.contains("No such file"), "{missing}");
        eprintln!("SKIPPED: {path} is not there (apt-get install dataset-fashion-mnist)");
        return;
    }
    let problem = problem(&table, 0);
    assert_eq!((problem.examples(), problem.layout().len()), (36_000, 52 + 102 + 2 * 49 * 4 + 4 + 50));
}

#[test]
fn starts_follow_their_laws() {
    let of = |table: Value, name: &str| {
        let problem = problem(&table, 5);
        let x = start(&*problem, &streams(&table, 5));
        let layout = problem.layout();
        let block = layout.blocks().iter().find(|b| b.name == name).unwrap_or_else(|| panic!("{name}"));
        x[block.range.clone()].iter().map(|&x| f64::from(x)).collect::<Vec<_>>()
    };
    let sd = |x: &[f64]| (x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64).sqrt();
    let largest = |x: &[f64]| x.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    let c2d2 = || json!({ "name": "burn/2c2d" });
    let dense = of(c2d2(), "dense.weight");
    // A normal law cut at two standard deviations has 0.8796 of its own.
    assert!(largest(&dense) <= 0.1 && (sd(&dense) - 0.8796 * 0.05).abs() < 2e-4, "{}", sd(&dense));
    assert!(of(c2d2(), "conv1.bias").iter().all(|&b| b == f64::from(0.05f32)));
    let lstm = json!({ "name": "burn/lstm", "width": 64 });
    let (gates, bound) = (of(lstm.clone(), "cells.0.gates.weight"), (6.0 / (128.0 + 256.0f64)).sqrt());
    assert!(largest(&gates) <= bound && (sd(&gates) - bound / 3f64.sqrt()).abs() < 2e-3, "{}", sd(&gates));
    assert!(of(lstm, "head.bias").iter().all(|&b| b == 0.0));
    let resnet = json!({ "name": "burn/resnet" });
    let conv = of(resnet.clone(), "blocks.0.conv2.weight");
    assert!((sd(&conv) - (2.0 / (9.0 * 16.0f64)).sqrt()).abs() < 5e-3, "{}", sd(&conv));
    assert!(of(resnet.clone(), "norm.gamma").iter().all(|&b| b == 1.0));
    // burn's own default: the bias of a layer has the bound of its weight.
    for name in ["head.weight", "head.bias"] {
        let x = of(resnet.clone(), name);
        assert!(largest(&x) <= (1.0 / 32f64).sqrt() && largest(&x) > 0.1, "{name}: {x:?}");
    }
    let places = of(json!({ "name": "burn/transformer" }), "places.weight");
    assert!((sd(&places) - 0.02).abs() < 1e-3);
}

#[test]
fn roles_follow_the_modules() {
    let roles = |table: Value, role: Role| {
        let layout = problem(&table, 0).layout();
        layout.blocks().iter().filter(|b| b.role == role).map(|b| b.name.clone()).collect::<Vec<_>>()
    };
    let transformer = || json!({ "name": "burn/transformer", "data": text(6), "width": 4, "heads": 1, "layers": 1 });
    assert_eq!(roles(transformer(), Role::Embedding), ["symbols.weight", "places.weight"]);
    assert_eq!(roles(transformer(), Role::Head), ["head.weight"]);
    assert_eq!(roles(transformer(), Role::Gain), ["layers.0.norm1.gamma", "layers.0.norm2.gamma", "norm.gamma"]);
    assert_eq!(roles(small()[0].clone(), Role::Hidden), ["conv1.weight", "conv2.weight", "dense.weight"]);
}

#[test]
fn what_does_not_fit_is_refused() {
    for (table, words) in [
        (json!({ "name": "burn/2c2d", "data": "iris" }), &["problem `burn/2c2d`", "4 features", "multiple of 4"][..]),
        (json!({ "name": "burn/lstm", "data": "digits" }), &["needs a text", "coriolanus"]),
        (json!({ "name": "burn/transformer", "data": "diabetes" }), &["needs a text"]),
        (json!({ "name": "burn/transformer", "width": 6 }), &["`width` is 6", "multiples of `heads`, which is 4"]),
        (json!({ "name": "burn/resnet", "channels": 6 }), &["`channels` is 6", "multiples of 4"]),
    ] {
        let error = error(&table);
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
    let all = families(Backend::Flex).into_iter().fold(Families::builtin(), Families::with);
    for (table, word) in [
        (json!({ "name": "burn/vae", "dropout": 1.0 }), "`dropout` is 1.0, allowed is 0 <= value < 1"),
        (json!({ "name": "burn/vae", "backend": "flax" }), "did you mean `flex`"),
        (json!({ "name": "burn/vae", "chanels": 3 }), "unknown field `chanels`"),
        (json!({ "name": "burn/2c2d", "units": 0 }), "`units` is 0, allowed is a whole number >= 1"),
    ] {
        let error = all.configure(&table).err().unwrap().0;
        assert!(error.contains(word), "{error}");
    }
    let table = json!({ "name": "burn/resnet" });
    let (split, streams) = (SplitSpec::default(), streams(&table, 0));
    let double = configured(&table).build::<f64>(&WORLD.context(&split, &streams)).err().unwrap().0;
    assert_eq!(double, "problem `burn/resnet` computes in f32; set precision = \"f32\"");
}

/// Both backends compute the same function, up to rounding, and say which they are.
#[test]
fn backends_agree_up_to_rounding() {
    for table in small() {
        let on = |backend: &str| {
            let mut table = table.clone();
            table["backend"] = backend.into();
            assert_eq!(configured(&table).canonical()["backend"], backend);
            let (problem, streams) = (problem(&table, 0), streams(&table, 0));
            let x = start(&*problem, &streams);
            let mut g = vec![0.0; x.len()];
            let sample = Sample { batch: Batch::Rows(&[1, 5, 7, 30]), t: 2, streams: &streams };
            let loss = problem.eval(&x, &sample, &mut g, &mut Scratch::new());
            (x, loss, g)
        };
        let ((x, loss, g), (x2, loss2, g2)) = (on("flex"), on("ndarray"));
        assert_eq!(bits(&x), bits(&x2), "{table}: one start");
        let scale = g.iter().fold(1e-3, |m: f32, g| m.max(g.abs()));
        assert!((loss - loss2).abs() < 1e-4 * loss.abs(), "{table}: {loss} {loss2}");
        assert!(g.iter().zip(&g2).all(|(a, b)| (a - b).abs() < 1e-3 * scale), "{table}");
    }
}
