//! The routes of a mirror. What it shows lies below `/mirror/`, apart from what the witness shows.

use std::future::poll_fn;
use std::io::Read;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use flate2::read::GzDecoder;

use super::{Web, plain, response};

/// How long the head of a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(15);
/// The longest head: an origin and three numbers; a ticket is not read.
const HEAD_BYTES_MAX: usize = 2 + u16::MAX as usize + 8 + 8 + 2;

/// Whoever sends packages is answered without waiting for them.
async fn head(mut body: Body) -> Result<Vec<u8>, axum::Error> {
    let mut bytes = Vec::new();
    while bytes.len() < HEAD_BYTES_MAX {
        let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await else {
            break;
        };
        if let Ok(data) = frame?.into_data() {
            let room = HEAD_BYTES_MAX.saturating_sub(bytes.len()).min(data.len());
            bytes.extend_from_slice(data.get(..room).unwrap_or_default());
        }
    }
    Ok(bytes)
}

/// As much of what was packed as is there.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let (mut found, mut piece) = (Vec::new(), [0; 1024]);
    let mut reader = GzDecoder::new(bytes).take(HEAD_BYTES_MAX as u64);
    while let Ok(read @ 1..) = reader.read(&mut piece) {
        found.extend_from_slice(piece.get(..read).unwrap_or_default());
    }
    found
}

async fn add_entries(State(web): State<Arc<Web>>, headers: HeaderMap, body: Body) -> Response {
    let Ok(_place) = web.places.try_acquire() else {
        return plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many requests at once\n",
        );
    };
    let head = match tokio::time::timeout(ARRIVAL, head(body)).await {
        Ok(Ok(head)) => head,
        Ok(Err(_)) => return plain(StatusCode::BAD_REQUEST, "the request was cut off\n"),
        Err(_) => {
            return plain(
                StatusCode::REQUEST_TIMEOUT,
                "the request did not arrive in time\n",
            );
        }
    };
    let head = match headers
        .get(header::CONTENT_ENCODING)
        .map(|encoding| encoding.as_bytes())
    {
        None | Some(b"identity") => head,
        Some(b"gzip") => unpacked(&head),
        Some(_) => {
            return plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "a request is sent as it is, or packed with gzip\n",
            );
        }
    };
    (
        [(header::ACCEPT_ENCODING, "gzip")],
        response(web.witness.add_entries(&head)),
    )
        .into_response()
}

async fn file(web: Arc<Web>, hash: String, path: String, kind: &'static str) -> Response {
    let Ok(_place) = web.places.try_acquire() else {
        return plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many requests at once\n",
        );
    };
    let witness = Arc::clone(&web.witness);
    match tokio::task::spawn_blocking(move || witness.mirrored(&hash, &path)).await {
        Ok(Ok(Some(bytes))) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Ok(Ok(None)) => plain(StatusCode::NOT_FOUND, "nothing of this name is kept here\n"),
        Ok(Err(_)) | Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the mirror failed\n"),
    }
}

async fn checkpoint(State(web): State<Arc<Web>>, Path(hash): Path<String>) -> Response {
    file(
        web,
        hash,
        "checkpoint".to_owned(),
        "text/plain; charset=utf-8",
    )
    .await
}

async fn tile(State(web): State<Arc<Web>>, Path((hash, rest)): Path<(String, String)>) -> Response {
    file(
        web,
        hash,
        format!("tile/{rest}"),
        "application/octet-stream",
    )
    .await
}

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/add-entries", post(add_entries))
        .route("/mirror/{hash}/checkpoint", get(checkpoint))
        .route("/mirror/{hash}/tile/{*rest}", get(tile))
}
