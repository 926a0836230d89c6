//! The log for auditors: read-only tiles (C2SP tlog-tiles) of the case log below `/tiles/sag`, of
//! the access log below `/tiles/adgang`. Ciphertexts lie beside them (`blobs/`), for the machine
//! that keeps a second copy and for audits that compare them.
//!
//! They hold what every auditor may see and no content: entries name neither persons nor cases, but
//! they show when something was recorded, and nothing opens a ciphertext without the keys. So they
//! go no further than the server itself does.

use std::sync::Arc;

use app::app::App;
use app::layout::LogKind;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::pools::{Pools, Unanswered};

/// A tile never changes; a partial one may vanish, but its name says how much it holds.
const FOR_EVER: &str = "private, max-age=31536000, immutable";

/// A ciphertext may be erased or replaced, and a checkpoint grows.
const NEVER: &str = "no-store";

/// Content type of a file, and how long it may be kept.
fn headers(path: &str) -> [(HeaderName, &'static str); 2] {
    let kind = if matches!(path, "checkpoint" | "blobs/size") {
        "text/plain; charset=utf-8"
    } else {
        "application/octet-stream"
    };
    [
        (CONTENT_TYPE, kind),
        (
            CACHE_CONTROL,
            if path.starts_with("tile/") {
                FOR_EVER
            } else {
                NEVER
            },
        ),
    ]
}

/// Answers one file of a tiled log.
pub(crate) async fn file(pools: &Pools, app: Arc<App>, log: String, path: String) -> Response {
    let headers = headers(&path);
    let read = pools.read(move || match LogKind::named(&log) {
        Some(LogKind::Cases) => app.tile(&path),
        Some(LogKind::Accesses) => app.access_tile(&path),
        None => Ok(None),
    });
    let unanswered = |why: String| {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            [(CACHE_CONTROL, NEVER), (RETRY_AFTER, "1")],
            why,
        )
            .into_response()
    };
    match read.await {
        Ok(Ok(Some(bytes))) => (headers, bytes).into_response(),
        Ok(Ok(None)) => (
            StatusCode::NOT_FOUND,
            [(CACHE_CONTROL, NEVER)],
            "there is no such tile\n",
        )
            .into_response(),
        Ok(Err(error)) => {
            tracing::error!(%error, "a tile could not be read");
            unanswered("the log does not answer\n".to_owned())
        }
        Err(Unanswered::Busy(busy)) => unanswered(format!("{busy}\n")),
        Err(Unanswered::Broken) => unanswered("the log does not answer\n".to_owned()),
    }
}
