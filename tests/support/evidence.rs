//! Bundles as they are handed out, and what the independent verifier says of them.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::time::Duration;

use app::evidence::bundle::{BundleOrder, Withheld};
use events::ids::StreamId;
use record::positions::Size;
use verify::bundle::{NoAuthority, Trust, Verdict};
use verify::code::Code;
use verify::files::Failure;
use verify::policy::Policy;
use verify::zip::Zip;

use crate::world::World;

fn policy(world: &World) -> Policy {
    Policy::parse(format!("log {}\nquorum none\n", world.public_log().verifier_key()).as_bytes())
        .unwrap()
}

/// What the verifier says of a bundle; the code of the first thing that is wrong with it.
pub fn check(bytes: &[u8], trust: &Trust) -> Result<Verdict, Code> {
    let mut source = Cursor::new(bytes);
    let found = Zip::open(&mut source).and_then(|mut archive| {
        verify::bundle::check(&mut archive, trust, &NoAuthority, &mut |_, _| {})
    });
    found.map_err(|failure| match failure {
        Failure::Finding(finding) => finding.code,
        Failure::Read(error) => panic!("{error}"),
    })
}

/// A reader who knows the log key of a world and demands no witness.
pub fn trust(world: &World) -> Trust {
    Trust {
        policy: policy(world),
        pin: None,
        receipts: Vec::new(),
        verifying: None,
    }
}

/// A bundle of a stream with its documents, as a caseworker is handed it.
pub fn bundle(world: &World, stream: StreamId, withheld: &Withheld, pinned: &[u64]) -> Vec<u8> {
    let snapshot = world.session().snapshot(Duration::ZERO).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    let pinned: Vec<Size> = pinned.iter().copied().map(Size::new).collect();
    let order = BundleOrder {
        stream,
        withheld,
        documents: true,
        pinned: &pinned,
    };
    world
        .session()
        .write_bundle(&snapshot, &order, &mut bytes)
        .unwrap();
    bytes.into_inner()
}

/// The codes of the notes beside a verdict.
pub fn codes(verdict: &Verdict) -> BTreeSet<&'static str> {
    verdict
        .notes
        .iter()
        .map(|note| note.code.as_str())
        .collect()
}

/// The files of a ZIP.
pub fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|place| {
            let mut file = archive.by_index(place).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// The files of a dossier, those of its bundles included, that say something: as it is, or encoded.
pub fn saying(files: &[(String, Vec<u8>)], what: &str) -> Vec<String> {
    let inner = |(path, bytes): &(String, Vec<u8>)| match path.ends_with(".zip") {
        true => unpacked(bytes)
            .into_iter()
            .map(|(name, bytes)| (format!("{path}/{name}"), bytes))
            .collect(),
        false => vec![(path.clone(), bytes.clone())],
    };
    let says = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let decoded = text
            .split(['~', '.'])
            .filter_map(|part| record::b64u::decode(part.as_bytes()).ok());
        text.contains(what)
            || decoded
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .collect::<String>()
                .contains(what)
    };
    files
        .iter()
        .flat_map(inner)
        .filter(|(_, bytes)| says(bytes))
        .map(|(path, _)| path)
        .collect()
}
