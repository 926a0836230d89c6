//! A bundle or dossier that lies unpacked in a directory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use verify::code::{Code, Finding};
use verify::files::{Failure, Files};
use verify::zip::{FILES_MAX, Zip};

const PIECE_BYTES: usize = 64 << 10;
/// Directories inside directories.
const DEPTH_MAX: usize = 16;

pub(crate) struct Directory(BTreeMap<String, (PathBuf, u64)>);

fn wrong(what: String) -> Failure {
    Finding {
        code: Code::BundleFormat,
        index: None,
        detail: what,
    }
    .into()
}

impl Directory {
    /// Finds every file. Links are refused, since they could lead out of the directory.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let mut files = BTreeMap::new();
        walk(path, "", 0, &mut files)?;
        Ok(Self(files))
    }

    fn file(&self, name: &str) -> Result<File, Failure> {
        let (path, _) = self
            .0
            .get(name)
            .ok_or_else(|| wrong(format!("{name} is missing")))?;
        Ok(File::open(path)?)
    }
}

fn walk(
    path: &Path,
    prefix: &str,
    depth: usize,
    files: &mut BTreeMap<String, (PathBuf, u64)>,
) -> Result<(), Failure> {
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|name| wrong(format!("{} is not UTF-8", name.display())))?;
        let name = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < DEPTH_MAX {
            walk(&entry.path(), &format!("{name}/"), depth + 1, files)?;
        } else if kind.is_file() && (files.len() as u64) < FILES_MAX {
            files.insert(name, (entry.path(), entry.metadata()?.len()));
        } else {
            return Err(wrong(format!(
                "{name} is not a regular file, or lies too deep"
            )));
        }
    }
    Ok(())
}

impl Files for Directory {
    fn list(&self) -> Vec<(String, u64)> {
        self.0
            .iter()
            .map(|(name, (_, size))| (name.clone(), *size))
            .collect()
    }

    fn read(&mut self, name: &str, visit: &mut dyn FnMut(&[u8])) -> Result<(), Failure> {
        let mut file = self.file(name)?;
        let mut buffer = vec![0; PIECE_BYTES];
        loop {
            let count = file.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            visit(buffer.get(..count).unwrap_or_default());
        }
    }

    fn archive(&mut self, name: &str) -> Result<Box<dyn Files + '_>, Failure> {
        Ok(Box::new(Zip::open(self.file(name)?)?))
    }
}
