//! What a mirror signs and shows: that everything up to a checkpoint is kept here (C2SP
//! tlog-mirror).

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use verify::position::{LogTime, Size};
use verify::tiles::is_within;

use super::Keep;
use crate::files::bytes_max;
use crate::keys::WitnessKey;
use crate::note::{Checkpoint, Line};
use crate::regular;

/// A checkpoint up to which everything is kept, signed for by each key of the mirror.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    size: Size,
    /// The checkpoint as it lies in the directory, with all its lines.
    pub(super) note: String,
    /// Those of the mirror.
    lines: String,
}

/// The directory of a mirror, as others see it: they wait for nothing that is being read or kept.
pub(crate) struct Mirror {
    dir: PathBuf,
    signed: Arc<Mutex<Option<Signed>>>,
}

impl Mirror {
    fn signed(&self) -> Option<Signed> {
        self.signed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Entries that are kept and signed for, with the lines that say so.
    pub(crate) fn lines(&self) -> Option<(Size, String)> {
        self.signed().map(|signed| (signed.size, signed.lines))
    }

    /// The checkpoint, or a tile that it covers; none for everything else.
    pub(crate) fn file(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match self.signed() {
            Some(signed) if path == "checkpoint" => Ok(Some(signed.note.into_bytes())),
            Some(signed) if is_within(path, signed.size) => {
                regular::read(&self.dir.join(path), bytes_max(path))
            }
            _ => Ok(None),
        }
    }
}

impl Keep {
    /// The same, signed for by these keys from the next checkpoint on. What they have signed
    /// already is shown at once.
    ///
    /// # Errors
    /// [`super::FileError`].
    pub fn signed_by(mut self, keys: Vec<WitnessKey>) -> Result<Self, super::FileError> {
        let note = self
            .directory
            .read("checkpoint")?
            .and_then(|note| String::from_utf8(note).ok());
        let found = note.and_then(|note| Some((Checkpoint::parse(&note)?, note)));
        self.keys = keys;
        if let Some((checkpoint, note)) = found {
            let lines: Vec<&Line> = checkpoint
                .lines
                .iter()
                .filter(|line| self.keys.iter().any(|key| key.owns(line)))
                .collect();
            if lines.len() == self.keys.len() {
                let lines = lines.into_iter().map(Line::text).collect();
                self.show(Signed {
                    size: checkpoint.size,
                    note,
                    lines,
                });
            }
        }
        Ok(self)
    }

    /// Names under which it signs.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(WitnessKey::name)
    }

    /// How others see it; none where nothing signs for it.
    pub(crate) fn mirror(&self) -> Option<Mirror> {
        let mirror = || Mirror {
            dir: self.directory.dir().to_owned(),
            signed: Arc::clone(&self.signed),
        };
        (!self.keys.is_empty()).then(mirror)
    }

    /// A checkpoint with the mirror's lines. A key whose name is too long for what it signs adds
    /// none.
    pub(super) fn sign(&self, note: &str, size: Size, time: LogTime) -> Signed {
        let checkpoint = Checkpoint::parse(note);
        let signed = checkpoint.iter().flat_map(|checkpoint| {
            self.keys
                .iter()
                .filter_map(|key| key.cosign(checkpoint, time))
        });
        let lines: String = signed.map(|line| line.text()).collect();
        Signed {
            size,
            note: format!("{note}{lines}"),
            lines,
        }
    }

    pub(super) fn show(&self, signed: Signed) {
        *self.signed.lock().unwrap_or_else(PoisonError::into_inner) = Some(signed);
    }
}
