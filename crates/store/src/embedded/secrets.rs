//! The one file that holds the secrets of a key directory, locked or not.
//!
//! A text of lines, each a name and a secret: 64 hexadecimal digits in the clear, 80 when locked.
//! Locked secrets are wrapped under a key of the file's own, each for its name, and that key is
//! wrapped by the lock: so a hardware module needs to wrap one key only, and a secret opens under
//! its own name only. Every change writes a new generation of the file; the file `epoch` names the
//! one in force.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::keys::{FileKey, RootKey, SecretPlace, WrappedKey};
use zeroize::Zeroizing;

use super::unbound_keys;
use crate::disk::{Disk, read_all};
use crate::key_lock::{KeyLock, LockError, Locksmith, UNLOCKED};
use crate::key_store::{KeyError, LogSeeds, Secrets};

/// Files of earlier versions, which are read once and then replaced.
pub(crate) const OLD_SIGNING: &str = "signing.key";
pub(crate) const OLD_POST_QUANTUM: &str = "post-quantum.key";

/// The medium did not answer.
pub(crate) fn failed(error: impl std::error::Error + Send + Sync + 'static) -> KeyError {
    KeyError::Failed(Box::new(error))
}

/// A file of the key directory, as bytes that are wiped when they are dropped.
pub(crate) fn read_file(disk: &dyn Disk, path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    match read_all(disk, path) {
        Ok(bytes) => Ok(Zeroizing::new(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(KeyError::Missing {
            file: path.display().to_string(),
        }),
        Err(error) => Err(failed(error)),
    }
}

/// The form of a key directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// A file for each secret.
    Apart,
    /// Wrapped keys are not bound to what they are for.
    Unbound,
    /// They are: the form of today, and the only one that is written.
    Bound,
}

impl Form {
    const fn number(self) -> u8 {
        match self {
            Self::Apart => 1,
            Self::Unbound => 2,
            Self::Bound => 3,
        }
    }
}

/// What the file `epoch` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pointer {
    pub(crate) epoch: u32,
    /// The generation of the secrets in force; 0 where each has a file of its own.
    pub(crate) generation: u32,
    pub(crate) form: Form,
}

impl Pointer {
    /// Of a directory in the form of today.
    pub(crate) const fn new(epoch: u32, generation: u32) -> Self {
        Self {
            epoch,
            generation,
            form: Form::Bound,
        }
    }

    pub(crate) fn text(self) -> String {
        let (line, sum) = match self.form {
            Form::Apart => (
                self.epoch.to_string(),
                crc32c::crc32c(&self.epoch.to_be_bytes()),
            ),
            Form::Unbound | Form::Bound => {
                let line = format!("{} {}", self.epoch, self.generation);
                let sum = crc32c::crc32c(line.as_bytes());
                (line, sum)
            }
        };
        format!("sagsspor epoch {}\n{line}\n{sum:08x}\n", self.form.number())
    }

    pub(crate) fn read(disk: &dyn Disk, dir: &Path) -> Result<Self, KeyError> {
        let path = dir.join("epoch");
        let bytes = read_file(disk, &path)?;
        let text = String::from_utf8_lossy(&bytes);
        let parse = || {
            let line = text.lines().nth(1)?;
            let (epoch, generation) = line.split_once(' ').unwrap_or((line, "0"));
            let (epoch, generation) = (epoch.parse().ok()?, generation.parse().ok()?);
            [Form::Apart, Form::Unbound, Form::Bound]
                .into_iter()
                .map(|form| Self {
                    epoch,
                    generation,
                    form,
                })
                .find(|pointer| pointer.text() == text)
        };
        parse().ok_or_else(|| KeyError::Corrupt {
            file: path.display().to_string(),
            offset: 0,
            what: "the epoch is malformed",
        })
    }

    pub(crate) fn secrets_path(self, dir: &Path) -> PathBuf {
        dir.join(format!("secrets-{:08}.key", self.generation))
    }

    /// Rows of another form have another name, so that those of one epoch lie beside each other
    /// while they are taken over.
    pub(crate) fn rows_path(self, dir: &Path) -> PathBuf {
        let end = if self.form == Form::Bound {
            "bound"
        } else {
            "keys"
        };
        dir.join(format!("rows-{:08}.{end}", self.epoch))
    }

    /// The files that count.
    pub(crate) fn files(self, dir: &Path) -> Vec<PathBuf> {
        match self.form {
            Form::Apart => vec![
                self.rows_path(dir),
                old_root(dir, self.epoch),
                dir.join(OLD_SIGNING),
                dir.join(OLD_POST_QUANTUM),
            ],
            Form::Unbound | Form::Bound => vec![self.rows_path(dir), self.secrets_path(dir)],
        }
    }

    /// The first line of the file of secrets.
    const fn title(self) -> &'static str {
        match self.form {
            Form::Apart | Form::Unbound => "sagsspor secrets 1",
            Form::Bound => "sagsspor secrets 2",
        }
    }

    fn place(self, name: &'static str) -> SecretPlace {
        SecretPlace {
            name,
            epoch: self.epoch,
            generation: self.generation,
        }
    }
}

/// Whether a file holds or held keys of some epoch or generation.
pub(crate) fn holds_keys(name: &str) -> bool {
    ["root-", "rows-", "secrets-"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        || name == OLD_SIGNING
        || name == OLD_POST_QUANTUM
}

pub(crate) fn old_root(dir: &Path, epoch: u32) -> PathBuf {
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

pub(crate) fn unhex<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    if text.len() != 2 * N
        || text
            .bytes()
            .any(|c| !matches!(c, b'0'..=b'9' | b'a'..=b'f'))
    {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// The secrets by name. Which names there are is fixed here and nowhere else.
fn named(secrets: &Secrets) -> Vec<(&'static str, &[u8; 32])> {
    let mut lines = vec![
        ("root", &*secrets.root),
        ("event", &*secrets.event_seed),
        ("log", &*secrets.log_seed),
    ];
    lines.extend(
        secrets
            .post_quantum_seed
            .as_deref()
            .map(|seed| ("log-post-quantum", seed)),
    );
    lines.extend(
        secrets
            .next_event_seed
            .as_deref()
            .map(|seed| ("next-event", seed)),
    );
    if let Some(next) = &secrets.next_log {
        lines.extend([
            ("next-log", &*next.ed25519),
            ("next-log-post-quantum", &*next.post_quantum),
        ]);
    }
    lines
}

/// The text of the file of a generation.
pub(crate) fn encode(
    secrets: &Secrets,
    pointer: Pointer,
    lock: Option<&dyn KeyLock>,
) -> Result<Zeroizing<String>, LockError> {
    let description = lock.map_or_else(|| UNLOCKED.to_owned(), KeyLock::description);
    // Long enough never to be moved, which would leave a copy in memory.
    let mut text = Zeroizing::new(String::with_capacity(4_096));
    let (
        title,
        Pointer {
            epoch, generation, ..
        },
    ) = (pointer.title(), pointer);
    text.push_str(&format!(
        "{title}\nlock {description}\nepoch {epoch}\ngeneration {generation}\n"
    ));
    let file = RootKey::from_bytes(*secrets.root).file_key(epoch, generation);
    if let Some(lock) = lock {
        text.push_str(&format!("file {}\n", *hex(&lock.wrap(file.expose())?.0)));
    }
    for (name, secret) in named(secrets) {
        text.push_str(name);
        text.push(' ');
        match lock {
            None => text.push_str(&hex(secret)),
            Some(_) => text.push_str(&hex(&file.wrap(pointer.place(name), secret).0)),
        }
        text.push('\n');
    }
    let sum = crc32c::crc32c(text.as_bytes());
    text.push_str(&format!("{sum:08x}\n"));
    Ok(text)
}

/// The lines of a file that is whole, and its lock.
fn lines(pointer: Pointer, text: &str) -> Option<(&str, BTreeMap<&str, &str>)> {
    let (body, sum) = text.strip_suffix('\n')?.rsplit_once('\n')?;
    let body = text.get(..=body.len())?;
    if format!("{:08x}", crc32c::crc32c(body.as_bytes())) != sum {
        return None;
    }
    let rest = body
        .strip_prefix(pointer.title())?
        .strip_prefix("\nlock ")?;
    let (lock, rest) = rest.split_once('\n')?;
    let mut found = BTreeMap::new();
    for line in rest.lines() {
        let (name, value) = line.split_once(' ')?;
        if found.insert(name, value).is_some() {
            return None;
        }
    }
    let mut says = |name: &str, number: u32| {
        found.remove(name).and_then(|value| value.parse().ok()) == Some(number)
    };
    let own = says("epoch", pointer.epoch)
        && (pointer.form != Form::Bound || says("generation", pointer.generation));
    own.then_some((lock, found))
}

/// The kind of lock and what else stands in the clear beside the secrets.
pub(crate) fn description(
    disk: &dyn Disk,
    dir: &Path,
    pointer: Pointer,
) -> Result<String, KeyError> {
    if pointer.form == Form::Apart {
        return Ok(UNLOCKED.to_owned());
    }
    let path = pointer.secrets_path(dir);
    let bytes = read_file(disk, &path)?;
    let text = std::str::from_utf8(&bytes).ok();
    let found = text
        .and_then(|text| lines(pointer, text))
        .map(|(lock, _)| lock.to_owned());
    found.ok_or_else(|| malformed(&path))
}

pub(crate) fn malformed(path: &Path) -> KeyError {
    KeyError::Corrupt {
        file: path.display().to_string(),
        offset: 0,
        what: "the secrets are malformed",
    }
}

/// How the secrets of a file are opened.
enum Opening {
    Clear,
    /// Each is wrapped by the lock itself.
    Lock(Arc<dyn KeyLock>),
    /// Each is wrapped for its name under the key of the file.
    File(FileKey),
}

impl Opening {
    fn secret(
        &self,
        file: &Path,
        place: SecretPlace,
        value: &str,
        locked: &dyn Fn(LockError) -> KeyError,
    ) -> Result<Secret, KeyError> {
        let wrapped = || {
            unhex::<40>(value)
                .map(|wrapped| WrappedKey(*wrapped))
                .ok_or_else(|| malformed(file))
        };
        match self {
            Self::Clear => unhex::<32>(value).ok_or_else(|| malformed(file)),
            Self::Lock(lock) => lock.unwrap(&wrapped()?).map_err(locked),
            Self::File(key) => {
                let swapped = |source| KeyError::Swapped {
                    file: file.display().to_string(),
                    source,
                };
                key.unwrap(place, &wrapped()?).map_err(swapped)
            }
        }
    }
}

type Secret = Zeroizing<[u8; 32]>;

/// Secrets and the lock that they were under.
pub(crate) type Opened = (Secrets, Option<Arc<dyn KeyLock>>);

/// Reads the secrets in force.
pub(crate) fn read(
    disk: &dyn Disk,
    dir: &Path,
    pointer: Pointer,
    locksmith: &dyn Locksmith,
) -> Result<Opened, KeyError> {
    if pointer.form == Form::Apart {
        return unbound_keys::read_secrets(disk, dir, pointer.epoch).map(|secrets| (secrets, None));
    }
    let path = pointer.secrets_path(dir);
    let bytes = read_file(disk, &path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed(&path))?;
    let (description, mut lines) = lines(pointer, text).ok_or_else(|| malformed(&path))?;
    let locked = |source| KeyError::Locked {
        dir: dir.display().to_string(),
        source,
    };
    let lock = if description == UNLOCKED {
        None
    } else {
        Some(locksmith.find(description).map_err(locked)?)
    };
    let opening = match &lock {
        None => Opening::Clear,
        Some(lock) if pointer.form == Form::Unbound => Opening::Lock(Arc::clone(lock)),
        Some(lock) => {
            let wrapped = lines
                .remove("file")
                .and_then(unhex::<40>)
                .ok_or_else(|| malformed(&path))?;
            Opening::File(FileKey::from_bytes(
                *lock.unwrap(&WrappedKey(*wrapped)).map_err(locked)?,
            ))
        }
    };
    let mut take = |name: &'static str| -> Result<Option<Secret>, KeyError> {
        let Some(value) = lines.remove(name) else {
            return Ok(None);
        };
        opening
            .secret(&path, pointer.place(name), value, &locked)
            .map(Some)
    };
    let (root, event, log) = (take("root")?, take("event")?, take("log")?);
    let (post_quantum_seed, next_event_seed) = (take("log-post-quantum")?, take("next-event")?);
    let next_log = match (take("next-log")?, take("next-log-post-quantum")?) {
        (None, None) => None,
        (Some(ed25519), Some(post_quantum)) => Some(LogSeeds {
            ed25519,
            post_quantum,
        }),
        _ => return Err(malformed(&path)),
    };
    if pointer.form == Form::Unbound {
        // What connected a case with its look-ups. It is not needed to find them, and goes with the
        // file.
        lines.remove("mac").ok_or_else(|| malformed(&path))?;
    }
    let (Some(root), Some(event_seed), Some(log_seed), true) = (root, event, log, lines.is_empty())
    else {
        return Err(malformed(&path));
    };
    let secrets = Secrets {
        epoch: pointer.epoch,
        root,
        event_seed,
        log_seed,
        post_quantum_seed,
        next_event_seed,
        next_log,
    };
    Ok((secrets, lock))
}
