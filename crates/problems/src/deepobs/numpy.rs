//! The random numbers of numpy's `RandomState`, whose stream is frozen (NEP 19): what was drawn with it once can be drawn
//! again.

use rand_mt::Mt;

/// `numpy.random.RandomState(seed)`: the Mersenne Twister (Matsumoto & Nishimura 1998, ACM TOMACS 8), and normal numbers
/// by Marsaglia's polar method, which makes two at a time.
pub(super) struct RandomState {
    twister: Mt,
    /// The second of a pair of normal numbers, until it is asked for.
    second: Option<f64>,
}

impl RandomState {
    pub(super) fn new(seed: u32) -> Self {
        RandomState { twister: Mt::new(seed), second: None }
    }

    /// `random_sample()`: uniform in [0, 1), of 53 bits.
    pub(super) fn random_sample(&mut self) -> f64 {
        let (high, low) = (self.twister.next_u32() >> 5, self.twister.next_u32() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// `uniform(low, high)`.
    pub(super) fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.random_sample()
    }

    /// `normal(0, sd)`.
    pub(super) fn normal(&mut self, sd: f64) -> f64 {
        sd * self.second.take().unwrap_or_else(|| self.pair())
    }

    fn pair(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.random_sample() - 1.0, 2.0 * self.random_sample() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                let scale = libm::sqrt(-2.0 * libm::log(square) / square);
                self.second = Some(scale * x);
                return scale * y;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn draws_are_those_of_numpy() {
        let golden: Value = serde_json::from_str(include_str!("../../tests/deepobs/numpy.json")).unwrap();
        for case in golden["streams"].as_array().unwrap() {
            let mut rng = RandomState::new(case["seed"].as_u64().unwrap() as u32);
            for (what, values) in [("uniform", &case["uniform"]), ("normal", &case["normal"])] {
                for (i, value) in values.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).enumerate() {
                    let found = if what == "uniform" { rng.uniform(30.0, 60.0) } else { rng.normal(0.6) };
                    // Logarithms of C libraries differ in the last bit.
                    let tolerance = if what == "uniform" { 0.0 } else { 4.0 * f64::EPSILON * value.abs() };
                    assert!((found - value).abs() <= tolerance, "{case}: {what} {i} is {found}");
                }
            }
        }
    }
}
