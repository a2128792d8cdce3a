//! Fashion-MNIST, burn's Adam against downhill's AdamW with a cosine schedule and its global-norm clipping.
//!
//! `cargo run -p downhill-burn --example fashion_mnist -- [FOLDER] [EPOCHS]`. The folder holds the four IDX files, gzipped
//! or not under the names `train-images-idx3-ubyte.gz`, ...; by default where Debian's package `dataset-fashion-mnist`
//! puts them.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig, loss::CrossEntropyLossConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor, TensorData, activation::relu};
use downhill::{AdamW, ClipGlobal, Configured, Schedule};
use downhill_burn::WholeModel;
use downhill_problems::DataSpec;
use downhill_problems::data::{Features, IdxSpec, Target};
use std::time::Instant;

const FOLDER: &str = "/usr/share/datasets/fashion-mnist";
const BATCH: usize = 64;

#[derive(Module, Debug)]
struct Net {
    hidden: Linear,
    head: Linear,
}

impl Net {
    fn new(device: &Device) -> Self {
        Net { hidden: LinearConfig::new(784, 100).init(device), head: LinearConfig::new(100, 10).init(device) }
    }
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.head.forward(relu(self.hidden.forward(x)))
    }
}

/// Images of 784 pixels in [0, 1], and which of ten kinds of clothes they show.
struct Images {
    pixels: Vec<f32>,
    labels: Vec<i32>,
}

impl Images {
    fn read(folder: &str, part: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let data = DataSpec::Idx(IdxSpec::new(format!("{folder}/{part}-images-idx3-ubyte.gz"))).load()?;
        let (Features::Bytes(pixels), Target::Classes { labels, .. }) = (data.features, data.target) else {
            return Err("IDX files hold bytes in classes".into());
        };
        let pixels = pixels.iter().map(|&p| f32::from(p) / 255.0).collect();
        Ok(Images { pixels, labels: labels.iter().map(|&y| y as i32).collect() })
    }
    fn batch(&self, start: usize, n: usize, device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
        let x = TensorData::new(self.pixels[start * 784..(start + n) * 784].to_vec(), [n, 784]);
        let y = TensorData::new(self.labels[start..start + n].to_vec(), [n]);
        (Tensor::from_data(x, device), Tensor::from_data(y, device))
    }
    fn accuracy(&self, net: &Net, device: &Device) -> f64 {
        let (x, y) = self.batch(0, self.labels.len(), device);
        let right = net.valid().forward(x).argmax(1).flatten::<1>(0, 1).equal(y).int().sum().into_scalar::<i32>();
        f64::from(right) / self.labels.len() as f64
    }
}

/// Trains with any `step`; the accuracy on the test images, and the seconds that the steps alone took.
fn train(
    train: &Images,
    test: &Images,
    epochs: usize,
    mut step: impl FnMut(Net, GradientsParams) -> Net,
) -> (f64, f64) {
    let device = Device::flex().autodiff();
    let loss = CrossEntropyLossConfig::new().init(&device);
    let (mut net, mut seconds) = (Net::new(&device), 0.0);
    for _ in 0..epochs {
        for start in (0..=train.labels.len() - BATCH).step_by(BATCH) {
            let (x, y) = train.batch(start, BATCH, &device);
            let grads = GradientsParams::from_grads(loss.forward(net.forward(x), y).backward(), &net);
            let clock = Instant::now();
            net = step(net, grads);
            seconds += clock.elapsed().as_secs_f64();
        }
    }
    (test.accuracy(&net, &Device::flex()), seconds)
}

/// Accuracy and seconds of steps: burn's Adam, then downhill's AdamW.
fn compare(folder: &str, epochs: usize) -> Result<[(f64, f64); 2], Box<dyn std::error::Error>> {
    let (images, test) = (Images::read(folder, "train")?, Images::read(folder, "t10k")?);
    let mut adam: ModuleOptimizer = AdamConfig::new().init();
    let burns = train(&images, &test, epochs, |net, grads| adam.step(1e-3, net, grads));

    let method = Configured::from(AdamW::default()).within(ClipGlobal { norm: 1.0 });
    let horizon = (epochs * (images.labels.len() / BATCH)) as u64;
    let net = Net::new(&Device::flex().autodiff());
    let mut adamw = WholeModel::new(method, &net)?.with_schedule(Schedule::Cosine { end: 0.0 }, horizon);
    let ours = train(&images, &test, epochs, |net, grads| adamw.step(2e-3, net, grads));
    Ok([burns, ours])
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let folder = words.next().unwrap_or(FOLDER.into());
    let epochs = words.next().map_or(Ok(5), |n| n.parse())?;
    let [burns, ours] = compare(&folder, epochs)?;
    println!("after {epochs} epochs, one seed:");
    for (name, (accuracy, seconds)) in [("burn's Adam", burns), ("downhill's AdamW, cosine, clipped", ours)] {
        println!("  {name:35} {:.2} % of the test images right, {seconds:.1} s in steps", 100.0 * accuracy);
    }
    Ok(())
}

#[test]
fn it_learns_to_tell_clothes() {
    if !std::path::Path::new(FOLDER).is_dir() {
        eprintln!("SKIPPED: no {FOLDER}; install Debian's dataset-fashion-mnist");
        return;
    }
    for (accuracy, _) in compare(FOLDER, 1).expect("the files are there") {
        assert!(accuracy > 0.8, "{accuracy}");
    }
}
