//! What a witness remembers of each log: the largest checkpoint that it has cosigned, in one small
//! file per log that is replaced as a whole before anything is answered.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use verify::position::LogTime;

use crate::note::Checkpoint;
use crate::passes::Passes;
use crate::{names, whole_file};

const TITLE: &str = "sagsspor witness 2";
/// What an older program wrote: the arrival of the request does not stand there.
const OLDER_TITLE: &str = "sagsspor witness 1";
/// An older program did not store the arrival. It is taken to be so many seconds before the
/// cosignature, because that program signed at the end of its work.
const OLDER_WORK_SECONDS: u64 = 600;

/// The largest checkpoint of a log that was cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Latest {
    /// When, as the cosignature says.
    pub(crate) time: LogTime,
    /// When the request for it arrived; of several for the same size the last one.
    pub(crate) arrival: LogTime,
    /// The checkpoint with its log's lines and the witness's own.
    pub(crate) note: String,
    pub(crate) checkpoint: Checkpoint,
}

/// The directory of a witness.
#[derive(Debug)]
pub(crate) struct StateDir {
    dir: PathBuf,
    _lock: File,
}

fn damaged(path: &Path) -> io::Error {
    let what = format!(
        "{} is damaged; a witness that forgets what it has signed must not sign again",
        path.display()
    );
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The name of a log in paths: the hash of its origin, hexadecimal.
pub(crate) fn origin_hash(origin: &str) -> String {
    Sha256::digest(origin.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn sealed(title: &str, text: &str) -> String {
    format!("{title}\n{:08x}\n{text}", crc32c::crc32c(text.as_bytes()))
}

fn encode(latest: &Latest) -> String {
    sealed(
        TITLE,
        &format!("{} {}\n{}", latest.time, latest.arrival, latest.note),
    )
}

fn decode(text: &str) -> Option<Latest> {
    let mut lines = text.splitn(4, '\n');
    let (title, _, times, note) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
    let latest = |time, arrival| {
        Some(Latest {
            time,
            arrival,
            note: note.to_owned(),
            checkpoint: Checkpoint::parse(note)?,
        })
    };
    if title == OLDER_TITLE {
        let time = LogTime::new(times.parse().ok()?);
        return latest(time, time.earlier(OLDER_WORK_SECONDS))
            .filter(|_| sealed(title, &format!("{time}\n{note}")) == text);
    }
    let (time, arrival) = times.split_once(' ')?;
    latest(
        LogTime::new(time.parse().ok()?),
        LogTime::new(arrival.parse().ok()?),
    )
    .filter(|latest| encode(latest) == text)
}

impl StateDir {
    /// Opens the directory for this process alone.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        names::make_dir(dir)?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(dir.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                dir: dir.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                "another witness uses this directory",
            )),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// What is remembered of a log; none of a log that was never cosigned.
    pub(crate) fn latest(&self, origin: &str) -> io::Result<Option<Latest>> {
        let path = self.dir.join(format!("{}.checkpoint", origin_hash(origin)));
        let Some(bytes) = read(&path)? else {
            return Ok(None);
        };
        let latest = String::from_utf8(bytes).ok().and_then(|text| decode(&text));
        match latest.filter(|latest| latest.checkpoint.origin == origin) {
            Some(latest) => Ok(Some(latest)),
            None => Err(damaged(&path)),
        }
    }

    /// Remembers a checkpoint; durable on return.
    pub(crate) fn remember(&self, latest: &Latest) -> io::Result<()> {
        let name = format!("{}.checkpoint", origin_hash(&latest.checkpoint.origin));
        self.replace(&name, encode(latest).as_bytes())
    }

    /// The state of an auditor that has replayed a log.
    pub(crate) fn auditor(&self, origin: &str) -> io::Result<Option<Vec<u8>>> {
        read(&self.dir.join(format!("{}.auditor", origin_hash(origin))))
    }

    /// Keeps the state of an auditor.
    pub(crate) fn keep_auditor(&self, origin: &str, state: &[u8]) -> io::Result<()> {
        self.replace(&format!("{}.auditor", origin_hash(origin)), state)
    }

    /// The passes that were given for a log.
    pub(crate) fn passes(&self, origin: &str) -> io::Result<Passes> {
        let path = self.dir.join(format!("{}.passes", origin_hash(origin)));
        let Some(bytes) = read(&path)? else {
            return Ok(Passes::default());
        };
        let passes = String::from_utf8(bytes)
            .ok()
            .and_then(|text| Passes::parse(&text));
        passes.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "{} is damaged: it says which entries may pass",
                    path.display()
                ),
            )
        })
    }

    /// Keeps the passes of a log; durable on return.
    pub(crate) fn keep_passes(&self, origin: &str, passes: &Passes) -> io::Result<()> {
        self.replace(
            &format!("{}.passes", origin_hash(origin)),
            passes.text().as_bytes(),
        )
    }

    /// Either the old content is found, or the new; durable on return.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.dir.join(format!("{name}.new"));
        whole_file::replace(&self.dir.join(name), &unfinished, bytes)
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
