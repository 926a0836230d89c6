//! The ciphertexts of a log that is kept: new ones are fetched, erased ones are removed, replaced
//! ones are fetched again.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use verify::code::{Code, Finding};
use verify::commitments::CommitmentReader;
use verify::position::Size;
use verify::source::{LogSource, SourceError};
use verify::tiles::{TileLog, blob_path};

use super::error::FileError;
use super::index::{BlobId, Hash};
use super::{Keep, broken, kept};
use crate::files::LogFiles;
use crate::replay::ReplayError;

pub(super) fn name(blob: BlobId) -> String {
    blob_path(blob.entry, blob.part)
}

fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

impl Keep {
    /// Fetches and keeps the ciphertexts of entries that are new up to a checkpoint of this size
    /// and root, which was found good.
    pub(crate) fn take_ciphertexts(
        &mut self,
        files: &dyn LogFiles,
        size: Size,
        root: Hash,
    ) -> Result<(), ReplayError> {
        let mut reader = CommitmentReader::default();
        let mut failed = None;
        let read =
            TileLog::new(&self.directory, size, root).for_each_from(self.size.next(), &mut |raw| {
                let said = reader
                    .read(raw.bytes)
                    .map_or_else(Vec::new, |said| said.blobs);
                let stop = || Finding {
                    code: Code::TileMissing,
                    index: Some(raw.index),
                    detail: "reading was broken off".to_owned(),
                };
                (0..).zip(said).try_for_each(|(part, hash)| {
                    let blob = BlobId {
                        entry: raw.index,
                        part,
                    };
                    self.ciphertext(files, blob, hash).map_err(|error| {
                        failed = Some(error);
                        stop()
                    })
                })
            });
        match (failed, read) {
            (Some(error), _) => return Err(error),
            (None, Ok(())) => {}
            (None, Err(SourceError::Finding(finding))) => return Err(broken(finding)),
            (None, Err(SourceError::Read(error))) => return Err(kept(error)),
        }
        while let Some((blob, hash)) = self
            .lost
            .first_key_value()
            .map(|(blob, hash)| (*blob, *hash))
        {
            self.ciphertext(files, blob, hash)?;
            self.lost.remove(&blob);
        }
        Ok(())
    }

    /// One ciphertext, in its newest form where the log has it already.
    fn ciphertext(
        &self,
        files: &dyn LogFiles,
        blob: BlobId,
        hash: Hash,
    ) -> Result<(), ReplayError> {
        if self.index.is_gone(blob) {
            return Ok(());
        }
        let name = name(blob);
        let newest = self.index.newest(blob).unwrap_or(hash);
        let is_form = |found: &Hash| *found == hash || self.index.had(blob, *found);
        let held = self
            .directory
            .read(&name)
            .map_err(kept)?
            .map(|bytes| sha256(&bytes))
            .filter(is_form);
        if held == Some(newest) {
            self.directory.settle_name(&name);
            return Ok(());
        }
        let bytes = files
            .file(&name)
            .map_err(|error| ReplayError::Missing(error.to_string()))?;
        let found = bytes.as_deref().map(sha256);
        match bytes {
            Some(bytes)
                if found == Some(newest)
                    || (held.is_none() && found.as_ref().is_some_and(is_form)) =>
            {
                self.directory.put(&name, &bytes).map_err(kept)
            }
            // The old form is still right: its erasure is ordered and not carried out yet.
            _ if held.is_some() => {
                self.directory.settle_name(&name);
                Ok(())
            }
            // An entry behind this checkpoint may have erased it; the next checkpoint will show
            // that.
            Some(_) => Err(ReplayError::Missing(format!(
                "BLOB_HASH: {name} is not what entry {} commits to",
                blob.entry
            ))),
            None => Err(ReplayError::Missing(format!(
                "BLOB_MISSING: there is no {name}, which entry {} commits to",
                blob.entry
            ))),
        }
    }

    pub(super) fn remove_gone(&mut self) -> Result<(), FileError> {
        while let Some(blob) = self.gone.first().copied() {
            self.directory.remove(&name(blob))?;
            self.gone.remove(&blob);
        }
        self.directory.flush()
    }

    /// Fetches replaced ciphertexts. Until an erasure is carried out the log still has the old one,
    /// so the search goes on with the next checkpoint.
    pub(super) fn renew(&mut self, files: &dyn LogFiles) -> Result<(), FileError> {
        let mut open = BTreeSet::new();
        for blob in std::mem::take(&mut self.due) {
            let Some(newest) = self.index.newest(blob) else {
                continue;
            };
            let name = name(blob);
            if self
                .directory
                .read(&name)?
                .is_some_and(|bytes| sha256(&bytes) == newest)
            {
                continue;
            }
            match files.file(&name) {
                Ok(Some(bytes)) if sha256(&bytes) == newest => self.directory.put(&name, &bytes)?,
                _ => {
                    tracing::info!(
                        origin = self.origin,
                        name,
                        "an erasure is ordered and not yet carried out"
                    );
                    open.insert(blob);
                }
            }
        }
        self.due = open;
        Ok(())
    }
}
