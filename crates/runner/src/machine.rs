//! What computed a study: kept beside its timings, never a part of its results.

use crate::load::Load;
use crate::trial::kernel_class;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `machine.toml`.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, |n| n.get());
    [
        text("date", &date(SystemTime::now())),
        text("cpu", &cpu()),
        format!("cores = {cores}\n"),
        text("kernel", &kernel_class()),
        text("system", std::env::consts::OS),
        text("rustc", env!("DOWNHILL_RUSTC")),
        text("version", env!("CARGO_PKG_VERSION")),
    ]
    .concat()
}

/// What else the machine did, at such times: the end of `machine.toml`. `loaded` says why times are not to be trusted, if
/// something speaks against them.
pub(crate) fn load(looks: &[(&str, Load)]) -> String {
    let against: Vec<String> = looks
        .iter()
        .flat_map(|(when, load)| load.against().into_iter().map(move |why| format!("{when}: {why}")))
        .collect();
    let loaded = if against.is_empty() { String::new() } else { text("loaded", &against.join("; ")) };
    loaded + &looks.iter().map(|(when, load)| load.toml(when)).collect::<String>()
}

fn text(key: &str, value: &str) -> String {
    format!("{key} = {}\n", toml::Value::from(value))
}

/// The processor's name, where the system tells it in a file.
fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find(|l| l.starts_with("model name")).and_then(|l| l.split_once(": "));
    name.map_or("unknown", |(_, name)| name).to_owned()
}

/// `2026-01-31`, in UTC: Howard Hinnant's `civil_from_days`, whose years begin in March.
fn date(now: SystemTime) -> String {
    let days = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs() / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + u64::from(month <= 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_civil() {
        for (days, text) in [(0, "1970-01-01"), (11_016, "2000-02-29"), (20_512, "2026-02-28"), (20_513, "2026-03-01")]
        {
            assert_eq!(date(UNIX_EPOCH + Duration::from_secs(days * 86_400 + 5)), text);
        }
    }
}
