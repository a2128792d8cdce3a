//! What a race came to, in words.

use super::Entrant;
use crate::lab::Lab;
use crate::race::{FINAL_SEEDS, FINALISTS, Heat, LOOKS, Race, Seen, Standing, rate};
use crate::rounds::{FRESH, Finish};
use crate::rows::problem_label;
use crate::stats::{ALPHA, COVERAGE, Estimate, Verdict, mean};
use crate::table::{estimate, more_seeds, plain, significant};
use crate::trial::{Record, Trial};
use anyhow::Result;
use downhill_stats::{Looks, paired, verdict};

/// Losses that differ by less than this share of the better one are as good as each other.
const EQUIVALENCE: f64 = 0.01;

/// An entrant at its rate, with what it came to.
#[derive(Clone, Debug)]
pub struct Place {
    /// The entrant's number.
    pub entrant: usize,
    /// Its learning rate.
    pub lr: f64,
    /// The test loss at the end, over the seeds that lost nothing.
    pub loss: Option<Estimate>,
    /// The test metric.
    pub metric: Option<Estimate>,
    /// The test losses, seed by seed; infinite where a trial was lost.
    losses: Vec<f64>,
    /// Trials that were lost.
    pub lost: usize,
    /// Bytes that it remembers.
    pub bytes: u64,
}

/// What is said of another place beside the recommended one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Said {
    /// Its test loss less the recommended one's, with the interval of the level at which it is looked at, and what it says.
    Differs(Estimate, Verdict),
    /// It lost trials on fresh seeds.
    Lost(usize),
}

/// What a race came to.
pub struct Answer {
    /// What is recommended.
    pub champion: Place,
    /// Whether its numbers come from seeds that chose nothing.
    pub fresh: bool,
    /// Whether another led the search, and was beaten or lost trials on fresh seeds: its number.
    pub instead_of: Option<usize>,
    /// The other finalists, the simplest first.
    pub others: Vec<(Place, Said)>,
    /// The first entrant's optimizer at its default rate, on the same seeds.
    pub default: Option<(Place, Said)>,
    /// The lowest higher rate at which a trial was lost, or else the highest that was tried, and whether it is a cliff.
    pub cliff: Option<(f64, bool)>,
    /// The lowest and the highest rate around the chosen one that cost at most 5 % more validation loss.
    pub basin: (f64, f64),
    /// Whether the chosen rate is the lowest or highest tried.
    pub edge: bool,
}

/// Whether more seeds are of no use to tell two lists of losses apart, seed by seed: one lost trials, or there is a verdict
/// at the level that is left for this number of seeds ([`Looks`]).
pub fn settled(losses: &[f64], reference: &[f64]) -> bool {
    !matches!(said(losses, reference, level(losses.len())), Some(Said::Differs(_, Verdict::Unresolved { .. })) | None)
}

/// The level at which finalists are told apart with so many seeds.
fn level(seeds: usize) -> f64 {
    let looks = Looks::new(&LOOKS, ALPHA);
    LOOKS.iter().position(|&n| seeds <= n).map_or(ALPHA, |look| looks.level(look))
}

/// What the difference says at a level, with the interval of that level.
fn said(losses: &[f64], reference: &[f64], level: f64) -> Option<Said> {
    let lost = losses.iter().filter(|x| !x.is_finite()).count();
    if lost > 0 {
        return Some(Said::Lost(lost));
    }
    let (a, b): (Vec<f64>, Vec<f64>) = losses.iter().zip(reference).filter(|(_, b)| b.is_finite()).unzip();
    let difference = paired(&a, &b, COVERAGE)?;
    let bound = EQUIVALENCE * b.iter().sum::<f64>().abs() / b.len() as f64;
    let (low, high) = difference.interval(1.0 - level);
    let shown = Estimate { low, high, ..difference.estimate };
    Some(Said::Differs(shown, verdict(&difference, bound, level)))
}

impl Answer {
    /// From all that was seen; none while no trial of the search has come to an end.
    ///
    /// # Errors
    /// The first of `record`.
    pub fn of(
        race: &Race,
        entrants: &[Entrant],
        seen: &Seen,
        record: impl Fn(&Trial) -> Result<Option<Record>>,
    ) -> Result<Option<Self>> {
        let standings = race.standings(seen);
        let last: Vec<&Standing> = standings.iter().take(FINALISTS).collect();
        let fresh = |s: &Standing| Heat { entrant: s.entrant, place: s.place, seed: FRESH };
        let complete =
            |s: &&&Standing| (0..FINAL_SEEDS as u64).all(|i| seen.contains_key(&Heat { seed: FRESH + i, ..fresh(s) }));
        let finalists: Vec<&Standing> = last.iter().filter(complete).copied().collect();
        let is_fresh = finalists.first().is_some_and(|f| f.entrant == standings[0].entrant);
        let shown = if is_fresh { finalists } else { last };
        let from = if is_fresh { FRESH } else { 0 };
        let place = |s: &Standing| {
            let seeds = (from..).take_while(|&seed| seen.contains_key(&Heat { seed, ..fresh(s) }));
            let trials: Vec<Trial> = seeds.map(|seed| entrants[s.entrant].at(rate(s.place), seed)).collect();
            Place::of(s.entrant, rate(s.place), &trials, &record)
        };
        let places: Vec<Place> = shown.iter().map(|s| place(s)).collect::<Result<_>>()?;
        let Some(champion) = champion(&places) else { return Ok(None) };
        let leader = &places[champion];
        let mut others: Vec<(Place, Said)> = Vec::new();
        for (i, other) in places.iter().enumerate().filter(|(i, _)| *i != champion) {
            others.extend(
                said(&other.losses, &leader.losses, level(other.losses.len())).map(|said| (places[i].clone(), said)),
            );
        }
        others.sort_by_key(|(p, _)| (p.bytes, entrants[p.entrant].label.len()));
        let first = &entrants[0];
        let trials: Vec<Trial> =
            (FRESH..FRESH + FINAL_SEEDS as u64).map(|seed| first.at(first.default, seed)).collect();
        let default = Some(Place::of(0, first.default, &trials, &record)?).filter(|p| is_fresh && p.loss.is_some());
        let default = default.and_then(|p| said(&p.losses, &leader.losses, ALPHA).map(|said| (p, said)));
        let around = Around::of(seen, shown[champion]);
        Ok(Some(Answer {
            fresh: is_fresh,
            instead_of: (champion > 0).then(|| places[0].entrant),
            others,
            default,
            cliff: around.cliff(),
            basin: around.basin(),
            edge: around.edge(),
            champion: places[champion].clone(),
        }))
    }

    /// The answer for a terminal.
    pub fn words(&self, entrants: &[Entrant], lab: &Lab) -> String {
        let best = &entrants[self.champion.entrant];
        let mut text = format!(
            "{}: {}, learning rate {}\n",
            problem_label(&best.template.problem, lab),
            best.label,
            plain(self.champion.lr)
        );
        let mut line = |head: &str, said: String| text.push_str(&format!("  {head:<10} {said}\n"));
        line("expect", self.expected(best));
        if let Some(beaten) = self.instead_of {
            line("", format!("{} led the search, but not on fresh seeds", entrants[beaten].label));
        }
        if let Some((default, said)) = &self.default {
            let what = format!("{} at its default {}", entrants[0].label, plain(default.lr));
            line("default", format!("{what}: {}", told(default, said)));
        }
        line("rate", self.about_the_rate());
        let name = |p: &Place| format!("{} at {}", entrants[p.entrant].label, plain(p.lr));
        type Is = fn(&Said) -> bool;
        let heads: [(&str, Is); 3] = [
            ("as good", |s| matches!(s, Said::Differs(_, Verdict::Tie | Verdict::Better))),
            ("open", |s| matches!(s, Said::Differs(_, Verdict::Unresolved { .. }))),
            ("worse", |s| matches!(s, Said::Differs(_, Verdict::Worse) | Said::Lost(_))),
        ];
        for (head, is) in heads {
            for (i, (place, said)) in self.others.iter().filter(|(_, said)| is(said)).enumerate() {
                line(if i == 0 { head } else { "" }, format!("{}: {}", name(place), told(place, said)));
            }
        }
        text
    }

    /// What is recommended, and the other finalists.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        [&self.champion].into_iter().chain(self.others.iter().map(|(place, _)| place))
    }

    /// How many seeds its numbers come from.
    pub fn seeds(&self) -> usize {
        self.champion.losses.len()
    }

    /// How many others are not told apart from the best, and about how many trials that would take; none if all are.
    pub fn open(&self) -> Option<(usize, usize)> {
        let further = |(_, said): &(Place, Said)| match said {
            Said::Differs(_, Verdict::Unresolved { further }) => *further,
            _ => None,
        };
        let open: Vec<usize> = self.others.iter().filter_map(further).collect();
        let leader = open.iter().max()?;
        Some((open.len(), leader + open.iter().sum::<usize>()))
    }

    fn expected(&self, best: &Entrant) -> String {
        let Place { loss, metric, lost, .. } = &self.champion;
        let n = loss.map_or(0, |e| e.n);
        let metric = metric.zip(best.metric).map_or(String::new(), |(e, name)| format!(", {name} {}", estimate(&e)));
        let loss = loss.map_or("none".into(), |e| estimate(&e));
        let seeds = if self.fresh {
            format!("mean and 95 % interval over {n} seeds that chose nothing")
        } else {
            format!("over the {n} seeds that chose it, which flatters: no final yet")
        };
        let lost = if *lost > 0 { format!(", {lost} lost") } else { String::new() };
        format!("test loss {loss}{metric}\n{:13}({seeds}{lost})", "")
    }

    fn about_the_rate(&self) -> String {
        let (low, high) = self.basin;
        let basin = if low < high {
            format!("{} to {} cost at most 5 % more", plain(low), plain(high))
        } else {
            "its neighbours cost more than 5 %".into()
        };
        let cliff = match self.cliff {
            Some((lr, true)) => {
                format!("{} was lost ({:.1} decades above)", plain(lr), (lr / self.champion.lr).log10())
            }
            Some((lr, false)) => {
                format!("nothing was lost up to {} ({:.1} decades above)", plain(lr), (lr / self.champion.lr).log10())
            }
            None => "no higher one was tried".into(),
        };
        let edge = if self.edge { "; it lies on the edge of what was tried: a better one may lie beyond" } else { "" };
        format!("{basin}; {cliff}{edge}")
    }
}

/// The first, unless it lost trials or another one's loss is resolved to be lower.
fn champion(places: &[Place]) -> Option<usize> {
    let sound = |p: &Place| p.lost == 0 && p.loss.is_some();
    let mut best = places.iter().position(sound).or((!places.is_empty()).then_some(0))?;
    for (i, place) in places.iter().enumerate().filter(|(_, p)| sound(p)) {
        if let Some(Said::Differs(_, Verdict::Better)) =
            said(&place.losses, &places[best].losses, level(place.losses.len()))
        {
            best = i;
        }
    }
    Some(best)
}

fn told(place: &Place, said: &Said) -> String {
    let loss = place.loss.map_or("none".into(), |e| estimate(&e));
    let difference = |e: &Estimate| {
        let signed = |x: f64| if x < 0.0 { significant(x, 2) } else { format!("+{}", significant(x, 2)) };
        format!("{} [{}, {}] (n = {})", signed(e.value), signed(e.low), signed(e.high), e.n)
    };
    let loss = format!("test loss {loss}");
    match said {
        Said::Differs(e, Verdict::Tie) => format!("{loss}, {}, within 1 %", difference(e)),
        Said::Differs(e, Verdict::Unresolved { further: Some(n) }) => {
            format!("{loss}, {}; {} would tell", difference(e), more_seeds(*n))
        }

        Said::Differs(e, _) => format!("{loss}, {}", difference(e)),
        Said::Lost(n) => format!("{loss}, but {n} of {} trials were lost", place.losses.len()),
    }
}

impl Place {
    fn of(
        entrant: usize,
        lr: f64,
        trials: &[Trial],
        record: impl Fn(&Trial) -> Result<Option<Record>>,
    ) -> Result<Self> {
        let records: Vec<Record> =
            trials.iter().filter_map(|trial| record(trial).transpose()).collect::<Result<_>>()?;
        let sound: Vec<&Record> = records.iter().filter(|r| !Finish::from(*r).lost).collect();
        let last = |measure: fn(&crate::Point) -> f64| {
            let values = sound.iter().filter_map(|r| r.summary.last.as_ref()).map(measure);
            mean(values).filter(|e| e.value.is_finite())
        };
        let losses = records.iter().map(Finish::from).map(|f| if f.lost { f64::INFINITY } else { f.test });
        Ok(Place {
            entrant,
            lr,
            loss: last(|p| p.test_loss),
            metric: last(|p| p.test_metric),
            losses: losses.collect(),
            lost: records.len() - sound.len(),
            bytes: records.first().map_or(0, |r| r.summary.state_bytes),
        })
    }
}

/// The rates that were tried around the chosen one: each with its mean validation loss in the search, none if a trial
/// was lost.
struct Around {
    place: i32,
    losses: Vec<(i32, Option<f64>)>,
}

impl Around {
    fn of(seen: &Seen, standing: &Standing) -> Self {
        let mut losses: Vec<(i32, Option<f64>)> = Vec::new();
        let of = seen.iter().filter(|(h, _)| h.entrant == standing.entrant && h.seed == 0);
        for (heat, finish) in of {
            losses.push((heat.place, (!finish.lost).then_some(finish.validation)));
        }
        Around { place: standing.place, losses }
    }

    fn cliff(&self) -> Option<(f64, bool)> {
        let above = || self.losses.iter().filter(|(p, _)| *p > self.place);
        let lost = above().find(|(_, loss)| loss.is_none());
        lost.map(|(p, _)| (rate(*p), true)).or(above().next_back().map(|(p, _)| (rate(*p), false)))
    }

    fn edge(&self) -> bool {
        let ends = [self.losses.first(), self.losses.last()];
        ends.iter().flatten().any(|(p, _)| *p == self.place)
    }

    fn basin(&self) -> (f64, f64) {
        let at = self.losses.iter().position(|(p, _)| *p == self.place).unwrap_or(0);
        let best = self.losses.get(at).and_then(|(_, loss)| *loss).unwrap_or(f64::NAN);
        let within = |(_, loss): &&(i32, Option<f64>)| loss.is_some_and(|l| l <= best + 0.05 * best.abs());
        let (below, above) = self.losses.split_at(at);
        let low = below.iter().rev().take_while(within).last().map_or(self.place, |(p, _)| *p);
        let high = above.iter().take_while(within).last().map_or(self.place, |(p, _)| *p);
        (rate(low), rate(high))
    }
}
