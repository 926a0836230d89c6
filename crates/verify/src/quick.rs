//! The short way to read an entry: events and heads entries in their usual form, straight from
//! the canonical bytes, without building a value first.
//!
//! It accepts only the exact bytes of the canonical form, and answers `None` for everything else.
//! Then the full parser ([`crate::jws`], [`crate::entry`]) decides and names what is wrong. So a
//! fault here can cost time; it cannot let a wrong entry through.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::entry::{Common, Event, Heads, Id, Kind};
use crate::position::{LogIndex, LogTime, Seq, Size};
use crate::tree::Hash;

const HASH_TEXT: usize = 43;
const SIGNATURE_TEXT: usize = 86;

/// An entry in its usual form.
pub(crate) struct Quick<'a> {
    pub(crate) kid: Arc<str>,
    pub(crate) common: Common,
    pub(crate) kind: Kind,
    pub(crate) message: &'a [u8],
    pub(crate) signature: [u8; 64],
}

/// Reads entries; remembers the newest header, which most entries share.
#[derive(Default)]
pub(crate) struct QuickReader {
    header: Vec<u8>,
    kid: Option<Arc<str>>,
    heads: bool,
    payload: Vec<u8>,
}

impl QuickReader {
    pub(crate) fn read<'a>(&mut self, bytes: &'a [u8]) -> Option<Quick<'a>> {
        let dot = bytes.len().checked_sub(SIGNATURE_TEXT + 1)?;
        let (message, signature) = bytes.split_at_checked(dot)?;
        let mut decoded = [0; 64];
        let written = URL_SAFE_NO_PAD
            .decode_slice_unchecked(signature.strip_prefix(b".")?, &mut decoded)
            .ok()?;
        let first = message.iter().position(|byte| *byte == b'.')?;
        let (header, payload) = message.split_at_checked(first)?;
        let kid = self.header(header)?;
        self.payload.clear();
        URL_SAFE_NO_PAD
            .decode_vec(payload.strip_prefix(b".")?, &mut self.payload)
            .ok()?;
        let scan = Scan(&self.payload);
        let (common, kind) = if self.heads {
            heads(scan)?
        } else {
            event(scan)?
        };
        (written == 64 && bytes.len() <= 65_535).then_some(Quick {
            kid,
            common,
            kind,
            message,
            signature: decoded,
        })
    }

    fn header(&mut self, text: &[u8]) -> Option<Arc<str>> {
        if self.header == text {
            return self.kid.clone();
        }
        let plain = URL_SAFE_NO_PAD.decode(text).ok()?;
        let mut scan = Scan(&plain);
        scan.word(b"{\"alg\":\"Ed25519\",\"kid\":\"")?;
        let kid = scan.text()?;
        self.heads = match scan.0 {
            b"\",\"typ\":\"sag-event+sd-jwt\"}" | b"\",\"typ\":\"sag-access+sd-jwt\"}" => false,
            b"\",\"typ\":\"sag-heads+jwt\"}" => true,
            _ => return None,
        };
        self.header.clear();
        self.header.extend_from_slice(text);
        self.kid = Some(kid.into());
        self.kid.clone()
    }
}

/// What is left to read.
struct Scan<'a>(&'a [u8]);

impl<'a> Scan<'a> {
    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(word)?;
        Some(())
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number in its shortest form, within what every reader of JSON can hold.
    fn number(&mut self) -> Option<u64> {
        let length = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .take(17)
            .count();
        let digits = self.take(length)?;
        if length == 0 || length > 16 || (length > 1 && digits.first() == Some(&b'0')) {
            return None;
        }
        let number = digits.iter().fold(0, |number: u64, digit| {
            number * 10 + u64::from(digit - b'0')
        });
        (number < 1 << 53).then_some(number)
    }

    /// Printable ASCII that needs no escape, up to the closing quote.
    fn text(&mut self) -> Option<&'a str> {
        let length = self.0.iter().position(|byte| *byte == b'"')?;
        let text = self.take(length)?;
        let plain = text
            .iter()
            .all(|byte| matches!(byte, 0x20..=0x7e) && *byte != b'\\');
        if plain {
            std::str::from_utf8(text).ok()
        } else {
            None
        }
    }

    fn hash(&mut self) -> Option<Hash> {
        let mut hash = [0; 32];
        let written = URL_SAFE_NO_PAD
            .decode_slice_unchecked(self.take(HASH_TEXT)?, &mut hash)
            .ok()?;
        (written == 32).then_some(hash)
    }

    fn id(&mut self) -> Option<Id> {
        let mut id = [0; 16];
        let mut digits = 0_usize;
        for (place, byte) in self.take(36)?.iter().enumerate() {
            let nibble = match (byte, matches!(place, 8 | 13 | 18 | 23)) {
                (b'-', true) => continue,
                (b'0'..=b'9', false) => byte - b'0',
                (b'a'..=b'f', false) => byte - b'a' + 10,
                _ => return None,
            };
            let slot = id.get_mut(digits / 2)?;
            *slot = *slot << 4 | nibble;
            digits += 1;
        }
        Some(id)
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }

    /// The members `i`, `iat`, `iss` and `jti`.
    fn place(&mut self) -> Option<(LogIndex, LogTime, String, Id)> {
        self.word(b"\"i\":")?;
        let index = LogIndex::new(self.number()?);
        self.word(b",\"iat\":")?;
        let time = LogTime::new(self.number()?);
        self.word(b",\"iss\":\"")?;
        let origin = self.text()?.to_owned();
        self.word(b"\",\"jti\":\"")?;
        let id = self.id()?;
        self.word(b"\",")?;
        Some((index, time, origin, id))
    }

    fn prev(&mut self) -> Option<Hash> {
        self.word(b"\"prev\":\"")?;
        self.hash()
    }
}

/// An event that erases nothing.
fn event(mut scan: Scan<'_>) -> Option<(Common, Kind)> {
    scan.word(b"{\"_sd\":[\"")?;
    scan.hash()?;
    scan.word(b"\"],\"_sd_alg\":\"sha-256\",\"ct\":[")?;
    let mut blobs = Vec::with_capacity(4);
    loop {
        scan.word(b"\"")?;
        blobs.push(scan.hash()?);
        match scan.take(2)? {
            b"\"," => {}
            b"\"]" => break,
            _ => return None,
        }
    }
    if blobs.len() > 64 {
        return None;
    }
    scan.word(b",")?;
    let (index, time, origin, id) = scan.place()?;
    scan.word(b"\"no\":")?;
    let ordinal = scan.number()?;
    scan.word(b",")?;
    let prev = scan.prev()?;
    scan.word(b"\",\"seq\":")?;
    let seq = Seq::new(scan.number()?);
    scan.word(b",\"str\":\"")?;
    let stream = scan.id()?;
    scan.word(b"\"}")?;
    scan.end()?;
    let event = Event {
        stream,
        ordinal,
        seq,
        blobs,
        erased: Vec::new(),
        replaced: Vec::new(),
    };
    Some((
        Common {
            index,
            time,
            origin,
            id,
            prev,
        },
        Kind::Event(event),
    ))
}

/// A heads entry without positions of other logs.
fn heads(mut scan: Scan<'_>) -> Option<(Common, Kind)> {
    scan.word(b"{\"h\":{\"m\":")?;
    let streams = scan.number()?;
    scan.word(b",\"n\":")?;
    let covers = Size::new(scan.number()?);
    scan.word(b",\"root\":\"")?;
    let root = scan.hash()?;
    scan.word(b"\"},")?;
    let (index, time, origin, id) = scan.place()?;
    scan.word(b"\"k\":[")?;
    let keys_index = LogIndex::new(scan.number()?);
    scan.word(b",\"")?;
    let keys_leaf = scan.hash()?;
    scan.word(b"\"],")?;
    let prev = scan.prev()?;
    scan.word(b"\"}")?;
    scan.end()?;
    let heads = Heads {
        streams,
        covers,
        root,
        keys: (keys_index, keys_leaf),
        anchors: Vec::new(),
    };
    Some((
        Common {
            index,
            time,
            origin,
            id,
            prev,
        },
        Kind::Heads(heads),
    ))
}
