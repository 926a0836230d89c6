//! Peers that are slow on purpose: what a request brings and what an answer takes must move.
//!
//! A peer may be as slow as a bad line is. One that stands still, or moves a byte now and then so
//! as not to stand still, is given up: what it holds is memory, and a place that others wait for.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::leaving::BoxError;

/// Bytes a second that a request must bring, beyond the time that any may take.
const ARRIVING_RATE: u64 = 8 * 1024;
/// Bytes that a peer must take in the time in which it may stand still.
const LEAVING_LEAST: u64 = 64 * 1024;

fn too_slow(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}

/// The body of a request while it arrives. Only time counts in which it is waited for.
pub(crate) struct PacedBody {
    body: Body,
    stall: Duration,
    bytes: u64,
    waited: Duration,
    since: Option<Instant>,
    timer: Pin<Box<Sleep>>,
    late: Arc<AtomicBool>,
}

impl PacedBody {
    /// `late` is set when the body was given up.
    pub(crate) fn new(body: Body, stall: Duration, late: Arc<AtomicBool>) -> Self {
        let timer = Box::pin(sleep_until(Instant::now()));
        Self {
            body,
            stall,
            bytes: 0,
            waited: Duration::ZERO,
            since: None,
            timer,
            late,
        }
    }

    /// How long it may be waited for in all, by what it has brought so far.
    fn allowed(&self) -> Duration {
        self.stall + Duration::from_secs(self.bytes / ARRIVING_RATE)
    }
}

impl HttpBody for PacedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                if let Some(since) = this.since.take() {
                    this.waited += since.elapsed();
                }
                if let Some(Ok(frame)) = &frame {
                    this.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
                }
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                if this.since.is_none() {
                    let now = Instant::now();
                    this.since = Some(now);
                    let left = this.allowed().saturating_sub(this.waited);
                    this.timer.as_mut().reset(now + left);
                }
                if this.timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                this.late.store(true, Ordering::Relaxed);
                Poll::Ready(Some(Err(
                    too_slow("the request did not arrive in time").into()
                )))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection whose peer must take what it is sent.
pub(crate) struct PacedStream {
    stream: TcpStream,
    stall: Duration,
    timer: Pin<Box<Sleep>>,
    /// Bytes taken since the timer runs; none when nothing is waited for.
    taken: Option<u64>,
}

impl PacedStream {
    pub(crate) fn new(stream: TcpStream, stall: Duration) -> Self {
        Self {
            stream,
            stall,
            timer: Box::pin(sleep_until(Instant::now())),
            taken: None,
        }
    }

    fn begin(&mut self) {
        self.taken = Some(0);
        self.timer.as_mut().reset(Instant::now() + self.stall);
    }

    /// Notes what became of an attempt to send so many bytes.
    fn sent(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
        of: usize,
    ) -> Poll<io::Result<usize>> {
        match outcome {
            Poll::Ready(Ok(count)) => {
                self.taken = if count >= of {
                    None
                } else {
                    self.taken.map(|taken| taken + count as u64)
                };
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                if self.taken.is_none() {
                    self.begin();
                }
                while self.timer.as_mut().poll(cx).is_ready() {
                    if self.taken.is_none_or(|taken| taken < LEAVING_LEAST) {
                        return Poll::Ready(Err(too_slow("the answer was not taken in time")));
                    }
                    self.begin();
                }
            }
        }
        outcome
    }
}

impl AsyncRead for PacedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for PacedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.sent(cx, outcome, bytes.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.sent(cx, outcome, parts.iter().map(|part| part.len()).sum())
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use super::*;

    /// A body that brings what it is told to bring.
    struct Told(mpsc::Receiver<Bytes>);

    impl HttpBody for Told {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            self.0
                .poll_recv(cx)
                .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
        }
    }

    async fn next(body: &mut PacedBody) -> Option<Result<Frame<Bytes>, BoxError>> {
        poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_may_take_its_time_as_long_as_it_moves() {
        let late = Arc::<AtomicBool>::default();
        let (bring, told) = mpsc::channel(1);
        let mut body = PacedBody::new(
            Body::new(Told(told)),
            Duration::from_secs(30),
            Arc::clone(&late),
        );
        let begun = Instant::now();
        tokio::spawn(async move {
            // One megabyte in two minutes, and then a byte every twenty seconds.
            for piece in 0..1_000_u64 {
                let bytes = if piece < 12 {
                    vec![0; 87_382]
                } else {
                    vec![0; 1]
                };
                tokio::time::sleep(Duration::from_secs(if piece < 12 { 10 } else { 20 })).await;
                if bring.send(bytes.into()).await.is_err() {
                    return;
                }
            }
        });
        let mut bytes = 0;
        let error = loop {
            match next(&mut body).await.unwrap() {
                Ok(frame) => bytes += frame.into_data().unwrap().len(),
                Err(error) => break error,
            }
        };
        assert!(bytes > 1_000_000, "{bytes}");
        assert!(late.load(Ordering::Relaxed), "{error}");
        let took = begun.elapsed().as_secs();
        assert!(
            (150..180).contains(&took),
            "{took} s: half a minute, and a second for every 8 KiB"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_waits_for_a_body_does_not_count() {
        let late = Arc::<AtomicBool>::default();
        let (bring, told) = mpsc::channel(4);
        let mut body = PacedBody::new(Body::new(Told(told)), Duration::from_secs(30), late);
        for _ in 0..4 {
            bring.send(Bytes::from_static(b"x")).await.unwrap();
        }
        drop(bring);
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_secs(100)).await;
            assert!(next(&mut body).await.unwrap().is_ok());
        }
        assert!(next(&mut body).await.is_none());
    }

    #[tokio::test]
    async fn a_peer_that_takes_nothing_is_given_up_and_one_that_takes_is_served() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let send = async |pause: Option<Duration>, stall: Duration| {
            let mut peer = TcpStream::connect(address).await.unwrap();
            let mut leaving = PacedStream::new(listener.accept().await.unwrap().0, stall);
            let taking = tokio::spawn(async move {
                let mut buffer = vec![0; 64 * 1024];
                while let Some(pause) = pause
                    && peer.read(&mut buffer).await.is_ok_and(|count| count > 0)
                {
                    tokio::time::sleep(pause).await;
                }
                // Kept open until the other side gives it up.
                peer
            });
            let sent = leaving.write_all(&vec![0; 16 * 1024 * 1024]).await;
            drop(leaving);
            drop(taking.await);
            sent
        };
        let error = send(None, Duration::from_millis(100)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        send(Some(Duration::ZERO), Duration::from_secs(30))
            .await
            .unwrap();
    }
}
