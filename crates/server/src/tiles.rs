//! The log for auditors: read-only tiles (C2SP tlog-tiles) of the case log below `/tiles/sag`, of
//! the access log below `/tiles/adgang`.
//!
//! They hold what every auditor may see and no content: entries name neither persons nor cases, but
//! they show when something was recorded. So they go no further than the server itself does.

use std::sync::Arc;

use app::service::App;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// A tile never changes; a partial one may vanish, but its name says how much it holds.
const FOR_EVER: &str = "private, max-age=31536000, immutable";

/// Answers one file of a tiled log.
pub async fn file(app: Arc<App>, log: String, path: String) -> Response {
    let checkpoint = path == "checkpoint";
    let read = tokio::task::spawn_blocking(move || match log.as_str() {
        "sag" => app.tile(&path),
        "adgang" => app.access_tile(&path),
        _ => Ok(None),
    });
    match read.await {
        Ok(Ok(Some(bytes))) if checkpoint => {
            ([(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-store")], bytes).into_response()
        }
        Ok(Ok(Some(bytes))) => ([(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, FOR_EVER)], bytes).into_response(),
        Ok(Ok(None)) => (StatusCode::NOT_FOUND, [(CACHE_CONTROL, "no-store")], "there is no such tile\n").into_response(),
        Ok(Err(error)) => {
            tracing::error!(%error, "a tile could not be read");
            (StatusCode::SERVICE_UNAVAILABLE, [(CACHE_CONTROL, "no-store")], "the log does not answer\n").into_response()
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, [(CACHE_CONTROL, "no-store")], "the log does not answer\n").into_response(),
    }
}
