//! Has checkpoints stamped: every hour when the log has grown, and every day when it has not.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use record::checkpoint::Checkpoint;
use record::hash::sha256;
use record::positions::Size;
use store::log_store::{LogStore, StoredCheckpoint};

use super::{StampQuery, stated_time};
use crate::background::Background;
use crate::clock::Clock;
use crate::entropy::OsEntropy;
use crate::error::{BoxError, ReadError};

/// The clock is looked at this often.
const TICK: Duration = Duration::from_secs(1);

/// The way to a time stamping authority.
pub trait StampTransport: Send + Sync {
    /// Posts a query (`application/timestamp-query`); answers the reply's body.
    ///
    /// # Errors
    /// When there is no answer, or one with another status or type.
    fn stamp(&self, url: &str, query: &[u8]) -> Result<Vec<u8>, BoxError>;
}

/// How checkpoints are stamped.
#[derive(Debug, Clone)]
pub struct StampSettings {
    /// Where the authority is reached.
    pub url: String,
    /// A log that has grown is stamped after so long.
    pub grown: Duration,
    /// A log that has not is stamped after so long.
    pub idle: Duration,
    /// After a failure it is tried again after so long.
    pub retry: Duration,
}

impl StampSettings {
    /// The usual pace: hourly when the log has grown, daily when not.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let (grown, idle, retry) = (
            Duration::from_hours(1),
            Duration::from_hours(24),
            Duration::from_mins(5),
        );
        Self {
            url: url.to_owned(),
            grown,
            idle,
            retry,
        }
    }
}

/// How it stands with time stamps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StampStatus {
    /// Where the authority is asked.
    pub url: String,
    /// Size of the last checkpoint that was stamped since the program began.
    pub size: Option<Size>,
    /// The time that this stamp states.
    pub time: Option<Timestamp>,
    /// Why the last attempt failed; none when it did not.
    pub error: Option<String>,
    /// When it failed first, since the last stamp: the gap begins behind `time`.
    pub failing_since: Option<Timestamp>,
}

enum Message {
    Answer(Result<Vec<u8>, BoxError>),
    Nudge,
    Stop,
}

/// Stamps at work.
pub struct Stamper {
    thread: Background<Message>,
    status: Arc<Mutex<StampStatus>>,
}

/// A query on its way.
struct Pending {
    size: Size,
    query: StampQuery,
}

struct Worker {
    log: Arc<dyn LogStore>,
    clock: Arc<dyn Clock>,
    settings: StampSettings,
    queries: Sender<Vec<u8>>,
    status: Arc<Mutex<StampStatus>>,
    /// What was stamped last, and when.
    last: Option<(Size, Timestamp)>,
    pending: Option<Pending>,
    not_before: Option<Instant>,
}

impl Stamper {
    /// Starts on a log.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub(crate) fn start(
        log: Arc<dyn LogStore>,
        clock: Arc<dyn Clock>,
        settings: StampSettings,
        transport: Arc<dyn StampTransport>,
    ) -> std::io::Result<Self> {
        let (sender, messages) = channel();
        let (queries, waiting) = channel::<Vec<u8>>();
        let (answers, url) = (sender.clone(), settings.url.clone());
        // It knows nothing of the log, so that an authority that hangs keeps nothing open.
        std::thread::Builder::new()
            .name("stamp-query".into())
            .spawn(move || {
                while let Ok(query) = waiting.recv() {
                    if answers
                        .send(Message::Answer(transport.stamp(&url, &query)))
                        .is_err()
                    {
                        break;
                    }
                }
            })?;
        let status = Arc::new(Mutex::new(StampStatus {
            url: settings.url.clone(),
            ..StampStatus::default()
        }));
        let shown = Arc::clone(&status);
        let mut worker = Worker {
            log,
            clock,
            settings,
            queries,
            status: shown,
            last: None,
            pending: None,
            not_before: None,
        };
        worker.remember();
        let thread = Background::start(
            "stamper",
            sender,
            || Message::Stop,
            move || worker.run(&messages),
        )?;
        Ok(Self { thread, status })
    }

    /// How it stands.
    #[must_use]
    pub fn status(&self) -> StampStatus {
        self.status
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Looks at the clock at once, instead of within a second.
    pub fn nudge(&self) {
        self.thread.send(Message::Nudge);
    }

    /// Stops, without waiting for an answer that is under way.
    pub fn stop(&self) {
        self.thread.stop();
    }
}

impl Worker {
    fn run(mut self, messages: &Receiver<Message>) {
        loop {
            if let Err(error) = self.advance() {
                self.failed(error.to_string());
            }
            match messages.recv_timeout(TICK) {
                Ok(Message::Answer(answer)) => self.answered(answer),
                Ok(Message::Nudge) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// The checkpoint to be stamped: the newest that the quorum has cosigned, which is the one that
    /// readers are shown; where none is, the newest that the log has signed.
    fn newest(&self) -> Result<Option<StoredCheckpoint>, ReadError> {
        match self.log.last_archived(Size::MAX)? {
            Some(archived) => Ok(Some(archived)),
            None => Ok(self.log.checkpoint()?),
        }
    }

    /// Takes up what an earlier run has stamped, as far as the log has not grown since.
    fn remember(&mut self) {
        let found = self.newest().and_then(|newest| match newest {
            Some(newest) => Ok(self
                .log
                .tokens(newest.size)?
                .last()
                .and_then(|token| Some((token.size, stated_time(&token.bytes).ok()?)))),
            None => Ok(None),
        });
        match found {
            Ok(last) => self.last = last,
            Err(error) => tracing::warn!(%error, "the archived time stamps could not be read"),
        }
    }

    fn is_due(&self, size: Size) -> bool {
        let Some((stamped, at)) = self.last else {
            return true;
        };
        let passed = self.clock.now().duration_since(at);
        // A clock that jumps back must not keep stamps away.
        let pace = if size > stamped {
            self.settings.grown
        } else {
            self.settings.idle
        };
        passed.unsigned_abs() >= pace
    }

    fn advance(&mut self) -> Result<(), ReadError> {
        if self.pending.is_some() || self.not_before.is_some_and(|at| at > Instant::now()) {
            return Ok(());
        }
        let Some(newest) = self.newest()?.filter(|newest| self.is_due(newest.size)) else {
            return Ok(());
        };
        let Some(body) = Checkpoint::of_note(&newest.note).map(|checkpoint| checkpoint.body())
        else {
            self.failed("the checkpoint is malformed".to_owned());
            return Ok(());
        };
        let mut nonce = [0; 8];
        record::entropy::Entropy::fill(&mut OsEntropy, &mut nonce);
        let query = StampQuery::new(*sha256(body.as_bytes()).as_bytes(), nonce);
        let der = match query.der() {
            Ok(der) => der,
            Err(error) => {
                self.failed(format!("the query could not be written: {error}"));
                return Ok(());
            }
        };
        if self.queries.send(der).is_ok() {
            self.pending = Some(Pending {
                size: newest.size,
                query,
            });
        }
        Ok(())
    }

    fn answered(&mut self, answer: Result<Vec<u8>, BoxError>) {
        let Some(Pending { size, query }) = self.pending.take() else {
            return;
        };
        let checked = answer
            .map_err(|error| format!("the authority did not answer: {error}"))
            .and_then(|token| {
                let time = query.check(&token).map_err(|error| error.to_string())?;
                self.log
                    .archive_token(size, &token)
                    .map_err(|error| format!("the stamp could not be archived: {error}"))?;
                Ok(time)
            });
        match checked {
            Ok(time) => {
                self.last = Some((size, self.clock.now()));
                self.not_before = None;
                let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
                *status = StampStatus {
                    size: Some(size),
                    time: Some(time),
                    error: None,
                    failing_since: None,
                    url: status.url.clone(),
                };
            }
            Err(what) => self.failed(what),
        }
    }

    fn failed(&mut self, what: String) {
        tracing::warn!(error = what, "a checkpoint was not stamped");
        self.not_before = Some(Instant::now() + self.settings.retry);
        let now = self.clock.now();
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.error = Some(what);
        status.failing_since.get_or_insert(now);
    }
}
