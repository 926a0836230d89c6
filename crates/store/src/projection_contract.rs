//! The promises of [`ProjectionStore`] and [`Generations`] as tests that any implementation can be
//! put through.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::cast_possible_truncation,
    reason = "test code that other crates call"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use record::positions::Size;

use crate::projection_store::{Direction, Generations, ProjectionBatch, ProjectionStore, RowSum};

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// The nth batch of a fixed history: rows come, change and go.
#[must_use]
pub fn batch(number: u64) -> ProjectionBatch {
    let rows = (0..20_u64).map(|row| {
        let key = vec![
            b'a' + (row % 5) as u8,
            ((number * 7 + row * row) % 40) as u8,
        ];
        let value = (row % 3 != 0).then(|| format!("{number}/{row}").into_bytes());
        (key, value)
    });
    ProjectionBatch {
        position: Size::new(number * 10),
        rows: rows.collect(),
    }
}

/// What the rows must be after the first `count` batches.
#[must_use]
pub fn expected(count: u64) -> Rows {
    let mut rows = Rows::new();
    for number in 1..=count {
        for (key, value) in batch(number).rows {
            match value {
                Some(value) => drop(rows.insert(key, value)),
                None => drop(rows.remove(&key)),
            }
        }
    }
    rows
}

fn check(store: &dyn ProjectionStore, count: u64) {
    let snapshot = store.snapshot().unwrap();
    let expected = expected(count);
    let mut sum = RowSum::default();
    expected.iter().for_each(|(key, value)| sum.add(key, value));
    assert_eq!(
        (snapshot.position(), snapshot.sum()),
        (Size::new(count * 10), sum)
    );
    let all: Vec<_> = expected.clone().into_iter().collect();
    assert_eq!(
        snapshot.scan(&[], None, Direction::Rising, 1_000).unwrap(),
        all
    );
    for key in (0..5_u8).flat_map(|first| (0..40_u8).map(move |second| vec![b'a' + first, second]))
    {
        assert_eq!(snapshot.get(&key).unwrap().as_ref(), expected.get(&key));
    }
}

/// Batches change rows and position together.
pub fn rows_and_position_change_together(store: &dyn ProjectionStore) {
    check(store, 0);
    for number in 1..=12 {
        store.apply(batch(number)).unwrap();
        check(store, number);
    }
    let sum = store.snapshot().unwrap().sum();
    store
        .apply(ProjectionBatch {
            position: Size::new(121),
            rows: Vec::new(),
        })
        .unwrap();
    assert_eq!(
        store.snapshot().unwrap().sum(),
        sum,
        "a position may change alone"
    );
}

/// A scan answers exactly the rows that it asks for, in both directions and page by page.
pub fn scans_page_in_both_directions(store: &dyn ProjectionStore) {
    let keys: Vec<Vec<u8>> = vec![
        vec![1],
        vec![1, 0],
        vec![1, 255],
        vec![2],
        vec![2, 7],
        vec![2, 9],
        vec![255, 255],
        vec![255, 255, 0],
    ];
    let rows = keys
        .iter()
        .map(|key| (key.clone(), Some(key.clone())))
        .collect();
    store
        .apply(ProjectionBatch {
            position: Size::new(1),
            rows,
        })
        .unwrap();
    let snapshot = store.snapshot().unwrap();
    for prefix in [
        vec![],
        vec![1],
        vec![2],
        vec![2, 7],
        vec![3],
        vec![255],
        vec![255, 255],
    ] {
        for beyond in keys.iter().map(Some).chain([None]) {
            for (direction, limit) in [Direction::Rising, Direction::Falling]
                .into_iter()
                .flat_map(|way| [(way, 1), (way, 2), (way, 100)])
            {
                let within = |key: &&Vec<u8>| {
                    key.starts_with(&prefix)
                        && beyond.is_none_or(|beyond| {
                            if direction == Direction::Rising {
                                *key > beyond
                            } else {
                                *key < beyond
                            }
                        })
                };
                let mut wanted: Vec<Vec<u8>> = keys.iter().filter(within).cloned().collect();
                if direction == Direction::Falling {
                    wanted.reverse();
                }
                wanted.truncate(limit);
                let found = snapshot
                    .scan(&prefix, beyond.map(Vec::as_slice), direction, limit)
                    .unwrap();
                assert_eq!(
                    found,
                    wanted
                        .iter()
                        .map(|key| (key.clone(), key.clone()))
                        .collect::<Vec<_>>(),
                    "{prefix:?} {beyond:?} {direction:?}"
                );
            }
        }
    }
}

/// A snapshot shows one position while others write.
pub fn a_snapshot_shows_one_position(store: &Arc<dyn ProjectionStore>) {
    let done = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (store, done) = (Arc::clone(store), Arc::clone(&done));
        move || {
            for number in 1..=200_u64 {
                let rows = (0..8_u8)
                    .map(|row| (vec![row], Some(number.to_be_bytes().to_vec())))
                    .collect();
                store
                    .apply(ProjectionBatch {
                        position: Size::new(number),
                        rows,
                    })
                    .unwrap();
            }
            done.store(true, Ordering::Relaxed);
        }
    });
    let mut seen = Size::EMPTY;
    while !done.load(Ordering::Relaxed) || seen < Size::new(200) {
        let snapshot = store.snapshot().unwrap();
        let position = snapshot.position();
        assert!(position >= seen, "positions never fall");
        seen = position;
        for (_, value) in snapshot.scan(&[], None, Direction::Rising, 100).unwrap() {
            assert_eq!(value, position.to_be_bytes());
        }
        for row in 0..8_u8 {
            let value = snapshot.get(&[row]).unwrap();
            assert_eq!(
                value,
                (position > Size::EMPTY).then(|| position.to_be_bytes().to_vec())
            );
        }
    }
    writer.join().unwrap();
}

/// A generation is empty, comes into force, and takes the older one's place.
pub fn generations_take_each_others_place(generations: &dyn Generations) {
    let first = generations.begin().unwrap();
    check(&*first.store, 0);
    first.store.apply(batch(1)).unwrap();
    generations.put_in_force(&first).unwrap();
    let second = generations.begin().unwrap();
    assert!(second.number > first.number);
    check(&*second.store, 0);
    check(&*first.store, 1);
    for number in 1..=3 {
        second.store.apply(batch(number)).unwrap();
    }
    generations.put_in_force(&second).unwrap();
    drop(first);
    generations.sweep().unwrap();
    check(&*second.store, 3);
    second.store.apply(batch(4)).unwrap();
    check(&*second.store, 4);
}

/// Equal rows have equal sums, whatever was there before.
pub fn sums_compare_rows(one: &dyn ProjectionStore, other: &dyn ProjectionStore) {
    for number in 1..=6 {
        one.apply(batch(number)).unwrap();
    }
    let rows = expected(6)
        .into_iter()
        .map(|(key, value)| (key, Some(value)))
        .collect();
    other
        .apply(ProjectionBatch {
            position: Size::new(60),
            rows,
        })
        .unwrap();
    assert_eq!(
        one.snapshot().unwrap().sum(),
        other.snapshot().unwrap().sum()
    );
    other
        .apply(ProjectionBatch {
            position: Size::new(60),
            rows: vec![(vec![b'z'], Some(Vec::new()))],
        })
        .unwrap();
    assert_ne!(
        one.snapshot().unwrap().sum(),
        other.snapshot().unwrap().sum()
    );
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::embedded::projections::ProjectionDir;
    use crate::memory_projections::{MemoryGenerations, MemoryProjections};

    fn on_disk(dir: &Path) -> ProjectionDir {
        ProjectionDir::new(&dir.join("projections"), *b"0999")
    }

    /// Each test with rows in memory and with rows on disk.
    fn both(test: impl Fn(&dyn Generations)) {
        test(&MemoryGenerations::default());
        let dir = tempfile::tempdir().unwrap();
        test(&on_disk(dir.path()));
    }

    #[test]
    fn the_contract_is_kept() {
        both(|generations| rows_and_position_change_together(&*generations.begin().unwrap().store));
        both(|generations| scans_page_in_both_directions(&*generations.begin().unwrap().store));
        both(|generations| a_snapshot_shows_one_position(&generations.begin().unwrap().store));
        both(generations_take_each_others_place);
        both(|generations| {
            sums_compare_rows(
                &*generations.begin().unwrap().store,
                &MemoryProjections::new(),
            )
        });
    }

    fn files(dir: &Path) -> Vec<std::path::PathBuf> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(files(&path))
            } else {
                found.push(path)
            }
        }
        found
    }

    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let target = to.join(path.file_name().unwrap());
            if path.is_dir() {
                copy(&path, &target)
            } else {
                assert!(std::fs::copy(&path, &target).is_ok())
            }
        }
    }

    #[test]
    fn what_was_in_force_is_found_again_and_what_was_begun_is_gone() {
        let dir = tempfile::tempdir().unwrap();
        assert!(on_disk(dir.path()).open().unwrap().is_none(), "nothing yet");
        let generation = on_disk(dir.path()).begin().unwrap();
        (1..=4).for_each(|number| generation.store.apply(batch(number)).unwrap());
        on_disk(dir.path()).put_in_force(&generation).unwrap();
        (5..=6).for_each(|number| generation.store.apply(batch(number)).unwrap());
        generation.store.flush().unwrap();
        let begun = on_disk(dir.path()).begin().unwrap();
        begun.store.apply(batch(1)).unwrap();
        drop((generation, begun));
        let store = on_disk(dir.path()).open().unwrap().unwrap();
        check(&*store, 6);
        assert_eq!(
            std::fs::read_dir(dir.path().join("projections"))
                .unwrap()
                .count(),
            2,
            "one folder and the file that names it"
        );
    }

    /// The disk as a crash leaves it between and inside batches: some state that was there, or
    /// nothing; never a mix.
    #[test]
    fn a_crash_leaves_a_state_that_was_there() {
        let dir = tempfile::tempdir().unwrap();
        let generation = on_disk(dir.path()).begin().unwrap();
        on_disk(dir.path()).put_in_force(&generation).unwrap();
        let mut copies = Vec::new();
        for number in 1..=30 {
            generation.store.apply(batch(number)).unwrap();
            if number % 7 == 0 {
                generation.store.flush().unwrap();
            }
            let copied = tempfile::tempdir().unwrap();
            copy(
                &dir.path().join("projections"),
                &copied.path().join("projections"),
            );
            copies.push((number, copied));
        }
        let mut recovered = 0;
        for (number, copied) in &copies {
            if let Some(store) = on_disk(copied.path()).open().unwrap() {
                let found = store.snapshot().unwrap().position().get() / 10;
                assert!(
                    found <= *number && found >= number / 7 * 7,
                    "{found} after {number}"
                );
                check(&*store, found);
                recovered += 1;
            }
        }
        assert!(
            recovered > 20,
            "sled recovers most of the time: {recovered}"
        );
    }

    #[test]
    fn a_damaged_directory_is_thrown_away_or_answers_as_before() {
        let dir = tempfile::tempdir().unwrap();
        let generation = on_disk(dir.path()).begin().unwrap();
        (1..=20).for_each(|number| generation.store.apply(batch(number)).unwrap());
        on_disk(dir.path()).put_in_force(&generation).unwrap();
        drop(generation);
        let mut thrown_away = 0;
        for (number, file) in files(&dir.path().join("projections"))
            .into_iter()
            .enumerate()
        {
            let length = std::fs::metadata(&file).unwrap().len();
            for step in 0..24_u64 {
                let copied = tempfile::tempdir().unwrap();
                let target = copied.path().join("projections");
                copy(&dir.path().join("projections"), &target);
                let path = target.join(file.strip_prefix(dir.path().join("projections")).unwrap());
                let mut bytes = std::fs::read(&path).unwrap();
                match step {
                    0 => drop(std::fs::remove_file(&path)),
                    1 => drop(std::fs::write(&path, b"")),
                    2 => drop(std::fs::write(&path, &bytes[..bytes.len() / 2])),
                    _ => {
                        // The front of each file, where something lies, and spread over the rest.
                        let place = if step < 14 {
                            step * 61
                        } else {
                            step * length / 24
                        };
                        let Some(byte) = bytes.get_mut(place as usize) else {
                            continue;
                        };
                        *byte ^= 1 << (step % 8);
                        std::fs::write(&path, &bytes).unwrap();
                    }
                }
                match on_disk(copied.path()).open().unwrap() {
                    Some(store) => check(&*store, store.snapshot().unwrap().position().get() / 10),
                    None => thrown_away += 1,
                }
                assert!(
                    on_disk(copied.path()).begin().is_ok(),
                    "file {number}, step {step}: it can be made anew"
                );
            }
        }
        assert!(thrown_away > 0);
    }

    #[test]
    fn a_row_that_changed_alone_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let generation = on_disk(dir.path()).begin().unwrap();
        generation.store.apply(batch(1)).unwrap();
        on_disk(dir.path()).put_in_force(&generation).unwrap();
        let folder = dir
            .path()
            .join("projections")
            .join(format!("{:010}", generation.number));
        drop(generation);
        for change in [Some("other"), None] {
            until_free(&folder);
            let db = sled::open(&folder).unwrap();
            let (key, old) = db
                .iter()
                .filter_map(Result::ok)
                .find(|(key, _)| key.starts_with(b"0999r"))
                .unwrap();
            match change {
                Some(value) => drop(db.insert(&key, value).unwrap()),
                None => drop(db.remove(&key).unwrap()),
            }
            assert!(db.flush().is_ok());
            drop(db);
            until_free(&folder);
            let told = reopened(&folder);
            assert!(
                matches!(
                    told,
                    Err(crate::projection_store::ProjectionError::Damaged(_))
                ),
                "{told:?}"
            );
            until_free(&folder);
            let db = sled::open(&folder).unwrap();
            db.insert(&key, old).unwrap();
            assert!(db.flush().is_ok());
        }
        until_free(&folder);
        assert!(reopened(&folder).is_ok());
    }

    /// Sled's own thread holds the lock of a folder for a moment after the last handle was dropped.
    fn until_free(folder: &Path) {
        let lock = std::fs::File::open(folder.join("db")).unwrap();
        crate::gated_disk::wait_until(|| lock.try_lock().is_ok());
    }

    fn reopened(folder: &Path) -> Result<(), crate::projection_store::ProjectionError> {
        crate::embedded::projections::vouch(folder, *b"0999")
    }

    #[test]
    fn a_municipality_sees_only_its_own_rows() {
        let dir = tempfile::tempdir().unwrap();
        let own = on_disk(dir.path());
        let generation = own.begin().unwrap();
        generation.store.apply(batch(1)).unwrap();
        own.put_in_force(&generation).unwrap();
        drop(generation);
        let other = ProjectionDir::new(&dir.path().join("projections"), *b"0101");
        assert!(other.open().unwrap().is_none());
    }
}
