//! The files of a bundle, its lists, and the archive around it.

use std::collections::BTreeMap;
use std::io::Cursor;

use super::{clean, found};
use crate::bundle::Trust;
use crate::code::Code;
use crate::test_support::bundle::{Bundle, check, finding};
use crate::test_support::world::{CASE, World};
use crate::test_support::zip::{Part, archive};
use crate::zip::Zip;

type Named = BTreeMap<String, Vec<u8>>;

#[test]
fn attacks_on_files() {
    let world = World::honest();
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    files_of_an_archive_that_are_changed(&bundle, &trust);
    files_too_many_and_too_few(&world, &bundle, &trust);
}

fn files_of_an_archive_that_are_changed(bundle: &Bundle, trust: &Trust) {
    let whole = bundle.complete();
    let changed = |change: &dyn Fn(&mut Named)| {
        let mut files = whole.clone();
        change(&mut files);
        check(&mut files, trust).map(|verdict| verdict.events.len())
    };
    assert_eq!(
        changed(&|files| files.get_mut("data/events/000002.sd-jwt").unwrap()[9] ^= 1),
        Err(Code::BundleManifest),
        "01"
    );
    assert_eq!(
        changed(&|files| drop(files.remove("data/heads.jws"))),
        Err(Code::BundleManifest)
    );
    assert_eq!(
        changed(&|files| files.get_mut("bag-info.txt").unwrap()[22] ^= 1),
        Err(Code::BundleManifest)
    );
    assert_eq!(
        changed(&|files| drop(files.insert("data/events/000009.sd-jwt".into(), vec![]))),
        Err(Code::BundleFormat),
        "16"
    );
    for name in [
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
    ] {
        assert_eq!(
            changed(&|files| drop(files.remove(name))),
            Err(Code::BundleFormat),
            "without {name}"
        );
        assert_eq!(
            changed(&|files| files.get_mut(name).unwrap().push(0xff)),
            Err(Code::BundleFormat),
            "{name} is not UTF-8"
        );
    }
    assert_eq!(
        changed(&|files| *files = std::mem::take(files)
            .into_iter()
            .map(|(name, bytes)| (format!("bag/{name}"), bytes))
            .collect()),
        Ok(4)
    );
    let doubled = |name: &str| {
        changed(&|files| {
            let text = files[name].clone();
            files
                .get_mut(name)
                .unwrap()
                .extend(text.split(|byte| *byte == b'\n').next().unwrap());
            files.get_mut(name).unwrap().push(b'\n');
        })
    };
    assert_eq!(
        doubled("tagmanifest-sha256.txt"),
        Err(Code::BundleFormat),
        "a name twice in a list"
    );
    let oxum =
        |text: &str| changed(&|files| drop(files.insert("bag-info.txt".into(), text.into())));
    assert_eq!(oxum("Payload-Oxum: 1.1\n"), Err(Code::BundleManifest));
}

fn files_too_many_and_too_few(world: &World, bundle: &Bundle, trust: &Trust) {
    for name in [
        "data/notes.txt",
        "data/events/1.sd-jwt",
        "data/events/000001.exe",
        "data/files/abc",
        "data/tst/a b.tsr",
        "readme.html",
        "data/keys/00001.jws",
    ] {
        found(
            "16",
            &bundle.clone().with(name, "x"),
            trust,
            Code::BundleFormat,
        );
    }
    for name in ["data/checkpoint", "data/heads.jws"] {
        found(
            name,
            &bundle.clone().without(name),
            trust,
            Code::BundleFormat,
        );
    }
    found(
        "no proof",
        &bundle.clone().without("data/proofs/000003.tlog-proof"),
        trust,
        Code::ProofFormat,
    );
    found(
        "no proof",
        &bundle.clone().without("data/heads.tlog-proof"),
        trust,
        Code::ProofFormat,
    );
    let stray = bundle
        .clone()
        .with("data/time/000005.before", world.checkpoints[0].2.clone());
    found("16 evidence of no event", &stray, trust, Code::BundleFormat);
}

#[test]
fn attacks_on_documents_and_the_description() {
    let world = World::honest();
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    documents_that_are_changed(&bundle, &trust);
    descriptions_that_are_changed(&bundle, &trust);
    a_description_that_states_something_twice(&bundle, &trust);
}

fn documents_that_are_changed(bundle: &Bundle, trust: &Trust) {
    let document = bundle
        .files
        .keys()
        .find(|name| name.starts_with("data/files/"))
        .unwrap()
        .clone();
    found(
        "15",
        &bundle.clone().with(&document, "another one"),
        trust,
        Code::FileDigest,
    );
    let mut same_size = bundle.files[&document].clone();
    same_size[0] ^= 1;
    found(
        "15 same size",
        &bundle.clone().with(&document, same_size),
        trust,
        Code::FileDigest,
    );
    clean(
        "absent",
        &bundle.clone().without(&document),
        trust,
        &[Code::FileAbsent],
    );
    found(
        "16 document",
        &bundle
            .clone()
            .with(&format!("data/files/{}", "0".repeat(64)), "x"),
        trust,
        Code::BundleFormat,
    );
}

fn descriptions_that_are_changed(bundle: &Bundle, trust: &Trust) {
    let change = |member: &str, value: serde_json::Value| {
        let mut bundle = bundle.clone();
        bundle.description[member] = value;
        bundle
    };
    found(
        "format",
        &change("format", "sag-bundle/2".into()),
        trust,
        Code::BundleFormat,
    );
    found(
        "size",
        &change("size", 8.into()),
        trust,
        Code::ProofCheckpoint,
    );
    found(
        "path",
        &change("path", serde_json::json!(["x"])),
        trust,
        Code::BundleFormat,
    );
    found("more", &change("more", 1.into()), trust, Code::BundleFormat);
}

/// The lists fit; only the text of the description is wrong.
fn a_description_that_states_something_twice(bundle: &Bundle, trust: &Trust) {
    let mut files = bundle.complete();
    let text = String::from_utf8(files["data/bundle.json"].clone())
        .unwrap()
        .replacen('{', "{\"no\":0,", 1);
    let manifest = String::from_utf8(files["manifest-sha256.txt"].clone()).unwrap();
    let hex = |bytes: &[u8]| {
        crate::tree::hash(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let manifest = manifest.replace(&hex(&files["data/bundle.json"]), &hex(text.as_bytes()));
    let tags = String::from_utf8(files["tagmanifest-sha256.txt"].clone()).unwrap();
    files.insert(
        "tagmanifest-sha256.txt".into(),
        tags.replace(
            &hex(&files["manifest-sha256.txt"]),
            &hex(manifest.as_bytes()),
        )
        .into(),
    );
    files.insert("manifest-sha256.txt".into(), manifest.into());
    files.insert("data/bundle.json".into(), text.into());
    assert_eq!(
        check(&mut files, trust).map(|_| ()),
        Err(Code::JsonDuplicateKey)
    );
}

#[test]
fn a_bundle_is_read_from_an_archive() {
    let world = World::honest();
    let files = world.bundle(CASE).complete();
    let parts = |deflate: bool| {
        files
            .iter()
            .map(|(name, bytes)| Part {
                deflate,
                ..Part::new(name, bytes)
            })
            .collect::<Vec<_>>()
    };
    for deflate in [false, true] {
        let mut zip = Zip::open(Cursor::new(archive(&parts(deflate)))).unwrap();
        assert_eq!(check(&mut zip, &world.trust()).unwrap().notes, []);
    }
    let opened = |parts: &[Part]| {
        Zip::open(Cursor::new(archive(parts)))
            .map(|_| ())
            .map_err(|failure| finding(failure).code)
    };
    let mut twice = parts(false);
    twice.push(Part::new("data/checkpoint", b"another"));
    assert_eq!(opened(&twice), Err(Code::BundleFormat), "55");
    for name in [
        "../etc/passwd",
        "/etc/passwd",
        "data/../x",
        "data\\x",
        "C:x",
        "data//x",
        "data/",
        "./x",
        "",
        "a\0b",
        "DATA/checkpoint",
    ] {
        let mut traversing = parts(false);
        traversing.push(Part::new(name, b"x"));
        assert_eq!(opened(&traversing), Err(Code::BundleFormat), "56: {name}");
    }
}

#[test]
fn what_an_event_says_of_its_document_must_add_up() {
    let honest = serde_json::json!({ "blobs": [1], "media_type": "text/plain", "sha256": crate::test_support::log::b64(&[7; 32]), "size": 5 });
    let with = |member: &str, value: serde_json::Value| {
        let mut content = honest.clone();
        content[member] = value;
        let blobs = [1, 2, 3].map(|byte| crate::test_support::log::b64(&[byte; 32]));
        let mut world = World::honest();
        world.record_with(
            CASE,
            "DocumentFiled",
            &["case"],
            &[(0, "content", vec![content])],
            &[("ct", serde_json::json!(blobs))],
        );
        world.wait(1);
        world.seal();
        world
    };
    let absent = with("size", 5.into());
    clean(
        "honest",
        &absent.bundle(CASE),
        &absent.trust(),
        &[Code::FileAbsent],
    );
    let chunk = 8_u64 << 20;
    let two = with("blobs", serde_json::json!([1, 2]));
    found(
        "two chunks for five bytes",
        &two.bundle(CASE),
        &two.trust(),
        Code::SdFormat,
    );
    for (member, value) in [
        ("blobs", serde_json::json!([0])),
        ("blobs", serde_json::json!([3])),
        ("blobs", serde_json::json!([])),
        ("size", 0.into()),
        ("size", (chunk + 1).into()),
        ("sha256", "x".into()),
        ("name", "x".into()),
    ] {
        let world = with(member, value.clone());
        found(
            &format!("{member} {value}"),
            &world.bundle(CASE),
            &world.trust(),
            Code::SdFormat,
        );
    }
}
