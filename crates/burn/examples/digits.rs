//! A burn training loop whose optimizer is downhill's: three lines differ from burn's own.
//!
//! `cargo run -p downhill-burn --example digits`

use burn::module::Module;
use burn::nn::{Linear, LinearConfig, loss::CrossEntropyLossConfig};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor, TensorData, activation::relu};
use downhill::Adam; // 1 of 3, instead of: use burn::optim::AdamConfig;
use downhill_burn::PerParameter; // 2 of 3
use downhill_problems::{
    DataSpec,
    data::{Features, Target},
};

#[derive(Module, Debug)]
struct Net {
    hidden: Linear,
    head: Linear,
}

impl Net {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.head.forward(relu(self.hidden.forward(x)))
    }
}

/// Images of 64 pixels, and which of ten digits they show.
fn digits() -> (Vec<f32>, Vec<i32>) {
    let data = DataSpec::Name("digits".into()).load().expect("bundled");
    match (data.features, data.target) {
        (Features::Dense(x), Target::Classes { labels, .. }) => {
            (x.iter().map(|&x| x as f32 / 16.0).collect(), labels.iter().map(|&y| y as i32).collect())
        }
        _ => unreachable!("digits are numbers in classes"),
    }
}

/// Trains on the first 1,500 digits; the share of the other 297 that it reads right.
fn train(epochs: usize) -> f64 {
    let (images, labels) = digits();
    let device = Device::flex().autodiff();
    let batch = |rows: std::ops::Range<usize>| {
        let n = rows.len();
        let x = TensorData::new(images[rows.start * 64..rows.end * 64].to_vec(), [n, 64]);
        let y = TensorData::new(labels[rows].to_vec(), [n]);
        (Tensor::<2>::from_data(x, &device), Tensor::<1, Int>::from_data(y, &device))
    };
    let mut net =
        Net { hidden: LinearConfig::new(64, 32).init(&device), head: LinearConfig::new(32, 10).init(&device) };
    let loss = CrossEntropyLossConfig::new().init(&device);

    // 3 of 3, instead of: AdamConfig::new().init();
    let mut optim = ModuleOptimizer::from(PerParameter::new(Adam::default()).expect("each parameter for itself"));
    for _ in 0..epochs {
        for start in (0..1500).step_by(50) {
            let (x, y) = batch(start..start + 50);
            let grads = GradientsParams::from_grads(loss.forward(net.forward(x), y).backward(), &net);
            net = optim.step(3e-3, net, grads);
        }
    }

    let (x, y) = batch(1500..labels.len());
    let right = net.forward(x).argmax(1).flatten::<1>(0, 1).equal(y).int().sum().into_scalar::<i32>();
    f64::from(right) / (labels.len() - 1500) as f64
}

fn main() {
    println!("{:.1} % of 297 digits right after 20 epochs", 100.0 * train(20));
}

#[test]
fn it_learns_to_read() {
    let share = train(20);
    assert!(share > 0.88, "{share}");
}
