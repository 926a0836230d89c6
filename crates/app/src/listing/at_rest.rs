//! Comparing the lists of a log that is not in use with what its record says. Nothing is written:
//! the stores are opened in the shadow of the disk, and the rows are a copy.

use std::path::Path;
use std::sync::Arc;

use store::disk::{Disk, RealDisk};
use store::embedded::OpenError;
use store::embedded::keys::FileKeyStore;
use store::embedded::log::{EmbeddedStore, IndexKind, Options};
use store::embedded::projections::ProjectionDir;
use store::key_store::{KeyError, KeyStore};
use store::log_store::LogStore;
use store::projection_store::{Generations, ProjectionError};
use store::shadow_disk::ShadowDisk;

use super::fold::{FoldError, Folder};
use super::terms::ListKeys;
use super::{ListError, Lists};
use crate::error::ReadError;
use crate::keyring::Keyring;
use crate::layout::Layout;
use crate::reading::Reader;

/// What the comparison ended in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListCheck {
    /// Not compared: there are no keys here.
    NoKeys,
    /// Not compared: another process has the log open.
    InUse,
    /// There are no lists yet, or none that were finished.
    NoLists,
    /// Every row is the one that the record gives, as of so many entries.
    Same {
        /// How many entries they reflect.
        position: u64,
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
    /// A file could not be read or copied.
    #[error("a file could not be read or copied")]
    Io(#[from] std::io::Error),
}

impl From<FoldError> for ListCheckError {
    fn from(error: FoldError) -> Self {
        match error {
            FoldError::Read(error) => Self::Read(error),
            FoldError::Rows(error) => Self::Rows(error),
            FoldError::Stopped => Self::Rows(ProjectionError::Damaged("the comparison was stopped")),
        }
    }
}

/// Compares the lists of a log with what its record says. It needs the keys and opens content, in
/// memory only. `scratch` is an empty folder for a copy of the rows; the caller removes it.
/// `progress` hears of streams done and to do.
///
/// # Errors
/// [`ListCheckError`].
pub fn check_lists_at_rest(layout: &Layout, scratch: &Path, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<ListCheck, ListCheckError> {
    if !FileKeyStore::exists(&RealDisk::default(), &layout.key_dir())? {
        return Ok(ListCheck::NoKeys);
    }
    let in_use = || store::embedded::in_use(&layout.log_dir());
    if in_use()? {
        return Ok(ListCheck::InUse);
    }
    if !layout.projection_dir().exists() {
        return Ok(ListCheck::NoLists);
    }
    store::embedded::index_check::copy_folder(&layout.projection_dir(), scratch)?;
    let disk: Arc<dyn Disk> = Arc::new(ShadowDisk::default());
    let tenant = layout.municipality().tenant();
    let options = Options { dir: layout.log_dir(), tenant, index: IndexKind::Memory };
    let keys: Arc<dyn KeyStore> = Arc::new(FileKeyStore::open(Arc::clone(&disk), &layout.key_dir())?);
    let log: Arc<dyn LogStore> = Arc::new(EmbeddedStore::open(disk, &options, &mut |_, _| {})?);
    if in_use()? {
        return Ok(ListCheck::InUse);
    }
    let reader =
        Reader { log, keyring: Arc::new(Keyring::new(Arc::clone(&keys))), directory: Arc::default(), shelf: None, epoch: Arc::default() };
    let secret = *keys.secrets().mac_key;
    let folder =
        Folder { reader: reader.clone(), keys: Arc::new(ListKeys::new(secret)), municipality: layout.municipality().code().into() };
    let rows = ProjectionDir::new(scratch, tenant);
    if !rows.has_any() {
        return Ok(ListCheck::NoLists);
    }
    if !sound(&folder, &rows)? {
        return Ok(ListCheck::Drift);
    }
    // The rows may lag behind the record, and what was erased since cannot be read as of then: so
    // the copy is brought up to date first, as it would be when the log is opened.
    let lists = Lists::start(&reader, layout.municipality().code(), secret, Arc::new(rows))?;
    let compared = lists.compare(&|done, total| {
        progress(done, total);
        true
    });
    lists.stop();
    Ok(compared?.map_or(ListCheck::Drift, |position| ListCheck::Same { position }))
}

/// Whether the rows add up and belong to this log. Those that do not are thrown away when they are
/// opened to be used: here that is the answer.
fn sound(folder: &Folder, rows: &ProjectionDir) -> Result<bool, ListCheckError> {
    let Some(live) = rows.open()? else { return Ok(false) };
    Ok(folder.fits(&*live)?)
}
