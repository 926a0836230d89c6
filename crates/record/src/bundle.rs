//! The evidence of one stream: a bag (`BagIt` 1.0, RFC 8493) of signed entries with their
//! disclosures, proofs and checkpoints, which can be checked without the program that made it.
//!
//! This module fixes names and texts; what goes into a bag is gathered by its caller, and how its
//! files are packed is not decided here.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::canonical::{self, CanonicalError};
use crate::hash::Hash;
use crate::positions::{Seq, Size};

/// Paths of the files of a bag, by what they hold.
pub mod path {
    use crate::hash::Hash;
    use crate::positions::{Seq, Size};

    /// What the bag is about.
    pub const BUNDLE: &str = "data/bundle.json";
    /// The cosigned checkpoint that everything is proven against.
    pub const CHECKPOINT: &str = "data/checkpoint";
    /// The heads entry that ends the checkpointed log.
    pub const HEADS: &str = "data/heads.jws";
    /// Proof of the heads entry.
    pub const HEADS_PROOF: &str = "data/heads.tlog-proof";

    /// The event with this sequence, and its disclosures.
    #[must_use]
    pub fn event(seq: Seq) -> String {
        format!("data/events/{seq:06}.sd-jwt")
    }

    /// Proof of that event.
    #[must_use]
    pub fn proof(seq: Seq) -> String {
        format!("data/proofs/{seq:06}.tlog-proof")
    }

    /// Proof of that event in the first cosigned checkpoint that contains it.
    #[must_use]
    pub fn first(seq: Seq) -> String {
        format!("data/time/{seq:06}.tlog-proof")
    }

    /// The last cosigned checkpoint that does not contain it.
    #[must_use]
    pub fn before(seq: Seq) -> String {
        format!("data/time/{seq:06}.before")
    }

    /// A keys entry, the oldest being 0.
    #[must_use]
    pub fn keys(number: usize) -> String {
        format!("data/keys/{number:04}.jws")
    }

    /// Proof of a keys entry.
    #[must_use]
    pub fn keys_proof(number: usize) -> String {
        format!("data/keys/{number:04}.tlog-proof")
    }

    /// Proof that the log of this size is a beginning of the checkpointed one.
    #[must_use]
    pub fn consistency(old: Size) -> String {
        format!("data/consistency/{old}.txt")
    }

    /// A time stamp token over the checkpoint.
    #[must_use]
    pub fn token(number: usize) -> String {
        format!("data/tst/{number:04}.tsr")
    }

    /// The text of an earlier checkpoint, of this size, that was stamped.
    #[must_use]
    pub fn stamped(size: Size) -> String {
        format!("data/tst/{size}.body")
    }

    /// A time stamp token over it.
    #[must_use]
    pub fn earlier_token(size: Size) -> String {
        format!("data/tst/{size}-0000.tsr")
    }

    /// A document.
    #[must_use]
    pub fn document(sha256: &Hash) -> String {
        format!("data/files/{sha256}")
    }
}

/// An entry with the disclosures that go with it: an SD-JWT of RFC 9901.
#[must_use]
pub fn sd_jwt(entry: &[u8], disclosures: &[String]) -> Vec<u8> {
    let mut text = entry.to_vec();
    text.push(b'~');
    for disclosure in disclosures {
        text.extend_from_slice(disclosure.as_bytes());
        text.push(b'~');
    }
    text
}

/// Something that is left out of a bag, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// Sequence of the event.
    pub seq: Seq,
    /// Digest of the disclosure that is left out.
    pub digest: Hash,
    /// Why: the section of law and the reason.
    pub reason: String,
}

/// What a bag is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Name of the log.
    pub origin: String,
    /// The stream.
    pub stream: Uuid,
    /// Its ordinal.
    pub ordinal: u64,
    /// Size of the checkpointed log.
    pub size: Size,
    /// Path from the stream's head to the root of the heads tree.
    pub path: Vec<Hash>,
    /// What was left out.
    pub redactions: Vec<Redaction>,
}

impl Description {
    /// The bytes of [`path::BUNDLE`].
    ///
    /// # Errors
    /// [`CanonicalError`] when a reason has no canonical form.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        let redactions: Vec<Value> = self
            .redactions
            .iter()
            .map(|left_out| json!([left_out.seq, left_out.digest.to_b64u(), left_out.reason]))
            .collect();
        let path: Vec<String> = self
            .path
            .iter()
            .map(|hash| STANDARD.encode(hash.as_bytes()))
            .collect();
        canonical::to_vec(&json!({
            "format": "sag-bundle/1",
            "no": self.ordinal,
            "origin": self.origin,
            "path": path,
            "redactions": redactions,
            "size": self.size,
            "stream": self.stream.hyphenated().to_string(),
        }))
    }
}

/// The lists of a bag: which file has which hash.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    files: Vec<(String, Hash)>,
    bytes: u64,
}

impl Manifest {
    /// Takes a file of the payload, whose path begins with `data/`.
    pub fn add(&mut self, path: &str, hash: Hash, bytes: u64) {
        self.files.push((path.to_owned(), hash));
        self.bytes += bytes;
    }

    /// Number of files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The files beside the payload, in the order in which they are written; `about` are further
    /// lines of `bag-info.txt`, as label and value in one line each.
    #[must_use]
    pub fn tag_files(&self, about: &[(&str, &str)]) -> Vec<(&'static str, String)> {
        let mut info: String = about
            .iter()
            .map(|(label, value)| format!("{label}: {value}\n"))
            .collect();
        info.push_str(&format!(
            "Payload-Oxum: {}.{}\n",
            self.bytes,
            self.files.len()
        ));
        let mut files = vec![
            (
                "bagit.txt",
                "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_owned(),
            ),
            ("bag-info.txt", info),
            (
                "manifest-sha256.txt",
                lines(self.files.iter().map(|(path, hash)| (path.as_str(), *hash))),
            ),
        ];
        let tags = lines(
            files
                .iter()
                .map(|(name, text)| (*name, crate::hash::sha256(text.as_bytes()))),
        );
        files.push(("tagmanifest-sha256.txt", tags));
        files
    }
}

fn lines<'a>(files: impl Iterator<Item = (&'a str, Hash)>) -> String {
    files
        .map(|(path, hash)| format!("{hash}  {path}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::sha256;

    #[test]
    fn the_lists_of_a_bag_name_every_file_once() {
        let mut manifest = Manifest::default();
        manifest.add(path::BUNDLE, sha256(b"{}"), 2);
        manifest.add(&path::event(Seq::FIRST), sha256(b"a~"), 2);
        let files = manifest.tag_files(&[("Source-Organization", "log.example/0999/sag")]);
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            [
                "bagit.txt",
                "bag-info.txt",
                "manifest-sha256.txt",
                "tagmanifest-sha256.txt"
            ]
        );
        let text = |wanted: &str| {
            files
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, text)| text.clone())
                .unwrap_or_default()
        };
        assert_eq!(
            text("bag-info.txt"),
            "Source-Organization: log.example/0999/sag\nPayload-Oxum: 4.2\n"
        );
        assert!(
            text("manifest-sha256.txt")
                .lines()
                .all(|line| line.len() > 66 && line.contains("  data/"))
        );
        assert_eq!(text("tagmanifest-sha256.txt").lines().count(), 3);
    }

    #[test]
    fn what_a_bag_is_about_is_canonical() {
        let about = Description {
            origin: "log.example/0999/sag".to_owned(),
            stream: Uuid::from_u64_pair(1, 2),
            ordinal: 3,
            size: Size::new(9),
            path: vec![sha256(b"a")],
            redactions: vec![Redaction {
                seq: Seq::new(2).unwrap(),
                digest: sha256(b"d"),
                reason: "FVL § 15: private".to_owned(),
            }],
        };
        let bytes = about.to_bytes().unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(canonical::to_vec(&value).unwrap(), bytes);
        assert_eq!(value["redactions"][0][0], 2);
    }
}
