//! A mirror (C2SP tlog-mirror) takes a checkpoint as a witness does, and does not cosign it then:
//! its cosignature, that it has kept everything, is asked for apart.

use record::checkpoint::Checkpoint;
use record::cosignature::NoteVerifier;
use record::note::{Note, parse_lines};
use record::positions::Size;

use super::{TransportAnswer, WitnessTransport};
use crate::error::BoxError;

/// The head of a request that brings no entries: it asks whether all of them are kept.
fn head(origin: &str, size: Size) -> Option<Vec<u8>> {
    let mut bytes = u16::try_from(origin.len()).ok()?.to_be_bytes().to_vec();
    bytes.extend_from_slice(origin.as_bytes());
    bytes.extend([size.to_be_bytes(), size.to_be_bytes()].concat());
    bytes.extend([0, 0]);
    Some(bytes)
}

fn submitted(body: &str) -> Option<Checkpoint> {
    let (_, note) = body.split_once("\n\n")?;
    Checkpoint::parse_body(&Note::parse(note).ok()?.body).ok()
}

/// The answer with the line of this key: as it was given, or, where the checkpoint was taken and no
/// line is of this key, as the mirror gives it.
pub(super) fn line(
    transport: &dyn WitnessTransport,
    url: &str,
    key: &NoteVerifier,
    body: &str,
    answer: TransportAnswer,
) -> Result<TransportAnswer, BoxError> {
    if answer.status != 200 {
        return Ok(answer);
    }
    if parse_lines(&answer.body).is_ok_and(|lines| lines.iter().any(|line| key.owns(line))) {
        return Ok(answer);
    }
    let Some(head) =
        submitted(body).and_then(|checkpoint| head(&checkpoint.origin, checkpoint.size))
    else {
        return Ok(answer);
    };
    let mirrored = transport.add_entries(url, &head)?;
    match mirrored.status {
        // It is no mirror, and its first answer is the one that counts.
        404 => Ok(answer),
        409 => Err("as a mirror it does not keep this checkpoint yet".into()),
        _ => Ok(mirrored),
    }
}
