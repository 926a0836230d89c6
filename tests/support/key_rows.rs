//! Key directories as nobody leaves them in order: with rows that are lost, and in the forms of
//! earlier versions. Keys in order are made by opening a log.

use std::path::Path;
use std::sync::Arc;

use record::keys::{LockKey, RootKey};
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::{KeyRow, KeyStore, PartRow, Secrets, SubjectRow};

/// Rows as an exchange of the root key leaves them, without those that are to be lost.
pub fn without(
    root: [u8; 32],
    lost: impl Fn(&PartRow) -> bool,
) -> impl FnMut(KeyRow) -> Result<Option<KeyRow>, app::error::BoxError> {
    let root = RootKey::from_bytes(root);
    move |row| {
        Ok(match row {
            KeyRow::Part(row) => (!lost(&row)).then_some(KeyRow::Part(row)),
            KeyRow::Subject(old) => {
                let row = SubjectRow {
                    epoch: old.epoch + 1,
                    ..old
                };
                Some(KeyRow::Subject(SubjectRow {
                    wrapped: root.wrap(row.place(), &root.unwrap(old.place(), &old.wrapped)?),
                    ..row
                }))
            }
        })
    }
}

/// The rows of a key store as bytes, with wrapped keys that are not bound to their places.
fn unbound_rows(store: &FileKeyStore, root: &[u8; 32]) -> Vec<u8> {
    let root = RootKey::from_bytes(*root);
    let unbound = |key: &[u8; 32], inner: &[u8; 32]| LockKey::from_bytes(*key).wrap(inner).0;
    let mut subjects = std::collections::BTreeMap::new();
    let mut body = Vec::new();
    let mut take = |row: KeyRow| {
        match &row {
            KeyRow::Subject(row) => {
                let key = root.unwrap(row.place(), &row.wrapped)?;
                body.extend(
                    [
                        [2].as_slice(),
                        row.subject.as_bytes(),
                        &row.epoch.to_be_bytes(),
                        &unbound(root.expose(), key.expose()),
                    ]
                    .concat(),
                );
                subjects.insert(row.subject, key);
            }
            KeyRow::Part(row) => {
                let subject = &subjects[&row.subject];
                let wrapped = unbound(
                    subject.expose(),
                    subject.unwrap(row.place(), &row.wrapped)?.expose(),
                );
                let (event, part) = (row.event.as_bytes(), row.part.to_be_bytes());
                body.extend(
                    [
                        [1].as_slice(),
                        event,
                        &part,
                        row.subject.as_bytes(),
                        &wrapped,
                    ]
                    .concat(),
                );
            }
        }
        Ok(None)
    };
    store.rotate([0; 32], &mut take, &[]).unwrap();
    body
}

/// Writes a file of a key directory: its title, its lines, and a sum, which is that of the file
/// where none is given.
fn put(dir: &Path, name: &str, title: &str, lines: &[String], sum: Option<u32>) {
    let body = format!("sagsspor {title}\n{}\n", lines.join("\n"));
    let sum = sum.unwrap_or_else(|| crc32c::crc32c(body.as_bytes()));
    std::fs::write(dir.join(name), format!("{body}{sum:08x}\n")).unwrap();
}

fn hex(secret: &[u8; 32]) -> String {
    record::hash::Hash::new(*secret).to_hex()
}

/// The secret that earlier versions kept beside the seeds, and that nothing needs any more.
const MAC: [u8; 32] = [4; 32];

/// A file for each secret, and no post-quantum key.
fn put_secrets_apart(dir: &Path, secrets: &Secrets) {
    let epoch = secrets.epoch;
    put(
        dir,
        "signing.key",
        "signing 1",
        &[hex(&secrets.event_seed), hex(&secrets.log_seed), hex(&MAC)],
        None,
    );
    put(
        dir,
        &format!("root-{epoch:08}.key"),
        "root 1",
        &[hex(&secrets.root)],
        None,
    );
    put(
        dir,
        "epoch",
        "epoch 1",
        &[epoch.to_string()],
        Some(crc32c::crc32c(&epoch.to_be_bytes())),
    );
}

/// One file for all secrets.
fn put_secrets_together(dir: &Path, secrets: &Secrets) {
    let epoch = secrets.epoch;
    let named = [
        ("root", &*secrets.root),
        ("event", &*secrets.event_seed),
        ("log", &*secrets.log_seed),
        ("mac", &MAC),
        (
            "log-post-quantum",
            secrets.post_quantum_seed.as_deref().unwrap(),
        ),
    ];
    let lines = ["lock none".to_owned(), format!("epoch {epoch}")].into_iter();
    let lines: Vec<String> = lines
        .chain(named.map(|(name, secret)| format!("{name} {}", hex(secret))))
        .collect();
    put(dir, "secrets-00000002.key", "secrets 1", &lines, None);
    let line = format!("{epoch} 2");
    put(
        dir,
        "epoch",
        "epoch 2",
        std::slice::from_ref(&line),
        Some(crc32c::crc32c(line.as_bytes())),
    );
}

/// Puts a key directory into the form that it had before wrapped keys were bound to their places:
/// `apart` with a file for each secret and without a post-quantum key, otherwise with one for all.
pub fn as_before(dir: &Path, apart: bool) {
    let store = FileKeyStore::open(Arc::new(RealDisk::default()), dir).unwrap();
    let secrets = store.secrets();
    let body = unbound_rows(&store, &secrets.root);
    drop(store);
    for file in std::fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|file| file.is_file())
    {
        std::fs::remove_file(file).unwrap();
    }
    if apart {
        put_secrets_apart(dir, &secrets);
    } else {
        put_secrets_together(dir, &secrets);
    }
    let head = [
        b"SGK1".as_slice(),
        &u32::try_from(body.len()).unwrap().to_be_bytes(),
    ]
    .concat();
    let sums = (
        crc32c::crc32c(&head).to_be_bytes(),
        crc32c::crc32c(&body).to_be_bytes(),
    );
    std::fs::write(
        dir.join(format!("rows-{:08}.keys", secrets.epoch)),
        [head.as_slice(), &sums.0, &body, &sums.1].concat(),
    )
    .unwrap();
}
