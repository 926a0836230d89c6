//! What holds on every route of every server: a request is for this server, comes from no
//! stranger's page, and arrives in time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::fault::FaultCode;
use api::rest::outcome::failed;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::answers::respond;
use crate::connections::OnSpare;
use crate::documents::drain;
use crate::hosts::Hosts;
use crate::pace::PacedBody;
use crate::settings::{BODY_BYTES_MAX, Settings};

/// How long the body of a request that is turned away is read.
const TURNING_AWAY: Duration = Duration::from_secs(1);

/// The names of a server, and how long a request may take to arrive.
pub(crate) struct Admission {
    hosts: Hosts,
    stall: Duration,
}

impl Admission {
    pub(crate) fn new(settings: &Settings, listening: SocketAddr) -> Self {
        Self {
            hosts: Hosts::new(settings, listening),
            stall: settings.limits.stall,
        }
    }
}

/// Answers a request that was not looked at, once most of what comes with it was read: a client
/// that is still writing would miss the answer.
async fn turn_away(mut body: Body, message: &str, code: FaultCode) -> Response {
    drain(&mut body, BODY_BYTES_MAX as u64, TURNING_AWAY).await;
    turned_away(message, code)
}

fn turned_away(message: &str, code: FaultCode) -> Response {
    let mut response = respond(&failed(message, code));
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// Lets a request in, or tells why not.
pub(crate) async fn admit(
    State(admission): State<Arc<Admission>>,
    request: Request,
    next: Next,
) -> Response {
    if let Err(refused) = admission.hosts.check(request.uri(), request.headers()) {
        return turn_away(request.into_body(), &refused.to_string(), refused.code()).await;
    }
    let health = matches!(request.uri().path(), "/livez" | "/readyz");
    if request.extensions().get::<OnSpare>().is_some() && !health {
        let message = "too many connections are open, or the server is stopping; nothing was begun, try again";
        return turn_away(request.into_body(), message, FaultCode::Busy).await;
    }
    let late = Arc::<AtomicBool>::default();
    let request =
        request.map(|body| Body::new(PacedBody::new(body, admission.stall, Arc::clone(&late))));
    let response = next.run(request).await;
    if late.load(Ordering::Relaxed) {
        return turned_away(
            "the request did not arrive in time, nothing was written",
            FaultCode::RequestTimeout,
        );
    }
    response
}
