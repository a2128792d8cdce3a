//! Samples whose truth is known.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "shared by a test and an example")]

use downhill_stats::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rand_distr::{Beta, Distribution, LogNormal, StandardNormal, StudentT};

/// Where values come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum World {
    Normal,
    /// Losses of a training: a tail to the right (skewness 0.9).
    Skewed,
    /// Accuracies near one (skewness -0.8).
    Bounded,
    /// Student's t with five degrees of freedom.
    Heavy,
}

impl World {
    pub const ALL: [World; 4] = [World::Normal, World::Skewed, World::Bounded, World::Heavy];

    pub fn draw(self, n: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let one = |rng: &mut ChaCha8Rng| match self {
            World::Normal => StandardNormal.sample(rng),
            World::Skewed => LogNormal::new(0.0, 0.28).unwrap().sample(rng),
            World::Bounded => Beta::new(95.0, 5.0).unwrap().sample(rng),
            World::Heavy => StudentT::new(5.0).unwrap().sample(rng),
        };
        (0..n).map(|_| one(rng)).collect()
    }

    /// Mean and median, and the standard deviation.
    pub fn truth(self) -> (f64, f64, f64) {
        match self {
            World::Normal => (0.0, 0.0, 1.0),
            World::Skewed => {
                let s2: f64 = 0.28 * 0.28;
                ((0.5 * s2).exp(), 1.0, ((s2.exp() - 1.0) * s2.exp()).sqrt())
            }
            // The median: scipy.stats.beta.median(95, 5).
            World::Bounded => (0.95, 0.9529786249377101, (95.0 * 5.0 / (100.0f64.powi(2) * 101.0)).sqrt()),
            World::Heavy => (0.0, 0.0, (5.0f64 / 3.0).sqrt()),
        }
    }
}

/// A share with its interval of Wilson.
pub fn share(hits: usize, of: usize) -> Estimate {
    wilson(hits, of, 0.95).unwrap()
}

fn count(draws: usize, seed: u64, mut hit: impl FnMut(&mut ChaCha8Rng) -> bool) -> Estimate {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    share((0..draws).filter(|_| hit(&mut rng)).count(), draws)
}

pub fn covers_mean(world: World, n: usize, draws: usize) -> Estimate {
    let (truth, ..) = world.truth();
    count(draws, n as u64, |rng| mean(&world.draw(n, rng), 0.95).unwrap().covers(truth))
}

pub fn covers_median(world: World, n: usize, draws: usize) -> Estimate {
    let (_, truth, _) = world.truth();
    count(draws, n as u64, |rng| median(&world.draw(n, rng), 0.95).unwrap().covers(truth))
}

/// The middle half over eight problems with runs around centres of their own.
pub fn covers_iqm(n: usize, draws: usize) -> Estimate {
    let centres: Vec<f64> = (0..8).map(f64::from).collect();
    let runs = |n: usize, rng: &mut ChaCha8Rng| -> Vec<Vec<f64>> {
        centres.iter().map(|c| World::Normal.draw(n, rng).iter().map(|x| c + 0.3 * x).collect()).collect()
    };
    // One value a run: no resamples.
    let many: Vec<Vec<f64>> =
        runs(40_000, &mut ChaCha8Rng::seed_from_u64(1)).concat().iter().map(|x| vec![*x]).collect();
    let truth = iqm(&many, 0.95).unwrap().value;
    count(draws, n as u64, |rng| iqm(&runs(n, rng), 0.95).unwrap().covers(truth))
}

pub fn covers_difference(world: World, n: usize, design: Design, draws: usize) -> Estimate {
    count(draws, n as u64, |rng| {
        let (a, b) = (world.draw(n, rng), world.draw(n, rng));
        let difference = match design {
            Design::Paired => paired(&a, &b, 0.95),
            Design::Unpaired => welch(&a, &b, 0.95),
        };
        difference.unwrap().estimate.covers(0.0)
    })
}

/// P(a < b) for normal values one standard deviation apart is Phi(1 / sqrt 2).
pub fn covers_improvement(n: usize, draws: usize) -> Estimate {
    const TRUTH: f64 = 0.760_249_938_906_523_5;
    count(draws, n as u64, |rng| {
        let a = World::Normal.draw(n, rng);
        let b: Vec<f64> = World::Normal.draw(n, rng).iter().map(|x| x + 1.0).collect();
        improvement(&a, &b, 0.95).unwrap().covers(TRUTH)
    })
}

/// How often an optimizer beats itself, at a bound of so many standard deviations.
pub fn false_wins(world: World, n: usize, bound: f64, draws: usize) -> Estimate {
    let (.., sd) = world.truth();
    count(draws, n as u64, |rng| {
        let difference = welch(&world.draw(n, rng), &world.draw(n, rng), 0.95).unwrap();
        matches!(verdict(&difference, bound * sd, 0.05), Verdict::Better | Verdict::Worse)
    })
}

/// How often a difference of two bounds is called a tie, or one of just the bound.
pub fn false_ties(n: usize, draws: usize) -> Estimate {
    count(draws, n as u64, |rng| {
        let a = World::Normal.draw(n, rng);
        let b: Vec<f64> = World::Normal.draw(n, rng).iter().map(|x| x + 1.0).collect();
        verdict(&welch(&a, &b, 0.95).unwrap(), 1.0, 0.05) == Verdict::Tie
    })
}

/// How often a difference of so many standard deviations is a win.
pub fn wins(n: usize, effect: f64, draws: usize) -> Estimate {
    count(draws, n as u64, |rng| {
        let a = World::Normal.draw(n, rng);
        let b: Vec<f64> = World::Normal.draw(n, rng).iter().map(|x| x + effect).collect();
        verdict(&welch(&a, &b, 0.95).unwrap(), 0.0, 0.05) == Verdict::Better
    })
}

/// Looking at 10, 20 and 40 seeds: how often a difference is called, and how many seeds that took. Naively, every look is
/// at the whole level.
pub fn looks(effect: f64, naive: bool, draws: usize) -> (Estimate, f64) {
    let looks = Looks::new(&[10, 20, 40], 0.05);
    let mut seeds = 0;
    let called = count(draws, 40, |rng| {
        let a = World::Normal.draw(40, rng);
        let b: Vec<f64> = World::Normal.draw(40, rng).iter().map(|x| x + effect).collect();
        let seen = looks.seeds().iter().enumerate().find(|(i, n)| {
            let level = if naive { 0.05 } else { looks.level(*i) };
            welch(&a[..**n], &b[..**n], 0.95).unwrap().p < level
        });
        seeds += seen.map_or(40, |(_, n)| *n);
        seen.is_some()
    });
    (called, seeds as f64 / draws as f64)
}

fn percent(e: &Estimate) -> String {
    format!("{:.1} [{:.1}, {:.1}]", 100.0 * e.value, 100.0 * e.low, 100.0 * e.high)
}

/// The tables, in Markdown.
pub fn page(draws: usize) -> String {
    let mut page =
        format!("How often 95 % intervals cover, in percent ({draws} draws each, with Wilson's interval):\n\n");
    page.push_str("| interval | n | normal | skewed | bounded | heavy tails |\n|---|---|---|---|---|---|\n");
    let mut row = |what: &str, n: usize, of: &dyn Fn(World) -> Estimate| {
        let cells: Vec<String> = World::ALL.map(|w| percent(&of(w))).to_vec();
        page.push_str(&format!("| {what} | {n} | {} |\n", cells.join(" | ")));
    };
    for n in [3, 5, 10, 19] {
        row("mean, Student's t", n, &|w| covers_mean(w, n, draws));
    }
    for n in [20, 40] {
        row("mean, studentised bootstrap", n, &|w| covers_mean(w, n, draws / 2));
    }
    for n in [10, 20, 40] {
        row("median, order statistics", n, &|w| covers_median(w, n, draws));
    }
    for n in [3, 5, 10, 20] {
        row("difference, Welch", n, &|w| covers_difference(w, n, Design::Unpaired, draws));
    }
    for n in [3, 5, 10, 20] {
        row("difference, paired", n, &|w| covers_difference(w, n, Design::Paired, draws));
    }
    page.push_str("\n| interval, normal values | n | covers |\n|---|---|---|\n");
    for n in [10, 20, 40] {
        page.push_str(&format!(
            "| probability of improvement, one sd apart | {n} | {} |\n",
            percent(&covers_improvement(n, draws))
        ));
    }
    for n in [10, 20] {
        page.push_str(&format!("| middle half over eight problems | {n} | {} |\n", percent(&covers_iqm(n, draws / 4))));
    }
    page.push_str("\n| an equal called better or worse, in percent | n | normal | skewed | bounded | heavy tails |\n|---|---|---|---|---|---|\n");
    for (n, bound) in [(5, 0.0), (10, 0.0), (10, 0.25), (20, 0.0)] {
        let cells: Vec<String> = World::ALL.map(|w| percent(&false_wins(w, n, bound, draws))).to_vec();
        page.push_str(&format!("| bound {bound} sd | {n} | {} |\n", cells.join(" | ")));
    }
    page.push_str("\n| a difference is seen, in percent | n | theory | seen |\n|---|---|---|---|\n");
    for (n, effect) in [(5, 1.5), (10, 0.5), (10, 1.0), (20, 0.8), (40, 0.5)] {
        let theory = 100.0 * power(n as f64, effect, 0.05, Design::Unpaired);
        page.push_str(&format!("| {effect} sd | {n} | {theory:.1} | {} |\n", percent(&wins(n, effect, draws))));
    }
    page.push_str(&format!(
        "| a difference of just the bound called a tie (1 sd) | 20 | at most 5 | {} |\n",
        percent(&false_ties(20, draws))
    ));
    page.push_str(
        "\n| looking at 10, 20 and 40 seeds | called different, in percent | seeds, in the mean |\n|---|---|---|\n",
    );
    for (what, effect, naive) in [
        ("equals, each look at 5 %", 0.0, true),
        ("equals", 0.0, false),
        ("0.5 sd apart", 0.5, false),
        ("1 sd apart", 1.0, false),
        ("2 sd apart", 2.0, false),
    ] {
        let (called, seeds) = looks(effect, naive, draws);
        page.push_str(&format!("| {what} | {} | {seeds:.1} |\n", percent(&called)));
    }
    page
}
