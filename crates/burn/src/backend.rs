//! Which of burn's engines computes.

use burn::tensor::Device;
use downhill::{SpecError, unknown};
use std::fmt;
use std::str::FromStr;

/// One of burn's engines for the processor. Both run an operation on the calling thread.
///
/// ```
/// use downhill_burn::Backend;
/// assert_eq!("ndarray".parse(), Ok(Backend::Ndarray));
/// let err = "flax".parse::<Backend>().expect_err("no such backend");
/// assert_eq!(err.to_string(), "unknown backend `flax`; did you mean `flex`? known: flex, ndarray");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Backend {
    /// burn-flex, the one that burn recommends.
    #[default]
    Flex,
    /// burn-ndarray, deprecated by burn since 0.22 and kept for comparison.
    Ndarray,
}

impl Backend {
    /// Both.
    pub const ALL: [Backend; 2] = [Backend::Flex, Backend::Ndarray];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Backend::Flex => "flex",
            Backend::Ndarray => "ndarray",
        }
    }

    /// burn's handle. Never `Device::default()`, which an environment variable can redirect.
    pub(crate) fn device(self) -> Device {
        match self {
            Backend::Flex => Device::flex(),
            #[expect(deprecated, reason = "offered for comparison for as long as burn has it")]
            Backend::Ndarray => Device::ndarray(),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = SpecError;
    fn from_str(name: &str) -> Result<Self, SpecError> {
        let known = Backend::ALL.map(Backend::name).into_iter();
        Backend::ALL.into_iter().find(|b| b.name() == name).ok_or_else(|| unknown("backend", name, known))
    }
}
