//! The log's tiles and nothing else, for as long as something else waits for witnesses that read
//! them.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::public_log::PublicLog;
use axum::Router;
use axum::extract::{Path, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::admission::{Admission, admit};
use crate::connections::Connections;
use crate::identity::BeyondLoopback;
use crate::pools::Pools;
use crate::serve::ServeError;
use crate::settings::Settings;
use crate::tiles;

/// Answers under way are waited for so long at the end.
const GRACE: Duration = Duration::from_secs(2);

struct Shown {
    public_log: PublicLog,
    pools: Pools,
}

/// Tiles that are shown until this is dropped.
#[derive(Debug)]
pub struct TileServer {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

async fn tile(
    State(shown): State<Arc<Shown>>,
    Path((log, path)): Path<(String, String)>,
) -> Response {
    tiles::file(&shown.pools, shown.public_log.clone(), log, path).await
}

impl TileServer {
    /// Shows the tiles of a log at an address of this machine, below `/tiles/sag` and
    /// `/tiles/adgang`, to those and within those limits that hold for the server itself.
    ///
    /// # Errors
    /// [`ServeError::Beyond`] for an address that others reach, [`ServeError::Listen`] where it is
    /// taken, [`ServeError::Io`] where no thread can be started.
    pub fn start(
        public_log: PublicLog,
        settings: &Settings,
        address: SocketAddr,
    ) -> Result<Self, ServeError> {
        if !address.ip().is_loopback() {
            return Err(BeyondLoopback(address).into());
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime
            .block_on(TcpListener::bind(address))
            .map_err(|source| ServeError::Listen { address, source })?;
        let address = listener.local_addr()?;
        let shown = Arc::new(Shown {
            public_log,
            pools: Pools::new(&settings.limits),
        });
        let admission = Arc::new(Admission::new(settings, address));
        let router = Router::new()
            .route("/tiles/{log}/{*path}", get(tile))
            .layer(from_fn_with_state(admission, admit))
            .with_state(shown);
        let connections = Connections::new(router, settings.limits);
        runtime.spawn(async move { connections.take_until(&listener, pending::<()>()).await });
        Ok(Self {
            address,
            runtime: Some(runtime),
        })
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
