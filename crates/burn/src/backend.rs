//! Which of burn's engines computes.

use burn::tensor::Device;
use downhill::{Refusal, SpecError, unknown};
use std::fmt;
use std::str::FromStr;

/// One of burn's engines. Those for the processor run an operation on the calling thread; the one for graphics cards is
/// compiled in by the feature `wgpu`, and promises no bits.
///
/// ```
/// use downhill_burn::Backend;
/// assert_eq!("ndarray".parse(), Ok(Backend::Ndarray));
/// let err = "flax".parse::<Backend>().expect_err("no such backend");
/// assert!(err.to_string().starts_with("unknown backend `flax`; did you mean `flex`? known: flex, ndarray"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Backend {
    /// burn-flex, the one that burn recommends.
    #[default]
    Flex,
    /// burn-ndarray, deprecated by burn since 0.22 and kept for comparison.
    Ndarray,
    /// Graphics cards through Vulkan, Metal or DirectX; of several, the one that burn prefers.
    #[cfg(feature = "wgpu")]
    Wgpu,
}

impl Backend {
    /// All that are compiled in.
    pub const ALL: &[Backend] = &[
        Backend::Flex,
        Backend::Ndarray,
        #[cfg(feature = "wgpu")]
        Backend::Wgpu,
    ];

    /// Those for which this machine has a device: those for the processor at least.
    pub fn found() -> Vec<Backend> {
        Backend::ALL.iter().copied().filter(|backend| backend.device().is_ok()).collect()
    }

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Backend::Flex => "flex",
            Backend::Ndarray => "ndarray",
            #[cfg(feature = "wgpu")]
            Backend::Wgpu => "wgpu",
        }
    }

    /// burn's handle. Never `Device::default()`, which an environment variable can redirect.
    ///
    /// # Errors
    /// If this machine has no such device, where burn would panic at the first operation.
    pub(crate) fn device(self) -> Result<Device, Refusal> {
        match self {
            Backend::Flex => Ok(Device::flex()),
            #[expect(deprecated, reason = "offered for comparison for as long as burn has it")]
            Backend::Ndarray => Ok(Device::ndarray()),
            #[cfg(feature = "wgpu")]
            Backend::Wgpu => card().ok_or_else(|| {
                Refusal(format!("backend `{self}` finds no device on this machine; allowed here is flex or ndarray"))
            }),
        }
    }
}

/// The graphics card that burn prefers. Looked for once: whether there is one does not change, and looking takes a while.
#[cfg(feature = "wgpu")]
fn card() -> Option<Device> {
    use burn::tensor::{DeviceKind, DeviceType};
    use std::sync::LazyLock;
    static FOUND: LazyLock<bool> = LazyLock::new(|| !Device::enumerate(DeviceType::Wgpu).is_empty());
    FOUND.then(|| Device::wgpu(DeviceKind::DefaultDevice))
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = SpecError;
    fn from_str(name: &str) -> Result<Self, SpecError> {
        if let Some(found) = Backend::ALL.iter().find(|b| b.name() == name) {
            return Ok(*found);
        }
        if name == "wgpu" {
            let build = "cargo build -p runner --features wgpu";
            let here: Vec<_> = Backend::ALL.iter().map(|b| b.name()).collect();
            let here = here.join(", ");
            return Err(SpecError(format!("backend `wgpu` is not compiled in: `{build}` has it; here: {here}")));
        }
        Err(unknown("backend", name, Backend::ALL.iter().map(|b| b.name())))
    }
}
