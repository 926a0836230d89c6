//! The bytes of one file, copied or inflated piece by piece. Knows nothing of names and sums.

use std::io::Read;

use miniz_oxide::inflate::stream::{InflateState, inflate as step};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

use crate::files::Failure;

const PIECE_BYTES: usize = 32 << 10;

/// Hands all bytes on, until `piece` has had enough. True when all were taken.
pub(super) fn copy(
    mut source: impl Read,
    piece: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<bool, Failure> {
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        let count = source.read(&mut buffer)?;
        let bytes = buffer.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(true);
        }
        if !piece(bytes) {
            return Ok(false);
        }
    }
}

/// Inflates, until `piece` has had enough. True when the stream ends exactly where the bytes do.
pub(super) fn inflate(
    mut source: impl Read,
    piece: &mut dyn FnMut(&[u8]) -> bool,
) -> Result<bool, Failure> {
    let mut state = InflateState::new_boxed(DataFormat::Raw);
    let (mut input, mut output) = (vec![0; PIECE_BYTES], vec![0; PIECE_BYTES]);
    loop {
        let count = source.read(&mut input)?;
        let mut rest = input.get(..count).unwrap_or_default();
        if rest.is_empty() {
            return Ok(false);
        }
        loop {
            let done = step(&mut state, rest, &mut output, MZFlush::None);
            rest = rest.get(done.bytes_consumed..).unwrap_or_default();
            let written = output.get(..done.bytes_written).unwrap_or_default();
            if !written.is_empty() && !piece(written) {
                return Ok(false);
            }
            match done.status {
                Ok(MZStatus::StreamEnd) => {
                    return Ok(rest.is_empty() && source.read(&mut input)? == 0);
                }
                Ok(_) if written.is_empty() && rest.is_empty() => break,
                Ok(_) if written.is_empty() && done.bytes_consumed == 0 => return Ok(false),
                Err(MZError::Buf) if rest.is_empty() => break,
                Ok(_) => {}
                Err(_) => return Ok(false),
            }
        }
    }
}
