//! Connections: how many, for how long, and their end. A connection that brings no request in time
//! is closed, whether it has sent half a head or nothing at all.
//!
//! Beyond the connections that may be open a few more are let in, so that health is told in a
//! crowd; whatever else comes on them is told that the server is busy.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::pace::PacedStream;
use crate::settings::Limits;

/// Connections for health beyond those that may be open.
const SPARE: usize = 8;
/// How long one of them may take to bring its request.
const SPARE_HEAD: Duration = Duration::from_secs(2);
/// The longest head of a request, in bytes, and what is read ahead of a body.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Where no connection can be taken, for example for want of file descriptors, this is waited for.
const AFTER_A_FAILURE: Duration = Duration::from_millis(200);

/// A mark on requests that came on a spare connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnSpare;

/// The connections of a server.
pub(crate) struct Connections {
    router: Router,
    /// The same routes for spare connections.
    for_spare: Router,
    limits: Limits,
    ordinary: Arc<Semaphore>,
    spare: Arc<Semaphore>,
    /// Says that requests under way are the last.
    last: watch::Sender<bool>,
}

impl Connections {
    pub(crate) fn new(router: Router, limits: Limits) -> Self {
        let (ordinary, spare) = (
            Arc::new(Semaphore::new(limits.connections_max)),
            Arc::new(Semaphore::new(SPARE)),
        );
        let for_spare = router.clone().layer(Extension(OnSpare));
        Self {
            router,
            for_spare,
            limits,
            ordinary,
            spare,
            last: watch::Sender::new(false),
        }
    }

    /// Takes connections until `stop` resolves, and answers what it resolved to.
    pub(crate) async fn take_until<T>(
        &self,
        listener: &TcpListener,
        stop: impl Future<Output = T>,
    ) -> T {
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                biased;
                stopped = &mut stop => return stopped,
                accepted = listener.accept() => self.take(accepted).await,
            }
        }
    }

    /// Lets requests under way end, each as the last of its connection; resolves when all have.
    /// Until then newcomers are told how it stands.
    pub(crate) async fn end(&self, listener: &TcpListener) {
        self.last.send_replace(true);
        let open = u32::try_from(self.limits.connections_max).unwrap_or(u32::MAX);
        let ended = Arc::clone(&self.ordinary).acquire_many_owned(open);
        // From now on everybody comes on a spare one.
        drop(self.take_until(listener, ended).await);
    }

    async fn take(&self, accepted: io::Result<(TcpStream, SocketAddr)>) {
        let stream = match accepted {
            Ok((stream, _)) => stream,
            // It was given up before it was taken, which concerns nobody else.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
                ) =>
            {
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                return tokio::time::sleep(AFTER_A_FAILURE).await;
            }
        };
        let ordinary = if *self.last.borrow() {
            None
        } else {
            Arc::clone(&self.ordinary).try_acquire_owned().ok()
        };
        if let Some(place) = ordinary {
            self.open(
                stream,
                place,
                &self.router,
                self.limits.head,
                Some(self.last.subscribe()),
            );
        } else if let Ok(place) = Arc::clone(&self.spare).try_acquire_owned() {
            // Told to end before its first request, a connection would end without an answer.
            self.open(
                stream,
                place,
                &self.for_spare,
                SPARE_HEAD.min(self.limits.head),
                None,
            );
        }
    }

    fn open(
        &self,
        stream: TcpStream,
        place: OwnedSemaphorePermit,
        router: &Router,
        head: Duration,
        last: Option<watch::Receiver<bool>>,
    ) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "answers on a connection may be held back for a moment");
        }
        let mut settings = http1::Builder::new();
        // A connection that waits for its next request is one that brings no head.
        settings
            .timer(TokioTimer::new())
            .header_read_timeout(head)
            .max_buf_size(HEAD_BYTES_MAX);
        let io = TokioIo::new(PacedStream::new(stream, self.limits.stall));
        let connection = settings.serve_connection(io, TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            let stopping = async {
                match last {
                    Some(mut last) => drop(last.wait_for(|last| *last).await),
                    None => std::future::pending().await,
                }
            };
            let ended = tokio::select! {
                ended = &mut connection => ended,
                () = stopping => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection was broken off");
            }
            drop(place);
        });
    }
}
