//! Checking a dossier: the bundles of a case with its documents and its pages for reading.
//!
//! The pages are made for people and prove nothing. Only their hashes are checked.

mod contents;

use std::collections::BTreeMap;

use crate::bundle::{self, Note, Receipt, StampChecker, Trust, Untimely, Verdict};
use crate::code::Code;
use crate::files::{Failure, Files};
use crate::position::LogIndex;

use contents::{Contents, Listed, Occasion, wrong};

/// What is proven by a dossier. Nothing in it is wrong but the times of the events in
/// [`DossierVerdict::untimely`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DossierVerdict {
    /// Name of the log.
    pub origin: String,
    /// The stream of the case.
    pub case: String,
    /// Every bundle: its role, and what it proves.
    pub bundles: Vec<(String, Verdict)>,
    /// Documents beside the bundles that fit what an event filed.
    pub documents: u64,
    /// Pages for reading, which are no evidence.
    pub renderings: Vec<String>,
    /// Decision and complaint that it is pinned to, each with its place in the log, as far as a
    /// bundle holds the event.
    pub occasions: Vec<(String, LogIndex)>,
    /// What a reader should know, of all bundles.
    pub notes: Vec<Note>,
}

impl DossierVerdict {
    /// Events of all bundles whose stated times are contradicted, each with the stream that it
    /// stands in.
    pub fn untimely(&self) -> impl Iterator<Item = (&str, &Untimely)> {
        self.bundles.iter().flat_map(|(_, verdict)| {
            verdict
                .untimely
                .iter()
                .map(|untimely| (verdict.stream.as_str(), untimely))
        })
    }
}

/// Whether these files are those of a dossier, not of a single bundle.
#[must_use]
pub fn is_dossier(files: &dyn Files) -> bool {
    files.list().iter().any(|(name, _)| name == contents::NAME)
}

/// Checks a dossier. `progress` hears how many bytes of how many were read of the bundle in hand.
///
/// # Errors
/// [`Failure::Finding`] with the first thing wrong that is not about the time of a single event;
/// [`Failure::Read`] when a file cannot be read.
pub fn check(
    files: &mut dyn Files,
    trust: &Trust,
    stamps: &dyn StampChecker,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<DossierVerdict, Failure> {
    let contents = contents::read(files)?;
    let mut bundles = Vec::new();
    for (role, stream, listed) in &contents.bundles {
        let receipts: Vec<Receipt> = trust
            .receipts
            .iter()
            .filter(|receipt| receipt.is_for(stream, role == "case"))
            .cloned()
            .collect();
        let mut archive = files
            .archive(&listed.file)
            .map_err(|failure| within(&listed.file, failure))?;
        let verdict = bundle::check_with(&mut *archive, trust, &receipts, stamps, progress)
            .map_err(|failure| within(&listed.file, failure))?;
        if verdict.stream != *stream || verdict.origin != contents.origin {
            return Err(wrong(format!(
                "{} is a bundle of another stream or log than listed",
                listed.file
            )));
        }
        bundles.push((role.clone(), verdict));
    }
    if let Some(receipt) = trust.receipts.iter().find(|receipt| {
        !contents
            .bundles
            .iter()
            .any(|(role, stream, _)| receipt.is_for(stream, role == "case"))
    }) {
        return Err(Failure::of(
            Code::ReceiptMismatch,
            format!(
                "the receipt of sequence {} is for no stream of the dossier",
                receipt.seq()
            ),
        ));
    }
    one_log(&bundles)?;
    let found = documents(&contents.documents, &bundles)?;
    let mut notes = notes(&bundles, &found);
    absent(&contents, &bundles, &mut notes);
    let occasions = occasions(&contents.occasions, &bundles)?;
    let renderings = contents
        .renderings
        .iter()
        .map(|listed| listed.file.clone())
        .collect();
    Ok(DossierVerdict {
        origin: contents.origin,
        case: contents.case,
        bundles,
        documents: found.len() as u64,
        renderings,
        occasions,
        notes,
    })
}

/// Says in which bundle something is wrong.
fn within(file: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Finding(mut finding) => {
            finding.detail = format!("{file}: {}", finding.detail);
            finding.into()
        }
        read @ Failure::Read(_) => read,
    }
}

/// Two checkpoints of one size have one root.
fn one_log(bundles: &[(String, Verdict)]) -> Result<(), Failure> {
    let mut roots = BTreeMap::new();
    for (_, verdict) in bundles {
        if *roots.entry(verdict.size).or_insert(&verdict.root) != &verdict.root {
            return Err(Failure::of(
                Code::Fork,
                format!("two bundles know two logs of {} entries", verdict.size),
            ));
        }
    }
    Ok(())
}

/// Every document of the dossier is one that an event shows; returns their hashes.
fn documents(listed: &[Listed], bundles: &[(String, Verdict)]) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for document in listed {
        let sha256: String = document
            .sha256
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let named = bundles
            .iter()
            .flat_map(|(_, verdict)| &verdict.documents)
            .find(|filed| filed.sha256 == sha256);
        match named {
            None => {
                return Err(wrong(format!(
                    "{} is no document that an event shows",
                    document.file
                )));
            }
            Some(filed) if filed.size != document.size => {
                return Err(Failure::of(
                    Code::FileDigest,
                    format!("{} has another size than the one filed", document.file),
                ));
            }
            Some(_) => found.push(sha256),
        }
    }
    Ok(found)
}

/// Every pin names the place where its event stands. One of another case's event cannot be
/// compared: its stream is not in the dossier, which is noted.
fn occasions(
    listed: &[Occasion],
    bundles: &[(String, Verdict)],
) -> Result<Vec<(String, LogIndex)>, Failure> {
    let mut found = Vec::new();
    for pin in listed {
        let event = bundles
            .iter()
            .flat_map(|(_, verdict)| &verdict.events)
            .find(|event| event.id == pin.event);
        match event {
            Some(event) if event.index != pin.position => {
                return Err(wrong(format!(
                    "the {} is pinned to {}, and stands at {}",
                    pin.what, pin.position, event.index
                )));
            }
            Some(_) => found.push((pin.what.clone(), pin.position)),
            None => {}
        }
    }
    Ok(found)
}

/// The notes of all bundles, but for documents that lie beside them.
fn notes(bundles: &[(String, Verdict)], documents: &[String]) -> Vec<Note> {
    let beside = |note: &Note| {
        note.code == Code::FileAbsent
            && documents
                .iter()
                .any(|sha256| note.detail.starts_with(sha256.as_str()))
    };
    let all = bundles
        .iter()
        .flat_map(|(role, verdict)| verdict.notes.iter().map(move |note| (role, verdict, note)));
    all.filter(|(_, _, note)| !beside(note))
        .map(|(role, verdict, note)| Note {
            code: note.code,
            detail: format!("{role} {}: {}", verdict.stream, note.detail),
        })
        .collect()
}

/// What the case refers to and the dossier lacks.
fn absent(contents: &Contents, bundles: &[(String, Verdict)], notes: &mut Vec<Note>) {
    let mut missing = BTreeMap::new();
    for reference in bundles
        .iter()
        .filter(|(_, verdict)| verdict.stream == contents.case)
        .flat_map(|(_, verdict)| &verdict.references)
    {
        let there = bundles
            .iter()
            .find(|(_, verdict)| verdict.stream == reference.stream);
        let detail = match there {
            None => format!("{}, named by sequence {}", reference.stream, reference.from),
            Some((_, verdict))
                if !verdict
                    .events
                    .iter()
                    .any(|event| event.id == reference.event) =>
            {
                format!(
                    "{}: its bundle lacks the event {}, named by sequence {}",
                    reference.stream, reference.event, reference.from
                )
            }
            Some(_) => continue,
        };
        missing
            .entry((
                reference.stream.clone(),
                there.map(|_| reference.event.clone()),
            ))
            .or_insert(detail);
    }
    notes.extend(missing.into_values().map(|detail| Note {
        code: Code::StreamAbsent,
        detail,
    }));
    notes.extend(unaccompanied(bundles).into_values().map(|detail| Note {
        code: Code::StreamAbsent,
        detail,
    }));
}

/// People who are named, and whose own bundle is not here. A person has the id of the person's
/// stream, and one who was never registered has none: which of the two it is cannot be seen here.
fn unaccompanied(bundles: &[(String, Verdict)]) -> BTreeMap<&String, String> {
    let mut missing = BTreeMap::new();
    for (role, verdict) in bundles {
        for (person, from) in verdict
            .people
            .iter()
            .filter(|(person, _)| bundles.iter().all(|(_, other)| other.stream != **person))
        {
            let by = format!(
                "a person named by sequence {from} of the {role} {}",
                verdict.stream
            );
            missing
                .entry(person)
                .or_insert_with(|| format!("{person}, {by}: there is no bundle of theirs; who was never registered has none"));
        }
    }
    missing
}
