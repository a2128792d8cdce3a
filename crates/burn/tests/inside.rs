//! Optimizers of downhill inside burn, against the same optimizers outside of it: bit for bit.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{GradientsParams, ModuleOptimizer, OptimizerRecord};
use burn::tensor::{DType, Device, Tensor, TensorData, activation::tanh};
use downhill::{
    Adam, ClipGlobal, Configured, GroupRule, Layout, Method, NoOracle, Optimizer, Oracle, Purpose, Refused, Registry,
    Role, Step,
};
use downhill_burn::{Backend, Objective, PerParameter, WholeModel, layout};
use downhill_problems::{Stream, Streams};
use rand_distr::{Distribution, StandardNormal};
use serde_json::json;

const STEPS: u64 = 12;

#[derive(Module, Debug)]
struct Net {
    body: Linear,
    head: Linear,
}

fn device(backend: Backend) -> Device {
    match backend {
        Backend::Ndarray =>
        {
            #[expect(deprecated, reason = "offered as long as burn has it")]
            Device::ndarray()
        }
        _ => Device::flex(),
    }
    .autodiff()
}

/// All parameters from a formula; burn's generator is not asked.
fn net(backend: Backend) -> Net {
    let device = device(backend);
    let net = Net { body: LinearConfig::new(3, 4).init(&device), head: LinearConfig::new(4, 2).init(&device) };
    set(net, &start())
}

fn start() -> Vec<f32> {
    (0..26).map(|i| ((i * 7 + 3) % 11) as f32 / 8.0 - 0.6).collect()
}

fn set(net: Net, x: &[f32]) -> Net {
    struct Set<'a>(&'a [f32]);
    impl ModuleMapper for Set<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let shape = param.lazy_shape();
            let (head, tail) = self.0.split_at(shape.num_elements());
            self.0 = tail;
            let data = TensorData::new(head.to_vec(), shape);
            Param::initialized(param.id, Tensor::from_data(data, &param.lazy_device()).require_grad())
        }
    }
    net.map(&mut Set(x))
}

fn get(net: &Net) -> Vec<f32> {
    struct Get(Vec<f32>);
    impl ModuleVisitor for Get {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.extend(param.val().into_data().iter::<f32>());
        }
    }
    let mut get = Get(Vec::new());
    net.visit(&mut get);
    get.0
}

/// Least squares over some of six examples; the batch changes from step to step.
#[derive(Clone)]
struct Data {
    backend: Backend,
    rows: Vec<u32>,
}

impl Data {
    fn at_step(backend: Backend, t: u64) -> Self {
        Data { backend, rows: vec![(t % 6) as u32] }
    }
    fn ask(&self, net: &Net, rows: impl Iterator<Item = u32>) -> (f32, GradientsParams) {
        let x: Vec<f32> = rows.flat_map(|r| (0..3).map(move |j| ((r * 5 + j * 3) % 7) as f32 / 3.0 - 1.0)).collect();
        let x = Tensor::<2>::from_data(TensorData::new(x.clone(), [x.len() / 3, 3]), &device(self.backend));
        let y = net.head.forward(tanh(net.body.forward(x.clone())));
        let loss = (y - x.sum_dim(1) * 0.5).powf_scalar(2.0).mean();
        (loss.clone().into_scalar(), GradientsParams::from_grads(loss.backward(), net))
    }
}

impl Objective<Net> for Data {
    fn at(&mut self, net: &Net) -> (f32, GradientsParams) {
        self.ask(net, self.rows.iter().copied())
    }
    fn full(&mut self, net: &Net) -> Result<(f32, GradientsParams), Refused> {
        Ok(self.ask(net, 0..6))
    }
    fn examples(&mut self) -> Result<usize, Refused> {
        Ok(6)
    }
    fn rows(&mut self) -> Result<&[u32], Refused> {
        Ok(&self.rows)
    }
    fn summand(&mut self, i: usize, net: &Net) -> Result<(f32, GradientsParams), Refused> {
        Ok(self.ask(net, [i as u32].into_iter()))
    }
    fn model_labels(&mut self, net: &Net) -> Result<(f32, GradientsParams), Refused> {
        Ok(self.ask(net, 3..5))
    }
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        Ok(0.0)
    }
}

/// The same questions as flat vectors.
struct Flat {
    data: Data,
    net: Net,
    t: u64,
}

impl Flat {
    fn ask(
        &mut self,
        x: &[f32],
        g: &mut [f32],
        question: impl FnOnce(&mut Data, &Net) -> Result<(f32, GradientsParams), Refused>,
    ) -> Result<f32, Refused> {
        let net = set(self.net.clone(), x);
        let (loss, mut grads) = question(&mut self.data, &net)?;
        struct Take<'a>(&'a mut GradientsParams, Vec<f32>);
        impl ModuleVisitor for Take<'_> {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                self.1.extend(self.0.remove::<D>(param.id).expect("all take part").into_data().iter::<f32>());
            }
        }
        let mut take = Take(&mut grads, Vec::new());
        net.visit(&mut take);
        g.copy_from_slice(&take.1);
        Ok(loss)
    }
}

impl Oracle<f32> for Flat {
    fn again(&mut self, x: &[f32], g: &mut [f32]) -> Result<f32, Refused> {
        self.ask(x, g, |data, net| Ok(data.at(net)))
    }
    fn full(&mut self, x: &[f32], g: &mut [f32]) -> Result<f32, Refused> {
        self.ask(x, g, |data, net| data.full(net))
    }
    fn examples(&mut self) -> Result<usize, Refused> {
        Ok(6)
    }
    fn rows(&mut self) -> Result<&[u32], Refused> {
        Ok(&self.data.rows)
    }
    fn summand(&mut self, i: usize, x: &[f32], g: &mut [f32]) -> Result<f32, Refused> {
        self.ask(x, g, |data, net| data.summand(i, net))
    }
    fn model_labels(&mut self, x: &[f32], g: &mut [f32]) -> Result<f32, Refused> {
        self.ask(x, g, |data, net| data.model_labels(net))
    }
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        Ok(0.0)
    }
    fn noise(&mut self, purpose: Purpose, out: &mut [f32]) -> Result<(), Refused> {
        let mut rng = Streams::new("burn module", 0).at(Stream::Probe, self.t * 4 + purpose as u64);
        out.fill_with(|| StandardNormal.sample(&mut rng));
        Ok(())
    }
}

/// Parameters and what to evaluate after [`STEPS`] steps outside of burn.
fn outside(method: &Configured, backend: Backend) -> [Vec<u32>; 2] {
    let net = net(backend);
    let mut optimizer = method.build::<f32>(&layout(&net, |_, role| role)).expect("it takes a net");
    let (mut x, mut g) = (start(), vec![0.0; 26]);
    for t in 1..=STEPS {
        let mut flat = Flat { data: Data::at_step(backend, t), net: net.clone(), t };
        let loss = flat.again(&x, &mut g).expect("answered");
        let lr = method.facts.lr.min(0.05);
        optimizer.step(&mut x, &g, &mut Step { t, lr, loss, oracle: &mut flat });
    }
    [bits(&x), bits(optimizer.readout(&x, &mut [0.0; 26]))]
}

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// The steps `from..to` (from 0) of a whole model.
fn whole(optim: &mut WholeModel, mut net: Net, lr: f64, backend: Backend, from: u64, to: u64) -> Net {
    for t in from + 1..=to {
        net = optim.step_with(lr, net, &mut Data::at_step(backend, t)).0;
    }
    net
}

/// The same with burn driving.
fn each(optim: &mut ModuleOptimizer, mut net: Net, lr: f64, backend: Backend, from: u64, to: u64) -> Net {
    for t in from + 1..=to {
        let (_, grads) = Data::at_step(backend, t).at(&net);
        net = optim.step(lr, net, grads);
    }
    net
}

#[test]
fn every_registered_optimizer_runs_inside_burn_as_outside() {
    let (mut per_parameter, mut all) = (Vec::new(), 0);
    for entry in Registry::builtin().entries() {
        let method = Registry::builtin().configure(&json!({ "name": entry.facts.name })).expect("registered");
        let lr = entry.facts.lr.min(0.05);
        for backend in Backend::ALL {
            let expected = outside(&method, backend);
            assert_ne!(expected[0], bits(&start()), "{} stands still", entry.facts.name);
            let mut optim = WholeModel::new(method.clone(), &net(backend)).expect("all fit a whole model");
            let end = whole(&mut optim, net(backend), lr, backend, 0, STEPS);
            let found = [bits(&get(&end)), bits(&get(&optim.evaluated(&end)))];
            assert_eq!(found, expected, "{} on {backend}, whole", entry.facts.name);
            if let Ok(optim) = PerParameter::new(method.clone()) {
                let end = each(&mut optim.into(), net(backend), lr, backend, 0, STEPS);
                assert_eq!(bits(&get(&end)), expected[0], "{} on {backend}, each parameter", entry.facts.name);
                per_parameter.push(entry.facts.name);
            }
        }
        all += 1;
    }
    per_parameter.dedup();
    println!("{} of {all} step each parameter in place: {}", per_parameter.len(), per_parameter.join(", "));
    for name in ["sgd", "adam", "adamw", "lion", "lamb", "adan", "rmsprop"] {
        assert!(per_parameter.contains(&name), "{name}");
    }
}

/// Through bytes, as burn keeps them, at several cuts.
#[test]
fn resumes_bit_for_bit() {
    let backend = Backend::Flex;
    for entry in Registry::builtin().entries() {
        let method = Registry::builtin().configure(&json!({ "name": entry.facts.name })).expect("registered");
        let (lr, expected) = (entry.facts.lr.min(0.05), outside(&method, backend)[0].clone());
        for cut in [0, 1, 7] {
            let mut optim = WholeModel::new(method.clone(), &net(backend)).expect("all fit");
            let half = whole(&mut optim, net(backend), lr, backend, 0, cut);
            let bytes = optim.to_record().and_then(|r| Ok(r.into_bytes()?)).expect("written");
            let record = OptimizerRecord::from_bytes(bytes).expect("read");
            let fresh = WholeModel::new(method.clone(), &net(backend)).expect("all fit");
            let mut optim = fresh.load_record(record).expect("of the same method");
            let end = whole(&mut optim, half.clone(), lr, backend, cut, STEPS);
            assert_eq!(bits(&get(&end)), expected, "{}, cut at {cut}", entry.facts.name);

            let Ok(method) = PerParameter::new(method.clone()) else { continue };
            let mut optim = ModuleOptimizer::from(method.clone());
            let half = each(&mut optim, net(backend), lr, backend, 0, cut);
            let bytes = optim.into_bytes().expect("written");
            let mut loaded = ModuleOptimizer::from(method).from_bytes(bytes).expect("read");
            let mut cloned = optim.clone();
            for optim in [&mut loaded, &mut cloned, &mut optim] {
                let end = each(optim, half.clone(), lr, backend, cut, STEPS);
                assert_eq!(bits(&get(&end)), expected, "{}, each parameter, cut at {cut}", entry.facts.name);
            }
        }
    }
}

#[test]
fn a_record_of_another_optimizer_or_model_is_refused() {
    let net = net(Backend::Flex);
    let record = |optim: &mut WholeModel| optim.to_record().expect("written");
    let mut adam = WholeModel::new(Adam::default(), &net).expect("fits");
    let lion = WholeModel::new(downhill::Lion::default(), &net).expect("fits");
    let error = lion.load_record(record(&mut adam)).err().expect("another method").to_string();
    assert!(error.starts_with("the record is of another optimizer or model: the state holds no `lion/"), "{error}");
    let small = WholeModel::new(Adam::default(), &net.head).expect("fits");
    assert!(small.load_record(record(&mut adam)).is_err());
    let foreign = ModuleOptimizer::from(burn::optim::AdamConfig::new().build()).to_record();
    let error = adam.load_record(foreign).err().expect("burn's").to_string();
    assert_eq!(error, "the record was not saved by an optimizer of downhill");
}

#[test]
fn what_cannot_fit_is_refused_with_the_reason() {
    let plain = Device::flex();
    let frozen: Linear = LinearConfig::new(2, 2).init(&plain);
    let error = WholeModel::new(Adam::default(), &frozen).err().expect("nothing to train").0;
    assert!(error.contains("autodiff"), "{error}");
    let body = net(Backend::Flex).body; // its only matrix is the head
    let error = WholeModel::new(downhill::Muon::default(), &body).err().expect("no hidden matrix").0;
    assert!(error.contains("two dimensions"), "{error}");
    assert!(WholeModel::with_roles(downhill::Muon::default(), &body, |_, _| Role::Hidden).is_ok());
    let group = |name: &str| GroupRule { role: None, name: Some(name.into()), lr_scale: 0.0, decay: None };
    let grouped = |name| Configured::from(Adam::default()).with_group(group(name));
    assert!(WholeModel::new(grouped("weights"), &body).err().expect("no such block").0.contains("weight (head)"));
    assert!(PerParameter::new(grouped("weight")).is_err());
}

/// Our groups by role in a whole model, burn's groups around ours.
#[test]
fn groups_are_honoured() {
    use burn::module::ParamGroup;
    let backend = Backend::Flex;
    let still = |end: &Net| {
        [&end.body, &end.head].map(|l| {
            let bias = l.bias.as_ref().expect("there is one").val().into_data();
            bias.iter::<f32>().collect::<Vec<_>>()
        })
    };
    let biases = GroupRule { role: Some(Role::Bias), name: None, lr_scale: 0.0, decay: None };
    let method = Configured::from(Adam::default()).with_group(biases);
    let mut optim = WholeModel::new(method, &net(backend)).expect("there are biases");
    let end = whole(&mut optim, net(backend), 0.1, backend, 0, STEPS);
    assert_eq!(still(&end), still(&net(backend)));
    assert_ne!(get(&end), start());

    let adam = |lr: f64| PerParameter::new(Configured::from(Adam { eps: lr, ..Adam::default() })).expect("fits");
    let group = ParamGroup::from_regex("bias$").expect("a pattern");
    let mut grouped = ModuleOptimizer::from(adam(1e-8)).with_group(group, adam(1e30), None);
    let end = each(&mut grouped, net(backend), 0.1, backend, 0, STEPS);
    let moved = still(&end).iter().zip(still(&net(backend))).map(|(a, b)| (a[0] - b[0]).abs()).fold(0.0, f32::max);
    assert!(moved < 1e-20, "biases under an eps of 1e30 moved by {moved}");
}

/// The norm is that of all gradients together, as burn's own clipping is not.
#[test]
fn the_global_norm_is_clipped() {
    let backend = Backend::Flex;
    let method = Configured::from(downhill::Sgd::default()).within(ClipGlobal { norm: 1e-3 });
    let mut optim = WholeModel::new(method, &net(backend)).expect("fits");
    let end = whole(&mut optim, net(backend), 1.0, backend, 0, 1);
    let step = get(&end).iter().zip(start()).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt();
    assert!((step - 1e-3).abs() < 1e-6, "{step}");
}

/// In its own precision where that is `f64`, in `f32` for shorter ones.
#[test]
fn other_precisions_are_stepped_correctly() {
    let n = 5;
    let g: Vec<f64> = (0..n).map(|i| 0.3 * i as f64 - 0.5).collect();
    let mut exact = vec![0.25; n];
    let mut adam = Adam::default().build::<f64>(&Layout::vector(n));
    (1..=9).for_each(|t| adam.step(&mut exact, &g, &mut Step { t, lr: 0.01, loss: 0.0, oracle: &mut NoOracle }));
    for (dtype, tolerance) in [(DType::F64, 0.0), (DType::F32, 1e-6), (DType::F16, 3e-3), (DType::BF16, 3e-2)] {
        let tensor = |x: &[f64]| Tensor::<1>::from_data(TensorData::new(x.to_vec(), [n]), (&Device::flex(), dtype));
        let optim = PerParameter::new(Adam::default()).expect("fits");
        let (mut x, mut memory) = (tensor(&vec![0.25; n]), None);
        for _ in 0..9 {
            (x, memory) = burn::optim::Optimizer::step(&optim, 0.01, x, tensor(&g), memory);
        }
        assert_eq!(x.dtype(), dtype);
        let off = x.into_data().iter::<f64>().zip(&exact).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(off <= tolerance, "{dtype:?}: {off:e}");
    }
}
