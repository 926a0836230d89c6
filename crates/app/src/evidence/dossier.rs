//! A disclosure: a case given out whole, with the evidence of every stream that belongs to it, its
//! documents, and a page to read. What was withheld, on which section and why, is recorded with it.

mod appeal;
mod documents;
mod gather;
mod order;
mod page;
mod withhold;

use std::io::{Read, Seek, SeekFrom, Write};

use domain::reading::{Known, ReadingPoint};
use domain::views::appeal::appeals;
use events::access::DisclosureKind;
use events::appeal::DossierItemKind;
use events::ids::{EventId, StreamId};
use events::labels::Language;
use record::hash::{Hash, Hasher, sha256};
use record::positions::LogIndex;
use serde_json::{Value, json};

use self::appeal::{chapters, missing, pins};
use self::documents::DocumentFile;
use self::gather::{Stream, given};
pub use self::order::{DisclosureOrder, Earlier};
use self::page::{LogState, Page, PageEvent};
pub use self::withhold::{Resolved, Suggestion, Withhold};
use crate::access::rights::Forbidden;
use crate::access::viewer::Viewer;
use crate::app::App;
use crate::commands::record::{Recording, Said};
use crate::error::{ReadError, RecordError};
use crate::evidence::bundle::bag::Archive;
use crate::evidence::bundle::{BundleError, BundleOrder, BundleReport, Snapshot, Withheld};
use crate::waiting::wait;
use crate::wanted::Wanted;

/// A log position that the file is pinned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// The event.
    pub event: EventId,
    /// Its index in the log: what was known then are the entries in front of it.
    pub index: LogIndex,
    /// Whether it is the complaint; otherwise it is the decision.
    pub complaint: bool,
}

impl Pin {
    const fn title(self, language: Language) -> &'static str {
        if self.complaint {
            language.pick("Klagen", "The complaint")
        } else {
            language.pick("Afgørelsen", "The decision")
        }
    }
}

/// What was given out.
#[derive(Debug, Clone, PartialEq)]
pub struct Disclosure {
    /// SHA-256 of the whole file.
    pub sha256: Hash,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its bundles, that of the case first.
    pub bundles: Vec<(StreamId, BundleReport)>,
    /// Positions that it is pinned to.
    pub pins: Vec<Pin>,
    /// Kinds of things that are always sent to the Appeals Board and that the case does not hold.
    pub missing: Vec<DossierItemKind>,
    /// The receipt of the disclosure.
    pub recording: Recording,
}

/// A disclosure was not made.
#[derive(Debug, thiserror::Error)]
pub enum DisclosureError {
    /// The viewer may not give a case out.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// It was refused or could not be recorded.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The evidence could not be made.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The same command gave it out before. The log has grown since, if only by that disclosure, so
    /// that the same file is not made again; who needs one more is given one by a new command.
    #[error("the command was carried out before: {0}")]
    CarriedOut(Box<Earlier>),
}

impl From<ReadError> for DisclosureError {
    fn from(error: ReadError) -> Self {
        Self::Record(error.into())
    }
}

impl From<std::io::Error> for DisclosureError {
    fn from(error: std::io::Error) -> Self {
        Self::Bundle(error.into())
    }
}

/// A dossier that is being given out.
struct Giving<'a> {
    order: &'a DisclosureOrder,
    snapshot: &'a Snapshot,
    streams: &'a [Stream],
    resolved: &'a Resolved,
}

/// The bundles that were put in.
#[derive(Default)]
struct Bundles {
    reports: Vec<(StreamId, BundleReport)>,
    /// As the list names them.
    listed: Vec<Value>,
}

/// What of a dossier people read.
struct Readable {
    files: Vec<DocumentFile>,
    /// The page in each language, as the list names it.
    renderings: Vec<Value>,
    pins: Vec<Pin>,
    missing: Vec<DossierItemKind>,
}

impl App {
    /// Writes the dossier of a case while somebody waits for it, then records that it was given
    /// out. Bundles lie in a scratch file meanwhile, one at a time.
    ///
    /// # Errors
    /// [`DisclosureError`]; [`RecordError::Abandoned`] when nobody waits any more. Nothing is
    /// recorded then, and what was written must not be used.
    pub(crate) fn disclose<W: Read + Write + Seek, S: Read + Write + Seek>(
        &self,
        order: &DisclosureOrder,
        viewer: &Viewer,
        out: &mut W,
        scratch: &mut dyn FnMut() -> std::io::Result<S>,
        wanted: &Wanted,
    ) -> Result<Disclosure, DisclosureError> {
        let mac = self.input_mac(&order.input(viewer));
        let resolved = self.admit(order, mac, viewer)?;
        let snapshot = self.snapshot_while(order.wait, wanted)?;
        let streams = self.streams_of_dossier(order.case, snapshot.size())?;
        if let Some(place) = order
            .withhold
            .iter()
            .position(|wish| streams.iter().all(|stream| stream.id != wish.stream))
        {
            return Err(withhold::refused(place, "stream").into());
        }
        let giving = Giving {
            order,
            snapshot: &snapshot,
            streams: &streams,
            resolved: &resolved,
        };
        let mut archive = Archive::new(&mut *out);
        let bundles = self.put_bundles(&giving, &mut archive, scratch)?;
        let events = self.page_events(&streams, snapshot.size())?;
        let readable = self.put_readable(&giving, &events, &mut archive)?;
        let list = self.contents(order.case, &bundles.listed, &readable);
        archive.text("dossier.json", list.to_string().as_bytes())?;
        archive.finish()?;
        let (bytes, sha256) = hash_of(out)?;
        let given = given(&events, &resolved);
        let recording = wait(self.record_attached(
            &order.record(&resolved, given, Some(sha256))?,
            mac,
            &[],
            viewer,
            wanted,
        ))?;
        // Another request with the same command was faster: its file is the one that is on record.
        if recording.repeated {
            return Err(DisclosureError::CarriedOut(Box::new(
                self.earlier(order, &recording)?,
            )));
        }
        Ok(Disclosure {
            sha256,
            bytes,
            bundles: bundles.reports,
            pins: readable.pins,
            missing: readable.missing,
            recording,
        })
    }

    /// Puts the bundles in, each through a scratch file.
    fn put_bundles<W: Write + Seek, S: Read + Write + Seek>(
        &self,
        giving: &Giving<'_>,
        archive: &mut Archive<W>,
        scratch: &mut dyn FnMut() -> std::io::Result<S>,
    ) -> Result<Bundles, DisclosureError> {
        let Giving {
            order,
            snapshot,
            streams,
            resolved,
        } = *giving;
        let none = Withheld::default();
        let mut bundles = Bundles::default();
        for stream in streams {
            let withheld = resolved.streams.get(&stream.id).unwrap_or(&none);
            let bundle = BundleOrder {
                stream: stream.id,
                withheld,
                documents: order.documents,
                pinned: &[],
            };
            let mut file = scratch()?;
            let report = self.write_bundle(snapshot, &bundle, &mut file)?;
            file.seek(SeekFrom::Start(0))?;
            let path = format!("bundles/{}.zip", stream.id);
            let (_, hash) = archive.stream(&path, &mut || piece(&mut file))?;
            bundles.listed.push(json!({ "file": path, "role": stream.role(order.case), "sha256": hash.to_hex(), "stream": stream.id.to_string() }));
            bundles.reports.push((stream.id, report));
        }
        Ok(bundles)
    }

    /// Puts in what people read: the documents, and the page in both languages.
    fn put_readable<W: Write + Seek>(
        &self,
        giving: &Giving<'_>,
        events: &[PageEvent],
        archive: &mut Archive<W>,
    ) -> Result<Readable, DisclosureError> {
        let Giving {
            order,
            snapshot,
            resolved,
            ..
        } = *giving;
        let files = if order.documents {
            self.put_documents(archive, events, resolved)?
        } else {
            Vec::new()
        };
        let reading = self.read(
            order.case,
            ReadingPoint {
                known: Known::Position(snapshot.size().get()),
                ..ReadingPoint::default()
            },
        )?;
        let reading = reading.as_deref();
        let appeals = reading.map(appeals).unwrap_or_default();
        let pins = pins(&appeals, reading);
        let (chapters, missing) = match order.kind {
            DisclosureKind::BoardDossier => (chapters(&appeals), missing(&appeals)),
            _ => (Vec::new(), Vec::new()),
        };
        let page = Page {
            log: LogState {
                origin: &self.layout().origin(),
                size: snapshot.size(),
                root: snapshot.root(),
                witnessed: snapshot.witnessed(),
            },
            case: order.case,
            recipient: order.recipient.as_str(),
            events,
            withheld: &resolved.streams,
            chapters: &chapters,
            pins: &pins,
            files: &files,
        };
        let mut renderings = Vec::new();
        for language in Language::ALL {
            let (path, text) = (format!("{}.html", language.code()), page.render(language));
            archive.text(&path, text.as_bytes())?;
            renderings.push(json!({ "file": path, "language": language.code(), "sha256": sha256(text.as_bytes()).to_hex() }));
        }
        Ok(Readable {
            files,
            renderings,
            pins,
            missing,
        })
    }

    /// The list of what the file holds.
    fn contents(&self, case: StreamId, bundles: &[Value], readable: &Readable) -> Value {
        json!({
            "format": "sag-dossier/1", "origin": self.layout().origin(), "case": case.to_string(), "bundles": bundles,
            "documents": readable.files.iter().map(|file| json!({ "file": file.path, "sha256": file.sha256.to_hex() })).collect::<Vec<_>>(),
            "renderings": readable.renderings,
            "pins": readable.pins.iter().map(|pin| json!({
                "event": pin.event.to_string(), "position": pin.index, "what": if pin.complaint { "complaint" } else { "decision" },
            })).collect::<Vec<_>>(),
        })
    }

    /// Says what would keep a case from being given out, before anything is read or written for it.
    fn admit(
        &self,
        order: &DisclosureOrder,
        mac: [u8; 32],
        viewer: &Viewer,
    ) -> Result<Resolved, DisclosureError> {
        if let Some(before) = self.repeated(order.command, mac, Said::Kind("DisclosureMade"))? {
            return Err(DisclosureError::CarriedOut(Box::new(
                self.earlier(order, &before)?,
            )));
        }
        let resolved = self.resolve_withheld(&order.withhold)?;
        self.would_record(&order.record(&resolved, Vec::new(), None)?, viewer)?;
        Ok(resolved)
    }
}

/// The next piece of a scratch file.
fn piece(file: &mut impl Read) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, BundleError> {
    let mut bytes = zeroize::Zeroizing::new(vec![0; 64 * 1024]);
    let read = file.read(&mut bytes)?;
    bytes.truncate(read);
    Ok((read > 0).then_some(bytes))
}

fn hash_of<W: Read + Seek>(out: &mut W) -> Result<(u64, Hash), DisclosureError> {
    out.seek(SeekFrom::Start(0))?;
    let (mut hasher, mut bytes, mut piece) = (Hasher::default(), 0, vec![0; 64 * 1024]);
    loop {
        let read = out.read(&mut piece)?;
        let Some(read) = piece.get(..read).filter(|read| !read.is_empty()) else {
            return Ok((bytes, hasher.finish()));
        };
        hasher.update(read);
        bytes += read.len() as u64;
    }
}
