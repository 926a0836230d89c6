//! A case is read without its documents, and damage to one of them is found.

use domain::reading::ReadingPoint;
use record::attachment::CHUNK_BYTES;
use tests::program::Server;
use tests::raw_http::{begin, finish};
use tests::world::{World, audit, ids, trust};

use super::{blobs, file, pdf, read};

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_read_without_its_documents_and_damage_is_found() {
    let world = World::with_alma().await;
    let bytes = pdf(2 * CHUNK_BYTES + 9, 9);
    let event = file(&world, 1, Some(ids().child()), &bytes);
    let expected = world.read(ids().case(), ReadingPoint::default());
    let chunk = blobs(world.dir.path()).into_iter().nth(1).unwrap();
    let good = std::fs::read(&chunk).unwrap();
    let world = world.reopen();
    let found = |world: &World| audit(world.dir.path(), &trust(&world.operator)).unwrap_err();

    std::fs::remove_file(&chunk).unwrap();
    assert_eq!(
        world.read(ids().case(), ReadingPoint::default()),
        expected,
        "no chunk is needed to read the case"
    );
    assert!(read(&world, event).is_err());
    assert!(
        found(&world).starts_with("BLOB_MISSING"),
        "{}",
        found(&world)
    );

    for place in [0, 60, good.len() / 2, good.len() - 1] {
        let mut bent = good.clone();
        bent[place] ^= 1;
        std::fs::write(&chunk, bent).unwrap();
        assert!(read(&world, event).is_err(), "byte {place}");
        assert!(
            found(&world).starts_with("BLOB_HASH"),
            "byte {place}: {}",
            found(&world)
        );
    }
    let (dir, trust) = world.stop();
    let server = Server::start(dir.path());
    let place = format!("/documents/{}/{event}", ids().case());
    let cut = finish(begin(server.address, "GET", &place, &[], 0).unwrap()).unwrap();
    assert_eq!(
        (cut.status, cut.header("content-length")),
        (200, Some(bytes.len().to_string().as_str()))
    );
    assert_eq!(
        cut.body.len(),
        CHUNK_BYTES,
        "the answer is cut off where the damage begins"
    );
    drop(server);
    std::fs::write(&chunk, good).unwrap();
    audit(dir.path(), &trust).unwrap();
}
