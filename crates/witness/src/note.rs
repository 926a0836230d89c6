//! Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), as a witness reads them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use verify::position::Size;

use crate::tree::Hash;

/// Signature lines that are read of one note.
const LINE_COUNT_MAX: usize = 64;

/// A line that signs a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) id: [u8; 4],
    pub(crate) signature: Vec<u8>,
}

impl Line {
    pub(crate) fn text(&self) -> String {
        format!(
            "\u{2014} {} {}\n",
            self.name,
            STANDARD.encode([&self.id[..], &self.signature].concat())
        )
    }

    fn parse(text: &str) -> Option<Self> {
        let (name, blob) = text.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let blob = STANDARD.decode(blob).ok()?;
        let (id, signature) = blob.split_first_chunk::<4>()?;
        (is_name(name) && !signature.is_empty()).then(|| Self {
            name: name.to_owned(),
            id: *id,
            signature: signature.to_vec(),
        })
    }
}

/// A checkpoint with lines, none of them checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// The signed text: origin, size, root and whatever lines the log adds.
    pub(crate) body: String,
    pub(crate) origin: String,
    pub(crate) size: Size,
    pub(crate) root: Hash,
    pub(crate) lines: Vec<Line>,
}

/// Whether a text can be the name of a key.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// A number in its one decimal form.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.parse()
        .ok()
        .filter(|number: &u64| number.to_string() == text)
}

/// A hash in base64.
pub(crate) fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

impl Checkpoint {
    /// Reads a signed checkpoint; none when it is not one.
    pub(crate) fn parse(note: &str) -> Option<Self> {
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return None;
        }
        let (text, lines) = note.rsplit_once("\n\n")?;
        let lines: Vec<&str> = lines.strip_suffix('\n')?.split('\n').collect();
        if lines.len() > LINE_COUNT_MAX {
            return None;
        }
        let mut fields = text.split('\n');
        let (origin, size, root) = (
            fields.next()?,
            Size::new(number(fields.next()?)?),
            hash(fields.next()?)?,
        );
        // A log is named in what ML-DSA signs by at most 255 bytes.
        if !(1..=255).contains(&origin.len()) || fields.any(str::is_empty) {
            return None;
        }
        let lines = lines.into_iter().map(Line::parse).collect::<Option<_>>()?;
        Some(Self {
            body: format!("{text}\n"),
            origin: origin.to_owned(),
            size,
            root,
            lines,
        })
    }
}
