//! Dossiers: what they hold, what they lack, and what is tampered with.

use std::collections::BTreeMap;
use std::io::Cursor;

use serde_json::{Value, json};

use crate::bundle::{NoAuthority, Receipt, Trust};
use crate::code::Code;
use crate::dossier::{self, DossierVerdict};
use crate::files::Files;
use crate::position::LogIndex;
use crate::test_support::bundle::finding;
use crate::test_support::log::ORIGIN;
use crate::test_support::world::{CASE, NOTIFICATION, World};
use crate::test_support::zip::{Part, archive};
use crate::tree::hash;
use crate::zip::Zip;

/// Whom the case is about.
const CHILD: &str = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

/// The honest log, with the child's own stream.
fn registered() -> World {
    let mut world = World::honest();
    world.record(
        CHILD,
        "PersonIdentified",
        &["person"],
        &[(0, "name", vec![json!("Test Barn")])],
    );
    world.wait(1);
    world.seal();
    world.wait(900);
    world.heartbeat();
    world
}

fn hex(bytes: &[u8]) -> String {
    hash(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A dossier that can still be changed.
#[derive(Clone)]
struct Dossier {
    files: BTreeMap<String, Vec<u8>>,
    list: Value,
}

impl Dossier {
    fn of(world: &World, streams: &[(&str, &str)]) -> Self {
        let mut files = BTreeMap::new();
        let (mut bundles, mut documents, mut renderings) = (Vec::new(), Vec::new(), Vec::new());
        for (stream, role) in streams {
            let mut bundle = world.bundle(stream);
            bundle
                .files
                .retain(|name, _| !name.starts_with("data/files/"));
            let parts: Vec<Part> = bundle
                .complete()
                .iter()
                .map(|(name, bytes)| Part::new(name, bytes))
                .collect();
            let (file, bytes) = (format!("bundles/{stream}.zip"), archive(&parts));
            bundles.push(
                json!({ "file": file, "stream": stream, "role": role, "sha256": hex(&bytes) }),
            );
            files.insert(file, bytes);
        }
        for document in &world.documents {
            let file = format!("documents/{}-Afg\u{f8}relse.pdf", hex(document));
            documents.push(json!({ "file": file, "sha256": hex(document) }));
            files.insert(file, document.clone());
        }
        for language in ["da", "en"] {
            let (file, bytes) = (
                format!("{language}.html"),
                format!("<html lang={language}>"),
            );
            renderings.push(
                json!({ "file": file, "language": language, "sha256": hex(bytes.as_bytes()) }),
            );
            files.insert(file, bytes.into_bytes());
        }
        let list = json!({
            "format": "sag-dossier/1", "origin": ORIGIN, "case": CASE,
            "bundles": bundles, "documents": documents, "renderings": renderings,
            "pins": [{ "event": world.payloads[5]["jti"], "position": 5, "what": "decision" }],
        });
        Self { files, list }
    }

    fn whole(world: &World) -> Self {
        Self::of(
            world,
            &[
                (CASE, "case"),
                (NOTIFICATION, "notification"),
                (CHILD, "person"),
            ],
        )
    }

    fn complete(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files.clone();
        files.insert("dossier.json".into(), self.list.to_string().into_bytes());
        files
    }

    fn check(&self, trust: &Trust) -> Result<DossierVerdict, Code> {
        check(&mut self.complete(), trust)
    }

    /// What is found once it is changed.
    fn changed(&self, trust: &Trust, change: &dyn Fn(&mut Self)) -> Result<(), Code> {
        let mut dossier = self.clone();
        change(&mut dossier);
        dossier.check(trust).map(|_| ())
    }
}

fn check(files: &mut dyn Files, trust: &Trust) -> Result<DossierVerdict, Code> {
    assert!(dossier::is_dossier(files));
    dossier::check(files, trust, &NoAuthority, &mut |_, _| {})
        .map_err(|failure| finding(failure).code)
}

#[test]
fn a_whole_dossier_is_clean_also_in_an_archive() {
    let world = registered();
    let dossier = Dossier::whole(&world);
    let verdict = dossier.check(&world.trust()).unwrap();
    assert_eq!(
        (
            verdict.notes.as_slice(),
            verdict.documents,
            verdict.bundles.len()
        ),
        (&[][..], 1, 3)
    );
    assert_eq!(verdict.renderings, ["da.html", "en.html"]);
    assert_eq!(
        verdict.occasions,
        [("decision".to_owned(), LogIndex::new(5))]
    );
    let parts: Vec<Part> = dossier
        .complete()
        .iter()
        .map(|(name, bytes)| Part::new(name, bytes))
        .collect();
    let mut zip = Zip::open(Cursor::new(archive(&parts))).unwrap();
    assert_eq!(check(&mut zip, &world.trust()).unwrap(), verdict);
}

#[test]
fn what_a_dossier_lacks_is_named() {
    let world = registered();
    let lacking = |streams: &[(&str, &str)]| {
        let notes = Dossier::of(&world, streams)
            .check(&world.trust())
            .unwrap()
            .notes;
        assert!(
            notes.iter().all(|note| note.code == Code::StreamAbsent),
            "{notes:?}"
        );
        notes
            .into_iter()
            .map(|note| note.detail)
            .collect::<Vec<_>>()
    };
    let [notification, person] = &lacking(&[(CASE, "case")])[..] else {
        panic!("two notes")
    };
    assert!(notification.starts_with(NOTIFICATION), "{notification}");
    assert!(
        person.starts_with(&format!(
            "{CHILD}, a person named by sequence 1 of the case {CASE}: "
        )),
        "{person}"
    );
    assert!(lacking(&[(CASE, "case"), (CHILD, "person")])[0].starts_with(NOTIFICATION));
    // A value names people as the head of a part does, wherever in it, and in each bundle.
    let other = "6f3c2e1a-0000-4000-8000-000000000002";
    let mut world = registered();
    let told = json!({ "told": [{ "by": { "person": other, "role": "RELATIVE" } }, { "person": CHILD, "role": "CHILD" }, { "person": 7 }] });
    world.record(
        NOTIFICATION,
        "NotificationScreened",
        &["notification"],
        &[(0, "heard", vec![told])],
    );
    world.wait(1);
    world.seal();
    world.wait(900);
    world.heartbeat();
    let verdict = Dossier::whole(&world).check(&world.trust()).unwrap();
    let [note] = verdict.notes.as_slice() else {
        panic!("one note: {:?}", verdict.notes)
    };
    assert!(
        note.detail.starts_with(&format!(
            "{other}, a person named by sequence 2 of the notification "
        )),
        "{}",
        note.detail
    );
    let world = registered();
    let mut without = Dossier::whole(&world);
    without.list["documents"] = json!([]);
    without
        .files
        .retain(|name, _| !name.starts_with("documents/"));
    let verdict = without.check(&world.trust()).unwrap();
    assert_eq!(
        verdict
            .notes
            .iter()
            .map(|note| note.code)
            .collect::<Vec<_>>(),
        [Code::FileAbsent]
    );
}

#[test]
fn attacks_on_a_dossier() {
    let world = registered();
    let (honest, trust) = (Dossier::whole(&world), world.trust());
    files_and_list_that_are_changed(&honest, &trust);
    bundles_and_documents_that_are_changed(&honest, &trust);
    let elsewhere = json!([{ "event": NOTIFICATION, "position": 1, "what": "complaint" }]);
    let unpinned = |pins: &Value| {
        let mut dossier = honest.clone();
        dossier.list["pins"] = pins.clone();
        dossier.check(&trust).map(|verdict| verdict.occasions)
    };
    assert_eq!(
        unpinned(&elsewhere),
        Ok(vec![]),
        "what no bundle holds is not called proven"
    );
    let mut twice = honest.complete();
    let text = String::from_utf8(twice["dossier.json"].clone())
        .unwrap()
        .replacen('{', "{\"case\":\"x\",", 1);
    twice.insert("dossier.json".into(), text.into_bytes());
    assert_eq!(
        check(&mut twice, &trust).map(|_| ()),
        Err(Code::JsonDuplicateKey)
    );
}

fn files_and_list_that_are_changed(honest: &Dossier, trust: &Trust) {
    let changed = |change: &dyn Fn(&mut Dossier)| honest.changed(trust, change);
    let format = Err(Code::DossierFormat);
    assert_eq!(
        changed(&|d| drop(d.files.insert("more.txt".into(), vec![]))),
        format
    );
    assert_eq!(
        changed(&|d| drop(d.files.remove("da.html"))),
        Err(Code::DossierFile)
    );
    assert_eq!(
        changed(&|d| d.files.get_mut("da.html").unwrap().push(b'x')),
        Err(Code::DossierFile)
    );
    assert_eq!(
        changed(&|d| d.list["format"] = json!("sag-dossier/2")),
        format
    );
    assert_eq!(changed(&|d| d.list["more"] = json!(1)), format);
    assert_eq!(
        changed(&|d| d.list["bundles"][0]["role"] = json!("person")),
        format
    );
    assert_eq!(
        changed(&|d| d.list["bundles"][1]["role"] = json!("case")),
        format
    );
    assert_eq!(changed(&|d| d.list["case"] = json!(NOTIFICATION)), format);
    assert_eq!(
        changed(&|d| d.list["origin"] = json!("log.odense.example/0461/sag")),
        format
    );
    assert_eq!(
        changed(&|d| d.list["renderings"][0]["file"] = json!("bundles/x.html")),
        format
    );
    assert_eq!(
        changed(&|d| d.list["pins"][0]["position"] = json!(4)),
        format
    );
    assert_eq!(
        changed(&|d| d.list["pins"][0]["what"] = json!("weather")),
        format
    );
    assert_eq!(changed(&|d| d.list["pins"] = json!({})), format);
}

fn bundles_and_documents_that_are_changed(honest: &Dossier, trust: &Trust) {
    let changed = |change: &dyn Fn(&mut Dossier)| honest.changed(trust, change);
    let format = Err(Code::DossierFormat);
    // A bundle under the name of another stream.
    let swapped = changed(&|d| {
        let other = d.files[&format!("bundles/{NOTIFICATION}.zip")].clone();
        d.list["bundles"][0]["sha256"] = json!(hex(&other));
        d.files.insert(format!("bundles/{CASE}.zip"), other);
    });
    assert_eq!(swapped, format);
    let smuggled = changed(&|d| {
        let file = format!("documents/{}-x.pdf", hex(b"smuggled"));
        d.list["documents"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "file": file, "sha256": hex(b"smuggled") }));
        d.files.insert(file, b"smuggled".to_vec());
    });
    assert_eq!(smuggled, format);
    let bent = changed(&|d| {
        let name = format!("bundles/{CASE}.zip");
        let mut bytes = d.files[&name].clone();
        bytes[200] ^= 1;
        d.list["bundles"][0]["sha256"] = json!(hex(&bytes));
        d.files.insert(name, bytes);
    });
    assert_eq!(bent, Err(Code::BundleFormat));
}

#[test]
fn receipts_find_their_stream() {
    let world = registered();
    let dossier = Dossier::whole(&world);
    let with = |texts: &[String]| Trust {
        receipts: texts
            .iter()
            .map(|text| Receipt::parse(text).unwrap())
            .collect(),
        ..world.trust()
    };
    let case = format!("{ORIGIN}|{CASE}|2|{}|8", world.leaf(5));
    let notification = format!("{ORIGIN}|{NOTIFICATION}|1|{}|5", world.leaf(3));
    let short = format!("2:{}", world.leaf(5));
    let verdict = dossier
        .check(&with(&[case.clone(), notification.clone(), short]))
        .unwrap();
    assert_eq!(
        verdict
            .bundles
            .iter()
            .map(|(_, verdict)| verdict.receipts)
            .collect::<Vec<_>>(),
        [1, 1, 0]
    );
    let alone = Dossier::of(&world, &[(CASE, "case")]);
    assert_eq!(
        alone.check(&with(&[notification])).map(|_| ()),
        Err(Code::ReceiptMismatch)
    );
    assert_eq!(
        dossier
            .check(&with(&[case.replace("|2|", "|1|")]))
            .map(|_| ()),
        Err(Code::ReceiptMismatch)
    );
}

/// Witnesses that work together with the operator could sign two logs; the dossier shows both.
#[test]
fn two_bundles_come_from_one_log() {
    let world = World::honest();
    let mut fork = World::empty();
    fork.wait(900);
    fork.record(CASE, "CaseOpened", &["case"], &[]);
    while fork.entries.len() < 9 {
        fork.record(NOTIFICATION, "NotificationReceived", &["notification"], &[]);
    }
    fork.wait(1);
    fork.seal();
    assert_eq!(fork.entries.len(), world.entries.len());
    let streams = [(CASE, "case"), (NOTIFICATION, "notification")];
    let mut mixed = Dossier::of(&world, &streams);
    let file = format!("bundles/{NOTIFICATION}.zip");
    let other = Dossier::of(&fork, &streams);
    mixed.list["bundles"][1] = other.list["bundles"][1].clone();
    mixed.files.insert(file.clone(), other.files[&file].clone());
    assert_eq!(mixed.check(&world.trust()).map(|_| ()), Err(Code::Fork));
}
