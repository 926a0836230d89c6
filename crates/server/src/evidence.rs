//! Evidence over HTTP: bundles of one stream, and cases given out as dossiers.
//!
//! A file is put together whole before a byte of it leaves, in scratch files that only the running
//! program can read and that have no name. A client that goes away ends the work: what is not
//! recorded by then is not recorded.
//!
//! It lends the file and hands it out. What a request means is read by `api/rest/evidence.rs`; what a
//! file holds is decided by `app/evidence.rs`.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::time::Duration;

use api::error::UserError;
use api::fault::FaultCode;
use api::rest::evidence::bundle_request::bundle_request;
use api::rest::evidence::dossier_order::dossier_order;
use api::rest::evidence::no_file::{busy, no_bundle, no_dossier, no_json};
use api::rest::outcome::{Answer, all_refused, failed};
use app::commands::document::scratch::Scratch;
use app::evidence::bundle::{BundleOrder, BundleReport, Withheld};
use app::public_log::PublicLog;
use app::session::Session;
use app::wanted::Wanted;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::answers::respond;
use crate::leaving::{self, disposition};
use crate::query_string::parameters;

/// The longest order for a dossier, in bytes: some thousand things withheld.
pub(crate) const ORDER_BYTES_MAX: usize = 1024 * 1024;
/// The most files that are made or on their way at the same time.
const FILES_MAX: usize = 4;
/// Bytes of a file that travel at once.
const PIECE: usize = 64 * 1024;

/// SHA-256 of the whole file, in hexadecimal digits.
const SHA256: HeaderName = HeaderName::from_static("sagsspor-sha256");
/// The event that records a disclosure.
const EVENT: HeaderName = HeaderName::from_static("sagsspor-event");
/// Its index in the log.
const POSITION: HeaderName = HeaderName::from_static("sagsspor-position");
/// Size of the checkpoint that the evidence is proven against.
const SIZE: HeaderName = HeaderName::from_static("sagsspor-size");
/// Whether witnesses have cosigned that checkpoint.
const WITNESSED: HeaderName = HeaderName::from_static("sagsspor-witnessed");
/// What the Appeals Board is always sent, and the case does not hold.
const MISSING: HeaderName = HeaderName::from_static("sagsspor-missing");

/// Handing evidence out.
pub(crate) struct Evidence {
    log: PublicLog,
    files: Arc<Semaphore>,
    stall: Duration,
}

/// A scratch file as long as somebody waits for what it will hold.
struct Draft {
    scratch: Scratch,
    wanted: Wanted,
}

impl Draft {
    fn begin(wanted: &Wanted) -> io::Result<Self> {
        let draft = Self {
            scratch: Scratch::over(tempfile::tempfile()?),
            wanted: wanted.clone(),
        };
        draft.still()?;
        Ok(draft)
    }

    fn still(&self) -> io::Result<()> {
        if self.wanted.is_over() {
            Err(io::Error::new(
                io::ErrorKind::BrokenPipe,
                "the client went away",
            ))
        } else {
            Ok(())
        }
    }
}

impl Read for Draft {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.still()?;
        self.scratch.read(buffer)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.still()?;
        self.scratch.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.scratch.flush()
    }
}

impl Seek for Draft {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.scratch.seek(to)
    }
}

/// A file that is ready to leave.
struct Ready {
    scratch: Scratch,
    bytes: u64,
    name: String,
    about: Vec<(HeaderName, String)>,
}

impl Ready {
    fn new(file: Draft, name: String, about: Vec<(HeaderName, String)>) -> io::Result<Self> {
        let mut scratch = file.scratch;
        let bytes = scratch.seek(SeekFrom::End(0))?;
        scratch.seek(SeekFrom::Start(0))?;
        Ok(Self {
            scratch,
            bytes,
            name,
            about,
        })
    }

    fn leave(mut self, turn: OwnedSemaphorePermit, stall: Duration) -> Response {
        let body = leaving::body(self.bytes, stall, move || {
            let _turn = &turn;
            let mut piece = vec![0; PIECE];
            let read = self.scratch.read(&mut piece)?;
            piece.truncate(read);
            Ok::<_, io::Error>((read > 0).then(|| Bytes::from(piece)))
        });
        let headers = [
            (CONTENT_TYPE, "application/zip".to_owned()),
            (CONTENT_LENGTH, self.bytes.to_string()),
            (CONTENT_DISPOSITION, disposition(&self.name)),
            (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (CACHE_CONTROL, "no-store".to_owned()),
        ];
        let mut response = (headers, body).into_response();
        let about = self
            .about
            .into_iter()
            .filter_map(|(name, text)| Some((name, HeaderValue::from_str(&text).ok()?)));
        response.headers_mut().extend(about);
        response
    }
}

/// Boxes an answer: as large as it is, it would make every `Result` large.
fn boxed<E>(tell: fn(E) -> Answer) -> impl FnOnce(E) -> Box<Answer> {
    move |error| Box::new(tell(error))
}

fn no_file(error: io::Error) -> Answer {
    tracing::error!(%error, "a scratch file failed");
    failed("the evidence could not be made", FaultCode::Internal)
}

/// What a bundle is proven against.
fn proven(report: &BundleReport) -> [(HeaderName, String); 2] {
    [
        (SIZE, report.size.to_string()),
        (WITNESSED, report.witnessed.to_string()),
    ]
}

fn refuse(answer: &Answer) -> Response {
    let mut response = respond(answer);
    if answer.passes() {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("10"));
    }
    response
}

/// What a file is made by: from the record, into scratch files.
type Work = Box<dyn FnOnce(&Wanted) -> Result<Ready, Box<Answer>> + Send>;

impl Evidence {
    pub(crate) fn new(log: PublicLog, stall: Duration) -> Self {
        Self {
            log,
            files: Arc::new(Semaphore::new(FILES_MAX)),
            stall,
        }
    }

    /// From now on none is begun.
    pub(crate) fn close(&self) {
        self.files.close();
    }

    /// Makes a file, unless too many are being made, and lets it leave.
    async fn hand_out(&self, work: Work) -> Response {
        let Ok(turn) = Arc::clone(&self.files).try_acquire_owned() else {
            return refuse(&busy());
        };
        let (wanted, present) = Wanted::by_client();
        // The turn goes with the work: it may outlive the request.
        let made =
            tokio::task::spawn_blocking(move || work(&wanted).map(|ready| (ready, turn))).await;
        drop(present);
        match made {
            Ok(Ok((ready, turn))) => ready.leave(turn, self.stall),
            Ok(Err(answer)) => refuse(&answer),
            Err(_) => refuse(&failed(
                "the evidence could not be made",
                FaultCode::Internal,
            )),
        }
    }

    /// The bundle of a stream, or of the look-ups of a case.
    pub(crate) async fn bundle(
        &self,
        session: Session,
        stream: &str,
        query: Option<&str>,
    ) -> Response {
        let Some(given) = parameters(query.unwrap_or_default()) else {
            let misfit = UserError::misfit("query", "must be percent-encoded UTF-8");
            return refuse(&all_refused(&misfit, &[]));
        };
        let request = match bundle_request(self.log.municipality(), stream, &given) {
            Ok(request) => request,
            Err(answer) => return refuse(&answer),
        };
        self.hand_out(Box::new(move |wanted| {
            let session = session.while_wanted(wanted.clone());
            let (log, stream) = match request.accesses {
                true => session
                    .accesses_of(request.stream)
                    .map_err(boxed(no_bundle))?,
                false => (session, request.stream),
            };
            let mut file = Draft::begin(wanted).map_err(boxed(no_file))?;
            let order = BundleOrder {
                stream,
                withheld: &Withheld::default(),
                documents: request.documents,
                pinned: &request.pinned,
            };
            let report = log
                .bundle(&order, request.wait, &mut file)
                .map_err(boxed(no_bundle))?;
            Ready::new(
                file,
                format!("bundle-{}.zip", report.size),
                proven(&report).to_vec(),
            )
            .map_err(boxed(no_file))
        }))
        .await
    }

    /// Gives a case out.
    pub(crate) async fn dossier(
        &self,
        session: Session,
        case: &str,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Response {
        let media = headers
            .get(CONTENT_TYPE)
            .and_then(|media| media.to_str().ok())
            .unwrap_or_default();
        if !media
            .split(';')
            .next()
            .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
        {
            return refuse(&no_json());
        }
        let body = match body {
            Ok(body) => body,
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return refuse(&failed(
                    &format!("an order has at most {ORDER_BYTES_MAX} bytes"),
                    FaultCode::BodyTooLarge,
                ));
            }
            Err(error) => {
                let misfit = UserError::misfit("body", &error.body_text());
                return refuse(&all_refused(&misfit, &[]));
            }
        };
        let order = match dossier_order(self.log.municipality(), case, &body, self.log.now()) {
            Ok(order) => order,
            Err(answer) => return refuse(&answer),
        };
        self.hand_out(Box::new(move |wanted| {
            let session = session.while_wanted(wanted.clone());
            let mut file = Draft::begin(wanted).map_err(boxed(no_file))?;
            let made = session
                .disclose(&order, &mut file, &mut || Draft::begin(wanted))
                .map_err(boxed(no_dossier))?;
            let receipt = made
                .recording
                .receipts
                .first()
                .ok_or_else(|| Box::new(failed("there is no receipt", FaultCode::Internal)))?;
            let mut about = vec![
                (SHA256, made.sha256.to_string()),
                (EVENT, receipt.event.to_string()),
                (POSITION, receipt.index.to_string()),
            ];
            if let Some((_, report)) = made.bundles.first() {
                about.extend(proven(report));
            }
            if !made.missing.is_empty() {
                let names: Vec<String> = made.missing.iter().map(|kind| kind.stored()).collect();
                about.push((MISSING, names.join(", ")));
            }
            Ready::new(file, format!("dossier-{}.zip", receipt.index), about)
                .map_err(boxed(no_file))
        }))
        .await
    }
}
