//! What is erased is found no more, and its tokens leave the files of the index.

use std::path::Path;
use std::sync::Arc;

use events::meta::Role;
use record::keys::RootKey;
use serde_json::json;
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::KeyStore;
use tests::dirs::Dirs;
use tests::waiting::wait_until;
use tests::world::{files, layout, viewer};

use super::{Orders, case, erasure, found, id, person, projections, streams, world};

/// The token of an identity number, as the index holds it.
fn token(world: &Path, digits: &str) -> [u8; 16] {
    let keys = tempfile::tempdir().unwrap();
    for path in files(&layout(world).key_dir())
        .into_iter()
        .filter(|path| !path.ends_with("lock"))
    {
        std::fs::copy(&path, keys.path().join(path.file_name().unwrap())).unwrap();
    }
    let store = FileKeyStore::open(Arc::new(RealDisk::default()), keys.path()).unwrap();
    RootKey::from_bytes(*store.secrets().root)
        .index_keys()
        .0
        .token("number", digits.as_bytes())
}

fn holds(dir: &Path, token: &[u8]) -> bool {
    // A file may go while it is read: that is what is waited for.
    let contents = projections(dir)
        .into_iter()
        .filter_map(|path| std::fs::read(path).ok());
    contents
        .into_iter()
        .any(|bytes| bytes.windows(token.len()).any(|window| window == token))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_found_no_more_and_leaves_the_files() {
    let world = world().await;
    let mut orders = Orders::on(&world);
    assert_eq!(
        found(&world, "identityNumber: \"161385-0002\"").await,
        streams(&[case(1)])
    );
    let (wivi, kristoffer) = (
        token(world.dir.path(), "1613850002"),
        token(world.dir.path(), "1513170001"),
    );
    let dpo = || viewer("D1", Role::Dpo);
    let number = json!({
        "event": { "stream": person(1), "event": id(4, 1) }, "field": "id_number", "element": 0,
        "subject": { "person": person(1), "role": "CHILD" },
    });
    assert_eq!(
        orders
            .give("orderErasure", erasure("VALUE", number), dpo())
            .await["userErrors"],
        json!([])
    );
    // Nothing is waited for here: whoever asks after an erasure never finds what was erased.
    let after = world
        .query("{ cases(filter: { identityNumber: \"151317-0001\" }) { nodes { stream } } }")
        .await;
    assert_eq!(after["cases"]["nodes"], json!([]));
    assert_eq!(
        found(&world, "name: \"Kristoffer Møller\"").await,
        streams(&[case(1)]),
        "the name stays"
    );
    let person = json!({ "person": person(2) });
    assert_eq!(
        orders
            .give("orderErasure", erasure("PERSON", person), dpo())
            .await["userErrors"],
        json!([])
    );
    for filter in [
        "identityNumber: \"161385-0002\"",
        "name: \"Wivi\"",
        "name: \"Aagaard Schmidt\"",
    ] {
        assert_eq!(
            found(&world, filter).await,
            Vec::<String>::new(),
            "{filter}"
        );
    }
    assert!(world.operator.check_lists().unwrap());
    // The index is made anew beside the one in force, without the tokens.
    wait_until("the tokens leave the files", || {
        !holds(world.dir.path(), &wivi) && !holds(world.dir.path(), &kristoffer)
    });
    assert_eq!(
        found(&world, "name: \"Kristoffer Møller\"").await,
        streams(&[case(1)])
    );
    assert!(world.operator.check_lists().unwrap());
}
