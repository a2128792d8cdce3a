//! Functions with known minima: one file each, formula, exact gradient and facts together.
//!
//! To add one: implement [`Function`] in a file of its own, and name it in the three lists below.

use crate::FamilyEntry;

mod ackley;
mod beale;
mod bohachevsky;
mod booth;
mod branin;
mod chained_rosenbrock;
mod dixon_price;
mod easom;
mod ellipsoid;
mod forms;
mod freudenstein_roth;
mod function;
mod goldstein_price;
mod griewank;
mod hager;
mod hiker;
mod hills;
mod himmelblau;
mod levy;
mod matyas;
mod mccormick;
mod monkey_saddle;
mod noisy_quadratic;
mod plateau;
mod powell_singular;
mod rastrigin;
mod ravine;
mod rosenbrock;
mod rotated_quadratic;
mod six_hump_camel;
mod sphere;
mod strict_saddle;
mod styblinski_tang;
mod sum_squares;
mod three_hump_camel;
mod trid;
mod wood;
mod zakharov;

pub use ackley::Ackley;
pub use beale::Beale;
pub use bohachevsky::Bohachevsky;
pub use booth::Booth;
pub use branin::Branin;
pub use chained_rosenbrock::ChainedRosenbrock;
pub use dixon_price::DixonPrice;
pub use easom::Easom;
pub use ellipsoid::Ellipsoid;
pub use freudenstein_roth::FreudensteinRoth;
pub use function::{Function, Start};
pub use goldstein_price::GoldsteinPrice;
pub use griewank::Griewank;
pub use hager::Hager;
pub use hiker::Hiker;
pub use hills::Hills;
pub use himmelblau::Himmelblau;
pub use levy::Levy;
pub use matyas::Matyas;
pub use mccormick::McCormick;
pub use monkey_saddle::MonkeySaddle;
pub use noisy_quadratic::NoisyQuadratic;
pub use plateau::Plateau;
pub use powell_singular::PowellSingular;
pub use rastrigin::Rastrigin;
pub use ravine::Ravine;
pub use rosenbrock::Rosenbrock;
pub use rotated_quadratic::RotatedQuadratic;
pub use six_hump_camel::SixHumpCamel;
pub use sphere::Sphere;
pub use strict_saddle::StrictSaddle;
pub use styblinski_tang::StyblinskiTang;
pub use sum_squares::SumSquares;
pub use three_hump_camel::ThreeHumpCamel;
pub use trid::Trid;
pub use wood::Wood;
pub use zakharov::Zakharov;

/// All of them, from the simplest to the hardest of each kind.
pub(crate) fn all() -> Vec<FamilyEntry> {
    vec![
        FamilyEntry::of::<Hiker>(),
        FamilyEntry::of::<Hills>(),
        FamilyEntry::of::<Plateau>(),
        FamilyEntry::of::<Sphere>(),
        FamilyEntry::of::<SumSquares>(),
        FamilyEntry::of::<Ellipsoid>(),
        FamilyEntry::of::<RotatedQuadratic>(),
        FamilyEntry::of::<Ravine>(),
        FamilyEntry::of::<Booth>(),
        FamilyEntry::of::<Matyas>(),
        FamilyEntry::of::<Trid>(),
        FamilyEntry::of::<NoisyQuadratic>(),
        FamilyEntry::of::<Rosenbrock>(),
        FamilyEntry::of::<ChainedRosenbrock>(),
        FamilyEntry::of::<Beale>(),
        FamilyEntry::of::<Wood>(),
        FamilyEntry::of::<PowellSingular>(),
        FamilyEntry::of::<DixonPrice>(),
        FamilyEntry::of::<Zakharov>(),
        FamilyEntry::of::<Hager>(),
        FamilyEntry::of::<FreudensteinRoth>(),
        FamilyEntry::of::<Himmelblau>(),
        FamilyEntry::of::<Branin>(),
        FamilyEntry::of::<ThreeHumpCamel>(),
        FamilyEntry::of::<SixHumpCamel>(),
        FamilyEntry::of::<GoldsteinPrice>(),
        FamilyEntry::of::<McCormick>(),
        FamilyEntry::of::<Bohachevsky>(),
        FamilyEntry::of::<Easom>(),
        FamilyEntry::of::<Rastrigin>(),
        FamilyEntry::of::<Ackley>(),
        FamilyEntry::of::<Griewank>(),
        FamilyEntry::of::<Levy>(),
        FamilyEntry::of::<StyblinskiTang>(),
        FamilyEntry::of::<StrictSaddle>(),
        FamilyEntry::of::<MonkeySaddle>(),
    ]
}
