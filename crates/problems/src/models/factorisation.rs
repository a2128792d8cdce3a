//! Matrix factorisation.

use crate::math::{normal, uniform};
use crate::problem::{Batch, Facts, Info, Measures, Part, Problem, ProblemError, Sample, Scratch};
use crate::{Context, Family, FamilyFacts, Rng, Stream, Streams};
use downhill::{Hyper, Layout, Range, Real, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A matrix of low rank, of which some entries are known, as a product of two.
///
/// ```text
/// f(U, V) = mean over known entries of 1/2 (M_ij - u_i.v_j)^2,  M = A B' / sqrt(planted) + noise Z
/// ```
///
/// `A` (`[rows, planted]`), `B` (`[columns, planted]`) and `Z` are standard normal. Each entry is known with probability
/// `known`; of the others half, but not more than half as many as are known, are validation, and as many test. Everything is drawn from `instance`; `U`
/// (`[rows, rank]`) and `V` (`[columns, rank]`) start from N(0, `scale`^2). Without noise, and with a rank that is not below the
/// planted one, the minimum is 0: the factors themselves, and all that is the same product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Factorisation {
    /// Of the matrix, `>= 1`.
    pub rows: usize,
    /// Of the matrix, `>= 1`.
    pub columns: usize,
    /// The rank of the product that is fitted, 1 to the larger of `rows` and `columns`.
    pub rank: usize,
    /// The rank of the matrix without noise, `>= 1`.
    pub planted: usize,
    /// The share of entries that are known, above 0 and below 1.
    pub known: f64,
    /// The standard deviation of the noise on an entry, `>= 0`; entries without it have 1.
    pub noise: f64,
    /// The standard deviation of the start, `> 0`: near 0 there is a saddle.
    pub scale: f64,
    /// Which of the random matrices.
    pub instance: u64,
}

impl Default for Factorisation {
    fn default() -> Self {
        Factorisation { rows: 50, columns: 40, rank: 3, planted: 3, known: 0.3, noise: 0.0, scale: 0.3, instance: 0 }
    }
}

impl Family for Factorisation {
    const FACTS: FamilyFacts = FamilyFacts {
        name: "factorisation",
        formula: "mean over known entries of 1/2 (M_ij - u_i.v_j)^2, M of low rank, and noise",
        source: "Koren, Bell & Volinsky 2009, IEEE Computer 42(8); Sun & Luo 2016, arXiv:1411.8003",
        teaches: "no minimum but global ones; a saddle at 0; too high a rank flattens the bottom",
        hypers: &[
            Hyper::new("rows", Range::AtLeast(1), "of the matrix"),
            Hyper::new("columns", Range::AtLeast(1), "of the matrix"),
            Hyper::new(
                "rank",
                Range::AtLeast(1),
                "rank of the product that is fitted, at most the larger of rows and columns",
            ),
            Hyper::new("planted", Range::AtLeast(1), "rank of the matrix without noise"),
            Hyper::new("known", Range::Positive, "share of entries that are known, below 1"),
            Hyper::new("noise", Range::NonNegative, "standard deviation of the noise on an entry"),
            Hyper::new("scale", Range::Positive, "standard deviation of the start"),
            Hyper::new("instance", Range::AtLeast(0), "which of the random matrices"),
        ],
        tags: &["synthetic", "nd", "non-convex", "regression", "finite-sum", "matrix"],
    };
    fn build<R: Real>(&self, _: &Context<'_>) -> Result<Arc<dyn Problem<R>>, ProblemError> {
        if self.known >= 1.0 {
            return Err(ProblemError(format!("`known` is {}, allowed is 0 < value < 1", self.known)));
        }
        let most = self.rows.max(self.columns);
        if self.rank > most {
            let text =
                format!("`rank` is {}, allowed are at most {most}, the larger side: more adds nothing", self.rank);
            return Err(ProblemError(text));
        }
        let mut rng = Streams::new("factorisation, data", self.instance).rng(Stream::Noise);
        let shrink = libm::pow(self.planted as f64, -0.25);
        let mut factor = |n: usize| (0..n * self.planted).map(|_| shrink * normal(&mut rng)).collect::<Vec<f64>>();
        let planted = [factor(self.rows), factor(self.columns)];
        let mut parts = [const { Vec::new() }; 3];
        let kept = 0.5 * self.known.min(1.0 - self.known);
        for (i, a) in planted[0].chunks_exact(self.planted).enumerate() {
            for (j, b) in planted[1].chunks_exact(self.planted).enumerate() {
                let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                let value = product + self.noise * normal(&mut rng);
                let u = uniform(&mut rng);
                let ends = [self.known, self.known + kept, self.known + 2.0 * kept];
                if let Some(part) = ends.iter().position(|&end| u < end) {
                    parts[part].push(Entry { row: i as u32, column: j as u32, value });
                }
            }
        }
        if parts.iter().any(Vec::is_empty) {
            let text = "too few entries for training, validation and test: allowed are more `rows` and `columns`, or a `known` \
                        nearer to a half";
            return Err(ProblemError(text.into()));
        }
        Ok(Arc::new(Product { spec: self.clone(), planted, parts }))
    }
}

#[derive(Clone, Copy)]
struct Entry {
    row: u32,
    column: u32,
    value: f64,
}

struct Product {
    spec: Factorisation,
    /// `A` and `B`, with the root of the scale in each.
    planted: [Vec<f64>; 2],
    /// Entries for training, validation, test.
    parts: [Vec<Entry>; 3],
}

impl Product {
    /// The two rows of an entry in the parameters.
    fn rows(&self, entry: &Entry) -> [std::ops::Range<usize>; 2] {
        [entry.row as usize, self.spec.rows + entry.column as usize]
            .map(|row| row * self.spec.rank..(row + 1) * self.spec.rank)
    }

    /// How far the product is from an entry.
    fn residual<R: Real>(&self, x: &[R], entry: &Entry) -> f64 {
        let [u, v] = self.rows(entry);
        let dot: f64 = x[u].iter().zip(&x[v]).map(|(u, v)| u.to_f64() * v.to_f64()).sum();
        dot - entry.value
    }

    /// The factors, with zeros up to the rank, if they fit.
    fn minimiser(&self) -> Option<Vec<f64>> {
        let Factorisation { rank, planted, noise, .. } = self.spec;
        let padded = |row: &[f64]| row.iter().copied().chain(std::iter::repeat(0.0)).take(rank).collect::<Vec<_>>();
        (noise == 0.0 && rank >= planted)
            .then(|| self.planted.iter().flat_map(|factor| factor.chunks_exact(planted)).flat_map(padded).collect())
    }
}

impl Info for Product {
    fn layout(&self) -> Layout {
        let Factorisation { rows, columns, rank, .. } = self.spec;
        Layout::new().block("u", [rows, rank], Role::Hidden).block("v", [columns, rank], Role::Hidden)
    }
    fn examples(&self) -> usize {
        self.parts[0].len()
    }
    fn facts(&self) -> Facts {
        match self.minimiser() {
            Some(minimiser) => {
                let widest = minimiser.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
                Facts { domain: vec![(-1.5 * widest, 1.5 * widest)], ..Facts::global(0.0, vec![minimiser]) }
            }
            None => Facts { lower_bound: Some(0.0), ..Facts::default() },
        }
    }
}

impl<R: Real> Problem<R> for Product {
    fn start(&self, rng: &mut Rng, x: &mut [R]) {
        x.fill_with(|| R::of(self.spec.scale * normal(rng)));
    }
    fn eval(&self, x: &[R], sample: &Sample<'_>, g: &mut [R], _: &mut Scratch<R>) -> R {
        g.fill(R::ZERO);
        let entries = &self.parts[Part::Train as usize];
        let n = match sample.batch {
            Batch::All => entries.len(),
            Batch::Rows(rows) => rows.len(),
        };
        let mut sum = 0.0;
        let mut one = |entry: &Entry| {
            let ([u, v], r) = (self.rows(entry), self.residual(x, entry));
            sum += 0.5 * r * r;
            let slope = R::of(r / n as f64);
            for (i, j) in u.zip(v) {
                g[i] += slope * x[j];
                g[j] += slope * x[i];
            }
        };
        match sample.batch {
            Batch::All => entries.iter().for_each(one),
            Batch::Rows(rows) => rows.iter().for_each(|&i| one(&entries[i as usize])),
        }
        R::of(sum / n as f64)
    }
    fn measure(&self, x: &[R], part: Part, _: &mut Scratch<R>) -> Measures {
        let entries = &self.parts[part as usize];
        let sum: f64 = entries.iter().map(|entry| self.residual(x, entry)).map(|r| 0.5 * r * r).sum();
        let loss = sum / entries.len() as f64;
        Measures { objective: loss, loss, metric: None }
    }
}
