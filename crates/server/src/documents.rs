//! Documents over HTTP: one request files one, another hands its bytes out. Both are streamed, a
//! chunk or two at a time.
//!
//! It moves bytes and sets headers. What a request means is read by `api/rest/documents.rs`; what is
//! taken and who may read is decided by `app/commands/document.rs`.

use std::io::{self, Read};
use std::pin::Pin;
use std::time::Duration;

use api::error::UserError;
use api::fault::FaultCode;
use api::rest::documents::{answer, not_allowed, order, stream, too_large};
use api::rest::outcome::{Answer, Outcome, failed, refused};
use api::user_error_code::UserErrorCode;
use app::commands::document::OpenDocument;
use app::commands::document::media::MediaType;
use app::error::ReadError;
use app::public_log::PublicLog;
use app::session::Session;
use app::wanted::Wanted;
use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT,
    LOCATION, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use http_body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;

use crate::answers::respond;
use crate::leaving::{self, disposition};
use crate::pools::{Busy, Places};
use crate::query_string::parameters;
use crate::settings::Settings;

/// The most documents that come in at the same time, and the most that go out. Each holds a few chunks
/// in memory.
const TRANSFERS_MAX: usize = 8;
/// The most documents of each kind that wait for their turn beside them.
const TRANSFERS_WAITING_MAX: usize = 32;
/// Pieces of a request body that wait to be read.
const PIECES_WAITING: usize = 4;

/// Filing and handing out.
pub(crate) struct Documents {
    log: PublicLog,
    document_bytes_max: u64,
    stall: Duration,
    arriving: Places,
    leaving: Places,
}

/// The same whether there is no such document, it is erased, or it is not for this viewer.
fn not_found() -> Response {
    respond(&failed("there is no such document", FaultCode::NotFound))
}

fn unreadable() -> Response {
    respond(&failed("the record could not be read", FaultCode::Internal))
}

/// A part of a request body on its way to the use case.
enum Piece {
    Bytes(Bytes),
    End,
}

/// The request body as the use case reads it.
struct Arriving {
    pieces: mpsc::Receiver<Piece>,
    current: Bytes,
    ended: bool,
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.ended {
            match self.pieces.blocking_recv() {
                Some(Piece::Bytes(bytes)) => self.current = bytes,
                Some(Piece::End) => self.ended = true,
                None => {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "the request was broken off",
                    ));
                }
            }
        }
        let count = buffer.len().min(self.current.len());
        let taken = self.current.split_to(count);
        if let Some(room) = buffer.get_mut(..count) {
            room.copy_from_slice(&taken);
        }
        Ok(count)
    }
}

/// The next bytes of a body; null at its end.
async fn next(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    loop {
        match std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await? {
            Ok(frame) => {
                if let Ok(bytes) = frame.into_data() {
                    return Some(Ok(bytes));
                }
            }
            Err(error) => return Some(Err(error)),
        }
    }
}

/// Hands the body to the use case; stops early when that has seen enough, or the body is given up.
async fn hand_over(body: &mut Body, pieces: mpsc::Sender<Piece>) {
    loop {
        let piece = match next(body).await {
            Some(Ok(bytes)) => Piece::Bytes(bytes),
            Some(Err(_)) => return,
            None => Piece::End,
        };
        let last = matches!(piece, Piece::End);
        if pieces.send(piece).await.is_err() || last {
            return;
        }
    }
}

/// Reads what is left of a refused body, within bounds: a client that is still writing would miss
/// the answer if the connection were closed under it.
pub(crate) async fn drain(body: &mut Body, most: u64, stall: Duration) {
    let mut read = 0;
    let reading = async {
        while let Some(Ok(bytes)) = next(body).await {
            read += bytes.len() as u64;
            if read > most {
                break;
            }
        }
    };
    if timeout(stall, reading).await.is_err() {
        tracing::debug!("a refused body was not read to its end");
    }
}

/// The name that a document is saved under where nothing else is said.
fn name_of(document: &OpenDocument) -> String {
    let ending = MediaType::named(document.media_type.as_str()).map_or("bin", MediaType::ending);
    let own = document
        .file_name
        .as_ref()
        .map(|name| name.as_str().to_owned());
    own.unwrap_or_else(|| format!("document-{}.{ending}", document.event))
}

impl Documents {
    pub(crate) fn new(log: PublicLog, settings: &Settings) -> Self {
        let places = || Places::new(TRANSFERS_MAX, TRANSFERS_WAITING_MAX);
        let (document_bytes_max, stall) = (settings.document_bytes_max, settings.limits.stall);
        Self {
            log,
            document_bytes_max,
            stall,
            arriving: places(),
            leaving: places(),
        }
    }

    /// From now on none is begun.
    pub(crate) fn close(&self) {
        self.arriving.close();
        self.leaving.close();
    }

    /// Waits for its turn; the peer waits too, because nothing of its body is read meanwhile.
    async fn transfer(&self, places: &Places) -> Result<OwnedSemaphorePermit, Busy> {
        places.enter(Busy::Full, self.stall).await
    }

    fn busy(busy: Busy) -> Response {
        let mut response = respond(&failed(&busy.to_string(), FaultCode::Busy));
        response
            .headers_mut()
            .insert(RETRY_AFTER, axum::http::HeaderValue::from_static("5"));
        response
    }

    /// Files the document in a request body.
    pub(crate) async fn file(
        &self,
        session: Session,
        case: &str,
        query: Option<&str>,
        headers: &HeaderMap,
        mut body: Body,
    ) -> Response {
        let answered = match self.admit(case, query, headers) {
            Ok(order) => {
                let transfer = match self.transfer(&self.arriving).await {
                    Ok(transfer) => transfer,
                    Err(busy) => return Self::busy(busy),
                };
                let (sender, pieces) = mpsc::channel(PIECES_WAITING);
                let (wanted, _present) = Wanted::by_client();
                let session = session.while_wanted(wanted);
                let filing = tokio::task::spawn_blocking(move || {
                    // Held as long as the work lasts, also when its client has gone.
                    let _transfer = transfer;
                    let mut source = Arriving {
                        pieces,
                        current: Bytes::new(),
                        ended: false,
                    };
                    session.file_document(&order, &mut source)
                });
                hand_over(&mut body, sender).await;
                match filing.await {
                    Ok(outcome) => answer(outcome),
                    Err(_) => failed("the document could not be filed", FaultCode::Internal),
                }
            }
            Err(answered) => *answered,
        };
        let waits_to_send = headers.contains_key(EXPECT);
        let broken_off = answered.outcome == Outcome::Refused(UserErrorCode::DocumentIncomplete);
        if matches!(answered.outcome, Outcome::Refused(_) | Outcome::Failed(_))
            && !waits_to_send
            && !broken_off
        {
            drain(&mut body, self.document_bytes_max, self.stall).await;
        }
        let mut response = respond(&answered);
        if let Outcome::Recorded(receipt) | Outcome::Repeated(receipt) = &answered.outcome
            && let Ok(place) = format!("/documents/{}/{}", receipt.stream, receipt.event).parse()
        {
            response.headers_mut().insert(LOCATION, place);
        }
        response
    }

    /// What can be said about a request without its body.
    fn admit(
        &self,
        case: &str,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<app::commands::document::DocumentOrder, Box<Answer>> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let misfit =
            |argument: &str, rule: &str| Box::new(refused(UserError::misfit(argument, rule)));
        let municipality = self.log.municipality();
        let stream = stream(municipality, case)
            .ok_or_else(|| misfit("stream", "must be the id of a case or notification"))?;
        let given = parameters(query.unwrap_or_default())
            .ok_or_else(|| misfit("query", "must be percent-encoded UTF-8"))?;
        let stated = text(CONTENT_TYPE).unwrap_or_default().to_owned();
        let order = order(stream, &given, Some(stated), self.document_bytes_max)
            .map_err(|error| Box::new(refused(error)))?;
        if text(CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"))
        {
            return Err(Box::new(not_allowed()));
        }
        let size: Option<u64> = text(CONTENT_LENGTH).and_then(|size| size.parse().ok());
        if size.is_some_and(|size| size > self.document_bytes_max) {
            return Err(Box::new(too_large()));
        }
        Ok(order)
    }

    /// Hands the bytes of a document out.
    pub(crate) async fn get(&self, session: Session, case: &str, event: &str) -> Response {
        let stream = stream(self.log.municipality(), case);
        let (Some(stream), Ok(event_id)) = (stream, event.parse()) else {
            return not_found();
        };
        let transfer = match self.transfer(&self.leaving).await {
            Ok(transfer) => transfer,
            Err(busy) => return Self::busy(busy),
        };
        let reading = session.clone();
        let opened =
            tokio::task::spawn_blocking(move || reading.open_document(stream, event_id)).await;
        let mut document = match opened {
            Ok(Ok(Some(document))) => document,
            Ok(Ok(None)) => return not_found(),
            Ok(Err(ReadError::Forbidden(_))) => {
                return respond(&failed("not permitted", FaultCode::Forbidden));
            }
            Ok(Err(error)) => {
                tracing::error!(error = ?error, "a document could not be opened");
                return unreadable();
            }
            Err(_) => return unreadable(),
        };
        let (size, name) = (document.size, disposition(&name_of(&document)));
        let media_type = match MediaType::named(document.media_type.as_str()) {
            Some(MediaType::Text) => "text/plain; charset=utf-8",
            Some(known) => known.name(),
            None => "application/octet-stream",
        };
        let body = leaving::body(size, self.stall, move || {
            let _transfer = &transfer;
            Ok::<_, ReadError>(
                session
                    .next_chunk(&mut document)?
                    .map(|mut chunk| std::mem::take(&mut *chunk).into()),
            )
        });
        let headers = [
            (CONTENT_TYPE, media_type.to_owned()),
            (CONTENT_LENGTH, size.to_string()),
            (CONTENT_DISPOSITION, name),
            (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (CACHE_CONTROL, "no-store".to_owned()),
        ];
        (headers, body).into_response()
    }
}
