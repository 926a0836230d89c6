//! Reading a signed checkpoint: three lines, an empty line, signature lines.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

use crate::code::{Code, Finding};
use crate::tree::{Hash, hash};

/// A checkpoint whose signature holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkpoint {
    pub(crate) size: u64,
    pub(crate) root: Hash,
}

struct Key {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

fn key(vkey: &str) -> Option<Key> {
    let (name, rest) = vkey.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let bytes = STANDARD.decode(key).ok()?;
    let (kind, public) = bytes.split_first()?;
    let mut named = name.as_bytes().to_vec();
    named.push(b'\n');
    named.extend_from_slice(&bytes);
    let expected = *hash(&named).first_chunk::<4>()?;
    let given = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8)?.to_be_bytes();
    if *kind != 1 || given != expected {
        return None;
    }
    Some(Key { name: name.to_owned(), id: expected, key: VerifyingKey::from_bytes(public.try_into().ok()?).ok()? })
}

/// Checks the note against the log's name and verifier key.
pub(crate) fn check(note: &str, origin: &str, vkey: &str) -> Result<Checkpoint, Finding> {
    let format = |what: &str| Finding::of(Code::CheckpointFormat, what);
    let key = key(vkey).ok_or_else(|| Finding::of(Code::CheckpointSignature, "the verifier key is malformed"))?;
    let (text, signatures) = note.split_once("\n\n").ok_or_else(|| format("there are no signatures"))?;
    let lines: Vec<&str> = text.split('\n').collect();
    let [name, size, root] = lines.as_slice() else { return Err(format("there are not exactly three lines")) };
    let number: u64 = size.parse().map_err(|_| format("the size is not a number"))?;
    let digest = STANDARD.decode(root).map_err(|_| format("the root is not base64"))?;
    let digest: Hash = digest.try_into().map_err(|_| format("the root is not 32 bytes"))?;
    if number.to_string() != **size {
        return Err(format("the size is not in its shortest form"));
    }
    if *name != origin || key.name != origin {
        return Err(Finding::of(Code::CheckpointOrigin, format!("it names {name}")));
    }
    if !signatures.ends_with('\n') {
        return Err(format("the last line does not end"));
    }
    for line in signatures.lines() {
        let Some((signer, blob)) = line.strip_prefix("\u{2014} ").and_then(|line| line.split_once(' ')) else {
            return Err(format("a signature line is malformed"));
        };
        let blob = STANDARD.decode(blob).map_err(|_| format("a signature is not base64"))?;
        let Some((id, signature)) = blob.split_first_chunk::<4>() else { return Err(format("a signature is too short")) };
        if signer != key.name || *id != key.id {
            continue;
        }
        let signature: &[u8; 64] = signature.try_into().map_err(|_| Finding::of(Code::CheckpointSignature, "its length is wrong"))?;
        let signed = format!("{text}\n");
        return match key.key.verify_strict(signed.as_bytes(), &Signature::from_bytes(signature)) {
            Ok(()) => Ok(Checkpoint { size: number, root: digest }),
            Err(_) => Err(Finding::of(Code::CheckpointSignature, "the log's signature does not fit")),
        };
    }
    Err(Finding::of(Code::CheckpointSignature, "the log has not signed it"))
}
