//! downhill-problems
