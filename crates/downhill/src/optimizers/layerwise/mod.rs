//! Steps scaled by norms of whole blocks.

optimizers! {}
