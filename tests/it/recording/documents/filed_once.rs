//! A command files one document, also when it comes many times at once or its source fails.

use std::path::PathBuf;

use app::commands::document::DocumentOrder;
use app::error::RecordError;
use events::ids::EventId;
use events::text::Line;
use record::attachment::CHUNK_BYTES;
use tests::world::{World, ids};

use super::{blobs, order, pdf};

/// A source that fails in the middle.
struct Failing(usize);

impl std::io::Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(self.0);
        self.0 -= count;
        buffer[..count].fill(b'a');
        if count == 0 {
            Err(std::io::ErrorKind::ConnectionReset.into())
        } else {
            Ok(count)
        }
    }
}

/// Six times at once; which event each filing tells, and whether it was there already.
fn filed_at_once(world: &World, bytes: &[u8]) -> Vec<(EventId, bool)> {
    std::thread::scope(|scope| {
        let filing = |_| {
            scope.spawn(|| {
                let mut source = bytes;
                let recording = world
                    .session()
                    .file_document(&order(1, None, "application/pdf"), &mut source)
                    .unwrap();
                (recording.receipts[0].event, recording.repeated)
            })
        };
        let filings: Vec<_> = (0..6).map(filing).collect();
        filings
            .into_iter()
            .map(|filing| filing.join().unwrap())
            .collect()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_command_files_one_document() {
    let world = World::with_alma().await;
    world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
    let failed = world
        .session()
        .file_document(&order(1, None, "text/plain"), &mut Failing(CHUNK_BYTES + 5))
        .unwrap_err();
    assert!(matches!(failed, RecordError::Incomplete(_)));
    assert_eq!(blobs(world.dir.path()), [] as [PathBuf; 0]);

    let bytes = pdf(300_000, 7);
    let events = filed_at_once(&world, &bytes);
    assert!(events.iter().all(|(event, _)| *event == events[0].0));
    assert_eq!(events.iter().filter(|(_, repeated)| !repeated).count(), 1);
    assert_eq!(
        blobs(world.dir.path()).len(),
        1,
        "one chunk, and nothing of the others"
    );
    let other = order(1, None, "application/pdf");
    let reused = world
        .session()
        .file_document(&other, &mut &pdf(300_000, 8)[..])
        .unwrap_err();
    assert!(
        matches!(reused, RecordError::CommandIdReused(_)),
        "{reused}"
    );
    let titled = DocumentOrder {
        title: Line::new("En anden titel").unwrap(),
        ..order(1, None, "application/pdf")
    };
    assert!(matches!(
        world.session().file_document(&titled, &mut &bytes[..]),
        Err(RecordError::CommandIdReused(_))
    ));

    let chosen = DocumentOrder {
        event: Some(ids().event("A14")),
        ..order(2, None, "application/pdf")
    };
    assert!(matches!(
        world.session().file_document(&chosen, &mut &bytes[..]),
        Err(RecordError::EventIdUsed(_))
    ));
    assert_eq!(blobs(world.dir.path()).len(), 1);
}
