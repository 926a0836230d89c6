//! The log's tiles and nothing else, for as long as something else waits for witnesses that read them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::service::App;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use crate::identity::BeyondLoopback;
use crate::serve::ServeError;

/// Requests that are answered at once; more are turned away, and asked again.
const AT_ONCE: usize = 32;
/// Answers under way are waited for so long at the end.
const GRACE: Duration = Duration::from_secs(2);

struct Shown {
    app: Arc<App>,
    places: Semaphore,
}

/// Tiles that are shown until this is dropped.
#[derive(Debug)]
pub struct TileServer {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

async fn tile(State(shown): State<Arc<Shown>>, Path((log, path)): Path<(String, String)>) -> Response {
    let busy = || (StatusCode::SERVICE_UNAVAILABLE, "the log does not answer\n").into_response();
    let Ok(_place) = shown.places.try_acquire() else { return busy() };
    let app = Arc::clone(&shown.app);
    let read = tokio::task::spawn_blocking(move || match log.as_str() {
        "sag" => app.tile(&path),
        "adgang" => app.access_tile(&path),
        _ => Ok(None),
    });
    match read.await {
        Ok(Ok(Some(bytes))) => bytes.into_response(),
        Ok(Ok(None)) => (StatusCode::NOT_FOUND, "there is no such tile\n").into_response(),
        Ok(Err(error)) => {
            tracing::error!(%error, "a tile could not be read");
            busy()
        }
        Err(_) => busy(),
    }
}

impl TileServer {
    /// Shows the tiles of a log at an address of this machine, below `/tiles/sag` and `/tiles/adgang`.
    ///
    /// # Errors
    /// [`ServeError`].
    pub fn start(app: &Arc<App>, address: SocketAddr) -> Result<Self, ServeError> {
        if !address.ip().is_loopback() {
            return Err(BeyondLoopback(address).into());
        }
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(address)).map_err(|source| ServeError::Listen { address, source })?;
        let address = listener.local_addr()?;
        let shown = Arc::new(Shown { app: Arc::clone(app), places: Semaphore::new(AT_ONCE) });
        let router = Router::new().route("/tiles/{log}/{*path}", get(tile)).with_state(shown);
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, runtime: Some(runtime) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for TileServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(GRACE);
        }
    }
}
