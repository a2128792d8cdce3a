//! Numbers for people.

use crate::stats::Estimate;

/// Three significant digits, without trailing zeros.
///
/// ```
/// use runner::table::plain;
/// assert_eq!([0.01, 0.0031622776601683794, 1e-5, 1797.0, 123456.0].map(plain), ["0.01", "0.00316", "1e-5", "1797", "123456"]);
/// ```
pub fn plain(x: f64) -> String {
    if x.fract() == 0.0 && x.abs() < 1e6 {
        return format!("{x}");
    }
    let text = significant(x, 3);
    let (digits, power) = text.split_once('e').map_or((&*text, None), |(d, p)| (d, Some(p)));
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    power.map_or(digits.to_owned(), |p| format!("{digits}e{p}"))
}

/// `1 run`, `2 runs`.
pub(crate) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// A count that is itself a guess, such as of seeds that are still needed: two significant digits, rounded up.
///
/// ```
/// use runner::table::about;
/// assert_eq!([0, 8, 74, 151, 1982, 20_000].map(about), [0, 8, 74, 160, 2000, 20_000]);
/// ```
pub fn about(n: usize) -> usize {
    let mut unit = 1;
    while n > 99 * unit {
        unit *= 10;
    }
    n.div_ceil(unit) * unit
}

/// About so many more seeds, in words.
pub fn more_seeds(n: usize) -> String {
    if n == 1 { "1 more seed".into() } else { format!("{} more seeds", about(n)) }
}

/// With its first letter in upper case.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// So many significant digits; powers of ten outside 1e-4 to 1e5.
pub fn significant(x: f64, digits: usize) -> String {
    let decimals = digits.saturating_sub(1);
    match exponent(x, decimals) {
        Some(power) if !(-4..5).contains(&power) => format!("{x:.decimals$e}"),
        Some(power) => format!("{x:.0$}", usize::try_from(decimals as i32 - power).unwrap_or(0)),
        None => format!("{x}"),
    }
}

/// The mean, rounded where the interval begins: `0.1053 ± 0.0041`, `(1.20 ± 0.31)e-7`; four digits without one. An
/// interval as small as rounding is none.
///
/// ```
/// use runner::{stats::Estimate, table::estimate};
/// let show = |mean, half| estimate(&Estimate::around(mean, half, 3));
/// assert_eq!(show(0.105312, 0.004149), "0.1053 ± 0.0041");
/// assert_eq!(show(1.2e-7, 3.1e-8), "(1.20 ± 0.31)e-7");
/// assert_eq!(show(-1e-4, 0.038), "0.000 ± 0.038");
/// assert_eq!(estimate(&Estimate { value: 0.5, low: 0.45, high: 0.62, n: 30 }), "0.500 [0.450, 0.620]");
/// ```
pub fn estimate(e: &Estimate) -> String {
    let Some(half) = e.half().filter(|&h| h > 1e-12 * e.value.abs()) else {
        let whole = e.value.fract() == 0.0 && e.value.abs() < 1e6;
        let mean = if whole { format!("{}", e.value) } else { significant(e.value, 4) };
        return if e.half().is_some() { format!("{mean} ± 0") } else { mean };
    };
    let (Some(size), Some(spread)) = (exponent(e.value.abs().max(half), 3), exponent(half, 1)) else {
        return format!("{} ± {half}", e.value);
    };
    let power = if (-4..5).contains(&size) { 0 } else { size };
    let decimals = usize::try_from(1 + power - spread).unwrap_or(0);
    // Adding 0 makes -0 a 0.
    let round = |x: f64| format!("{x:.decimals$}").parse().unwrap_or(x) + 0.0;
    let scale = |x: f64| format!("{:.decimals$}", round(x / ten(power)));
    // The bootstrap's interval is lopsided where the values are.
    let lopsided = (e.high + e.low - 2.0 * e.value).abs() > 0.2 * half;
    let text = if lopsided {
        format!("{} [{}, {}]", scale(e.value), scale(e.low), scale(e.high))
    } else {
        format!("{} ± {}", scale(e.value), scale(half))
    };
    if power == 0 { text } else { format!("({text})e{power}") }
}

/// The power of ten of a number rounded to so many decimals in scientific notation.
fn exponent(x: f64, decimals: usize) -> Option<i32> {
    format!("{x:.decimals$e}").split_once('e').and_then(|(_, power)| power.parse().ok()).filter(|_| x.is_finite())
}

/// A power of ten, rightly rounded: reading is, `powi` is not.
fn ten(power: i32) -> f64 {
    format!("1e{power}").parse().unwrap_or(f64::NAN)
}
