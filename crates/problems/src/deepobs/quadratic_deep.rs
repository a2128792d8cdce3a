//! A noisy quadratic with the spectrum of a deep network's Hessian.

use super::numpy::RandomState;
use crate::problem::{Batch, Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng};
use downhill::{Layout, Real};
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;
use std::sync::{Arc, LazyLock};

/// The number of coordinates.
const DIM: usize = 100;
/// The number of training examples.
const EXAMPLES: usize = 1000;
/// Examples for validation, and for test: seven batches of 128.
const KEPT: usize = 896;

type Vector = [f64; DIM];

/// The mean distance to Gaussian points in a metric of ninety small eigenvalues and ten large ones, as Chaudhari et al.
/// 2017 (arXiv:1611.01838) saw them in deep networks.
///
/// ```text
/// f(x) = mean over examples of 1/2 (x - a)' Q (x - a),  a ~ N(0, 0.36 I),  Q = R' diag(h) R
/// h: 90 of U(0, 1), 10 of U(30, 60);  R a rotation, Haar distributed
/// ```
///
/// Spectrum, rotation and the 1000 training examples are drawn by numpy's `RandomState(42)`, test examples by `43` and
/// validation examples, which version 1.1 lacks, by `44`: there is one instance, whatever the seed of the trial, which
/// orders the examples. Validation and test have 896 examples, the seven full batches of the original. The start is
/// `x = 1`.
///
/// DeepOBS runs 100 epochs with batches of 128, the remainder dropped. Steps beyond 2/53.129 = 0.03764 diverge under plain
/// gradient descent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuadraticDeep {}

impl Family for QuadraticDeep {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "quadratic-deep",
        formula: "mean of 1/2 (x - a)' Q (x - a), a ~ N(0, 0.36), Q with 90 eigenvalues in [0, 1] and 10 in [30, 60]",
        source: "Schneider, Balles & Hennig 2019, arXiv:1903.05499",
        teaches: "published results met: outliers of curvature limit the learning rate, batches set the floor",
        hypers: &[],
        tags: &["deepobs", "synthetic", "nd", "convex", "quadratic", "finite-sum"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        Ok(Arc::new(self.clone()))
    }
}

/// The one instance, drawn at first use.
struct Instance {
    /// The Hessian, row by row.
    q: Vec<Vector>,
    /// Examples for training, validation, test.
    parts: [Points; 3],
}

/// Examples, and of each the value of the quadratic form, `a' Q a`.
struct Points {
    a: Vec<[f32; DIM]>,
    forms: Vec<f64>,
}

static INSTANCE: LazyLock<Instance> = LazyLock::new(|| {
    let mut rng = RandomState::new(42);
    let (h, r) = (spectrum(&mut rng), rotation(&mut rng));
    let entry = |i: usize, j: usize| r.iter().zip(&h).map(|(row, h)| row[i] * h * row[j]).sum();
    let q: Vec<Vector> = (0..DIM).map(|i| std::array::from_fn(|j| entry(i, j))).collect();
    let points = |seed, n| {
        let mut rng = RandomState::new(seed);
        let a: Vec<[f32; DIM]> = (0..n).map(|_| std::array::from_fn(|_| rng.normal(0.6) as f32)).collect();
        let forms = a.iter().map(|a| form(&q, &a.map(f64::from))).collect();
        Points { a, forms }
    };
    let parts = [points(42, EXAMPLES), points(44, KEPT), points(43, KEPT)];
    Instance { q, parts }
});

/// The eigenvalues of the Hessian.
fn spectrum(rng: &mut RandomState) -> Vec<f64> {
    (0..DIM).map(|i| if i < 90 { rng.uniform(0.0, 1.0) } else { rng.uniform(30.0, 60.0) }).collect()
}

/// A rotation, Haar distributed: from one of `d` coordinates to one of `d + 1` by a reflection to a random point of the
/// sphere (Diaconis & Shahshahani 1987, Probability in the Engineering and Informational Sciences 1).
fn rotation(rng: &mut RandomState) -> Vec<Vec<f64>> {
    let angle = TAU * rng.random_sample();
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let mut r = vec![vec![cos, sin], vec![-sin, cos]];
    for d in 2..DIM {
        let v: Vec<f64> = (0..=d).map(|_| rng.normal(1.0)).collect();
        let length = libm::sqrt(v.iter().map(|v| v * v).sum());
        let mut x: Vec<f64> = v.iter().map(|v| -v / length).collect();
        x[0] += 1.0;
        let square: f64 = x.iter().map(|x| x * x).sum();
        // One coordinate more, which the rotation so far leaves alone.
        r.iter_mut().for_each(|row| row.insert(0, 0.0));
        r.insert(0, (0..=d).map(|j| f64::from(u8::from(j == 0))).collect());
        for j in 0..=d {
            let along: f64 = r.iter().zip(&x).map(|(row, x)| row[j] * x).sum::<f64>() / square;
            r.iter_mut().zip(&x).for_each(|(row, x)| row[j] -= 2.0 * along * x);
        }
    }
    // An odd number of reflections, made a rotation.
    r.iter_mut().flatten().for_each(|x| *x = -*x);
    r
}

/// `Q v`.
fn product(q: &[Vector], v: &Vector) -> Vector {
    let mut out = [0.0; DIM];
    for (row, v) in q.iter().zip(v) {
        out.iter_mut().zip(row).for_each(|(out, q)| *out += q * v);
    }
    out
}

/// `v' Q v`.
fn form(q: &[Vector], v: &Vector) -> f64 {
    product(q, v).iter().zip(v).map(|(qv, v)| qv * v).sum()
}

impl Instance {
    fn part(&self, part: Part) -> &Points {
        &self.parts[part as usize]
    }

    /// Loss and gradient over examples: with their mean `m`, `1/2 (x - m)' Q (x - m)` and half of the forms' variance.
    fn mean(&self, x: &[impl Real], points: &Points, rows: impl ExactSizeIterator<Item = usize>) -> (f64, Vector) {
        let (mut m, mut forms, n) = ([0.0; DIM], 0.0, rows.len() as f64);
        for i in rows {
            m.iter_mut().zip(&points.a[i]).for_each(|(m, &a)| *m += f64::from(a));
            forms += points.forms[i];
        }
        m.iter_mut().for_each(|m| *m /= n);
        let d: Vector = std::array::from_fn(|i| x[i].to_f64() - m[i]);
        let g = product(&self.q, &d);
        let distance: f64 = d.iter().zip(&g).map(|(d, g)| d * g).sum();
        (0.5 * (distance + forms / n - form(&self.q, &m)), g)
    }
}

impl Info for QuadraticDeep {
    fn layout(&self) -> Layout {
        Layout::vector(DIM)
    }
    fn examples(&self) -> usize {
        EXAMPLES
    }
    fn facts(&self) -> Facts {
        FACTS.clone()
    }
}

/// At the mean of the training examples.
static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    let train = INSTANCE.part(Part::Train);
    let mean = |i| train.a.iter().map(|a| f64::from(a[i])).sum::<f64>() / EXAMPLES as f64;
    let minimiser: Vec<f64> = (0..DIM).map(mean).collect();
    let minimum = INSTANCE.mean(&minimiser, train, 0..EXAMPLES).0;
    Facts {
        domain: vec![(-1.5, 1.5)],
        // That of the loss of one batch.
        lower_bound: Some(0.0),
        curved: true,
        ..Facts::global(minimum, vec![minimiser])
    }
});

impl<R: Real> Problem<R> for QuadraticDeep {
    fn start(&self, _: &mut Rng, x: &mut [R]) {
        x.fill(R::ONE);
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        let train = INSTANCE.part(Part::Train);
        let (f, slope) = match sample.batch {
            Batch::All => INSTANCE.mean(x, train, 0..EXAMPLES),
            Batch::Rows(rows) => INSTANCE.mean(x, train, rows.iter().map(|&i| i as usize)),
        };
        g.iter_mut().zip(slope).for_each(|(g, slope)| *g = R::of(slope));
        R::of(f)
    }
    fn hessian_vector(&self, _: &[R], v: &[R], _: &Sample<'_>, hv: &mut [R], _: &mut Scratch<R>) -> Option<()> {
        let product = product(&INSTANCE.q, &std::array::from_fn(|i| v[i].to_f64()));
        hv.iter_mut().zip(product).for_each(|(hv, product)| *hv = R::of(product));
        Some(())
    }
    fn measure(&self, x: &[R], part: Part, _: &mut Scratch<R>) -> Measures {
        let points = INSTANCE.part(part);
        let loss = INSTANCE.mean(x, points, 0..points.a.len()).0;
        Measures { objective: loss, loss, metric: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spectrum_and_rotation_are_those_of_numpy() {
        // Checked against scripts/deepobs_golden.py, as are products with the Hessian.
        let mut rng = RandomState::new(42);
        let h = spectrum(&mut rng);
        let (min, max) = h.iter().fold((f64::INFINITY, 0.0f64), |(a, b), &h| (a.min(h), b.max(h)));
        assert_eq!((min, max), (0.005_522_117_123_602_399, 53.129_015_398_636_83));
        let trace: f64 = (0..DIM).map(|i| INSTANCE.q[i][i]).sum();
        for sum in [h.iter().sum(), trace] {
            assert!((sum - 477.612_279_595_013_94).abs() < 1e-10, "{sum}");
        }
        let r = rotation(&mut rng);
        for (i, a) in r.iter().enumerate() {
            for (j, b) in r.iter().enumerate() {
                let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-13, "rows {i} and {j}: {product}");
            }
        }
    }
}
