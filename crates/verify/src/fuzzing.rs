//! One function for every reader of foreign bytes. Whatever the bytes are, none may panic, hang or
//! use memory beyond the stated limits; what is read is read again where it has one written form.

use std::collections::BTreeMap;
use std::io::Cursor;

use sha2::{Digest, Sha256};

use crate::bundle::{self, NoAuthority, Pin, Receipt, Trust};
use crate::files::{Files, whole};
use crate::jws::Signed;
use crate::note;
use crate::policy::Policy;
use crate::position::Size;
use crate::zip::Zip;
use crate::{dossier, entry, json, proof, time_stamp};

/// Files of one input, so that a run stays short.
const BYTES_MAX: u64 = 1 << 20;

/// An archive, read as a bundle or a dossier.
pub fn archive(policy: &[u8], bytes: &[u8]) -> bool {
    let (Ok(policy), Ok(mut zip)) = (Policy::parse(policy), Zip::open(Cursor::new(bytes))) else {
        return false;
    };
    let trust = Trust {
        policy,
        pin: None,
        receipts: Vec::new(),
        verifying: None,
    };
    if dossier::is_dossier(&zip) {
        return dossier::check(&mut zip, &trust, &NoAuthority, &mut |_, _| {}).is_ok();
    }
    bundle::check(&mut zip, &trust, &NoAuthority, &mut |_, _| {}).is_ok()
}

/// A bundle in which one file is replaced and the lists fit again: the first byte names the file,
/// the others are its new content. An archive is read as it is.
pub fn bundle(example: &[u8], policy: &[u8], bytes: &[u8]) -> bool {
    let Some((place, content)) = bytes.split_first().filter(|_| !bytes.starts_with(b"PK")) else {
        return archive(policy, bytes);
    };
    let (Ok(policy), Some(mut files)) = (Policy::parse(policy), unpacked(example)) else {
        return false;
    };
    let Some(name) = files
        .keys()
        .nth(usize::from(*place) % files.len().max(1))
        .cloned()
    else {
        return false;
    };
    files.insert(name, content.to_vec());
    relist(&mut files);
    let trust = Trust {
        policy,
        pin: None,
        receipts: Vec::new(),
        verifying: None,
    };
    bundle::check(&mut files, &trust, &NoAuthority, &mut |_, _| {}).is_ok()
}

/// The files of an archive.
#[must_use]
pub fn unpacked(archive: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
    let mut zip = Zip::open(Cursor::new(archive)).ok()?;
    zip.list()
        .into_iter()
        .map(|(name, _)| {
            whole(&mut zip, &name, BYTES_MAX)
                .ok()
                .map(|bytes| (name, bytes))
        })
        .collect()
}

/// Makes the two lists of a bag fit its files again.
pub fn relist(files: &mut BTreeMap<String, Vec<u8>>) {
    for (list, payload) in [
        ("manifest-sha256.txt", true),
        ("tagmanifest-sha256.txt", false),
    ] {
        let listed = files.iter().filter(|(name, _)| {
            name.starts_with("data/") == payload && *name != "tagmanifest-sha256.txt"
        });
        let row = |(name, bytes): (&String, &Vec<u8>)| {
            let hex: String = Sha256::digest(bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("{hex}  {name}\n")
        };
        let text: String = listed.map(row).collect();
        files.insert(list.to_owned(), text.into_bytes());
    }
}

/// A signed note; as a pin it needs no signature.
pub fn note(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    drop(Pin::parse(text));
    note::open(text).is_ok()
}

/// A checkpoint under a policy.
pub fn checkpoint(policy: &[u8], bytes: &[u8]) -> bool {
    let (Ok(policy), Ok(text)) = (Policy::parse(policy), std::str::from_utf8(bytes)) else {
        return false;
    };
    let Ok(note) = note::open(text) else {
        return false;
    };
    let cosigned = policy.check(&note, &note.origin, crate::policy::Strictness::Full);
    cosigned.is_ok_and(|cosigned| cosigned.body == note.body)
}

/// A policy.
pub fn policy(bytes: &[u8]) -> bool {
    Policy::parse(bytes).is_ok()
}

/// An entry of any type.
pub fn jws(bytes: &[u8]) -> bool {
    Signed::parse(bytes).is_ok_and(|signed| entry::read(&signed.typ, &signed.payload).is_some())
}

/// An event with its disclosures, read against the digest that its entry states.
pub fn disclosure(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let Ok(signed) = Signed::parse(text.split('~').next().unwrap_or_default().as_bytes()) else {
        return false;
    };
    let Some((_, entry::Kind::Event(event))) = entry::read(&signed.typ, &signed.payload) else {
        return false;
    };
    bundle::reads(text, &signed.payload, event.blobs.len())
}

/// A proof of inclusion, lines of a consistency proof, a receipt.
pub fn tlog_proof(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    drop((proof::parse_lines(text), Receipt::parse(text)));
    let Ok(proof) = proof::parse(text) else {
        return false;
    };
    let Ok(note) = note::open(proof.note) else {
        return false;
    };
    proof::root_by_inclusion(
        note.checkpoint.root,
        proof.index,
        note.checkpoint.size,
        &proof.path,
    );
    proof::is_consistent(
        (Size::new(proof.index.get()), note.checkpoint.root),
        (note.checkpoint.size, note.checkpoint.root),
        &proof.path,
    );
    true
}

/// JSON in its one form, and a time stamp.
pub fn values(bytes: &[u8]) -> bool {
    json::parse(bytes).is_ok() || time_stamp::read(bytes).is_ok()
}
