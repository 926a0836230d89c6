//! Where indexes lie on disk: one folder for each, and a file that vouches for the one that a clean
//! stop left.
//!
//! What vouches is a keyed hash: whoever can write the files, and has no key, can make an index
//! that is thrown away, but none that is believed.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use record::hash::Hash;
use record::keys::InputMacKey;
use record::positions::Size;
use sha2::{Digest, Sha256};

use super::places::Places;
use super::sled_index::SledIndex;
use crate::index_store::{Extent, IndexError, IndexHome, Made};

/// The key by which a store knows the index that it left.
#[derive(Clone)]
pub struct VouchKey(InputMacKey);

impl std::fmt::Debug for VouchKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VouchKey(..)")
    }
}

impl VouchKey {
    /// From 32 bytes that only the owner of the log's keys can know.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(InputMacKey::from_bytes(bytes))
    }

    fn mac(&self, text: &str) -> String {
        record::b64u::encode(&self.0.mac(text.as_bytes()))
    }
}

/// The indexes of a journal.
pub(crate) struct SledHome {
    places: Places,
    key: VouchKey,
}

/// What stands in the file that vouches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vouched {
    pub(crate) number: u64,
    pub(crate) digest: String,
    pub(crate) extent: Extent,
}

const TITLE: &str = "sagsspor index 2";

impl Vouched {
    fn body(&self) -> String {
        let Self {
            number,
            digest,
            extent:
                Extent {
                    segments,
                    end,
                    last,
                    size,
                    streams,
                    erasing,
                },
        } = self;
        format!(
            "{TITLE}\n{number} {digest}\n{segments} {end} {size} {streams} {erasing}\n{}\n",
            last.to_b64u()
        )
    }

    fn encode(&self, key: &VouchKey) -> String {
        let body = self.body();
        format!("{body}{}\n", key.mac(&body))
    }

    /// What the file says, and the keyed hash under it.
    pub(crate) fn decode(text: &str) -> Option<(Self, &str)> {
        let mut lines = text.lines();
        let (_, index, numbers, last, mac) = (
            lines.next()?,
            lines.next()?,
            lines.next()?,
            lines.next()?,
            lines.next()?,
        );
        let (number, digest) = index.split_once(' ')?;
        let mut numbers = numbers.split(' ').map(|number| number.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        let (segments, end) = (u32::try_from(next()?).ok()?, next()?);
        let last = Hash::new(
            record::b64u::decode(last.as_bytes())
                .ok()?
                .try_into()
                .ok()?,
        );
        let extent = Extent {
            segments,
            end,
            last,
            size: Size::new(next()?),
            streams: next()?,
            erasing: next()?,
        };
        let vouched = Self {
            number: number.parse().ok()?,
            digest: digest.to_owned(),
            extent,
        };
        (format!("{}{mac}\n", vouched.body()) == text).then_some((vouched, mac))
    }
}

impl SledHome {
    pub(crate) fn new(places: Places, key: VouchKey) -> Self {
        Self { places, key }
    }

    fn numbers(&self) -> io::Result<Vec<u64>> {
        let entries = match fs::read_dir(self.places.index()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut numbers = Vec::new();
        for entry in entries {
            numbers.extend(entry?.file_name().to_str().and_then(index_number));
        }
        Ok(numbers)
    }
}

/// The folder of an index.
pub(crate) fn folder(places: &Places, number: u64) -> PathBuf {
    places.index().join(format!("{number:010}"))
}

fn index_number(name: &str) -> Option<u64> {
    if name.len() == 10 {
        name.parse().ok()
    } else {
        None
    }
}

fn failed(error: io::Error) -> IndexError {
    IndexError(error.to_string())
}

impl IndexHome for SledHome {
    fn begin(&self) -> Result<Made, IndexError> {
        fs::create_dir_all(self.places.index()).map_err(failed)?;
        let number = self
            .numbers()
            .map_err(failed)?
            .into_iter()
            .max()
            .map_or(1, |newest| newest + 1);
        let made = SledIndex::open(&folder(&self.places, number)).map(|rows| Made {
            number,
            rows: Box::new(rows),
        });
        if made.is_err() {
            // Half an index would take room on a disk that may be full.
            remove(&folder(&self.places, number));
        }
        made
    }

    fn reopen(&self) -> io::Result<Option<(Made, Extent)>> {
        let path = self.places.index_digest();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            // What cannot be read vouches for nothing; it must not stay.
            Err(_) => String::new(),
        };
        // Broken first, so that an unclean stop is never taken for a clean one.
        fs::remove_file(&path)?;
        fs::File::open(self.places.dir())?.sync_all()?;
        let Some((vouched, mac)) = Vouched::decode(&text) else {
            return Ok(None);
        };
        let dir = folder(&self.places, vouched.number);
        if self.key.mac(&vouched.body()) != mac
            || !digest(&dir).is_ok_and(|digest| digest == vouched.digest)
        {
            return Ok(None);
        }
        let opened = SledIndex::open(&dir).ok();
        Ok(opened.map(|rows| {
            (
                Made {
                    number: vouched.number,
                    rows: Box::new(rows),
                },
                vouched.extent,
            )
        }))
    }

    fn vouch(&self, number: u64, extent: &Extent) -> io::Result<()> {
        let digest = digest(&folder(&self.places, number))?;
        let text = Vouched {
            number,
            digest,
            extent: *extent,
        }
        .encode(&self.key);
        let mut file = fs::File::create(self.places.index_digest())?;
        file.write_all(text.as_bytes())
    }

    fn keep_only(&self, number: u64) {
        let kept = folder(&self.places, number);
        let entries = fs::read_dir(self.places.index())
            .into_iter()
            .flatten()
            .flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| *path != kept)
            .for_each(|path| remove(&path));
    }
}

fn remove(path: &Path) {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    if let Err(error) = removed.or_else(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            Ok(())
        } else {
            Err(error)
        }
    }) {
        tracing::warn!(%error, path = %path.display(), "an index that is used no more stays for now");
    }
}

/// A hash over the names and the content of all files of a folder.
pub(crate) fn digest(dir: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut folders = vec![dir.to_owned()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path())
            } else {
                files.push(entry.path())
            }
        }
    }
    files.sort();
    for path in files {
        let mut file = fs::File::open(&path)?;
        hasher.update(
            path.strip_prefix(dir)
                .unwrap_or(&path)
                .as_os_str()
                .as_encoded_bytes(),
        );
        hasher.update([0]);
        hasher.update(file.metadata()?.len().to_be_bytes());
        io::copy(&mut file, &mut HashWriter(&mut hasher))?;
    }
    Ok(record::b64u::encode(&hasher.finalize()))
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
