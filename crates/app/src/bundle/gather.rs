//! Everything that the bag of one stream holds, read and proven before a byte is written.

use std::collections::BTreeSet;

use events::ids::EventId;
use record::bundle::{Redaction, path, sd_jwt};
use record::hash::Hash;
use record::heads::{Head, HeadsTree};
use record::proof::{ProveError, consistency_proof, inclusion_proof};
use record::tlog_proof::{hash_lines, tlog_proof};
use store::log_store::{StoredEntry, StreamHead};

use super::{BundleError, BundleOrder, Snapshot, left_out};
use crate::content::{self, DisclosedEvent};
use crate::error::ReadError;
use crate::service::App;
use crate::tip::{self, StoreNodes};

/// Entries and heads read at once.
const PAGE: usize = 500;

/// An event with its proofs.
struct Proven {
    seq: u64,
    event: EventId,
    entry: Vec<u8>,
    disclosures: Vec<String>,
    proof: String,
    /// Proof against the first cosigned checkpoint that contains it.
    first: Option<String>,
    /// The last cosigned checkpoint that does not.
    before: Option<String>,
    document: Option<Hash>,
}

/// What the bag holds.
pub(super) struct Evidence {
    pub(super) ordinal: u64,
    pub(super) heads_path: Vec<Hash>,
    events: Vec<Proven>,
    heads: (Vec<u8>, String),
    keys: Vec<(Vec<u8>, String)>,
    consistency: Vec<(u64, String)>,
    tokens: Vec<Vec<u8>>,
    redactions: Vec<Redaction>,
    newest: u64,
}

impl Evidence {
    pub(super) fn count(&self) -> u64 {
        self.events.len() as u64
    }

    pub(super) fn redactions(&self) -> Vec<Redaction> {
        self.redactions.clone()
    }

    /// Day on which the newest event was recorded, in UTC.
    pub(super) fn newest_day(&self) -> String {
        let seconds = i64::try_from(self.newest).unwrap_or(0);
        jiff::Timestamp::from_second(seconds).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
    }

    pub(super) fn documents(&self) -> impl Iterator<Item = (EventId, Hash)> {
        self.events.iter().filter_map(|proven| Some((proven.event, proven.document?)))
    }

    /// Path and bytes of every file but the description, the checkpoint and the documents.
    pub(super) fn files(&self) -> Result<Vec<(String, Vec<u8>)>, BundleError> {
        let mut files = Vec::new();
        let mut put = |path: String, bytes: Vec<u8>| files.push((path, bytes));
        for event in &self.events {
            put(path::event(event.seq), sd_jwt(&event.entry, &event.disclosures));
            put(path::proof(event.seq), event.proof.clone().into_bytes());
            if let Some(first) = &event.first {
                put(path::first(event.seq), first.clone().into_bytes());
            }
            if let Some(before) = &event.before {
                put(path::before(event.seq), before.clone().into_bytes());
            }
        }
        put(path::HEADS.to_owned(), self.heads.0.clone());
        put(path::HEADS_PROOF.to_owned(), self.heads.1.clone().into_bytes());
        for (number, (entry, proof)) in self.keys.iter().enumerate() {
            put(path::keys(number), entry.clone());
            put(path::keys_proof(number), proof.clone().into_bytes());
        }
        for (old, proof) in &self.consistency {
            put(path::consistency(*old), proof.clone().into_bytes());
        }
        for (number, token) in self.tokens.iter().enumerate() {
            put(path::token(number), token.clone());
        }
        Ok(files)
    }
}

fn unproven(error: ProveError<store::log_store::ReadError>) -> BundleError {
    match error {
        ProveError::Range => BundleError::Read(ReadError::Damaged { index: 0, source: "a proof was asked for beyond the log".into() }),
        ProveError::Node(error) => error.into(),
    }
}

impl App {
    /// Reads and proves all that the bag of a stream holds.
    pub(super) fn gather(&self, snapshot: &Snapshot, order: &BundleOrder<'_>) -> Result<Evidence, BundleError> {
        let size = snapshot.size();
        let stored: Vec<StoredEntry> = self.stored(order.stream)?.into_iter().take_while(|entry| entry.index < size).collect();
        let (Some(first), Some(last)) = (stored.first(), stored.last()) else { return Err(BundleError::NoStream(order.stream)) };
        let ordinal = content::envelope(first)?.ordinal;
        let last_index = last.index;
        let newest = content::envelope(last)?.recorded_at;
        let (tree, covers) = self.heads_at(size)?;
        let heads_path = tree.inclusion_proof(ordinal).ok_or(BundleError::NoStream(order.stream))?;
        if last_index >= covers {
            return Err(ReadError::Damaged { index: last_index, source: "no heads entry covers it".into() }.into());
        }
        let embedded = snapshot.signed_by_log_only()?;
        let prove = |index: u64| -> Result<String, BundleError> {
            let path = inclusion_proof(&StoreNodes(&*self.log), index, size).map_err(unproven)?;
            Ok(tlog_proof(index, &path, &embedded))
        };
        let mut evidence = Evidence {
            ordinal,
            heads_path,
            events: Vec::new(),
            heads: (self.entry_bytes(size - 1)?, prove(size - 1)?),
            keys: Vec::new(),
            consistency: Vec::new(),
            tokens: self.tokens_for(snapshot)?,
            redactions: Vec::new(),
            newest,
        };
        for event in content::disclose_stream(&stored, &self.keyring, &*self.log)? {
            let proof = prove(event.envelope.index)?;
            let (first, before) = times(self, event.envelope.index, size)?;
            evidence.take(order, event, proof, (first, before))?;
        }
        for index in tip::keys_entries(&*self.log, size)? {
            evidence.keys.push((self.entry_bytes(index)?, prove(index)?));
        }
        // A size that is given twice is proven once.
        for old in order.pinned.iter().copied().collect::<BTreeSet<u64>>() {
            if old == 0 || old > size {
                return Err(BundleError::Pinned { pinned: old, size });
            }
            let proof = consistency_proof(&StoreNodes(&*self.log), old, size).map_err(unproven)?;
            evidence.consistency.push((old, hash_lines(&proof)));
        }
        Ok(evidence)
    }

    fn entry_bytes(&self, index: u64) -> Result<Vec<u8>, BundleError> {
        let stored = self.log.entry(index)?.ok_or_else(|| ReadError::Damaged { index, source: "the entry is missing".into() })?;
        Ok(stored.bytes)
    }

    /// The heads tree that the last entry of a checkpointed log commits to, and how many entries it
    /// covers.
    fn heads_at(&self, size: u64) -> Result<(HeadsTree, u64), BundleError> {
        let covers = size.saturating_sub(1);
        let mut tree = HeadsTree::new();
        'all: while tree.len() < self.log.stream_count() {
            for head in self.log.heads(tree.len(), PAGE)? {
                let Some(head) = self.head_before(head, covers)? else { break 'all };
                let ordinal = tree.len();
                tree.set(ordinal, &head).map_err(|error| ReadError::Damaged { index: head.index, source: error.into() })?;
            }
        }
        Ok((tree, covers))
    }

    /// The newest entry of a stream with a smaller index; none when the stream began later.
    fn head_before(&self, head: StreamHead, covers: u64) -> Result<Option<Head>, BundleError> {
        if head.index < covers {
            return Ok(Some(Head { stream: head.stream, seq: head.seq, index: head.index, leaf: head.leaf }));
        }
        // Sequences below `low` lie in front of it, those from `high` on do not.
        let (mut low, mut high) = (1, head.seq);
        while low < high {
            let middle = low + (high - low) / 2;
            let page = self.log.stream_page(head.stream, middle, 1)?;
            if page.first().is_some_and(|entry| entry.index < covers) { low = middle + 1 } else { high = middle }
        }
        let Some(seq) = low.checked_sub(1).filter(|seq| *seq > 0) else { return Ok(None) };
        let page = self.log.stream_page(head.stream, seq, 1)?;
        Ok(page.first().map(|entry| Head { stream: head.stream, seq, index: entry.index, leaf: entry.leaf }))
    }

    /// Time stamp tokens over this very checkpoint.
    fn tokens_for(&self, snapshot: &Snapshot) -> Result<Vec<Vec<u8>>, BundleError> {
        let tokens = self.log.tokens(snapshot.size())?;
        Ok(tokens.into_iter().filter(|kept| kept.size == snapshot.size()).map(|kept| kept.bytes).collect())
    }
}

impl Evidence {
    /// Takes an event in, without what is withheld of it.
    fn take(
        &mut self,
        order: &BundleOrder<'_>,
        event: DisclosedEvent,
        proof: String,
        (first, before): (Option<String>, Option<String>),
    ) -> Result<(), BundleError> {
        let index = event.envelope.index;
        let id = content::event_id(event.envelope.event_id, index)?;
        let seq = event.envelope.seq;
        let withheld = order.withheld.of(id);
        let mut disclosures: Vec<String> = Vec::with_capacity(event.texts.len());
        let mut document = event.document();
        let mut found = Vec::new();
        let whole = withheld.and_then(|withheld| withheld.get(&event.envelope.payload));
        if let Some(reason) = whole {
            self.redactions.push(left_out(seq, event.envelope.payload, reason));
            found.push(event.envelope.payload);
            document = None;
        } else {
            for disclosure in &event.texts {
                match withheld.and_then(|withheld| withheld.get(&disclosure.digest)) {
                    Some(reason) => {
                        self.redactions.push(left_out(seq, disclosure.digest, reason));
                        found.push(disclosure.digest);
                        document = document.filter(|(content, _)| *content != disclosure.digest);
                    }
                    None => disclosures.push(disclosure.text.clone()),
                }
            }
        }
        let missing = withheld.into_iter().flatten().find(|(digest, _)| whole.is_none() && !found.contains(digest));
        if let Some((digest, _)) = missing {
            return Err(BundleError::NothingWithheld { event: id, digest: *digest });
        }
        let document = document.map(|(_, hash)| hash);
        self.events.push(Proven { seq, event: id, entry: event.entry, disclosures, proof, first, before, document });
        Ok(())
    }
}

/// The proof of an entry against the first cosigned checkpoint that contains it, as far as the
/// bundle's own checkpoint reaches; and the last cosigned checkpoint that does not.
fn times(app: &App, index: u64, size: u64) -> Result<(Option<String>, Option<String>), BundleError> {
    let first = match app.log.first_archived(index)?.filter(|kept| kept.size <= size) {
        None => None,
        Some(kept) => {
            let path = inclusion_proof(&StoreNodes(&*app.log), index, kept.size).map_err(unproven)?;
            Some(tlog_proof(index, &path, &kept.note))
        }
    };
    Ok((first, app.log.last_archived(index)?.map(|kept| kept.note)))
}
