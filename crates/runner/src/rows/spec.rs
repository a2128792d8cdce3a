//! A trial's canonical text in a row.

use super::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use std::fmt::{Display, Formatter, Result as Written};

/// The text, with the seed apart: the rest is that of many rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// All of it, if there is no seed.
    before: Text,
    seed: Option<u64>,
    after: Text,
}

impl Spec {
    /// What it says.
    ///
    /// # Errors
    /// If it is no JSON, or not of that kind.
    pub fn parse<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.to_string())
    }

    /// Whether the other is the same but for the seed.
    pub(crate) fn is_kin(&self, other: &Spec) -> bool {
        self.before == other.before && self.after == other.after
    }

    pub(super) fn texts(&mut self) -> [&mut Text; 2] {
        [&mut self.before, &mut self.after]
    }
}

impl From<&str> for Spec {
    fn from(text: &str) -> Self {
        const SEED: &str = "\"seed\":";
        let seed = text.rfind(SEED).and_then(|at| {
            let (before, rest) = text.split_at(at + SEED.len());
            let (digits, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
            let seed = digits.parse().ok().filter(|seed: &u64| seed.to_string() == digits)?;
            Some((before, seed, after))
        });
        match seed {
            Some((before, seed, after)) => Spec { before: before.into(), seed: Some(seed), after: after.into() },
            None => Spec { before: text.into(), seed: None, after: "".into() },
        }
    }
}

impl Display for Spec {
    fn fmt(&self, f: &mut Formatter) -> Written {
        f.write_str(&self.before)?;
        self.seed.iter().try_for_each(|seed| write!(f, "{seed}"))?;
        f.write_str(&self.after)
    }
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(String::deserialize(d)?.as_str().into())
    }
}

#[cfg(test)]
mod tests {
    use super::Spec;

    #[test]
    fn any_text_is_given_back() {
        let seeded = r#"{"problem":{"seed":3},"seed":17,"split":{}}"#;
        for text in [
            seeded,
            "",
            "seed",
            r#"{"seed":"#,
            r#"{"seed":007}"#,
            r#"{"seed":-1}"#,
            r#"{"seed":1e3}"#,
            r#"{"seed":"a"}"#,
        ] {
            assert_eq!(Spec::from(text).to_string(), text);
        }
        let is_kin = |text: &str| Spec::from(text).is_kin(&seeded.into());
        assert!(is_kin(r#"{"problem":{"seed":3},"seed":18,"split":{}}"#));
        assert!(!is_kin(r#"{"problem":{"seed":4},"seed":17,"split":{}}"#));
    }
}
