//! Opening a log for the commands that write to it or read its content.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::clock::{Clock, LiveClock, Word};
use app::courier::rollback::{self, RollbackError};
use app::courier::{Policy, Shown, TransportAnswer, WitnessTransport};
use app::error::BoxError;
use app::layout::{Layout, Municipality};
use app::service::{App, Guard, StartError};
use app::viewer::{Purpose, Viewer};
use events::meta::{Actor, Role};
use events::words::Words;
use miette::{IntoDiagnostic, Result, WrapErr};
use server::outgoing::Outgoing;
use store::log_store::LogStore;

use crate::cli::LogArgs;
use crate::lock::Keysmith;
use crate::terminal;

pub(crate) fn layout(args: &LogArgs) -> Result<Layout> {
    let municipality = Municipality::parse(&args.municipality).into_diagnostic().wrap_err("--municipality")?;
    let layout = Layout::new(&args.data, &args.keys, &args.host, municipality);
    Ok(layout.locked_by(Arc::new(Keysmith::new(&args.opening))))
}

/// How long a witness may take to say what it knows, before a log is opened.
const ASKING: Duration = Duration::from_secs(5);

/// The machine's clock as a log is recorded by it, with the operator's word where it is given.
pub(crate) fn clock(args: &LogArgs) -> Result<Arc<LiveClock>> {
    let word = |reason: &str| {
        let reason = Words::parse(reason).into_diagnostic().wrap_err("--trust-clock needs a reason")?;
        Ok::<_, miette::Report>(Word { reason, operator: operator() })
    };
    let word = args.clock.trust_clock.as_deref().map(word).transpose()?;
    Ok(Arc::new(LiveClock::new(Duration::from_secs(args.clock.clock_bound_seconds), word)))
}

/// Who started the program, as the machine tells: stated, not proven.
fn operator() -> String {
    let name = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|name| !name.trim().is_empty()));
    name.map_or_else(|| "operator".to_owned(), |name| format!("operator {}", name.trim()))
}

/// Opens a log. Where there is a policy, its witnesses are asked before anything is written.
pub(crate) fn open(args: &LogArgs) -> Result<Arc<App>> {
    open_by(args, &clock(args)?)
}

/// The same by a clock, which hears of the witnesses' clocks as well.
pub(crate) fn open_by(args: &LogArgs, clock: &Arc<LiveClock>) -> Result<Arc<App>> {
    let policy = policy(args.witness_policy.as_deref())?;
    open_guarded(layout(args)?, Arc::<LiveClock>::clone(clock), &asking(policy.as_ref(), clock))
}

/// Opens the access log of an opened log, where there is one or it is to be witnessed: what either
/// says of the other is compared before anything is written to it.
pub(crate) fn open_accesses(app: &App, policy: Option<&Policy>, clock: &LiveClock) -> Result<Option<Arc<App>>> {
    let dir = app.layout().accesses().log_dir();
    if policy.is_none() && !dir.exists() {
        return Ok(None);
    }
    let accesses = with_bar(|progress| app.open_access_log(progress, &asking(policy, clock)));
    told(accesses, &dir).map(Some)
}

/// Asks the witnesses of a policy what they know, and lets the clock hear what time it is there.
fn asking<'a>(policy: Option<&'a Policy>, clock: &'a LiveClock) -> impl Fn(&dyn LogStore, &str) -> Result<(), RollbackError> + 'a {
    move |store, origin| {
        let hearing = Hearing { way: Outgoing::new(ASKING), clock };
        policy.map_or(Ok(()), |policy| rollback::check(store, origin, policy, &hearing))
    }
}

/// The way to witnesses, on which the clock hears theirs.
struct Hearing<'a> {
    way: Outgoing,
    clock: &'a LiveClock,
}

impl WitnessTransport for Hearing<'_> {
    fn add_checkpoint(&self, url: &str, body: &str, asked_at: u64) -> Result<TransportAnswer, BoxError> {
        self.way.add_checkpoint(url, body, asked_at)
    }

    fn latest(&self, url: &str, origin_hash: &str) -> Result<Shown, BoxError> {
        let asked = self.clock.elapsed();
        let shown = self.way.latest(url, origin_hash)?;
        if let Some(told) = shown.time {
            self.clock.hear(&format!("the witness at {url}"), told, asked);
        }
        Ok(shown)
    }
}

/// The policy that names the witnesses of a log, if one is given.
pub(crate) fn policy(path: Option<&Path>) -> Result<Option<Policy>> {
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).into_diagnostic().wrap_err_with(|| format!("cannot read {}", path.display()))?;
        Policy::parse(&text).into_diagnostic().wrap_err_with(|| path.display().to_string())
    };
    path.map(read).transpose()
}

pub(crate) fn open_with(layout: Layout, clock: Arc<dyn Clock>) -> Result<Arc<App>> {
    open_guarded(layout, clock, &|_, _| Ok(()))
}

/// Opens a log if the guard agrees, before anything is written.
fn open_guarded(layout: Layout, clock: Arc<dyn Clock>, guard: Guard<'_>) -> Result<Arc<App>> {
    let dir = layout.log_dir();
    let app = told(with_bar(|progress| App::open_guarded(layout, clock, progress, guard).map(Arc::new)), &dir)?;
    app.write_log_key().into_diagnostic().wrap_err_with(|| dir.display().to_string())?;
    Ok(app)
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
fn told(opened: Result<Arc<App>, StartError>, dir: &Path) -> Result<Arc<App>> {
    let app = opened.into_diagnostic().wrap_err_with(|| format!("cannot open the log in {}", dir.display()))?;
    if app.report().cut_bytes > 0 {
        terminal::complain(&format!("a torn last write of {} bytes was cut off; it had never been acknowledged", app.report().cut_bytes));
    }
    if let Some(refusal) = app.clock_refusal() {
        terminal::complain(&format!(
            "CLOCK_REFUSED: {refusal}. Nothing is recorded until the clock agrees; where it is right, say so: --trust-clock REASON"
        ));
    }
    Ok(app)
}

/// Waits until the lists reflect everything that is recorded.
pub(crate) fn make_lists(app: &App) -> Result<()> {
    let bar = std::cell::OnceCell::new();
    let mut progress = |done, total| bar.get_or_init(|| terminal::bar("making the lists", total)).set_position(done);
    app.lists_ready(&mut progress).into_diagnostic()?;
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    Ok(())
}

/// The verifier key that lies beside a log; the established one, where they are being exchanged.
pub(crate) fn read_log_key(layout: &Layout) -> Result<String> {
    let path = layout.log_key_file();
    let text = std::fs::read_to_string(&path).into_diagnostic();
    Ok(text
        .wrap_err_with(|| format!("cannot read the verifier key {}; give it with --log-key", path.display()))?
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
    Viewer { actor, purpose: Purpose::Development }
}
