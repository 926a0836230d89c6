//! Keys under a passphrase or a credential.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use serde_json::{Value, json};
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::KeyStore;
use tests::dirs::Dirs;
use tests::program::{command, imported, run, text};
use tests::world::{ALMA, files, ids, layout};

use super::good;

fn passphrase(dir: &Path, name: &str, words: &str) -> PathBuf {
    let file = dir.join(name);
    std::fs::write(&file, format!("{words}\n")).unwrap();
    file
}

fn with_passphrase(dir: &Path, file: &str, arguments: &[&str]) -> Output {
    command(dir, arguments)
        .env("SAGSSPOR_PASSPHRASE_FILE", file)
        .output()
        .unwrap()
}

/// A secret, as it is or in letters, is in no file.
fn stands_nowhere_in(dir: &Path, secret: &[u8; 32]) {
    let hex = record::hash::Hash::new(*secret).to_hex();
    for path in files(dir).into_iter().filter(|path| path.is_file()) {
        let bytes = std::fs::read(&path).unwrap();
        assert!(
            !String::from_utf8_lossy(&bytes).contains(&hex)
                && !bytes.windows(32).any(|window| window == secret),
            "{}",
            path.display()
        );
    }
}

/// A log that is locked, opened without a passphrase and with another one.
fn a_wrong_passphrase_changes_nothing(dir: &Path, wrong: &str, case: &str) {
    let before: Vec<(PathBuf, Vec<u8>)> = files(dir)
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect();
    let none = run(dir, &["replay", case]);
    assert!(
        text(&none.stderr).contains("a passphrase is needed") && none.status.code() == Some(1),
        "{}",
        text(&none.stderr)
    );
    let wrong = with_passphrase(dir, wrong, &["replay", case]);
    assert!(
        text(&wrong.stderr)
            .contains("the passphrase is not the one that the keys were locked with"),
        "{}",
        text(&wrong.stderr)
    );
    for (path, bytes) in before {
        assert!(
            std::fs::read(&path).unwrap() == bytes,
            "{} was touched",
            path.display()
        );
    }
}

/// From a passphrase to a credential, and back to none.
fn a_credential_locks_and_opens(dir: &Path, passphrase: &str) {
    let credential = dir.join("credentials");
    std::fs::create_dir(&credential).unwrap();
    std::fs::write(credential.join("sagsspor-lock"), [42; 32]).unwrap();
    good(with_passphrase(
        dir,
        passphrase,
        &[
            "keys",
            "lock",
            "--credential",
            "--new-file",
            credential.join("sagsspor-lock").to_str().unwrap(),
        ],
    ));
    let shown = command(dir, &["keys", "show", "--json"])
        .env("CREDENTIALS_DIRECTORY", &credential)
        .output()
        .unwrap();
    let shown: Value = serde_json::from_str(good(shown).lines().next().unwrap()).unwrap();
    assert_eq!(
        (&shown["lock"], &shown["epoch"], &shown["event"]["entries"]),
        (&json!("credential"), &json!(1), &json!(1))
    );
    let short = run(dir, &["keys", "lock", "--none"]);
    assert!(
        text(&short.stderr).contains("the credential sagsspor-lock is needed"),
        "{}",
        text(&short.stderr)
    );
    good(
        command(dir, &["keys", "lock", "--none"])
            .env("CREDENTIALS_DIRECTORY", &credential)
            .output()
            .unwrap(),
    );
}

#[test]
fn keys_are_locked_and_a_wrong_passphrase_touches_nothing() {
    let dir = imported();
    let keys = layout(dir.path()).key_dir();
    let (first, second) = (
        passphrase(dir.path(), "first", "seks gange ti ord"),
        passphrase(dir.path(), "second", "ti gange seks ord"),
    );
    let (first, second) = (first.to_str().unwrap(), second.to_str().unwrap());
    let case = ids().case().to_string();
    assert!(good(run(dir.path(), &["keys", "show"])).contains("nothing: the secrets lie in files"));
    let root = *FileKeyStore::open(Arc::new(RealDisk::default()), &keys)
        .unwrap()
        .secrets()
        .root;
    good(run(
        dir.path(),
        &["keys", "lock", "--passphrase", "--new-file", first],
    ));
    stands_nowhere_in(dir.path(), &root);
    a_wrong_passphrase_changes_nothing(dir.path(), second, &case);
    let with = |file: &str, arguments: &[&str]| with_passphrase(dir.path(), file, arguments);
    assert!(good(with(first, &["replay", &case])).contains("Acute measure needed"));
    assert!(
        good(run(dir.path(), &["audit"])).contains("OK"),
        "an audit needs no keys"
    );
    // From one lock to another, to a credential, and back to none.
    good(with(
        first,
        &["keys", "lock", "--passphrase", "--new-file", second],
    ));
    assert!(!with(first, &["replay", &case]).status.success());
    a_credential_locks_and_opens(dir.path(), second);
    assert!(good(run(dir.path(), &["replay", &case])).contains("Acute measure needed"));
}

/// A log that is begun with a passphrase never has a secret in the clear, its access log included.
#[test]
fn a_new_log_is_locked_from_the_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let words = passphrase(dir.path(), "words", "seks gange ti ord");
    let file = dir.path().join("dossier.jsonl");
    std::fs::write(&file, ALMA).unwrap();
    let with = |arguments: &[&str]| {
        command(dir.path(), arguments)
            .env("SAGSSPOR_PASSPHRASE_FILE", &words)
            .output()
            .unwrap()
    };
    good(with(&["import", file.to_str().unwrap()]));
    for path in files(&layout(dir.path()).key_dir())
        .iter()
        .filter(|path| path.to_string_lossy().contains("secrets-"))
    {
        let held = std::fs::read_to_string(path).unwrap();
        assert!(
            held.contains("lock passphrase argon2id"),
            "{}",
            path.display()
        );
        assert_eq!(
            std::fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert!(run(dir.path(), &["keys", "show"]).status.code() == Some(1));
    good(with(&["keys", "show"]));
}
