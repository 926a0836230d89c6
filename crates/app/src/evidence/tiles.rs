//! The log as tiles, with its ciphertexts beside them: answered one by one from the store, or
//! exported to a directory. Neither needs keys, and tiles hold nothing that an auditor may not see.

pub mod export;

use record::positions::LogIndex;
use record::tiles::{Content, Tile, add_entry, hash_tile, parse_blob_path};

use crate::app::App;
use crate::error::ReadError;
use crate::log::head::StoreNodes;

impl App {
    /// The bytes of a file of the tiled log, by its path: `checkpoint`, `tile/…`, `blobs/…`. None
    /// when the latest checkpoint does not cover it, it is erased, or there is no such path.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub(crate) fn tile(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(checkpoint) = self.log.checkpoint()? else {
            return Ok(None);
        };
        if path == "checkpoint" {
            return Ok(Some(checkpoint.note.into_bytes()));
        }
        if path == "blobs/size" {
            return Ok(Some(format!("{}\n", checkpoint.size).into_bytes()));
        }
        if let Some((index, part)) = parse_blob_path(path) {
            return Ok(if checkpoint.size.holds(index) {
                self.log.blob(index, part)?
            } else {
                None
            });
        }
        let Some(tile) = Tile::parse(path).filter(|tile| tile.is_within(checkpoint.size)) else {
            return Ok(None);
        };
        match tile.content {
            Content::Hashes(level) => Ok(Some(hash_tile(
                &StoreNodes(&*self.log),
                level,
                tile.index,
                tile.width,
            )?)),
            Content::Entries => self.bundle(&tile).map(Some),
        }
    }

    fn bundle(&self, tile: &Tile) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        let first = LogIndex::new(tile.first());
        for index in first.and_behind().take(usize::from(tile.width)) {
            let damaged = |source: crate::error::BoxError| ReadError::Damaged { index, source };
            let entry = self
                .log
                .entry(index)?
                .ok_or_else(|| damaged("the log ends in front of it".into()))?;
            add_entry(&mut bytes, &entry.bytes).map_err(|error| damaged(error.into()))?;
        }
        Ok(bytes)
    }

    /// The same of the access log, which is opened for it where it exists.
    ///
    /// # Errors
    /// [`ReadError::Store`]; [`ReadError::Keys`] when the access log cannot be opened.
    pub(crate) fn access_tile(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        self.accesses_if_begun()?
            .map_or(Ok(None), |accesses| accesses.tile(path))
    }
}
