//! Results in the formats of other tools. Each is a function of the tables of results: the same bytes every time.
//!
//! | format | what comes out | read by |
//! |---|---|---|
//! | [`parquet`] | a file a table, typed | pandas, Polars, DuckDB, Arrow, Spark |
//! | [`tensorboard`] | a run a trial | TensorBoard |
//! | [`json`] | one document | everything |
//!
//! `docs/formats.md` has every column. Rows go from file to file one by one (Parquet: a group of them), so that results
//! larger than memory can be exported.

pub mod event;
pub mod json;
pub mod parquet;
mod target;
pub mod tensorboard;

use crate::columns::Row;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Raised when a program that reads an export must change: the number in every export.
pub const SCHEMA: u32 = 1;

/// The versions of the numerics that the trials were run with; an imported trial has none.
#[derive(Debug, Default)]
pub(crate) struct Numerics(BTreeSet<u32>);

impl Numerics {
    fn add(&mut self, trial: &Row) {
        #[derive(Deserialize)]
        struct Spec {
            numerics: Option<u32>,
        }
        let spec: Option<Spec> = serde_json::from_str(trial.text("spec")).ok();
        self.0.extend(spec.and_then(|spec| spec.numerics));
    }
}
