//! The collection of Moré, Garbow & Hillstrom (1981, ACM TOMS 7(1), 17-41): sums of squares with standard starts.
//!
//! All 35 of them have the tag `mgh` and their number in `source`. No. 1, 2, 5, 13, 14 and 22 are
//! [`Rosenbrock`](super::Rosenbrock), [`FreudensteinRoth`](super::FreudensteinRoth), [`Beale`](super::Beale),
//! [`PowellSingular`](super::PowellSingular), [`Wood`](super::Wood) and [`PowellSingular`](super::PowellSingular)
//! again.

use crate::FamilyEntry;

mod badly_scaled;
mod bard;
mod biggs_exp6;
mod box_3d;
mod brown_almost_linear;
mod brown_dennis;
mod broyden;
mod chebyquad;
mod discrete;
mod extended_rosenbrock;
mod gaussian;
mod gulf;
mod helical_valley;
mod jennrich_sampson;
mod kowalik_osborne;
mod linear;
mod meyer;
mod osborne;
mod penalty;
mod residuals;
mod trigonometric;
mod variably_dimensioned;
mod watson;

pub use badly_scaled::{BrownBadlyScaled, PowellBadlyScaled};
pub use bard::Bard;
pub use biggs_exp6::BiggsExp6;
pub use box_3d::Box3d;
pub use brown_almost_linear::BrownAlmostLinear;
pub use brown_dennis::BrownDennis;
pub use broyden::{BroydenBanded, BroydenTridiagonal};
pub use chebyquad::Chebyquad;
pub use discrete::{DiscreteBoundaryValue, DiscreteIntegralEquation};
pub use extended_rosenbrock::ExtendedRosenbrock;
pub use gaussian::Gaussian;
pub use gulf::Gulf;
pub use helical_valley::HelicalValley;
pub use jennrich_sampson::JennrichSampson;
pub use kowalik_osborne::KowalikOsborne;
pub use linear::{LinearFullRank, LinearRank1, LinearRank1Zero};
pub use meyer::Meyer;
pub use osborne::{Osborne1, Osborne2};
pub use penalty::{Penalty1, Penalty2};
pub use residuals::Residuals;
pub use trigonometric::Trigonometric;
pub use variably_dimensioned::VariablyDimensioned;
pub use watson::Watson;

/// All that are here, by their numbers.
pub(super) fn all() -> Vec<FamilyEntry> {
    vec![
        FamilyEntry::of::<PowellBadlyScaled>(),
        FamilyEntry::of::<BrownBadlyScaled>(),
        FamilyEntry::of::<JennrichSampson>(),
        FamilyEntry::of::<HelicalValley>(),
        FamilyEntry::of::<Bard>(),
        FamilyEntry::of::<Gaussian>(),
        FamilyEntry::of::<Meyer>(),
        FamilyEntry::of::<Gulf>(),
        FamilyEntry::of::<Box3d>(),
        FamilyEntry::of::<KowalikOsborne>(),
        FamilyEntry::of::<BrownDennis>(),
        FamilyEntry::of::<Osborne1>(),
        FamilyEntry::of::<BiggsExp6>(),
        FamilyEntry::of::<Osborne2>(),
        FamilyEntry::of::<Watson>(),
        FamilyEntry::of::<ExtendedRosenbrock>(),
        FamilyEntry::of::<Penalty1>(),
        FamilyEntry::of::<Penalty2>(),
        FamilyEntry::of::<VariablyDimensioned>(),
        FamilyEntry::of::<Trigonometric>(),
        FamilyEntry::of::<BrownAlmostLinear>(),
        FamilyEntry::of::<DiscreteBoundaryValue>(),
        FamilyEntry::of::<DiscreteIntegralEquation>(),
        FamilyEntry::of::<BroydenTridiagonal>(),
        FamilyEntry::of::<BroydenBanded>(),
        FamilyEntry::of::<LinearFullRank>(),
        FamilyEntry::of::<LinearRank1>(),
        FamilyEntry::of::<LinearRank1Zero>(),
        FamilyEntry::of::<Chebyquad>(),
    ]
}
