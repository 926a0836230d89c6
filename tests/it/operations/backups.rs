//! S14: no backup that is older than the keys in force gives away what was erased. Nobody can read
//! it there, and nobody who guesses it can confirm the guess.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::layout::Layout;
use app::rows::keys::ListKeys;
use app::rows::search::{CaseFilter, CaseOrder, Plan, Rows, Window};
use app::rules::rulebook::Rulebook;
use events::meta::Role;
use events::text::IdNumber;
use record::keys::RootKey;
use serde_json::json;
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::embedded::projections::ProjectionDir;
use store::key_store::KeyStore;
use store::projection_store::Generations;
use tests::copies::copy;
use tests::dirs::Dirs;
use tests::waiting::Wait;
use tests::world::{World, files, ids, layout, viewer};
use uuid::Uuid;

/// The keys of the lists, as the secrets of a key directory give them.
fn list_keys(dir: &Path) -> ListKeys {
    let secrets = FileKeyStore::open(Arc::new(RealDisk::default()), dir)
        .unwrap()
        .secrets();
    ListKeys::new(&(secrets.epoch, RootKey::from_bytes(*secrets.root)))
}

/// How many cases the rows in a folder give for a filter under these keys: none where they do not
/// open, or no token is that of the guess.
fn found(projections: &Path, keys: &ListKeys, filter: &CaseFilter) -> usize {
    let scratch = tempfile::tempdir().unwrap();
    copy(projections, scratch.path());
    let rows = ProjectionDir::new(scratch.path(), *b"0999")
        .open()
        .unwrap()
        .expect("the rows of the backup add up");
    let snapshot = rows.snapshot().unwrap();
    let window = Window {
        order: CaseOrder::default(),
        after: None,
        before: None,
        count: 10,
        from_end: false,
    };
    let page = Rows::new(&*snapshot, keys, Rulebook::built_in())
        .page(&Plan::new(filter, keys).unwrap(), &window);
    page.map_or(0, |page| page.cases.len())
}

/// The files of the rows that lie there now.
fn rows_of(place: &Layout) -> Vec<PathBuf> {
    let pointer = place.projection_dir();
    let found: Vec<_> = files(&pointer)
        .into_iter()
        .filter(|file| file.parent() != Some(&*pointer))
        .collect();
    assert!(!found.is_empty());
    found
}

/// Waits until none of these files is there any more; asks `meanwhile` while it waits.
async fn until_gone(stale: &[PathBuf], mut meanwhile: impl AsyncFnMut()) {
    let wait = Wait::begin();
    while let Some(stays) = stale.iter().find(|file| file.exists()) {
        meanwhile().await;
        wait.or_fail("the old rows go", stays);
    }
}

fn guesses() -> [CaseFilter; 4] {
    let all = CaseFilter::default;
    [
        CaseFilter {
            name: Some("Alma".into()),
            ..all()
        },
        CaseFilter {
            name: Some("Alma Prøve".into()),
            ..all()
        },
        CaseFilter {
            number: Some(IdNumber::new("141316-0003").unwrap()),
            ..all()
        },
        all(),
    ]
}

/// The world of a log that was stopped, at the time of the erasure.
fn opened_at_the_erasure(dir: tempfile::TempDir, place: &Layout) -> World {
    let clock = Arc::new(app::clock::SetClock::new(
        "2024-11-10T10:00:00Z".parse().unwrap(),
    ));
    let operator = app::operations::operator::Operator::open(
        place.clone(),
        Arc::<app::clock::SetClock>::clone(&clock),
        &mut |_, _| {},
    )
    .unwrap();
    let schema = api::schema::schema();
    World {
        dir,
        clock,
        operator,
        schema,
    }
}

/// After the erasure only the list of all cases has any, whatever rows lay there.
fn no_answer_comes_out_of_old_rows(place: Layout) {
    let operator = app::operations::operator::Operator::open(
        place,
        Arc::new(app::clock::SystemClock),
        &mut |_, _| {},
    )
    .unwrap();
    operator.lists_ready(&mut |_, _| {}).unwrap();
    for (filter, expected) in guesses().into_iter().zip([0, 0, 0, 2]) {
        let query = app::queries::cases::CaseQuery {
            filter,
            order: CaseOrder::default(),
            after: None,
            before: None,
            count: app::queries::cases::Count::First(10),
            at_least: None,
        };
        assert_eq!(
            operator
                .session(tests::world::caseworker())
                .cases(&query)
                .unwrap()
                .edges
                .len(),
            expected,
            "{query:?}"
        );
    }
    operator.close().unwrap();
}

fn no_personal_text_stands_in(folder: &Path) {
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap();
        let clear = String::from_utf8_lossy(&bytes);
        for needle in tests::personal_texts::needles() {
            assert!(
                !clear.contains(&needle),
                "{needle:?} stands in {}",
                path.display()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_erasure_no_backup_of_the_lists_says_who_it_was() {
    let world = World::with_alma().await;
    world.operator.lists_ready(&mut |_, _| {}).unwrap();
    let place = layout(world.dir.path());
    let (dir, _) = world.stop();
    let backup = tempfile::tempdir().unwrap();
    copy(dir.path(), backup.path());
    let of_backup = layout(backup.path());
    let then = list_keys(&of_backup.key_dir());
    for filter in guesses() {
        assert_eq!(
            found(&of_backup.projection_dir(), &then, &filter),
            2,
            "before, in the advice and in the case: {filter:?}"
        );
    }

    // The child is erased, which ends the epoch of the keys.
    let world = opened_at_the_erasure(dir, &place);
    let stale = rows_of(&place);
    let order = json!({
        "commandId": Uuid::from_u128(0x514), "occurred": "2024-11-10", "scope": "PERSON", "ground": "GDPR_17", "person": ids().person("alma"),
        "legalCheck": "Ingen pligt til at bevare oplysningerne.", "approvedBy": "D2",
    });
    let outcome = world
        .order("orderErasure", order, viewer("D1", Role::Dpo))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
    // The rows of the live log are made anew under the new keys, and the old ones leave the disk.
    until_gone(&stale, async || ()).await;
    assert!(world.operator.check_lists().unwrap());
    let (dir, _) = world.stop();

    let now = list_keys(&place.key_dir());
    for filter in guesses() {
        assert_eq!(
            found(&of_backup.projection_dir(), &now, &filter),
            0,
            "the backup confirms with keys that exist: {filter:?}"
        );
    }
    // Who puts the old rows back gets new ones, and no answer out of the old.
    std::fs::remove_dir_all(place.projection_dir()).unwrap();
    copy(&of_backup.projection_dir(), &place.projection_dir());
    no_answer_comes_out_of_old_rows(place);

    // And no name, number or text stands in clear, neither here nor in the backup.
    for folder in [dir.path(), backup.path()] {
        no_personal_text_stands_in(folder);
    }
}

/// The keys are exchanged without an erasure, for example every month.
#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_over_an_exchange_of_the_root_key() {
    let world = World::with_alma().await;
    world.operator.lists_ready(&mut |_, _| {}).unwrap();
    let page = world
        .query("{ cases(first: 1) { edges { cursor } } }")
        .await;
    let cursor = page["cases"]["edges"][0]["cursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let place = layout(world.dir.path());
    let stale = rows_of(&place);
    world.operator.rotate_root().unwrap();
    // All the time there is an answer.
    until_gone(&stale, async || {
        let answer = world
            .query("{ cases(first: 5, filter: { name: \"Alma\" }) { edges { cursor } } }")
            .await;
        assert_eq!(answer["cases"]["edges"].as_array().unwrap().len(), 2);
    })
    .await;
    // A cursor of before is still one of this list.
    let behind = world
        .query(&format!(
            "{{ cases(first: 5, after: \"{cursor}\") {{ edges {{ cursor }} }} }}"
        ))
        .await;
    assert_eq!(behind["cases"]["edges"].as_array().unwrap().len(), 1);
    assert!(world.operator.check_lists().unwrap());
    let world = world.reopen();
    world.operator.lists_ready(&mut |_, _| {}).unwrap();
    assert!(world.operator.check_lists().unwrap());
    // A log that is stopped between the exchange and the new rows is audited as it is, without
    // alarm.
    let (dir, _) = world.stop();
    let backup = tempfile::tempdir().unwrap();
    copy(&place.projection_dir(), backup.path());
    let operator = app::operations::operator::Operator::open(
        place.clone(),
        Arc::new(app::clock::SystemClock),
        &mut |_, _| {},
    )
    .unwrap();
    operator.rotate_root().unwrap();
    operator.write_log_key().unwrap();
    operator.close().unwrap();
    drop(operator);
    std::fs::remove_dir_all(place.projection_dir()).unwrap();
    copy(backup.path(), &place.projection_dir());
    let audited = tests::program::run(dir.path(), &["audit", "--lists"]);
    let told = tests::program::text(&audited.stdout);
    assert!(
        audited.status.success() && told.contains("the root key was exchanged since"),
        "{told}"
    );
}

/// The keyed hashes of all inputs, as they lie in the journal.
fn input_hashes(log_dir: &Path) -> Vec<[u8; 32]> {
    let log =
        store::embedded::read_only::ReadOnly::open(Arc::new(RealDisk::default()), log_dir).unwrap();
    let mut found = Vec::new();
    log.for_each_batch(&mut |batch| {
        found.extend(batch.commands().iter().map(|command| command.input_mac));
        Ok(std::ops::ControlFlow::Continue(()))
    })
    .unwrap();
    found
}

/// The keyed hash of an input lies in the journal and in its backups: its key goes with the epoch,
/// and a command that comes again is told by what it recorded.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_known_again_after_the_keys_were_exchanged() {
    let world = World::with_alma().await;
    let note = |text: &str| {
        json!({
            "commandId": Uuid::from_u128(0x515), "eventId": Uuid::from_u128(0x516), "stream": ids().case(), "occurred": "2024-11-09",
            "facts": { "kind": "FACT", "text": text },
        })
    };
    let take = async |text: &str| {
        world
            .order("takeNote", note(text), tests::world::caseworker())
            .await
            .unwrap()
    };
    world.clock.set("2024-11-10T10:00:00Z".parse().unwrap());
    let first = take("Mor ringede.").await;
    assert_eq!(
        (&first["repeated"], &first["userErrors"]),
        (&json!(false), &json!([]))
    );
    let then = input_hashes(&world.log_dir());
    for _ in 0..2 {
        world.operator.rotate_root().unwrap();
        let again = take("Mor ringede.").await;
        assert_eq!(
            (&again["repeated"], &again["receipt"]),
            (&json!(true), &first["receipt"])
        );
        assert_eq!(
            take("Far ringede.").await["userErrors"][0]["code"],
            "COMMAND_ID_REUSED"
        );
    }
    assert_eq!(input_hashes(&world.log_dir()), then, "nothing was recorded");
    // An erasure exchanges the keys as well, under the feet of the very command that orders it.
    let order = json!({
        "commandId": Uuid::from_u128(0x517), "occurred": "2024-11-10", "scope": "EVENT", "ground": "GDPR_17",
        "legalCheck": "Ingen pligt til at bevare oplysningen.", "approvedBy": "D2",
        "event": { "stream": ids().case(), "event": Uuid::from_u128(0x516) },
    });
    let erase = async || {
        world
            .order("orderErasure", order.clone(), viewer("D1", Role::Dpo))
            .await
            .unwrap()
    };
    let ordered = erase().await;
    assert_eq!(
        (&ordered["repeated"], &ordered["userErrors"]),
        (&json!(false), &json!([]))
    );
    let again = erase().await;
    assert_eq!(
        (&again["repeated"], &again["receipt"]),
        (&json!(true), &ordered["receipt"])
    );
    // What was erased does not come back with the command that brought it first.
    assert_eq!(take("Mor ringede.").await["repeated"], json!(true));
    let reading = world
        .read(ids().case(), domain::reading::ReadingPoint::default())
        .unwrap();
    assert!(!format!("{reading:?}").contains("Mor ringede"));
}
