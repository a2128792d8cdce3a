//! burn through the bridge, against burn itself, against its other backend, and against downhill in `f64`.

mod common;

use burn::module::{Module, Param};
use burn::optim::{AdafactorConfig, AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Tensor, TensorData};
use common::*;
use downhill::{Layout, Role};
use downhill_burn::Backend;
use serde_json::{Value, json};

/// A burn module with one parameter of each of two ranks.
#[derive(Module, Debug)]
struct Two {
    w: Param<Tensor<2>>,
    b: Param<Tensor<1>>,
}

/// As a burn program does it: a module, gradients by parameter, burn's own driver.
fn in_burn(mut optimizer: ModuleOptimizer, lr: f64, steps: u64) -> Vec<f32> {
    let device = Device::flex().autodiff();
    let x = start::<f32>(18);
    let values = |x: &[f32], shape: &[usize]| TensorData::new(x.to_vec(), shape.to_vec());
    let parameter = |data| Param::from_tensor(Tensor::<2>::from_data(data, &device));
    let mut two = Two {
        w: parameter(values(&x[..15], &[3, 5])),
        b: Param::from_tensor(Tensor::<1>::from_data(values(&x[15..], &[3]), &device)),
    };
    let read = |two: &Two| {
        let mut x: Vec<f32> = two.w.val().into_data().as_slice().expect("f32").to_vec();
        x.extend_from_slice(two.b.val().into_data().as_slice::<f32>().expect("f32"));
        x
    };
    for t in 1..=steps {
        let g = gradient(&read(&two), t);
        let inner = Device::flex();
        let mut grads = GradientsParams::new();
        grads.register(two.w.id, Tensor::<2>::from_data(values(&g[..15], &[3, 5]), &inner));
        grads.register(two.b.id, Tensor::<1>::from_data(values(&g[15..], &[3]), &inner));
        two = optimizer.step(lr, two, grads);
    }
    read(&two)
}

#[test]
fn the_bridge_is_burn_bit_for_bit() {
    let registry = registry(Backend::Flex);
    let layout = Layout::new().block("w", [3, 5], Role::Hidden).block("b", [3], Role::Bias);
    let burn: [(&str, ModuleOptimizer); 3] = [
        ("burn/sgd", SgdConfig::new().init()),
        ("burn/adam", AdamConfig::new().init()),
        ("burn/adafactor", AdafactorConfig::new().init()),
    ];
    for (name, optimizer) in burn {
        let lr = registry.find(name).expect("a name").facts.lr;
        let x = path(&registry, name, json!({}), &layout, 50);
        assert_eq!(bits(&x), bits(&in_burn(optimizer, lr, 50)), "{name}");
    }
}

/// Lion takes the sign of a sum, so a rounding can turn a step around: its paths are compared only roughly.
fn tolerance(name: &str) -> f64 {
    if name == "burn/lion" { 1e-3 } else { 1e-5 }
}

#[test]
fn backends_agree_up_to_rounding() {
    let [flex, ndarray] = Backend::ALL.map(registry);
    for name in names() {
        let [a, b] = [&flex, &ndarray].map(|r| wide(&path(r, name, json!({}), &layout(), 100)));
        assert!(apart(&a, &b) < tolerance(name), "{name}: {:e}", apart(&a, &b));
    }
}

/// The same rule in downhill, with the same hyperparameters, in double precision.
#[test]
fn follows_downhill_in_f64() {
    let decay = |lambda: f64| json!([{ "name": "decay", "lambda": lambda }]);
    let pairs: [(&str, Value, &str, Value); 13] = [
        ("burn/sgd", json!({}), "sgd", json!({})),
        ("burn/sgd", json!({ "momentum": 0.9 }), "sgd", json!({ "momentum": 0.9, "dampening": 0.1 })),
        (
            "burn/sgd",
            json!({ "momentum": 0.9, "dampening": 0.0, "nesterov": true }),
            "sgd",
            json!({ "momentum": 0.9, "nesterov": true }),
        ),
        ("burn/adagrad", json!({ "eps": 1e-10, "lr_decay": 0.01 }), "adagrad", json!({ "lr_decay": 0.01 })),
        ("burn/adagrad", json!({}), "adagrad", json!({ "eps": 1e-5 })),
        ("burn/rmsprop", json!({ "eps": 1e-8 }), "rmsprop", json!({ "momentum": 0.9 })),
        (
            "burn/rmsprop",
            json!({ "eps": 1e-3, "momentum": 0.0, "centered": true }),
            "rmsprop",
            json!({ "eps": 1e-3, "centered": true }),
        ),
        ("burn/adam", json!({ "eps": 1e-8 }), "adam", json!({})),
        ("burn/adam", json!({}), "adam", json!({ "eps": 1e-5 })),
        ("burn/amsgrad", json!({ "beta2": 0.9 }), "amsgrad", json!({ "beta2": 0.9, "eps": 1e-5 })),
        ("burn/adamw", json!({ "eps": 1e-8, "decay": 0.1 }), "adamw", json!({ "decay": 0.1 })),
        ("burn/adamw", json!({}), "adam", json!({ "eps": 1e-5, "wrap": decay(1e-4) })),
        ("burn/lion", json!({ "decay": 0.1 }), "lion", json!({ "wrap": decay(0.1) })),
    ];
    for backend in Backend::ALL {
        let registry = registry(backend);
        for (burn, fields, ours, same) in &pairs {
            let lr = registry.find(burn).expect("a name").facts.lr;
            let mut x = start::<f32>(layout().len());
            walk(&mut *build::<f32>(&registry, burn, fields.clone(), &layout()), &mut x, 0, 100, lr);
            let mut y = start::<f64>(layout().len());
            walk(&mut *build::<f64>(&registry, ours, same.clone(), &layout()), &mut y, 0, 100, lr);
            let apart = apart(&wide(&x), &y);
            println!("{burn} {fields} on {backend}: {apart:.1e} from {ours} {same}");
            assert!(apart < tolerance(burn), "{burn} {fields} on {backend}: {apart:e} from {ours} {same}");
        }
    }
}
