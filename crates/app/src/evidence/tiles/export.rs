//! Exporting a log to a directory of tiles, and bringing such a directory up to date.
//!
//! The journal is only read, and may be in use. A file that is complete is never written again;
//! it must be the one that would be written, or the export stops. The checkpoint comes last, so
//! that at every moment the directory holds the log up to the checkpoint in it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use record::checkpoint::{Checkpoint, CheckpointError};
use record::hash::Hash;
use record::merkle::{Frontier, leaf_hash};
use record::positions::{LogIndex, Size};
use record::tiles::{
    Content, EntryTooLong, LEVEL_MAX, Tile, TileBuilder, WIDTH, add_entry, blob_path,
};
use store::backend::opening::OpenError;
use store::backend::view::{JournalEntry, LogView};

/// What an export did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Entries up to the checkpoint.
    pub size: Size,
    /// Files written.
    pub written: u64,
    /// Files that were there already.
    pub kept: u64,
    /// Files taken away: tiles that have grown since, ciphertexts that were erased.
    pub removed: u64,
    /// Bytes written.
    pub bytes: u64,
}

/// An export stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The journal could not be read.
    #[error(transparent)]
    Log(#[from] OpenError),
    /// There is no checkpoint yet.
    #[error("the log has no checkpoint yet, so there is nothing to export")]
    NoCheckpoint,
    /// The stored checkpoint is none.
    #[error("the stored checkpoint cannot be read")]
    Checkpoint(#[source] CheckpointError),
    /// The entries do not lead to the checkpoint.
    #[error(
        "the entries do not lead to the root of the checkpoint; `sagsspor audit` says what is wrong"
    )]
    Root,
    /// The log ends in front of its checkpoint.
    #[error("the log ends in front of its checkpoint; `sagsspor audit` says what is wrong")]
    Short,
    /// An entry that no bundle can hold.
    #[error(transparent)]
    Entry(#[from] EntryTooLong),
    /// The directory holds something else.
    #[error("{dir} holds tiles of {found}, not of {expected}")]
    OtherLog {
        /// The directory.
        dir: PathBuf,
        /// The log whose tiles they are.
        found: String,
        /// The log that is exported.
        expected: String,
    },
    /// The directory knows more of the log than the log itself.
    #[error(
        "{dir} has {found} entries, the checkpoint of the log has {size}: the log is older than what was exported of it"
    )]
    Newer {
        /// The directory.
        dir: PathBuf,
        /// Entries in it.
        found: Size,
        /// Entries of the log.
        size: Size,
    },
    /// A complete file is not the one that would be written.
    #[error(
        "{0} is there and is another: the log has another past than the one exported, or the file is damaged"
    )]
    Differs(PathBuf),
    /// Ciphertexts were exported before and would stay although they are erased.
    #[error(
        "{0} holds ciphertexts; export them again as well, so that what was erased goes from it"
    )]
    BlobsLeft(PathBuf),
    /// The disk refused.
    #[error("cannot use {path}")]
    Io {
        /// File or directory.
        path: PathBuf,
        /// What the medium said.
        #[source]
        source: io::Error,
    },
}

/// The directory that is written.
struct Target {
    dir: PathBuf,
    /// Entries that it holds already.
    before: Size,
    done: Exported,
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> ExportError + '_ {
    move |source| ExportError::Io {
        path: path.to_owned(),
        source,
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, ExportError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_at(path)(error)),
    }
}

impl Target {
    /// Writes a file of the directory as a whole. It differs from how a log replaces its files: others
    /// may read what is exported, and a sync for each of thousands of tiles would take hours. What a
    /// loss of power spoils of them is found by its length, and written again.
    fn put(&mut self, name: &str, bytes: &[u8], sync: bool) -> Result<(), ExportError> {
        let path = self.dir.join(name);
        let folder = path.parent().unwrap_or(&self.dir);
        fs::create_dir_all(folder).map_err(io_at(folder))?;
        let temporary = self.dir.join("writing.tmp");
        let write = || -> io::Result<()> {
            let mut file = File::create(&temporary)?;
            file.write_all(bytes)?;
            if sync { file.sync_all() } else { Ok(()) }
        };
        write().map_err(io_at(&temporary))?;
        fs::rename(&temporary, &path).map_err(io_at(&path))?;
        self.done.written += 1;
        self.done.bytes += bytes.len() as u64;
        Ok(())
    }

    /// A file that never changes once it is whole. One of another length is half a file that a
    /// loss of power left behind.
    fn once(&mut self, name: &str, bytes: &[u8]) -> Result<(), ExportError> {
        let path = self.dir.join(name);
        match read(&path)? {
            Some(known) if known == bytes => self.done.kept += 1,
            Some(known) if known.len() == bytes.len() => return Err(ExportError::Differs(path)),
            _ => self.put(name, bytes, false)?,
        }
        Ok(())
    }

    /// A ciphertext as it is now, which may have been replaced or destroyed.
    fn blob(
        &mut self,
        index: LogIndex,
        part: usize,
        blob: Option<&[u8]>,
    ) -> Result<(), ExportError> {
        let name = blob_path(index, part);
        let path = self.dir.join(&name);
        match (read(&path)?, blob) {
            (None, None) => {}
            (Some(known), Some(blob)) if known == blob => self.done.kept += 1,
            (_, Some(blob)) => self.put(&name, blob, false)?,
            (Some(_), None) => self.remove(&path)?,
        }
        Ok(())
    }

    fn remove(&mut self, path: &Path) -> Result<(), ExportError> {
        fs::remove_file(path).map_err(io_at(path))?;
        self.done.removed += 1;
        Ok(())
    }

    /// Takes away the partial tiles of an earlier checkpoint that have grown since.
    fn sweep(&mut self, size: Size) -> Result<(), ExportError> {
        for level in 0..=LEVEL_MAX {
            let contents = [
                Some(Content::Hashes(level)),
                (level == 0).then_some(Content::Entries),
            ];
            let (before, now) = (
                self.before.get() >> (8 * u32::from(level)),
                size.get() >> (8 * u32::from(level)),
            );
            let width = u64::from(WIDTH);
            for (content, index) in contents
                .into_iter()
                .flatten()
                .flat_map(|content| [(content, before / width), (content, now / width)])
            {
                let kept = if index == now / width {
                    (now % width).to_string()
                } else {
                    String::new()
                };
                self.sweep_folder(
                    Tile {
                        content,
                        index,
                        width: 1,
                    },
                    &kept,
                )?;
            }
        }
        Ok(())
    }

    /// Takes all partial forms of a tile away but the one of the width `kept`.
    fn sweep_folder(&mut self, tile: Tile, kept: &str) -> Result<(), ExportError> {
        let name = tile.path();
        let folder = self.dir.join(
            name.rsplit_once('/')
                .map_or(name.as_str(), |(folder, _)| folder),
        );
        let Ok(files) = fs::read_dir(&folder) else {
            return Ok(());
        };
        let mut empty = true;
        for file in files {
            let file = file.map_err(io_at(&folder))?;
            if file.file_name() == kept {
                empty = false;
            } else {
                self.remove(&file.path())?;
            }
        }
        if empty {
            fs::remove_dir(&folder).map_err(io_at(&folder))
        } else {
            Ok(())
        }
    }
}

/// What is collected while the journal is read.
struct Pass<'a> {
    target: &'a mut Target,
    size: Size,
    blobs: bool,
    builder: TileBuilder,
    tree: Frontier,
    bundle: Vec<u8>,
}

impl Pass<'_> {
    fn entry(&mut self, entry: &JournalEntry) -> Result<(), ExportError> {
        let leaf = leaf_hash(&entry.bytes);
        add_entry(&mut self.bundle, &entry.bytes)?;
        self.tree.push(leaf);
        let mut full: Vec<(Tile, Vec<u8>)> = Vec::new();
        self.builder
            .push(leaf, &mut |tile, bytes| full.push((tile, bytes)));
        for (tile, bytes) in full {
            if tile.content == Content::Hashes(0) {
                let bundle = std::mem::take(&mut self.bundle);
                self.target.once(
                    &Tile {
                        content: Content::Entries,
                        ..tile
                    }
                    .path(),
                    &bundle,
                )?;
            }
            self.target.once(&tile.path(), &bytes)?;
        }
        if self.blobs {
            for (part, blob) in entry.blobs.iter().enumerate() {
                self.target.blob(entry.index, part, blob.as_deref())?;
            }
        }
        Ok(())
    }

    fn end(self, root: Hash) -> Result<(), ExportError> {
        if self.tree.size() < self.size {
            return Err(ExportError::Short);
        }
        if self.tree.root() != root {
            return Err(ExportError::Root);
        }
        for (tile, bytes) in self.builder.partial() {
            if tile.content == Content::Hashes(0) {
                self.target.once(
                    &Tile {
                        content: Content::Entries,
                        ..tile
                    }
                    .path(),
                    &self.bundle,
                )?;
            }
            self.target.once(&tile.path(), &bytes)?;
        }
        if self.blobs {
            self.target
                .put("blobs/size", format!("{}\n", self.size).as_bytes(), true)?;
        }
        Ok(())
    }
}

fn parse(note: &str) -> Result<Checkpoint, ExportError> {
    let body = note.split_once("\n\n").map_or(note, |(body, _)| body);
    Checkpoint::parse_body(&format!("{body}\n")).map_err(ExportError::Checkpoint)
}

/// What the directory holds already must be an earlier part of the same log; answers its size.
fn check_target(dir: &Path, checkpoint: &Checkpoint, blobs: bool) -> Result<Size, ExportError> {
    let path = dir.join("checkpoint");
    let mut before = Size::EMPTY;
    if let Some(known) = read(&path)? {
        let known = parse(&String::from_utf8_lossy(&known))?;
        if known.origin != checkpoint.origin {
            return Err(ExportError::OtherLog {
                dir: dir.to_owned(),
                found: known.origin,
                expected: checkpoint.origin.clone(),
            });
        }
        if known.size > checkpoint.size {
            return Err(ExportError::Newer {
                dir: dir.to_owned(),
                found: known.size,
                size: checkpoint.size,
            });
        }
        before = known.size;
    }
    if !blobs && dir.join("blobs").exists() {
        Err(ExportError::BlobsLeft(dir.to_owned()))
    } else {
        Ok(before)
    }
}

/// Exports a log up to its checkpoint, ciphertexts as well where `blobs` says so.
/// `progress` hears of entries done and to do.
///
/// # Errors
/// [`ExportError`]; running it again goes on where it stopped.
pub fn export(
    log: &dyn LogView,
    out: &Path,
    blobs: bool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Exported, ExportError> {
    let note = log
        .checkpoint()
        .ok_or(ExportError::NoCheckpoint)?
        .note
        .clone();
    let checkpoint = parse(&note)?;
    let before = check_target(out, &checkpoint, blobs)?;
    let size = checkpoint.size;
    let mut target = Target {
        dir: out.to_owned(),
        before,
        done: Exported {
            size,
            ..Exported::default()
        },
    };
    let mut pass = Pass {
        target: &mut target,
        size,
        blobs,
        builder: TileBuilder::default(),
        tree: Frontier::new(),
        bundle: Vec::new(),
    };
    let mut failed = None;
    let mut visit = |entry: JournalEntry| {
        if !size.holds(entry.index) {
            return ControlFlow::Break(());
        }
        progress(entry.index.size_after(1).get(), size.get());
        match pass.entry(&entry) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    if blobs {
        log.for_each(&mut visit)
    } else {
        log.for_each_bare(&mut visit)
    }?;
    if let Some(error) = failed {
        return Err(error);
    }
    pass.end(checkpoint.root)?;
    target.put("checkpoint", note.as_bytes(), true)?;
    File::open(out)
        .and_then(|dir| dir.sync_all())
        .map_err(io_at(out))?;
    target.sweep(size)?;
    Ok(target.done)
}
