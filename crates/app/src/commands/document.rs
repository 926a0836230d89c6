//! Filing a document and reading it again, chunk by chunk: neither ever lies in memory as a whole.
//!
//! What stands in a document is not looked at beyond its type.

pub mod media;
pub mod scratch;

use std::io::{self, Read};

use domain::refusal::RefusalCode;
use events::document::{DocumentContent, DocumentFiled};
use events::event::Event;
use events::ids::{CommandId, EventId, StreamId};
use events::meta::Meta;
use events::person::PersonRef;
use events::personal::Personal;
use events::spec::StreamKind;
use events::text::{Digest, FileName, Line, Short};
use record::attachment::{self, CHUNK_BYTES, Join, Sum};
use record::hash::Hash;
use record::opening::PartSource;
use record::positions::LogIndex;
use store::log_store::{BLOB_COUNT_MAX, LogStore, StoredBlob};
use zeroize::Zeroizing;

use crate::access::viewer::Viewer;
use crate::app::App;
use crate::commands::document::media::content::Look;
use crate::commands::document::media::{MediaType, agreed};
use crate::commands::record::{Order, Recording};
use crate::entropy::{OsEntropy, fresh};
use crate::error::{BoxError, ReadError, RecordError};
use crate::log::content::prepared::Attachment;
use crate::waiting::wait;
use crate::wanted::Wanted;

/// The largest document that is taken where nothing else is said, in bytes.
pub const DOCUMENT_BYTES_DEFAULT: u64 = 100_000_000;
/// The largest document that an entry can hold, in bytes: its blobs less those of two parts.
pub const DOCUMENT_BYTES_MAX: u64 = (BLOB_COUNT_MAX as u64 - 2) * CHUNK_BYTES as u64;

/// An order to file a document.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentOrder {
    /// Chosen by the client; the same id with the same input always answers the same receipt.
    pub command: CommandId,
    /// Id of the event, where the client chooses it.
    pub event: Option<EventId>,
    /// The case or notification.
    pub stream: StreamId,
    /// The circumstances.
    pub meta: Meta,
    /// Title, without names.
    pub title: Line,
    /// The one person that it is about.
    pub about: Option<PersonRef>,
    /// Name of the file as it was received.
    pub file_name: Option<FileName>,
    /// The media type that its sender states, as a `Content-Type` writes it.
    pub stated: Option<String>,
    /// The largest size taken, in bytes.
    pub bytes_max: u64,
}

/// A document that is being read.
#[derive(Debug)]
pub struct OpenDocument {
    /// Its title.
    pub title: Line,
    /// Name of the file as it was received; none when it was not stated or is gone.
    pub file_name: Option<FileName>,
    /// Its media type.
    pub media_type: Short,
    /// Its size in bytes.
    pub size: u64,
    /// The event, which is the document's id.
    pub event: EventId,
    index: LogIndex,
    numbers: std::vec::IntoIter<u16>,
    join: Join,
}

fn refused(code: RefusalCode) -> RecordError {
    RecordError::refused(code, DocumentFiled::CONTENT)
}

/// Chunks that wait for their event; those that none took are destroyed with this.
struct Staged<'a> {
    log: &'a dyn LogStore,
    attachments: Vec<Attachment>,
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        for attachment in &self.attachments {
            if let Err(error) = self.log.unstage(&attachment.blob) {
                tracing::warn!(%error, "a chunk that no event took stays until the log is opened again");
            }
        }
    }
}

/// What a document turned out to be.
struct Received {
    size: u64,
    hash: Hash,
    media_type: MediaType,
    chunks: u16,
}

/// Takes a chunk by its number, from 0.
type Keep<'a> = &'a mut dyn FnMut(u16, &[u8]) -> Result<(), RecordError>;

/// Reads a document to its end and hands each chunk on.
fn receive(
    order: &DocumentOrder,
    source: &mut dyn Read,
    keep: Keep<'_>,
) -> Result<Received, RecordError> {
    let bytes_max = order.bytes_max.min(DOCUMENT_BYTES_MAX);
    let stated = match &order.stated {
        None => None,
        Some(stated) => Some(
            MediaType::stated(stated).ok_or_else(|| refused(RefusalCode::MediaTypeNotAllowed))?,
        ),
    };
    let (mut sum, mut look, mut chunks) = (Sum::default(), Look::default(), 0);
    // A little more than a chunk, so that reading to the end of one never moves its bytes.
    let mut chunk = Zeroizing::new(Vec::with_capacity(CHUNK_BYTES + 64));
    loop {
        chunk.clear();
        io::Read::take(&mut *source, CHUNK_BYTES as u64)
            .read_to_end(&mut chunk)
            .map_err(RecordError::Incomplete)?;
        if chunk.is_empty() {
            break;
        }
        sum.add(&chunk);
        if sum.size() > bytes_max {
            return Err(refused(RefusalCode::DocumentTooLarge));
        }
        look.take(&chunk);
        // What is wrong from the beginning on need not be read to its end.
        agreed(stated, look.found()).map_err(refused)?;
        keep(chunks, &chunk)?;
        chunks += 1;
        if chunk.len() < CHUNK_BYTES {
            break;
        }
    }
    if chunks == 0 {
        return Err(refused(RefusalCode::DocumentEmpty));
    }
    let media_type = agreed(stated, look.finish()).map_err(refused)?;
    Ok(Received {
        size: sum.size(),
        hash: sum.hash(),
        media_type,
        chunks,
    })
}

impl DocumentOrder {
    /// The fact that it becomes.
    fn facts(&self, content: DocumentContent) -> Event {
        Event::DocumentFiled(DocumentFiled {
            title: self.title.clone(),
            about: self.about,
            file_name: self.file_name.clone().map(Personal::Known),
            content: Personal::Known(content),
        })
    }

    fn order(&self, event: Option<EventId>, content: DocumentContent) -> Order {
        Order {
            command: self.command,
            event,
            stream: Some(self.stream),
            expected_version: None,
            also: Vec::new(),
            meta: self.meta.clone(),
            facts: self.facts(content),
        }
    }
}

/// What a document says of itself.
fn content(first: u16, received: &Received) -> Result<DocumentContent, BoxError> {
    Ok(DocumentContent {
        blobs: (first..first + received.chunks).collect(),
        size: received.size,
        media_type: Short::new(received.media_type.name())?,
        sha256: Digest::new(received.hash.to_b64u())?,
    })
}

impl App {
    /// Files a document while somebody waits for the outcome: reads it to its end, encrypts it
    /// chunk by chunk, and records it. Nothing of it stays when that fails, or when it does not
    /// arrive whole.
    ///
    /// A repeated command reads the document too, to tell whether it is the same one.
    ///
    /// # Errors
    /// [`RecordError`]; [`RecordError::Abandoned`] when nobody waits any more.
    pub(crate) fn file_document(
        &self,
        order: &DocumentOrder,
        source: &mut dyn Read,
        viewer: &Viewer,
        wanted: &Wanted,
    ) -> Result<Recording, RecordError> {
        let unknown = Received {
            size: 1,
            hash: Hash::ZERO,
            media_type: MediaType::Text,
            chunks: 1,
        };
        let placeholder = content(1, &unknown).map_err(RecordError::NotWritten)?;
        let parts =
            order
                .facts(placeholder.clone())
                .encode(&order.meta, &viewer.actor, StreamKind::Case);
        let first = u16::try_from(parts.map_err(RecordError::not_written)?.parts.len())
            .map_err(RecordError::not_written)?;
        let repeated = self
            .log
            .command(order.command.uuid())
            .map_err(ReadError::from)?
            .is_some();
        if !repeated {
            self.would_record(&order.order(order.event, placeholder), viewer)?;
            if let Some(used) = order.event
                && self
                    .log
                    .event_index(used.uuid())
                    .map_err(ReadError::from)?
                    .is_some()
            {
                return Err(RecordError::EventIdUsed(used));
            }
        }
        let event = order.event.unwrap_or_else(fresh);
        let subject = order
            .about
            .map_or_else(|| order.stream.uuid(), |about| about.person.uuid());
        let mut staged = Staged {
            log: &*self.log,
            attachments: Vec::new(),
        };
        let mut keep = |number: u16, chunk: &[u8]| -> Result<(), RecordError> {
            if repeated {
                return Ok(());
            }
            let chunk = attachment::commit(chunk, event.uuid(), first + number, &mut OsEntropy)
                .map_err(RecordError::not_written)?;
            let blob = self
                .log
                .stage(chunk.blob)
                .map_err(RecordError::not_written)?;
            staged.attachments.push(Attachment {
                blob,
                hash: chunk.blob_hash,
                key: chunk.key,
                subject,
            });
            Ok(())
        };
        let received = receive(order, source, &mut keep)?;
        let content = content(first, &received).map_err(RecordError::NotWritten)?;
        // The hash of the input is that of what the client gave, so that repeating finds it.
        let mac = self.order_mac(&order.order(order.event, content.clone()), viewer)?;
        wait(self.record_attached(
            &order.order(Some(event), content),
            mac,
            &staged.attachments,
            viewer,
            wanted,
        ))
    }

    /// Begins to read a document; none when there is no such document in the stream, or it is
    /// erased.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn open_document(
        &self,
        stream: StreamId,
        event: EventId,
    ) -> Result<Option<OpenDocument>, ReadError> {
        let Some(reading) = self.read(stream, domain::reading::ReadingPoint::default())? else {
            return Ok(None);
        };
        let Some(read) = reading.event(event).filter(|read| read.stream == stream) else {
            return Ok(None);
        };
        let Some(Event::DocumentFiled(now)) = read.fact().map(|shown| &shown.facts) else {
            return Ok(None);
        };
        // No correction says what the chunks are.
        let Some(Event::DocumentFiled(filed)) = read
            .original
            .as_deref()
            .or(read.fact())
            .map(|shown| &shown.facts)
        else {
            return Ok(None);
        };
        let Some(content) = filed.content.known() else {
            return Ok(None);
        };
        let index = LogIndex::new(read.index);
        let damaged = |source: BoxError| ReadError::Damaged { index, source };
        let stored = self
            .log
            .entry(index)?
            .ok_or_else(|| damaged("the entry is missing".into()))?;
        for number in &content.blobs {
            match stored.blobs.get(usize::from(*number)) {
                Some(StoredBlob::Here(_) | StoredBlob::Apart) => {}
                Some(StoredBlob::Gone) => return Ok(None),
                None => return Err(damaged("a chunk is not one of its blobs".into())),
            }
        }
        let hash =
            Hash::parse_b64u(content.sha256.as_str()).map_err(|error| damaged(error.into()))?;
        let join = Join::new(content.size, hash, content.blobs.len())
            .map_err(|error| damaged(error.into()))?;
        Ok(Some(OpenDocument {
            title: now.title.clone(),
            file_name: now.file_name.as_ref().and_then(Personal::known).cloned(),
            media_type: content.media_type.clone(),
            size: content.size,
            index,
            event,
            numbers: content.blobs.clone().into_iter(),
            join,
        }))
    }

    /// The next chunk; none behind the last one. The last one is handed out only when the whole
    /// has the size and the hash that were recorded.
    ///
    /// # Errors
    /// [`ReadError`]; [`ReadError::ErasedMeanwhile`] when the document was erased since it was
    /// opened.
    pub(crate) fn next_chunk(
        &self,
        document: &mut OpenDocument,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, ReadError> {
        let Some(number) = document.numbers.next() else {
            return Ok(None);
        };
        let (index, event) = (document.index, document.event.uuid());
        let damaged = |source: BoxError| ReadError::Damaged { index, source };
        let chunk = self.epoch.reading(|| {
            let blob = self
                .log
                .blob(index, number)?
                .ok_or(ReadError::ErasedMeanwhile { index })?;
            let key = self
                .keyring
                .part(event, number)?
                .ok_or(ReadError::KeyMissing {
                    index,
                    part: number,
                })?;
            attachment::open(
                PartSource {
                    blob: &blob,
                    key: &key,
                },
                event,
                number,
            )
            .map_err(|error| damaged(error.into()))
        })?;
        document
            .join
            .take(&chunk)
            .map_err(|error| damaged(error.into()))?;
        Ok(Some(chunk))
    }
}
