//! `dossier.json`: which files a dossier holds, and what each is. Nobody signs it.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::bundle;
use crate::code::Code;
use crate::entry::id;
use crate::files::{self, Failure, Files};
use crate::json::Json;
use crate::jws::hash_of;
use crate::position::LogIndex;
use crate::tree::Hash;

pub(super) const NAME: &str = "dossier.json";
const BYTES_MAX: u64 = 64 << 20;

/// A file with its SHA-256 and its size.
pub(super) struct Listed {
    pub(super) file: String,
    pub(super) sha256: Hash,
    pub(super) size: u64,
}

/// An event that the dossier is about, with its place in the log.
pub(super) struct Occasion {
    pub(super) event: String,
    pub(super) position: LogIndex,
    pub(super) what: String,
}

pub(super) struct Contents {
    pub(super) origin: String,
    pub(super) case: String,
    /// Role, stream and file.
    pub(super) bundles: Vec<(String, String, Listed)>,
    pub(super) documents: Vec<Listed>,
    pub(super) renderings: Vec<Listed>,
    pub(super) occasions: Vec<Occasion>,
}

/// Reads the list and compares every file with it.
pub(super) fn read(files: &mut dyn Files) -> Result<Contents, Failure> {
    let bytes = files::whole(files, NAME, BYTES_MAX)?;
    let json = files::whole_json(&bytes, NAME, Code::DossierFormat)?;
    let mut contents = contents(&json)
        .ok_or_else(|| wrong("dossier.json has not the members that it must have"))?;
    names(&contents)?;
    let cases: Vec<&String> = contents
        .bundles
        .iter()
        .filter(|(role, ..)| role == "case")
        .map(|(_, stream, _)| stream)
        .collect();
    if cases != [&contents.case] {
        return Err(wrong(
            "there must be exactly one bundle in the role of the case, that of the case's own stream",
        ));
    }
    let bundles = contents.bundles.iter_mut().map(|(.., listed)| listed);
    let there: BTreeSet<String> = files.list().into_iter().map(|(name, _)| name).collect();
    let mut listed_names = BTreeSet::from([NAME.to_owned()]);
    for listed in bundles
        .chain(&mut contents.documents)
        .chain(&mut contents.renderings)
    {
        if !there.contains(&listed.file) {
            return Err(Failure::of(
                Code::DossierFile,
                format!("{} is listed and is not there", listed.file),
            ));
        }
        compare(files, listed)?;
        if !listed_names.insert(listed.file.clone()) {
            return Err(wrong(format!("{} is listed twice", listed.file)));
        }
    }
    match there.difference(&listed_names).next() {
        Some(name) => Err(wrong(format!("{name} is not listed"))),
        None => Ok(contents),
    }
}

fn contents(json: &Json) -> Option<Contents> {
    let members = json.exactly(
        &[
            "bundles",
            "case",
            "documents",
            "format",
            "origin",
            "renderings",
        ],
        &["pins"],
    )?;
    let member = |name: &str| members.get(name);
    let rows = |name: &str| member(name)?.list();
    if member("format")?.text()? != "sag-dossier/1" {
        return None;
    }
    let bundles = rows("bundles")?.iter().map(|row| {
        let members = row.exactly(&["file", "role", "sha256", "stream"], &[])?;
        let role = members
            .get("role")?
            .text()
            .filter(|role| matches!(*role, "case" | "advice" | "notification" | "person"))?;
        Some((
            role.to_owned(),
            stream(members.get("stream")?)?,
            listed(row)?,
        ))
    });
    let documents = rows("documents")?.iter().map(|row| {
        row.exactly(&["file", "sha256"], &[])
            .and_then(|_| listed(row))
    });
    let renderings = rows("renderings")?.iter().map(|row| {
        let members = row.exactly(&["file", "language", "sha256"], &[])?;
        members.get("language")?.text()?;
        listed(row)
    });
    let occasions = member("pins")
        .map_or(Some(&[][..]), Json::list)?
        .iter()
        .map(|row| {
            let members = row.exactly(&["event", "position", "what"], &[])?;
            let what = members
                .get("what")?
                .text()
                .filter(|what| matches!(*what, "complaint" | "decision"))?;
            Some(Occasion {
                event: stream(members.get("event")?)?,
                position: LogIndex::new(members.get("position")?.number()?),
                what: what.to_owned(),
            })
        });
    Some(Contents {
        occasions: occasions.collect::<Option<_>>()?,
        origin: member("origin")?.text()?.to_owned(),
        case: stream(member("case")?)?,
        bundles: bundles.collect::<Option<_>>()?,
        documents: documents.collect::<Option<_>>()?,
        renderings: renderings.collect::<Option<_>>()?,
    })
}

fn stream(value: &Json) -> Option<String> {
    id(value).and_then(|_| value.text()).map(str::to_owned)
}

/// The hash is hexadecimal, as in file names, or base64url, as in the record.
fn listed(row: &Json) -> Option<Listed> {
    let members = row.object()?;
    let sha256 = members.get("sha256")?;
    let sha256 = bundle::hex(sha256.text()?).or_else(|| hash_of(sha256))?;
    Some(Listed {
        file: members.get("file")?.text()?.to_owned(),
        sha256,
        size: 0,
    })
}

/// Each kind of file has its place, so that no page poses as a document.
fn names(contents: &Contents) -> Result<(), Failure> {
    let misplaced = |listed: &Listed| {
        wrong(format!(
            "{} is not a name for what it is listed as",
            listed.file
        ))
    };
    let mut streams = BTreeSet::new();
    for (_, stream, listed) in &contents.bundles {
        if listed.file != format!("bundles/{stream}.zip") || !streams.insert(stream) {
            return Err(misplaced(listed));
        }
    }
    for listed in &contents.documents {
        let hex: String = listed
            .sha256
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let name = listed
            .file
            .strip_prefix("documents/")
            .and_then(|name| name.strip_prefix(&hex))
            .filter(|name| !name.contains('/'));
        if name.is_none_or(|name| !name.is_empty() && !name.starts_with(['-', '.'])) {
            return Err(misplaced(listed));
        }
    }
    match contents
        .renderings
        .iter()
        .find(|listed| listed.file.contains('/') || !listed.file.ends_with(".html"))
    {
        Some(listed) => Err(misplaced(listed)),
        None => Ok(()),
    }
}

fn compare(files: &mut dyn Files, listed: &mut Listed) -> Result<(), Failure> {
    let mut hasher = Sha256::new();
    files.read(&listed.file, &mut |piece| {
        hasher.update(piece);
        listed.size += piece.len() as u64;
    })?;
    if Hash::from(hasher.finalize()) == listed.sha256 {
        return Ok(());
    }
    Err(Failure::of(
        Code::DossierFile,
        format!("{} is not the file that the list names", listed.file),
    ))
}

pub(super) fn wrong(what: impl Into<String>) -> Failure {
    Failure::of(Code::DossierFormat, what)
}
