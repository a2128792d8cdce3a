//! Fitting in one line: predictions are in the units of the file, and agree with the score.

#![allow(clippy::unwrap_used, reason = "tests")]

use downhill::{Adam, Sgd};
use downhill_problems::data::{Features, Target};
use downhill_problems::models::{Linear, Logistic, Mlp, Model, Softmax};
use downhill_problems::{DataSpec, Fit, Part, Prediction, Sampling, SplitSpec, Streams, fit};

fn data(name: &str) -> DataSpec {
    name.parse().unwrap()
}

/// The score over the test part, and the same from predictions for the raw rows of the file.
fn scores(model: &impl Model) -> (f64, f64) {
    let how = Fit { seed: 3, lr: Some(0.01), ..Fit::default() };
    let fitted = fit(model, &Adam::default(), how).unwrap();
    let spec = model.data().unwrap();
    let data = spec.load().unwrap();
    let [.., test] = SplitSpec::default().rows(&data, &Streams::new(spec.name(), 3)).unwrap();
    let Features::Dense(values) = &data.features else { panic!("a table") };
    let rows: Vec<&[f64]> = test.iter().map(|&r| &values[r as usize * data.width()..][..data.width()]).collect();
    let predicted = fitted.predict(&rows).unwrap();
    let score = match &data.target {
        Target::Classes { labels, names } => {
            let name = |r: &u32| Prediction::Class(&names[labels[*r as usize] as usize]);
            let right = test.iter().zip(&predicted).filter(|(r, p)| **p == name(r)).count();
            right as f64 / test.len() as f64
        }
        Target::Numbers(y) => {
            let y = |r: &u32| y[*r as usize];
            let mean = test.iter().map(y).sum::<f64>() / test.len() as f64;
            let error = |(r, p): (&u32, &Prediction<'_>)| match p {
                Prediction::Number(f) => (y(r) - f).powi(2),
                Prediction::Class(name) => panic!("{name} is no number"),
            };
            let error: f64 = test.iter().zip(&predicted).map(error).sum();
            1.0 - error / test.iter().map(|r| (y(r) - mean).powi(2)).sum::<f64>()
        }
    };
    (fitted.score(Part::Test), score)
}

#[test]
fn predictions_agree_with_the_score() {
    let all = [
        (scores(&Linear { data: data("diabetes"), ..Linear::default() }), 0.3),
        (scores(&Logistic { data: data("breast_cancer") }), 0.9),
        (scores(&Softmax { data: data("wine") }), 0.9),
        (scores(&Mlp { data: data("iris"), ..Mlp::default() }), 0.8),
    ];
    for ((score, from_predictions), least) in all {
        assert!((score - from_predictions).abs() < 1e-5 && score > least, "{score} {from_predictions}");
    }
}

#[test]
fn the_seed_decides_all() {
    let mlp = Mlp { data: data("iris"), dropout: 0.2, ..Mlp::default() };
    let parameters =
        |seed| fit(&mlp, &Sgd::default(), Fit { seed, epochs: 2, ..Fit::default() }).unwrap().parameters().to_vec();
    assert_eq!(parameters(1), parameters(1));
    assert_ne!(parameters(1), parameters(2));
}

#[test]
fn mistakes_are_named() {
    let error = |model: &Mlp, how| fit(model, &Adam::default(), how).err().unwrap().to_string();
    let iris = || Mlp { data: data("iris"), ..Mlp::default() };
    assert!(error(&Mlp { dropout: 1.0, ..iris() }, Fit::default()).contains("`dropout` is 1"));
    assert!(error(&Mlp { data: data("diabetes"), ..iris() }, Fit::default()).contains("squared"));
    let batch = Sampling { batch: 1000, ..Sampling::default() };
    assert!(error(&iris(), Fit { sampling: batch, ..Fit::default() }).contains("1000"));

    let fitted = fit(&iris(), &Adam::default(), Fit { epochs: 1, ..Fit::default() }).unwrap();
    assert!(fitted.predict(&[[1.0; 3]]).unwrap_err().to_string().contains("3 values"));
    assert!(fitted.predict(&[[f64::NAN; 4]]).is_err());
    assert_eq!(fitted.predict(&[[0.0; 4]; 0]).unwrap(), []);
    let diverged = fit(&iris(), &Sgd::default(), Fit { lr: Some(1e30), ..Fit::default() }).unwrap();
    assert!(diverged.predict(&[[1.0; 4]]).unwrap_err().to_string().contains("diverged"));
    assert_eq!(diverged.score(Part::Test), 0.0);
}
