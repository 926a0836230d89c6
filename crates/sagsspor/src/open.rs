//! Opening a log for the commands that write to it or read its content.

use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::access::viewer::{Purpose, Viewer};
use app::clock::{Clock, LiveClock, Word};
use app::error::BoxError;
use app::layout::{Layout, Municipality};
use app::log::rollback_check;
use app::open::{Guard, StartError};
use app::operations::operator::Operator;
use app::witnessing::client::rollback::{self, RollbackError};
use app::witnessing::client::{Policy, Shown, TransportAnswer, WitnessTransport};
use events::log::{Safeguard, SafeguardOverridden};
use events::meta::{Actor, Role};
use events::text::Short;
use events::words::Words;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use record::positions::Size;
use server::outgoing::Outgoing;
use store::backend::Backend;
use store::backend::opening::OpenError;
use store::backend::side_texts::SideText;
use store::backend::view::{LogView, Reading};
use store::embedded::backend::Embedded;
use store::log_store::LogStore;

use crate::cli::log::LogArgs;
use crate::key_lock::Keysmith;
use crate::operator::stated_name;
use crate::text::terminal;
use crate::usage::malformed;

/// The backend of this program: logs in directories, and their keys in others.
pub(crate) fn backend(data: &Path, keys: &Path) -> Arc<dyn Backend> {
    Arc::new(Embedded::new(data, keys))
}

/// A log in a directory that is named by itself: a copy of that of a layout.
pub(crate) fn copy(layout: &Layout, dir: &Path) -> Result<Option<Box<dyn LogView>>, OpenError> {
    let reading = Reading {
        checks_commands: true,
        ..Reading::default()
    };
    Embedded::copy(dir, layout.municipality().tenant(), reading)
}

pub(crate) fn layout(args: &LogArgs) -> Result<Layout> {
    let municipality = Municipality::parse(&args.municipality)
        .map_err(|error| malformed("--municipality", &error))?;
    let layout = Layout::new(backend(&args.data, &args.keys), &args.host, municipality);
    Ok(layout.locked_by(Arc::new(Keysmith::new(&args.opening))))
}

/// How long a witness may take to say what it knows, before a log is opened.
const ASKING: Duration = Duration::from_secs(5);
/// So many bytes of the names of silent witnesses are recorded.
const SILENT_BYTES: usize = 180;

fn cut(names: &str) -> String {
    let mut end = SILENT_BYTES.min(names.len());
    while !names.is_char_boundary(end) {
        end -= 1;
    }
    names.get(..end).unwrap_or_default().to_owned()
}

/// Whether a log that is not there may be begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    /// By a command that records what comes.
    Allowed,
    /// Not by one that needs what is there: a directory that was mistyped must not become a log.
    Never,
}

/// Tells that there is no log here, before anything is made.
pub(crate) fn existing(layout: &Layout) -> Result<()> {
    rollback_check::expect(layout).into_diagnostic()?;
    let dir = layout.places().log;
    if layout
        .holds_log()
        .into_diagnostic()
        .wrap_err_with(|| dir.clone())?
    {
        return Ok(());
    }
    Err(miette!(
        "there is no log in {dir}; --data names the directory of the data, --municipality the log in it; `sagsspor serve` and `sagsspor import` \
         begin one"
    ))
}

/// Opens a log that there is. Where there is a policy, its witnesses are asked before anything is
/// written.
pub(crate) fn open(args: &LogArgs) -> Result<Operator> {
    open_as(args, Begin::Never)
}

/// The machine's clock as a log is recorded by it, with the operator's word where it is given.
pub(crate) fn clock(args: &LogArgs) -> Result<Arc<LiveClock>> {
    let word = |reason: &str| {
        let reason = Words::parse(reason)
            .into_diagnostic()
            .wrap_err("--trust-clock needs a reason")?;
        Ok::<_, miette::Report>(Word {
            reason,
            operator: stated_name(),
        })
    };
    let word = args.clock.trust_clock.as_deref().map(word).transpose()?;
    Ok(Arc::new(LiveClock::new(
        Duration::from_secs(args.clock.clock_bound_seconds),
        word,
    )))
}

/// Opens a log.
pub(crate) fn open_as(args: &LogArgs, begin: Begin) -> Result<Operator> {
    open_by(args, begin, &clock(args)?)
}

/// The same by a clock, which hears of the witnesses' clocks as well.
pub(crate) fn open_by(args: &LogArgs, begin: Begin, clock: &Arc<LiveClock>) -> Result<Operator> {
    let policy = policy(args.witness_policy.as_deref())?;
    let asked = Asked::new(policy.as_ref(), args, clock)?;
    let layout = layout(args)?;
    if begin == Begin::Never {
        existing(&layout)?;
    }
    let operator = open_guarded(layout, Arc::<LiveClock>::clone(clock), &|store, origin| {
        asked.guard(store, origin)
    })?;
    asked.record(&operator)?;
    Ok(operator)
}

/// Opens the access log of an opened log, where there is one or it is to be witnessed: what either
/// says of the other is compared before anything is written to it.
pub(crate) fn open_accesses(
    operator: &Operator,
    policy: Option<&Policy>,
    args: &LogArgs,
    clock: &LiveClock,
) -> Result<Option<Operator>> {
    let layout = operator.layout().accesses();
    if policy.is_none() && !layout.holds_log().into_diagnostic()? {
        return Ok(None);
    }
    let asked = Asked::new(policy, args, clock)?;
    let accesses = with_bar(|progress| {
        operator.open_access_log(progress, &|store, origin| asked.guard(store, origin))
    });
    let accesses = told(accesses, &layout.places().log)?;
    asked.record(&accesses)?;
    Ok(Some(accesses))
}

/// What the witnesses of a log are asked before it is written to, and what came of it.
struct Asked<'a> {
    policy: Option<&'a Policy>,
    /// Hears what time it is there.
    clock: &'a LiveClock,
    /// The operator's word, where the log is to be opened although they are silent.
    reason: Option<Words>,
    /// Who was silent.
    silent: RefCell<Option<String>>,
}

impl<'a> Asked<'a> {
    fn new(policy: Option<&'a Policy>, args: &LogArgs, clock: &'a LiveClock) -> Result<Self> {
        let reason = args
            .without_witnesses
            .as_deref()
            .map(Words::parse)
            .transpose()
            .map_err(|error| malformed("--without-witnesses", &error))?;
        Ok(Self {
            policy,
            clock,
            reason,
            silent: RefCell::default(),
        })
    }

    fn guard(&self, store: &dyn LogStore, origin: &str) -> Result<(), RollbackError> {
        let Some(policy) = self.policy else {
            if store
                .last_archived(Size::MAX)
                .is_ok_and(|archived| archived.is_some())
            {
                terminal::complain(&format!(
                    "note: witnesses have cosigned {origin}, and no policy names them: whether an older copy lies here is not asked"
                ));
            }
            return Ok(());
        };
        let hearing = Hearing {
            way: Outgoing::new(ASKING),
            clock: self.clock,
        };
        match (
            rollback::check(store, origin, policy, &hearing),
            &self.reason,
        ) {
            (Err(RollbackError::Silent { silent }), Some(_)) => {
                *self.silent.borrow_mut() = Some(silent);
                Ok(())
            }
            (checked, _) => checked,
        }
    }

    /// Puts the operator's word on the record, if it was needed.
    fn record(&self, operator: &Operator) -> Result<()> {
        let Some(reason) = self.reason.clone() else {
            return Ok(());
        };
        let Some(silent) = self.silent.borrow().clone() else {
            terminal::complain(&format!(
                "note: --without-witnesses was not needed for {} and is not recorded",
                operator.layout().origin()
            ));
            return Ok(());
        };
        let facts = SafeguardOverridden {
            safeguard: Safeguard::Rollback,
            reason,
            clock: None,
            known_time: None,
            entries_here: Some(operator.public_log().size().get()),
            entries_known: None,
            known_by: Some(Short::new(cut(&format!("silent: {silent}"))).into_diagnostic()?),
        };
        operator
            .record_override(facts, &stated_name())
            .into_diagnostic()
            .wrap_err("that the witnesses were silent could not be recorded")?;
        terminal::complain(&format!(
            "note: {} is opened without {silent}; that and the reason are recorded in it",
            operator.layout().origin()
        ));
        Ok(())
    }
}

/// The way to witnesses, on which the clock hears theirs.
struct Hearing<'a> {
    way: Outgoing,
    clock: &'a LiveClock,
}

impl WitnessTransport for Hearing<'_> {
    fn add_checkpoint(
        &self,
        url: &str,
        body: &str,
        asked_at: u64,
    ) -> Result<TransportAnswer, BoxError> {
        self.way.add_checkpoint(url, body, asked_at)
    }

    fn latest(&self, url: &str, origin_hash: &str) -> Result<Shown, BoxError> {
        let asked = self.clock.elapsed();
        let shown = self.way.latest(url, origin_hash)?;
        if let Some(told) = shown.time {
            self.clock
                .hear(&format!("the witness at {url}"), told, asked);
        }
        Ok(shown)
    }
}

/// The policy that names the witnesses of a log, if one is given.
pub(crate) fn policy(path: Option<&Path>) -> Result<Option<Policy>> {
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot read {}", path.display()))?;
        Policy::parse(&text).map_err(|error| malformed(path.display(), &error))
    };
    path.map(read).transpose()
}

pub(crate) fn open_with(layout: Layout, clock: Arc<dyn Clock>) -> Result<Operator> {
    open_guarded(layout, clock, &|_, _| Ok(()))
}

/// Opens a log if the guard agrees, before anything is written.
fn open_guarded(layout: Layout, clock: Arc<dyn Clock>, guard: Guard<'_>) -> Result<Operator> {
    let dir = layout.places().log;
    let operator = told(
        with_bar(|progress| Operator::open_guarded(layout, clock, progress, guard)),
        &dir,
    )?;
    operator
        .write_log_key()
        .into_diagnostic()
        .wrap_err_with(|| dir.clone())?;
    Ok(operator)
}

/// Opens a log while a bar shows how far its index is.
fn with_bar<T>(open: impl FnOnce(&mut dyn FnMut(u64, u64)) -> T) -> T {
    let bar = std::cell::OnceCell::new();
    open(&mut |done, total| {
        let bar = bar.get_or_init(|| terminal::bar("making the index", total));
        bar.set_position(done);
        if done >= total {
            bar.finish_and_clear();
        }
    })
}

/// Tells what was found at opening.
fn told(opened: Result<Operator, StartError>, dir: &str) -> Result<Operator> {
    let operator = opened
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot open the log in {dir}"))?;
    if operator.report().cut_bytes > 0 {
        terminal::complain(&format!(
            "a torn last write of {} bytes was cut off; it had never been acknowledged",
            operator.report().cut_bytes
        ));
    }
    if let Some(refusal) = operator.clock_refusal() {
        terminal::complain(&format!(
            "note: nothing can be recorded here now (CLOCK_REFUSED): {refusal}; where the clock is right, say so: --trust-clock REASON"
        ));
    }
    Ok(operator)
}

/// Waits until the lists reflect everything that is recorded.
pub(crate) fn make_lists(operator: &Operator) -> Result<()> {
    let bar = std::cell::OnceCell::new();
    let mut progress = |done, total| {
        bar.get_or_init(|| terminal::bar("making the lists", total))
            .set_position(done)
    };
    operator.lists_ready(&mut progress).into_diagnostic()?;
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    Ok(())
}

/// A text beside a log, which must be there.
pub(crate) fn read_beside(layout: &Layout, text: SideText) -> io::Result<String> {
    let bytes = layout.side_texts().read(text)?;
    let missing = || io::Error::new(io::ErrorKind::NotFound, "there is no such file");
    String::from_utf8(bytes.ok_or_else(missing)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// The verifier key that lies beside a log; the established one, where they are being exchanged.
pub(crate) fn read_log_key(layout: &Layout) -> Result<String> {
    let text = read_beside(layout, SideText::LogKey).into_diagnostic();
    Ok(text
        .wrap_err_with(|| {
            format!(
                "cannot read the verifier key {}; give it with --log-key",
                layout.side_texts().place(SideText::LogKey)
            )
        })?
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned())
}

/// The one local identity while there is no identity provider.
pub(crate) fn developer(municipality: &str) -> Viewer {
    let actor = Actor {
        id: "local".to_owned(),
        role: Role::Caseworker,
        unit: Some("development".to_owned()),
        municipality: municipality.to_owned(),
    };
    Viewer {
        actor,
        purpose: Purpose::Development,
    }
}
