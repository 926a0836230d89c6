//! The body of `add-checkpoint`.

use verify::position::Size;

use crate::note::{Checkpoint, hash, number};
use crate::tree::Hash;

/// The most bytes of a request: sixty-four signatures of five thousand bytes would not be sent.
pub const REQUEST_BYTES_MAX: usize = 256 * 1024;
/// The most hashes of a proof.
const PROOF_LINES_MAX: usize = 63;

/// A request that is well formed; nothing of it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub(crate) old: Size,
    pub(crate) proof: Vec<Hash>,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) note: String,
}

/// The body is not what it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Longer than [`REQUEST_BYTES_MAX`].
    #[error("the request is too long")]
    TooLong,
    /// The first line is not `old` and a size.
    #[error("the first line must be: old SIZE")]
    Old,
    /// A line of the proof is not a hash, or there are too many.
    #[error("the proof must be at most 63 lines of base64")]
    Proof,
    /// What follows is no signed checkpoint.
    #[error("the checkpoint is malformed")]
    Checkpoint,
}

/// Reads the body of a request.
///
/// # Errors
/// [`RequestError`].
pub fn parse_request(body: &[u8]) -> Result<Request, RequestError> {
    if body.len() > REQUEST_BYTES_MAX {
        return Err(RequestError::TooLong);
    }
    let body = std::str::from_utf8(body).map_err(|_| RequestError::Checkpoint)?;
    let (head, note) = body.split_once("\n\n").ok_or(RequestError::Checkpoint)?;
    let mut lines = head.split('\n');
    let old = lines
        .next()
        .and_then(|line| line.strip_prefix("old "))
        .and_then(number)
        .map(Size::new)
        .ok_or(RequestError::Old)?;
    let proof: Option<Vec<Hash>> = lines.map(hash).collect();
    let proof = proof
        .filter(|proof| proof.len() <= PROOF_LINES_MAX)
        .ok_or(RequestError::Proof)?;
    let checkpoint = Checkpoint::parse(note).ok_or(RequestError::Checkpoint)?;
    Ok(Request {
        old,
        proof,
        checkpoint,
        note: note.to_owned(),
    })
}
