//! Directories in which a log must not be kept, and logs that must not be kept.

use super::Rig;
use crate::files::LogFiles;
use crate::keep::{Keep, KeepError};
use crate::keys::{KeyKind, LogKey, WitnessKey};
use crate::log_maker::{ORIGIN, log_key};
use crate::witness::{LogSettings, StartError, Witness};

#[test]
fn a_directory_that_is_not_this_logs_is_left_alone() {
    let rig = Rig::new(4);
    let size = rig.cosigned(&rig.witness(), 0);
    let before = rig.files();
    let other = Keep::open(
        &rig.kept(),
        "other.example.invalid/0999/sag",
        &mut |_, _| {},
    )
    .map(|_| ())
    .unwrap_err();
    assert!(
        matches!(&other, KeepError::OtherLog { found, .. } if found == ORIGIN),
        "{other}"
    );
    let witness = rig.witness();
    assert!(matches!(rig.keep(), Err(KeepError::InUse(_))));
    drop(witness);
    // It knows more than the log that is shown, to a witness that has forgotten.
    std::fs::remove_dir_all(rig.dir.path().join("state")).unwrap();
    rig.log(|log| {
        log.event(0, &[], &[]);
        log.seal();
    });
    let grown = rig.cosigned(&rig.witness(), 0);
    std::fs::remove_dir_all(rig.dir.path().join("state")).unwrap();
    let witness = rig.witness();
    let older = rig.log(|log| log.request(0, size));
    let answer = witness.add_checkpoint(older.as_bytes());
    assert_eq!(answer.status, 422);
    assert!(
        answer
            .body
            .contains(&format!("STORE_ROLLED_BACK: {grown} entries")),
        "{}",
        answer.body
    );
    drop(witness);
    // Another past of the same length.
    std::fs::remove_dir_all(rig.dir.path().join("state")).unwrap();
    let fork = Rig::new(6);
    std::fs::remove_dir(fork.kept()).ok();
    let forked = Rig {
        dir: rig.dir,
        served: fork.served,
    };
    let answer = forked.show(&forked.witness(), 0);
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(
        before
            .iter()
            .filter(|(name, _)| name.starts_with("blobs/0"))
            .all(|(name, bytes)| forked.files()[name] == *bytes)
    );
    forked.audit().unwrap();

    let damaged = forked.kept().join(format!("tile/entries/000.p/{grown}"));
    let bytes = std::fs::read(&damaged).unwrap();
    std::fs::write(&damaged, &bytes[..bytes.len() - 1]).unwrap();
    assert!(matches!(forked.keep(), Err(KeepError::Damaged { .. })));
    std::fs::write(forked.kept().join("checkpoint"), b"nonsense").unwrap();
    assert!(matches!(forked.keep(), Err(KeepError::Checkpoint(_))));
    std::fs::remove_file(forked.kept().join("checkpoint")).unwrap();
    assert!(
        forked.keep().is_ok(),
        "without a checkpoint it is an unfinished beginning"
    );
    std::fs::write(forked.kept().join("letter.txt"), b"of somebody").unwrap();
    assert!(matches!(forked.keep(), Err(KeepError::Foreign(_))));
    assert!(forked.kept().join("letter.txt").exists());
}

#[test]
fn only_a_log_that_is_replayed_can_be_kept() {
    let rig = Rig::new(1);
    let open = |files: Option<Box<dyn LogFiles>>, origin: &str| {
        let keep = Some(Keep::open(&rig.dir.path().join("other"), origin, &mut |_, _| {}).unwrap());
        let key = WitnessKey::new("w", KeyKind::Ed25519, [5; 32]).unwrap();
        let keys = vec![LogKey::parse(&log_key().vkey()).unwrap()];
        Witness::open(
            vec![key],
            vec![LogSettings { keys, files, keep }],
            &rig.dir.path().join("state"),
            Box::new(|| 1),
        )
        .map(|_| ())
    };
    assert!(matches!(open(None, ORIGIN), Err(StartError::Keep(_))));
    assert!(matches!(
        open(Some(Box::new(rig.served.clone())), "other.example.invalid"),
        Err(StartError::Keep(_))
    ));
    assert!(open(Some(Box::new(rig.served.clone())), ORIGIN).is_ok());
}
