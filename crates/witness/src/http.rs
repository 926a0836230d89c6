//! The protocol over HTTP. It belongs behind a proxy that speaks TLS; what is signed cannot be
//! changed on the way, but a cosignature can be withheld.
//!
//! A connection that brings no whole request in time is closed, and there are only so many of them.

mod mirror;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use verify::position::LogTime;

use crate::request::REQUEST_BYTES_MAX;
use crate::witness::{Answer, Arrival, Witness};

/// Requests that are worked on at once; more are turned away.
const AT_ONCE: usize = 32;
/// The longest head of a request, in bytes, and what is read ahead of a body.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Where no connection can be taken, for example for want of file descriptors, this is waited for.
const AFTER_A_FAILURE: Duration = Duration::from_millis(200);

/// Bounds on what is open, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are open at once; more wait until one is closed.
    pub connections_max: usize,
    /// How long a connection may take to bring the head of its next request.
    pub head: Duration,
    /// How long the rest of a request may take to arrive.
    pub arrival: Duration,
    /// How long requests under way may take once the witness is told to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connections_max: 128,
            head: seconds(15),
            arrival: seconds(15),
            grace: seconds(10),
        }
    }
}

struct Web {
    witness: Arc<Witness>,
    places: Semaphore,
    arrival: Duration,
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, text).into_response()
}

fn response(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, answer.kind)], answer.body).into_response()
}

/// The header of a request that states when the log asks, seconds of Unix time.
const ASKED_AT: &str = "sagsspor-asked-at";

async fn add_checkpoint(State(web): State<Arc<Web>>, headers: HeaderMap, body: Body) -> Response {
    let Ok(_place) = web.places.try_acquire() else {
        return plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many requests at once\n",
        );
    };
    let body = match tokio::time::timeout(web.arrival, to_bytes(body, REQUEST_BYTES_MAX)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            return plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the request is too long or was cut off\n",
            );
        }
        Err(_) => {
            return plain(
                StatusCode::REQUEST_TIMEOUT,
                "the request did not arrive in time\n",
            );
        }
    };
    let witness = Arc::clone(&web.witness);
    let asked = headers
        .get(ASKED_AT)
        .and_then(|asked| asked.to_str().ok()?.parse().ok())
        .map(LogTime::new);
    // Taken here, before anything is waited for.
    let arrival = Arrival {
        at: witness.now(),
        asked,
    };
    match tokio::task::spawn_blocking(move || witness.answer(&body, arrival)).await {
        Ok(answer) => response(answer),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed\n"),
    }
}

async fn latest(State(web): State<Arc<Web>>, Path(hash): Path<String>) -> Response {
    let witness = Arc::clone(&web.witness);
    match tokio::task::spawn_blocking(move || witness.latest(&hash)).await {
        Ok(Some(note)) => (PLAIN_AND_FRESH, note).into_response(),
        Ok(None) => (
            StatusCode::NOT_FOUND,
            PLAIN_AND_FRESH,
            "no checkpoint of this log was cosigned here\n",
        )
            .into_response(),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed\n"),
    }
}

/// What is shown is of now, and so is the time in the header of the answer.
const PLAIN_AND_FRESH: [(HeaderName, &str); 2] = [
    (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
];

async fn passes(State(web): State<Arc<Web>>, Path(hash): Path<String>) -> Response {
    let witness = Arc::clone(&web.witness);
    match tokio::task::spawn_blocking(move || witness.passes_by_hash(&hash)).await {
        Ok(Ok(Some(passes))) => (PLAIN_AND_FRESH, passes).into_response(),
        Ok(Ok(None)) => plain(StatusCode::NOT_FOUND, "this log is not witnessed here\n"),
        Ok(Err(_)) | Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed\n"),
    }
}

async fn live() -> &'static str {
    "live\n"
}

fn router(witness: Arc<Witness>, arrival: Duration) -> Router {
    let web = Arc::new(Web {
        witness,
        places: Semaphore::new(AT_ONCE),
        arrival,
    });
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{hash}/checkpoint", get(latest))
        .route("/{hash}/passes", get(passes))
        .route("/livez", get(live))
        .merge(mirror::routes())
        .with_state(web)
}

/// Serves until `stop` resolves. `listening` is told the address, which matters where port 0 was
/// asked for.
///
/// # Errors
/// As the network reports.
pub async fn serve(
    witness: Arc<Witness>,
    address: SocketAddr,
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    serve_within(Limits::default(), witness, address, listening, stop).await
}

/// The same within other limits.
///
/// # Errors
/// As the network reports.
pub async fn serve_within(
    limits: Limits,
    witness: Arc<Witness>,
    address: SocketAddr,
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    listening(listener.local_addr()?);
    let router = router(witness, limits.arrival);
    let (places, last) = (
        Arc::new(Semaphore::new(limits.connections_max)),
        watch::Sender::new(false),
    );
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            (place, accepted) = next(&listener, &places) => match accepted {
                Ok((stream, _)) => open(stream, place, router.clone(), limits.head, last.subscribe()),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(AFTER_A_FAILURE).await;
                }
            },
        }
    }
    last.send_replace(true);
    let all = u32::try_from(limits.connections_max).unwrap_or(u32::MAX);
    if tokio::time::timeout(limits.grace, places.acquire_many(all))
        .await
        .is_err()
    {
        tracing::warn!("some requests were cut off");
    }
    Ok(())
}

/// The next connection, once there is room for it.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (
    Option<OwnedSemaphorePermit>,
    std::io::Result<(TcpStream, SocketAddr)>,
) {
    // The places are never closed.
    let place = Arc::clone(places).acquire_owned().await.ok();
    (place, listener.accept().await)
}

fn open(
    stream: TcpStream,
    place: Option<OwnedSemaphorePermit>,
    router: Router,
    head: Duration,
    mut last: watch::Receiver<bool>,
) {
    let mut settings = http1::Builder::new();
    // A connection that waits for its next request is one that brings no head.
    settings
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(HEAD_BYTES_MAX);
    let connection =
        settings.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::spawn(async move {
        let mut connection = pin!(connection);
        let stopping = async { drop(last.wait_for(|last| *last).await) };
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = stopping => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection was broken off");
        }
        drop(place);
    });
}
