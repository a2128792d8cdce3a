//! A step inside burn allocates no parameter buffer: what it allocates does not grow with the parameters. A binary of its
//! own: it replaces the allocator.

use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use downhill::Registry;
use downhill_burn::PerParameter;
use serde_json::json;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};

struct Counting;

thread_local! {
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.set(BYTES.get() + layout.size());
        // SAFETY: the caller's promise is the one that `System` asks for.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The tests one after the other: burn's table of graphs belongs to the process, and grows on whichever thread fills it.
fn alone() -> MutexGuard<'static, ()> {
    static BURN: Mutex<()> = Mutex::new(());
    BURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes allocated in each of the steps 2 to 6 of a normal training loop: forward, backward, step.
fn bytes(mut optim: ModuleOptimizer, device: &Device, width: usize) -> Vec<usize> {
    let device = device.clone().autodiff();
    let mut model: Linear = LinearConfig::new(width, 64).init(&device);
    let x = Tensor::<2>::ones([8, width], &device);
    let step = |model: Linear| {
        let loss = model.forward(x.clone()).powf_scalar(2.0).mean();
        let grads = GradientsParams::from_grads(loss.backward(), &model);
        drop(loss);
        BYTES.set(0);
        let model = optim.step(1e-3, model, grads);
        (model, BYTES.get())
    };
    let mut counts = Vec::new();
    let mut step = step;
    for _ in 0..6 {
        let (moved, count) = step(model);
        model = moved;
        counts.push(count);
    }
    counts.split_off(1)
}

fn devices() -> [(&'static str, Device); 2] {
    #[expect(deprecated, reason = "offered as long as burn has it")]
    [("flex", Device::flex()), ("ndarray", Device::ndarray())]
}

#[test]
fn no_parameter_is_copied_in_a_normal_training_loop() {
    let _alone = alone();
    for (backend, device) in devices() {
        let mut worst = 0;
        for entry in Registry::builtin().entries() {
            let method = Registry::builtin().configure(&json!({ "name": entry.facts.name })).expect("registered");
            let Ok(ours) = PerParameter::new(method) else { continue };
            let [small, large] = [64, 1024].map(|width| bytes(ours.clone().into(), &device, width));
            assert_eq!(
                small, large,
                "{} on {backend}: bytes a step at 4,160 and at 65,600 parameters",
                entry.facts.name
            );
            worst = worst.max(large.iter().copied().max().expect("five steps"));
        }
        println!("{backend}: at most {worst} bytes a step for two parameters, burn's own bookkeeping");
        assert!(worst < 8192, "{worst} bytes");
    }
}

/// The test can fail: burn's own Adam allocates 16 bytes a parameter.
#[test]
fn burns_own_adam_copies() {
    let _alone = alone();
    let [(_, flex), _] = devices();
    let [small, large] = [64, 1024].map(|width| bytes(AdamConfig::new().init(), &flex, width)[0]);
    assert!(large > small + 8 * (1024 - 64) * 64, "{small}, {large}");
}
