//! Erased documents are gone in every way; what describes a document is erased and corrected alone.

use std::path::Path;

use app::commands::erase::{EraseTarget, ErasureOrder};
use domain::reading::ReadingPoint;
use domain::views::documents::documents;
use events::erasure::ErasureGround;
use events::ids::{CommandId, EventId};
use events::meta::{EventRef, Meta, Role};
use events::personal::Personal;
use events::text::EmployeeId;
use events::words::Words;
use record::attachment::CHUNK_BYTES;
use serde_json::{Value, json};
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::KeyStore;
use tests::dirs::Dirs;
use tests::http::send_bytes;
use tests::program::Server;
use tests::world::{World, caseworker, ids, layout, viewer};
use uuid::Uuid;

use super::{blobs, file, pdf, read};

fn erasure(command: u128, target: EraseTarget) -> ErasureOrder {
    ErasureOrder {
        command: CommandId::new(Uuid::from_u128(0xe000 + command)).unwrap(),
        meta: Meta::at("2024-11-10".parse().unwrap()),
        target,
        ground: ErasureGround::Gdpr17,
        legal_check: Words::parse("Ingen pligt til at bevare.").unwrap(),
        approved_by: EmployeeId::new("D2").unwrap(),
    }
}

/// A document that is erased, and what is left of it.
struct Gone {
    what: &'static str,
    event: EventId,
    /// Another document, which stays.
    kept: EventId,
    of_somebody: bool,
    listed: bool,
}

impl Gone {
    fn is_erased(&self, world: &World) {
        let what = self.what;
        assert_eq!(read(world, self.event), Ok(None), "{what}");
        assert!(
            read(world, self.kept).unwrap().is_some(),
            "{what}: another document stays"
        );
        let reading = world.read(ids().case(), ReadingPoint::default()).unwrap();
        let row = documents(&reading)
            .into_iter()
            .find(|document| document.event == self.event);
        assert_eq!(row.is_some(), self.listed, "{what}");
        assert!(
            row.is_none_or(|row| row.content == Personal::Erased),
            "{what}"
        );
        let report = world.audit();
        let chunks = report
            .holes
            .iter()
            .filter(|hole| hole.values.is_none() && hole.part > u64::from(self.of_somebody));
        assert_eq!(
            (chunks.count() >= 2, report.notes.as_slice()),
            (true, &[][..]),
            "{what}"
        );
    }

    /// The keys of its chunks are gone; the key of the other document is not.
    fn has_no_keys(&self, dir: &Path) {
        let keys = FileKeyStore::open(
            std::sync::Arc::new(RealDisk::default()),
            &layout(dir).key_dir(),
        )
        .unwrap();
        let first = if self.of_somebody { 2 } else { 1 };
        for number in first..first + 2 {
            assert_eq!(
                keys.part(self.event.uuid(), number).unwrap(),
                None,
                "{}: the key of chunk {number}",
                self.what
            );
        }
        assert!(keys.part(self.kept.uuid(), 1).unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_document_is_gone_in_every_way() {
    let child = ids().child();
    let value = |event, field: &str, subject| EraseTarget::Value {
        event,
        field: field.into(),
        subject,
        element: 0,
    };
    type Target<'a> = &'a dyn Fn(EventRef) -> EraseTarget;
    let by_event: Target<'_> = &EraseTarget::Event;
    let by_part: Target<'_> = &|event| EraseTarget::Part {
        event,
        subject: child,
    };
    let by_person: Target<'_> = &|_| EraseTarget::Person(child.person);
    let by_content: Target<'_> = &|event| value(event, "content", Some(child));
    let by_own_content: Target<'_> = &|event| value(event, "content", None);
    for (what, about, target, listed) in [
        ("event", Some(child), by_event, false),
        ("event of the matter", None, by_event, false),
        ("part", Some(child), by_part, true),
        ("person", Some(child), by_person, true),
        ("content", Some(child), by_content, true),
        ("content of the matter", None, by_own_content, true),
    ] {
        let world = World::with_alma().await;
        let bytes = pdf(CHUNK_BYTES + 70_000, 10);
        let event = file(&world, 1, about, &bytes);
        let kept = file(&world, 2, None, &pdf(80_000, 11));
        assert_eq!(blobs(world.dir.path()).len(), 3, "{what}");
        world.clock.set("2024-11-10T10:00:00Z".parse().unwrap());
        let gone = Gone {
            what,
            event,
            kept,
            of_somebody: about.is_some(),
            listed,
        };
        let reference = EventRef {
            stream: ids().case(),
            event,
        };
        world
            .session_of(viewer("D1", Role::Dpo))
            .erase(&erasure(1, target(reference)))
            .unwrap();
        gone.is_erased(&world);
        assert_eq!(
            blobs(world.dir.path()).len(),
            1,
            "{what}: the chunks are in no file"
        );
        let again = world
            .session_of(viewer("D1", Role::Dpo))
            .erase(&erasure(2, target(reference)));
        assert!(
            what != "event" || again.is_err(),
            "there is nothing left to erase"
        );
        let world = world.reopen();
        gone.is_erased(&world);
        let (dir, _) = world.stop();
        gone.has_no_keys(dir.path());
        if what == "part" {
            answers_as_if_it_had_never_been(dir.path(), event);
        }
    }
}

fn answers_as_if_it_had_never_been(dir: &Path, event: EventId) {
    let server = Server::start(dir);
    let get = |stream: &str, event: &str| {
        send_bytes(
            server.address,
            "GET",
            &format!("/documents/{stream}/{event}"),
            &[],
            &[],
        )
        .unwrap()
    };
    let (case, nothing) = (ids().case().to_string(), Uuid::from_u128(5).to_string());
    let never = get(&case, &nothing);
    assert_eq!(never.status, 404);
    for (stream, event) in [
        (&case, event.to_string()),
        (&nothing, event.to_string()),
        (&case, "x".into()),
        (&case, ids().event("A14").to_string()),
    ] {
        let answer = get(stream, &event);
        assert_eq!(
            (answer.status, answer.body),
            (404, never.body.clone()),
            "{stream}/{event}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_content_can_be_erased_and_corrected_alone() {
    let world = World::with_alma().await;
    let bytes = pdf(90_000, 12);
    let event = file(&world, 1, Some(ids().child()), &bytes);
    let reference = EventRef {
        stream: ids().case(),
        event,
    };
    let correction = |field: &str, subject: Value, value: Value| {
        json!({
            "commandId": Uuid::from_u128(0xc0), "occurred": "2024-11-06", "target": reference, "field": field, "subject": subject,
            "value": value, "reason": "Forkert.", "expectedVersion": world.session().version(ids().case()).unwrap(),
        })
    };
    for (field, subject, value) in [
        ("about", Value::Null, json!(ids().child())),
        ("content", json!(ids().child()), json!({})),
    ] {
        assert_eq!(
            world
                .refusal(
                    "correctEvent",
                    correction(field, subject, value),
                    caseworker()
                )
                .await,
            "FIELD_NOT_APPLICABLE"
        );
    }
    let titled = world
        .order(
            "correctEvent",
            correction("title", Value::Null, json!("Ny titel")),
            caseworker(),
        )
        .await
        .unwrap();
    assert_eq!(titled["userErrors"], json!([]));
    world.clock.set("2024-11-10T10:00:00Z".parse().unwrap());
    let name = EraseTarget::Value {
        event: reference,
        field: "file_name".into(),
        subject: Some(ids().child()),
        element: 0,
    };
    world
        .session_of(viewer("D1", Role::Dpo))
        .erase(&erasure(1, name))
        .unwrap();
    let row = documents(&world.read(ids().case(), ReadingPoint::default()).unwrap()).remove(0);
    assert_eq!(
        (row.title.as_str(), row.file_name),
        ("Ny titel", Some(Personal::Erased))
    );
    assert!(read(&world, event).unwrap().as_ref() == Some(&bytes));
    assert_eq!(world.audit().holes.len(), 1);
}
