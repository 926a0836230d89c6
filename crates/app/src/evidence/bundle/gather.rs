//! Everything that the bag of one stream holds, read and proven before a byte is written.

use std::collections::{BTreeMap, BTreeSet};

use events::ids::EventId;
use record::bundle::{Redaction, path, sd_jwt};
use record::checkpoint::Checkpoint;
use record::hash::Hash;
use record::positions::{LogIndex, LogTime, Size};
use record::proof::{consistency_proof, root_at};
use record::tlog_proof::hash_lines;
use store::log_store::StoredEntry;

use super::shared_proofs::{SharedNodes, unproven};
use super::{BundleError, BundleOrder, Snapshot};
use crate::app::App;
use crate::error::ReadError;
use crate::log::content;
use crate::log::content::disclosed::{DisclosedEvent, disclose_stream};
use crate::log::head::StoreNodes;

/// What the bag holds beside its description, the checkpoint and the documents.
pub(super) struct Evidence {
    pub(super) ordinal: u64,
    pub(super) heads_path: Vec<Hash>,
    /// Path and bytes of each file.
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// Events that file a document which goes along, and its hash.
    pub(super) documents: Vec<(EventId, Hash)>,
    pub(super) redactions: Vec<Redaction>,
    /// Number of events.
    pub(super) count: u64,
    /// Day on which the newest event was recorded, in UTC.
    pub(super) newest_day: String,
}

/// Fewer proofs than this are not worth a second thread.
const PROVEN_PARALLEL_FROM: usize = 32;

/// What shows where an event stands.
struct Proven {
    /// In the checkpoint of the bundle.
    own: String,
    /// In the first cosigned checkpoint that contains it, as far as the bundle's own reaches.
    first: Option<String>,
    /// The last cosigned checkpoint that does not contain it.
    before: Option<String>,
}

fn utc_day(time: LogTime) -> String {
    let seconds = i64::try_from(time.get()).unwrap_or(0);
    jiff::Timestamp::from_second(seconds)
        .unwrap_or_default()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .to_string()
}

impl App {
    /// Reads and proves all that the bag of a stream holds.
    pub(super) fn gather(
        &self,
        snapshot: &Snapshot,
        order: &BundleOrder<'_>,
    ) -> Result<Evidence, BundleError> {
        let (size, ground) = (snapshot.size(), snapshot.ground());
        let stored: Vec<StoredEntry> = self
            .stored(order.stream)?
            .into_iter()
            .take_while(|entry| size.holds(entry.index))
            .collect();
        let (Some(first), Some(last)) = (stored.first(), stored.last()) else {
            return Err(BundleError::NoStream(order.stream));
        };
        let ordinal = content::envelope(first)?.ordinal;
        if !ground.covers.holds(last.index) {
            return Err(ReadError::Damaged {
                index: last.index,
                source: "no heads entry covers it".into(),
            }
            .into());
        }
        let mut evidence = Evidence {
            ordinal,
            heads_path: ground
                .tree
                .inclusion_proof(ordinal)
                .ok_or(BundleError::NoStream(order.stream))?,
            files: Vec::new(),
            documents: Vec::new(),
            redactions: Vec::new(),
            count: stored.len() as u64,
            newest_day: utc_day(content::envelope(last)?.recorded_at),
        };
        let stamped = self.gather_events(snapshot, order, &stored, &mut evidence)?;
        evidence
            .files
            .push((path::HEADS.to_owned(), ground.heads.0.clone()));
        evidence.text(path::HEADS_PROOF.to_owned(), ground.heads.1.clone());
        for (number, (entry, proof)) in ground.keys.iter().enumerate() {
            evidence.files.push((path::keys(number), entry.clone()));
            evidence.text(path::keys_proof(number), proof.clone());
        }
        self.put_stamps(&stamped, &mut evidence)?;
        // A size that is given twice is proven once.
        let sizes: BTreeSet<Size> = order
            .pinned
            .iter()
            .copied()
            .chain(stamped.into_keys())
            .collect();
        self.put_consistency(&sizes, size, &mut evidence)?;
        evidence.files.extend(
            ground
                .tokens
                .iter()
                .enumerate()
                .map(|(number, token)| (path::token(number), token.clone())),
        );
        Ok(evidence)
    }

    /// Takes the events in, each with its proofs; answers the time stamps that cover them first, by
    /// the size that each stamps.
    fn gather_events(
        &self,
        snapshot: &Snapshot,
        order: &BundleOrder<'_>,
        stored: &[StoredEntry],
        evidence: &mut Evidence,
    ) -> Result<BTreeMap<Size, Vec<u8>>, BundleError> {
        let size = snapshot.size();
        let nodes = SharedNodes::of(&*self.log);
        let events = disclose_stream(stored, &self.keyring, &*self.log)?;
        let proven = content::each(stored, PROVEN_PARALLEL_FROM, |entry| {
            self.proven(snapshot, &nodes, entry.index)
        })?;
        let mut stamped: BTreeMap<Size, Vec<u8>> = BTreeMap::new();
        for (event, proven) in events.into_iter().zip(proven) {
            let (seq, index) = (event.envelope.seq, event.envelope.index);
            // The first stamp that covers it; that of the bundle's own checkpoint goes along
            // anyway.
            if stamped
                .last_key_value()
                .is_none_or(|(covered, _)| !covered.holds(index))
                && let Some(token) = self
                    .log
                    .first_token(index.size_before())?
                    .filter(|token| token.size < size)
            {
                stamped.insert(token.size, token.bytes);
            }
            evidence.take(order, event)?;
            evidence.text(path::proof(seq), proven.own);
            if let Some(first) = proven.first {
                evidence.text(path::first(seq), first);
            }
            if let Some(before) = proven.before {
                evidence.text(path::before(seq), before);
            }
        }
        Ok(stamped)
    }

    /// Proves where an event stands.
    fn proven(
        &self,
        snapshot: &Snapshot,
        nodes: &SharedNodes<'_>,
        index: LogIndex,
    ) -> Result<Proven, BundleError> {
        let (size, before) = (snapshot.size(), index.size_before());
        let first = self.log.first_archived(before)?;
        let first = first.filter(|kept| kept.size <= size);
        let first = first.map(|kept| nodes.prove(index, kept.size, &kept.note));
        Ok(Proven {
            own: nodes.prove(index, size, &snapshot.ground().embedded)?,
            first: first.transpose()?,
            before: self.log.last_archived(before)?.map(|kept| kept.note),
        })
    }

    /// Puts in earlier time stamps, each with the checkpoint that it stamps.
    fn put_stamps(
        &self,
        stamped: &BTreeMap<Size, Vec<u8>>,
        evidence: &mut Evidence,
    ) -> Result<(), BundleError> {
        for (stamped, token) in stamped {
            let (origin, root) = (
                self.layout().origin(),
                root_at(&StoreNodes(&*self.log), *stamped)?,
            );
            evidence.text(
                path::stamped(*stamped),
                Checkpoint {
                    origin,
                    size: *stamped,
                    root,
                }
                .body(),
            );
            evidence
                .files
                .push((path::earlier_token(*stamped), token.clone()));
        }
        Ok(())
    }

    /// Proves that the log at each of these sizes is the beginning of what the bundle shows.
    fn put_consistency(
        &self,
        sizes: &BTreeSet<Size>,
        size: Size,
        evidence: &mut Evidence,
    ) -> Result<(), BundleError> {
        for old in sizes.iter().copied() {
            if old.is_empty() || old > size {
                return Err(BundleError::Pinned { pinned: old, size });
            }
            let proof = consistency_proof(&StoreNodes(&*self.log), old, size).map_err(unproven)?;
            evidence.text(path::consistency(old), hash_lines(&proof));
        }
        Ok(())
    }
}

impl Evidence {
    fn text(&mut self, path: String, text: String) {
        self.files.push((path, text.into_bytes()));
    }

    /// Takes an event in, without what is withheld of it.
    fn take(&mut self, order: &BundleOrder<'_>, event: DisclosedEvent) -> Result<(), BundleError> {
        let id = content::event_id(event.envelope.event_id, event.envelope.index)?;
        let seq = event.envelope.seq;
        let withheld = order.withheld.of(id);
        let reason = |digest: &Hash| withheld.and_then(|withheld| withheld.get(digest));
        let left_out = |digest: Hash, reason: &str| Redaction {
            seq,
            digest,
            reason: reason.to_owned(),
        };
        let mut disclosures: Vec<String> = Vec::with_capacity(event.texts.len());
        if let Some(reason) = reason(&event.envelope.payload) {
            self.redactions
                .push(left_out(event.envelope.payload, reason));
        } else {
            self.documents.extend(
                event
                    .document()
                    .filter(|(content, _)| reason(content).is_none())
                    .map(|(_, hash)| (id, hash)),
            );
            let mut found = BTreeSet::new();
            for disclosure in event.texts {
                match reason(&disclosure.digest) {
                    Some(reason) => {
                        self.redactions.push(left_out(disclosure.digest, reason));
                        found.insert(disclosure.digest);
                    }
                    None => disclosures.push(disclosure.text),
                }
            }
            if let Some((digest, _)) = withheld
                .into_iter()
                .flatten()
                .find(|(digest, _)| !found.contains(*digest))
            {
                return Err(BundleError::NothingWithheld {
                    event: id,
                    digest: *digest,
                });
            }
        }
        self.files
            .push((path::event(seq), sd_jwt(&event.entry, &disclosures)));
        Ok(())
    }
}
