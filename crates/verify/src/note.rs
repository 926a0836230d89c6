//! Signed notes: who signed a text, with which kind of key, and what a checkpoint's text says.
//!
//! C2SP signed-note, tlog-checkpoint and tlog-cosignature. Whom to trust is decided in
//! [`crate::policy`].
//!
//! The text of a checkpoint is three lines: the name of the log, its size, its root. An empty line
//! and the signatures follow. A pin is such a text; its signatures are not needed:
//!
//! ```
//! use verify::bundle::Pin;
//!
//! let text = "log.aarhus.example/0751/sag\n10\nmMvus/hgMas2ly7mrFfaGJ1chQGshSrCoyqTePSVtwI=\n";
//! assert!(Pin::parse(text).is_ok());
//! assert!(Pin::parse(&text.replace("10", "010")).is_err(), "a number has one written form");
//! ```

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use ml_dsa::MlDsa44;

use crate::code::{Code, Finding};
use crate::position::{LogTime, Size};
use crate::tree::{Hash, hash};

/// Signature lines of one note.
pub const LINES_MAX: usize = 64;

/// What a checkpoint says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) size: Size,
    pub(crate) root: Hash,
}

/// One signature line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) id: [u8; 4],
    signature: Vec<u8>,
}

/// A checkpoint with its signatures, none of them checked yet.
#[derive(Debug, Clone)]
pub(crate) struct SignedNote {
    /// The text with its last line feed: what is signed.
    pub(crate) body: String,
    pub(crate) origin: String,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) lines: Vec<Line>,
}

enum Public {
    /// Signs the text as it is.
    Plain(VerifyingKey),
    /// Signs the text with a time.
    Timed(VerifyingKey),
    /// Signs name, time, origin, size and root; safe against quantum computers.
    Lattice(Box<ml_dsa::VerifyingKey<MlDsa44>>),
}

/// A key that is known beforehand.
pub(crate) struct Verifier {
    pub(crate) name: String,
    pub(crate) id: [u8; 4],
    /// Kind and key as they are written.
    pub(crate) bytes: Vec<u8>,
    public: Public,
}

impl Verifier {
    /// Reads `name+id+key`.
    pub(crate) fn parse(vkey: &str) -> Option<Self> {
        let (name, rest) = vkey.split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let bytes = STANDARD.decode(key).ok()?;
        let (kind, public) = bytes.split_first()?;
        let ed25519 = || {
            VerifyingKey::from_bytes(public.try_into().ok()?)
                .ok()
                .filter(|key| !key.is_weak())
        };
        let public = match kind {
            1 => Public::Plain(ed25519()?),
            4 => Public::Timed(ed25519()?),
            6 => Public::Lattice(Box::new(ml_dsa::VerifyingKey::decode(
                &public.try_into().ok()?,
            ))),
            _ => return None,
        };
        let named = [name.as_bytes(), b"\n", &bytes].concat();
        let expected = *hash(&named).first_chunk::<4>()?;
        let text: String = expected.iter().map(|byte| format!("{byte:02x}")).collect();
        (text == id && named_well(name)).then(|| Self {
            name: name.to_owned(),
            id: expected,
            bytes,
            public,
        })
    }

    /// Whether a log may sign its checkpoints with it.
    pub(crate) fn signs_logs(&self) -> bool {
        matches!(self.public, Public::Plain(_))
    }

    /// Whether its signatures outlast quantum computers.
    pub(crate) fn outlasts(&self) -> bool {
        matches!(self.public, Public::Lattice(_))
    }

    pub(crate) fn made(&self, line: &Line) -> bool {
        line.name == self.name && line.id == self.id
    }

    /// The time that the signature states, [`LogTime::EPOCH`] where its kind states no time; `None`
    /// when the signature does not fit.
    pub(crate) fn check(&self, note: &SignedNote, line: &Line) -> Option<LogTime> {
        if let Public::Plain(key) = &self.public {
            let signature = Signature::from_bytes(line.signature.as_slice().try_into().ok()?);
            return key
                .verify_strict(note.body.as_bytes(), &signature)
                .ok()
                .map(|()| LogTime::EPOCH);
        }
        let (time, signature) = line.signature.split_first_chunk::<8>()?;
        let time = LogTime::new(u64::from_be_bytes(*time));
        i64::try_from(time.get()).ok()?;
        let fits = match &self.public {
            Public::Lattice(key) => {
                let signature = ml_dsa::Signature::<MlDsa44>::decode(&signature.try_into().ok()?)?;
                key.verify_with_context(&self.lattice_message(note, time)?, &[], &signature)
            }
            Public::Plain(key) | Public::Timed(key) => {
                let message = format!("cosignature/v1\ntime {time}\n{}", note.body);
                key.verify_strict(
                    message.as_bytes(),
                    &Signature::from_bytes(signature.try_into().ok()?),
                )
                .is_ok()
            }
        };
        fits.then_some(time)
    }

    /// `cosigned_message` of tlog-cosignature, for a tree from its first leaf.
    fn lattice_message(&self, note: &SignedNote, time: LogTime) -> Option<Vec<u8>> {
        let mut message = b"subtree/v1\n\0".to_vec();
        message.push(u8::try_from(self.name.len()).ok()?);
        message.extend_from_slice(self.name.as_bytes());
        message.extend_from_slice(&time.get().to_be_bytes());
        message.push(u8::try_from(note.origin.len()).ok()?);
        message.extend_from_slice(note.origin.as_bytes());
        message.extend_from_slice(&0_u64.to_be_bytes());
        message.extend_from_slice(&note.checkpoint.size.get().to_be_bytes());
        message.extend_from_slice(&note.checkpoint.root);
        Some(message)
    }
}

fn named_well(name: &str) -> bool {
    !name.is_empty()
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

/// A number in its shortest form.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.parse()
        .ok()
        .filter(|number: &u64| number.to_string() == text)
}

/// 32 bytes in base64 with padding.
pub(crate) fn root(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// The three lines of a checkpoint's text: origin, size and root.
pub(crate) fn body(text: &str) -> Result<(String, Checkpoint), &'static str> {
    let text = text
        .strip_suffix('\n')
        .ok_or("the last line does not end")?;
    let lines: Vec<&str> = text.split('\n').collect();
    let [name, size, root] = lines.as_slice() else {
        return Err("there are not exactly three lines");
    };
    if !named_well(name) {
        return Err("the first line is not the name of a log");
    }
    let size = number(size)
        .map(Size::new)
        .ok_or("the size is not a number in its shortest form")?;
    let root = self::root(root).ok_or("the root is not 32 bytes in base64")?;
    Ok(((*name).to_owned(), Checkpoint { size, root }))
}

/// Takes a signed checkpoint apart.
pub(crate) fn open(note: &str) -> Result<SignedNote, &'static str> {
    if note.chars().any(|c| c.is_control() && c != '\n') {
        return Err("there are control characters");
    }
    let (text, signatures) = note.split_once("\n\n").ok_or("there are no signatures")?;
    let body = format!("{text}\n");
    let (origin, checkpoint) = self::body(&body)?;
    let signatures = signatures
        .strip_suffix('\n')
        .ok_or("the last line does not end")?;
    let mut lines = Vec::new();
    for line in signatures.split('\n') {
        let (name, blob) = line
            .strip_prefix("\u{2014} ")
            .and_then(|line| line.split_once(' '))
            .ok_or("a signature line is malformed")?;
        let blob = STANDARD
            .decode(blob)
            .map_err(|_| "a signature is not base64")?;
        let (id, signature) = blob
            .split_first_chunk::<4>()
            .ok_or("a signature is too short")?;
        if !named_well(name) || signature.is_empty() || lines.len() == LINES_MAX {
            return Err("a signature line is malformed, or there are too many");
        }
        lines.push(Line {
            name: name.to_owned(),
            id: *id,
            signature: signature.to_vec(),
        });
    }
    Ok(SignedNote {
        body,
        origin,
        checkpoint,
        lines,
    })
}

/// Checks that one of the log's keys has signed; every line of a known key must fit.
pub(crate) fn signed_by_log<'a>(
    note: &SignedNote,
    keys: impl Iterator<Item = &'a Verifier>,
) -> Result<(), Finding> {
    let wrong = |what: &str| Err(Finding::of(Code::CheckpointSignature, what));
    let mut signed = false;
    for key in keys {
        for line in note.lines.iter().filter(|line| key.made(line)) {
            if key.check(note, line).is_none() {
                return wrong("the log's signature does not fit");
            }
            signed = true;
        }
    }
    if signed {
        Ok(())
    } else {
        wrong("the log has not signed it")
    }
}

/// The verifier keys of one log.
pub(crate) struct LogKeys {
    ed25519: Verifier,
    post_quantum: Option<Verifier>,
}

impl LogKeys {
    /// Reads the keys; `CHECKPOINT_SIGNATURE` when one is malformed or of the wrong kind.
    pub(crate) fn parse(ed25519: &str, post_quantum: Option<&str>) -> Result<Self, Finding> {
        let malformed = |which: &str| {
            Finding::of(
                Code::CheckpointSignature,
                format!("the {which} verifier key is malformed"),
            )
        };
        let ed25519 = Verifier::parse(ed25519)
            .filter(Verifier::signs_logs)
            .ok_or_else(|| malformed("Ed25519"))?;
        let read = |vkey: &str| {
            Verifier::parse(vkey)
                .filter(Verifier::outlasts)
                .ok_or_else(|| malformed("ML-DSA-44"))
        };
        let post_quantum = post_quantum.map(read).transpose()?;
        Ok(Self {
            ed25519,
            post_quantum,
        })
    }

    /// Checks that a note is one of this log, signed with each of the keys.
    pub(crate) fn check(&self, note: &SignedNote, origin: &str) -> Result<(), Finding> {
        let keys = || std::iter::once(&self.ed25519).chain(&self.post_quantum);
        if note.origin != origin || keys().any(|key| key.name != origin) {
            return Err(Finding::of(
                Code::CheckpointOrigin,
                format!("it names {}", note.origin),
            ));
        }
        signed_by_log(note, std::iter::once(&self.ed25519))?;
        match &self.post_quantum {
            None => Ok(()),
            Some(key) => signed_by_log(note, std::iter::once(key)).map_err(|finding| {
                Finding::of(
                    finding.code,
                    format!("{}; it is about the log's ML-DSA-44 key", finding.detail),
                )
            }),
        }
    }
}

/// Checks the note against the log's name and verifier keys.
pub(crate) fn check(note: &str, origin: &str, keys: &LogKeys) -> Result<Checkpoint, Finding> {
    let note = open(note).map_err(|what| Finding::of(Code::CheckpointFormat, what))?;
    keys.check(&note, origin)?;
    Ok(note.checkpoint)
}
