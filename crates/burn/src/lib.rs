//! downhill-burn
