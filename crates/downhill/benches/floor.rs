//! How near each pointwise optimizer comes to the least that its step can cost, in `f32`.
//!
//!     cargo bench -p downhill --bench floor                    a table of ratios
//!     cargo bench -p downhill --bench floor -- adam lion       of some
//!     cargo bench -p downhill --bench floor -- --csv > results/speed.csv
//!
//! The least is a loop that reads the gradient, reads and writes the parameters and as many vectors as the optimizer
//! remembers, and does as many divisions and roots a parameter as the formula has, on the same values, and nothing
//! else. Optimizer and loop take turns, so that whatever else the machine does meets both; the ratio is
//! the median of the turns'. The table says what limits the loop: `memory` if the same loop without divisions and roots
//! takes as long (within 5 %), else `arithmetic`.

use downhill::isa::{Isa, Kernel, dispatch};
use downhill::{Claim, Entry, Layout, NoOracle, Optimizer, Registry, State, Step};
use serde_json::json;
use std::hint::black_box;
use std::time::Instant;

const SIZES: [usize; 3] = [100_000, 1_000_000, 10_000_000];
/// Parameters that are stepped in one turn of a measurement, at least.
const TURN: usize = 10_000_000;
const TURNS: usize = 21;

/// Divisions and roots a parameter, as they stand in the formula; none where a method is not listed, which is the
/// strictest floor. (MADGRAD's cube root is not among them: its ratio shows what that costs.)
fn arithmetic(name: &str) -> (usize, usize) {
    match name {
        "adagrad"
        | "rmsprop"
        | "adam"
        | "nadam"
        | "amsgrad"
        | "yogi"
        | "adamw"
        | "nadamw"
        | "adabound"
        | "qhadam"
        | "radam"
        | "laprop"
        | "adabelief"
        | "adan"
        | "ademamix"
        | "ademamix-simplified"
        | "adopt"
        | "schedule-free-adamw" => (1, 1),
        "adamax" | "madgrad" => (1, 0),
        "adadelta" | "ftrl" => (1, 2),
        "cocob" => (2, 0),
        _ => (0, 0),
    }
}

/// The streams: `K` remembered vectors, `D` divisions, `S` roots.
struct Streams<'a, const K: usize, const D: usize, const S: usize> {
    x: &'a mut [f32],
    g: &'a [f32],
    remembered: [&'a mut [f32]; K],
}

impl<const K: usize, const D: usize, const S: usize> Kernel for Streams<'_, K, D, S> {
    type Output = ();
    #[inline(always)]
    fn run(mut self) {
        let n = self.x.len();
        let g = &self.g[..n];
        let mut remembered = self.remembered.each_mut().map(|s| &mut s[..n]);
        for i in 0..n {
            let mut u = g[i];
            for s in &mut remembered {
                s[i] += 0.1 * (u - s[i]);
                u = s[i];
            }
            for _ in 0..S {
                u = (u * u + 1e-3).sqrt();
            }
            for _ in 0..D {
                u = g[i] / (u + 1e-8);
            }
            self.x[i] -= 1e-6 * u;
        }
    }
}

/// The loop with so many remembered vectors, divisions and roots.
fn streams(x: &mut [f32], g: &[f32], remembered: &mut [Vec<f32>], (d, s): (usize, usize)) {
    fn of<const K: usize>(x: &mut [f32], g: &[f32], remembered: &mut [Vec<f32>], arithmetic: (usize, usize)) {
        let Ok(remembered) = <&mut [Vec<f32>; K]>::try_from(remembered) else { return };
        let remembered = remembered.each_mut().map(|s| &mut s[..]);
        match arithmetic {
            (0, 0) => dispatch(Streams::<K, 0, 0> { x, g, remembered }),
            (1, 0) => dispatch(Streams::<K, 1, 0> { x, g, remembered }),
            (1, 1) => dispatch(Streams::<K, 1, 1> { x, g, remembered }),
            (1, 2) => dispatch(Streams::<K, 1, 2> { x, g, remembered }),
            (2, 0) => dispatch(Streams::<K, 2, 0> { x, g, remembered }),
            other => unreachable!("no loop for {other:?}"),
        }
    }
    match remembered.len() {
        0 => of::<0>(x, g, remembered, (d, s)),
        1 => of::<1>(x, g, remembered, (d, s)),
        2 => of::<2>(x, g, remembered, (d, s)),
        3 => of::<3>(x, g, remembered, (d, s)),
        4 => of::<4>(x, g, remembered, (d, s)),
        5 => of::<5>(x, g, remembered, (d, s)),
        more => unreachable!("{more} vectors"),
    }
}

/// What one method and its floor take at one size.
struct Row {
    name: &'static str,
    n: usize,
    vectors: usize,
    /// Nanoseconds a parameter.
    ns: f64,
    floor: f64,
    ratio: f64,
    /// Without divisions and roots.
    memory: f64,
}

impl Row {
    fn limit(&self) -> &'static str {
        if arithmetic(self.name) == (0, 0) || self.floor <= 1.05 * self.memory { "memory" } else { "arithmetic" }
    }
}

/// Parameters and gradients of the size that training has, so that nothing is denormal.
fn vectors(n: usize) -> (Vec<f32>, Vec<f32>) {
    ((0..n).map(|i| (i as f32).sin()).collect(), (0..n).map(|i| 1e-2 * (i as f32).cos()).collect())
}

fn nanoseconds(steps: usize, n: usize, mut step: impl FnMut()) -> f64 {
    let clock = Instant::now();
    (0..steps).for_each(|_| step());
    clock.elapsed().as_nanos() as f64 / steps as f64 / n as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn measure(entry: &Entry, n: usize) -> Option<Row> {
    let name = entry.facts.name;
    let mut optimizer: Box<dyn Optimizer<f32>> =
        Registry::builtin().configure(&json!({ "name": name })).ok()?.build(&Layout::vector(n)).ok()?;
    let bytes = State::bytes(&mut *optimizer);
    let k = bytes / (4 * n);
    let ((mut x, g), mut remembered) = (vectors(n), vec![vec![0.0; n]; k]);
    let steps = (TURN / n).max(1);
    let (mut t, mut ours, mut floors, mut ratios, mut bare) = (0, vec![], vec![], vec![], vec![]);
    for turn in 0..=TURNS {
        let own = nanoseconds(steps, n, || {
            t += 1;
            optimizer.step(&mut x, black_box(&g), &mut Step { t, lr: 1e-6, loss: 0.0, oracle: &mut NoOracle });
        });
        let floor = nanoseconds(steps, n, || streams(&mut x, black_box(&g), &mut remembered, arithmetic(name)));
        let memory = nanoseconds(steps, n, || streams(&mut x, black_box(&g), &mut remembered, (0, 0)));
        // The first turn touches fresh memory, which is the system's work.
        if turn > 0 {
            ours.push(own);
            floors.push(floor);
            ratios.push(own / floor);
            bare.push(memory);
        }
    }
    Some(Row {
        name,
        n,
        vectors: k,
        ns: median(ours),
        floor: median(floors),
        ratio: median(ratios),
        memory: median(bare),
    })
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let csv = words.iter().any(|word| word == "--csv");
    let named: Vec<_> = words.iter().filter(|word| !word.starts_with("--")).collect();
    let registry = Registry::builtin();
    let pointwise = |e: &&Entry| {
        let claims = [Claim::Splittable, Claim::AllocationFree];
        claims.iter().all(|c| e.facts.claims.contains(c)) && e.facts.needs.is_empty()
    };
    let chosen = |e: &&Entry| named.is_empty() || named.iter().any(|name| *name == e.facts.name);
    if csv {
        println!("optimizer,n,vectors,ns,floor_ns,ratio,limit");
    } else {
        println!("instruction set: {:?}; nanoseconds a parameter, f32", Isa::current());
        println!("{:20} {:>9} {:>7} {:>7} {:>7} {:>6}  limit", "optimizer", "n", "vectors", "ns", "floor", "ratio");
    }
    for entry in registry.entries().iter().filter(pointwise).filter(chosen) {
        for row in SIZES.into_iter().filter_map(|n| measure(entry, n)) {
            let Row { name, n, vectors, ns, floor, ratio, .. } = row;
            let limit = row.limit();
            if csv {
                println!("{name},{n},{vectors},{ns:.3},{floor:.3},{ratio:.2},{limit}");
            } else {
                println!("{name:20} {n:>9} {vectors:>7} {ns:>7.3} {floor:>7.3} {ratio:>6.2}  {limit}");
            }
        }
    }
}
