//! How near each pointwise optimizer comes to the least that its step can cost, in `f32`.
//!
//!     cargo bench -p downhill --bench floor                    a table of ratios
//!     cargo bench -p downhill --bench floor -- adam lion       of some
//!     cargo bench -p downhill --bench floor -- --csv > results/speed.csv
//!
//! The least is loops that read and write the vectors that the step has to, as often as it has to (a method that goes
//! by a sum over all parameters reads them before it changes them), with as many divisions, roots and other operations
//! a parameter as the formula has, and nothing else. Optimizer and loops take turns, so that whatever else the machine
//! does meets both; the ratio is the median of the turns'. The table says what limits the loops: `memory` if they take
//! as long (within 5 %) without arithmetic, else `arithmetic`.

use downhill::isa::{Isa, Kernel, dispatch};
use downhill::{Claim, Entry, Layout, NoOracle, Optimizer, Registry, State, Step};
use serde_json::json;
use std::hint::black_box;
use std::time::Instant;

const SIZES: [usize; 3] = [100_000, 1_000_000, 10_000_000];
/// Parameters that are stepped in one turn of a measurement, at least.
const TURN: usize = 10_000_000;
const TURNS: usize = 21;

/// A loop over all parameters, with and without arithmetic.
struct Pass {
    whole: Loop,
    bare: Loop,
    /// Whether the two differ.
    arithmetic: bool,
}
type Loop = fn(&[Vec<f32>], &mut [Vec<f32>]) -> f64;

/// A loop that only reads `READS` vectors, and reads and writes `WRITES` (or sums in `f64`, if there are none).
fn pass<const READS: usize, const WRITES: usize, const DIVISIONS: usize, const ROOTS: usize, const OTHERS: usize>()
-> Pass {
    Pass {
        whole: stream::<READS, WRITES, DIVISIONS, ROOTS, OTHERS>,
        bare: stream::<READS, WRITES, 0, 0, 0>,
        arithmetic: DIVISIONS + ROOTS + OTHERS > 0,
    }
}

/// What a step has to do, by its formula: vectors read, vectors read and written, divisions, roots, and as many other
/// operations (products, sums, comparisons, choices) as the loop has not anyway, which is 3 a vector written.
/// A method that is not listed gets the strictest floor, one pass over its `k` remembered vectors without arithmetic.
fn least(name: &str, k: usize) -> Vec<Pass> {
    match name {
        "nesterov" | "sgdw" | "schedule-free-sgd" => vec![pass::<1, 2, 0, 0, 1>()],
        "qhm" => vec![pass::<1, 2, 0, 0, 2>()],
        "sign-sgd" => vec![pass::<1, 1, 0, 0, 3>()],
        "signum" => vec![pass::<1, 2, 0, 0, 3>()],
        "tiger" => vec![pass::<1, 2, 0, 0, 5>()],
        "lion" => vec![pass::<1, 2, 0, 0, 6>()],
        "adagrad" | "rmsprop" => vec![pass::<1, 2, 1, 1, 0>()],
        "adam" | "radam" | "laprop" | "ademamix-simplified" => vec![pass::<1, 3, 1, 1, 0>()],
        "schedule-free-adamw" => vec![pass::<1, 3, 1, 1, 1>()],
        "adamw" | "nadam" | "adabelief" => vec![pass::<1, 3, 1, 1, 2>()],
        "nadamw" => vec![pass::<1, 3, 1, 1, 4>()],
        "yogi" | "qhadam" | "sm3" => vec![pass::<1, 3, 1, 1, 5>()],
        "adopt" => vec![pass::<1, 3, 1, 1, 6>()],
        "adabound" => vec![pass::<1, 3, 1, 1, 8>()],
        "adamax" => vec![pass::<1, 3, 1, 0, 2>()],
        "adadelta" => vec![pass::<1, 3, 1, 2, 0>()],
        "ftrl" => vec![pass::<1, 3, 1, 2, 8>()],
        "amsgrad" => vec![pass::<1, 4, 1, 1, 1>()],
        "ademamix" => vec![pass::<1, 4, 1, 1, 2>()],
        "adan" => vec![pass::<1, 5, 1, 1, 7>()],
        "cocob" => vec![pass::<1, 6, 2, 0, 7>()],
        // The start is only read; the cube root is two divisions and 20 other operations.
        "madgrad" => vec![pass::<2, 3, 3, 0, 18>()],
        // One operation in `f64` counts as two, since half as many fit an instruction.
        "adagrad-norm" => vec![pass::<1, 0, 0, 0, 0>(), pass::<1, 1, 0, 0, 0>()],
        "dog" => vec![pass::<3, 0, 0, 0, 8>(), pass::<1, 2, 0, 0, 4>()],
        "dowg" => vec![pass::<3, 0, 0, 0, 8>(), pass::<1, 1, 0, 0, 4>()],
        "dadapt-sgd" => vec![pass::<1, 1, 0, 0, 16>(), pass::<2, 1, 0, 0, 1>()],
        "dadapt-adam" => vec![pass::<1, 3, 1, 1, 12>(), pass::<2, 1, 1, 1, 0>()],
        "prodigy" => vec![pass::<3, 3, 0, 0, 13>(), pass::<2, 1, 1, 1, 0>()],
        _ => vec![match k {
            0 => pass::<1, 1, 0, 0, 0>(),
            1 => pass::<1, 2, 0, 0, 0>(),
            2 => pass::<1, 3, 0, 0, 0>(),
            3 => pass::<1, 4, 0, 0, 0>(),
            _ => unreachable!("list {name}, which remembers {k} vectors"),
        }],
    }
}

struct Streams<'a, const N: usize, const W: usize, const D: usize, const S: usize, const O: usize> {
    reads: [&'a [f32]; N],
    writes: [&'a mut [f32]; W],
}

impl<const N: usize, const W: usize, const D: usize, const S: usize, const O: usize> Kernel
    for Streams<'_, N, W, D, S, O>
{
    type Output = f64;
    #[inline(always)]
    fn run(mut self) -> f64 {
        let n = self.reads[0].len();
        let reads = self.reads.each_ref().map(|r| &r[..n]);
        let mut writes = self.writes.each_mut().map(|w| &mut w[..n]);
        let of = |g: f32| {
            let mut u = g;
            for _ in 0..S {
                u = (u * u + 1e-3).sqrt();
            }
            for _ in 0..D {
                u = g / (u + 1e-8);
            }
            // Half of them need not wait for the roots and divisions.
            let mut other = g;
            for o in 0..O {
                if o % 2 == 0 { u *= 0.999 } else { other += 1e-9 }
            }
            if O > 1 { u + other } else { u }
        };
        let mut lanes = [0.0; 8];
        if W == 0 {
            let eights = reads.map(|r| r.as_chunks::<8>().0);
            for i in 0..n / 8 {
                for (j, lane) in lanes.iter_mut().enumerate() {
                    let x = f64::from(of(eights.iter().map(|e| e[i][j]).sum()));
                    *lane += x * x;
                }
            }
        } else {
            for i in 0..n {
                let mut u = of(reads.iter().map(|r| r[i]).sum());
                for w in &mut writes {
                    w[i] += 1e-6 * (u - w[i]);
                    u = w[i];
                }
            }
        }
        lanes.iter().sum()
    }
}

fn stream<const N: usize, const W: usize, const D: usize, const S: usize, const O: usize>(
    reads: &[Vec<f32>],
    writes: &mut [Vec<f32>],
) -> f64 {
    let (Some(reads), Some(writes)) = (reads.first_chunk::<N>(), writes.first_chunk_mut::<W>()) else {
        unreachable!("{N} and {W} of {} and {} vectors", reads.len(), writes.len())
    };
    let (reads, writes) = (reads.each_ref().map(|r| &r[..]), writes.each_mut().map(|w| &mut w[..]));
    dispatch(Streams::<N, W, D, S, O> { reads, writes })
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
    /// The floor over the same loops without arithmetic.
    arithmetic: f64,
}

impl Row {
    fn limit(&self) -> &'static str {
        if self.arithmetic <= 1.05 { "memory" } else { "arithmetic" }
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
    let (mut x, g) = vectors(n);
    // Vectors of the floor's own, in memory as the optimizer's are.
    let (reads, mut writes) = (vec![g.clone(); 3], vec![x.clone(); 1 + k]);
    let passes = least(name, k);
    let steps = (TURN / n).max(1);
    let mut streams = |run: fn(&Pass) -> Loop| {
        nanoseconds(steps, n, || {
            for pass in &passes {
                black_box(run(pass)(black_box(&reads), &mut writes));
            }
        })
    };
    let (mut t, mut ours, mut floors, mut ratios, mut arithmetic) = (0, vec![], vec![], vec![], vec![]);
    for turn in 0..=TURNS {
        let own = nanoseconds(steps, n, || {
            t += 1;
            optimizer.step(&mut x, black_box(&g), &mut Step { t, lr: 1e-6, loss: 0.0, oracle: &mut NoOracle });
        });
        let (floor, without) = (streams(|p| p.whole), streams(|p| p.bare));
        // The first turn touches fresh memory, which is the system's work.
        if turn > 0 {
            ours.push(own);
            floors.push(floor);
            ratios.push(own / floor);
            arithmetic.push(floor / without);
        }
    }
    Some(Row {
        name,
        n,
        vectors: k,
        ns: median(ours),
        floor: median(floors),
        ratio: median(ratios),
        arithmetic: if passes.iter().any(|p| p.arithmetic) { median(arithmetic) } else { 1.0 },
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
