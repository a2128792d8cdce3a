//! Scales from the diagonal of the Hessian.

optimizers! {}
