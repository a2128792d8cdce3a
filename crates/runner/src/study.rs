//! A study: a question in TOML, and the trials that answer it.
//!
//! ```toml
//! question = "How wide is the range of learning rates within 2x of the best final loss?"
//! seeds = 10                                     # 0 to 9; or a list
//! steps = 2000                                   # problems with examples take `epochs` instead, if it is given
//! lr = { log = [1e-5, 1.0], per_decade = 2 }     # or { relative = [0.1, 1, 10] }, or { around = 7, per_decade = 2 }
//! [[optimizer]]
//! name = "adam"
//! beta2 = [0.99, 0.999]                          # any array is an axis
//! [[problem]]
//! name = "mlp"
//! data = ["digits", "wine"]
//! hidden = [[64, 32]]                            # a vector value is an inner array
//! ```
//!
//! Keys are [`plan::SETTINGS`](crate::plan::SETTINGS), `question`, `seeds`, `lr`, `[[optimizer]]` and `[[problem]]`.
//! A problem may have settings and learning rates of its own, an optimizer a schedule and learning rates; the
//! optimizer's go before the problem's, these before the study's. Without any `lr`, each optimizer is tried on the
//! grid that its facts hold.

pub mod axis;
pub mod node;

use crate::lab::Lab;
use crate::plan;
use crate::store::name_below;
use crate::trial::Trial;
use anyhow::{Context as _, Result, anyhow};
use node::{Entry, Fault, Kind, Node};
use std::path::Path;

/// A question, and the trials that answer it.
#[derive(Clone, Debug)]
pub struct Study {
    /// The path below `experiments`, such as `article/ravine`: the folder below `results`.
    pub name: String,
    /// In words; may be empty.
    pub question: String,
    /// The file's text.
    pub text: String,
    trials: Vec<Trial>,
}

impl Study {
    /// Reads a study, and checks all of it: names, ranges, data files, and whether every optimizer can be built for
    /// every problem.
    ///
    /// # Errors
    /// The first that is wrong: file, line, key, what was found, what is allowed.
    pub fn load(path: &Path, lab: &Lab) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = match path.file_stem() {
            // The copy that a sweep leaves among its results.
            Some(stem) if stem == "study" => name_below(path.parent().unwrap_or(path), "results"),
            _ => name_below(&path.with_extension(""), "experiments"),
        };
        Study::parse(name, text, lab).map_err(|fault| anyhow!("{}:{}: {}", path.display(), fault.line, fault.text))
    }

    /// A study from its text.
    ///
    /// # Errors
    /// As [`load`](Study::load).
    pub fn parse(name: String, text: String, lab: &Lab) -> Result<Self, Fault> {
        let mut entries = Node::document(&text)?;
        let question = question(&mut entries)?;
        let trials = plan::trials(&entries, lab)?;
        Ok(Study { name, question, text, trials })
    }

    /// In file order: problem, optimizer, further axes, learning rate, seed.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }
}

fn question(entries: &mut Vec<Entry>) -> Result<String, Fault> {
    let Some(at) = entries.iter().position(|e| e.key == "question") else { return Ok(String::new()) };
    let entry = entries.remove(at);
    match entry.value.kind {
        Kind::Leaf(serde_json::Value::String(text)) => Ok(text),
        _ => Err(Fault::new(entry.line(), "`question` is a text")),
    }
}
