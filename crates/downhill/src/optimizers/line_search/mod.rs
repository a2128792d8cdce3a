//! Deterministic methods: line searches and quasi-Newton.

mod armijo;
mod barzilai_borwein;
mod l_bfgs;
mod line;
mod nonlinear_cg;
mod wolfe;

pub use barzilai_borwein::Quotient;
pub use nonlinear_cg::Beta;

optimizers! {
    armijo::Armijo,
    barzilai_borwein::BarzilaiBorwein,
    nonlinear_cg::NonlinearCg,
    l_bfgs::LBfgs,
}
