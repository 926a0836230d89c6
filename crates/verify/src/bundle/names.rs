//! The names that files of a bundle may have. Anything else is refused.

use crate::position::Seq;

/// The files of a bag that describe the bag.
pub(super) const TAGS: [&str; 3] = ["bagit.txt", "bag-info.txt", "manifest-sha256.txt"];
pub(super) const MANIFEST: &str = "manifest-sha256.txt";
pub(super) const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a bundle may hold a payload file of that name.
pub(super) fn allowed(name: &str) -> bool {
    let Some(name) = name.strip_prefix("data/") else {
        return false;
    };
    let Some((directory, file)) = name.split_once('/') else {
        return matches!(
            name,
            "bundle.json" | "checkpoint" | "heads.jws" | "heads.tlog-proof"
        );
    };
    let Some((stem, ending)) = file.split_once('.') else {
        return directory == "files"
            && file.len() == 64
            && file
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    };
    match (directory, ending) {
        ("events", "sd-jwt") | ("proofs", "tlog-proof") | ("time", "tlog-proof" | "before") => {
            digits(stem, 6)
        }
        ("keys", "jws" | "tlog-proof") => digits(stem, 4),
        ("consistency", "txt") => crate::note::number(stem).is_some(),
        ("tst", "body") => crate::note::number(stem).is_some(),
        ("tst", "tsr") => {
            !stem.is_empty()
                && stem
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        }
        _ => false,
    }
}

pub(super) fn event(seq: Seq) -> String {
    format!("data/events/{seq:06}.sd-jwt")
}

pub(super) fn proof(seq: Seq) -> String {
    format!("data/proofs/{seq:06}.tlog-proof")
}

pub(super) fn after(seq: Seq) -> String {
    format!("data/time/{seq:06}.tlog-proof")
}

pub(super) fn before(seq: Seq) -> String {
    format!("data/time/{seq:06}.before")
}

/// The sequence that a name ends in, behind the last slash.
pub(super) fn seq(name: &str) -> Option<Seq> {
    let number = name.rsplit('/').next()?.split('.').next()?;
    number.parse().ok().map(Seq::new)
}
