//! What holds for every model: exact gradients, the same for dense and sparse data, whole and in parts.

#![allow(clippy::unwrap_used)]

use downhill::{Adam, Method, Real};
use downhill_problems::data::{Csr, Labels, Matrix, Portion, SplitSpec, Splits};
use downhill_problems::models::{
    Activation, Init, Linear, Logistic, Loss, Mlp, Model, Network, Normalisation, Softmax, Svm,
};
use downhill_problems::{
    Batch, Info, Part, Problem, ProblemError, Rng, Sample, Sampler, Sampling, Scratch, Stream, Streams, World,
};
use rand::RngExt as _;
use std::sync::Arc;

const WIDTH: usize = 7;

fn rng(name: &str) -> Rng {
    Streams::new(name, 0).rng(Stream::Noise)
}

/// Random data: half of the features are 0, targets have something to do with them. `classes` 0 stands for numbers.
fn splits<R: Real>(examples: usize, classes: usize) -> Arc<Splits<R>> {
    let mut rng = rng("data");
    let mut portion = |n: usize| {
        let x: Vec<f64> =
            (0..n * WIDTH).map(|_| if rng.random() { rng.random::<f64>() * 4.0 - 2.0 } else { 0.0 }).collect();
        let score = |row: &[f64]| row.iter().zip(1..).map(|(x, j)| x * f64::from(j % 3 - 1)).sum::<f64>();
        let scores: Vec<f64> = x.chunks(WIDTH).map(|row| score(row) + rng.random::<f64>() - 0.5).collect();
        let y = match classes {
            0 => Labels::Numbers(scores.iter().map(|&s| R::of(s)).collect()),
            _ => Labels::Classes(scores.iter().map(|s| (s + 100.5) as u32 % classes as u32).collect()),
        };
        Portion { x: Matrix::Dense(x.into_iter().map(R::of).collect()), y }
    };
    let (train, validation, test) = (portion(examples), portion(30), portion(40));
    Arc::new(Splits { train, validation, test, width: WIDTH, classes })
}

fn sparse<R: Real>(splits: &Splits<R>) -> Arc<Splits<R>> {
    let portion = |p: &Portion<R>| {
        let Matrix::Dense(x) = &p.x else { panic!("dense") };
        let mut csr = Csr { starts: vec![0], columns: vec![], values: vec![], width: WIDTH };
        for row in x.chunks(WIDTH) {
            for (j, &v) in row.iter().enumerate().filter(|(_, v)| **v != R::ZERO) {
                csr.columns.push(j as u32);
                csr.values.push(v);
            }
            csr.starts.push(csr.values.len());
        }
        Portion { x: Matrix::Sparse(csr), y: p.y.clone() }
    };
    let Splits { train, validation, test, .. } = splits;
    Arc::new(Splits { train: portion(train), validation: portion(validation), test: portion(test), ..*splits })
}

/// Every model, loss, activation and depth, on targets that fit, by name.
fn each_model<R: Real>(
    examples: usize,
    mut f: impl FnMut(&str, &dyn Fn(Arc<Splits<R>>) -> Network<R>, Arc<Splits<R>>),
) {
    fn build<R: Real>(model: &impl Model, splits: Arc<Splits<R>>) -> Network<R> {
        model.network(splits).unwrap()
    }
    let (numbers, two, four) = (splits::<R>(examples, 0), splits::<R>(examples, 2), splits::<R>(examples, 4));
    for loss in [Loss::Squared, Loss::Huber, Loss::Absolute] {
        let linear = Linear { loss, delta: 0.7, ..Linear::default() };
        f(&format!("linear {loss:?}"), &|s| build(&linear, s), numbers.clone());
        let mlp = Mlp { hidden: vec![5], loss, delta: 0.7, activation: Activation::Gelu, ..Mlp::default() };
        f(&format!("mlp {loss:?}"), &|s| build(&mlp, s), numbers.clone());
    }
    f("logistic", &|s| build(&Logistic::default(), s), two.clone());
    for (classes, data) in [(2, &two), (4, &four)] {
        f(&format!("softmax {classes}"), &|s| build(&Softmax::default(), s), data.clone());
        for loss in [Loss::Hinge, Loss::SquaredHinge] {
            let svm = Svm { loss, ..Svm::default() };
            f(&format!("svm {loss:?} {classes}"), &|s| build(&svm, s), data.clone());
        }
        for loss in [Loss::CrossEntropy, Loss::Logistic, Loss::SquaredHinge] {
            let mlp = Mlp { hidden: vec![6], loss, activation: Activation::Tanh, ..Mlp::default() };
            f(&format!("mlp {loss:?} {classes}"), &|s| build(&mlp, s), data.clone());
        }
    }
    let normed = Mlp { hidden: vec![9, 5], norm: Normalisation::Layer, activation: Activation::Tanh, ..Mlp::default() };
    f("mlp with layer norm", &|s| build(&normed, s), four.clone());
    for activation in [Activation::Relu, Activation::Tanh, Activation::Gelu] {
        for (hidden, init, dropout) in [
            (vec![], Init::Std(0.3), 0.0),
            (vec![9], Init::He, 0.0),
            (vec![9, 5], Init::Glorot, 0.0),
            (vec![8, 6, 5], Init::He, 0.4),
        ] {
            let name = format!("mlp {hidden:?} {activation:?} {init:?} dropout {dropout}");
            let mlp = Mlp { hidden, init, activation, dropout, ..Mlp::default() };
            f(&name, &|s| build(&mlp, s), four.clone());
        }
    }
}

/// A point where nothing is zero by chance.
fn point<R: Real>(network: &Network<R>) -> Vec<R> {
    let mut x = vec![R::ZERO; network.layout().len()];
    let mut rng = rng("point");
    network.start(&mut rng, &mut x);
    x.iter_mut().for_each(|x| *x += R::of(rng.random::<f64>() - 0.5));
    x
}

fn eval<R: Real>(network: &Network<R>, x: &[R], batch: Batch<'_>) -> (R, Vec<R>) {
    let streams = Streams::new("eval", 0);
    let mut g = vec![R::of(f64::NAN); x.len()]; // a gradient must not depend on what was there
    let loss = network.eval(x, &Sample { batch, t: 3, streams: &streams }, &mut g, &mut Scratch::new());
    (loss, g)
}

#[track_caller]
fn assert_close<R: Real>(name: &str, a: &[R], b: &[R], tolerance: f64) {
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        let (a, b) = (a.to_f64(), b.to_f64());
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{name}: {a} and {b} at {i}");
    }
}

#[test]
fn gradients_are_derivatives() {
    each_model::<f64>(25, |name, build, dense| {
        for splits in [dense.clone(), sparse(&dense)] {
            let network = build(splits);
            let mut x = point(&network);
            let batch = Batch::Rows(&[3, 1, 4, 15, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6]);
            let (_, g) = eval(&network, &x, batch);
            let h = 1e-5;
            for i in 0..x.len() {
                let at = x[i];
                let mut loss = |step: f64| {
                    x[i] = at + step;
                    let (loss, _) = eval(&network, &x, batch);
                    x[i] = at;
                    loss
                };
                let central = (8.0 * (loss(h) - loss(-h)) - (loss(2.0 * h) - loss(-2.0 * h))) / (12.0 * h);
                let exact = (g[i] - central).abs() <= 1e-6 * central.abs() + 1e-9;
                assert!(exact, "{name}: {} and {central} at {i}", g[i]);
            }
        }
    });
}

#[test]
fn sparse_equals_dense() {
    each_model::<f64>(600, |name, build, dense| {
        let (a, b) = (build(dense.clone()), build(sparse(&dense)));
        let x = point(&a);
        for batch in [Batch::All, Batch::Rows(&[7, 7, 0, 599])] {
            let ((loss_a, g_a), (loss_b, g_b)) = (eval(&a, &x, batch), eval(&b, &x, batch));
            assert_close(name, &[loss_a], &[loss_b], 1e-12);
            assert_close(name, &g_a, &g_b, 1e-12);
        }
        for part in Part::ALL {
            let (m_a, m_b) = (a.measure(&x, part, &mut Scratch::new()), b.measure(&x, part, &mut Scratch::new()));
            assert_close(name, &[m_a.loss, m_a.metric.unwrap()], &[m_b.loss, m_b.metric.unwrap()], 1e-12);
        }
    });
}

#[test]
fn batches_average_to_the_whole() {
    each_model::<f64>(540, |name, build, splits| {
        let network = build(splits);
        if network.facts().noisy {
            return; // every batch begins its masks anew
        }
        let x = point(&network);
        let (loss, g) = eval(&network, &x, Batch::All);
        let rows: Vec<u32> = (0..540).rev().collect();
        let mut mean = vec![0.0; g.len() + 1];
        for batch in rows.chunks(60) {
            let (loss, g) = eval(&network, &x, Batch::Rows(batch));
            mean.iter_mut().zip(g.iter().chain([&loss])).for_each(|(mean, v)| *mean += v / 9.0);
        }
        assert_close(name, &mean, &[g, vec![loss]].concat(), 1e-12);
    });
}

#[test]
fn all_is_every_row_in_order() {
    each_model::<f32>(700, |name, build, dense| {
        for splits in [dense.clone(), sparse(&dense)] {
            let network = build(splits);
            let x = point(&network);
            let rows: Vec<u32> = (0..700).collect();
            assert_eq!(eval(&network, &x, Batch::All), eval(&network, &x, Batch::Rows(&rows)), "{name}");
        }
    });
}

#[test]
fn measures_agree_with_the_gradients_loss() {
    each_model::<f64>(300, |name, build, splits| {
        let network = build(splits);
        if !network.facts().noisy {
            let x = point(&network);
            let measured = network.measure(&x, Part::Train, &mut Scratch::new());
            assert_close(name, &[measured.loss, measured.objective], &[eval(&network, &x, Batch::All).0; 2], 1e-13);
            assert!(measured.loss > 0.0 && measured.metric.unwrap() <= 1.0);
        }
    });
}

#[test]
fn single_precision_follows_double() {
    let mut single = vec![];
    each_model::<f32>(300, |_, build, splits| {
        let network = build(splits);
        let x = point(&network);
        let (loss, g) = eval(&network, &x, Batch::All);
        single.push([g, vec![loss]].concat().into_iter().map(f64::from).collect::<Vec<_>>());
    });
    let mut single = single.into_iter();
    each_model::<f64>(300, |name, build, splits| {
        let network = build(splits);
        let (loss, g) = eval(&network, &point(&network), Batch::All);
        let double = [g, vec![loss]].concat();
        assert_close(name, &single.next().unwrap(), &double, 2e-5);
    });
}

#[test]
fn dropout_is_fixed_by_the_step() {
    let network = Mlp { dropout: 0.5, ..Mlp::default() }.network(splits::<f64>(200, 4)).unwrap();
    let (x, streams) = (point(&network), Streams::new("dropout", 0));
    let at = |t| {
        let mut g = vec![0.0; x.len()];
        network.eval(&x, &Sample { batch: Batch::All, t, streams: &streams }, &mut g, &mut Scratch::new())
    };
    assert_eq!(at(1), at(1));
    assert_ne!(at(1), at(2));
    // One hidden layer: the outputs are linear in the mask, so their mean over masks is the output without one, and
    // the loss, convex in the outputs, is larger.
    let mean: f64 = (1..=400).map(at).sum::<f64>() / 400.0;
    let without = network.measure(&x, Part::Train, &mut Scratch::new()).loss;
    assert!(mean > without && mean < 3.0 * without, "{mean} {without}");
}

#[test]
fn start_depends_on_its_stream_alone() {
    each_model::<f64>(50, |name, build, splits| {
        let network = build(splits);
        let start = |seed| {
            let mut x = vec![f64::NAN; network.layout().len()];
            network.start(&mut Streams::new("start", seed).rng(Stream::Start), &mut x);
            x
        };
        assert_eq!(start(1), start(1), "{name}");
        let linear = !name.starts_with("mlp");
        assert_eq!(start(1) == start(2), linear, "{name}");
        assert!(start(1).iter().all(|x| x.is_finite() && (*x == 0.0 || !linear)), "{name}");
    });
}

#[test]
fn convex_models_reach_the_optimum() {
    // By gradient descent with Nesterov's momentum and restarts; the gradient tells how far it still is.
    each_model::<f64>(120, |name, build, splits| {
        let smooth = ["linear Squared", "linear Huber", "logistic", "softmax", "svm SquaredHinge"];
        if !smooth.iter().any(|s| name.starts_with(s)) {
            return;
        }
        let network = build(splits);
        let mut x = vec![0.0; network.layout().len()];
        let (mut before, mut k, lr) = (x.clone(), 0.0, 0.05);
        let mut norm = f64::INFINITY;
        for _ in 0..100_000 {
            let ahead: Vec<f64> = x.iter().zip(&before).map(|(x, b)| x + k / (k + 3.0) * (x - b)).collect();
            let (_, g) = eval(&network, &ahead, Batch::All);
            norm = downhill::real::norm(&g);
            if norm < 1e-9 {
                break;
            }
            before = x;
            x = ahead.iter().zip(&g).map(|(x, g)| x - lr * g).collect();
            let uphill: f64 = g.iter().zip(x.iter().zip(&before)).map(|(g, (x, b))| g * (x - b)).sum();
            k = if uphill > 0.0 { 0.0 } else { k + 1.0 };
        }
        assert!(norm < 1e-9, "{name}: {norm}");
    });
}

#[test]
fn least_squares_has_the_normal_equations_optimum() {
    // Targets that are an exact affine function: the optimum is that function, the loss 0 and R2 1.
    let mut data = (*splits::<f64>(60, 0)).clone();
    let weights: Vec<f64> = (1..=WIDTH).map(|j| j as f64 / 3.0 - 1.0).collect();
    for p in [&mut data.train, &mut data.validation, &mut data.test] {
        let Matrix::Dense(x) = &p.x else { panic!("dense") };
        let y = x.chunks(WIDTH).map(|row| 0.25 + row.iter().zip(&weights).map(|(a, b)| a * b).sum::<f64>());
        p.y = Labels::Numbers(y.collect());
    }
    let network = Linear::default().network(Arc::new(data)).unwrap();
    let exact = [weights, vec![0.25]].concat();
    let (loss, g) = eval(&network, &exact, Batch::All);
    assert!(loss < 1e-28 && downhill::real::norm(&g) < 1e-13, "{loss} {g:?}");
    for part in Part::ALL {
        let metric = network.measure(&exact, part, &mut Scratch::new()).metric.unwrap();
        assert!((metric - 1.0).abs() < 1e-12, "{metric}");
    }
}

#[test]
fn targets_must_fit() {
    let error = |r: Result<Network<f64>, ProblemError>| r.err().unwrap().to_string();
    assert!(error(Linear::default().network(splits(20, 3))).contains("classes"));
    assert!(error(Softmax::default().network(splits(20, 0))).contains("numbers"));
    assert!(error(Mlp::default().network(splits(20, 0))).contains("squared"));
    assert!(error(Logistic::default().network(splits(20, 3))).contains("softmax"));
    assert!(error(Mlp { hidden: vec![4, 0], ..Mlp::default() }.network(splits(20, 3))).contains("layer 2"));
}

#[test]
fn not_a_number_is_seen() {
    each_model::<f32>(50, |name, build, splits| {
        let network = build(splits);
        let x = vec![f32::NAN; network.layout().len()];
        assert!(eval(&network, &x, Batch::All).0.is_nan(), "{name}");
        let measured = network.measure(&x, Part::Test, &mut Scratch::new());
        assert!(measured.loss.is_nan() && measured.metric.is_none_or(|m| m.is_nan() || m == 0.0), "{name}");
    });
}

#[test]
fn a_perceptron_learns_digits() {
    let (world, streams) = (World::new(), Streams::new("mlp digits", 0));
    let splits = world.context(&SplitSpec::default(), &streams).splits::<f32>(&Mlp::default().data).unwrap();
    let network = Mlp::default().network(splits).unwrap();
    let mut x = vec![0.0; network.layout().len()];
    let (mut g, mut scratch) = (x.clone(), Scratch::new());
    network.start(&mut streams.rng(Stream::Start), &mut x);
    let mut sampler =
        Sampler::new(Sampling { batch: 64, ..Sampling::default() }, network.examples(), &streams).unwrap();
    let mut adam = Adam::default().stepper(&network.layout(), 1e-2);
    for t in 1..=20 * sampler.steps_per_epoch() {
        network.eval(&x, &Sample { batch: sampler.batch(t), t, streams: &streams }, &mut g, &mut scratch);
        adam.step(&mut x, &g);
    }
    let accuracy = network.measure(&x, Part::Test, &mut scratch).metric.unwrap();
    assert!(accuracy > 0.95, "{accuracy}");
}
