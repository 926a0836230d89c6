//! What is shown, withheld and erased.

use serde_json::json;

use super::{clean, found};
use crate::bundle::Trust;
use crate::code::Code;
use crate::test_support::bundle::Bundle;
use crate::test_support::log::b64;
use crate::test_support::signing::fixed;
use crate::test_support::world::{CASE, World};
use crate::tree::hash;

pub(super) fn digest(disclosure: &str) -> String {
    b64(&hash(disclosure.as_bytes()))
}

pub(super) fn text(disclosure: &str) -> String {
    String::from_utf8(crate::jws::decode(disclosure.as_bytes()).unwrap()).unwrap()
}

#[test]
fn attacks_on_disclosures() {
    let world = World::honest();
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    values_that_are_not_committed_to(&bundle, &trust);
    disclosures_of_another_form(&bundle, &trust);
    disclosures_added_and_left_out(&bundle, &trust);
    separators_of_disclosures(&bundle, &trust);
}

/// The bundle with another disclosure in place of that of the case number.
fn changed(bundle: &Bundle, disclosure: String) -> Bundle {
    let mut disclosures = bundle.disclosures(1);
    disclosures[2] = disclosure;
    bundle.clone().with_disclosures(1, &disclosures)
}

fn values_that_are_not_committed_to(bundle: &Bundle, trust: &Trust) {
    let shown = bundle.disclosures(1);
    let number = text(&shown[2]);
    assert!(number.contains("2026-004711"));
    found(
        "06",
        &changed(bundle, b64(number.replace("4711", "4712").as_bytes())),
        trust,
        Code::SdUnreferenced,
    );
    let salt = |text: &str| text.split('"').nth(1).unwrap().to_owned();
    let swapped = changed(
        bundle,
        b64(number
            .replace(&salt(&number), &salt(&text(&shown[3])))
            .as_bytes()),
    );
    found("07", &swapped, trust, Code::SdUnreferenced);
}

fn disclosures_of_another_form(bundle: &Bundle, trust: &Trust) {
    let number = text(&bundle.disclosures(1)[2]);
    found(
        "08",
        &changed(
            bundle,
            b64(json!([b64(&[1; 16]), "2026-004711"]).to_string().as_bytes()),
        ),
        trust,
        Code::SdFormat,
    );
    found(
        "form",
        &changed(bundle, b64(number.replace(',', ", ").as_bytes())),
        trust,
        Code::SdFormat,
    );
    found("form", &changed(bundle, b64(b"{}")), trust, Code::SdFormat);
    found("form", &changed(bundle, "*".into()), trust, Code::SdFormat);
    found(
        "float",
        &changed(
            bundle,
            b64(json!([b64(&[1; 32]), 1.5]).to_string().as_bytes()),
        ),
        trust,
        Code::SdFormat,
    );
    found(
        "big",
        &changed(
            bundle,
            b64(json!([b64(&[1; 32]), 1_u64 << 53]).to_string().as_bytes()),
        ),
        trust,
        Code::SdFormat,
    );
    found(
        "hidden",
        &changed(
            bundle,
            b64(json!([b64(&[1; 32]), { "_sd": [] }]).to_string().as_bytes()),
        ),
        trust,
        Code::SdFormat,
    );
}

fn disclosures_added_and_left_out(bundle: &Bundle, trust: &Trust) {
    let shown = bundle.disclosures(1);
    let with = |extra: String| {
        bundle
            .clone()
            .with_disclosures(1, &[shown.clone(), vec![extra]].concat())
    };
    found(
        "09",
        &with(b64(json!([b64(&[1; 32]), "new"]).to_string().as_bytes())),
        trust,
        Code::SdUnreferenced,
    );
    found("10", &with(shown[2].clone()), trust, Code::SdDuplicate);
    found(
        "11 copied",
        &with(bundle.disclosures(2)[1].clone()),
        trust,
        Code::SdUnreferenced,
    );
    let mut less = shown.clone();
    less.remove(2);
    let moved = bundle.clone().with_disclosures(1, &less);
    let moved =
        moved.with_disclosures(2, &[bundle.disclosures(2), vec![shown[2].clone()]].concat());
    found("11", &moved, trust, Code::SdUnreferenced);
    found(
        "12",
        &bundle.clone().with_disclosures(1, &less),
        trust,
        Code::SdUndeclaredOmission,
    );
    found(
        "13",
        &bundle.clone().with_disclosures(1, &[]),
        trust,
        Code::SdUndeclaredOmission,
    );
    found(
        "13 payload only",
        &bundle.clone().with_disclosures(1, &shown[1..]),
        trust,
        Code::SdUnreferenced,
    );
}

fn separators_of_disclosures(bundle: &Bundle, trust: &Trust) {
    let open = bundle.text("data/events/000001.sd-jwt");
    found(
        "end",
        &bundle
            .clone()
            .with("data/events/000001.sd-jwt", open.trim_end_matches('~')),
        trust,
        Code::SdFormat,
    );
    found(
        "gap",
        &bundle.clone().with("data/events/000001.sd-jwt", open + "~"),
        trust,
        Code::SdFormat,
    );
}

#[test]
fn what_is_withheld_is_listed() {
    let world = World::honest();
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    let shown = bundle.disclosures(1);
    let [payload, actor, number, first, second, name] = shown.as_slice() else {
        panic!("six disclosures")
    };
    let keep = |kept: &[&String]| {
        bundle.clone().with_disclosures(
            1,
            &kept.iter().map(|text| (*text).clone()).collect::<Vec<_>>(),
        )
    };
    let one = keep(&[payload, actor, number, first, name]).redact(1, &digest(second));
    let verdict = one.check(&trust).unwrap();
    assert_eq!(
        (
            verdict.events[0].disclosed,
            verdict.events[0].withheld,
            verdict.notes.len()
        ),
        (4, 1, 0),
        "one paragraph"
    );
    let unnumbered = keep(&[payload, actor, first, second, name]).redact(1, &digest(number));
    clean("number", &unnumbered, &trust, &[Code::CaseBindingMissing]);
    let whole = keep(&[]).redact(1, &digest(payload));
    clean("whole event", &whole, &trust, &[Code::CaseBindingMissing]);
    found(
        "whole event and a value",
        &whole.redact(1, &digest(first)),
        &trust,
        Code::RedactionManifest,
    );
    found(
        "14",
        &bundle.clone().redact(1, &b64(&[3; 32])),
        &trust,
        Code::RedactionManifest,
    );
    found(
        "14 shown",
        &bundle.clone().redact(1, &digest(number)),
        &trust,
        Code::RedactionManifest,
    );
    found(
        "14 seq",
        &bundle.clone().redact(5, &digest(number)),
        &trust,
        Code::RedactionManifest,
    );
    found(
        "14 twice",
        &one.clone().redact(1, &digest(second)),
        &trust,
        Code::RedactionManifest,
    );
    let mut malformed = one;
    malformed.description["redactions"][0][2] = json!(" ");
    found("14 no reason", &malformed, &trust, Code::RedactionManifest);
    malformed.description["redactions"] = json!({});
    found("14 form", &malformed, &trust, Code::RedactionManifest);
}

/// A world in which one more event erases something of the case.
fn erasing(er: &serde_json::Value, rs: Option<serde_json::Value>) -> World {
    let mut world = World::honest();
    let extra: Vec<_> = [("er", Some(er.clone())), ("rs", rs)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    world.record_with(CASE, "ErasureOrdered", &["case"], &[], &extra);
    world.wait(1);
    world.seal();
    world
}

#[test]
fn what_is_erased_is_not_shown_and_what_is_not_shown_is_erased() {
    let world = World::honest();
    an_erased_part(&world);
    an_erased_event_and_document(&world);
    an_erased_value(&world);
}

fn an_erased_part(world: &World) {
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    let gone = &world.open[&5].values[2];
    assert_eq!(gone.0, 2);
    let shown = [bundle.disclosures(2), vec![gone.2.clone()]].concat();
    found(
        "51",
        &bundle.clone().with_disclosures(2, &shown),
        &trust,
        Code::ErasedButPresent,
    );
    let forged = b64(json!([b64(&fixed("forged")), "Moren siger noget andet."])
        .to_string()
        .as_bytes());
    found(
        "52",
        &bundle
            .clone()
            .with_disclosures(2, &[bundle.disclosures(2), vec![forged]].concat()),
        &trust,
        Code::SdUnreferenced,
    );
    let less: Vec<String> = bundle.disclosures(2).into_iter().take(2).collect();
    found(
        "53",
        &bundle.clone().with_disclosures(2, &less),
        &trust,
        Code::SdUndeclaredOmission,
    );
}

fn an_erased_event_and_document(world: &World) {
    let whole = erasing(&json!([[1, 0], [1, 1]]), None);
    let verdict = whole.bundle(CASE).check(&whole.trust()).unwrap();
    assert_eq!(
        (verdict.events[0].kind.as_deref(), verdict.events[0].erased),
        (None, 1),
        "54"
    );
    let shown = world.bundle(CASE).disclosures(1);
    found(
        "51 whole",
        &whole.bundle(CASE).with_disclosures(1, &shown),
        &whole.trust(),
        Code::ErasedButPresent,
    );
    let chunk = erasing(&json!([[3, 1]]), None);
    found(
        "51 document",
        &chunk.bundle(CASE),
        &chunk.trust(),
        Code::ErasedButPresent,
    );
}

fn an_erased_value(world: &World) {
    let paragraph = world.open[&2].values[3].2.clone();
    let value = json!([[1, 0, digest(&paragraph)]]);
    let one = erasing(&value, Some(json!([[1, 0, b64(&fixed("new blob"))]])));
    let bundle: Bundle = one.bundle(CASE);
    clean("54b", &bundle, &one.trust(), &[]);
    assert_eq!(bundle.check(&one.trust()).unwrap().events[0].erased, 1);
    let mut less = bundle.disclosures(1);
    less.pop();
    found(
        "53 beside an erased value",
        &bundle.clone().with_disclosures(1, &less),
        &one.trust(),
        Code::SdUndeclaredOmission,
    );
    let shown = [bundle.disclosures(1), vec![paragraph]].concat();
    found(
        "54c",
        &bundle.with_disclosures(1, &shown),
        &one.trust(),
        Code::ErasedButPresent,
    );
}

#[test]
fn payloads_have_one_form() {
    let with = |p: serde_json::Value| {
        let mut world = World::honest();
        let payload = b64(json!([b64(&fixed("s")), "p", p]).to_string().as_bytes());
        let index = world.record_with(
            CASE,
            "NoteTaken",
            &["case"],
            &[],
            &[("_sd", json!([digest(&payload)]))],
        );
        world.open.get_mut(&index).unwrap().payload = payload;
        world.wait(1);
        world.seal();
        world
    };
    let judged = |what: &str, p: serde_json::Value, code: Code| {
        let world = with(p);
        found(what, &world.bundle(CASE), &world.trust(), code);
    };
    let good = with(json!({ "parts": [{ "f": {}, "who": "case" }], "type": "X", "ver": 1 }));
    clean("good", &good.bundle(CASE), &good.trust(), &[]);
    judged(
        "more parts than blobs",
        json!({ "parts": [{ "f": {}, "who": "a" }, { "f": {}, "who": "b" }], "type": "X", "ver": 1 }),
        Code::SdFormat,
    );
    judged(
        "no part",
        json!({ "parts": [], "type": "X", "ver": 1 }),
        Code::SdFormat,
    );
    judged(
        "no type",
        json!({ "parts": [{ "f": {}, "who": "case" }], "ver": 1 }),
        Code::SdFormat,
    );
    judged(
        "more",
        json!({ "more": 1, "parts": [{ "f": {}, "who": "case" }], "type": "X", "ver": 1 }),
        Code::SdFormat,
    );
    let element = |element: serde_json::Value| json!({ "parts": [{ "f": { "a": [element] }, "who": "case" }], "type": "X", "ver": 1 });
    judged("bare value", element(json!("text")), Code::SdFormat);
    judged(
        "decoy",
        element(json!({ "...": b64(&[1; 32]), "x": 1 })),
        Code::SdFormat,
    );
    judged(
        "unknown digest",
        element(json!({ "...": b64(&[1; 32]) })),
        Code::SdUndeclaredOmission,
    );
    let same = json!([{ "...": b64(&[1; 32]) }, { "...": b64(&[1; 32]) }]);
    judged(
        "digest twice",
        json!({ "parts": [{ "f": { "a": same }, "who": "case" }], "type": "X", "ver": 1 }),
        Code::SdDuplicate,
    );
}
