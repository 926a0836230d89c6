//! Reading signed notes (C2SP signed-note): a text and the signature lines below it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::hash::sha256_all;
use crate::hex;

/// The most bytes of a note that is read.
pub const NOTE_BYTES_MAX: usize = 256 * 1024;
/// The most signature lines of a note that is read.
pub const LINE_COUNT_MAX: usize = 64;

/// The text is not a signed note, or longer than is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`NOTE_BYTES_MAX`].
    #[error("note is longer than {NOTE_BYTES_MAX} bytes")]
    TooLong,
    /// More lines than [`LINE_COUNT_MAX`].
    #[error("note has more than {LINE_COUNT_MAX} signature lines")]
    TooManyLines,
    /// No empty line, or no line end behind the last line.
    #[error("note has no signature lines that end in a line end")]
    NoLines,
    /// A control character other than the line end.
    #[error("note holds a control character")]
    Control,
    /// A line is not dash, name and at least five bytes of base64.
    #[error("signature line {number} is malformed")]
    Line {
        /// Which one, from 1.
        number: usize,
    },
}

/// A line that signs a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// Name of the key.
    pub name: String,
    /// Id of the key.
    pub key_id: [u8; 4],
    /// What the key made of the text; its form depends on the type of the key.
    pub signature: Vec<u8>,
}

impl SignatureLine {
    /// The line, line end included.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "\u{2014} {} {}\n",
            self.name,
            STANDARD.encode([&self.key_id[..], &self.signature].concat())
        )
    }

    /// Reads a line without its line end.
    fn parse(line: &str) -> Option<Self> {
        let (name, blob) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let blob = STANDARD.decode(blob).ok()?;
        let (key_id, signature) = blob.split_first_chunk::<4>()?;
        let whole = is_name(name) && !signature.is_empty();
        whole.then(|| Self {
            name: name.to_owned(),
            key_id: *key_id,
            signature: signature.to_vec(),
        })
    }
}

/// A text and the lines that sign it, none of them checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text, its last line end included.
    pub body: String,
    /// The lines in their order.
    pub lines: Vec<SignatureLine>,
}

impl Note {
    /// Reads a note.
    ///
    /// # Errors
    /// [`NoteError::TooLong`] above [`NOTE_BYTES_MAX`]; [`NoteError::Control`] for a control
    /// character; [`NoteError::NoLines`] without signature lines; [`NoteError::TooManyLines`] above
    /// [`LINE_COUNT_MAX`]; [`NoteError::Line`] for a malformed line.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Control);
        }
        let (body, lines) = note.rsplit_once("\n\n").ok_or(NoteError::NoLines)?;
        Ok(Self {
            body: format!("{body}\n"),
            lines: parse_lines(lines)?,
        })
    }

    /// The note as text.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: String = self.lines.iter().map(SignatureLine::text).collect();
        format!("{}\n{lines}", self.body)
    }
}

/// Reads signature lines, as a witness answers with them.
///
/// # Errors
/// [`NoteError::TooLong`], [`NoteError::NoLines`], [`NoteError::TooManyLines`], [`NoteError::Line`]
/// as for [`Note::parse`].
pub fn parse_lines(lines: &str) -> Result<Vec<SignatureLine>, NoteError> {
    if lines.len() > NOTE_BYTES_MAX {
        return Err(NoteError::TooLong);
    }
    let lines = lines.strip_suffix('\n').ok_or(NoteError::NoLines)?;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(lines.split('\n')) {
        if number > LINE_COUNT_MAX {
            return Err(NoteError::TooManyLines);
        }
        found.push(SignatureLine::parse(line).ok_or(NoteError::Line { number })?);
    }
    Ok(found)
}

/// Whether a text can be the name of a key: not empty, without spaces and without `+`.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// Id of a key: the first four bytes of a hash over its name, its type and its public half.
pub(crate) fn key_id(name: &str, kind: u8, public: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = *sha256_all(&[name.as_bytes(), &[0x0a, kind], public]).as_bytes();
    [a, b, c, d]
}

/// The text of a verifier key: name, id in hexadecimal, type and public half, joined by `+`.
pub(crate) fn vkey(name: &str, kind: u8, public: &[u8]) -> String {
    let id = hex::encode(&key_id(name, kind, public));
    format!(
        "{name}+{id}+{}",
        STANDARD.encode([&[kind], public].concat())
    )
}
