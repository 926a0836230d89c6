//! What leaves the house as proof: receipts, bundles with their dossier, tiles.

pub mod bundle;
pub mod dossier;
pub mod markup;
pub mod receipt;
pub mod tiles;
