//! Who asks. Without an identity provider there is one fixed local identity, and the server does
//! not listen beyond the machine.

use std::net::SocketAddr;

use app::access::viewer::Viewer;

/// Where identities come from.
#[derive(Debug, Clone)]
pub enum IdentityProvider {
    /// Everybody is this viewer: for development and demonstration on loopback only.
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

    /// The viewer of a request.
    #[must_use]
    pub const fn viewer(&self) -> &Viewer {
        match self {
            Self::Development(viewer) => viewer,
        }
    }
}
