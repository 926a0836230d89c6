//! An erasure that is interrupted at each of its steps is finished at the next start.

use std::sync::Arc;

use app::clock::SetClock;
use app::commands::document::DocumentOrder;
use app::commands::erase::{EraseTarget, ErasureOrder};
use app::layout::Layout;
use app::operations::operator::Operator;
use domain::reading::ReadingPoint;
use domain::views::child_voice::child_voice;
use events::ids::CommandId;
use events::meta::{EventRef, Meta, Role};
use events::personal::Personal;
use events::text::Line;
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::{KeyRow, KeyStore, PartRow};
use tests::dirs::Dirs;
use tests::dying_log::{Lie, Step, dying, lying, order_of};
use tests::world::{World, audit, caseworker, files, ids, layout, viewer};
use uuid::Uuid;

/// What the child said, or the ground of the case, which lies under the key of the stream itself.
fn order(child: bool) -> ErasureOrder {
    let ids = ids();
    order_of(if child {
        EraseTarget::Value {
            event: ids.reference("A10"),
            field: "own_words".into(),
            subject: Some(ids.child()),
            element: 0,
        }
    } else {
        EraseTarget::Value {
            event: ids.reference("A7-open"),
            field: "ground".into(),
            subject: None,
            element: 0,
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_erasure_of_a_document_survives_an_interruption_at_each_step() {
    for step in [Step::Keys, Step::Blobs, Step::Report] {
        let world = World::with_alma().await;
        world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
        let filing = DocumentOrder {
            command: CommandId::new(Uuid::from_u128(0xd)).unwrap(),
            event: None,
            stream: ids().case(),
            meta: Meta::at("2024-11-05".parse().unwrap()),
            title: Line::new("Tegning").unwrap(),
            about: Some(ids().child()),
            file_name: None,
            stated: None,
            bytes_max: 1_000_000,
        };
        let filed = world
            .session()
            .file_document(&filing, &mut [b'a'; 200_000].as_slice())
            .unwrap();
        let event = filed.receipts[0].event;
        let (dir, trust) = world.stop();
        let place = layout(dir.path());
        let clock = Arc::new(SetClock::new("2024-11-10T10:00:00Z".parse().unwrap()));
        let target = EraseTarget::Part {
            event: EventRef {
                stream: ids().case(),
                event,
            },
            subject: ids().child(),
        };
        let shown = |operator: &Operator| {
            let session = operator.session(caseworker());
            let opened = session.open_document(ids().case(), event);
            opened.unwrap().is_some()
        };
        let operator = dying(&place, step, &clock);
        assert!(shown(&operator));
        assert!(
            operator
                .session(viewer("D1", Role::Dpo))
                .erase(&order_of(target))
                .is_err(),
            "{step:?}"
        );
        assert!(
            !shown(&operator),
            "{step:?}: from its order on, what is erased is not shown"
        );
        operator.close().ok();
        drop(operator);

        let operator = Operator::open(place.clone(), clock, &mut |_, _| {}).unwrap();
        assert!(!shown(&operator), "{step:?}");
        assert!(
            files(&place.log_dir().join("blobs")).is_empty(),
            "{step:?}: the chunk is in no file"
        );
        operator.checkpoint().unwrap();
        operator.close().unwrap();
        drop(operator);
        let report = audit(dir.path(), &trust).unwrap();
        assert_eq!(
            (report.holes.len(), report.notes.len()),
            (2, 0),
            "{step:?}: the part and the chunk"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_survives_an_interruption_at_each_step() {
    for (step, child) in [
        (Step::Keys, true),
        (Step::Blobs, true),
        (Step::Report, true),
        (Step::Blobs, false),
    ] {
        let (dir, trust) = World::with_alma().await.stop();
        let place = layout(dir.path());
        let clock = Arc::new(SetClock::new("2024-11-10T10:00:00Z".parse().unwrap()));
        let operator = dying(&place, step, &clock);
        assert!(
            operator
                .session(viewer("D1", Role::Dpo))
                .erase(&order(child))
                .is_err(),
            "{step:?}"
        );
        operator.close().ok();
        drop(operator);

        let operator = Operator::open(place, clock, &mut |_, _| {}).unwrap();
        let reading = operator
            .session(caseworker())
            .read(ids().case(), ReadingPoint::default())
            .unwrap()
            .unwrap();
        let words = &child_voice(&reading).hearings[0].own_words.0;
        assert_eq!(words[0] == Personal::Erased, child, "{step:?}");
        let shown = format!("{:?}", reading.event(ids().event("A7-open")));
        assert_eq!(
            shown.contains("rådgivningsforløb, der ikke var nok"),
            child,
            "{step:?}"
        );
        assert!(
            words[1].known().is_some(),
            "{step:?}: the other paragraph stays"
        );
        let repeated = operator
            .session(viewer("D1", Role::Dpo))
            .erase(&order(child))
            .unwrap();
        assert!(repeated.repeated, "{step:?}: ordered once");
        operator.checkpoint().unwrap();
        operator.close().unwrap();
        drop(operator);
        let report = audit(dir.path(), &trust).unwrap();
        assert_eq!((report.holes.len(), report.notes.len()), (1, 0), "{step:?}");
    }
}

/// A case that is at hand is brought forward by what is recorded; an order to erase must not be, or it
/// would be shown as it was until the erasure is carried out.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_at_hand_does_not_show_what_is_ordered_to_be_erased() {
    let (dir, _) = World::with_alma().await.stop();
    let operator = dying(&layout(dir.path()), Step::Order, &clock());
    let words = || {
        let session = operator.session(caseworker());
        let reading = session.read(ids().case(), ReadingPoint::default());
        let voice = child_voice(&reading.unwrap().unwrap());
        voice.hearings[0].own_words.0.clone()
    };
    assert!(words()[0].known().is_some());
    let dpo = operator.session(viewer("D1", Role::Dpo));
    assert!(dpo.erase(&order(true)).is_err(), "no checkpoint covers it");
    assert_eq!(words()[0], Personal::Erased);
}

fn clock() -> Arc<SetClock> {
    Arc::new(SetClock::new("2024-11-10T10:00:00Z".parse().unwrap()))
}

/// Whether what Alma said in the talk of May can be read.
fn says(operator: &Operator) -> bool {
    let reading = operator
        .session(caseworker())
        .read(ids().case(), ReadingPoint::default())
        .unwrap()
        .unwrap();
    let voice = child_voice(&reading);
    voice
        .hearings
        .iter()
        .filter(|hearing| {
            hearing
                .own_words
                .0
                .iter()
                .any(|words| words.known().is_some())
        })
        .count()
        == 7
}

/// With another id beside an entry than in it, the key row of the event seemed to be that of no
/// event: the erasure was reported as carried out, and the event still opened.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_the_index_does_not_know_stops_the_eraser() {
    let ids = ids();
    let (dir, trust) = World::with_alma().await.stop();
    let place = layout(dir.path());
    let talk = ids.event("A22-g1").uuid();
    let another = {
        let operator = Operator::open(place.clone(), clock(), &mut |_, _| {}).unwrap();
        let index = operator.public_log().size().indexes().find(|index| {
            let bytes = operator.session(caseworker()).entry(*index).unwrap().unwrap().bytes;
            matches!(record::entry::parse(&bytes).unwrap().entry, record::entry::Entry::Event(event) if event.event_id == ids.event("A14").uuid())
        });
        operator.close().unwrap();
        index.unwrap()
    };
    let case = ids.case().uuid();
    let lies = [
        (
            Lie::Hides(talk),
            EraseTarget::Person(ids.person("alma")),
            "the index does not know the event",
        ),
        (
            Lie::Takes(talk, another.get()),
            EraseTarget::Person(ids.person("alma")),
            "the index takes it for the event",
        ),
        (
            Lie::Hides(talk),
            EraseTarget::Event(ids.reference("A14")),
            "the index does not know the event",
        ),
        (
            Lie::Misplaces(case, 9, another.get()),
            EraseTarget::Case(ids.case()),
            "which the index takes it for",
        ),
    ];
    let whole = tempfile::tempdir().unwrap();
    tests::copies::copy(dir.path(), whole.path());
    for (lie, target, told) in lies {
        tests::copies::put_back(whole.path(), dir.path());
        let operator = lying(&place, Step::None, &clock(), Some(lie), None);
        let refused = operator
            .session(viewer("D1", Role::Dpo))
            .erase(&order_of(target.clone()))
            .unwrap_err();
        let refused = tests::program::chain(&refused);
        assert!(refused.contains(told), "{lie:?}: {refused}");
        operator.close().ok();
        drop(operator);
        // What was ordered by then is carried out once the index is right; what was not is ordered
        // again.
        let operator = Operator::open(place.clone(), clock(), &mut |_, _| {}).unwrap();
        let asked = operator
            .session(viewer("D1", Role::Dpo))
            .erase(&order_of(target.clone()))
            .unwrap();
        assert_eq!(
            asked.repeated,
            matches!(target, EraseTarget::Event(_)),
            "{lie:?}"
        );
        assert!(!says(&operator));
        operator.checkpoint().unwrap();
        operator.close().unwrap();
        drop(operator);
        assert!(audit(dir.path(), &trust).unwrap().notes.is_empty());
    }
}

/// Keys become durable before their events, and those of a commit that failed stay behind. They go
/// with their subject.
#[tokio::test(flavor = "multi_thread")]
async fn keys_of_events_that_were_never_recorded_go_with_their_subject() {
    let ids = ids();
    let (dir, _) = World::with_alma().await.stop();
    let place = layout(dir.path());
    let keys = || FileKeyStore::open(Arc::new(RealDisk::default()), &place.key_dir()).unwrap();
    let person = ids.person("alma").uuid();
    let never = Uuid::from_u128(0xdead);
    {
        let store = keys();
        let row = store.subject(person).unwrap().unwrap();
        let root = record::keys::RootKey::from_bytes(*store.secrets().root);
        let subject = root.unwrap(row.place(), &row.wrapped).unwrap();
        let row = PartRow {
            event: never,
            part: 1,
            subject: person,
            wrapped: store::key_lock::WrappedKey([0; 40]),
        };
        let wrapped = subject.wrap(row.place(), &record::keys::PartKey::from_bytes([1; 32]));
        store
            .put(&[KeyRow::Part(PartRow { wrapped, ..row })])
            .unwrap();
    }
    let operator = Operator::open(place.clone(), clock(), &mut |_, _| {}).unwrap();
    operator
        .session(viewer("D1", Role::Dpo))
        .erase(&order_of(EraseTarget::Person(ids.person("alma"))))
        .unwrap();
    operator.close().unwrap();
    drop(operator);
    let store = keys();
    assert_eq!(store.part(never, 1).unwrap(), None);
    // The order in the person's stream and its report.
    assert_eq!(store.parts_of(person).unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_erasure_leaves_is_told_and_it_stays_pending() {
    let ids = ids();
    for step in [Step::BlobsPretended, Step::None] {
        let (dir, trust) = World::with_alma().await.stop();
        let place = layout(dir.path());
        let sticks = (step == Step::None).then(|| {
            let store =
                FileKeyStore::open(Arc::new(RealDisk::default()), &place.key_dir()).unwrap();
            store.part(ids.event("A14").uuid(), 1).unwrap().unwrap()
        });
        let left = if sticks.is_some() {
            "its key is still there"
        } else {
            "its ciphertext is not the one that the order leaves"
        };
        let operator = lying(&place, step, &clock(), None, sticks);
        let order = order_of(EraseTarget::Event(ids.reference("A14")));
        let told = tests::program::chain(
            &operator
                .session(viewer("D1", Role::Dpo))
                .erase(&order)
                .unwrap_err(),
        );
        assert!(
            told.contains("ERASURE_INCOMPLETE") && told.contains(left),
            "{told}"
        );
        let size = operator.public_log().size();
        operator.close().ok();
        drop(operator);
        let operator = Operator::open(place, clock(), &mut |_, _| {}).unwrap();
        assert!(
            operator.public_log().size() > size,
            "the report came with the start that carried it out"
        );
        operator.checkpoint().unwrap();
        operator.close().unwrap();
        drop(operator);
        let report = audit(dir.path(), &trust).unwrap();
        assert_eq!((report.holes.len(), report.notes.len()), (2, 0));
    }
}

/// The file that keeps the new form of a part until its erasure is carried out.
fn kept(place: &Layout) -> std::path::PathBuf {
    files(&place.key_dir())
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "json"))
        .unwrap()
}

/// An erasure of a value that is ordered and not carried out.
async fn ordered() -> (tempfile::TempDir, verify::audit::Trust) {
    let (dir, trust) = World::with_alma().await.stop();
    let operator = dying(&layout(dir.path()), Step::Keys, &clock());
    assert!(
        operator
            .session(viewer("D1", Role::Dpo))
            .erase(&order(true))
            .is_err()
    );
    operator.close().ok();
    (dir, trust)
}

/// The order commits to the new form of a part. Another one, or a key that does not open it,
/// destroys nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_kept_form_that_is_not_the_one_ordered_is_never_put_in_force() {
    let (dir, trust) = ordered().await;
    let place = layout(dir.path());
    let good = std::fs::read(kept(&place)).unwrap();
    let rows: serde_json::Value = serde_json::from_slice(&good).unwrap();
    let other_blob = rows[0]["blob"]
        .as_str()
        .unwrap()
        .replacen(['A', 'B', 'C'], "D", 1);
    let bent = |member: &str, value: serde_json::Value| {
        let mut rows = rows.clone();
        rows[0][member] = value;
        rows.to_string()
    };
    let mut wrapped = rows[0]["wrapped"].clone();
    wrapped[3] = serde_json::json!((wrapped[3].as_u64().unwrap() + 1) % 256);
    let changes = [
        (
            bent("blob", other_blob.into()),
            "is not the one that the order names",
        ),
        (
            bent("wrapped", wrapped),
            "BLOB_DECRYPT: the wrapped key of part",
        ),
        (
            bent("bound", false.into()),
            "is not the one that the order names",
        ),
    ];
    for (changed, told) in changes {
        std::fs::write(kept(&place), changed).unwrap();
        let refused = tests::program::chain(
            &Operator::open(place.clone(), clock(), &mut |_, _| {}).unwrap_err(),
        );
        assert!(refused.contains(told), "{refused}");
    }
    std::fs::write(kept(&place), &good).unwrap();
    finishes(&place, dir.path(), &trust);
}

fn finishes(place: &Layout, dir: &std::path::Path, trust: &verify::audit::Trust) {
    let operator = Operator::open(place.clone(), clock(), &mut |_, _| {}).unwrap();
    let reading = operator
        .session(caseworker())
        .read(ids().case(), ReadingPoint::default())
        .unwrap()
        .unwrap();
    let words = &child_voice(&reading).hearings[0].own_words.0;
    assert!(words[0] == Personal::Erased && words[1].known().is_some());
    operator.checkpoint().unwrap();
    operator.close().unwrap();
    drop(operator);
    let report = audit(dir, trust).unwrap();
    assert_eq!((report.holes.len(), report.notes.len()), (1, 0));
    assert!(
        !files(&place.key_dir())
            .iter()
            .any(|path| path.extension().is_some_and(|end| end == "json"))
    );
}

/// An erasure that an earlier version left unfinished is finished behind the taking over of its
/// keys.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_an_earlier_version_left_is_finished() {
    let (dir, trust) = ordered().await;
    let place = layout(dir.path());
    let path = kept(&place);
    let erasure: Uuid = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let mut rows: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let root = {
        let store = FileKeyStore::open(Arc::new(RealDisk::default()), &place.key_dir()).unwrap();
        *store.secrets().root
    };
    for row in rows.as_array_mut().unwrap() {
        let number = |name: &str| row[name].as_u64().unwrap();
        let wrapped: Vec<u8> = row["wrapped"]
            .as_array()
            .unwrap()
            .iter()
            .map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap())
            .collect();
        let pending = record::keys::PendingPlace {
            erasure,
            event: row["event"].as_str().unwrap().parse().unwrap(),
            part: u16::try_from(number("part")).unwrap(),
            epoch: u32::try_from(number("epoch")).unwrap(),
        };
        let wrapped = store::key_lock::WrappedKey(wrapped.try_into().unwrap());
        let key = record::keys::RootKey::from_bytes(root)
            .unwrap_part(pending, &wrapped)
            .unwrap();
        row["wrapped"] = serde_json::json!(
            record::keys::LockKey::from_bytes(root)
                .wrap(key.expose())
                .0
                .to_vec()
        );
        row.as_object_mut().unwrap().remove("bound");
    }
    std::fs::write(&path, rows.to_string()).unwrap();
    tests::key_rows::as_before(&place.key_dir(), false);
    finishes(&place, dir.path(), &trust);
}
