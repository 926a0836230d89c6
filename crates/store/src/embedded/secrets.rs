//! The one file that holds the secrets of a key directory, locked or not.
//!
//! A text of lines, each a name and a secret: 64 hexadecimal digits in the clear, 80 when locked.
//! Every change writes a new generation of the file; the file `epoch` names the one in force.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::keys::WrappedKey;
use zeroize::Zeroizing;

use super::keys::read_file;
use crate::disk::Disk;
use crate::key_lock::{KeyLock, LockError, Locksmith, UNLOCKED};
use crate::key_store::{KeyError, LogSeeds, Secrets};

const TITLE: &str = "sagsspor secrets 1";
/// Files of earlier versions, which are read once and then replaced.
const OLD_SIGNING: &str = "signing.key";
const OLD_POST_QUANTUM: &str = "post-quantum.key";

/// What the file `epoch` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pointer {
    pub(crate) epoch: u32,
    /// None in a directory of an earlier version.
    pub(crate) generation: Option<u32>,
}

impl Pointer {
    pub(crate) fn text(self) -> String {
        match self.generation {
            None => format!("sagsspor epoch 1\n{}\n{:08x}\n", self.epoch, crc32c::crc32c(&self.epoch.to_be_bytes())),
            Some(generation) => {
                let line = format!("{} {generation}", self.epoch);
                format!("sagsspor epoch 2\n{line}\n{:08x}\n", crc32c::crc32c(line.as_bytes()))
            }
        }
    }

    pub(crate) fn read(disk: &dyn Disk, dir: &Path) -> Result<Self, KeyError> {
        let path = dir.join("epoch");
        let bytes = read_file(disk, &path)?;
        let text = String::from_utf8_lossy(&bytes);
        let parse = || {
            let line = text.lines().nth(1)?;
            let pointer = match line.split_once(' ') {
                None => Self { epoch: line.parse().ok()?, generation: None },
                Some((epoch, generation)) => Self { epoch: epoch.parse().ok()?, generation: Some(generation.parse().ok()?) },
            };
            Some(pointer).filter(|pointer| pointer.text() == text)
        };
        parse().ok_or_else(|| KeyError::Corrupt { file: path.display().to_string(), offset: 0, what: "the epoch is malformed" })
    }

    pub(crate) fn secrets_path(self, dir: &Path) -> PathBuf {
        dir.join(format!("secrets-{:08}.key", self.generation.unwrap_or_default()))
    }

    pub(crate) fn rows_path(self, dir: &Path) -> PathBuf {
        dir.join(format!("rows-{:08}.keys", self.epoch))
    }

    /// The files that count.
    pub(crate) fn files(self, dir: &Path) -> Vec<PathBuf> {
        match self.generation {
            Some(_) => vec![self.rows_path(dir), self.secrets_path(dir)],
            None => vec![self.rows_path(dir), old_root(dir, self.epoch), dir.join(OLD_SIGNING), dir.join(OLD_POST_QUANTUM)],
        }
    }
}

/// Whether a file holds or held keys of some epoch or generation.
pub(crate) fn holds_keys(name: &str) -> bool {
    ["root-", "rows-", "secrets-"].iter().any(|prefix| name.starts_with(prefix)) || name == OLD_SIGNING || name == OLD_POST_QUANTUM
}

fn old_root(dir: &Path, epoch: u32) -> PathBuf {
    dir.join(format!("root-{epoch:08}.key"))
}

fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    text
}

fn unhex<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    if text.len() != 2 * N || text.bytes().any(|c| !matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// The secrets by name. Which names there are is fixed here and nowhere else.
fn named(secrets: &Secrets) -> Vec<(&'static str, &[u8; 32])> {
    let mut lines =
        vec![("root", &*secrets.root), ("event", &*secrets.event_seed), ("log", &*secrets.log_seed), ("mac", &*secrets.mac_key)];
    lines.extend(secrets.post_quantum_seed.as_deref().map(|seed| ("log-post-quantum", seed)));
    lines.extend(secrets.next_event_seed.as_deref().map(|seed| ("next-event", seed)));
    if let Some(next) = &secrets.next_log {
        lines.extend([("next-log", &*next.ed25519), ("next-log-post-quantum", &*next.post_quantum)]);
    }
    lines
}

/// The text of the file.
pub(crate) fn encode(secrets: &Secrets, lock: Option<&dyn KeyLock>) -> Result<Zeroizing<String>, LockError> {
    let description = lock.map_or_else(|| UNLOCKED.to_owned(), KeyLock::description);
    // Long enough never to be moved, which would leave a copy in memory.
    let mut text = Zeroizing::new(String::with_capacity(4_096));
    text.push_str(&format!("{TITLE}\nlock {description}\nepoch {}\n", secrets.epoch));
    for (name, secret) in named(secrets) {
        text.push_str(name);
        text.push(' ');
        match lock {
            None => text.push_str(&hex(secret)),
            Some(lock) => text.push_str(&hex(&lock.wrap(secret)?.0)),
        }
        text.push('\n');
    }
    let sum = crc32c::crc32c(text.as_bytes());
    text.push_str(&format!("{sum:08x}\n"));
    Ok(text)
}

/// The lines of a file that is whole, and its lock.
fn lines(text: &str) -> Option<(&str, BTreeMap<&str, &str>)> {
    let (body, sum) = text.strip_suffix('\n')?.rsplit_once('\n')?;
    let body = text.get(..=body.len())?;
    if format!("{:08x}", crc32c::crc32c(body.as_bytes())) != sum {
        return None;
    }
    let rest = body.strip_prefix(TITLE)?.strip_prefix("\nlock ")?;
    let (lock, rest) = rest.split_once('\n')?;
    let mut found = BTreeMap::new();
    for line in rest.lines() {
        let (name, value) = line.split_once(' ')?;
        if found.insert(name, value).is_some() {
            return None;
        }
    }
    Some((lock, found))
}

/// The kind of lock and what else stands in the clear beside the secrets.
pub(crate) fn description(disk: &dyn Disk, dir: &Path, pointer: Pointer) -> Result<String, KeyError> {
    if pointer.generation.is_none() {
        return Ok(UNLOCKED.to_owned());
    }
    let path = pointer.secrets_path(dir);
    let bytes = read_file(disk, &path)?;
    let text = std::str::from_utf8(&bytes).ok();
    let found = text.and_then(lines).map(|(lock, _)| lock.to_owned());
    found.ok_or_else(|| malformed(&path))
}

fn malformed(path: &Path) -> KeyError {
    KeyError::Corrupt { file: path.display().to_string(), offset: 0, what: "the secrets are malformed" }
}

/// Secrets and the lock that they were under.
pub(crate) type Opened = (Secrets, Option<Arc<dyn KeyLock>>);

/// Reads the secrets in force.
pub(crate) fn read(disk: &dyn Disk, dir: &Path, pointer: Pointer, locksmith: &dyn Locksmith) -> Result<Opened, KeyError> {
    if pointer.generation.is_none() {
        return read_old(disk, dir, pointer.epoch).map(|secrets| (secrets, None));
    }
    let path = pointer.secrets_path(dir);
    let bytes = read_file(disk, &path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed(&path))?;
    let (description, mut lines) = lines(text).ok_or_else(|| malformed(&path))?;
    let locked = |source| KeyError::Locked { dir: dir.display().to_string(), source };
    let lock = if description == UNLOCKED { None } else { Some(locksmith.find(description).map_err(locked)?) };
    if lines.remove("epoch").and_then(|epoch| epoch.parse().ok()) != Some(pointer.epoch) {
        return Err(malformed(&path));
    }
    let mut take = |name: &str| -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
        let Some(value) = lines.remove(name) else { return Ok(None) };
        match &lock {
            None => unhex::<32>(value).map(Some).ok_or_else(|| malformed(&path)),
            Some(lock) => {
                let wrapped = unhex::<40>(value).ok_or_else(|| malformed(&path))?;
                lock.unwrap(&WrappedKey(*wrapped)).map(Some).map_err(locked)
            }
        }
    };
    let (root, event, log, mac) = (take("root")?, take("event")?, take("log")?, take("mac")?);
    let (post_quantum_seed, next_event_seed) = (take("log-post-quantum")?, take("next-event")?);
    let next_log = match (take("next-log")?, take("next-log-post-quantum")?) {
        (None, None) => None,
        (Some(ed25519), Some(post_quantum)) => Some(LogSeeds { ed25519, post_quantum }),
        _ => return Err(malformed(&path)),
    };
    let (Some(root), Some(event_seed), Some(log_seed), Some(mac_key), true) = (root, event, log, mac, lines.is_empty()) else {
        return Err(malformed(&path));
    };
    let secrets = Secrets { epoch: pointer.epoch, root, event_seed, log_seed, post_quantum_seed, mac_key, next_event_seed, next_log };
    Ok((secrets, lock))
}

fn old_secrets<const N: usize>(disk: &dyn Disk, path: &Path, title: &str) -> Result<[Zeroizing<[u8; 32]>; N], KeyError> {
    let bytes = read_file(disk, path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed(path))?;
    let parse = || {
        let (body, sum) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        let body = text.get(..=body.len())?;
        let whole = format!("{:08x}", crc32c::crc32c(body.as_bytes())) == sum;
        let secrets = body.strip_prefix(&format!("sagsspor {title} 1\n")).filter(|_| whole)?;
        secrets.lines().map(unhex::<32>).collect::<Option<Vec<_>>>()?.try_into().ok()
    };
    parse().ok_or_else(|| malformed(path))
}

/// The secrets of a directory of an earlier version.
fn read_old(disk: &dyn Disk, dir: &Path, epoch: u32) -> Result<Secrets, KeyError> {
    let [event_seed, log_seed, mac_key] = old_secrets(disk, &dir.join(OLD_SIGNING), "signing")?;
    let [root] = old_secrets(disk, &old_root(dir, epoch), "root")?;
    let post_quantum_seed = match old_secrets(disk, &dir.join(OLD_POST_QUANTUM), "post-quantum") {
        Ok([seed]) => Some(seed),
        Err(KeyError::Missing { .. }) => None,
        Err(error) => return Err(error),
    };
    Ok(Secrets { epoch, root, event_seed, log_seed, post_quantum_seed, mac_key, next_event_seed: None, next_log: None })
}
