//! Every method finds the bottom of a bowl.

use crate::common::{configure, noise};
use downhill::{Facts, Layout, Need, Oracle, Purpose, Refused, Registry, Role, Schedule, Step};
use serde_json::json;

/// Curvatures from 0.1 to 10; a mean of eight summands, one a coordinate.
const CURVATURE: [f64; 8] = [0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 10.0];
const STEPS: u64 = 2000;

fn value(x: &[f64]) -> f64 {
    x.iter().zip(CURVATURE).map(|(x, h)| 0.5 * h * x * x).sum()
}

struct Valley {
    t: u64,
    rows: [u32; 1],
}

impl Oracle<f64> for Valley {
    fn again(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        g.iter_mut().zip(x.iter().zip(CURVATURE)).for_each(|(g, (x, h))| *g = h * x);
        Ok(value(x))
    }
    fn full(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        self.again(x, g)
    }
    fn examples(&mut self) -> Result<usize, Refused> {
        Ok(CURVATURE.len())
    }
    fn rows(&mut self) -> Result<&[u32], Refused> {
        Ok(&self.rows)
    }
    fn summand(&mut self, i: usize, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        let n = CURVATURE.len() as f64;
        g.fill(0.0);
        g[i] = n * CURVATURE[i] * x[i];
        Ok(n * 0.5 * CURVATURE[i] * x[i] * x[i])
    }
    fn model_labels(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        self.again(x, g)
    }
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        Ok(0.0)
    }
    fn noise(&mut self, purpose: Purpose, out: &mut [f64]) -> Result<(), Refused> {
        out.copy_from_slice(&noise(4 * self.t + purpose as u64, out.len()));
        Ok(())
    }
}

/// Whether some rate of the method's grid, three a decade, leads down to almost nothing.
fn descends(facts: &Facts) -> bool {
    let (low, high) = facts.grid;
    let rates = (0..).map(|k| high / 10f64.powf(f64::from(k) / 3.0)).take_while(|lr| *lr >= low * 0.99);
    // Methods that move by about lr in every step come as close as the last rates: hence a rate that falls.
    let schedule = Schedule::Cosine { end: 0.0 };
    // Whoever sees one example a step sees an eighth of the bowl, and goes by the steepest of all.
    let single = facts.needs.contains(&Need::Summands);
    let steps = if single { 16 * STEPS } else { STEPS };
    let run = |lr: f64| {
        let layout = Layout::new().block("w", [2, 3], Role::Hidden).block("b", [2], Role::Bias);
        let mut optimizer = configure(&json!({ "name": facts.name })).build(&layout).unwrap();
        let (mut x, mut g) = (vec![1.0, -1.0, 0.5, -0.25, 2.0, 0.5, -1.0, 1.0], vec![0.0; 8]);
        for t in 1..=steps {
            let mut valley = Valley { t, rows: [(t % 8) as u32] };
            let loss = if single {
                valley.summand((t % 8) as usize, &x, &mut g).unwrap()
            } else {
                valley.again(&x, &mut g).unwrap()
            };
            let lr = lr * schedule.factor(t - 1, steps);
            optimizer.step(&mut x, &g, &mut Step { t, lr, loss, oracle: &mut valley });
        }
        value(optimizer.readout(&x, &mut g))
    };
    // High ones first: most have to go far.
    rates.map(run).any(|value| value < 1e-6)
}

#[test]
fn every_method_descends_a_bowl_with_a_rate_of_its_grid() {
    for entry in Registry::builtin().entries() {
        assert!(descends(&entry.facts), "{}: no rate does", entry.facts.name);
    }
}
