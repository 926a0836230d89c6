//! The protocol over HTTP. It belongs behind a proxy that speaks TLS; what is signed cannot be
//! changed on the way, but a cosignature can be withheld.

mod mirror;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::request::REQUEST_BYTES_MAX;
use crate::witness::{Answer, Witness};

/// How long a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(15);
/// Requests that are worked on at once; more are turned away.
const AT_ONCE: usize = 32;

struct Web {
    witness: Arc<Witness>,
    places: Semaphore,
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, text).into_response()
}

fn response(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, answer.kind)], answer.body).into_response()
}

async fn add_checkpoint(State(web): State<Arc<Web>>, body: Body) -> Response {
    let Ok(_place) = web.places.try_acquire() else { return plain(StatusCode::SERVICE_UNAVAILABLE, "too many requests at once\n") };
    let body = match tokio::time::timeout(ARRIVAL, to_bytes(body, REQUEST_BYTES_MAX)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE, "the request is too long or was cut off\n"),
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "the request did not arrive in time\n"),
    };
    let witness = Arc::clone(&web.witness);
    match tokio::task::spawn_blocking(move || witness.add_checkpoint(&body)).await {
        Ok(answer) => response(answer),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed\n"),
    }
}

async fn latest(State(web): State<Arc<Web>>, Path(hash): Path<String>) -> Response {
    let witness = Arc::clone(&web.witness);
    match tokio::task::spawn_blocking(move || witness.latest(&hash)).await {
        Ok(Some(note)) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response(),
        Ok(None) => plain(StatusCode::NOT_FOUND, "no checkpoint of this log was cosigned here\n"),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed\n"),
    }
}

async fn live() -> &'static str {
    "live\n"
}

/// The routes.
pub fn router(witness: Arc<Witness>) -> Router {
    let web = Arc::new(Web { witness, places: Semaphore::new(AT_ONCE) });
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{hash}/checkpoint", get(latest))
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
    let listener = TcpListener::bind(address).await?;
    listening(listener.local_addr()?);
    axum::serve(listener, router(witness)).with_graceful_shutdown(stop).await
}
