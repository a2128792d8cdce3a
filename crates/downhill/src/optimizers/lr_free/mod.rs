//! Methods that find their learning rate.

optimizers! {}
