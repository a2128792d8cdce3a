//! Several optimizers, or results, against the first of them: problem by problem, over all problems, and what they cost.

use crate::rows::{TimingRow, TrialRow};
use crate::stats::{Compared, Member, Verdict};
use crate::table::{Cell, Table, plain, significant};
use crate::tables::verdict;
use downhill_stats::{Estimate, holm, improvement, median, wilcoxon};
use std::collections::{BTreeMap, HashMap};

/// What is compared: a name, and on each problem the tuned optimizer.
pub struct Contestant<'a> {
    /// In words.
    pub label: String,
    /// By problem.
    pub members: BTreeMap<String, &'a Member<'a>>,
    /// Where the time went, by trial; empty where that is not known.
    pub timings: HashMap<&'a str, &'a TimingRow>,
}

/// The first against each other.
pub struct Comparison<'a> {
    /// Those compared, the reference first.
    pub contestants: Vec<Contestant<'a>>,
    /// Losses that differ by less than this share of the reference's are a tie.
    pub equivalence: f64,
}

impl Comparison<'_> {
    /// The problems that all have, in order.
    pub fn problems(&self) -> Vec<&str> {
        let first = self.contestants.first().into_iter().flat_map(|c| c.members.keys());
        first.filter(|p| self.contestants.iter().all(|c| c.members.contains_key(*p))).map(String::as_str).collect()
    }

    /// One contestant less the reference in test loss.
    fn against(&self, contestant: usize, problem: &str) -> Option<Compared> {
        let [reference, other] = [0, contestant].map(|i| self.contestants[i].members.get(problem)?.shown());
        let bound = self.equivalence * reference?.mean(|t| t.test_loss)?.abs();
        Compared::of(other?, reference?, |t| t.test_loss, bound)
    }

    /// A row for each problem and contestant.
    pub fn by_problem(&self) -> Table {
        let mut table = Table::new([
            ("problem", "problem"),
            ("", "contestant"),
            ("lr", "lr"),
            ("test loss", "test_loss"),
            ("less the first's", "difference"),
            ("verdict", "verdict"),
            ("better in", "improvement"),
            ("lost", "lost"),
            ("within 10 %, decades", "within_10"),
            ("to the cliff, decades", "cliff"),
            ("gradients", "evaluations"),
            ("us a step, beside other trials", "step_us"),
            ("bytes remembered", "state_bytes"),
        ]);
        for problem in self.problems() {
            for (i, contestant) in self.contestants.iter().enumerate() {
                let member = contestant.members[problem];
                let cell = member.shown();
                let compared = (i > 0).then(|| self.against(i, problem)).flatten();
                let slope = member.slope();
                let first = cell.and_then(|c| c.trials.first()).filter(|t| !t.foreign());
                table.rows.push(vec![
                    problem.into(),
                    contestant.label.as_str().into(),
                    Cell::from(cell.map(|c| c.lr)),
                    Cell::from(cell.and_then(|c| c.estimate(|t| t.test_loss))),
                    Cell::from(compared.map(|c| c.difference)),
                    compared.map_or(Cell::Empty, |c| verdict(&c).into()),
                    self.better_in(i, problem).map_or(Cell::Empty, Cell::Text),
                    Cell::Of(member.lost().0, member.lost().1),
                    slope.map_or(Cell::Empty, |s| s.within_10.to_string().into()),
                    slope.map_or(Cell::Empty, |s| s.cliff.to_string().into()),
                    Cell::from(first.map(|t| t.evaluations as f64)),
                    Cell::from(cell.and_then(|c| contestant.step_time(&c.trials))),
                    Cell::from(first.map(|t| t.state_bytes as f64)),
                ]);
            }
        }
        table.without_empty()
    }

    /// The share of pairs of trials in which the contestant's loss is lower, with its interval.
    fn better_in(&self, contestant: usize, problem: &str) -> Option<String> {
        let losses = |i: usize| -> Option<Vec<f64>> {
            Some(self.contestants[i].members[problem].shown()?.usable().map(|t| t.test_loss).collect())
        };
        let share = improvement(&losses(contestant)?, &losses(0)?, 0.95).filter(|_| contestant > 0)?;
        Some(percent(&share))
    }

    /// Each contestant against the reference over all problems.
    pub fn overall(&self) -> Table {
        let mut table = Table::new([
            ("", "contestant"),
            ("better", "better"),
            ("tie", "tie"),
            ("worse", "worse"),
            ("unresolved", "unresolved"),
            ("median difference", "median"),
            ("Wilcoxon, Holm's p", "p"),
            ("verdict", "verdict"),
        ]);
        let problems = self.problems();
        let rows: Vec<Overall> = (1..self.contestants.len()).map(|i| self.over(i, &problems)).collect();
        let adjusted = holm(&rows.iter().map(|r| r.p).collect::<Vec<_>>());
        for ((contestant, row), p) in self.contestants[1..].iter().zip(&rows).zip(adjusted) {
            let all = problems.len();
            let middle = row.median.map(|m| m.value);
            let word = match middle {
                _ if p >= 0.05 => "unresolved",
                Some(m) if m < 0.0 => "better",
                Some(_) => "worse",
                None => "",
            };
            table.rows.push(vec![
                contestant.label.as_str().into(),
                Cell::Of(row.counts[0], all),
                Cell::Of(row.counts[1], all),
                Cell::Of(row.counts[2], all),
                Cell::Of(row.counts[3], all),
                row.median.map_or(Cell::Empty, |m| percent(&m).into()),
                Cell::Number(p),
                word.into(),
            ]);
        }
        table
    }

    fn over(&self, contestant: usize, problems: &[&str]) -> Overall {
        let mut counts = [0; 4];
        let mut shares = Vec::new();
        for problem in problems {
            let Some(compared) = self.against(contestant, problem) else { continue };
            let place = match compared.verdict {
                Verdict::Better => 0,
                Verdict::Tie => 1,
                Verdict::Worse => 2,
                Verdict::Unresolved { .. } => 3,
            };
            counts[place] += 1;
            let reference = self.contestants[0].members[*problem].shown().and_then(|c| c.estimate(|t| t.test_loss));
            shares.extend(reference.map(|r| compared.difference.value / r.value.abs()).filter(|s| s.is_finite()));
        }
        Overall { counts, median: median(&shares, 0.95), p: wilcoxon(&shares).map_or(1.0, |t| t.p) }
    }

    /// In sentences: over all problems, and what the number of them allows to say.
    pub fn words(&self) -> String {
        let problems = self.problems();
        let Some((first, others)) = self.contestants.split_first() else { return String::new() };
        let mut text = String::new();
        for (i, other) in others.iter().enumerate() {
            let Overall { counts: [better, tie, worse, open], median, p } = self.over(i + 1, &problems);
            let n = problems.len();
            text.push_str(&format!(
                "{} against {}, on {n} problem{}: better on {better}, as good on {tie}, worse on {worse}, unresolved on \
                 {open}.",
                other.label,
                first.label,
                if n == 1 { "" } else { "s" }
            ));
            if let Some(m) = median.filter(|_| n > 1) {
                text.push_str(&format!(
                    " Median difference {} of the loss; over problems p = {}.",
                    percent(&m),
                    significant(p, 2)
                ));
            }
            if n < 6 {
                text.push_str(" Fewer than six problems cannot show a difference over all of them, however large.");
            }
            text.push('\n');
        }
        text
    }
}

/// One contestant against the reference over all problems.
struct Overall {
    /// Better, tie, worse, unresolved.
    counts: [usize; 4],
    /// The median of differences as shares of the reference's loss.
    median: Option<Estimate>,
    p: f64,
}

impl Contestant<'_> {
    /// Microseconds of the optimizer in a step, the median over trials.
    fn step_time(&self, trials: &[&TrialRow]) -> Option<f64> {
        let each = trials.iter().filter_map(|t| {
            let timing = self.timings.get(t.key.as_str())?;
            (t.step > 0).then(|| 1e6 * timing.optimizer / t.step as f64)
        });
        downhill_stats::quantile(&each.collect::<Vec<_>>(), 0.5)
    }
}

/// `-3.2 % [-5.1, -1.4]`.
fn percent(e: &Estimate) -> String {
    // Of a loss that is nearly zero, any other is a huge multiple: no number says more.
    let show = |x: f64| {
        if x.abs() > 100.0 { format!("over {}10000", if x < 0.0 { "-" } else { "" }) } else { plain(100.0 * x) }
    };
    if e.low.is_nan() {
        format!("{} %", show(e.value))
    } else {
        format!("{} % [{}, {}]", show(e.value), show(e.low), show(e.high))
    }
}
