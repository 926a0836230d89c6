//! The codes that the process ends with.

/// Something failed: a file, the disk, a key.
pub(crate) const FAILED: u8 = 1;
/// What was asked cannot be meant.
pub(crate) const USAGE: u8 = 2;
/// An import or a document was refused, or an audit found something wrong.
pub(crate) const FOUND: u8 = 3;
/// The store takes nothing until it is opened again: a service manager starts the program anew. The
/// number is that of a failure that passes (`EX_TEMPFAIL`).
pub(crate) const STORE_STOPPED: u8 = 75;
