//! What a store must know of an entry to find it again, read from its signed bytes: nothing that
//! stands beside them needs to be believed.

use serde::Deserialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

use crate::b64u;
use crate::positions::{LogIndex, Seq};

/// Where an entry belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outline {
    /// A keys or heads entry: in no stream, and its id is not looked up.
    System {
        /// Zero-based place in the log.
        index: LogIndex,
    },
    /// An event of a stream.
    Event(EventOutline),
}

/// Where an event belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventOutline {
    /// Zero-based place in the log.
    pub index: LogIndex,
    /// The stream that the event extends.
    pub stream: Uuid,
    /// How many distinct streams appeared in the log before this one.
    pub ordinal: u64,
    /// The 1-based position in the stream.
    pub seq: Seq,
    /// The id of the event, unique in the log.
    pub event_id: Uuid,
    /// Whether the entry erases something.
    pub erases: bool,
}

/// The entry says nothing of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the entry does not say where it belongs")]
pub struct OutlineError;

#[derive(Deserialize)]
struct Payload {
    i: LogIndex,
    jti: Uuid,
    #[serde(rename = "str")]
    stream: Option<Uuid>,
    no: Option<u64>,
    seq: Option<Seq>,
    er: Option<IgnoredAny>,
}

impl Outline {
    /// Reads an entry. Only what is asked for is looked at: [`crate::entry::parse`] is the exact
    /// reading, at many times the cost.
    ///
    /// # Errors
    /// [`OutlineError`] unless it is three fields with the members that say where an entry belongs.
    pub fn read(entry: &[u8]) -> Result<Self, OutlineError> {
        let mut fields = entry.split(|byte| *byte == b'.');
        let (Some(_), Some(payload), Some(_), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(OutlineError);
        };
        let payload = b64u::decode(payload).map_err(|_| OutlineError)?;
        let Payload {
            i: index,
            jti: event_id,
            stream,
            no,
            seq,
            er,
        } = serde_json::from_slice(&payload).map_err(|_| OutlineError)?;
        match (stream, no, seq) {
            (None, None, None) => Ok(Self::System { index }),
            (Some(stream), Some(ordinal), Some(seq)) => Ok(Self::Event(EventOutline {
                index,
                stream,
                ordinal,
                seq,
                event_id,
                erases: er.is_some(),
            })),
            _ => Err(OutlineError),
        }
    }

    /// Zero-based place in the log.
    #[must_use]
    pub const fn index(&self) -> LogIndex {
        match self {
            Self::System { index } | Self::Event(EventOutline { index, .. }) => *index,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{ErasedRef, EventEnvelope, HeadsEntry, KeysEntry};
    use crate::hash::Hash;
    use crate::positions::{LogTime, Size};
    use crate::signing::EventKey;

    fn envelope(erased: Vec<ErasedRef>) -> EventEnvelope {
        EventEnvelope {
            origin: "log.example/0999/sag".into(),
            index: LogIndex::new(7),
            recorded_at: LogTime::new(1_700_000_000),
            event_id: Uuid::from_u128(5),
            stream: Uuid::from_u128(6),
            ordinal: 2,
            seq: Seq::new(3).unwrap(),
            prev: Hash::ZERO,
            payload: Hash::ZERO,
            blobs: vec![Hash::ZERO],
            erased,
            replaced: Vec::new(),
        }
    }

    #[test]
    fn it_is_what_the_exact_reading_says() {
        let key = EventKey::from_seed(&[7; 32]);
        for erases in [false, true] {
            let erased = if erases {
                vec![ErasedRef {
                    seq: Seq::FIRST,
                    part: 0,
                    digest: None,
                }]
            } else {
                Vec::new()
            };
            let event = envelope(erased);
            let outline = EventOutline {
                index: LogIndex::new(7),
                stream: event.stream,
                ordinal: 2,
                seq: Seq::new(3).unwrap(),
                event_id: event.event_id,
                erases,
            };
            for signed in [event.sign(&key).unwrap(), event.sign_access(&key).unwrap()] {
                assert_eq!(Outline::read(&signed.bytes), Ok(Outline::Event(outline)));
            }
        }
        let keys = KeysEntry {
            origin: "log.example/0999/sag".into(),
            index: LogIndex::new(9),
            recorded_at: LogTime::new(1),
            entry_id: Uuid::from_u128(1),
            keys: vec![key.public().clone()],
            prev: Hash::ZERO,
        };
        let heads = HeadsEntry {
            origin: "log.example/0999/sag".into(),
            index: LogIndex::new(9),
            recorded_at: LogTime::new(1),
            entry_id: Uuid::from_u128(1),
            streams: 1,
            covers: Size::new(9),
            root: Hash::ZERO,
            keys: (LogIndex::FIRST, Hash::ZERO),
            prev: Hash::ZERO,
            anchors: Vec::new(),
        };
        for signed in [keys.sign(&key).unwrap(), heads.sign(&key).unwrap()] {
            assert_eq!(
                Outline::read(&signed.bytes),
                Ok(Outline::System {
                    index: LogIndex::new(9)
                })
            );
        }
    }

    #[test]
    fn what_is_no_entry_says_nothing() {
        let bytes = envelope(Vec::new())
            .sign(&EventKey::from_seed(&[7; 32]))
            .unwrap()
            .bytes;
        let text = String::from_utf8(bytes).unwrap();
        let (head, rest) = text.split_once('.').unwrap();
        let (payload, signature) = rest.split_once('.').unwrap();
        let json = String::from_utf8(b64u::decode(payload.as_bytes()).unwrap()).unwrap();
        let with = |json: String| format!("{head}.{}.{signature}", b64u::encode(json.as_bytes()));
        for broken in [
            String::new(),
            "a.b".to_owned(),
            format!("{text}.more"),
            with(json.replace("\"seq\":3", "\"seq\":0")),
            with(json.replace("\"seq\":3,", "")),
            with(json.replace("\"i\":7", "\"i\":7,\"i\":8")),
            with(json.replace("\"i\":7", "\"i\":-7")),
        ] {
            assert_eq!(
                Outline::read(broken.as_bytes()),
                Err(OutlineError),
                "{broken}"
            );
        }
    }
}
