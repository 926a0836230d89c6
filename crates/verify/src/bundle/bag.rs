//! V1: the files of a bundle form one bag of RFC 8493 (`BagIt`) whose lists name every file.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::names::{self, MANIFEST, TAG_MANIFEST, TAGS};
use crate::code::Code;
use crate::files::{self, Failure, Files};
use crate::position::Seq;
use crate::tree::Hash;

/// Bytes of a description, a checkpoint, a proof, a time stamp or an entry.
pub const BYTES_MAX: u64 = 1 << 20;
/// Bytes of an event with what it discloses.
pub const EVENT_BYTES_MAX: u64 = 64 << 20;
/// Bytes of a list of files.
const MANIFEST_BYTES_MAX: u64 = 256 << 20;
/// Files of a bundle.
const FILES_MAX: usize = 1_000_000;

pub(super) struct Bag<'a> {
    files: &'a mut dyn Files,
    /// The one directory in which the bag lies, with its slash, or nothing.
    base: String,
    sizes: BTreeMap<String, u64>,
}

fn wrong(what: impl Into<String>) -> Failure {
    Failure::of(Code::BundleFormat, what)
}

impl<'a> Bag<'a> {
    /// Reads every file once and compares it with the lists.
    pub(super) fn open(
        files: &'a mut dyn Files,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, Failure> {
        let listed = files.list();
        if listed.len() > FILES_MAX {
            return Err(wrong("there are too many files"));
        }
        let base = base(&listed)
            .ok_or_else(|| wrong("there is no bagit.txt, or there are files beside the bag"))?;
        let sizes = listed
            .into_iter()
            .map(|(name, size)| (name.get(base.len()..).unwrap_or_default().to_owned(), size))
            .collect();
        let mut bag = Self { files, base, sizes };
        for name in bag.sizes.keys() {
            if !TAGS.contains(&name.as_str()) && name != TAG_MANIFEST && !names::allowed(name) {
                return Err(wrong(format!("{name} is not a file of a bundle")));
            }
        }
        bag.tags()?;
        let (tags, payload) = (bag.manifest(TAG_MANIFEST)?, bag.manifest(MANIFEST)?);
        if !tags
            .keys()
            .map(String::as_str)
            .eq(["bag-info.txt", "bagit.txt", "manifest-sha256.txt"])
        {
            return Err(wrong(
                "tagmanifest-sha256.txt must list bagit.txt, bag-info.txt and manifest-sha256.txt",
            ));
        }
        if let Some(name) = payload.keys().find(|name| !names::allowed(name)) {
            return Err(wrong(format!(
                "the list names {name}, which is not a file of a bundle"
            )));
        }
        if let Some(name) = bag
            .sizes
            .keys()
            .find(|name| names::allowed(name) && !payload.contains_key(*name))
        {
            return Err(wrong(format!("{name} stands in no list")));
        }
        bag.compare(&tags.into_iter().chain(payload).collect(), progress)?;
        Ok(bag)
    }

    fn tags(&mut self) -> Result<(), Failure> {
        if self.text("bagit.txt", Code::BundleFormat)?
            != "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
        {
            return Err(wrong("bagit.txt is not that of BagIt 1.0 in UTF-8"));
        }
        let info = self.text("bag-info.txt", Code::BundleFormat)?;
        for line in info.lines() {
            let Some((label, value)) = line.split_once(':') else {
                if line.starts_with([' ', '\t']) || line.is_empty() {
                    continue;
                }
                return Err(wrong("a line of bag-info.txt has no label"));
            };
            if label == "Payload-Oxum" && value.trim() != self.oxum() {
                return Err(Failure::of(
                    Code::BundleManifest,
                    format!(
                        "the payload is {}, bag-info.txt says {}",
                        self.oxum(),
                        value.trim()
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Bytes and number of the payload files.
    fn oxum(&self) -> String {
        let payload = || self.sizes.iter().filter(|(name, _)| names::allowed(name));
        format!(
            "{}.{}",
            payload().map(|(_, size)| size).sum::<u64>(),
            payload().count()
        )
    }

    fn manifest(&mut self, name: &str) -> Result<BTreeMap<String, Hash>, Failure> {
        let text = self.text_of(name, MANIFEST_BYTES_MAX, Code::BundleFormat)?;
        let malformed = || {
            wrong(format!(
                "a line of {name} is not a SHA-256 and a name, or a name stands twice"
            ))
        };
        let mut found = BTreeMap::new();
        for line in text.strip_suffix('\n').ok_or_else(malformed)?.split('\n') {
            let (digest, file) = line.split_once([' ', '\t']).ok_or_else(malformed)?;
            let digest = hex(digest).ok_or_else(malformed)?;
            if found
                .insert(file.trim_start_matches([' ', '\t']).to_owned(), digest)
                .is_some()
            {
                return Err(malformed());
            }
        }
        Ok(found)
    }

    fn compare(
        &mut self,
        lists: &BTreeMap<String, Hash>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Failure> {
        let (mut done, total) = (0, self.sizes.values().sum());
        for (name, expected) in lists {
            if !self.has(name) {
                return Err(Failure::of(
                    Code::BundleManifest,
                    format!("{name} is listed and is not there"),
                ));
            }
            if self.digest(name, &mut |count| {
                done += count;
                progress(done, total);
            })? != *expected
            {
                return Err(Failure::of(
                    Code::BundleManifest,
                    format!("{name} is not the file that the list names"),
                ));
            }
        }
        Ok(())
    }

    /// The SHA-256 of a file, read in pieces.
    pub(super) fn digest(
        &mut self,
        name: &str,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Hash, Failure> {
        let mut hasher = Sha256::new();
        self.files
            .read(&format!("{}{name}", self.base), &mut |piece| {
                hasher.update(piece);
                progress(piece.len() as u64);
            })?;
        Ok(hasher.finalize().into())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.sizes.contains_key(name)
    }

    pub(super) fn size(&self, name: &str) -> Option<u64> {
        self.sizes.get(name).copied()
    }

    /// The names that begin so, in order.
    pub(super) fn under(&self, prefix: &str) -> Vec<String> {
        self.sizes
            .range(prefix.to_owned()..)
            .map(|(name, _)| name)
            .take_while(|name| name.starts_with(prefix))
            .cloned()
            .collect()
    }

    pub(super) fn bytes(&mut self, name: &str) -> Result<Vec<u8>, Failure> {
        files::whole(self.files, &format!("{}{name}", self.base), BYTES_MAX)
    }

    /// A small text; `code` where it is missing or not UTF-8.
    pub(super) fn text(&mut self, name: &str, code: Code) -> Result<String, Failure> {
        self.text_of(name, BYTES_MAX, code)
    }

    pub(super) fn text_of(
        &mut self,
        name: &str,
        bytes_max: u64,
        code: Code,
    ) -> Result<String, Failure> {
        if !self.has(name) {
            return Err(Failure::of(code, format!("{name} is missing")));
        }
        files::text(self.files, &format!("{}{name}", self.base), bytes_max, code)
    }

    /// Every proof and every evidence of time belongs to one of the events.
    pub(super) fn owned(&self, events: usize) -> Result<(), Failure> {
        let stray = self
            .under("data/proofs/")
            .into_iter()
            .chain(self.under("data/time/"))
            .find(|name| {
                names::seq(name)
                    .and_then(Seq::offset)
                    .is_none_or(|offset| offset >= events)
            });
        match stray {
            Some(name) => Err(wrong(format!("{name} belongs to no event"))),
            None => Ok(()),
        }
    }
}

/// The directory in which the bag lies: none, or the one that everything lies in.
fn base(listed: &[(String, u64)]) -> Option<String> {
    if listed.iter().any(|(name, _)| name == "bagit.txt") {
        return Some(String::new());
    }
    let (directory, _) = listed.first()?.0.split_once('/')?;
    let base = format!("{directory}/");
    let bag = listed.iter().all(|(name, _)| name.starts_with(&base))
        && listed
            .iter()
            .any(|(name, _)| *name == format!("{base}bagit.txt"));
    bag.then_some(base)
}

/// A SHA-256 in hexadecimal digits.
pub(crate) fn hex(text: &str) -> Option<Hash> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    if digits.len() == 64 {
        bytes.try_into().ok()
    } else {
        None
    }
}
