//! What the tests of this crate build logs, bundles and archives with.
//!
//! Nothing of it is in the library: the verifier only reads, this writes, honestly or not.

pub(crate) mod bundle;
pub(crate) mod leaves;
pub(crate) mod log;
pub(crate) mod signing;
pub(crate) mod time_stamp;
pub(crate) mod world;
pub(crate) mod zip;
