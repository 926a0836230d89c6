//! A changed byte of a stopped log with a checkpoint is found; a changed byte of the index changes
//! no answer.

use std::sync::Arc;

use app::clock::SetClock;
use app::operations::operator::Operator;
use domain::reading::ReadingPoint;
use tests::dirs::Dirs;
use tests::world::{World, audit, caseworker, files, ids, layout};

#[tokio::test(flavor = "multi_thread")]
async fn every_flipped_byte_of_journal_and_blobs_is_found_with_a_code() {
    let world = World::with_alma().await;
    let (dir, trust) = world.stop();
    audit(dir.path(), &trust).unwrap();
    let log = layout(dir.path()).log_dir();
    let mut flips = 0;
    for path in files(&log.join("journal"))
        .into_iter()
        .chain(files(&log.join("blobs")))
        .chain([log.join("checkpoint")])
    {
        let original = std::fs::read(&path).unwrap();
        // Every byte class of a frame is met; the store's own tests go through every single byte.
        let step = if original.len() > 4_096 { 613 } else { 7 };
        for place in (0..original.len())
            .step_by(step)
            .chain([original.len() - 1])
        {
            let mut bent = original.clone();
            bent[place] ^= 1;
            std::fs::write(&path, &bent).unwrap();
            let finding = audit(dir.path(), &trust).unwrap_err();
            let code = finding.split([':', ' ']).next().unwrap();
            assert!(
                code.chars().all(|c| c.is_ascii_uppercase() || c == '_'),
                "{} byte {place}: {finding}",
                path.display()
            );
            flips += 1;
        }
        std::fs::write(&path, &original).unwrap();
    }
    assert!(flips > 300, "{flips}");
    audit(dir.path(), &trust).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_of_the_index_changes_no_answer() {
    let world = World::with_alma().await;
    let (case, clock) = (
        ids().case(),
        Arc::new(SetClock::new("2025-01-01T00:00:00Z".parse().unwrap())),
    );
    let expected = world.read(case, ReadingPoint::default());
    let (dir, _) = world.stop();
    let index = layout(dir.path()).log_dir().join("index");
    for round in 0..12_usize {
        let files = files(&index);
        let path = &files[round % files.len()];
        let mut bytes = std::fs::read(path).unwrap();
        if bytes.is_empty() {
            continue;
        }
        let place = (round * 104_729) % bytes.len();
        bytes[place] ^= 4;
        std::fs::write(path, bytes).unwrap();
        let operator = Operator::open(
            layout(dir.path()),
            Arc::<SetClock>::clone(&clock),
            &mut |_, _| {},
        )
        .unwrap();
        assert_eq!(
            operator
                .session(caseworker())
                .read(case, ReadingPoint::default())
                .unwrap()
                .as_deref(),
            expected.as_ref(),
            "{} byte {place}",
            path.display()
        );
        operator.close().unwrap();
    }
}
