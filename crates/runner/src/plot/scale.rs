//! From numbers to a line: linear or logarithmic, with ticks at round numbers.

/// An axis: what interval it shows, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// The ends; of a logarithmic scale, as powers of ten.
    low: f64,
    high: f64,
    log: bool,
}

/// More labels than this crowd an axis.
const TICKS: f64 = 5.0;

impl Scale {
    /// Evenly from `low` to `high`; widened if that is a point.
    pub(super) fn linear(low: f64, high: f64) -> Self {
        let (low, high) = if high > low { (low, high) } else { (low - 0.5, low + 0.5) };
        Scale { low, high, log: false }
    }

    /// In powers of ten; both positive.
    pub(super) fn log(low: f64, high: f64) -> Self {
        let (low, high) = (libm::log10(low), libm::log10(high));
        let (low, high) = if high - low > 1e-3 { (low, high) } else { (low - 0.5, high + 0.5) };
        Scale { low, high, log: true }
    }

    /// The scale that suits these numbers: logarithmic if they are positive and span more than a factor of eight.
    pub(super) fn suited(low: f64, high: f64) -> Self {
        if low > 0.0 && high > 8.0 * low { Scale::log(low, high) } else { Scale::linear(low, high) }
    }

    /// With some room at both ends, as a share of the length.
    pub(super) fn room(self, below: f64, above: f64) -> Self {
        let length = self.high - self.low;
        Scale { low: self.low - below * length, high: self.high + above * length, ..self }
    }

    /// Where a number lies: 0 at the low end, 1 at the high one, beyond them outside. Numbers that a logarithm does
    /// not know lie far below.
    pub(super) fn at(&self, x: f64) -> f64 {
        let x = match self.log {
            true if x > 0.0 => libm::log10(x),
            true => self.low - 1e3,
            false => x,
        };
        (x - self.low) / (self.high - self.low)
    }

    /// Round numbers on the axis, with their labels.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        if !self.log {
            return self.even();
        }
        let decades: Vec<i32> = (self.low.ceil() as i32..=self.high.floor() as i32).collect();
        if decades.len() < 2 {
            return self.within_a_decade();
        }
        let stride = (decades.len() as f64 / TICKS).ceil() as i32;
        let shown: Vec<i32> = decades.into_iter().filter(|p| p.rem_euclid(stride) == 0).collect();
        let short = shown.iter().all(|p| (-2..=3).contains(p));
        let label = |p: i32, x: f64| if short { crate::table::plain(x) } else { ten_to(p) };
        shown.iter().map(|&p| (libm::exp10(f64::from(p)), p)).map(|(x, p)| (x, label(p, x))).collect()
    }

    fn even(&self) -> Vec<(f64, String)> {
        let rough = (self.high - self.low) / TICKS;
        let power = libm::floor(libm::log10(rough)) as i32;
        let unit = libm::exp10(f64::from(power));
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * unit).find(|&s| s >= rough).unwrap_or(unit);
        let decimals = usize::try_from(-libm::floor(libm::log10(step) + 1e-9) as i32).unwrap_or(0);
        let (first, last) = ((self.low / step - 1e-9).ceil() as i64, (self.high / step + 1e-9).floor() as i64);
        // What is small throughout has more places than there is room for.
        let small = self.low.abs().max(self.high.abs()) < 1e-4;
        let label = |x: f64| if small { crate::table::plain(x) } else { format!("{x:.decimals$}") };
        // Adding 0 makes -0 a 0.
        (first..=last).map(|i| i as f64 * step + 0.0).map(|x| (x, label(x))).collect()
    }

    fn within_a_decade(&self) -> Vec<(f64, String)> {
        let (low, high) = (self.low.floor() as i32, self.high.ceil() as i32);
        let all = (low..=high).flat_map(|p| [1.0, 2.0, 3.0, 5.0].map(|m| m * libm::exp10(f64::from(p))));
        let inside = all.filter(|&x| (-1e-9..=1.0 + 1e-9).contains(&self.at(x)));
        inside.map(|x| (x, crate::table::plain(x))).collect()
    }
}

/// `10⁻³`; 1 and 10 as they are.
fn ten_to(power: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match power {
        0 => "1".into(),
        1 => "10".into(),
        p => {
            let digits = p.abs().to_string();
            let raised = digits.chars().filter_map(|c| DIGITS.get(c.to_digit(10)? as usize));
            format!("10{}{}", if p < 0 { "⁻" } else { "" }, raised.collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;

    #[test]
    fn even_ticks_fit_beside_an_axis() {
        let labels =
            |low, high| Scale::linear(low, high).ticks().into_iter().map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(labels(0.0, 4e-34), ["0", "1e-34", "2e-34", "3e-34", "4e-34"]);
        assert_eq!(labels(0.0, 0.4), ["0.0", "0.1", "0.2", "0.3", "0.4"]);
        assert_eq!(labels(1.0, 1.00004), ["1.00000", "1.00001", "1.00002", "1.00003", "1.00004"]);
    }
}
