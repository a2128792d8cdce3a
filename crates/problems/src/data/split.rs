//! Train, validation, test.

#[cfg(doc)]
use super::Counts;
use super::scale::Scale;
use super::{Csr, Dataset, Features, Target};
use crate::problem::{Part, ProblemError};
use crate::rng::{Stream, Streams};
use crate::sampling::below;
use downhill::Real;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Shares of the data that are kept from training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SplitSpec {
    /// Selects learning rates; `(0, 1)`.
    pub validation: f64,
    /// Is reported; `(0, 1)`, and with `validation` less than 1.
    pub test: f64,
    /// Whether training sees the validation part, too, as it does the `train_eval` of DeepOBS: then it selects by what is
    /// learnt, not by what is learnt of others.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub seen: bool,
}

impl Default for SplitSpec {
    fn default() -> Self {
        SplitSpec { validation: 0.2, test: 0.2, seen: false }
    }
}

impl SplitSpec {
    /// The numbers of the rows of train, validation and test, each ascending, drawn from the stream `split`.
    ///
    /// Stratified: each class gives each part its share, rounded down or up, and reaches all three parts where that
    /// allows it; a class of one row goes to train, of two to train and one other. Numbers are one class.
    ///
    /// What is [`seen`](SplitSpec::seen) is in train, too.
    ///
    /// Where the authors of a data set keep rows for test ([`Dataset::test_from`]), those are the test part, whatever
    /// its share; validation takes its share of the others.
    ///
    /// # Errors
    /// If the shares are out of range or a part would be empty.
    pub fn rows(&self, data: &Dataset, streams: &Streams) -> Result<[Vec<u32>; 3], ProblemError> {
        let (labels, classes) = match &data.target {
            Target::Classes { labels, names } => (Cow::Borrowed(labels), names.len()),
            Target::Numbers(y) => (Cow::Owned(vec![0; y.len()]), 1),
        };
        let [train, validation, test] = self.shares()?;
        let (open, shares) = match data.test_from {
            Some(first) => (first, [1.0 - validation, validation, 0.0]),
            None => (labels.len(), [train, validation, test]),
        };
        let mut counts = vec![0; classes];
        labels[..open].iter().for_each(|&label| counts[label as usize] += 1);
        let mut left = apportion(&counts, shares);

        let mut order: Vec<u32> = (0..open as u32).collect();
        let mut rng = streams.rng(Stream::Split);
        for i in (1..order.len()).rev() {
            order.swap(i, below(&mut rng, i + 1) as usize);
        }
        let mut rows = [const { Vec::new() }; 3];
        for row in order {
            let left = &mut left[labels[row as usize] as usize];
            let part = left.iter().position(|&n| n > 0).unwrap_or(0);
            left[part] -= 1;
            rows[part].push(row);
        }
        rows[2].extend(open as u32..labels.len() as u32);
        if self.seen {
            let [train, validation, _] = &mut rows;
            train.extend(&*validation);
        }
        for (part, rows) in Part::ALL.iter().zip(&mut rows) {
            if rows.is_empty() {
                let (name, n) = (&data.name, data.rows());
                return Err(ProblemError(format!(
                    "data set `{name}`: the {n} rows leave none for the part {part:?}; more rows or a larger share are \
                     needed"
                )));
            }
            rows.sort_unstable();
        }
        Ok(rows)
    }

    /// The three parts of those [`rows`](SplitSpec::rows). Tables are standardised column by column, and numbers to be
    /// predicted too, with mean and standard deviation of the training part only (R² does not change by that); bytes
    /// are divided by 255; symbols stay numbers; sparse values stay, because a shift would fill them up; counts of words
    /// are weighed by what the training part says of them ([`Counts`]).
    ///
    /// # Errors
    /// As for [`rows`](SplitSpec::rows), or if a number is too large to be standardised.
    pub fn split<R: Real>(&self, data: &Dataset, streams: &Streams) -> Result<Splits<R>, ProblemError> {
        let rows = self.rows(data, streams)?;
        let error = |e: ProblemError| ProblemError(format!("data set `{}`: {}", data.name, e.0));
        let [train, validation, test] = features(data, &rows).map_err(error)?;
        // Only words of the training part become features.
        let width = if let Matrix::Sparse(x) = &train { x.width } else { data.width() };
        let [train_y, validation_y, test_y] = targets(data, &rows).map_err(error)?;
        Ok(Splits {
            train: Portion { x: train, y: train_y },
            validation: Portion { x: validation, y: validation_y },
            test: Portion { x: test, y: test_y },
            width,
            classes: match &data.target {
                Target::Classes { names, .. } => names.len(),
                Target::Numbers(_) => 0,
            },
        })
    }

    fn shares(&self) -> Result<[f64; 3], ProblemError> {
        let SplitSpec { validation, test, .. } = *self;
        let inside = |share| 0.0 < share && share < 1.0;
        if inside(validation) && inside(test) && inside(validation + test) {
            return Ok([1.0 - validation - test, validation, test]);
        }
        Err(ProblemError(format!(
            "split: validation = {validation}, test = {test}; each must lie between 0 and 1, and so must their sum"
        )))
    }
}

/// How many rows of each class go to each part: the class's share rounded down, then one more row to the parts that
/// have none, train first, and to those that lag furthest behind their shares of all classes so far (the method of
/// largest remainders, with the remainders carried on).
fn apportion(counts: &[usize], shares: [f64; 3]) -> Vec<[usize; 3]> {
    let mut behind = [0.0; 3];
    let class = |&count: &usize| {
        let quota = shares.map(|share| share * count as f64);
        let mut given = quota.map(|q| q as usize);
        let mut open: Vec<usize> = (0..3).filter(|&p| quota[p] > given[p] as f64).collect();
        (0..3).for_each(|p| behind[p] += quota[p] - given[p] as f64);
        let rank = |&p: &usize| match (given[p], p) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 2,
        };
        open.sort_by(|a, b| rank(a).cmp(&rank(b)).then(behind[*b].total_cmp(&behind[*a])));
        let missing = count - given.iter().sum::<usize>();
        for &part in open.iter().take(missing) {
            given[part] += 1;
            behind[part] -= 1.0;
        }
        given
    };
    counts.iter().map(class).collect()
}

fn features<R: Real>(data: &Dataset, rows: &[Vec<u32>; 3]) -> Result<[Matrix<R>; 3], ProblemError> {
    let width = data.width();
    match &data.features {
        Features::Dense(values) => {
            let scale = Scale::of(values, width, &rows[0]);
            let part = |rows: &Vec<u32>| scale.apply(values, rows, |c| data.columns[c].clone()).map(Matrix::Dense);
            Ok([part(&rows[0])?, part(&rows[1])?, part(&rows[2])?])
        }
        Features::Bytes(values) => {
            let level: Vec<R> = (0..=255).map(|b| R::of(f64::from(b) / 255.0)).collect();
            let row = |&r: &u32| values[r as usize * width..][..width].iter().map(|&b| level[usize::from(b)]);
            Ok(rows.each_ref().map(|rows| Matrix::Dense(rows.iter().flat_map(row).collect())))
        }
        Features::Symbols(values) => {
            let row = |&r: &u32| values[r as usize * width..][..width].iter().map(|&s| R::of(f64::from(s)));
            Ok(rows.each_ref().map(|rows| Matrix::Dense(rows.iter().flat_map(row).collect())))
        }
        Features::Sparse(csr) => Ok(rows.each_ref().map(|rows| Matrix::Sparse(gather(csr, rows)))),
        Features::Counts(counts) => counts.weigh(rows).map(|parts| parts.map(Matrix::Sparse)),
    }
}

fn gather<R: Real>(csr: &Csr<f32>, rows: &[u32]) -> Csr<R> {
    let mut out = Csr { starts: vec![0], columns: Vec::new(), values: Vec::new(), width: csr.width };
    for &r in rows {
        let entries = csr.starts[r as usize]..csr.starts[r as usize + 1];
        out.columns.extend_from_slice(&csr.columns[entries.clone()]);
        out.values.extend(csr.values[entries].iter().map(|&v| R::of(f64::from(v))));
        out.starts.push(out.columns.len());
    }
    out
}

fn targets<R: Real>(data: &Dataset, rows: &[Vec<u32>; 3]) -> Result<[Labels<R>; 3], ProblemError> {
    match &data.target {
        Target::Classes { labels, .. } => {
            Ok(rows.each_ref().map(|rows| Labels::Classes(rows.iter().map(|&r| labels[r as usize]).collect())))
        }
        Target::Numbers(values) => {
            let scale = Scale::of(values, 1, &rows[0]);
            let part = |rows: &Vec<u32>| scale.apply(values, rows, |_| "target".to_owned()).map(Labels::Numbers);
            Ok([part(&rows[0])?, part(&rows[1])?, part(&rows[2])?])
        }
    }
}

/// The three parts.
#[derive(Clone, Debug)]
pub struct Splits<R> {
    /// What gradients see.
    pub train: Portion<R>,
    /// What selects.
    pub validation: Portion<R>,
    /// What is reported.
    pub test: Portion<R>,
    /// The number of features.
    pub width: usize,
    /// The number of classes; 0 for numbers.
    pub classes: usize,
}

impl<R> Splits<R> {
    /// One part.
    pub fn part(&self, part: Part) -> &Portion<R> {
        match part {
            Part::Train => &self.train,
            Part::Validation => &self.validation,
            Part::Test => &self.test,
        }
    }
    /// The memory that it takes, but for a few.
    pub(crate) fn bytes(&self) -> usize {
        let part = |p: &Portion<R>| {
            let x = match &p.x {
                Matrix::Dense(values) => size_of_val(&values[..]),
                Matrix::Sparse(csr) => {
                    size_of_val(&csr.starts[..]) + size_of_val(&csr.columns[..]) + size_of_val(&csr.values[..])
                }
            };
            x + match &p.y {
                Labels::Classes(labels) => size_of_val(&labels[..]),
                Labels::Numbers(values) => size_of_val(&values[..]),
            }
        };
        part(&self.train) + part(&self.validation) + part(&self.test)
    }
}

/// One part of the data.
#[derive(Clone, Debug)]
pub struct Portion<R> {
    /// One row an example.
    pub x: Matrix<R>,
    /// One value an example.
    pub y: Labels<R>,
}

/// Features, ready for a model.
#[derive(Clone, Debug)]
pub enum Matrix<R> {
    /// Row-major.
    Dense(Vec<R>),
    /// Compressed rows.
    Sparse(Csr<R>),
}

/// Targets, ready for a model.
#[derive(Clone, Debug)]
pub enum Labels<R> {
    /// Class numbers.
    Classes(Vec<u32>),
    /// Numbers, standardised on the training part.
    Numbers(Vec<R>),
}

impl<R> Labels<R> {
    /// The number of targets.
    pub(crate) fn len(&self) -> usize {
        match self {
            Labels::Classes(y) => y.len(),
            Labels::Numbers(y) => y.len(),
        }
    }
}
