//! The files of a bundle, whatever holds them: a ZIP archive, a directory, or a map in memory.

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::code::{Code, Finding};
use crate::json::{self, Json};
use crate::zip::Zip;

/// Why checking ended early.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something is wrong.
    #[error(transparent)]
    Finding(#[from] Finding),
    /// The medium could not be read.
    #[error("the file could not be read")]
    Read(#[from] std::io::Error),
}

impl Failure {
    pub(crate) fn of(code: Code, detail: impl Into<String>) -> Self {
        Finding::of(code, detail).into()
    }
}

/// Bytes of an archive inside another one, where it must be held in memory.
pub const ARCHIVE_BYTES_MAX: u64 = 512 << 20;

/// Named files that are read on demand.
pub trait Files {
    /// Every name with its size in bytes, in the order of names.
    fn list(&self) -> Vec<(String, u64)>;

    /// Hands the bytes of a file to `visit`, piece by piece.
    ///
    /// # Errors
    /// [`Failure::Finding`] when the file is missing or damaged; [`Failure::Read`] when the medium
    /// fails.
    fn read(&mut self, name: &str, visit: &mut dyn FnMut(&[u8])) -> Result<(), Failure>;

    /// Opens a file that is an archive itself; by default in memory.
    ///
    /// # Errors
    /// As [`Files::read`], and [`Failure::Finding`] when the file is no archive.
    fn archive(&mut self, name: &str) -> Result<Box<dyn Files + '_>, Failure> {
        Ok(Box::new(Zip::open(Cursor::new(whole(
            self,
            name,
            ARCHIVE_BYTES_MAX,
        )?))?))
    }
}

impl Files for BTreeMap<String, Vec<u8>> {
    fn list(&self) -> Vec<(String, u64)> {
        self.iter()
            .map(|(name, bytes)| (name.clone(), bytes.len() as u64))
            .collect()
    }

    fn read(&mut self, name: &str, visit: &mut dyn FnMut(&[u8])) -> Result<(), Failure> {
        visit(
            self.get(name)
                .ok_or_else(|| Failure::of(Code::BundleFormat, format!("{name} is missing")))?,
        );
        Ok(())
    }
}

/// Reads a whole file that must not be larger than `bytes_max`.
pub(crate) fn whole<F: Files + ?Sized>(
    files: &mut F,
    name: &str,
    bytes_max: u64,
) -> Result<Vec<u8>, Failure> {
    let (mut bytes, mut count) = (Vec::new(), 0_u64);
    files.read(name, &mut |piece| {
        count += piece.len() as u64;
        if count <= bytes_max {
            bytes.extend_from_slice(piece);
        }
    })?;
    if count > bytes_max {
        return Err(Failure::of(
            Code::BundleFormat,
            format!("{name} is larger than {bytes_max} bytes"),
        ));
    }
    Ok(bytes)
}

/// Reads a whole file that must be UTF-8.
pub(crate) fn text(
    files: &mut dyn Files,
    name: &str,
    bytes_max: u64,
    code: Code,
) -> Result<String, Failure> {
    String::from_utf8(whole(files, name, bytes_max)?)
        .map_err(|_| Failure::of(code, format!("{name} is not UTF-8")))
}

/// Reads JSON in any form; `code` where it is none, unless a member stands twice.
pub(crate) fn whole_json(bytes: &[u8], name: &str, code: Code) -> Result<Json, Failure> {
    json::read(bytes).map_err(|found| {
        let code = if found == Code::JsonDuplicateKey {
            found
        } else {
            code
        };
        Failure::of(code, format!("{name} is not JSON, or has a member twice"))
    })
}
