//! An audit goes on where the last one stopped.

use std::path::Path;

use app::evidence::tiles::export::export;
use serde_json::json;
use tests::dirs::{Dirs, as_it_lies};
use tests::program::{run, text};
use tests::world::{World, files, layout, trust};

use super::{audited, string};

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_goes_on_where_it_stopped() {
    let world = World::with_alma().await;
    world.operator.checkpoint().unwrap();
    let log_key = trust(&world.operator).log_key;
    let (out, state) = (
        string(&world.dir.path().join("tiles")),
        string(&world.dir.path().join("state")),
    );
    export(
        &*as_it_lies(&world.log_dir()),
        Path::new(&out),
        false,
        &mut |_, _| {},
    )
    .unwrap();
    let tiles = [
        "--tiles",
        out.as_str(),
        "--log-key",
        &log_key,
        "--state",
        &state,
        "--entries-only",
    ];
    let (first, code) = audited(world.dir.path(), &tiles);
    assert_eq!((code, &first["before"]), (0, &json!(0)), "{first}");
    assert_eq!(
        first["stateBytes"],
        json!(std::fs::metadata(&state).unwrap().len())
    );
    let (same, _) = audited(world.dir.path(), &tiles);
    assert_eq!(
        (&same["before"], &same["root"], &same["events"]),
        (&first["entries"], &first["root"], &first["events"])
    );
    // The live log goes on from the same state, with everything in it compared again but the
    // signatures; what lies behind the checkpoint is not kept.
    let live = ["--log-key", &log_key, "--state", &state];
    let (live_first, code) = audited(world.dir.path(), &live);
    assert_eq!(
        (code, &live_first["before"]),
        (0, &first["entries"]),
        "{live_first}"
    );
    assert!(live_first["blobs"].as_u64().unwrap() > 100);
    let (dir, _) = world.stop();
    let blobs = files(&layout(dir.path()).log_dir().join("journal"));
    let mut bytes = std::fs::read(&blobs[0]).unwrap();
    let place = bytes.len() / 2;
    bytes[place] ^= 1;
    std::fs::write(&blobs[0], bytes).unwrap();
    assert_eq!(audited(dir.path(), &live).1, 3);
    let mut damaged = std::fs::read(&state).unwrap();
    damaged[20] ^= 1;
    std::fs::write(&state, damaged).unwrap();
    let refused = run(dir.path(), &[&["audit"], tiles.as_slice()].concat());
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("the state is damaged"),
        "{}",
        text(&refused.stderr)
    );
}
