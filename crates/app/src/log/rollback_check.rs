//! What is known of a log apart from its own directory: size and root of its latest checkpoint,
//! kept beside the keys, and what the municipality's other log says of it. A data directory that
//! was replaced by an older copy, or removed, is told by the first, one log of the two by the
//! second.

use std::io;

use record::checkpoint::Checkpoint;
use record::entry::{Anchor, Entry, parse};
use record::positions::Size;
use record::proof::root_at;
use store::backend::opening::OpenError;
use store::backend::side_texts::{SideText, SideTexts};
use store::backend::view::Reading;
use store::log_store::LogStore;

use crate::error::{BoxError, ReadError};
use crate::layout::Layout;
use crate::log::head::StoreNodes;

/// The log is not the one that is known.
#[derive(Debug, thiserror::Error)]
pub enum KnownError {
    /// It is an older copy.
    #[error(
        "STORE_ROLLED_BACK: {by} knows {known} entries of this log, but only {held} lie here: an older copy was put back, or the newest \
         files are missing. Nothing was written. `sagsspor repair --from COPY` brings back what is missing from a newer copy or from \
         exported tiles (docs/guide/operating.md, \"Repair\")"
    )]
    Older {
        /// Where it is kept: a file, or the other log.
        by: String,
        /// How many entries are known.
        known: Size,
        /// How many there are.
        held: Size,
    },
    /// It is not there at all.
    #[error(
        "LOG_MISSING: {by} knows {known} entries of the log {origin}, but there is no log in {dir}: it was removed, or another directory \
         was named. Nothing was written. Bring the directory back; `sagsspor repair --from COPY` does it from a copy or from exported \
         tiles (docs/guide/operating.md, \"Repair\")"
    )]
    Missing {
        /// Name of the log that is missing.
        origin: String,
        /// Where it should lie.
        dir: String,
        /// Where it is kept: a file, or the other log.
        by: String,
        /// How many entries are known.
        known: Size,
    },
    /// The municipality's other log is there, and not one key for it.
    #[error(
        "KEYS_MISSING: {dir} holds no keys, but the log {origin} needs them: bring that directory back; nothing was written"
    )]
    Keyless {
        /// Name of the other log.
        origin: String,
        /// Its key directory.
        dir: String,
    },
    /// What the municipality's other log says cannot be read, so that nobody can tell.
    #[error(
        "the log {origin} cannot be read, so that what it says of this one is not known; nothing was written. `sagsspor audit` says what \
         is wrong with it"
    )]
    Sister {
        /// Name of the other log.
        origin: String,
        /// What is wrong with it.
        #[source]
        source: BoxError,
    },
    /// It has another past.
    #[error(
        "FORK: {by} knows other {size} entries of this log than those that lie here; nothing was written"
    )]
    Other {
        /// Where it is kept: a file, or the other log.
        by: String,
        /// The size at which the roots differ.
        size: Size,
    },
    /// The log could not be read.
    #[error("the record could not be read")]
    Read(#[from] ReadError),
}

/// The checkpoint of a log that is kept beside its keys; none when there is none that can be read.
#[must_use]
pub fn of(layout: &Layout) -> Option<Checkpoint> {
    read(&*layout.side_texts())
        .filter(|known| known.origin == layout.origin() && !known.size.is_empty())
}

/// The checkpoint that is kept; none when there is none, or when it was lost with the power.
pub(crate) fn read(texts: &dyn SideTexts) -> Option<Checkpoint> {
    let bytes = texts.read(SideText::KnownCheckpoint).ok()??;
    let known = Checkpoint::of_note(std::str::from_utf8(&bytes).ok()?);
    if known.is_none() {
        let file = texts.place(SideText::KnownCheckpoint);
        tracing::warn!(
            file,
            "the checkpoint beside the keys cannot be read and is made anew"
        );
    }
    known
}

/// What the newest heads entry of a log says of its sister. The stored checkpoint is not asked
/// which one that is: it can be taken away, or be put back as it was earlier.
fn said(by: &Layout) -> Result<Option<Anchor>, BoxError> {
    if !by.holds_log()? {
        return Ok(None);
    }
    let Some(log) = by.backend().read_only(&by.name(), Reading::default())? else {
        return Ok(None);
    };
    let heads = |bytes: &[u8]| match parse(bytes).map(|parsed| parsed.entry) {
        Ok(Entry::Heads(heads)) => Some(heads),
        _ => None,
    };
    let newest = log.newest(&|bytes| heads(bytes).is_some())?;
    Ok(newest
        .and_then(|bytes| heads(&bytes))
        .and_then(|heads| of_sister(heads.anchors, by)))
}

fn of_sister(anchors: Vec<Anchor>, by: &Layout) -> Option<Anchor> {
    let sister = by.sister().origin();
    anchors
        .into_iter()
        .find(|anchor| anchor.origin == sister && !anchor.size.is_empty())
}

fn said_by_sister(layout: &Layout) -> Result<Option<Anchor>, KnownError> {
    let sister = layout.sister();
    said(&sister).map_err(|source| KnownError::Sister {
        origin: sister.origin(),
        source,
    })
}

/// Where the checkpoint beside the keys of a log is kept.
pub(crate) fn known_place(layout: &Layout) -> String {
    layout.side_texts().place(SideText::KnownCheckpoint)
}

fn missing(layout: &Layout, by: String, known: Size) -> KnownError {
    KnownError::Missing {
        origin: layout.origin(),
        dir: layout.places().log,
        by,
        known,
    }
}

fn unreadable(origin: String) -> impl FnOnce(OpenError) -> KnownError {
    move |error| KnownError::Sister {
        origin,
        source: error.into(),
    }
}

/// Before anything is opened or made: whether a log that is known lies where it should. One that is
/// not known may be begun.
///
/// # Errors
/// [`KnownError::Missing`]; [`KnownError::Sister`] when nobody can tell.
pub fn expect(layout: &Layout) -> Result<(), KnownError> {
    if layout.holds_log().map_err(unreadable(layout.origin()))? {
        return Ok(());
    }
    if let Some(known) = of(layout) {
        return Err(missing(layout, known_place(layout), known.size));
    }
    match said_by_sister(layout)? {
        Some(anchor) => Err(missing(
            layout,
            format!("the log {}", layout.sister().origin()),
            anchor.size,
        )),
        None => Ok(()),
    }
}

/// Whether a log holds all that is known of it, and whether the other log that it names is there,
/// with its keys. How much of that other log there is, is found when it is opened itself.
pub(crate) fn check(log: &dyn LogStore, layout: &Layout) -> Result<(), KnownError> {
    let (origin, sister) = (layout.origin(), layout.sister());
    if let Some(known) = of(layout) {
        hold(log, &known, &known_place(layout))?;
    }
    if let Some(Anchor { size, origin, root }) = said_by_sister(layout)? {
        hold(
            log,
            &Checkpoint { origin, size, root },
            &format!("the log {}", sister.origin()),
        )?;
    }
    if sister.holds_log().map_err(unreadable(sister.origin()))? {
        let keyed = sister
            .backend()
            .holds_keys(&sister.name())
            .map_err(|error| ReadError::Keys(error.into()))?;
        return if keyed {
            Ok(())
        } else {
            Err(KnownError::Keyless {
                origin: sister.origin(),
                dir: sister.places().keys,
            })
        };
    }
    match (of_sister(newest_anchors(log)?, layout), of(&sister)) {
        (Some(anchor), _) => Err(missing(&sister, format!("the log {origin}"), anchor.size)),
        (None, Some(known)) => Err(missing(&sister, known_place(&sister), known.size)),
        (None, None) => Ok(()),
    }
}

/// What the newest heads entry of a store says of other logs.
fn newest_anchors(log: &dyn LogStore) -> Result<Vec<Anchor>, ReadError> {
    for index in log.size().indexes().rev() {
        let Some(stored) = log.entry(index)? else {
            break;
        };
        let parsed = parse(&stored.bytes).map_err(|error| ReadError::Damaged {
            index,
            source: error.into(),
        })?;
        if let Entry::Heads(heads) = parsed.entry {
            return Ok(heads.anchors);
        }
    }
    Ok(Vec::new())
}

fn hold(log: &dyn LogStore, known: &Checkpoint, by: &str) -> Result<(), KnownError> {
    let (size, held, by) = (known.size, log.size(), by.to_owned());
    if size > held {
        return Err(KnownError::Older {
            by,
            known: size,
            held,
        });
    }
    if root_at(&StoreNodes(log), size).map_err(ReadError::from)? == known.root {
        return Ok(());
    }
    Err(KnownError::Other { by, size })
}

/// Keeps a checkpoint. It is not synced: a loss of power may leave an earlier one, which only
/// tells of less.
pub(crate) fn keep(texts: &dyn SideTexts, note: &str) -> io::Result<()> {
    texts.put(SideText::KnownCheckpoint, note.as_bytes())
}
