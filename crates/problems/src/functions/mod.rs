//! Functions with known minima: one file each, formula, exact gradient and facts together.
//!
//! To add one: implement [`Function`] in a file of its own, and name it in the three lists below. The tag `kink` says
//! that it is not smooth everywhere; its own words say which slope it gives there.

use crate::FamilyEntry;

mod ackley;
mod alpine_1;
mod beale;
mod bohachevsky;
mod booth;
mod branin;
mod bukin_6;
mod chained_rosenbrock;
mod cross_in_tray;
mod cube;
mod different_powers;
mod dixon_price;
mod drop_wave;
mod easom;
mod eggholder;
mod ellipsoid;
mod forms;
mod freudenstein_roth;
mod function;
mod goldstein_price;
mod griewank;
mod hager;
mod hartmann;
mod hiker;
mod hills;
mod himmelblau;
mod holder_table;
mod levy;
mod levy_13;
mod matyas;
mod mccormick;
pub mod mgh;
mod michalewicz;
mod monkey_saddle;
mod noisy_quadratic;
mod plateau;
mod powell_singular;
mod qing;
mod rastrigin;
mod ravine;
mod rosenbrock;
mod rotated_quadratic;
mod salomon;
mod schaffer;
mod schwefel;
mod schwefel_1_2;
mod schwefel_2_22;
mod shekel;
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
pub use alpine_1::Alpine1;
pub use beale::Beale;
pub use bohachevsky::Bohachevsky;
pub use booth::Booth;
pub use branin::Branin;
pub use bukin_6::Bukin6;
pub use chained_rosenbrock::ChainedRosenbrock;
pub use cross_in_tray::CrossInTray;
pub use cube::Cube;
pub use different_powers::DifferentPowers;
pub use dixon_price::DixonPrice;
pub use drop_wave::DropWave;
pub use easom::Easom;
pub use eggholder::Eggholder;
pub use ellipsoid::Ellipsoid;
pub use freudenstein_roth::FreudensteinRoth;
pub use function::{Function, Start};
pub use goldstein_price::{GoldsteinPrice, LogGoldsteinPrice};
pub use griewank::Griewank;
pub use hager::Hager;
pub use hartmann::{Hartmann3, Hartmann6};
pub use hiker::Hiker;
pub use hills::Hills;
pub use himmelblau::Himmelblau;
pub use holder_table::HolderTable;
pub use levy::Levy;
pub use levy_13::Levy13;
pub use matyas::Matyas;
pub use mccormick::McCormick;
pub use michalewicz::Michalewicz;
pub use monkey_saddle::MonkeySaddle;
pub use noisy_quadratic::NoisyQuadratic;
pub use plateau::Plateau;
pub use powell_singular::PowellSingular;
pub use qing::Qing;
pub use rastrigin::Rastrigin;
pub use ravine::Ravine;
pub use rosenbrock::Rosenbrock;
pub use rotated_quadratic::RotatedQuadratic;
pub use salomon::Salomon;
pub use schaffer::{Schaffer2, Schaffer4};
pub use schwefel::Schwefel;
pub use schwefel_1_2::Schwefel12;
pub use schwefel_2_22::Schwefel222;
pub use shekel::Shekel;
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
    let own = vec![
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
        FamilyEntry::of::<Schwefel12>(),
        FamilyEntry::of::<NoisyQuadratic>(),
        FamilyEntry::of::<Rosenbrock>(),
        FamilyEntry::of::<Cube>(),
        FamilyEntry::of::<ChainedRosenbrock>(),
        FamilyEntry::of::<Beale>(),
        FamilyEntry::of::<Wood>(),
        FamilyEntry::of::<PowellSingular>(),
        FamilyEntry::of::<DixonPrice>(),
        FamilyEntry::of::<DifferentPowers>(),
        FamilyEntry::of::<Zakharov>(),
        FamilyEntry::of::<Hager>(),
        FamilyEntry::of::<FreudensteinRoth>(),
        FamilyEntry::of::<Himmelblau>(),
        FamilyEntry::of::<Branin>(),
        FamilyEntry::of::<ThreeHumpCamel>(),
        FamilyEntry::of::<SixHumpCamel>(),
        FamilyEntry::of::<GoldsteinPrice>(),
        FamilyEntry::of::<LogGoldsteinPrice>(),
        FamilyEntry::of::<McCormick>(),
        FamilyEntry::of::<Bohachevsky>(),
        FamilyEntry::of::<Easom>(),
        FamilyEntry::of::<DropWave>(),
        FamilyEntry::of::<Schaffer2>(),
        FamilyEntry::of::<Schaffer4>(),
        FamilyEntry::of::<Rastrigin>(),
        FamilyEntry::of::<Ackley>(),
        FamilyEntry::of::<Griewank>(),
        FamilyEntry::of::<Levy>(),
        FamilyEntry::of::<Levy13>(),
        FamilyEntry::of::<StyblinskiTang>(),
        FamilyEntry::of::<Qing>(),
        FamilyEntry::of::<Hartmann3>(),
        FamilyEntry::of::<Hartmann6>(),
        FamilyEntry::of::<Shekel>(),
        FamilyEntry::of::<Michalewicz>(),
        FamilyEntry::of::<Schwefel>(),
        FamilyEntry::of::<Eggholder>(),
        FamilyEntry::of::<Schwefel222>(),
        FamilyEntry::of::<Alpine1>(),
        FamilyEntry::of::<Salomon>(),
        FamilyEntry::of::<Bukin6>(),
        FamilyEntry::of::<CrossInTray>(),
        FamilyEntry::of::<HolderTable>(),
        FamilyEntry::of::<StrictSaddle>(),
        FamilyEntry::of::<MonkeySaddle>(),
    ];
    [own, mgh::all()].concat()
}
