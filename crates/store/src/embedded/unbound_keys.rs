//! Key files of earlier versions, whose wrapped keys were not bound to what they are for: read
//! once, to be taken over.
//!
//! Nothing is written in these forms any more.

use std::collections::BTreeMap;
use std::path::Path;

use record::keys::{RootKey, SubjectKey};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::key_rows::{Frames, Next, corrupt, decode_row};
use super::secrets::{OLD_POST_QUANTUM, OLD_SIGNING, malformed, old_root, read_file, unhex};
use crate::disk::Disk;
use crate::key_store::{KeyError, KeyRow, PartRow, Secrets, SubjectRow};

pub(crate) const FRAME_MAGIC: &[u8; 4] = b"SGK1";

/// The rows in force in a file, those of subjects first. A torn end counts for nothing.
fn read(disk: &dyn Disk, path: &Path) -> Result<(Vec<SubjectRow>, Vec<PartRow>), KeyError> {
    let bytes = read_file(disk, path)?;
    let (mut subjects, mut parts) = (BTreeMap::new(), BTreeMap::new());
    let mut frames = Frames::new(FRAME_MAGIC, &bytes);
    loop {
        let at = frames.end as u64;
        let mut body = match frames.next() {
            Next::Frame(_, body) => body,
            Next::End | Next::Torn => break,
            Next::Damage => return Err(corrupt(path, at, "a good frame follows a damaged one")),
        };
        while !body.is_empty() {
            let (row, len) =
                decode_row(body).ok_or_else(|| corrupt(path, at, "a row is malformed"))?;
            match row {
                KeyRow::Part(row) => drop(parts.insert((row.event, row.part), row)),
                KeyRow::Subject(row) => drop(subjects.insert(row.subject, row)),
            }
            body = body.get(len..).unwrap_or_default();
        }
    }
    Ok((
        subjects.into_values().collect(),
        parts.into_values().collect(),
    ))
}

/// The rows in force in a file, wrapped for their places. A row that does not open is kept as it
/// lies there: it opens nothing afterwards either, and whoever reads is told which one it is.
pub(crate) fn bound(
    disk: &dyn Disk,
    path: &Path,
    root: &RootKey,
    epoch: u32,
) -> Result<Vec<KeyRow>, KeyError> {
    let (subjects, parts) = read(disk, path)?;
    let mut rows = Vec::with_capacity(subjects.len() + parts.len());
    let mut opened: BTreeMap<Uuid, SubjectKey> = BTreeMap::new();
    let mut closed = 0_u64;
    for row in subjects {
        let row = SubjectRow { epoch, ..row };
        match root.unwrap_unbound(&row.wrapped) {
            Some(key) => {
                rows.push(KeyRow::Subject(SubjectRow {
                    wrapped: root.wrap(row.place(), &key),
                    ..row
                }));
                opened.insert(row.subject, key);
            }
            None => {
                closed += 1;
                rows.push(KeyRow::Subject(row));
            }
        }
    }
    for row in parts {
        let key = opened
            .get(&row.subject)
            .and_then(|subject| Some((subject, subject.unwrap_unbound(&row.wrapped)?)));
        closed += u64::from(key.is_none());
        rows.push(KeyRow::Part(match key {
            Some((subject, key)) => PartRow {
                wrapped: subject.wrap(row.place(), &key),
                ..row
            },
            None => row,
        }));
    }
    if closed > 0 {
        tracing::warn!(
            rows = closed,
            "wrapped keys that do not open were taken over as they are"
        );
    }
    Ok(rows)
}

fn secrets<const N: usize>(
    disk: &dyn Disk,
    path: &Path,
    title: &str,
) -> Result<[Zeroizing<[u8; 32]>; N], KeyError> {
    let bytes = read_file(disk, path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed(path))?;
    let parse = || {
        let (body, sum) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        let body = text.get(..=body.len())?;
        let whole = format!("{:08x}", crc32c::crc32c(body.as_bytes())) == sum;
        let secrets = body
            .strip_prefix(&format!("sagsspor {title} 1\n"))
            .filter(|_| whole)?;
        secrets
            .lines()
            .map(unhex::<32>)
            .collect::<Option<Vec<_>>>()?
            .try_into()
            .ok()
    };
    parse().ok_or_else(|| malformed(path))
}

/// The secrets of a directory that has a file for each.
pub(crate) fn read_secrets(disk: &dyn Disk, dir: &Path, epoch: u32) -> Result<Secrets, KeyError> {
    let [event_seed, log_seed, _look_ups] = secrets(disk, &dir.join(OLD_SIGNING), "signing")?;
    let [root] = secrets(disk, &old_root(dir, epoch), "root")?;
    let post_quantum_seed = match secrets(disk, &dir.join(OLD_POST_QUANTUM), "post-quantum") {
        Ok([seed]) => Some(seed),
        Err(KeyError::Missing { .. }) => None,
        Err(error) => return Err(error),
    };
    Ok(Secrets {
        epoch,
        root,
        event_seed,
        log_seed,
        post_quantum_seed,
        next_event_seed: None,
        next_log: None,
    })
}
