//! Every method finds the bottom of a bowl.

use crate::common::configure;
use downhill::{Facts, Layout, Registry, Schedule, Stepper};
use serde_json::json;

/// The least `f = sum h_i x_i^2 / 2` with curvatures from 0.1 to 10, over three rates a decade of the method's grid.
fn best(facts: &Facts) -> f64 {
    let curvature: Vec<f64> = (0..5).map(|i| 0.1 * 10f64.powf(f64::from(i) / 2.0)).collect();
    let (low, high) = facts.grid;
    let rates = (0..).map(|k| low * 10f64.powf(f64::from(k) / 3.0)).take_while(|lr| *lr <= high * 1.01);
    let run = |lr: f64| {
        let optimizer = configure(&json!({ "name": facts.name })).build(&Layout::vector(5)).unwrap();
        // Methods that move by about lr in every step come as close as the last rates: hence a rate that falls.
        let mut opt =
            Stepper::new(optimizer, lr, Schedule::Constant).with_schedule(Schedule::Cosine { end: 0.0 }, 2000);
        let mut x = vec![1.0, -1.0, 0.5, -0.25, 2.0];
        for _ in 0..2000 {
            let g: Vec<f64> = x.iter().zip(&curvature).map(|(x, h)| h * x).collect();
            opt.step(&mut x, &g);
        }
        x.iter().zip(&curvature).map(|(x, h)| 0.5 * h * x * x).sum::<f64>()
    };
    rates.map(run).fold(f64::INFINITY, f64::min)
}

#[test]
fn every_method_descends_a_bowl_with_a_rate_of_its_grid() {
    for entry in Registry::builtin().entries() {
        let best = best(&entry.facts);
        assert!(best < 1e-6, "{}: {best:e}", entry.facts.name);
    }
}
