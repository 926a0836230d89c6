//! The ZIP around a bag: plain files, deflated where that helps, without a date of its own, so that
//! the same evidence always makes the same file.

use std::collections::BTreeSet;
use std::io::{Cursor, Seek, Write};

use record::bundle::Manifest;
use record::hash::{Hasher, sha256};
use zeroize::Zeroizing;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime, ZipArchive};

use super::BundleError;
use crate::log::content;

/// Gives the next bytes of a file, none at its end.
pub(crate) type Chunks<'a> = &'a mut dyn FnMut() -> Result<Option<Zeroizing<Vec<u8>>>, BundleError>;

/// A ZIP that is being written.
pub(crate) struct Archive<W: Write + Seek>(ZipWriter<W>);

fn failed(error: zip::result::ZipError) -> BundleError {
    BundleError::Write(error.into())
}

fn options(method: CompressionMethod) -> SimpleFileOptions {
    // Evidence is mostly hashes, signatures and their base64: a higher level takes longer and saves
    // less than one byte in a hundred.
    let level = (method == CompressionMethod::Deflated).then_some(1);
    SimpleFileOptions::default()
        .compression_method(method)
        .compression_level(level)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
}

/// Many files of text are deflated in so many pieces at once. The number is fixed, so that the same
/// evidence makes the same file on every machine.
const PIECES: usize = 2;

/// Files of text as an archive of their own.
fn piece(files: &[(String, Vec<u8>)]) -> Result<ZipArchive<Cursor<Vec<u8>>>, BundleError> {
    let mut archive = Archive::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        archive.text(path, bytes)?;
    }
    archive.0.finish_into_readable().map_err(failed)
}

impl<W: Write + Seek> Archive<W> {
    pub(crate) fn new(out: W) -> Self {
        Self(ZipWriter::new(out))
    }

    /// A file of text.
    pub(crate) fn text(&mut self, path: &str, bytes: &[u8]) -> Result<(), BundleError> {
        self.0
            .start_file(path, options(CompressionMethod::Deflated))
            .map_err(failed)?;
        Ok(self.0.write_all(bytes)?)
    }

    /// Many files of text, in their order.
    fn texts(&mut self, files: &[(String, Vec<u8>)]) -> Result<(), BundleError> {
        let pieces: Vec<_> = files.chunks(files.len().div_ceil(PIECES).max(1)).collect();
        for made in content::each(&pieces, PIECES, |files| piece(files))? {
            self.0.merge_archive(made).map_err(failed)?;
        }
        Ok(())
    }

    /// A file whose bytes come piece by piece; answers its length and hash.
    pub(crate) fn stream(
        &mut self,
        path: &str,
        chunks: Chunks<'_>,
    ) -> Result<(u64, record::hash::Hash), BundleError> {
        // Documents are mostly compressed already.
        self.0
            .start_file(path, options(CompressionMethod::Stored))
            .map_err(failed)?;
        let (mut hasher, mut bytes) = (Hasher::default(), 0);
        while let Some(chunk) = chunks()? {
            hasher.update(&chunk);
            bytes += chunk.len() as u64;
            self.0.write_all(&chunk)?;
        }
        Ok((bytes, hasher.finish()))
    }

    pub(crate) fn finish(self) -> Result<W, BundleError> {
        self.0.finish().map_err(failed)
    }
}

/// A bag that is being written.
pub(crate) struct Bag<W: Write + Seek> {
    archive: Archive<W>,
    manifest: Manifest,
    paths: BTreeSet<String>,
}

impl<W: Write + Seek> Bag<W> {
    pub(crate) fn new(out: W) -> Self {
        Self {
            archive: Archive::new(out),
            manifest: Manifest::default(),
            paths: BTreeSet::new(),
        }
    }

    pub(crate) fn holds(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    pub(crate) fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), BundleError> {
        self.archive.text(path, bytes)?;
        self.manifest.add(path, sha256(bytes), bytes.len() as u64);
        self.paths.insert(path.to_owned());
        Ok(())
    }

    /// Many files, in their order.
    pub(crate) fn files(&mut self, files: &[(String, Vec<u8>)]) -> Result<(), BundleError> {
        self.archive.texts(files)?;
        for (path, bytes) in files {
            self.manifest.add(path, sha256(bytes), bytes.len() as u64);
            self.paths.insert(path.clone());
        }
        Ok(())
    }

    pub(crate) fn stream(&mut self, path: &str, chunks: Chunks<'_>) -> Result<(), BundleError> {
        let (bytes, hash) = self.archive.stream(path, chunks)?;
        self.manifest.add(path, hash, bytes);
        self.paths.insert(path.to_owned());
        Ok(())
    }

    /// Writes the lists and ends the archive.
    pub(crate) fn finish(mut self, about: &[(&str, &str)]) -> Result<W, BundleError> {
        for (name, text) in self.manifest.tag_files(about) {
            self.archive.text(name, text.as_bytes())?;
        }
        self.archive.finish()
    }
}
