//! What every instance of the zoo costs: writes `crates/runner/src/zoo/costs.csv`.
//! `cargo run -p runner --no-default-features --example zoo [-- GROUP]`, on a quiet machine.
//!
//! One training with Adam at its default rate, from building the problem to the last measure: the processor time of its
//! thread, median of three seeds.

use anyhow::{Context as _, Result};
use cpu_time::ThreadTime;
use downhill::Registry;
use downhill_problems::Families;
use runner::zoo::instances;
use runner::{Lab, Study};
use std::collections::BTreeMap;
use std::path::Path;

fn main() -> Result<()> {
    let lab = Lab::new(Registry::builtin(), Families::builtin());
    let wanted = std::env::args().nth(1);
    let path = Path::new("crates/runner/src/zoo/costs.csv");
    let mut costs: BTreeMap<String, f64> =
        csv::Reader::from_path(path)?.deserialize().collect::<std::result::Result<_, _>>()?;
    let all = instances(&lab).map_err(|fault| anyhow::anyhow!("zoo.toml:{}: {}", fault.line, fault.text))?;
    costs.retain(|name, _| all.iter().any(|instance| instance.name == *name));
    for instance in all.iter().filter(|i| wanted.as_ref().is_none_or(|group| *group == i.group)) {
        let text = format!(
            "seeds = 3\n[[optimizer]]\nname = \"adam\"\nlr = {{ relative = [1] }}\n[[problem]]\ninstance = \"{}\"\n",
            instance.name
        );
        let study = Study::parse(instance.name.clone(), text, &lab)
            .map_err(|fault| anyhow::anyhow!("{}: {}", instance.name, fault.text))?;
        let mut times = Vec::new();
        for trial in study.trials() {
            let clock = ThreadTime::now();
            let mut running = trial.start(&lab).with_context(|| instance.name.clone())?;
            while !running.advance(u64::MAX) {}
            drop(running.record());
            times.push(1e3 * clock.elapsed().as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        let ms = (100.0 * times[times.len() / 2]).round() / 100.0;
        println!("{}: {ms} ms", instance.name);
        costs.insert(instance.name.clone(), ms);
    }
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(["name", "ms"])?;
    for instance in &all {
        if let Some(ms) = costs.get(&instance.name) {
            writer.serialize((&instance.name, ms))?;
        }
    }
    writer.flush()?;
    let known: Vec<f64> = all.iter().filter_map(|i| costs.get(&i.name).copied()).collect();
    println!("{} instances, mean {:.1} ms", known.len(), known.iter().sum::<f64>() / known.len() as f64);
    Ok(())
}
