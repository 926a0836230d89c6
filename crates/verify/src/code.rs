//! The stable codes of findings, with a sentence for people.

use crate::position::LogIndex;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal: $sentence:literal,)+) => {
        /// What is wrong, as a code that never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $sentence] $variant,)+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code's text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// One plain sentence about it.
            #[must_use]
            pub const fn explain(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }
        }
    };
}

codes! {
    CheckpointFormat = "CHECKPOINT_FORMAT": "The checkpoint is not written as a checkpoint must be.",
    CheckpointOrigin = "CHECKPOINT_ORIGIN": "The checkpoint belongs to another log.",
    CheckpointSignature = "CHECKPOINT_SIGNATURE": "The checkpoint is not signed by the log's key.",
    CheckpointMissing = "CHECKPOINT_MISSING": "The log has no checkpoint, so nothing vouches for its entries.",
    TileMissing = "TILE_MISSING": "A file of the log is missing.",
    TileFormat = "TILE_FORMAT": "A file of the log does not have the length or the form that it must have.",
    TileLeaf = "TILE_LEAF": "An entry and its hash in the tile do not fit together.",
    TileLevel = "TILE_LEVEL": "A tile does not hold the hashes of the tiles below it.",
    Rollback = "ROLLBACK": "The log is shorter than it was known to be.",
    LogMissing = "LOG_MISSING": "A log that is known to exist is not there.",
    Fork = "FORK": "The log has another past than it was known to have.",
    Root = "ROOT": "The entries do not add up to the root that the log signed.",
    JwsFormat = "JWS_FORMAT": "An entry is not a compact signature.",
    JwsHeader = "JWS_HEADER": "The header of an entry is not one of those allowed.",
    JwsKey = "JWS_KEY": "An entry is signed by a key that was not valid there.",
    JwsSignature = "JWS_SIGNATURE": "The signature of an entry does not fit.",
    JsonNoncanonical = "JSON_NONCANONICAL": "An entry is not written in the one canonical form.",
    JsonDuplicateKey = "JSON_DUPLICATE_KEY": "An entry has the same member twice.",
    EventSchema = "EVENT_SCHEMA": "An entry lacks a member, or has one that it must not have.",
    EventIndex = "EVENT_INDEX": "An entry names another place than the one where it stands.",
    EventOrigin = "EVENT_ORIGIN": "An entry belongs to another log.",
    EventDuplicate = "EVENT_DUPLICATE": "The same event id stands twice.",
    TimeOrder = "TIME_ORDER": "An entry is dated before the one in front of it.",
    StreamId = "STREAM_ID": "An entry names the wrong stream or the wrong number of it.",
    StreamGap = "STREAM_GAP": "An entry of a stream is missing or stands twice.",
    StreamPrev = "STREAM_PREV": "An entry does not follow the one that it names as its predecessor.",
    HeadsRoot = "HEADS_ROOT": "The list of newest entries is not what the entries say.",
    HeadsChain = "HEADS_CHAIN": "A heads entry does not follow the one in front of it.",
    HeadsNotLast = "HEADS_NOT_LAST": "The checkpoint does not end in a complete list of newest entries.",
    KeysChain = "KEYS_CHAIN": "The chain of signing keys is broken.",
    ErasureScope = "ERASURE_SCOPE": "An erasure names something that does not exist in front of it in its stream.",
    BlobHash = "BLOB_HASH": "A stored ciphertext is not the one that its entry commits to.",
    BlobMissing = "BLOB_MISSING": "A ciphertext is missing and no erasure explains it.",
    ErasedButPresent = "ERASED_BUT_PRESENT": "Something was erased, and it is still there.",
    BundleFormat = "BUNDLE_FORMAT": "The bundle is not built as a bundle must be.",
    BundleManifest = "BUNDLE_MANIFEST": "A file of the bundle is not the one that its list names.",
    Policy = "POLICY": "The policy, which says whom to trust, cannot be read.",
    WitnessSignature = "WITNESS_SIGNATURE": "The cosignature of a known witness does not fit.",
    WitnessQuorum = "WITNESS_QUORUM": "Too few of the trusted witnesses have cosigned the checkpoint.",
    ConsistencyMissing = "CONSISTENCY_MISSING": "Nothing proves that the log grew out of the checkpoint known from elsewhere.",
    ProofFormat = "PROOF_FORMAT": "A proof is missing or is not written as a proof must be.",
    ProofCheckpoint = "PROOF_CHECKPOINT": "A proof belongs to another checkpoint than the bundle's.",
    Inclusion = "INCLUSION": "An entry does not stand in the log at the place that its proof names.",
    StreamOrder = "STREAM_ORDER": "Two events of the stream stand in the log in the wrong order.",
    StreamTruncated = "STREAM_TRUNCATED": "The newest events of the stream are missing.",
    TimeProof = "TIME_PROOF": "The evidence of time of an event does not hold.",
    TimeBackdated = "TIME_BACKDATED": "An event is dated earlier than a moment at which it was not yet in the log.",
    TimeAfterCosignature = "TIME_AFTER_COSIGNATURE": "An event is dated later than the moment at which witnesses saw it.",
    TimeSealedLate = "TIME_SEALED_LATE": "Witnesses saw an event more than a day after the time that it states.",
    SdFormat = "SD_FORMAT": "A disclosed value is not written as it must be, or its salt is too short.",
    SdDuplicate = "SD_DUPLICATE": "A disclosed value stands twice.",
    SdUnreferenced = "SD_UNREFERENCED": "A disclosed value is not one that the event was recorded with.",
    SdUndeclaredOmission = "SD_UNDECLARED_OMISSION": "Something is left out that is neither erased nor listed as withheld.",
    RedactionManifest = "REDACTION_MANIFEST": "The list of what is withheld does not fit the events.",
    ArchiveMissing = "ARCHIVE_MISSING": "Cosigned checkpoints or time stamps that the log had archived are missing.",
    ArchiveRecord = "ARCHIVE_RECORD": "An archived checkpoint or time stamp is not the one that was archived, or not one of this log.",
    FileDigest = "FILE_DIGEST": "A document is not the one that was filed.",
    ReceiptMismatch = "RECEIPT_MISMATCH": "The event is not the one that the receipt was given for.",
    TstInvalid = "TST_INVALID": "A time stamp is not one of this checkpoint, or is not valid.",
    DossierFormat = "DOSSIER_FORMAT": "The dossier is not built as a dossier must be.",
    DossierFile = "DOSSIER_FILE": "A file of the dossier is not the one that its list names.",
    TimeUnbounded = "TIME_UNBOUNDED": "Nothing bounds the time of an event from one side.",
    TimeWide = "TIME_WIDE": "The evidence leaves more than half an hour open for the time of an event.",
    FileAbsent = "FILE_ABSENT": "A document that an event names is not in the bundle.",
    TstUnverified = "TST_UNVERIFIED": "A time stamp fits, and who issued it was not checked.",
    CompletenessOperatorOnly = "COMPLETENESS_OPERATOR_ONLY": "That nothing is missing rests on the word of the log's operator.",
    CaseBindingMissing = "CASE_BINDING_MISSING": "Nothing in the bundle says which case it is about.",
    StreamAbsent = "STREAM_ABSENT": "A stream that the case refers to, or that of a person who is named, is not in the dossier.",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something is wrong: what, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}{}: {detail}", place(*index))]
pub struct Finding {
    /// What is wrong.
    pub code: Code,
    /// The entry, where it is about one.
    pub index: Option<LogIndex>,
    /// More, without any content.
    pub detail: String,
}

fn place(index: Option<LogIndex>) -> String {
    index.map_or_else(String::new, |index| format!(" at entry {index}"))
}

impl Finding {
    pub(crate) fn at(code: Code, index: LogIndex, detail: impl Into<String>) -> Self {
        Self {
            code,
            index: Some(index),
            detail: detail.into(),
        }
    }

    pub(crate) fn of(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            index: None,
            detail: detail.into(),
        }
    }
}
