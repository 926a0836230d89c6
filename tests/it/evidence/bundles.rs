//! Evidence, end to end: an independent verifier accepts what the program hands out, and what is
//! withheld is nowhere in it.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::time::Duration;

use app::commands::erase::{EraseTarget, ErasureOrder};
use app::error::RecordError;
use app::evidence::bundle::{BundleError, BundleOrder, Withheld};
use app::evidence::dossier::{DisclosureError, DisclosureOrder, Withhold};
use app::evidence::receipt::{LetterReceipt, ReceiptError};
use app::queries::witnessing::Standing;
use domain::refusal::RefusalCode;
use events::access::{DisclosureKind, RedactionClass};
use events::erasure::ErasureGround;
use events::event::Event;
use events::ids::CommandId;
use events::meta::{Meta, Role};
use events::text::{EmployeeId, Line, Section, Short};
use events::words::Words;
use record::positions::{Seq, Size, StreamVersion};
use tests::evidence::{bundle, check, codes, saying, trust, unpacked};
use tests::world::{World, caseworker, ids, viewer};
use uuid::Uuid;
use verify::bundle::{Pin, Receipt, Trust};
use verify::code::Code;
use verify::policy::Policy;

fn withhold(event: &str, field: Option<&str>) -> Withhold {
    let reference = ids().reference(event);
    Withhold {
        stream: reference.stream,
        event: reference.event,
        subject: None,
        name: None,
        field: field.map(str::to_owned),
        elements: Vec::new(),
        class: RedactionClass::OtherPerson,
        section: Section::new("FVL § 15 b no 5".to_owned()).unwrap(),
        reason: Line::new("another person's private matters".to_owned()).unwrap(),
    }
}

fn disclosure(command: u128, withhold: Vec<Withhold>) -> DisclosureOrder {
    DisclosureOrder {
        command: CommandId::new(Uuid::from_u128(command)).unwrap(),
        case: ids().case(),
        meta: Meta::at(events::time::Occurred::On("2024-11-05".parse().unwrap())),
        kind: DisclosureKind::BoardDossier,
        request: None,
        recipient: Short::new("Ankestyrelsen".to_owned()).unwrap(),
        recipient_person: None,
        withhold,
        documents: true,
        wait: Duration::ZERO,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_stream_of_a_case_is_evidence_that_an_independent_verifier_accepts() {
    let world = World::with_alma().await;
    let case = bundle(&world, ids().case(), &Withheld::default(), &[1, 7, 30]);
    let verdict = check(&case, &trust(&world)).unwrap();
    assert_eq!(
        StreamVersion::of(verdict.events.len()),
        world.session().version(ids().case()).unwrap().unwrap()
    );
    assert_eq!(
        verdict.case_number.as_deref(),
        ids().input("A7-open")["facts"]["caseNumber"].as_str()
    );
    assert!(
        verdict
            .events
            .iter()
            .all(|event| event.withheld == 0 && event.erased == 0 && event.kind.is_some())
    );
    // No witness vouches for it, and the verifier says so.
    assert!(
        codes(&verdict).contains("COMPLETENESS_OPERATOR_ONLY")
            && codes(&verdict).contains("TIME_UNBOUNDED"),
        "{:?}",
        codes(&verdict)
    );
    for stream in [ids().child().person.into(), ids().stream("A5")] {
        check(
            &bundle(&world, stream, &Withheld::default(), &[]),
            &trust(&world),
        )
        .unwrap();
    }
    // The same evidence makes the same file.
    assert_eq!(
        case,
        bundle(&world, ids().case(), &Withheld::default(), &[1, 7, 30])
    );
}

/// How many heads entries a log holds is a matter of timing: this one grows beyond a size.
fn grow_beyond(world: &World, size: u64) {
    for command in 1.. {
        world
            .session()
            .disclose(
                &disclosure(command, Vec::new()),
                &mut Cursor::new(Vec::new()),
                &mut tempfile::tempfile,
            )
            .unwrap();
        if world.session().snapshot(Duration::ZERO).unwrap().size() > Size::new(size) {
            break;
        }
    }
}

/// No bundle can be pinned to a size that the log does not have yet.
fn a_size_beyond_the_log_is_refused(world: &World) {
    let beyond = BundleOrder {
        stream: ids().case(),
        withheld: &Withheld::default(),
        documents: false,
        pinned: &[Size::new(100_000)],
    };
    let snapshot = world.session().snapshot(Duration::ZERO).unwrap();
    let refused = world
        .session()
        .write_bundle(&snapshot, &beyond, Cursor::new(Vec::new()));
    assert!(
        matches!(
            refused,
            Err(BundleError::Pinned { pinned, .. }) if pinned == Size::new(100_000)
        ),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reader_knows_from_elsewhere_is_compared() {
    let world = World::with_alma().await;
    let snapshot = world.session().snapshot(Duration::ZERO).unwrap();
    let old = Pin::parse(snapshot.note()).unwrap();
    let decision = ids().reference("A19-decide");
    let receipt = world
        .session()
        .letter_receipt(decision.stream, decision.event)
        .unwrap()
        .unwrap();
    assert_eq!(receipt.standing, Standing::Checkpointed);
    let other = World::with_alma().await;
    let forked = other
        .operator
        .session(caseworker())
        .snapshot(Duration::ZERO)
        .unwrap();
    grow_beyond(&world, forked.size().get());
    let held = Receipt::parse(&receipt.text()).unwrap();
    let with = |pin, receipts| Trust {
        pin,
        receipts,
        ..trust(&world)
    };
    let bytes = bundle(
        &world,
        ids().case(),
        &Withheld::default(),
        &[snapshot.size().get(), forked.size().get()],
    );
    assert_eq!(
        check(&bytes, &with(Some(old.clone()), vec![held]))
            .unwrap()
            .receipts,
        1
    );
    // Without the proof that the reader needs.
    let bare = bundle(&world, ids().case(), &Withheld::default(), &[]);
    assert_eq!(
        check(&bare, &with(Some(old), Vec::new())).unwrap_err(),
        Code::ConsistencyMissing
    );
    let fork = Pin::parse(forked.note()).unwrap();
    assert_eq!(
        check(&bytes, &with(Some(fork), Vec::new())).unwrap_err(),
        Code::Fork
    );
    let bent = Receipt::parse(&receipt.text().replacen(
        &receipt.leaf.to_b64u(),
        &record::hash::sha256(b"x").to_b64u(),
        1,
    ))
    .unwrap();
    assert_eq!(
        check(&bytes, &with(None, vec![bent])).unwrap_err(),
        Code::ReceiptMismatch
    );
    a_size_beyond_the_log_is_refused(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_checked_against_the_log() {
    let world = World::with_alma().await;
    world.operator.checkpoint().unwrap();
    let decision = ids().reference("A19-decide");
    let receipt = world
        .session()
        .letter_receipt(decision.stream, decision.event)
        .unwrap()
        .unwrap();
    let check = |text: &str| world.session().check_receipt(text).unwrap();
    assert_eq!(check(&receipt.text()), Ok(receipt.clone()));
    let (stream, seq) = (receipt.stream, receipt.seq);
    let differs = LetterReceipt {
        leaf: record::hash::sha256(b"x"),
        ..receipt.clone()
    };
    assert_eq!(
        check(&differs.text()),
        Err(ReceiptError::Differs { stream, seq })
    );
    let later = LetterReceipt {
        seq: Seq::new(9_999).unwrap(),
        ..receipt.clone()
    };
    assert_eq!(
        check(&later.text()),
        Err(ReceiptError::Missing {
            stream,
            seq: Seq::new(9_999).unwrap()
        })
    );
    let longer = LetterReceipt {
        size: Size::new(9_999),
        ..receipt.clone()
    };
    assert_eq!(
        check(&longer.text()),
        Err(ReceiptError::Missing { stream, seq })
    );
    let elsewhere = LetterReceipt {
        origin: "log.other.invalid/0999/sag".to_owned(),
        ..receipt.clone()
    };
    assert_eq!(
        check(&elsewhere.text()),
        Err(ReceiptError::Origin(
            "log.other.invalid/0999/sag".to_owned()
        ))
    );
    // No other stream holds the event.
    assert_eq!(
        world
            .session()
            .letter_receipt(ids().stream("A5"), decision.event)
            .unwrap(),
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withheld_is_nowhere_in_the_dossier_and_the_record_says_why() {
    let world = World::with_alma().await;
    let sentence = "Jeg får ondt i maven, når de råber.";
    assert!(ids().input("A10").to_string().contains(sentence));
    let child = ids().child();
    let wishes = vec![Withhold {
        subject: Some(child),
        ..withhold("A10", None)
    }];
    let mut file = Cursor::new(Vec::new());
    let made = world
        .session()
        .disclose(&disclosure(2, wishes), &mut file, &mut tempfile::tempfile)
        .unwrap();
    let files = unpacked(file.get_ref());
    let page = |name: &str| {
        String::from_utf8(
            files
                .iter()
                .find(|(path, _)| path == name)
                .unwrap()
                .1
                .clone(),
        )
        .unwrap()
    };
    for language in ["da.html", "en.html"] {
        assert!(page(language).contains("FVL § 15 b no 5"), "{language}");
    }
    assert_eq!(saying(&files, sentence), [] as [String; 0]);
    let mut bundles = 0;
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".zip")) {
        bundles += 1;
        check(bytes, &trust(&world)).unwrap_or_else(|code| panic!("{path}: {code}"));
    }
    assert_eq!(bundles, made.bundles.len());
    // The record names the file by its hash, what was given, and what was not.
    let receipt = &made.recording.receipts[0];
    let reading = world
        .session()
        .read(ids().case(), domain::reading::ReadingPoint::default())
        .unwrap()
        .unwrap();
    let Some(Event::DisclosureMade(facts)) = reading
        .event(receipt.event)
        .and_then(|read| read.fact())
        .map(|shown| shown.facts.clone())
    else {
        panic!("no disclosure");
    };
    assert_eq!(
        facts.sha256.unwrap().as_str(),
        record::hash::sha256(file.get_ref()).to_b64u()
    );
    assert!(facts.refused_in_part && facts.redactions.len() == 1 && facts.manifest.len() > 40);
    assert!(facts.redactions[0].values.as_ref().unwrap().len() > 1);
    world.audit();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_to_withhold_what_is_not_there_is_refused_and_nothing_is_recorded() {
    let world = World::with_alma().await;
    world.operator.checkpoint().unwrap();
    let before = world.public_log().size();
    let elements = Withhold {
        elements: vec![77],
        ..withhold("A19-decide", Some("section"))
    };
    for (wish, field) in [
        (
            withhold("A19-decide", Some("weather")),
            "redactions.0.field",
        ),
        (
            Withhold {
                event: ids().event("A5"),
                ..withhold("A19-decide", None)
            },
            "redactions.0.event",
        ),
        (
            Withhold {
                subject: Some(ids().child()),
                ..withhold("A19-decide", Some("section"))
            },
            "redactions.0.subject",
        ),
        (elements, "redactions.0.elements"),
    ] {
        let refused = world.session().disclose(
            &disclosure(3, vec![wish]),
            &mut Cursor::new(Vec::new()),
            &mut tempfile::tempfile,
        );
        let Err(DisclosureError::Record(RecordError::Refused(refusal))) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(
            (refusal.code, refusal.field.as_deref()),
            (RefusalCode::TargetUnknown, Some(field))
        );
    }
    assert_eq!(world.public_log().size(), before);
    let auditor = viewer("R1", Role::Auditor);
    let refused = world.session_of(auditor.clone()).disclose(
        &disclosure(4, Vec::new()),
        &mut Cursor::new(Vec::new()),
        &mut tempfile::tempfile,
    );
    assert!(refused.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_with_erased_values_still_proves_itself() {
    let world = World::with_alma().await;
    let order = ErasureOrder {
        command: CommandId::new(Uuid::from_u128(9)).unwrap(),
        meta: Meta::at(events::time::Occurred::On("2024-11-05".parse().unwrap())),
        target: EraseTarget::Part {
            event: ids().reference("A10"),
            subject: ids().child(),
        },
        ground: ErasureGround::ALL[0],
        legal_check: Words::parse("weighed").unwrap(),
        approved_by: EmployeeId::new("L1".to_owned()).unwrap(),
    };
    world
        .session_of(viewer("D1", Role::Dpo))
        .erase(&order)
        .unwrap();
    let verdict = check(
        &bundle(&world, ids().case(), &Withheld::default(), &[]),
        &trust(&world),
    )
    .unwrap();
    assert_eq!(
        verdict
            .events
            .iter()
            .filter(|event| event.erased > 0)
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn suggestions_are_only_suggestions() {
    let world = World::with_alma().await;
    let found = world.session().suggest_withholding(ids().case()).unwrap();
    let classes: BTreeSet<_> = found
        .iter()
        .map(|suggestion| serde_json::to_string(&suggestion.class).unwrap())
        .collect();
    assert!(
        classes.contains("\"NOTIFIER_CONTACT\"") && classes.contains("\"OTHER_PERSON\""),
        "{classes:?}"
    );
    // As they stand they are no order: neither section nor reason is made up.
    let text = serde_json::to_string(&found).unwrap();
    assert!(
        serde_json::from_str::<Vec<Withhold>>(&text)
            .unwrap_err()
            .to_string()
            .contains("missing field")
    );
}

/// Attack 49 from the other side, and an exchange of log keys: evidence across both is clean to
/// readers who know the old log key, until it is retired, and to those who know the new one.
#[tokio::test(flavor = "multi_thread")]
async fn evidence_across_exchanged_keys_is_clean_to_old_and_new_readers() {
    let world = World::with_alma().await;
    let knows = |key: &str| Trust {
        policy: Policy::parse(format!("log {key}\nquorum none\n").as_bytes()).unwrap(),
        ..trust(&world)
    };
    let old = knows(&world.public_log().verifier_key());
    world.operator.rotate_event_key(None).unwrap();
    tests::orders::take_note(&world, 70).await;
    world.operator.begin_log_keys().unwrap();
    let new = knows(
        &world
            .public_log()
            .next_verifier_keys()
            .unwrap()
            .unwrap()
            .ed25519,
    );
    tests::orders::take_note(&world, 71).await;
    let both = bundle(&world, ids().case(), &Withheld::default(), &[]);
    for reader in [&old, &new] {
        let verdict = check(&both, reader).unwrap();
        assert_eq!(codes(&verdict), codes(&check(&both, &old).unwrap()));
    }
    world.operator.finish_log_keys().unwrap();
    let after = bundle(&world, ids().case(), &Withheld::default(), &[]);
    assert!(check(&after, &new).is_ok());
    assert_eq!(check(&after, &old).err(), Some(Code::CheckpointSignature));
}
