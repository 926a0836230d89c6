//! Listening, routing, health, and an end in order.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::schema::{CaseSchema, schema};
use app::service::App;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on, post};
use tokio::net::TcpListener;

use crate::documents::{Documents, Settings};
use crate::evidence::{Evidence, ORDER_BYTES_MAX};
use crate::graphql_http;
use crate::identity::{BeyondLoopback, IdentityProvider};
use crate::tiles;

/// The longest body of a GraphQL request, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// How long running requests may go on after the signal to stop.
pub const GRACE: Duration = Duration::from_secs(20);

/// The server could not be started, or ended in an error.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It may not listen there.
    #[error(transparent)]
    Beyond(#[from] BeyondLoopback),
    /// It cannot listen there.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The network failed.
    #[error("the server ended in an error")]
    Io(#[from] std::io::Error),
}

struct Web {
    schema: CaseSchema,
    documents: Documents,
    evidence: Evidence,
    app: Arc<App>,
    identity: IdentityProvider,
}

async fn graphql(State(web): State<Arc<Web>>, method: Method, RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes) -> Response {
    let viewer = web.identity.viewer().clone();
    graphql_http::handle(&web.schema, viewer, &method, query.as_deref(), &headers, body).await
}

async fn file_document(
    State(web): State<Arc<Web>>,
    Path(stream): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    web.documents.file(web.identity.viewer().clone(), &stream, query.as_deref(), &headers, body).await
}

async fn get_document(State(web): State<Arc<Web>>, Path((stream, event)): Path<(String, String)>) -> Response {
    web.documents.get(web.identity.viewer().clone(), &stream, &event).await
}

async fn bundle(State(web): State<Arc<Web>>, Path(stream): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    web.evidence.bundle(web.identity.viewer().clone(), &stream, query.as_deref(), &headers).await
}

async fn dossier(
    State(web): State<Arc<Web>>,
    Path(case): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    web.evidence.dossier(web.identity.viewer().clone(), &case, &headers, body).await
}

async fn tile(State(web): State<Arc<Web>>, Path((log, path)): Path<(String, String)>) -> Response {
    tiles::file(Arc::clone(&web.app), log, path).await
}

/// The process runs.
async fn live() -> &'static str {
    "live\n"
}

/// The log answers.
async fn ready(State(web): State<Arc<Web>>) -> Response {
    let app = Arc::clone(&web.app);
    match tokio::task::spawn_blocking(move || app.entry(0)).await {
        Ok(Ok(Some(_))) => "ready\n".into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the log does not answer\n").into_response(),
    }
}

/// The routes.
pub fn router(app: Arc<App>, identity: IdentityProvider, settings: Settings) -> Router {
    let documents = Documents::new(Arc::clone(&app), settings);
    let evidence = Evidence::new(Arc::clone(&app));
    let web = Arc::new(Web { schema: schema(Arc::clone(&app)), documents, evidence, app, identity });
    Router::new()
        .route("/graphql", on(MethodFilter::GET.or(MethodFilter::POST), graphql))
        .route("/documents/{stream}", post(file_document))
        .route("/documents/{stream}/{event}", get(get_document))
        .route("/bundles/{stream}", get(bundle))
        .route("/dossiers/{case}", post(dossier).layer(DefaultBodyLimit::max(ORDER_BYTES_MAX)))
        .route("/tiles/{log}/{*path}", get(tile))
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(web)
}

/// Serves until `stop` resolves, lets running requests end, and closes the log.
///
/// `listening` is told the address, which matters where port 0 was asked for.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    app: Arc<App>,
    identity: IdentityProvider,
    settings: Settings,
    address: SocketAddr,
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    identity.may_listen(address)?;
    let listener = TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })?;
    listening(listener.local_addr()?);
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::warn!(%error, "the service manager could not be told that the server is ready");
    }
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let signal = async move {
        stop.await;
        tracing::info!("stopping");
        if stopping.send(()).is_err() {
            tracing::debug!("the server had ended already");
        }
    };
    let server = axum::serve(listener, router(app, identity, settings)).with_graceful_shutdown(signal);
    let out_of_grace = async {
        // A client that keeps a connection open must not keep the log open.
        if stopped.await.is_ok() {
            tokio::time::sleep(GRACE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        ended = server => ended?,
        () = out_of_grace => tracing::warn!("some requests were cut off"),
    }
    Ok(())
}
