//! The law that the log works under, and the facts that it is given.

pub mod basis;
pub mod facts;
pub(crate) mod in_force;
pub mod rulebook;
