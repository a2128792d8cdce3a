//! Variance reduction for finite sums.

optimizers! {}
