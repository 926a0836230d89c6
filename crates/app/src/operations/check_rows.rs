//! Comparing the lists of a log that is not in use with what its record says. Nothing is written:
//! everything is opened in a shadow of the backend, where the rows are a copy.

use std::sync::Arc;

use record::positions::Size;
use store::backend::opening::OpenError;
use store::key_lock::NoLocksmith;
use store::key_store::{KeyError, KeyStore};
use store::log_store::LogStore;
use store::projection_store::{Direction, ProjectionError, ProjectionStore};

use crate::error::ReadError;
use crate::layout::Layout;
use crate::log::keyring::Keyring;
use crate::log::lost_keys;
use crate::log::reader::StreamReader;
use crate::rows::case_row::{FORM, Head, Key};
use crate::rows::fold::{FoldError, RowMaker};
use crate::rows::keys::ListKeys;
use crate::rows::lists::{ListError, Lists};
use crate::rules::rulebook::Rulebook;

/// What the comparison ended in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListCheck {
    /// Not compared: there are no keys here.
    NoKeys,
    /// Not compared: another process has the log open.
    InUse,
    /// There are no lists yet, or none that were finished.
    NoLists,
    /// Not compared: the root key was exchanged since they were made, so that they open with
    /// nothing any more; they are made anew when the log is opened.
    OldKeys,
    /// Not compared: another version of the program made them; they are made anew when the log is
    /// opened.
    OtherForm,
    /// Every row is the one that the record gives, as of so many entries.
    Same {
        /// How many entries they reflect.
        position: Size,
    },
    /// `PROJECTION_DRIFT`: some row is another, or they do not belong to this log.
    Drift,
}

/// The lists could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum ListCheckError {
    /// The log.
    #[error(transparent)]
    Log(#[from] OpenError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The record could not be read.
    #[error("the record could not be read")]
    Read(#[from] ReadError),
    /// The rows could not be read or copied.
    #[error("the lists could not be read")]
    Rows(#[from] ProjectionError),
    /// The lists gave no answer.
    #[error(transparent)]
    Lists(#[from] ListError),
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Io(#[from] std::io::Error),
}

impl From<FoldError> for ListCheckError {
    fn from(error: FoldError) -> Self {
        match error {
            FoldError::Read(error) => Self::Read(error),
            FoldError::Rows(error) => Self::Rows(error),
            FoldError::OtherLaw => Self::Rows(ProjectionError::Damaged(
                "the lists were made by other rules than those in force",
            )),
            FoldError::Stopped => {
                Self::Rows(ProjectionError::Damaged("the comparison was stopped"))
            }
        }
    }
}

/// Compares the lists of a log with what its record says. It needs the keys and opens content, in
/// memory only. `progress` hears of streams done and to do.
///
/// # Errors
/// [`ListCheckError`].
pub fn check_lists_at_rest(
    layout: &Layout,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<ListCheck, ListCheckError> {
    let (backend, name) = (layout.backend(), layout.name());
    if !backend.holds_keys(&name)? {
        return Ok(ListCheck::NoKeys);
    }
    if backend.log_in_use(&name)? {
        return Ok(ListCheck::InUse);
    }
    if !backend.holds_rows(&name) {
        return Ok(ListCheck::NoLists);
    }
    // The shadow owns the copies, so it is kept until the comparison has ended. The rows are copied
    // first: a log that is opened for writing meanwhile is then noticed below.
    let shadow = backend.shadow()?;
    let rows = shadow.rows(&name)?;
    let keys: Arc<dyn KeyStore> = shadow.open_keys(&name, &NoLocksmith)?;
    let known = |_: &dyn LogStore| -> Result<(), ListCheckError> { Ok(()) };
    let opened = lost_keys::open((&*shadow, layout), &keys, &known, &mut |_, _| {})?;
    let log = opened.unswept.sweep()?;
    if backend.log_in_use(&name)? {
        return Ok(ListCheck::InUse);
    }
    let reader = StreamReader {
        log,
        keyring: Arc::new(Keyring::new(Arc::clone(&keys))),
        directory: Arc::default(),
        caches: None,
        epoch: Arc::default(),
    };
    let row_maker = RowMaker::new(&reader, layout, Rulebook::built_in());
    match rows.open()? {
        Some(live) if of_earlier_keys(&*live, row_maker.keys.epoch)? => {
            return Ok(ListCheck::OldKeys);
        }
        Some(live) if of_other_form(&*live, &row_maker.keys)? => return Ok(ListCheck::OtherForm),
        Some(live) if row_maker.fits(&*live)? => {}
        // Those that do not add up or belong to another log are thrown away when they are opened to
        // be used: here that is the answer.
        _ => return Ok(ListCheck::Drift),
    }
    // The rows may lag behind the record, and what was erased since cannot be read as of then: so
    // the copy is brought up to date first, as it would be when the log is opened.
    let lists = Lists::start(row_maker, rows)?;
    let compared = lists.compare(&|done, total| {
        progress(done, total);
        true
    });
    lists.stop();
    Ok(compared?.map_or(ListCheck::Drift, |position| ListCheck::Same { position }))
}

/// Whether rows are written in another form than the one of today.
fn of_other_form(rows: &dyn ProjectionStore, keys: &ListKeys) -> Result<bool, ProjectionError> {
    let place = Key::Head(keys.epoch).bytes();
    let head = rows
        .snapshot()?
        .get(&place)?
        .and_then(|sealed| keys.rows.open(&place, &sealed).ok());
    Ok(head.is_some_and(|head| Head::form(&head).is_some_and(|form| form != FORM)))
}

/// Whether rows were made under the keys of an earlier epoch, and under no others.
fn of_earlier_keys(rows: &dyn ProjectionStore, epoch: u32) -> Result<bool, ProjectionError> {
    let heads = rows
        .snapshot()?
        .scan(Key::HEADS, None, Direction::Rising, 2)?;
    let epochs = heads.iter().map(|(key, _)| {
        key.get(Key::HEADS.len()..)
            .and_then(|epoch| epoch.try_into().ok())
            .map(u32::from_be_bytes)
    });
    Ok(!heads.is_empty()
        && epochs
            .into_iter()
            .all(|made| made.is_some_and(|made| made < epoch)))
}
