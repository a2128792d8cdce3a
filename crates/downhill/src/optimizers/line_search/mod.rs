//! Deterministic methods: line searches and quasi-Newton.

optimizers! {}
