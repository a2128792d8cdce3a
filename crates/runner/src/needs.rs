//! Which methods can run on which problems: what a method needs against what a problem offers.

use downhill::Need;
use downhill_problems::{Facts, Order, Sampling};

/// What a trial has to offer to a method that asks.
pub struct Offer<'a> {
    /// What is known of the problem.
    pub facts: &'a Facts,
    /// Its training examples; 0 for a plain function.
    pub examples: usize,
    /// Which of them a step sees.
    pub sampling: Sampling,
}

impl Offer<'_> {
    /// Why a method with these needs cannot run here, and what would help; `None` if it can. Matrices are the layout's
    /// affair: [`Configured::build`](downhill::Configured::build) knows.
    pub fn refuses(&self, needs: &[Need]) -> Option<String> {
        let missing = needs.iter().find_map(|&need| Some((need, self.lacks(need)?)));
        missing.map(|(need, why)| format!("it needs {}, but {why}", need.text()))
    }

    fn lacks(&self, need: Need) -> Option<&'static str> {
        let (function, full) = (self.examples == 0, self.sampling.order == Order::Full);
        match need {
            Need::Loss | Need::Again | Need::Full | Need::HessianVector | Need::Matrices => None,
            Need::LowerBound => self.facts.lower_bound.is_none().then_some("the problem has none that is known"),
            Need::Summands if function => Some("the problem is no sum over examples"),
            Need::Summands => full.then_some("a step sees all examples at once: choose a `batch`"),
            Need::FullBatch if self.facts.noisy => Some("the problem is noisy"),
            Need::FullBatch => (!function && !full).then_some("a step sees a few: say `order = \"full\"`"),
            Need::ModelLabels => (!self.facts.probabilistic).then_some("the model predicts no probabilities"),
        }
    }
}
