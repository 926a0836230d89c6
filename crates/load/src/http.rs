//! A connection to a server that is kept open, as clients keep theirs.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::meter::Outcome;
use crate::request::Request;

/// A request that is not answered for so long has failed.
const ANSWER: Duration = Duration::from_secs(60);

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The server could not be reached.
    #[error("the server cannot be reached")]
    Connect(#[source] std::io::Error),
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[source] hyper::Error),
    /// The request cannot be sent.
    #[error("the request is malformed")]
    Malformed(#[source] hyper::http::Error),
    /// No answer came.
    #[error("no answer came in {} s", ANSWER.as_secs())]
    Silent,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Bytes,
}

/// One connection; it is opened when it is needed, and again when the server closed it.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    /// A connection to a server, not open yet.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            open: None,
        }
    }

    async fn opened(&mut self) -> Result<&mut SendRequest<Full<Bytes>>, HttpError> {
        let usable = match self.open.as_mut() {
            Some(open) => open.ready().await.is_ok(),
            None => false,
        };
        if !usable {
            let stream = TcpStream::connect(self.address)
                .await
                .map_err(HttpError::Connect)?;
            stream.set_nodelay(true).map_err(HttpError::Connect)?;
            let (send, connection) = handshake(TokioIo::new(stream))
                .await
                .map_err(HttpError::Broken)?;
            // It ends with the connection; an error there is the error of the request.
            tokio::spawn(async move { connection.await.ok() });
            self.open = None;
            return Ok(self.open.insert(send));
        }
        self.open.as_mut().ok_or(HttpError::Silent)
    }

    async fn exchange(&mut self, request: &Request) -> Result<Answer, HttpError> {
        let built = hyper::Request::post(&request.path)
            .header(HOST, self.address.to_string())
            .header(CONTENT_TYPE, request.content_type)
            .body(Full::new(request.body.clone()))
            .map_err(HttpError::Malformed)?;
        let open = self.opened().await?;
        let answer = open.send_request(built).await.map_err(HttpError::Broken)?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await;
        Ok(Answer {
            status,
            body: body.map_err(HttpError::Broken)?.to_bytes(),
        })
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// [`HttpError::Connect`], [`HttpError::Broken`] and [`HttpError::Silent`] when there is no
    /// answer, [`HttpError::Malformed`] for a path that is none. The next request opens a new
    /// connection then.
    pub async fn answer(&mut self, request: &Request) -> Result<Answer, HttpError> {
        let answer = timeout(ANSWER, self.exchange(request)).await;
        let answer = answer.unwrap_or(Err(HttpError::Silent));
        if answer.is_err() {
            self.open = None;
        }
        answer
    }

    /// Sends a request and says what came of it.
    pub async fn ask(&mut self, request: &Request) -> Outcome {
        match self.answer(request).await {
            Ok(answer) => request.outcome(answer.status, &answer.body),
            Err(error) => Outcome::Failed(error.to_string()),
        }
    }
}
