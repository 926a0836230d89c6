//! A disclosure: a case given out whole, with the evidence of every stream that belongs to it, its
//! documents, and a page to read. What was withheld, on which section and why, is recorded with it.

mod order;
mod page;
mod withhold;
mod words;

use std::io::{Read, Seek, SeekFrom, Write};

use domain::reading::{Known, Reading, ReadingPoint};
use domain::views::appeal::{Appeals, appeals};
use events::access::DisclosureKind;
use events::appeal::DossierItemKind;
use events::ids::{EventId, StreamId};
use events::meta::EventRef;
use events::spec::StreamKind;
use record::hash::{Hash, Hasher, sha256};
use record::positions::{LogIndex, Seq, Size};
use serde_json::{Value, json};

pub use self::order::{DisclosureOrder, Earlier};
use self::page::{Chapter, Page, PageEvent};
pub use self::withhold::{Resolved, Suggestion, Withhold};
pub use self::words::Language;
use crate::access::rights::Forbidden;
use crate::access::viewer::Viewer;
use crate::app::App;
use crate::commands::document::media::MediaType;
use crate::commands::record::{Recording, Said};
use crate::error::{ReadError, RecordError};
use crate::evidence::bundle::bag::Archive;
use crate::evidence::bundle::{BundleError, BundleOrder, BundleReport, Snapshot, Withheld};
use crate::log::content;
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

/// A document in the dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocumentFile {
    path: String,
    title: String,
    sha256: Hash,
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

/// A stream of the dossier.
struct Stream {
    id: StreamId,
    kind: StreamKind,
}

const fn role(kind: StreamKind) -> &'static str {
    match kind {
        StreamKind::Notification => "notification",
        StreamKind::Person => "person",
        _ => "case",
    }
}

impl App {
    /// What of a case is often withheld. Nothing is withheld because of it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn suggest_withholding(&self, case: StreamId) -> Result<Vec<Suggestion>, ReadError> {
        self.epoch.reading(|| {
            let mut found = Vec::new();
            for stream in self.streams_of_dossier(case, self.size())? {
                for event in self.opened(stream.id)? {
                    let id = content::event_id(event.envelope.event_id, event.envelope.index)?;
                    if let Some(raw) = &event.raw {
                        found.extend(withhold::suggestions(stream.id, id, raw));
                    }
                }
            }
            Ok(found)
        })
    }

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
        let recording = self.record_attached(
            &order.record(&resolved, given, Some(sha256))?,
            mac,
            &[],
            viewer,
            wanted,
        )?;
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
            bundles.listed.push(json!({ "file": path, "role": role(stream.kind), "sha256": hash.to_hex(), "stream": stream.id.to_string() }));
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
        let appeals = reading.as_ref().map(appeals).unwrap_or_default();
        let pins = pins(&appeals, reading.as_ref());
        let (chapters, missing) = match order.kind {
            DisclosureKind::BoardDossier => (chapters(&appeals), missing(&appeals)),
            _ => (Vec::new(), Vec::new()),
        };
        let page = Page {
            snapshot,
            origin: &self.layout().origin(),
            case: order.case,
            recipient: order.recipient.as_str(),
            events,
            withheld: &resolved.streams,
            chapters: &chapters,
            pins: &pins,
            files: &files,
        };
        let mut renderings = Vec::new();
        for language in [Language::Danish, Language::English] {
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

    /// The streams that belong to a case: itself, its notifications and the people in it. Cases of
    /// others, of which single facts are referenced, are not given out with it.
    fn streams_of_dossier(&self, case: StreamId, size: Size) -> Result<Vec<Stream>, ReadError> {
        let point = ReadingPoint {
            known: Known::Position(size.get()),
            ..ReadingPoint::default()
        };
        let (_, looked) = self.reader.reach(case, &point, true)?;
        let mut streams = vec![Stream {
            id: case,
            kind: StreamKind::Case,
        }];
        for id in looked.into_iter().filter(|id| *id != case) {
            let Some(kind) = self
                .reader
                .kind(id)?
                .filter(|kind| matches!(kind, StreamKind::Notification | StreamKind::Person))
            else {
                continue;
            };
            let first = self.log.stream_page(id.uuid(), Seq::FIRST, 1)?;
            if first.first().is_some_and(|entry| size.holds(entry.index)) {
                streams.push(Stream { id, kind });
            }
        }
        streams.sort_by_key(|stream| (stream.id != case, role(stream.kind), stream.id));
        Ok(streams)
    }

    fn page_events(&self, streams: &[Stream], size: Size) -> Result<Vec<PageEvent>, ReadError> {
        let mut events = Vec::new();
        for stream in streams {
            let opened = self.epoch.reading(|| self.opened(stream.id))?;
            for opened in opened
                .into_iter()
                .filter(|opened| size.holds(opened.envelope.index))
            {
                let envelope = opened.envelope;
                events.push(PageEvent {
                    stream: stream.id,
                    kind: stream.kind,
                    index: envelope.index,
                    seq: envelope.seq,
                    event: content::event_id(envelope.event_id, envelope.index)?,
                    payload: envelope.payload,
                    recorded_at: content::instant(envelope.recorded_at),
                    raw: opened.raw,
                });
            }
        }
        events.sort_by_key(PageEvent::order);
        Ok(events)
    }

    /// Puts the documents in, under names that people can read.
    fn put_documents<W: Write + Seek>(
        &self,
        archive: &mut Archive<W>,
        events: &[PageEvent],
        resolved: &Resolved,
    ) -> Result<Vec<DocumentFile>, DisclosureError> {
        let mut files: Vec<DocumentFile> = Vec::new();
        for event in events {
            let Some((digest, sha256)) = event.raw.as_ref().and_then(content::document_in) else {
                continue;
            };
            let withheld = resolved.streams.get(&event.stream);
            let hidden = |digest| {
                withheld.is_some_and(|withheld| withheld.reason(event.event, digest).is_some())
            };
            if hidden(&digest)
                || hidden(&event.payload)
                || files.iter().any(|file| file.sha256 == sha256)
            {
                continue;
            }
            let Some(mut document) = self.open_document(event.stream, event.event)? else {
                continue;
            };
            let path = format!(
                "documents/{}-{}",
                sha256.to_hex(),
                file_name(document.title.as_str(), document.media_type.as_str())
            );
            archive.stream(&path, &mut || {
                self.next_chunk(&mut document).map_err(BundleError::from)
            })?;
            files.push(DocumentFile {
                path,
                title: document.title.as_str().to_owned(),
                sha256,
            });
        }
        Ok(files)
    }
}

/// The events that were given, apart from those withheld as a whole and those erased.
fn given(events: &[PageEvent], resolved: &Resolved) -> Vec<EventRef> {
    let whole = |event: &PageEvent| {
        resolved
            .streams
            .get(&event.stream)
            .is_some_and(|known| known.reason(event.event, &event.payload).is_some())
    };
    let shown = events
        .iter()
        .filter(|event| event.raw.is_some() && !whole(event));
    shown
        .map(|event| EventRef {
            stream: event.stream,
            event: event.event,
        })
        .collect()
}

/// Positions of the newest complaint and of the decision that it is about.
fn pins(appeals: &Appeals, reading: Option<&Reading>) -> Vec<Pin> {
    let Some(appeal) = appeals.appeals.last() else {
        return Vec::new();
    };
    let place = |event, complaint| {
        let read = reading?.event(event)?;
        Some(Pin {
            event,
            index: LogIndex::new(read.index),
            complaint,
        })
    };
    [place(appeal.decision, false), place(appeal.complaint, true)]
        .into_iter()
        .flatten()
        .collect()
}

/// What the Appeals Board is always sent, in its order.
fn chapters(appeals: &Appeals) -> Vec<Chapter> {
    let of = |danish, english, kinds: &[DossierItemKind]| Chapter {
        danish,
        english,
        events: appeals
            .file
            .iter()
            .filter(|item| item.kind.is_some_and(|kind| kinds.contains(&kind)))
            .map(|item| item.event.event)
            .collect(),
    };
    vec![
        of("Afgørelsen", "The decision", &[DossierItemKind::Decision]),
        of("Klagen", "The complaint", &[DossierItemKind::Complaint]),
        of(
            "Genvurderingen",
            "The re-evaluation",
            &[DossierItemKind::Reassessment],
        ),
        of(
            "Journalnotater",
            "Journal notes",
            &[DossierItemKind::JournalNotes],
        ),
        of(
            "Partshøring og svar",
            "Party hearing and answers",
            &[DossierItemKind::PartyHearing],
        ),
        of(
            "Øvrig korrespondance",
            "Other correspondence",
            &[DossierItemKind::Correspondence],
        ),
        of(
            "Forsendelseslog",
            "Log of delivery",
            &[DossierItemKind::DeliveryLog],
        ),
        of(
            "Andre dokumenter",
            "Other documents",
            &[DossierItemKind::BoardForm, DossierItemKind::Other],
        ),
    ]
}

fn missing(appeals: &Appeals) -> Vec<DossierItemKind> {
    appeals
        .appeals
        .last()
        .map(|appeal| appeal.missing.clone())
        .unwrap_or_default()
}

/// A file name that every system takes: letters, digits and hyphens of the title.
fn file_name(title: &str, media_type: &str) -> String {
    let name: String = title
        .chars()
        .map(|sign| if sign.is_alphanumeric() { sign } else { '-' })
        .take(60)
        .collect();
    let ending = MediaType::named(media_type).map_or("bin", MediaType::ending);
    format!("{}.{ending}", name.trim_matches('-'))
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
