//! Preconditioners of whole matrices.

optimizers! {}
