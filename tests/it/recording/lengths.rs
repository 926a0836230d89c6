//! What somebody can tell from the lengths of ciphertexts, and how many bytes it costs to tell them
//! less.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use record::entry::{Entry, parse};
use record::keys::RootKey;
use record::opening::PartSource;
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::embedded::read_only::ReadOnly;
use store::key_store::KeyStore;
use tests::dirs::Dirs;
use tests::measure::bytes;
use tests::world::{World, layout};

/// The plaintexts of all parts of a log, without what readers pass over: their lengths, with and
/// without it.
fn lengths(dir: &Path) -> Vec<(usize, usize)> {
    let place = layout(dir);
    let keys = FileKeyStore::open(Arc::new(RealDisk::default()), &place.key_dir()).unwrap();
    let root = RootKey::from_bytes(*keys.secrets().root);
    let log = ReadOnly::open(Arc::new(RealDisk::default()), &place.log_dir()).unwrap();
    let mut found = Vec::new();
    log.for_each(&mut |entry| {
        let Entry::Event(event) = parse(&entry.bytes).unwrap().entry else {
            return ControlFlow::Continue(());
        };
        for (part, blob) in (0..).zip(entry.blobs) {
            // What was erased has none.
            let Some(blob) = blob else { continue };
            let row = keys.part(event.event_id, part).unwrap().unwrap();
            let subject = keys.subject(row.subject).unwrap().unwrap();
            let key = root
                .unwrap(subject.place(), &subject.wrapped)
                .unwrap()
                .unwrap(row.place(), &row.wrapped)
                .unwrap();
            let text = record::attachment::open(
                PartSource {
                    blob: &blob,
                    key: &key,
                },
                event.event_id,
                part,
            )
            .unwrap();
            let own = text
                .iter()
                .rposition(|byte| *byte != b'~')
                .map_or(0, |last| last + 1);
            found.push((own, text.len()));
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_padded_and_that_costs_at_most_a_twentieth_of_the_disk() {
    let (mut added_in_all, mut stored_in_all) = (0, 0);
    for world in [World::with_alma().await, World::with_family().await] {
        let (dir, _) = world.stop();
        let log = layout(dir.path()).log_dir();
        let stored = bytes(&log.join("journal")) + bytes(&log.join("blobs"));
        let lengths = lengths(dir.path());
        let added: usize = lengths.iter().map(|(own, padded)| padded - own).sum();
        assert!(
            lengths
                .iter()
                .all(|(own, padded)| padded % 128 == 0 && own <= padded),
            "{lengths:?}"
        );
        let distinct = |lengths: BTreeSet<usize>| lengths.len();
        let (own, padded) = (
            distinct(lengths.iter().map(|(own, _)| *own).collect()),
            distinct(lengths.iter().map(|(_, padded)| *padded).collect()),
        );
        assert!(padded * 2 < own, "{padded} lengths in place of {own}");
        let stored_before = stored - added as u64;
        assert!(
            added as u64 * 20 <= stored_before,
            "{added} bytes of {stored_before}"
        );
        eprintln!(
            "{} parts, {own} lengths became {padded}; {added} bytes were added to {stored_before}",
            lengths.len()
        );
        added_in_all += added as u64;
        stored_in_all += stored_before;
    }
    assert!(added_in_all * 20 <= stored_in_all);
}
