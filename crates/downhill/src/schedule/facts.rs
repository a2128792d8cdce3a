//! What is known of each schedule, as data.

use super::Schedule;
use crate::{Hyper, Range, SpecError, registry};

/// What is known of a schedule.
#[derive(Clone, Copy, Debug)]
pub struct ScheduleFacts {
    /// The name in studies.
    pub name: &'static str,
    /// The factor of step `t`, from 0, with horizon `T`.
    pub formula: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// Its fields; `warmup` has one more, `then`, which is a schedule.
    pub hypers: &'static [Hyper],
}

const OVER: Hyper = Hyper::new("over", Range::Span, "how long it takes");
const END: Hyper = Hyper::new("end", Range::NonNegative, "last factor");
const GAMMA: Hyper = Hyper::new("gamma", Range::Positive, "factor of one span");

const ALL: &[ScheduleFacts] = &[
    ScheduleFacts { name: "constant", formula: "1", source: "Robbins & Monro 1951", hypers: &[] },
    ScheduleFacts {
        name: "linear",
        formula: "start + (end - start) min(1, t / over)",
        source: "torch LinearLR",
        hypers: &[Hyper::new("start", Range::NonNegative, "first factor"), END, OVER],
    },
    ScheduleFacts {
        name: "polynomial",
        formula: "end + (1 - end) (1 - min(1, t / over))^power",
        source: "torch PolynomialLR, optax polynomial_schedule",
        hypers: &[END, Hyper::new("power", Range::Positive, "1 is a line"), OVER],
    },
    ScheduleFacts {
        name: "exponential",
        formula: "gamma^(t / per)",
        source: "torch ExponentialLR",
        hypers: &[GAMMA, Hyper::new("per", Range::Span, "the span of one factor")],
    },
    ScheduleFacts {
        name: "step",
        formula: "gamma^floor(t / every)",
        source: "torch StepLR",
        hypers: &[GAMMA, Hyper::new("every", Range::Span, "the span of one factor")],
    },
    ScheduleFacts {
        name: "multistep",
        formula: "gamma^(number of milestones <= t)",
        source: "torch MultiStepLR",
        hypers: &[GAMMA, Hyper::new("at", Range::Spans, "the milestones")],
    },
    ScheduleFacts {
        name: "inverse-sqrt",
        formula: "1 / sqrt(t + 1)",
        source: "Zinkevich 2003; Kingma & Ba 2015, arXiv:1412.6980, section 4",
        hypers: &[],
    },
    ScheduleFacts {
        name: "cosine",
        formula: "end + (1 - end) (1 + cos(pi min(1, t / T))) / 2",
        source: "Loshchilov & Hutter 2017, arXiv:1608.03983",
        hypers: &[END],
    },
    ScheduleFacts {
        name: "cosine-restarts",
        formula: "cosines of length first, first mult, first mult^2, ..., each from 1 to end",
        source: "Loshchilov & Hutter 2017, arXiv:1608.03983",
        hypers: &[
            Hyper::new("first", Range::Span, "length of the first cosine"),
            Hyper::new("mult", Range::AtLeast(1), "how many times longer each is than the one before"),
            END,
        ],
    },
    ScheduleFacts {
        name: "one-cycle",
        formula: "cosine from 1 / div to 1 over rise T, then cosine to 1 / (div final_div)",
        source: "Smith & Topin 2018, arXiv:1708.07120; torch OneCycleLR",
        hypers: &[
            Hyper::new("rise", Range::Decay, "share of the horizon that rises"),
            Hyper::new("div", Range::Positive, "inverse of the first factor"),
            Hyper::new("final_div", Range::Positive, "first factor over the last"),
        ],
    },
    ScheduleFacts {
        name: "warmup",
        formula: "(t + 1) / steps while t < steps, then `then` from its step 0",
        source: "Goyal et al. 2017, arXiv:1706.02677",
        hypers: &[Hyper::new("steps", Range::Span, "how long it rises")],
    },
    ScheduleFacts {
        name: "warmup-stable-decay",
        formula: "(t + 1) / warmup while t < warmup, 1, then a fall to end over the last decay",
        source: "Hu et al. 2024, arXiv:2404.06395; sqrt: Haegele et al. 2024, arXiv:2405.18392",
        hypers: &[
            Hyper::new("warmup", Range::Span, "how long it rises; not at all if absent"),
            Hyper::new("decay", Range::Span, "how long it falls"),
            Hyper::new("shape", Range::OneOf(&["linear", "sqrt", "cosine"]), "how it falls"),
            END,
        ],
    },
];

impl Schedule {
    /// All schedules.
    pub fn all() -> &'static [ScheduleFacts] {
        ALL
    }

    /// Every field lies in its range. Reading a schedule checks it, too.
    ///
    /// # Errors
    /// The first that does not, with what was found and what is allowed.
    pub fn check(&self) -> Result<(), SpecError> {
        if let Schedule::Warmup { then, .. } = self {
            then.check()?;
        }
        let fields = serde_json::to_value(self).unwrap_or_default();
        let facts = ALL.iter().find(|f| fields["name"] == f.name);
        facts.map_or(Ok(()), |f| registry::check(&format!("schedule `{}`", f.name), f.hypers, &fields))
    }
}
