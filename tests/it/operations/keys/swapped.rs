//! Wrapped keys in the place of others are told, and never read as something else.

use std::path::Path;
use std::sync::Arc;

use domain::reading::ReadingPoint;
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::{KeyRow, KeyStore, PartRow, SubjectRow};
use tests::copies::{copy, put_back};
use tests::dirs::Dirs;
use tests::program::chain;
use tests::world::{World, caseworker, ids, layout, open};
use uuid::Uuid;

use super::stored;

/// What is said when a case is read, or the log is opened, although rows of the key store are
/// these.
fn told_with(dir: &Path, rows: &[KeyRow]) -> String {
    let store = FileKeyStore::open(Arc::new(RealDisk::default()), &layout(dir).key_dir()).unwrap();
    store.put(rows).unwrap();
    drop(store);
    let refused = open(dir).map(|operator| {
        operator
            .session(caseworker())
            .read(ids().case(), ReadingPoint::default())
            .map(|_| ())
    });
    match &refused {
        Err(error) => chain(error),
        Ok(read) => chain(read.as_ref().unwrap_err()),
    }
}

/// The keys of two parts, of one event or of two, or of one person or of two.
fn swapped_parts_are_told(dir: &Path, clean: &Path) {
    let ids = ids();
    let pairs = [
        ("A14", 0, "A22-g1", 0),
        ("A14", 1, "A22-g1", 1),
        ("A14", 0, "A14", 1),
        ("A14", 0, "person-alma", 0),
    ];
    for (one, part, other, other_part) in pairs {
        put_back(clean, &layout(dir).key_dir());
        let row = |name: &str, part| {
            stored(dir)
                .part(ids.event(name).uuid(), part)
                .unwrap()
                .unwrap()
        };
        let (first, second) = (row(one, part), row(other, other_part));
        let told = told_with(
            dir,
            &[
                PartRow {
                    wrapped: second.wrapped,
                    ..first.clone()
                },
                PartRow {
                    wrapped: first.wrapped,
                    ..second.clone()
                },
            ]
            .map(KeyRow::Part),
        );
        let named = [first, second].into_iter().any(|row| {
            told.contains(&format!(
                "wrapped key of part {} of event {}",
                row.part, row.event
            ))
        });
        assert!(
            told.contains("BLOB_DECRYPT") && named,
            "{one} {part}, {other} {other_part}: {told}"
        );
    }
}

/// The rows of two subjects, a case and a person.
fn case_and_person(dir: &Path) -> (SubjectRow, SubjectRow) {
    let subject = |subject: Uuid| stored(dir).subject(subject).unwrap().unwrap();
    (
        subject(ids().case().uuid()),
        subject(ids().person("alma").uuid()),
    )
}

/// The keys of two subjects, of a case and of a person.
fn swapped_subjects_are_told(dir: &Path, clean: &Path) {
    put_back(clean, &layout(dir).key_dir());
    let (case, person) = case_and_person(dir);
    let swapped = [
        SubjectRow {
            wrapped: person.wrapped,
            ..case.clone()
        },
        SubjectRow {
            wrapped: case.wrapped,
            ..person.clone()
        },
    ];
    let told = told_with(dir, &swapped.map(KeyRow::Subject));
    assert!(
        told.contains("BLOB_DECRYPT") && told.contains("wrapped key of subject"),
        "{told}"
    );
}

/// A row of an older epoch, under its own name and under another one, as it was or called one of
/// this epoch.
fn rows_of_an_older_epoch_are_told(dir: &Path, clean: &Path) {
    put_back(clean, &layout(dir).key_dir());
    let (case, person) = case_and_person(dir);
    for (subject, epoch) in [(&case, 1), (&case, 2), (&person, 1), (&person, 2)] {
        put_back(clean, &layout(dir).key_dir());
        let operator = open(dir).unwrap();
        assert_eq!(operator.rotate_root().unwrap(), 2);
        operator.close().unwrap();
        drop(operator);
        let old = SubjectRow {
            wrapped: case.wrapped,
            subject: subject.subject,
            epoch,
        };
        let told = told_with(dir, &[KeyRow::Subject(old)]);
        let named = told.contains(&format!(
            "wrapped key of subject {} in epoch 2",
            subject.subject
        ));
        assert!(told.contains("BLOB_DECRYPT") && named, "{epoch}: {told}");
    }
}

/// S7: two wrapped keys that were swapped open nothing, whichever two they are, and the row is
/// named.
#[tokio::test(flavor = "multi_thread")]
async fn swapped_keys_are_told_and_never_read_as_something_else() {
    let (dir, _) = World::with_alma().await.stop();
    let clean = tempfile::tempdir().unwrap();
    copy(&layout(dir.path()).key_dir(), clean.path());
    swapped_parts_are_told(dir.path(), clean.path());
    swapped_subjects_are_told(dir.path(), clean.path());
    rows_of_an_older_epoch_are_told(dir.path(), clean.path());
}
