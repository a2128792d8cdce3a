//! Whether a machine does anything else while something is measured on it.

use cpu_time::ProcessTime;
use std::fs;
use std::time::{Duration, Instant};

/// Cores' worth of other work that make a machine a loaded one.
const BUSY: f64 = 0.1;
/// A measuring thread that has less of its time on a processor than this shares it.
const ALONE: f64 = 0.97;

/// Counts from its beginning on what the machine does.
pub struct Watch {
    wall: Instant,
    own: ProcessTime,
    /// `/proc/stat`, and the load average of a minute; none where the system has none.
    counters: Option<Counters>,
    average: Option<f64>,
}

/// What a machine did, in cores: 1.5 is one and a half cores at work all the time. None where the system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// The load average of the minute before: processes that ran or waited to, those of the measurement among them.
    pub average: Option<f64>,
    /// Cores that other processes had.
    pub others: Option<f64>,
    /// Cores that a hypervisor gave to others.
    pub stolen: Option<f64>,
    /// Of the time on the clock, the share in which the measuring thread had a processor.
    pub share: Option<f64>,
}

impl Watch {
    /// Begins now.
    pub fn begin() -> Self {
        let average = fs::read_to_string("/proc/loadavg").ok();
        let average = average.and_then(|text| text.split(' ').next()?.parse().ok());
        Watch { wall: Instant::now(), own: ProcessTime::now(), counters: Counters::now(), average }
    }

    /// So far.
    pub fn load(&self) -> Load {
        let wall = self.wall.elapsed();
        let own = self.own.elapsed().as_secs_f64() / wall.as_secs_f64().max(1e-9);
        // Ticks are hundredths of a second: of less than some there is nothing to say.
        let since =
            |before: &Counters| Some(Counters::now()?.since(before)).filter(|_| wall > Duration::from_millis(100));
        let (busy, stolen) = self.counters.as_ref().and_then(since).unzip();
        Load { average: self.average, others: busy.map(|busy| (busy - own).max(0.0)), stolen, share: None }
    }
}

impl Load {
    /// Looks at the machine for a moment in which this process does nothing.
    pub fn look() -> Self {
        let watch = Watch::begin();
        std::thread::sleep(Duration::from_millis(300));
        watch.load()
    }

    /// With what a thread had of a processor.
    pub fn with_share(self, processor: f64, clock: f64) -> Self {
        Load { share: (clock > 0.0).then_some(processor / clock), ..self }
    }

    /// Why times that were measured meanwhile are not to be trusted; empty if nothing speaks against them.
    pub fn against(&self) -> Vec<String> {
        let others = self.others.filter(|&cores| cores > BUSY);
        let stolen = self.stolen.filter(|&cores| cores > BUSY);
        let share = self.share.filter(|&share| share < ALONE);
        let others = others.map(|cores| format!("other processes had {cores:.1} cores"));
        let stolen = stolen.map(|cores| format!("the hypervisor gave {cores:.1} cores to others"));
        let share =
            share.map(|share| format!("threads that measured had a processor {:.0} % of the time", 100.0 * share));
        [others, stolen, share].into_iter().flatten().collect()
    }

    /// A table of TOML with what is known.
    pub fn toml(&self, name: &str) -> String {
        let known = [
            ("load_average", self.average),
            ("cores_of_others", self.others),
            ("cores_stolen", self.stolen),
            ("processor_share", self.share),
        ];
        let line = |(key, value): (&str, Option<f64>)| Some(format!("{key} = {:.4}\n", value?));
        let lines: String = known.into_iter().filter_map(line).collect();
        if lines.is_empty() { lines } else { format!("[{name}]\n{lines}") }
    }
}

/// Bytes of memory that are free or can be freed; none where the system does not tell.
pub fn free_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(1024 * line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?)
}

/// The sums of `/proc/stat`, of all cores and of each, in ticks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counters {
    all: Ticks,
    cores: Vec<(usize, Ticks)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Ticks {
    busy: f64,
    stolen: f64,
    idle: f64,
}

impl Counters {
    pub(crate) fn now() -> Option<Self> {
        Counters::of(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in user and nice.
    fn of(text: &str) -> Option<Self> {
        let ticks = |line: &str| {
            let n: Vec<f64> = line.split_whitespace().skip(1).map_while(|word| word.parse().ok()).collect();
            let n = n.first_chunk::<8>()?;
            Some(Ticks { busy: n[0] + n[1] + n[2] + n[5] + n[6], stolen: n[7], idle: n[3] + n[4] })
        };
        let core = |line: &str| Some((line.strip_prefix("cpu")?.split(' ').next()?.parse().ok()?, ticks(line)?));
        let all = text.lines().find(|line| line.starts_with("cpu "))?;
        Some(Counters { all: ticks(all)?, cores: text.lines().filter_map(core).collect() })
    }

    /// Cores that were busy, and that were stolen.
    fn since(&self, before: &Counters) -> (f64, f64) {
        let Ticks { busy, stolen, idle } = self.all - before.all;
        let a_core = (busy + stolen + idle).max(1.0) / self.cores.len().max(1) as f64;
        (busy / a_core, stolen / a_core)
    }

    /// Of these cores the one that was idle most.
    pub(crate) fn idlest(&self, before: &Counters, among: &[usize]) -> Option<usize> {
        let of = |counters: &Counters, id| counters.cores.iter().find(|(core, _)| *core == id).map(|(_, ticks)| *ticks);
        let idle = |id: &usize| Some((of(self, *id)? - of(before, *id)?).idle);
        let known = among.iter().filter_map(|id| Some((*id, idle(id)?)));
        known.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(id, _)| id)
    }
}

impl std::ops::Sub for Ticks {
    type Output = Ticks;
    fn sub(self, before: Ticks) -> Ticks {
        Ticks { busy: self.busy - before.busy, stolen: self.stolen - before.stolen, idle: self.idle - before.idle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two cores for a second: core 0 computed for 60 and the system for 20 ticks, core 1 was stolen for 50.
    const BEFORE: &str = "cpu  1000 0 500 8000 100 10 10 40 0 0\ncpu0 500 0 250 4000 50 5 5 20 0 0\ncpu1 500 0 250 4000 50 5 5 20 0 0\nintr 1 2\n";
    const AFTER: &str = "cpu  1060 0 520 8060 110 10 10 90 0 0\ncpu0 560 0 270 4010 60 5 5 20 0 0\ncpu1 500 0 250 4050 50 5 5 70 0 0\nintr 3 4\n";

    #[test]
    fn counters_are_read_in_cores() {
        let (before, after) = (Counters::of(BEFORE).expect("counters"), Counters::of(AFTER).expect("counters"));
        let (busy, stolen) = after.since(&before);
        assert!((busy - 0.8).abs() < 1e-12 && (stolen - 0.5).abs() < 1e-12, "{busy} {stolen}");
        assert_eq!(after.idlest(&before, &[0, 1]), Some(1));
        assert_eq!([after.idlest(&before, &[0]), after.idlest(&before, &[7])], [Some(0), None]);
        assert_eq!(Counters::of("cpu  1 2 3\n"), None);
    }

    #[test]
    fn a_loaded_machine_is_told_from_a_quiet_one() {
        let quiet = Load { average: Some(2.0), others: Some(0.05), stolen: Some(0.0), share: Some(0.995) };
        assert!(quiet.against().is_empty() && Load::default().against().is_empty());
        let loaded = Load { others: Some(1.27), stolen: Some(0.4), share: Some(0.8), ..quiet };
        let said = loaded.against().join("; ");
        assert!(["1.3 cores", "0.4 cores", "80 %"].iter().all(|word| said.contains(word)), "{said}");
        assert_eq!(quiet.toml("during").lines().count(), 5);
        assert_eq!(Load::default().toml("during"), "");
    }

    /// Another thread of this process is no other process.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_moment_of_this_machine_is_known() {
        let load = Load::look();
        let cores = Counters::now().expect("counters").cores.len() as f64;
        assert!(load.others.is_some_and(|others| (0.0..=cores + 0.1).contains(&others)), "{load:?}");
        assert!(load.average.is_some() && load.stolen.is_some(), "{load:?}");
        assert!(free_memory().is_some_and(|bytes| bytes > 1 << 20));
    }
}
