//! Index and lists beside the log: what was altered in them is found, what lags behind is not.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::clock::SetClock;
use app::operations::operator::Operator;
use domain::reading::ReadingPoint;
use events::meta::Role;
use record::hash::sha256;
use serde_json::json;
use tests::copies::copy;
use tests::dirs::Dirs;
use tests::program::{Server, run};
use tests::world::{ALMA, BASTIAN_AND_CLARA, World, audit, caseworker, files, ids, layout, viewer};
use uuid::Uuid;

use super::{audited, stopped, string};

/// The files of the rows of an index.
fn runs(log: &Path) -> Vec<PathBuf> {
    let mut files = files(&log.join("index"));
    files.retain(|path| path.extension().is_some_and(|end| end == "run"));
    files
}

/// Alters what the index says of the newest entry of a stream: its leaf.
fn alter_head(log: &Path, stream: Uuid) {
    let mut altered = 0;
    for path in runs(log) {
        let mut bytes = std::fs::read(&path).unwrap();
        let places: Vec<usize> = (2..bytes.len() - 16)
            .filter(|place| bytes[*place..].starts_with(stream.as_bytes()))
            // The row begins with the stream: its length stands in front, 72 bytes and those of
            // up to fifteen indexes.
            .filter(|place| {
                let len = usize::from(bytes[place - 2]) * 256 + usize::from(bytes[place - 1]);
                (72..=192).contains(&len) && len.is_multiple_of(8)
            })
            .collect();
        for place in places {
            bytes[place + 16 + 24] ^= 1;
            altered += 1;
        }
        std::fs::write(path, bytes).unwrap();
    }
    assert!(altered > 0, "the head was found");
}

/// Makes what vouches for an index fit its files again, as whoever knows the program could.
fn reseal(log: &Path) {
    let seal = std::fs::read_to_string(log.join("index.digest")).unwrap();
    let mut lines: Vec<String> = seal.lines().map(str::to_owned).collect();
    for path in runs(log) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let run: u64 = name.split('-').nth(1).unwrap().parse().unwrap();
        let digest = sha256(&std::fs::read(&path).unwrap()).to_b64u();
        // Behind title, number and what is reflected, a line for each run. The keyed hash in the
        // last line stays as it was: whoever has no key can do no more.
        for line in lines.iter_mut().skip(4) {
            if line.starts_with(&format!("{run} ")) {
                let kept = line.rsplit_once(' ').unwrap().0.to_owned();
                *line = format!("{kept} {digest}");
            }
        }
    }
    std::fs::write(log.join("index.digest"), lines.join("\n") + "\n").unwrap();
}

/// A note is taken through the API, and is the next event of its case.
async fn takes_the_next_note(operator: &Operator) {
    let version = operator
        .session(caseworker())
        .version(ids().case())
        .unwrap()
        .unwrap();
    let schema = api::schema::schema();
    let note = json!({
        "commandId": Uuid::from_u128(0x51), "stream": ids().case(), "occurred": "2024-12-02", "expectedVersion": version,
        "facts": { "kind": "FACT", "text": "Efter ændringen." },
    });
    let query = "mutation($input: TakeNoteInput!) { takeNote(input: $input) { receipt { version } userErrors { code } } }";
    let request = async_graphql::Request::new(query)
        .variables(async_graphql::Variables::from_json(
            json!({ "input": note }),
        ))
        .data(operator.session(caseworker()));
    let answer = api::schema::execute(&schema, request)
        .await
        .data
        .into_json()
        .unwrap();
    assert_eq!(
        answer["takeNote"],
        json!({ "receipt": { "version": version.get() + 1 }, "userErrors": [] })
    );
}

/// S1: the administrator alters what the index says of the newest entry of a case, and hides it.
#[tokio::test(flavor = "multi_thread")]
async fn s1_an_altered_head_in_the_index_is_found_and_never_built_on() {
    let world = World::with_alma().await;
    let expected = world.read(ids().case(), ReadingPoint::default());
    let (dir, trust) = stopped(world);
    let log = layout(dir.path()).log_dir();
    let (honest, code) = audited(dir.path(), &[]);
    assert_eq!((code, &honest["derived"]), (0, &json!([])), "{honest}");
    let before: Vec<_> = files(dir.path())
        .into_iter()
        .map(|path| (std::fs::read(&path).unwrap(), path))
        .collect();
    alter_head(&log, ids().case().uuid());
    let (found, code) = audited(dir.path(), &[]);
    assert_eq!(
        (code, &found["derived"][0]["code"]),
        (3, &json!("INDEX_DRIFT")),
        "the seal does not fit: {found}"
    );
    reseal(&log);
    let (found, code) = audited(dir.path(), &[]);
    assert_eq!(
        (code, &found["ok"], &found["derived"][0]["code"]),
        (3, &json!(false), &json!("INDEX_DRIFT")),
        "{found}"
    );
    assert!(
        found["derived"][0]["message"]
            .as_str()
            .unwrap()
            .contains("newest entry of a stream"),
        "{found}"
    );
    // The audit has changed nothing: all other files are what they were.
    for (bytes, path) in before
        .iter()
        .filter(|(_, path)| !path.starts_with(log.join("index")) && !path.ends_with("index.digest"))
    {
        assert_eq!(std::fs::read(path).unwrap(), *bytes, "{}", path.display());
    }

    // Opened as it lies there, the next event still follows its true predecessor.
    let clock = Arc::new(SetClock::new("2025-01-01T00:00:00Z".parse().unwrap()));
    let operator = Operator::open(layout(dir.path()), clock, &mut |_, _| {}).unwrap();
    assert_eq!(
        operator
            .session(caseworker())
            .read(ids().case(), ReadingPoint::default())
            .unwrap()
            .as_deref(),
        expected.as_ref()
    );
    takes_the_next_note(&operator).await;
    operator.close().unwrap();
    audit(dir.path(), &trust).unwrap();
    let (mended, code) = audited(dir.path(), &[]);
    assert_eq!((code, &mended["derived"]), (0, &json!([])), "{mended}");
}

/// What a row adds to the two halves of the sum over the lists.
fn halves(key: &[u8], value: &[u8]) -> (u128, u128) {
    let hash = sha256(&[&(key.len() as u64).to_be_bytes(), key, value].concat());
    let (first, second) = hash.as_bytes().split_at(16);
    (
        u128::from_be_bytes(first.try_into().unwrap()),
        u128::from_be_bytes(second.try_into().unwrap()),
    )
}

/// Alters a row of the lists, or puts it back; makes the sum over them fit, or leaves it.
fn alter_row(folder: &Path, fit: bool) {
    let db = sled::open(folder).unwrap();
    let (key, old) = db.scan_prefix(b"0999r").next().unwrap().unwrap();
    let mut new = old.to_vec();
    *new.last_mut().unwrap() ^= 1;
    db.insert(&key, new.as_slice()).unwrap();
    if fit {
        let mut told = db.get(b"0999p").unwrap().unwrap().to_vec();
        let (gone, come) = (halves(&key[5..], &old), halves(&key[5..], &new));
        let number = |bytes: &[u8]| u128::from_be_bytes(bytes.try_into().unwrap());
        let first = number(&told[8..24])
            .wrapping_sub(gone.0)
            .wrapping_add(come.0);
        let second = number(&told[24..40])
            .wrapping_sub(gone.1)
            .wrapping_add(come.1);
        told[8..24].copy_from_slice(&first.to_be_bytes());
        told[24..40].copy_from_slice(&second.to_be_bytes());
        db.insert(b"0999p", told).unwrap();
    }
    db.flush().unwrap();
}

/// S2: the administrator alters a row of the lists, and makes the sum over them fit.
#[tokio::test(flavor = "multi_thread")]
async fn s2_an_altered_row_of_the_lists_is_found() {
    let world = World::with_alma().await;
    world.operator.lists_ready(&mut |_, _| {}).unwrap();
    let (dir, _) = stopped(world);
    let (honest, code) = audited(dir.path(), &["--lists"]);
    assert_eq!((code, &honest["derived"]), (0, &json!([])), "{honest}");
    let notes = honest["notes"].as_array().unwrap();
    assert!(
        notes.len() == 1 && notes[0].as_str().unwrap().contains("beside the log"),
        "{honest}"
    );
    let projections = layout(dir.path()).projection_dir();
    let number: u64 = std::fs::read_to_string(projections.join("in-force"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let folder = projections.join(format!("{number:010}"));
    alter_row(&folder, true);
    let (found, code) = audited(dir.path(), &["--lists"]);
    assert_eq!(
        (code, &found["derived"][0]["code"]),
        (3, &json!("PROJECTION_DRIFT")),
        "{found}"
    );
    let (unasked, code) = audited(dir.path(), &[]);
    assert_eq!(code, 0);
    assert!(
        unasked["notes"][0].as_str().unwrap().contains("--lists"),
        "{unasked}"
    );
    // Without keys nothing can be compared, and the audit says so.
    std::fs::rename(dir.path().join("keys"), dir.path().join("elsewhere")).unwrap();
    let (keyless, code) = audited(dir.path(), &["--lists"]);
    assert_eq!(
        (
            code,
            keyless["notes"][0].as_str().unwrap().contains("no keys")
        ),
        (0, true),
        "{keyless}"
    );
    std::fs::rename(dir.path().join("elsewhere"), dir.path().join("keys")).unwrap();
    // Back as it was, then altered without making the sum fit: that alone is told.
    alter_row(&folder, true);
    assert_eq!(audited(dir.path(), &["--lists"]).1, 0);
    alter_row(&folder, false);
    let (found, code) = audited(dir.path(), &["--lists"]);
    assert_eq!(
        (code, &found["derived"][0]["code"]),
        (3, &json!("PROJECTION_DRIFT")),
        "{found}"
    );
    let server = Server::start(dir.path());
    let (busy, code) = audited(dir.path(), &["--lists"]);
    assert_eq!(code, 0, "{busy}");
    assert!(
        busy["notes"].to_string().contains("has the log open"),
        "{busy}"
    );
    drop(server);
}

/// Lists that lag behind the record are brought up to date before they are compared: what was
/// erased since cannot be read as of then.
#[tokio::test(flavor = "multi_thread")]
async fn lists_that_lag_behind_an_erasure_have_not_drifted() {
    let ids = ids();
    let world = World::with_alma().await;
    world.operator.lists_ready(&mut |_, _| {}).unwrap();
    let behind = world.dir.path().join("behind");
    copy(&layout(world.dir.path()).projection_dir(), &behind);
    world.clock.set("2024-11-10T10:00:00Z".parse().unwrap());
    let erasure = json!({
        "commandId": Uuid::from_u128(0xe2), "occurred": "2024-11-10", "scope": "EVENT", "ground": "GDPR_17",
        "legalCheck": "Ingen pligt til at bevare oplysningen.", "approvedBy": "D2", "event": ids.reference("A20-cors"),
    });
    let outcome = world
        .order("orderErasure", erasure, viewer("D1", Role::Dpo))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
    let (dir, _) = stopped(world);
    let (current, code) = audited(dir.path(), &["--lists"]);
    assert_eq!((code, &current["derived"]), (0, &json!([])), "{current}");
    let projections = layout(dir.path()).projection_dir();
    std::fs::remove_dir_all(&projections).unwrap();
    copy(&behind, &projections);
    let before: Vec<_> = files(dir.path())
        .into_iter()
        .map(|path| (std::fs::read(&path).unwrap(), path))
        .collect();
    let (lagging, code) = audited(dir.path(), &["--lists"]);
    assert_eq!((code, &lagging["derived"]), (0, &json!([])), "{lagging}");
    let after: Vec<_> = files(dir.path())
        .into_iter()
        .map(|path| (std::fs::read(&path).unwrap(), path))
        .collect();
    assert!(
        before == after,
        "an audit writes nothing, not even with the keys"
    );
}

/// Every history that there is, as it was recorded, as it was read, and after everything about a
/// person was erased: the lists are what the record says, whoever makes them anew.
#[tokio::test(flavor = "multi_thread")]
async fn the_lists_of_every_history_are_what_the_record_says() {
    for (dossiers, erased) in [
        (
            &[BASTIAN_AND_CLARA][..],
            tests::world::family().person("bastian"),
        ),
        (&[ALMA], ids().person("alma")),
        (&[ALMA, BASTIAN_AND_CLARA], ids().person("mette")),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = string(&dir.path().join("dossier.jsonl"));
        let compared = |what: &str| {
            let (report, code) = audited(dir.path(), &["--lists"]);
            assert_eq!(
                (code, &report["derived"]),
                (0, &json!([])),
                "{what}: {report}"
            );
            assert!(
                !report["notes"].to_string().contains("were not compared"),
                "{what}: {report}"
            );
        };
        for dossier in dossiers {
            std::fs::write(&path, dossier).unwrap();
            assert!(run(dir.path(), &["import", &path]).status.success());
            for reads in [
                &["cases"][..],
                &["board"],
                &["figures", "--from", "2024-01-01", "--to", "2025-12-31"],
            ] {
                assert!(run(dir.path(), reads).status.success());
                compared(reads[0]);
            }
        }
        let clock = Arc::new(app::clock::SystemClock);
        let operator = Operator::open(layout(dir.path()), clock, &mut |_, _| {}).unwrap();
        let schema = api::schema::schema();
        let order = json!({
            "commandId": Uuid::from_u128(0xe3), "occurred": "2026-01-10", "scope": "PERSON", "ground": "GDPR_17", "person": erased,
            "legalCheck": "Ingen pligt til at bevare oplysningerne.", "approvedBy": "D2",
        });
        let mutation = "mutation($input: OrderErasureInput!) { orderErasure(input: $input) { userErrors { code } } }";
        let request = async_graphql::Request::new(mutation).variables(
            async_graphql::Variables::from_json(json!({ "input": order })),
        );
        let answer = api::schema::execute(
            &schema,
            request.data(operator.session(viewer("D1", Role::Dpo))),
        )
        .await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        assert_eq!(
            answer.data.into_json().unwrap()["orderErasure"]["userErrors"],
            json!([])
        );
        operator.lists_ready(&mut |_, _| {}).unwrap();
        drop(schema);
        operator.close().unwrap();
        drop(operator);
        // The rows may be of the epoch before, which is told and no drift; the next command makes
        // new ones.
        assert_eq!(audited(dir.path(), &["--lists"]).0["derived"], json!([]));
        assert!(run(dir.path(), &["cases"]).status.success());
        compared("erased and read");
    }
}
