//! Looking while seeds come in, with an error rate that holds.

/// Numbers of seeds at which a comparison is looked at, and the level of each look. Testing at the usual level every time
/// calls a difference far too often; here the levels add up to `alpha`, so that by the union bound a difference that is
/// not there is seen at any look with probability `alpha` at most, for any test and any dependence of the looks. Each
/// look gets in proportion to its number of seeds: late looks, which see more, decide. The boundaries of group-sequential
/// trials (Lan & DeMets 1983, doi:10.1093/biomet/70.3.659) spend the same `alpha` a little more sparingly, for normal
/// values of known spread.
#[derive(Clone, Debug, PartialEq)]
pub struct Looks {
    seeds: Vec<usize>,
    alpha: f64,
}

impl Looks {
    /// At these numbers of seeds, ascending.
    pub fn new(seeds: &[usize], alpha: f64) -> Self {
        Looks { seeds: seeds.to_vec(), alpha }
    }

    /// The numbers of seeds.
    pub fn seeds(&self) -> &[usize] {
        &self.seeds
    }

    /// The level of a look, from 0.
    pub fn level(&self, look: usize) -> f64 {
        self.alpha * self.seeds[look] as f64 / self.seeds.iter().sum::<usize>() as f64
    }
}
