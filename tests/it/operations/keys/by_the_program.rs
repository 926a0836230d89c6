//! The program exchanges keys, and a recovery key brings a log back.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;
use tests::program::{Server, run, text};
use tests::world::ALMA;

use super::{good, shown};

/// Log keys: both sign for a while, and a reader with either is content.
fn log_keys_are_exchanged(dir: &Path) {
    good(run(dir, &["keys", "rotate", "--log-key"]));
    let both = shown(dir);
    let (old, new) = (
        both["logKeys"]["ed25519"].as_str().unwrap(),
        both["nextLogKeys"]["ed25519"].as_str().unwrap(),
    );
    let audited = |key: &str| run(dir, &["audit", "--log-key", key]);
    assert!(
        audited(old).status.success()
            && audited(new).status.success()
            && run(dir, &["audit"]).status.success()
    );
    assert!(
        text(&run(dir, &["keys", "rotate", "--log-key"]).stderr).contains("another key is waiting")
    );
    good(run(dir, &["keys", "retire-log-key"]));
    assert!(text(&audited(old).stdout).contains("FAIL CHECKPOINT_SIGNATURE"));
    assert!(audited(new).status.success() && run(dir, &["audit"]).status.success());
    assert!(!run(dir, &["keys", "cancel-log-key"]).status.success());
}

#[test]
fn keys_are_exchanged_by_the_program_and_a_recovery_key_brings_a_log_back() {
    let dir = tempfile::tempdir().unwrap();
    let recovery = dir.path().join("recovery.key");
    let recovery = recovery.to_str().unwrap();
    assert!(
        good(run(dir.path(), &["keys", "create", "--recovery", recovery]))
            .contains("the event key is")
    );
    assert_eq!(
        std::fs::metadata(recovery).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(
        !run(dir.path(), &["keys", "create", "--recovery", recovery])
            .status
            .success(),
        "once only"
    );
    let file = dir.path().join("dossier.jsonl");
    std::fs::write(&file, ALMA).unwrap();
    good(run(dir.path(), &["import", file.to_str().unwrap()]));
    let first = shown(dir.path());
    assert_eq!(first["event"]["recovery"].as_array().unwrap().len(), 1);
    good(run(dir.path(), &["keys", "rotate", "--event", "--root"]));
    let second = shown(dir.path());
    assert_eq!(
        (&second["epoch"], &second["event"]["entries"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        second["event"]["recovery"], first["event"]["recovery"],
        "the recovery key stays"
    );
    log_keys_are_exchanged(dir.path());
    // The event key is suspected.
    good(run(
        dir.path(),
        &["keys", "recover", "--recovery-seed", recovery],
    ));
    let third = shown(dir.path());
    assert_eq!(third["event"]["entries"], json!(3));
    assert_ne!(third["event"]["kid"], second["event"]["kid"]);
    assert!(run(dir.path(), &["audit"]).status.success());
    let other = dir.path().join("other.key");
    std::fs::write(&other, "sagsspor recovery key 1\n").unwrap();
    assert!(
        text(
            &run(
                dir.path(),
                &[
                    "keys",
                    "recover",
                    "--recovery-seed",
                    other.to_str().unwrap()
                ]
            )
            .stderr
        )
        .contains("not a recovery key")
    );
    let server = Server::start(dir.path());
    let busy = run(dir.path(), &["keys", "show"]);
    assert!(good(busy).contains("epoch          2"));
    assert!(text(&run(dir.path(), &["keys", "rotate", "--root"]).stderr).contains("in use"));
    drop(server);
}
