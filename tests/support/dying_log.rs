//! A log on which an erasure never gets beyond a chosen step, and whose index and keys may say what
//! is not true. Everything else is the embedded store itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::clock::SetClock;
use app::commands::erase::{EraseTarget, ErasureOrder};
use app::layout::Layout;
use app::operations::operator::Operator;
use events::erasure::ErasureGround;
use events::ids::CommandId;
use events::meta::Meta;
use events::text::EmployeeId;
use events::words::Words;
use record::outline::Outline;
use record::positions::{LogIndex, Seq};
use store::backend::opening::OpenReport;
use store::disk::RealDisk;
use store::embedded::index_home::VouchKey;
use store::embedded::keys::FileKeyStore;
use store::embedded::log::EmbeddedStore;
use store::embedded::options::{IndexKind, Options};
use store::key_store::{
    KeyError, KeyRow, KeyStore, PartRow, Rewrite, Secrets, SeedChange, SubjectRow,
};
use store::log_store::blobs::Blobs;
use store::log_store::reader::LogReader;
use store::log_store::writer::LogWriter;
use store::log_store::{Batch, BlobChange, CommitError, LogStore, ReadError, StoredEntry};
use store::overlay::Overlay;
use uuid::Uuid;

use crate::dirs::Dirs;

/// The step at which the process "dies".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The order is recorded, and nothing behind it: no checkpoint covers it.
    Order,
    Keys,
    Blobs,
    /// Blobs are not destroyed, although it is said so.
    BlobsPretended,
    Report,
    /// At none.
    None,
}

/// Keys whose exchange may fail, or after which one row seems to be there still.
struct Keys(FileKeyStore, bool, Option<PartRow>);

impl KeyStore for Keys {
    fn secrets(&self) -> Secrets {
        self.0.secrets()
    }
    fn put_post_quantum_seed(&self, seed: &[u8; 32]) -> Result<(), KeyError> {
        self.0.put_post_quantum_seed(seed)
    }
    fn change_seeds(&self, change: SeedChange) -> Result<(), KeyError> {
        self.0.change_seeds(change)
    }
    fn put(&self, rows: &[KeyRow]) -> Result<(), KeyError> {
        self.0.put(rows)
    }
    fn part(&self, event: Uuid, part: u16) -> Result<Option<PartRow>, KeyError> {
        let sticks = self
            .2
            .clone()
            .filter(|row| (row.event, row.part) == (event, part));
        Ok(sticks.or(self.0.part(event, part)?))
    }
    fn subject(&self, subject: Uuid) -> Result<Option<SubjectRow>, KeyError> {
        self.0.subject(subject)
    }
    fn parts_of(&self, subject: Uuid) -> Result<Vec<PartRow>, KeyError> {
        self.0.parts_of(subject)
    }
    fn rotate(
        &self,
        new_root: [u8; 32],
        rewrite: Rewrite<'_>,
        extra: &[KeyRow],
    ) -> Result<(), KeyError> {
        if self.1 {
            Err(KeyError::NotWritten("interrupted".into()))
        } else {
            self.0.rotate(new_root, rewrite, extra)
        }
    }
}

/// What an index says that is not true.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lie {
    /// It does not know an event.
    Hides(Uuid),
    /// It takes another entry for an event.
    Takes(Uuid, u64),
    /// It takes another entry for one of a stream.
    Misplaces(Uuid, u64, u64),
}

struct Log {
    inner: EmbeddedStore,
    step: Step,
    dead: AtomicBool,
    lie: Option<Lie>,
}

impl Overlay for Log {
    fn behind(&self) -> &dyn LogStore {
        &self.inner
    }
    fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        if self.dead.load(Ordering::Relaxed) {
            Err(CommitError::NotWritten("interrupted".into()))
        } else {
            let orders = batch.entries.iter().any(|entry| {
                matches!(Outline::read(&entry.bytes), Ok(Outline::Event(event)) if event.erases)
            });
            let committed = self.inner.commit(batch);
            let dies = orders && self.step == Step::Order;
            self.dead.fetch_or(dies, Ordering::Relaxed);
            committed
        }
    }
    fn stream_page(
        &self,
        stream: Uuid,
        from_seq: Seq,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, ReadError> {
        let mut page = self.inner.stream_page(stream, from_seq, limit)?;
        if let Some(Lie::Misplaces(own, seq, index)) = self.lie
            && own == stream
            && let Some(entry) = seq
                .checked_sub(from_seq.get())
                .and_then(|place| page.get_mut(usize::try_from(place).unwrap()))
        {
            *entry = self.inner.entry(LogIndex::new(index))?.unwrap();
        }
        Ok(page)
    }
    fn event_index(&self, event_id: Uuid) -> Result<Option<LogIndex>, ReadError> {
        match self.lie {
            Some(Lie::Hides(own)) if own == event_id => Ok(None),
            Some(Lie::Takes(own, index)) if own == event_id => Ok(Some(LogIndex::new(index))),
            _ => self.inner.event_index(event_id),
        }
    }
    fn change_blobs(&self, changes: &[BlobChange]) -> Result<(), CommitError> {
        if self.step == Step::Blobs {
            return Err(CommitError::NotWritten("interrupted".into()));
        }
        if self.step == Step::BlobsPretended {
            return Ok(());
        }
        let changed = self.inner.change_blobs(changes);
        self.dead
            .store(self.step == Step::Report, Ordering::Relaxed);
        changed
    }
}

/// An order to erase, with everything that it needs.
pub fn order_of(target: EraseTarget) -> ErasureOrder {
    ErasureOrder {
        command: CommandId::new(Uuid::from_u128(0xe)).unwrap(),
        meta: Meta::at("2024-11-10".parse().unwrap()),
        target,
        ground: ErasureGround::Gdpr17,
        legal_check: Words::parse("Ingen pligt til at bevare.").unwrap(),
        approved_by: EmployeeId::new("D2").unwrap(),
    }
}

/// A log on which an erasure never gets beyond a step.
pub fn dying(place: &Layout, step: Step, clock: &Arc<SetClock>) -> Operator {
    lying(place, step, clock, None, None)
}

/// The same with an index that says something else than the log, and a key that seems to outlive
/// its destruction.
pub fn lying(
    place: &Layout,
    step: Step,
    clock: &Arc<SetClock>,
    lie: Option<Lie>,
    sticks: Option<PartRow>,
) -> Operator {
    let disk = Arc::new(RealDisk::default());
    let options = Options::new(
        place.log_dir(),
        *b"0999",
        IndexKind::Disk(VouchKey::new([9; 32])),
    );
    let inner = EmbeddedStore::open(disk.clone(), &options, &mut |_, _| {}).unwrap();
    let log = Arc::new(Log {
        inner,
        step,
        dead: AtomicBool::new(false),
        lie,
    });
    let keys = Arc::new(Keys(
        FileKeyStore::open(disk, &place.key_dir()).unwrap(),
        step == Step::Keys,
        sticks,
    ));
    Operator::with_stores(
        place.clone(),
        log,
        keys,
        Arc::<SetClock>::clone(clock),
        OpenReport::default(),
    )
    .unwrap()
}
