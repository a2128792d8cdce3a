//! The worker of `scripts/peers/peers.py`: answers each line `run CASE STEPS` with the nanoseconds that so many
//! training steps took.

use std::hint::black_box;
use std::io::{BufRead, stdin};
use std::time::Instant;

#[path = "../benches/cases/mod.rs"]
mod cases;
use cases::{CASES, Training};

fn main() {
    let networks = CASES.map(|case| (std::cell::OnceCell::new(), case));
    for line in stdin().lock().lines().map_while(Result::ok) {
        let words: Vec<_> = line.split_whitespace().collect();
        let ["run", name, steps] = words[..] else { panic!("`{line}` is not `run CASE STEPS`") };
        let steps: u64 = steps.parse().unwrap_or_else(|_| panic!("`{steps}` is not a number of steps"));
        let known = networks.iter().find(|(_, case)| case.name == name);
        let (network, case) = known.unwrap_or_else(|| panic!("unknown case `{name}`"));
        let mut training = Training::new(case, network.get_or_init(|| case.network()), steps);
        let begin = Instant::now();
        for t in 1..=steps {
            black_box(training.step(t));
        }
        println!("{}", begin.elapsed().as_nanos());
    }
}
