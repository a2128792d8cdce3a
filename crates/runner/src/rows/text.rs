//! Words in a row.

use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter, Result as Written};
use std::ops::Deref;
use std::sync::Arc;

/// A text that many rows share.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text(Arc<str>);

impl Text {
    /// It.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(text.into())
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut Formatter) -> Written {
        f.write_str(&self.0)
    }
}
