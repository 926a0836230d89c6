//! Listening, routing, health, and an end in order.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use api::fault::FaultCode;
use api::rest::outcome::errors_json;
use api::schema::{CaseSchema, schema};
use app::access::viewer::UnfitIdentity;
use app::session::{Door, Session};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, RawQuery, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on, post};
use tokio::net::TcpListener;

use crate::admission::{Admission, admit};
use crate::command_threads::CommandThreads;
use crate::connections::Connections;
use crate::documents::Documents;
use crate::evidence::{Evidence, ORDER_BYTES_MAX};
use crate::graphql_http::GraphqlHttp;
use crate::health::Health;
use crate::identity::{BeyondLoopback, IdentityProvider};
use crate::pools::Pools;
use crate::settings::{BODY_BYTES_MAX, Settings};
use crate::tiles;

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
    /// The network failed, or a thread could not be started.
    #[error("the server ended in an error")]
    Io(#[from] std::io::Error),
}

/// Why a server ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Asked,
    /// Its store takes nothing until it is opened again, and it was read for as long as it was to
    /// be.
    StoreStopped(String),
}

struct Web {
    graphql: GraphqlHttp,
    documents: Documents,
    evidence: Evidence,
    pools: Arc<Pools>,
    health: Health,
    admission: Arc<Admission>,
    door: Door,
    identity: IdentityProvider,
}

impl Web {
    fn new(
        door: Door,
        identity: IdentityProvider,
        settings: &Settings,
        listening: SocketAddr,
    ) -> std::io::Result<Self> {
        let pools = Arc::new(Pools::new(&settings.limits));
        let schema: CaseSchema = schema();
        let public_log = door.public_log();
        Ok(Self {
            graphql: GraphqlHttp::new(
                schema,
                Arc::clone(&pools),
                CommandThreads::start()?,
                &settings.limits,
            ),
            documents: Documents::new(public_log.clone(), settings),
            evidence: Evidence::new(public_log.clone(), settings.limits.stall),
            pools,
            health: Health::start(&public_log, &settings.limits)?,
            admission: Arc::new(Admission::new(settings, listening)),
            door,
            identity,
        })
    }

    /// The log, as whoever sent a request may read and write it.
    fn session(&self, headers: &HeaderMap) -> Result<Session, UnfitIdentity> {
        Ok(self.door.session(self.identity.viewer(headers)?))
    }

    /// From now on nothing is begun; what was begun goes on.
    fn drain(&self) {
        self.health.drain();
        self.pools.close();
        self.documents.close();
        self.evidence.close();
    }
}

/// The session of whoever asks.
struct Asking(Session);

impl FromRequestParts<Arc<Web>> for Asking {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Response> {
        web.session(&parts.headers).map(Self).map_err(|error| {
            let message = format!("{}: {error}", crate::identity::AS);
            let body = errors_json(&message, FaultCode::BadRequest);
            let json = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
            (StatusCode::BAD_REQUEST, json, body.to_string()).into_response()
        })
    }
}

async fn graphql(
    State(web): State<Arc<Web>>,
    Asking(session): Asking,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    web.graphql
        .handle(session, &method, query.as_deref(), &headers, body)
        .await
}

async fn file_document(
    State(web): State<Arc<Web>>,
    Asking(session): Asking,
    Path(stream): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    web.documents
        .file(session, &stream, query.as_deref(), &headers, body)
        .await
}

async fn get_document(
    State(web): State<Arc<Web>>,
    Asking(session): Asking,
    Path((stream, event)): Path<(String, String)>,
) -> Response {
    web.documents.get(session, &stream, &event).await
}

async fn bundle(
    State(web): State<Arc<Web>>,
    Asking(session): Asking,
    Path(stream): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    web.evidence
        .bundle(session, &stream, query.as_deref())
        .await
}

async fn dossier(
    State(web): State<Arc<Web>>,
    Asking(session): Asking,
    Path(case): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    web.evidence.dossier(session, &case, &headers, body).await
}

async fn tile(State(web): State<Arc<Web>>, Path((log, path)): Path<(String, String)>) -> Response {
    tiles::file(&web.pools, web.door.public_log(), log, path).await
}

/// The process runs.
async fn live() -> &'static str {
    "live\n"
}

/// The log can do its work.
async fn ready(State(web): State<Arc<Web>>) -> Response {
    match web.health.unready() {
        None => "ready\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], why).into_response(),
    }
}

fn router(web: Arc<Web>) -> Router {
    Router::new()
        .route(
            "/graphql",
            on(MethodFilter::GET.or(MethodFilter::POST), graphql),
        )
        .route("/documents/{stream}", post(file_document))
        .route("/documents/{stream}/{event}", get(get_document))
        .route("/bundles/{stream}", get(bundle))
        .route(
            "/dossiers/{case}",
            post(dossier).layer(DefaultBodyLimit::max(ORDER_BYTES_MAX)),
        )
        .route("/tiles/{log}/{*path}", get(tile))
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&web.admission), admit))
        .with_state(web)
}

/// Serves until `stop` resolves or the store has stopped for long enough, and lets running requests
/// end.
///
/// `listening` is told the address, which matters where port 0 was asked for. What still runs when
/// the grace is over is left behind: the caller ends its runtime and closes the log.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    door: Door,
    identity: IdentityProvider,
    settings: Settings,
    address: SocketAddr,
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()> + Send,
) -> Result<Ended, ServeError> {
    identity.may_listen(address)?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Listen { address, source })?;
    let address = listener.local_addr()?;
    let web = Arc::new(Web::new(door, identity, &settings, address)?);
    listening(address);
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::warn!(%error, "the service manager could not be told that the server is ready");
    }
    let connections = Connections::new(router(Arc::clone(&web)), settings.limits);
    let ended = async {
        tokio::select! {
            () = stop => Ended::Asked,
            why = web.health.must_end() => Ended::StoreStopped(why),
        }
    };
    let ended = connections.take_until(&listener, ended).await;
    tracing::info!("stopping");
    web.drain();
    // A client that keeps a connection open must not keep the log open.
    let grace = settings
        .limits
        .grace
        .saturating_sub(settings.limits.closing());
    if tokio::time::timeout(grace, connections.end(&listener))
        .await
        .is_err()
    {
        tracing::warn!("some requests were cut off");
    }
    Ok(ended)
}
