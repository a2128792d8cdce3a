//! burn through the bridge, against burn itself, against its other backend, and against downhill in `f64`.

mod common;

use burn::module::{Module, Param, ParamGroup};
use burn::optim::{self as b, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use common::*;
use downhill::{Layout, Oracle, Refused, Role, Step};
use downhill_burn::Backend;
use serde_json::{Value, json};

/// A burn module with one parameter of each of two ranks.
#[derive(Module, Debug)]
struct Two {
    w: Param<Tensor<2>>,
    b: Param<Tensor<1>>,
}

impl Two {
    fn new(x: &[f32]) -> Self {
        let device = Device::flex().autodiff();
        Two {
            w: Param::from_tensor(Tensor::from_data(TensorData::new(x[..15].to_vec(), [3, 5]), &device)),
            b: Param::from_tensor(Tensor::from_data(TensorData::new(x[15..].to_vec(), [3]), &device)),
        }
    }
    fn values(&self) -> Vec<f32> {
        let mut x: Vec<f32> = self.w.val().into_data().as_slice().expect("f32").to_vec();
        x.extend_from_slice(self.b.val().into_data().as_slice::<f32>().expect("f32"));
        x
    }
    fn gradients(&self, g: &[f32]) -> GradientsParams {
        let inner = Device::flex();
        let mut grads = GradientsParams::new();
        grads.register(self.w.id, Tensor::<2>::from_data(TensorData::new(g[..15].to_vec(), [3, 5]), &inner));
        grads.register(self.b.id, Tensor::<1>::from_data(TensorData::new(g[15..].to_vec(), [3]), &inner));
        grads
    }
    fn layout() -> Layout {
        Layout::new().block("w", [3, 5], Role::Hidden).block("b", [3], Role::Bias)
    }
}

/// As a burn program does it: a module, gradients by parameter, burn's own driver.
fn in_burn(mut optimizer: ModuleOptimizer, lr: f64, steps: u64) -> Vec<f32> {
    let mut two = Two::new(&start::<f32>(18));
    for t in 1..=steps {
        let grads = two.gradients(&gradient(&two.values(), t));
        two = optimizer.step(lr, two, grads);
    }
    two.values()
}

#[test]
fn the_bridge_is_burn_bit_for_bit() {
    let registry = registry(Backend::Flex);
    let on_w = || ParamGroup::from_path("w");
    let burn: Vec<(&str, ModuleOptimizer)> = vec![
        ("burn/sgd", b::SgdConfig::new().init()),
        ("burn/adagrad", b::AdaGradConfig::new().init()),
        ("burn/rmsprop", b::RmsPropConfig::new().init()),
        ("burn/adam", b::AdamConfig::new().init()),
        ("burn/amsgrad", b::AdamConfig::new().with_amsgrad(true).init()),
        ("burn/adamw", b::AdamWConfig::new().init()),
        ("burn/adafactor", b::AdafactorConfig::new().init()),
        ("burn/lamb", b::LambConfig::new().init()),
        ("burn/adan", b::AdanConfig::new().init()),
        ("burn/lion", b::LionConfig::new().init()),
        ("burn/muon", b::AdamWConfig::new().init().with_group(on_w(), b::MuonConfig::new().build(), None)),
    ];
    assert!(burn.iter().map(|(name, _)| *name).eq(blockwise()), "one is left out");
    for (name, optimizer) in burn {
        let lr = registry.find(name).expect("a name").facts.lr;
        let x = path(&registry, name, json!({}), &Two::layout(), 50);
        assert_eq!(bits(&x), bits(&in_burn(optimizer, lr, 50)), "{name}");
    }
}

/// The same points, and as many questions: the first of each step, which burn asks, is answered before.
#[test]
fn l_bfgs_is_burns_bit_for_bit() {
    let registry = registry(Backend::Flex);
    let search = b::LBFGSConfig::new().with_line_search_fn(b::LineSearchFn::StrongWolfe);
    let configs = [
        (json!({}), b::LBFGSConfig::new(), 0.1),
        (json!({ "line_search": "strong-wolfe" }), search.clone(), 1.0),
        (json!({ "line_search": "strong-wolfe", "max_eval": 1 }), search.with_max_eval(Some(1)), 1.0),
    ];
    for (fields, config, lr) in configs {
        let (mut burn, mut two, mut evaluations) = (config.init(), Two::new(&start::<f32>(18)), 0);
        let mut optimizer = build::<f32>(&registry, "burn/lbfgs", fields.clone(), &Two::layout());
        let mut x = start::<f32>(18);
        for t in 1..=20 {
            let closure = |at: Two| {
                evaluations += 1;
                (f64::from(loss(&at.values(), t)), at.gradients(&gradient(&at.values(), t)))
            };
            two = burn.step(lr, two, closure).0;
            evaluations -= 1;
            evaluations -= walk(&mut *optimizer, &mut x, t - 1, t, lr);
            assert_eq!(bits(&x), bits(&two.values()), "{fields}, step {t}");
        }
        assert_eq!(evaluations, 0, "{fields}");
        assert_ne!(x, start::<f32>(18), "{fields}");
    }
}

struct Rosenbrock(usize);
impl Rosenbrock {
    fn at(x: &[f32], g: &mut [f32]) -> f32 {
        let (r, s) = (x[1] - x[0] * x[0], 1.0 - x[0]);
        (g[0], g[1]) = (-400.0 * x[0] * r - 2.0 * s, 200.0 * r);
        100.0 * r * r + s * s
    }
}
impl Oracle<f32> for Rosenbrock {
    fn again(&mut self, x: &[f32], g: &mut [f32]) -> Result<f32, Refused> {
        self.0 += 1;
        Ok(Rosenbrock::at(x, g))
    }
}

/// From (-1.2, 1) into the valley's end, within as many evaluations as burn takes.
#[test]
fn l_bfgs_finds_the_end_of_rosenbrocks_valley() {
    for backend in PROCESSORS {
        for (search, most) in [("none", 100), ("strong-wolfe", 60)] {
            let registry = registry(backend);
            let fields = json!({ "line_search": search });
            let mut optimizer = build::<f32>(&registry, "burn/lbfgs", fields, &Layout::vector(2));
            let (mut x, mut g, mut oracle) = (vec![-1.2f32, 1.0], vec![0.0; 2], Rosenbrock(0));
            let mut reached = None;
            for t in 1..=8 {
                oracle.0 += 1;
                let loss = Rosenbrock::at(&x, &mut g);
                println!("{search} on {backend}: {loss:e} after {} evaluations", oracle.0);
                if loss < 1e-8 {
                    reached.get_or_insert(oracle.0);
                }
                optimizer.step(&mut x, &g, &mut Step { t, lr: 1.0, loss, oracle: &mut oracle });
            }
            assert!(reached.is_some_and(|n| n <= most), "{search} on {backend}: {x:?} {reached:?}");
        }
    }
}

/// Lion takes the sign of a sum, so a rounding can turn a step around, and L-BFGS stops where rounding says so: their
/// paths are compared only roughly.
fn tolerance(name: &str) -> f64 {
    if ["burn/lion", "burn/lbfgs"].contains(&name) { 1e-3 } else { 1e-5 }
}

/// Steps of a comparison with double precision: L-BFGS, led by differences of gradients that differ by little once it
/// has arrived, makes 1e-2 of a rounding within a hundred.
fn steps(name: &str) -> u64 {
    if name == "burn/lbfgs" { 30 } else { 100 }
}

#[test]
fn backends_agree_up_to_rounding() {
    let [flex, ndarray] = PROCESSORS.map(registry);
    for name in names() {
        let [a, b] = [&flex, &ndarray].map(|r| wide(&path(r, name, json!({}), &layout(), 100)));
        assert!(apart(&a, &b) < tolerance(name), "{name}: {:e}", apart(&a, &b));
    }
}

/// The same rule in downhill, with the same hyperparameters, in double precision.
#[test]
fn follows_downhill_in_f64() {
    let decay = |lambda: f64| json!([{ "name": "decay", "lambda": lambda }]);
    let pairs: [(&str, Value, &str, Value); 16] = [
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
        ("burn/muon", json!({}), "muon", json!({ "decay": 0.0, "adamw_eps": 1e-5, "adamw_decay": 1e-4 })),
        (
            "burn/muon",
            json!({ "momentum": 0.8, "nesterov": false, "scale": "match-rms-adamw", "decay": 0.1, "adamw_lr": 0.5 }),
            "muon",
            json!({
                "momentum": 0.8, "nesterov": false, "scale": "match-rms-adamw", "adamw_lr": 0.5, "adamw_eps": 1e-5,
                "adamw_decay": 1e-4,
            }),
        ),
        // One iteration a step, searched for in up to 25 trials, which never thinks that it has arrived.
        (
            "burn/lbfgs",
            json!({
                "line_search": "strong-wolfe", "max_iter": 1, "max_eval": 26, "tolerance_grad": 0.0,
                "tolerance_change": 0.0,
            }),
            "l-bfgs",
            json!({}),
        ),
    ];
    for backend in PROCESSORS {
        let registry = registry(backend);
        for (burn, fields, ours, same) in &pairs {
            let lr = registry.find(burn).expect("a name").facts.lr;
            let mut x = start::<f32>(layout().len());
            walk(&mut *build::<f32>(&registry, burn, fields.clone(), &layout()), &mut x, 0, steps(burn), lr);
            let mut y = start::<f64>(layout().len());
            walk(&mut *build::<f64>(&registry, ours, same.clone(), &layout()), &mut y, 0, steps(burn), lr);
            let apart = apart(&wide(&x), &y);
            println!("{burn} {fields} on {backend}: {apart:.1e} from {ours} {same}");
            assert!(apart < tolerance(burn), "{burn} {fields} on {backend}: {apart:e} from {ours} {same}");
        }
    }
}
