//! Bundles of a [`World`] that can still be changed; their lists are made at the end, so that a
//! change is not found by a list that no longer fits.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::log::{ORIGIN, b64};
use super::world::{CASE, World};
use crate::bundle::{self, NoAuthority, Trust, Verdict};
use crate::code::{Code, Finding};
use crate::files::Failure;
use crate::tree::hash;

/// A bundle that can still be changed; its lists are made at the end.
#[derive(Clone)]
pub(crate) struct Bundle {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) description: Value,
}

impl World {
    pub(crate) fn proof(&self, index: usize, size: usize, note: &str) -> String {
        let path = self.leaves().path(index, 0, size);
        let path: String = path
            .iter()
            .map(|hash| format!("{}\n", STANDARD.encode(hash)))
            .collect();
        format!("c2sp.org/tlog-proof@v1\nindex {index}\n{path}\n{note}")
    }

    /// An honest bundle of a stream at the newest checkpoint: everything shown that is not erased.
    pub(crate) fn bundle(&self, stream: &str) -> Bundle {
        let (size, _, checkpoint) = self.checkpoints.last().unwrap().clone();
        let bare = format!("{}\n{}", self.body(size), self.log_line(&self.body(size)));
        let mut files = BTreeMap::new();
        let events = self.stream(stream);
        let erased: Vec<Value> = events
            .iter()
            .filter_map(|index| self.payloads[*index]["er"].as_array())
            .flatten()
            .cloned()
            .collect();
        for (seq, index) in (1_u64..).zip(&events) {
            let text = self.shown(seq, *index, &erased);
            files.insert(format!("data/events/{seq:06}.sd-jwt"), text.into_bytes());
            files.insert(
                format!("data/proofs/{seq:06}.tlog-proof"),
                self.proof(*index, size, &bare).into_bytes(),
            );
            self.evidence_of_time(seq, *index, &mut files);
        }
        let keys = (0..size).filter(|index| self.payloads[*index].get("jwks").is_some());
        for (number, index) in keys.enumerate() {
            files.insert(
                format!("data/keys/{number:04}.jws"),
                self.entries[index].clone(),
            );
            files.insert(
                format!("data/keys/{number:04}.tlog-proof"),
                self.proof(index, size, &bare).into_bytes(),
            );
        }
        files.insert("data/heads.jws".into(), self.entries[size - 1].clone());
        files.insert(
            "data/heads.tlog-proof".into(),
            self.proof(size - 1, size, &bare).into_bytes(),
        );
        files.insert("data/checkpoint".into(), checkpoint.into_bytes());
        if stream == CASE {
            for document in &self.documents {
                let name: String = hash(document)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                files.insert(format!("data/files/{name}"), document.clone());
            }
        }
        let description = self.description(stream, events[0], size);
        Bundle { files, description }
    }

    /// An entry with the disclosures of it that are not erased.
    fn shown(&self, seq: u64, index: usize, erased: &[Value]) -> String {
        let gone = |part: usize, digest: String| {
            erased.contains(&json!([seq, part])) || erased.contains(&json!([seq, part, digest]))
        };
        let open = &self.open[&index];
        let mut text = String::from_utf8(self.entries[index].clone()).unwrap() + "~";
        if !gone(0, String::new()) {
            text += &format!("{}~", open.payload);
            for (part, _, value) in &open.values {
                if !gone(*part, b64(&hash(value.as_bytes()))) {
                    text += &format!("{value}~");
                }
            }
        }
        text
    }

    /// Adds the checkpoints right before and behind an entry.
    fn evidence_of_time(&self, seq: u64, index: usize, files: &mut BTreeMap<String, Vec<u8>>) {
        if let Some((first, _, note)) = self.checkpoints.iter().find(|(size, ..)| *size > index) {
            files.insert(
                format!("data/time/{seq:06}.tlog-proof"),
                self.proof(index, *first, note).into_bytes(),
            );
        }
        if let Some((.., note)) = self
            .checkpoints
            .iter()
            .rev()
            .find(|(size, ..)| *size <= index)
        {
            files.insert(
                format!("data/time/{seq:06}.before"),
                note.clone().into_bytes(),
            );
        }
    }

    fn description(&self, stream: &str, first: usize, size: usize) -> Value {
        let heads = self.heads_leaves();
        let ordinal = self.payloads[first]["no"].as_u64().unwrap();
        let path: Vec<String> = heads
            .path(usize::try_from(ordinal).unwrap(), 0, heads.0.len())
            .iter()
            .map(|hash| STANDARD.encode(hash))
            .collect();
        json!({
            "format": "sag-bundle/1", "origin": ORIGIN, "stream": stream, "no": ordinal, "size": size, "path": path, "redactions": [],
        })
    }

    pub(crate) fn consistency(&self, old: usize) -> Vec<u8> {
        let path = self.leaves().consistency(old, 0, self.entries.len(), true);
        path.iter()
            .map(|hash| format!("{}\n", STANDARD.encode(hash)))
            .collect::<String>()
            .into_bytes()
    }
}

impl Bundle {
    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.files[name].clone()).unwrap()
    }

    /// Replaces a text once; fails where it does not stand.
    pub(crate) fn replace(mut self, name: &str, old: &str, new: &str) -> Self {
        let text = self.text(name);
        assert!(text.contains(old), "{name} holds {old}");
        self.files
            .insert(name.into(), text.replacen(old, new, 1).into_bytes());
        self
    }

    pub(crate) fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.into(), bytes.into());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        assert!(self.files.remove(name).is_some(), "{name}");
        self
    }

    pub(crate) fn redact(mut self, seq: u64, digest: &str) -> Self {
        self.description["redactions"]
            .as_array_mut()
            .unwrap()
            .push(json!([seq, digest, "FVL § 15"]));
        self
    }

    /// All files with fitting lists.
    pub(crate) fn complete(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files.clone();
        files.insert(
            "data/bundle.json".into(),
            self.description.to_string().into_bytes(),
        );
        let list = |names: &mut dyn Iterator<Item = (&String, &Vec<u8>)>| {
            let row = |(name, bytes): (&String, &Vec<u8>)| {
                format!(
                    "{}  {name}\n",
                    hash(bytes)
                        .iter()
                        .map(|byte| format!("{byte:02x}"))
                        .collect::<String>()
                )
            };
            names.map(row).collect::<String>().into_bytes()
        };
        let manifest = list(&mut files.iter());
        let tags: BTreeMap<String, Vec<u8>> = [
            (
                "bagit.txt".to_owned(),
                b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_vec(),
            ),
            (
                "bag-info.txt".to_owned(),
                b"Source-Organization: Aarhus\n".to_vec(),
            ),
            ("manifest-sha256.txt".to_owned(), manifest),
        ]
        .into();
        files.insert("tagmanifest-sha256.txt".into(), list(&mut tags.iter()));
        files.extend(tags);
        files
    }

    /// Replaces the entry of an event, and leaves its disclosures.
    pub(crate) fn with_entry(self, seq: u64, entry: &[u8]) -> Self {
        let name = format!("data/events/{seq:06}.sd-jwt");
        let text = self.text(&name);
        let behind = &text[text.find('~').unwrap()..];
        let text = String::from_utf8(entry.to_vec()).unwrap() + behind;
        self.with(&name, text)
    }

    /// The disclosures of an event.
    pub(crate) fn disclosures(&self, seq: u64) -> Vec<String> {
        let text = self.text(&format!("data/events/{seq:06}.sd-jwt"));
        text.split('~')
            .skip(1)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn with_disclosures(self, seq: u64, disclosures: &[String]) -> Self {
        let name = format!("data/events/{seq:06}.sd-jwt");
        let entry = self.text(&name).split('~').next().unwrap().to_owned();
        let text = disclosures
            .iter()
            .fold(entry + "~", |text, disclosure| text + disclosure + "~");
        self.with(&name, text)
    }

    /// Moves all files of one event to another number.
    pub(crate) fn renumber(mut self, from: u64, to: u64) -> Self {
        for (folder, ending) in [
            ("events", "sd-jwt"),
            ("proofs", "tlog-proof"),
            ("time", "tlog-proof"),
            ("time", "before"),
        ] {
            if let Some(bytes) = self
                .files
                .remove(&format!("data/{folder}/{from:06}.{ending}"))
            {
                self.files
                    .insert(format!("data/{folder}/{to:06}.{ending}"), bytes);
            }
        }
        self
    }

    pub(crate) fn drop_event(mut self, seq: u64) -> Self {
        self.files
            .retain(|name, _| !name.contains(&format!("/{seq:06}.")));
        self
    }

    pub(crate) fn check(&self, trust: &Trust) -> Result<Verdict, Code> {
        check(&mut self.complete(), trust)
    }
}

pub(crate) fn finding(failure: Failure) -> Finding {
    match failure {
        Failure::Finding(finding) => finding,
        Failure::Read(error) => panic!("{error}"),
    }
}

pub(crate) fn check(files: &mut dyn crate::files::Files, trust: &Trust) -> Result<Verdict, Code> {
    bundle::check(files, trust, &NoAuthority, &mut |_, _| {})
        .map_err(|failure| finding(failure).code)
}
