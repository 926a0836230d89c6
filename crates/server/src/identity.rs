//! Who asks. Without an identity provider clients of this machine say as whom they ask, and the
//! server does not listen beyond it.

use std::net::SocketAddr;

use app::access::viewer::{UnfitIdentity, Viewer};
use axum::http::HeaderMap;

/// The header by which a client of a development server says as whom it asks: `ROLE:ID` or
/// `ROLE:ID:UNIT`.
pub const AS: &str = "sagsspor-as";

/// Where identities come from.
#[derive(Debug, Clone)]
pub enum IdentityProvider {
    /// Everybody is this viewer, or whom the header [`AS`] names: for development and demonstration on
    /// loopback only.
    Development(Viewer),
}

/// The server may not listen there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "without an identity provider the server listens on this machine only (127.0.0.1 or [::1]), not on {0}"
)]
pub struct BeyondLoopback(pub SocketAddr);

impl IdentityProvider {
    /// Whether a server with these identities may listen there.
    ///
    /// # Errors
    /// [`BeyondLoopback`].
    pub fn may_listen(&self, address: SocketAddr) -> Result<(), BeyondLoopback> {
        match self {
            Self::Development(_) if address.ip().is_loopback() => Ok(()),
            Self::Development(_) => Err(BeyondLoopback(address)),
        }
    }

    /// The viewer of a request with these headers.
    ///
    /// # Errors
    /// [`UnfitIdentity`] when a header names nobody.
    pub fn viewer(&self, headers: &HeaderMap) -> Result<Viewer, UnfitIdentity> {
        let Self::Development(viewer) = self;
        match headers.get(AS) {
            None => Ok(viewer.clone()),
            Some(said) => {
                let said = said.to_str().map_err(|_| UnfitIdentity::Form)?;
                viewer.acting_as(said)
            }
        }
    }
}
