//! How a log is opened, put in order, and closed.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use domain::reading::ReadingPoint;
use record::positions::LogIndex;
use record::signing::LogKey;
use store::backend::opening::{LogKind, OpenError, OpenReport};
use store::backend::side_texts::SideText;
use store::key_store::{InitialSecrets, KeyError, KeyStore, LockableKeys};
use store::log_store::LogStore;
use store::projection_store::Generations;
use zeroize::Zeroizing;

use crate::app::{App, STREAM_LOCKS};
use crate::clock::Clock;
use crate::clock::watch::Watch;
use crate::entropy::secret;
use crate::error::{ReadError, RecordError};
use crate::evidence::bundle::kept_heads::KeptHeads;
use crate::layout::Layout;
use crate::log::caches::Caches;
use crate::log::content;
use crate::log::directory::Directory;
use crate::log::epoch::Epoch;
use crate::log::keyring::Keyring;
use crate::log::lost_keys::{self, KeysCut, OpenedWithKeys};
use crate::log::pending::PendingErasures;
use crate::log::reader::StreamReader;
use crate::log::rollback_check::{self, KnownError};
use crate::log::sequencer::Sequencer;
use crate::log::signing_keys::{self, CompleteError};
use crate::queries::look_up_streams::LookUpStreams;
use crate::rows::fold::RowMaker;
use crate::rows::lists::Lists;
use crate::rules::rulebook::{Rulebook, RulesError};
use crate::witnessing::client::rollback::RollbackError;
use crate::witnessing::newest_time::newest;

impl App {
    /// Opens a log under a law, or begins a new one with new keys.
    pub(crate) fn open_under(
        layout: Layout,
        clock: Arc<dyn Clock>,
        rules: &'static Rulebook,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, StartError> {
        Self::open_with(layout, clock, rules, progress, &|_, _| Ok(()), true)
    }

    /// Opens a log although its newest events do not open any more.
    pub(crate) fn open_without_newest_keys(
        layout: Layout,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        Self::open_with(
            layout,
            clock,
            Rulebook::checked()?,
            &mut |_, _| {},
            &|_, _| Ok(()),
            false,
        )
    }

    /// Opens a log under the law of the program. `guard` is asked first, with the store and the
    /// log's name: nothing is written unless it agrees.
    pub(crate) fn open_guarded(
        layout: Layout,
        clock: Arc<dyn Clock>,
        progress: &mut dyn FnMut(u64, u64),
        guard: Guard<'_>,
    ) -> Result<Self, StartError> {
        Self::open_with(layout, clock, Rulebook::checked()?, progress, guard, true)
    }

    fn open_with(
        layout: Layout,
        clock: Arc<dyn Clock>,
        rules: &'static Rulebook,
        progress: &mut dyn FnMut(u64, u64),
        guard: Guard<'_>,
        newest_keys: bool,
    ) -> Result<Self, StartError> {
        // A log that is known and not there must not be begun anew, nor its keys.
        rollback_check::expect(&layout)?;
        let keys: Arc<dyn KeyStore> = open_keys(&layout)?;
        let known = |log: &dyn LogStore| -> Result<(), StartError> {
            guard(log, &layout.origin())?;
            Ok(rollback_check::check(log, &layout)?)
        };
        let OpenedWithKeys { unswept, cut } =
            lost_keys::open((layout.backend(), &layout), &keys, &known, progress)?;
        if let Some(cut) = cut.filter(|_| newest_keys) {
            return Err(cut.into());
        }
        let report = unswept.report().clone();
        let log = unswept.sweep()?;
        let texts = layout.side_texts();
        let projections = layout.backend().rows(&layout.name())?;
        let app = Self::with_projections(layout, log, keys, projections, clock, report, rules)?;
        app.sequencer.listen(Box::new(move |checkpoint| {
            if let Err(error) = rollback_check::keep(&*texts, &checkpoint.note) {
                let file = texts.place(SideText::KnownCheckpoint);
                tracing::warn!(%error, file, "the checkpoint beside the keys could not be renewed");
            }
        }));
        Ok(app)
    }

    /// Works on stores that are open already.
    pub(crate) fn with_stores(
        layout: Layout,
        log: Arc<dyn LogStore>,
        keys: Arc<dyn KeyStore>,
        clock: Arc<dyn Clock>,
        report: OpenReport,
    ) -> Result<Self, StartError> {
        // Before anything is started or written: a program whose rules are wrong must not run.
        let rules = Rulebook::checked()?;
        let projections = layout.backend().rows(&layout.name())?;
        Self::with_projections(layout, log, keys, projections, clock, report, rules)
    }

    /// Works on stores that are open already, rows of lists included, under a law.
    pub(crate) fn with_projections(
        layout: Layout,
        log: Arc<dyn LogStore>,
        keys: Arc<dyn KeyStore>,
        projections: Arc<dyn Generations>,
        clock: Arc<dyn Clock>,
        report: OpenReport,
        rules: &'static Rulebook,
    ) -> Result<Self, StartError> {
        expect_origin(&*log, &layout.origin())?;
        signing_keys::complete(&*keys, &*log, &layout)?;
        let keyring = Arc::new(Keyring::new(Arc::clone(&keys)));
        let watch = Arc::new(Watch::start(Arc::clone(&clock), newest(&*log)?));
        let sequencer = Sequencer::start(
            Arc::clone(&log),
            Arc::clone(&keys),
            Arc::clone(&keyring),
            Arc::clone(&watch),
            &layout,
        )?;
        let pending = PendingErasures::new(layout.side_texts());
        let (directory, caches, epoch) = (
            Arc::<Directory>::default(),
            Arc::<Caches>::default(),
            Arc::<Epoch>::default(),
        );
        let reader = StreamReader {
            log: Arc::clone(&log),
            keyring: Arc::clone(&keyring),
            directory: Arc::clone(&directory),
            caches: Some(Arc::clone(&caches)),
            epoch: Arc::clone(&epoch),
        };
        let lists = match layout.log() {
            LogKind::Cases => {
                let row_maker = RowMaker::new(&reader, &layout, rules);
                Some(Lists::start(row_maker, projections).map_err(StartError::Thread)?)
            }
            LogKind::Accesses => None,
        };
        let app = Self {
            layout,
            log,
            keys,
            keyring,
            clock,
            watch,
            sequencer,
            witness_client: Mutex::default(),
            stamper: Mutex::default(),
            directory,
            pending,
            caches,
            kept_heads: KeptHeads::default(),
            look_up_streams: LookUpStreams::default(),
            unlinking_waits: AtomicBool::new(false),
            accesses: Mutex::default(),
            locks: (0..STREAM_LOCKS)
                .map(|_| tokio::sync::Mutex::default())
                .collect(),
            epoch,
            reader,
            rules,
            lists,
            report,
        };
        app.put_in_order()?;
        Ok(app)
    }

    /// Carries out what was promised or ordered before, and says what cannot be had.
    fn put_in_order(&self) -> Result<(), StartError> {
        self.keep_word()?;
        match self.resume_erasures_at_start() {
            Err(RecordError::ClockRefused(refused)) => {
                tracing::warn!(%refused, "an ordered erasure waits for a start with a clock that can be trusted");
            }
            // What is ordered stays ordered, and nothing of it is shown; a store that takes no
            // writes is opened for reading all the same.
            Err(error) if self.log.health().unusable.is_some() => {
                tracing::error!(%error, "erasures that were ordered wait")
            }
            resumed => resumed?,
        }
        self.lists_reflect_everything();
        if let Err(error) = self.rules_in_force(&ReadingPoint::default()) {
            // Facts are taken all the same; whoever asks for duties is told.
            tracing::warn!(%error, "no duties can be shown");
        }
        Ok(())
    }

    /// The log's verifier key, which auditors need.
    #[must_use]
    pub(crate) fn verifier_key(&self) -> String {
        LogKey::new(&self.layout.origin(), &self.keys.secrets().log_seed).vkey()
    }

    /// Puts the log's public verifier keys beside it, where they are not there yet. While keys are
    /// being exchanged the next ones stand in a second line.
    ///
    /// # Errors
    /// When a text cannot be written.
    pub(crate) fn write_log_key(&self) -> std::io::Result<()> {
        let keys = self.verifier_keys().map_err(std::io::Error::other)?;
        let next = self.next_verifier_keys().map_err(std::io::Error::other)?;
        let (next_ed25519, next_ml_dsa_44) = next.map_or((None, None), |next| {
            (Some(next.ed25519), Some(next.ml_dsa_44))
        });
        let wanted = [
            (SideText::LogKey, keys.ed25519, next_ed25519),
            (SideText::PostQuantumLogKey, keys.ml_dsa_44, next_ml_dsa_44),
        ];
        let texts = self.layout.side_texts();
        for (text, key, next) in wanted {
            let lines: String = [Some(key), next]
                .into_iter()
                .flatten()
                .map(|key| format!("{key}\n"))
                .collect();
            let known = texts.read(text);
            if known.is_ok_and(|known| known.as_deref() == Some(lines.as_bytes())) {
                continue;
            }
            // Auditors take it for whole.
            texts.put(text, lines.as_bytes())?;
        }
        Ok(())
    }

    /// Signs a last checkpoint and closes the stores.
    ///
    /// # Errors
    /// [`ReadError::Store`] when derived files could not be put in order; the record is durable
    /// regardless.
    pub(crate) fn close(&self) -> Result<(), ReadError> {
        let accesses = self
            .accesses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // Each is closed, whatever becomes of the other.
        let accesses = accesses.map_or(Ok(()), |accesses| accesses.close());
        self.sequencer.stop();
        drop(
            self.witness_client
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        drop(
            self.stamper
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        if let Some(lists) = &self.lists {
            lists.stop();
        }
        self.log.close()?;
        accesses
    }
}

/// The log could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal or its directory.
    #[error(transparent)]
    Log(#[from] OpenError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// There is a log, and not one key for it.
    #[error("{dir} holds no keys, but there is a log that needs them")]
    KeysGone {
        /// The key directory.
        dir: String,
    },
    /// The log was to be begun, and has entries.
    #[error("there is a log in {dir} already")]
    Begun {
        /// Its directory.
        dir: String,
    },
    /// Another log lies here.
    #[error("the log in this directory is {found}, not {expected}")]
    OtherLog {
        /// Name of the log that lies here.
        found: String,
        /// Name that was asked for.
        expected: String,
    },
    /// The record could not be read.
    #[error("the record could not be read")]
    Read(#[from] ReadError),
    /// The rules that duties are evaluated by.
    #[error("the law as data cannot be used")]
    Rules(#[from] RulesError),
    /// A thread could not be started.
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
    /// Witnesses know more of the log than lies here, or something else.
    #[error(transparent)]
    RolledBack(#[from] RollbackError),
    /// More is known of the log than lies here, or something else.
    #[error(transparent)]
    Known(#[from] KnownError),
    /// The keys do not reach as far as the log.
    #[error(transparent)]
    KeysCut(#[from] KeysCut),
    /// The first entries or an unfinished erasure could not be written.
    #[error("the log could not be put in order")]
    Record(#[from] RecordError),
}

impl From<CompleteError> for StartError {
    fn from(error: CompleteError) -> Self {
        match error {
            CompleteError::Read(error) => Self::Read(error),
            CompleteError::Keys(error) => Self::Keys(error),
        }
    }
}

/// Is asked with the store and the log's name before anything is written.
pub type Guard<'a> = &'a dyn Fn(&dyn LogStore, &str) -> Result<(), RollbackError>;

pub(crate) fn open_keys(layout: &Layout) -> Result<Arc<dyn LockableKeys>, StartError> {
    let (backend, name) = (layout.backend(), layout.name());
    if backend.holds_keys(&name)? {
        return Ok(backend.open_keys(&name, layout.locksmith())?);
    }
    if backend.holds_log(&name)? {
        return Err(StartError::KeysGone {
            dir: layout.places().keys,
        });
    }
    let fresh = || Zeroizing::new(secret());
    let initial = InitialSecrets {
        root: fresh(),
        event_seed: fresh(),
        log_seed: fresh(),
    };
    Ok(backend.create_keys(&name, &initial, layout.locksmith())?)
}

/// Whether the log that lies here is the one that was asked for.
fn expect_origin(log: &dyn LogStore, origin: &str) -> Result<(), StartError> {
    if let Some(first) = log.entry(LogIndex::FIRST).map_err(ReadError::from)? {
        let found = content::origin(&first)?;
        if found != origin {
            return Err(StartError::OtherLog {
                found,
                expected: origin.to_owned(),
            });
        }
    }
    Ok(())
}
