//! The promises of [`LogStore`] and [`KeyStore`] as tests that any implementation can be put
//! through.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::cast_possible_truncation,
    reason = "test code that other crates call"
)]

use std::sync::Arc;

use record::b64u;
use record::hash::{Hash, sha256};
use record::keys::WrappedKey;
use record::merkle::{Nodes, leaf_hash};
use record::outline::EventOutline;
use record::positions::{LogIndex, Seq, Size};
use record::proof::{inclusion_proof, root_at, verify_inclusion};
use record::signing::{EventKey, PublicKey};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::archive_link::{self, RecordKind};
use crate::key_store::{
    InitialSecrets, KeyError, KeyRow, KeyStore, LogSeeds, PartRow, SeedChange, SeedFault,
    SubjectRow,
};
use crate::log_store::{
    ARCHIVED_BYTES_MAX, ArchiveHead, Batch, BatchFault, BlobChange, CommandRow, CommitError,
    INLINE_BYTES_MAX, LogStore, NewBlob, NewEntry, ReadError, StoredBlob, StoredCheckpoint,
    StoredToken,
};

/// Makes entries that fit each other, as a sequencer would.
#[derive(Debug, Default, Clone)]
pub struct Maker {
    /// Entries made so far.
    pub size: u64,
    streams: Vec<(Uuid, u64)>,
}

/// The id of the nth stream of a [`Maker`].
#[must_use]
pub fn stream_id(number: usize) -> Uuid {
    Uuid::from_u64_pair(0xaaaa, number as u64 + 1)
}

/// The id of the event at a log index of a [`Maker`].
#[must_use]
pub fn event_id(index: u64) -> Uuid {
    Uuid::from_u64_pair(0xeeee, index + 1)
}

/// The id of the command of the batch that begins at a log index of a [`Maker`].
#[must_use]
pub fn command_id(first: u64) -> Uuid {
    Uuid::from_u64_pair(0xcccc, first + 1)
}

/// The key that signs the commands of a [`Maker`].
#[must_use]
pub fn signer() -> PublicKey {
    event_key().public().clone()
}

fn event_key() -> EventKey {
    EventKey::from_seed(&[2; 32])
}

/// An entry that says where it belongs, as far as a store reads it; nothing is signed.
#[must_use]
pub fn entry_bytes(place: &EventOutline) -> Vec<u8> {
    let EventOutline {
        index,
        stream,
        ordinal,
        seq,
        event_id,
        erases,
    } = place;
    let erased = if *erases { r#","er":[[1,0]]"# } else { "" };
    let payload = format!(
        r#"{{"i":{index},"jti":"{event_id}","no":{ordinal},"seq":{seq},"str":"{stream}"{erased}}}"#
    );
    format!(
        "{}.{}.{}",
        b64u::encode(b"{}"),
        b64u::encode(payload.as_bytes()),
        b64u::encode(&[0; 64])
    )
    .into_bytes()
}

/// The place of the event at a log index of a [`Maker`].
#[must_use]
pub fn outline(index: u64, stream: usize, seq: u64) -> EventOutline {
    let erases = index % 5 == 4;
    EventOutline {
        index: LogIndex::new(index),
        stream: stream_id(stream),
        ordinal: stream as u64,
        seq: Seq::new(seq).unwrap(),
        event_id: event_id(index),
        erases,
    }
}

/// Signs the commands of a batch anew, after it was changed.
#[must_use]
pub fn proven(mut batch: Batch) -> Batch {
    let leaves: Vec<Hash> = batch.entries.iter().map(|entry| entry.leaf).collect();
    batch.proof = Some(event_key().prove_commands(batch.first, &leaves, &batch.commands));
    batch
}

/// The key rows of the event at a log index of a [`Maker`].
#[must_use]
pub fn key_rows(index: u64) -> Vec<KeyRow> {
    let wrapped = WrappedKey([index as u8; 40]);
    let subject = stream_id(0);
    vec![
        KeyRow::Part(PartRow {
            event: event_id(index),
            part: 0,
            subject,
            wrapped,
        }),
        KeyRow::Subject(SubjectRow {
            subject,
            epoch: 1,
            wrapped: WrappedKey([7; 40]),
        }),
    ]
}

impl Maker {
    /// The next event of the nth stream; the next new stream has the next number.
    pub fn event(&mut self, stream: usize) -> NewEntry {
        if stream == self.streams.len() {
            self.streams.push((stream_id(stream), 0));
        }
        let index = self.size;
        self.size += 1;
        let (_, seq) = &mut self.streams[stream];
        *seq += 1;
        let bytes = entry_bytes(&outline(index, stream, *seq));
        let blobs = vec![blob(index, 0).into(), blob(index, 1).into()];
        NewEntry {
            leaf: leaf_hash(&bytes),
            bytes,
            blobs,
        }
    }

    /// A batch of events, with its command.
    pub fn batch(&mut self, streams: &[usize]) -> Batch {
        let first = self.size;
        let entries: Vec<NewEntry> = streams.iter().map(|stream| self.event(*stream)).collect();
        let command = CommandRow {
            id: command_id(first),
            input_mac: [first as u8; 32],
            first: LogIndex::new(first),
            count: entries.len() as u32,
        };
        proven(Batch {
            first: LogIndex::new(first),
            entries,
            commands: vec![command],
            proof: None,
        })
    }
}

/// A blob that tells where it belongs, in the form of an encrypted part.
#[must_use]
pub fn blob(index: u64, part: u16) -> Vec<u8> {
    let secret = sha256(format!("{index}/{part}").as_bytes());
    format!("{}..{}", record::b64u::encode(b"{}"), secret.to_b64u()).into_bytes()
}

/// The same blob as it is read with its entry.
#[must_use]
pub fn here(index: u64, part: u16) -> StoredBlob {
    StoredBlob::Here(blob(index, part))
}

/// Fixed secrets.
#[must_use]
pub fn initial_secrets() -> InitialSecrets {
    let secret = |byte| Zeroizing::new([byte; 32]);
    InitialSecrets {
        root: secret(1),
        event_seed: secret(2),
        log_seed: secret(3),
    }
}

struct AsNodes(Arc<dyn LogStore>);

impl Nodes for AsNodes {
    type Error = ReadError;
    fn node(&self, level: u8, index: u64) -> Result<Hash, ReadError> {
        self.0.node(level, index)
    }
}

/// Puts a log store that begins empty through every promise.
pub fn log_store_keeps_its_promises(store: &Arc<dyn LogStore>) {
    assert_eq!((store.size(), store.stream_count()), (Size::EMPTY, 0));
    assert_eq!(store.entry(LogIndex::FIRST).unwrap(), None);
    let mut maker = Maker::default();
    let batches: Vec<Batch> = [&[0, 1, 0][..], &[2, 0, 1], &[0]]
        .iter()
        .map(|streams| maker.batch(streams))
        .collect();
    for batch in &batches {
        store.commit(batch.clone()).unwrap();
    }
    what_was_written_is_read(store, &batches);
    conflicts_are_told_apart(store, &maker);
    proofs_can_be_made(store, &mut maker);
    checkpoints_only_grow(store);
    archived_notes_are_the_first_and_the_latest(store);
    tokens_are_kept(store);
    the_archive_is_chained(store);
    blobs_can_be_changed(store);
    staged_blobs_are_taken_once(store, &mut maker);
    store.close().unwrap();
    assert!(matches!(
        store.commit(maker.batch(&[0])),
        Err(CommitError::NotWritten(_))
    ));
    assert!(matches!(
        store.stage(vec![0; 100_000]),
        Err(CommitError::NotWritten(_))
    ));
    assert!(matches!(
        store.archive_checkpoint(&cosigned(1, "late")),
        Err(CommitError::NotWritten(_))
    ));
    assert!(matches!(
        store.archive_token(Size::new(1), b"late"),
        Err(CommitError::NotWritten(_))
    ));
    assert_eq!(
        store.first_archived(Size::new(6)).unwrap(),
        Some(cosigned(7, "a")),
        "reading goes on"
    );
}

/// A note over so many entries.
#[must_use]
pub fn cosigned(size: u64, what: &str) -> StoredCheckpoint {
    StoredCheckpoint {
        size: Size::new(size),
        note: format!("cosigned {size} {what}\n"),
    }
}

fn archived_notes_are_the_first_and_the_latest(store: &Arc<dyn LogStore>) {
    let first = |above| store.first_archived(above).unwrap();
    let last = |at_most| store.last_archived(at_most).unwrap();
    assert_eq!(
        (first(Size::EMPTY), last(Size::new(u64::MAX))),
        (None, None)
    );
    for (size, what) in [
        (3, "a"),
        (3, "b"),
        (7, "a"),
        (7, "b"),
        (7, "c"),
        (300, "a"),
        (300, "b"),
        (5, "a"),
        (7, "d"),
        (3, "c"),
    ] {
        store.archive_checkpoint(&cosigned(size, what)).unwrap();
    }
    for (above, size) in [(0, 3), (2, 3), (3, 5), (5, 7), (6, 7), (7, 300), (299, 300)] {
        assert_eq!(
            first(Size::new(above)),
            Some(cosigned(size, "a")),
            "above {above}"
        );
    }
    assert_eq!(
        (
            first(Size::new(300)),
            first(Size::new(u64::MAX)),
            last(Size::new(2))
        ),
        (None, None, None)
    );
    for (at_most, size, what) in [
        (3, 3, "c"),
        (4, 3, "c"),
        (5, 5, "a"),
        (6, 5, "a"),
        (7, 7, "d"),
        (299, 7, "d"),
        (300, 300, "b"),
        (9_999, 300, "b"),
    ] {
        assert_eq!(
            last(Size::new(at_most)),
            Some(cosigned(size, what)),
            "at most {at_most}"
        );
    }
    let beyond = store.archive_checkpoint(&cosigned(store.size().get() + 1, "a"));
    assert!(matches!(beyond, Err(CommitError::SizeConflict { .. })));
    for note in [String::new(), "x".repeat(ARCHIVED_BYTES_MAX + 1)] {
        assert!(matches!(
            store.archive_checkpoint(&StoredCheckpoint {
                size: Size::new(5),
                note
            }),
            Err(CommitError::NotWritten(_))
        ));
    }
}

fn tokens_are_kept(store: &Arc<dyn LogStore>) {
    let token = |size, bytes: &[u8]| StoredToken {
        size,
        bytes: bytes.to_vec(),
    };
    assert_eq!(store.tokens(Size::EMPTY).unwrap(), []);
    for (size, bytes) in [(7, &b"a"[..]), (300, &[0, 255, 10]), (7, b"b")] {
        store.archive_token(Size::new(size), bytes).unwrap();
    }
    assert_eq!(
        store.tokens(Size::EMPTY).unwrap(),
        [
            token(Size::new(7), b"a"),
            token(Size::new(7), b"b"),
            token(Size::new(300), &[0, 255, 10])
        ]
    );
    assert_eq!(
        store.tokens(Size::new(8)).unwrap(),
        [token(Size::new(300), &[0, 255, 10])]
    );
    assert_eq!(store.tokens(Size::new(301)).unwrap(), []);
    for (above, expected) in [
        (0, Some(token(Size::new(7), b"a"))),
        (6, Some(token(Size::new(7), b"a"))),
        (7, Some(token(Size::new(300), &[0, 255, 10]))),
        (300, None),
        (u64::MAX, None),
    ] {
        assert_eq!(
            store.first_token(Size::new(above)).unwrap(),
            expected,
            "above {above}"
        );
    }
    assert!(matches!(
        store.archive_token(store.size().grown(), b"x"),
        Err(CommitError::SizeConflict { .. })
    ));
    assert!(matches!(
        store.archive_token(Size::new(1), b""),
        Err(CommitError::NotWritten(_))
    ));
}

fn the_archive_is_chained(store: &Arc<dyn LogStore>) {
    let before = store.archive_head().unwrap();
    assert!(before.count > 10);
    store.archive_token(Size::new(7), b"one more").unwrap();
    let head = archive_link::after(&before, RecordKind::Token, Size::new(7), b"one more");
    assert_eq!(
        (
            store.archive_head().unwrap(),
            store.archive_link(before.count).unwrap()
        ),
        (head, Some(before.link))
    );
    // The latest note of the largest size is kept for good with the next size, and not before.
    store.archive_checkpoint(&cosigned(300, "z")).unwrap();
    assert_eq!(store.archive_head().unwrap(), head);
    // What is missing is counted from then on.
    let known = ArchiveHead {
        count: head.count + 5,
        link: Hash::new([7; 32]),
    };
    store.archive_mark(&known).unwrap();
    let marked = store.archive_head().unwrap();
    assert_eq!(
        marked,
        archive_link::after(
            &head,
            RecordKind::Mark,
            Size::new(known.count),
            known.link.as_bytes()
        )
    );
    assert_eq!(
        (
            store.archive_link(head.count).unwrap(),
            store.archive_link(known.count).unwrap()
        ),
        (Some(head.link), None)
    );
    // A mark is kept as it is stated, or a repair could not bring it back; what comes last is in
    // force.
    let again = ArchiveHead {
        count: 1,
        link: Hash::new([8; 32]),
    };
    store.archive_mark(&again).unwrap();
    assert_eq!(
        store.archive_head().unwrap(),
        archive_link::after(
            &marked,
            RecordKind::Mark,
            Size::new(1),
            again.link.as_bytes()
        )
    );
}

fn what_was_written_is_read(store: &Arc<dyn LogStore>, batches: &[Batch]) {
    assert_eq!((store.size(), store.stream_count()), (Size::new(7), 3));
    for batch in batches {
        for (index, entry) in batch.first.and_behind().zip(&batch.entries) {
            let stored = store.entry(index).unwrap().unwrap();
            assert_eq!(
                (stored.index, &stored.bytes, stored.leaf),
                (index, &entry.bytes, entry.leaf)
            );
            assert_eq!(stored.blobs, [here(index.get(), 0), here(index.get(), 1)]);
            assert_eq!(store.blob(index, 1).unwrap(), Some(blob(index.get(), 1)));
            assert_eq!(
                store.event_index(event_id(index.get())).unwrap(),
                Some(index)
            );
            assert_eq!(store.leaf(index).unwrap(), Some(entry.leaf));
        }
        assert_eq!(
            store
                .command(command_id(batch.first.get()))
                .unwrap()
                .as_ref(),
            batch.commands.first()
        );
    }
    assert_eq!(store.erasing_entries().unwrap(), [LogIndex::new(4)]);
    let head = store.stream_head(stream_id(0)).unwrap().unwrap();
    assert_eq!((head.ordinal, head.seq), (0, Seq::new(4).unwrap()));
    assert_eq!(head.index, LogIndex::new(6));
    assert_eq!(store.stream_head(stream_id(9)).unwrap(), None);
    let indexes = |from, limit| -> Vec<u64> {
        store
            .stream_page(stream_id(0), from, limit)
            .unwrap()
            .iter()
            .map(|entry| entry.index.get())
            .collect()
    };
    assert_eq!(indexes(Seq::FIRST, 99), [0, 2, 4, 6]);
    assert_eq!(indexes(Seq::new(2).unwrap(), 2), [2, 4]);
    assert_eq!(indexes(Seq::new(5).unwrap(), 2), [] as [u64; 0]);
    let ordinals: Vec<u64> = store
        .heads(1, 9)
        .unwrap()
        .iter()
        .map(|head| head.ordinal)
        .collect();
    assert_eq!(ordinals, [1, 2]);
    assert!(matches!(store.entry(LogIndex::new(7)), Ok(None)));
    assert_eq!(store.event_index(Uuid::from_u128(1)).unwrap(), None);
    assert_eq!(store.command(Uuid::from_u128(1)).unwrap(), None);
}

fn conflicts_are_told_apart(store: &Arc<dyn LogStore>, maker: &Maker) {
    sizes_and_shapes_are_told_apart(store, maker);
    places_and_ids_are_told_apart(store, maker);
    faults_are_named(store, maker);
}

/// Why a batch of two entries is refused when it was changed so.
fn refused(store: &Arc<dyn LogStore>, maker: &Maker, change: &dyn Fn(&mut Batch)) -> CommitError {
    let mut batch = maker.clone().batch(&[0, 1]);
    change(&mut batch);
    let error = store.commit(batch).unwrap_err();
    assert_eq!(store.size(), Size::new(7), "nothing is written");
    error
}

/// Lets an entry of a batch say that it belongs there.
fn says(b: &mut Batch, number: usize, place: EventOutline) {
    b.entries[number].bytes = entry_bytes(&place);
    b.entries[number].leaf = leaf_hash(&b.entries[number].bytes);
}

fn sizes_and_shapes_are_told_apart(store: &Arc<dyn LogStore>, maker: &Maker) {
    let refused = |change: &dyn Fn(&mut Batch)| refused(store, maker, change);
    assert!(matches!(
        refused(&|b| b.first = LogIndex::new(6)),
        CommitError::SizeConflict { expected, actual }
            if (expected, actual) == (Size::new(6), Size::new(7))
    ));
    assert!(matches!(
        refused(&|b| b.entries.clear()),
        CommitError::NotWritten(_)
    ));
    assert!(matches!(
        refused(&|b| b.entries[0].leaf = Hash::ZERO),
        CommitError::NotWritten(_)
    ));
    assert!(matches!(
        refused(&|b| b.entries[1].bytes = vec![0; 65_536]),
        CommitError::NotWritten(_)
    ));
    assert!(matches!(
        refused(&|b| b.commands[0].count = 3),
        CommitError::NotWritten(_)
    ));
}

fn places_and_ids_are_told_apart(store: &Arc<dyn LogStore>, maker: &Maker) {
    let refused = |change: &dyn Fn(&mut Batch)| refused(store, maker, change);
    let sequence = refused(&|b| {
        says(
            b,
            1,
            EventOutline {
                seq: Seq::new(9).unwrap(),
                ..outline(8, 1, 3)
            },
        )
    });
    assert!(matches!(
        sequence,
        CommitError::SequenceConflict {
            expected,
            actual,
            ..
        } if (expected.get(), actual.get()) == (9, 3)
    ));
    let used = refused(&|b| {
        says(
            b,
            1,
            EventOutline {
                event_id: event_id(2),
                ..outline(8, 1, 3)
            },
        )
    });
    assert!(matches!(used, CommitError::EventIdUsed { .. }));
    assert!(matches!(
        refused(&|b| b.commands[0].id = command_id(3)),
        CommitError::CommandIdUsed { .. }
    ));
    assert!(matches!(
        refused(&|b| b.commands.push(b.commands[0])),
        CommitError::CommandIdUsed { .. }
    ));
}

fn faults_are_named(store: &Arc<dyn LogStore>, maker: &Maker) {
    let refused = |change: &dyn Fn(&mut Batch)| refused(store, maker, change);
    let fault = |error: CommitError, expected: BatchFault| {
        assert!(
            matches!(error, CommitError::NotWritten(cause) if cause.downcast_ref() == Some(&expected)),
            "{expected}"
        );
    };
    fault(
        refused(&|b| {
            says(
                b,
                0,
                EventOutline {
                    ordinal: 2,
                    ..outline(7, 0, 5)
                },
            )
        }),
        BatchFault::WrongOrdinal {
            index: LogIndex::new(7),
        },
    );
    fault(
        refused(&|b| {
            says(
                b,
                0,
                EventOutline {
                    index: LogIndex::new(8),
                    ..outline(7, 0, 5)
                },
            )
        }),
        BatchFault::WrongPlace {
            index: LogIndex::new(7),
        },
    );
    fault(
        refused(&|b| b.entries[0].bytes = b"no entry".to_vec()),
        BatchFault::WrongPlace {
            index: LogIndex::new(7),
        },
    );
    fault(refused(&|b| b.proof = None), BatchFault::Unproven);
}

fn proofs_can_be_made(store: &Arc<dyn LogStore>, maker: &mut Maker) {
    for _ in 0..6 {
        let streams: Vec<usize> = (0..100).map(|place| place % 3).collect();
        store.commit(maker.batch(&streams)).unwrap();
    }
    let nodes = AsNodes(Arc::clone(store));
    let size = store.size();
    let mut frontier = record::merkle::Frontier::new();
    for index in size.indexes() {
        frontier.push(store.leaf(index).unwrap().unwrap());
    }
    let root = root_at(&nodes, size).unwrap();
    assert_eq!(root, frontier.root());
    assert_eq!(store.root().unwrap(), (size, root));
    for index in [0, 1, 255, 256, 300, size.get() - 1].map(LogIndex::new) {
        let proof = inclusion_proof(&nodes, index, size).unwrap();
        verify_inclusion(
            &store.leaf(index).unwrap().unwrap(),
            index,
            size,
            &proof,
            &root,
        )
        .unwrap();
    }
    assert!(matches!(
        store.node(8, size.get() >> 8),
        Err(ReadError::NodeBeyondLog { .. })
    ));
    assert!(matches!(
        store.node(0, size.get()),
        Err(ReadError::NodeBeyondLog { .. })
    ));
    assert!(matches!(
        store.node(63, u64::MAX),
        Err(ReadError::NodeBeyondLog { .. })
    ));
}

fn checkpoints_only_grow(store: &Arc<dyn LogStore>) {
    let checkpoint = |size| StoredCheckpoint {
        size,
        note: format!("note {size}\n"),
    };
    assert_eq!(store.checkpoint().unwrap(), None);
    store.put_checkpoint(&checkpoint(Size::new(5))).unwrap();
    store.put_checkpoint(&checkpoint(Size::new(7))).unwrap();
    assert!(matches!(
        store.put_checkpoint(&checkpoint(Size::new(6))),
        Err(CommitError::SizeConflict { .. })
    ));
    assert!(matches!(
        store.put_checkpoint(&checkpoint(Size::new(store.size().get() + 1))),
        Err(CommitError::SizeConflict { .. })
    ));
    assert_eq!(store.checkpoint().unwrap(), Some(checkpoint(Size::new(7))));
}

fn blobs_can_be_changed(store: &Arc<dyn LogStore>) {
    let big = vec![b'x'; 100_000];
    let changes = [
        BlobChange {
            index: LogIndex::new(1),
            part: 0,
            blob: None,
        },
        BlobChange {
            index: LogIndex::new(2),
            part: 1,
            blob: Some(big.clone()),
        },
    ];
    store.change_blobs(&changes).unwrap();
    store.change_blobs(&changes).unwrap();
    assert_eq!(
        store.entry(LogIndex::new(1)).unwrap().unwrap().blobs,
        [StoredBlob::Gone, here(1, 1)]
    );
    assert_eq!(
        store.entry(LogIndex::new(2)).unwrap().unwrap().blobs,
        [here(2, 0), StoredBlob::Apart]
    );
    assert_eq!(
        store.entry(LogIndex::new(3)).unwrap().unwrap().blobs[0],
        here(3, 0)
    );
    assert_eq!(
        (
            store.blob(LogIndex::new(1), 0).unwrap(),
            store.blob(LogIndex::new(2), 1).unwrap()
        ),
        (None, Some(big))
    );
    let nowhere = BlobChange {
        index: LogIndex::new(1),
        part: 2,
        blob: None,
    };
    assert!(matches!(
        store.change_blobs(&[nowhere]),
        Err(CommitError::NotWritten(_))
    ));
}

fn staged_blobs_are_taken_once(store: &Arc<dyn LogStore>, maker: &mut Maker) {
    let (longest, long, other) = (
        vec![b'a'; INLINE_BYTES_MAX],
        vec![b'b'; INLINE_BYTES_MAX + 1],
        vec![b'c'; 300_000],
    );
    assert_eq!(
        store.stage(longest.clone()).unwrap(),
        NewBlob::Bytes(longest.clone())
    );
    let (staged, given_up) = (
        store.stage(long.clone()).unwrap(),
        store.stage(other).unwrap(),
    );
    assert_eq!(staged, NewBlob::Staged(sha256(&long)));
    store.unstage(&given_up).unwrap();
    store.unstage(&given_up).unwrap();
    let refused = |blobs: Vec<NewBlob>| {
        let mut batch = maker.clone().batch(&[0]);
        batch.entries[0].blobs = blobs;
        assert!(matches!(
            store.commit(batch),
            Err(CommitError::NotWritten(_))
        ));
    };
    refused(vec![given_up]);
    let index = maker.size;
    let mut batch = maker.batch(&[0]);
    batch.entries[0].blobs = vec![
        blob(index, 0).into(),
        staged.clone(),
        longest.clone().into(),
    ];
    store.commit(batch).unwrap();
    store.unstage(&staged).unwrap();
    assert_eq!(
        store.entry(LogIndex::new(index)).unwrap().unwrap().blobs,
        [here(index, 0), StoredBlob::Apart, StoredBlob::Here(longest)]
    );
    assert_eq!(
        (
            store.blob(LogIndex::new(index), 1).unwrap(),
            store.blob(LogIndex::new(index), 3).unwrap()
        ),
        (Some(long), None)
    );
    let again = |blobs: Vec<NewBlob>| {
        let mut batch = maker.clone().batch(&[0]);
        batch.entries[0].blobs = blobs;
        assert!(
            matches!(store.commit(batch), Err(CommitError::NotWritten(_))),
            "taken by another entry"
        );
    };
    again(vec![staged]);
    store
        .change_blobs(&[BlobChange {
            index: LogIndex::new(index),
            part: 1,
            blob: None,
        }])
        .unwrap();
    assert_eq!(store.blob(LogIndex::new(index), 1).unwrap(), None);
    assert_eq!(store.blob(store.size().next_index(), 0).unwrap(), None);
}

/// Puts a key store that begins empty through every promise.
pub fn key_store_keeps_its_promises(store: &dyn KeyStore) {
    assert_eq!((store.secrets().epoch, *store.secrets().root), (1, [1; 32]));
    assert!(store.secrets().post_quantum_seed.is_none());
    store.put_post_quantum_seed(&[8; 32]).unwrap();
    assert!(
        matches!(
            store.put_post_quantum_seed(&[9; 32]),
            Err(KeyError::Exists { .. })
        ),
        "for good"
    );
    for index in 0..4 {
        store.put(&key_rows(index)).unwrap();
    }
    assert_eq!(
        store
            .part(event_id(2), 0)
            .unwrap()
            .map(KeyRow::Part)
            .as_ref(),
        key_rows(2).first()
    );
    assert_eq!(store.part(event_id(2), 1).unwrap(), None);
    assert_eq!(
        store
            .subject(stream_id(0))
            .unwrap()
            .map(KeyRow::Subject)
            .as_ref(),
        key_rows(2).last()
    );
    assert_eq!(store.parts_of(stream_id(0)).unwrap().len(), 4);
    let failing = store.rotate([9; 32], &mut |_| Err("no".into()), &[]);
    assert!(failing.is_err());
    assert_eq!(store.secrets().epoch, 1);
    let mut drop_second = |row| {
        let keep = !matches!(&row, KeyRow::Part(part) if part.event == event_id(2));
        Ok(keep.then_some(row))
    };
    let extra = SubjectRow {
        subject: stream_id(5),
        epoch: 2,
        wrapped: WrappedKey([5; 40]),
    };
    store
        .rotate([9; 32], &mut drop_second, &[KeyRow::Subject(extra.clone())])
        .unwrap();
    assert_eq!((store.secrets().epoch, *store.secrets().root), (2, [9; 32]));
    assert_eq!(store.part(event_id(2), 0).unwrap(), None);
    assert_eq!(store.parts_of(stream_id(0)).unwrap().len(), 3);
    assert_eq!(store.subject(stream_id(5)).unwrap(), Some(extra));
    assert_eq!(store.secrets().post_quantum_seed.as_deref(), Some(&[8; 32]));
    seeds_give_way_in_order(store);
}

/// Keeping, taking and dropping the seeds of keys that sign.
fn seeds_give_way_in_order(store: &dyn KeyStore) {
    let secret = |byte| Zeroizing::new([byte; 32]);
    let refused = |change, fault: SeedFault| {
        let refusal = store.change_seeds(change).unwrap_err();
        assert!(
            matches!(refusal, KeyError::NotWritten(cause) if cause.downcast_ref() == Some(&fault)),
            "{fault}"
        );
    };
    refused(SeedChange::TakeNextEvent, SeedFault::NoneWaits);
    refused(SeedChange::DropNextLog, SeedFault::NoneWaits);
    store
        .change_seeds(SeedChange::KeepNextEvent(secret(12)))
        .unwrap();
    refused(SeedChange::KeepNextEvent(secret(13)), SeedFault::Waiting);
    assert_eq!(
        (
            *store.secrets().event_seed,
            store.secrets().next_event_seed.as_deref()
        ),
        ([2; 32], Some(&[12; 32]))
    );
    store.change_seeds(SeedChange::DropNextEvent).unwrap();
    store
        .change_seeds(SeedChange::KeepNextEvent(secret(14)))
        .unwrap();
    store.change_seeds(SeedChange::TakeNextEvent).unwrap();
    assert_eq!(
        (
            *store.secrets().event_seed,
            store.secrets().next_event_seed.as_deref()
        ),
        ([14; 32], None)
    );
    let seeds = LogSeeds {
        ed25519: secret(15),
        post_quantum: secret(16),
    };
    store
        .change_seeds(SeedChange::KeepNextLog(seeds.clone()))
        .unwrap();
    refused(SeedChange::KeepNextLog(seeds.clone()), SeedFault::Waiting);
    store.change_seeds(SeedChange::DropNextLog).unwrap();
    store.change_seeds(SeedChange::KeepNextLog(seeds)).unwrap();
    assert_eq!(
        (
            *store.secrets().log_seed,
            store.secrets().next_log.is_some()
        ),
        ([3; 32], true)
    );
    store.change_seeds(SeedChange::TakeNextLog).unwrap();
    let after = store.secrets();
    assert_eq!(
        (
            *after.log_seed,
            after.post_quantum_seed.as_deref(),
            after.next_log.is_none()
        ),
        ([15; 32], Some(&[16; 32]), true)
    );
    assert_eq!(
        (after.epoch, *after.root),
        (2, [9; 32]),
        "nothing else changed"
    );
}
