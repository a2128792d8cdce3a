//! A method asks a problem only for what its facts say that it needs.

use crate::common::{Bowl, cast, configure, everything, gradients, layout, noise};
use downhill::{Need, Oracle, Purpose, Refused, Step};

/// Answers what one of the needs allows, and noise.
struct Only {
    needs: Vec<Need>,
    bowl: Bowl<f64>,
}

impl Only {
    fn allowed(&mut self, needs: &[Need]) -> Result<&mut Bowl<f64>, Refused> {
        let allowed = needs.iter().any(|need| self.needs.contains(need));
        if allowed { Ok(&mut self.bowl) } else { Err(Refused("what the method does not say that it needs")) }
    }
}

impl Oracle<f64> for Only {
    fn again(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        self.allowed(&[Need::Again])?.again(x, g)
    }
    fn full(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        self.allowed(&[Need::Full])?.full(x, g)
    }
    fn examples(&mut self) -> Result<usize, Refused> {
        self.allowed(&[Need::Summands, Need::ModelLabels])?.examples()
    }
    fn rows(&mut self) -> Result<&[u32], Refused> {
        self.allowed(&[Need::Summands, Need::ModelLabels])?.rows()
    }
    fn summand(&mut self, i: usize, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        self.allowed(&[Need::Summands])?.summand(i, x, g)
    }
    fn hessian_vector(&mut self, x: &[f64], v: &[f64], hv: &mut [f64]) -> Result<(), Refused> {
        self.allowed(&[Need::HessianVector])?.hessian_vector(x, v, hv)
    }
    fn model_labels(&mut self, x: &[f64], g: &mut [f64]) -> Result<f64, Refused> {
        self.allowed(&[Need::ModelLabels])?.model_labels(x, g)
    }
    fn lower_bound(&mut self) -> Result<f64, Refused> {
        self.allowed(&[Need::LowerBound])?.lower_bound()
    }
    fn noise(&mut self, purpose: Purpose, out: &mut [f64]) -> Result<(), Refused> {
        self.bowl.noise(purpose, out)
    }
}

/// A second gradient over other data than the first's, or a loss where there is none, would be refused, or NaN.
#[test]
fn a_method_asks_for_what_it_says() {
    let n = layout().len();
    for table in everything() {
        let configured = configure(&table);
        let mut optimizer = configured.build::<f64>(&layout()).unwrap();
        let mut x: Vec<f64> = cast(&noise(0, n));
        for (t, g) in (1..).zip(gradients(12, n)) {
            let mut oracle = Only { needs: configured.needs(), bowl: Bowl::new(t, &x, &g, 1.0) };
            let loss = if oracle.needs.contains(&Need::Loss) { oracle.bowl.loss } else { f64::NAN };
            optimizer.step(&mut x, &g, &mut Step { t, lr: 1e-3, loss, oracle: &mut oracle });
        }
        assert!(x.iter().all(|x| x.is_finite()), "{table}: it looks at the loss");
    }
}
