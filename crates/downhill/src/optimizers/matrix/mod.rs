//! Preconditioners of whole matrices.

mod muon;
mod products;
mod psgd_kron;
mod shampoo;
mod soap;

pub use muon::MuonScale;
pub use shampoo::ShampooGraft;

// In the order of their discovery.
optimizers! {
    psgd_kron::PsgdKron,
    shampoo::Shampoo,
    soap::Soap,
    muon::Muon,
}
