//! A run: cases are made, loads are carried out one after another, peers are asked the same, and
//! what was found is put together. Who starts the server, and where, is not known here.

mod parts;
mod pools;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::bench::pools::Pool;
use crate::cases::EVENTS_MAX;
use crate::evidence::Profile;
use crate::loads::{CLIENTS, Load, OPEN_CLIENTS};
use crate::meter::Meter;
use crate::pace::{Measured, Pace, Span, run};
use crate::peer::Peer;
use crate::process::usage;
use crate::report::{Peer as PeerNote, Report, Row, Target, rounded};
use crate::users::{askers, note_takers, of_each, versions};

/// The length of the cases that are asked for where nothing else is stated.
const USUAL: u32 = 30;
/// The load that is compared when there is little time, and profiled.
pub const COMPARED: (u32, u32) = (30, 64);
/// So long after it was asked a server has told how often it synced.
const TOLD_AFTER: Duration = Duration::from_millis(100);
const TICK: Duration = Duration::from_millis(100);

/// Why a run was given up.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A case could not be made.
    #[error("the server did not record a step of a case: {0}")]
    Making(String),
    /// The library of histograms refused what is fixed here.
    #[error("a histogram cannot be made")]
    Histogram(#[from] hdrhistogram::CreationError),
    /// The peer stopped answering.
    #[error("the peer cannot be measured")]
    Peer(#[from] crate::peer::Absent),
    /// A part of a load never came back.
    #[error("a part of a load was lost")]
    Lost(#[from] tokio::task::JoinError),
}

/// The server under load, as its process shows itself.
pub trait Watched: Sync {
    /// The id of the process.
    fn id(&self) -> u32;
    /// Asks it how often it synced.
    fn ask_for_syncs(&self);
    /// What it told last; null where it does not.
    fn syncs(&self) -> Option<u64>;
}

/// Hears how far a run is.
pub trait Progress: Send + Sync {
    /// Something begins that takes so many steps.
    fn begin(&self, what: &str, steps: u64);
    /// A step of it is done.
    fn step(&self);
}

/// What is to be run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The loads.
    pub loads: Vec<Load>,
    /// How many clients; each load's own where not stated.
    pub clients: Option<Vec<u32>>,
    /// How many notes are due a second; as fast as the clients can where not stated.
    pub rate: Option<f64>,
    /// How long each load takes.
    pub span: Span,
    /// The seed of the cases.
    pub seed: u64,
    /// The question for a whole case, in GraphQL, with the variable `id`.
    pub view: &'static str,
    /// Whether the cases of a load are no more than its clients, which makes them sooner.
    pub few_cases: bool,
    /// Where a profile may be kept for a moment.
    pub directory: PathBuf,
}

/// A run.
pub struct Bench<'a, P> {
    /// Where the server listens.
    pub server: SocketAddr,
    /// Its process.
    pub watched: &'a dyn Watched,
    /// The peer, where there is one.
    pub peer: Option<P>,
    /// What is to be run.
    pub settings: Settings,
    /// What was found.
    pub report: Report,
    /// Who hears how far it is.
    pub progress: Arc<dyn Progress>,
    pools: BTreeMap<u32, Pool>,
    families: u64,
}

/// What the server has used at a moment.
struct Sample {
    cpu: Option<Duration>,
    own: Option<Duration>,
    syncs: Option<u64>,
}

/// What is said of a row beside what was measured.
struct About {
    load: String,
    part: Option<String>,
    target: Target,
    rate: Option<f64>,
    cases: usize,
    events: (f64, f64),
}

/// A row without what the process used.
fn row<C>(about: About, clients: u32, measured: &Measured<C>) -> Row {
    let meter: &Meter = &measured.meter;
    let seconds = measured.took.as_secs_f64();
    Row {
        load: about.load,
        part: about.part,
        target: about.target,
        clients,
        rate: about.rate,
        seconds: rounded(seconds),
        done: meter.done,
        busy: meter.busy,
        failed: meter.failed,
        failure: meter.first_failure.clone(),
        unsent: meter.unsent,
        per_second: rounded(meter.done as f64 / seconds),
        latency_ms: meter.latency(),
        cpu_micros: None,
        sender_cpu_micros: None,
        syncs: None,
        memory_bytes: None,
        cases: u32::try_from(about.cases).unwrap_or(u32::MAX),
        events_from: rounded(about.events.0),
        events_to: rounded(about.events.1),
    }
}

/// What this process has spent so far: it sends the load.
fn own_cpu() -> Option<Duration> {
    usage(std::process::id()).map(|usage| usage.cpu)
}

fn micros(time: Option<Duration>) -> Option<f64> {
    time.map(|time| time.as_secs_f64() * 1e6)
}

/// What each request took of something that grew meanwhile.
fn for_each(asked: u64, before: Option<f64>, after: Option<f64>) -> Option<f64> {
    let grew = after? - before?;
    (asked > 0).then(|| rounded(grew.max(0.0) / asked as f64))
}

impl<'a, P: Peer> Bench<'a, P> {
    /// A run that has not begun.
    #[must_use]
    pub fn new(
        server: SocketAddr,
        watched: &'a dyn Watched,
        peer: Option<P>,
        settings: Settings,
        report: Report,
        progress: Arc<dyn Progress>,
    ) -> Self {
        Self {
            server,
            watched,
            peer,
            settings,
            report,
            progress,
            pools: BTreeMap::new(),
            families: 0,
        }
    }

    /// Carries all loads out.
    ///
    /// # Errors
    /// [`BenchError::Making`] when the server does not take a case, [`BenchError::Lost`] when a part of
    /// a load never came back; the report holds what was found before.
    pub async fn run(&mut self) -> Result<(), BenchError> {
        let loads = self.settings.loads.clone();
        let lengths: Vec<u32> = loads
            .iter()
            .filter_map(|load| match load {
                Load::Notes(events) => Some(*events),
                _ => None,
            })
            .collect();
        if !lengths.is_empty() {
            self.all_notes(&lengths).await?;
        }
        for load in loads {
            match load {
                Load::Notes(_) => {}
                Load::Steady(rate) => self.steady(load, f64::from(rate)).await?,
                Load::View | Load::Version => self.questions(load).await?,
                Load::Lists => self.lists().await?,
                Load::Mixed => self.mixed().await?,
            }
        }
        self.report.compare();
        Ok(())
    }

    /// Notes to cases of all these lengths by more and more clients, and the peer with as many in
    /// between: what the machine does otherwise meets both.
    async fn all_notes(&mut self, lengths: &[u32]) -> Result<(), BenchError> {
        let default = match self.settings.rate {
            Some(_) => vec![OPEN_CLIENTS],
            None => CLIENTS.to_vec(),
        };
        let counts = self.settings.clients.clone();
        for clients in counts.clone().unwrap_or(default) {
            for events in lengths {
                // More clients than two dozen only wait for their turn in the few longest cases.
                if *events < EVENTS_MAX || counts.is_some() || clients <= 16 {
                    self.notes(*events, clients).await?;
                }
            }
            self.append(clients, self.settings.rate).await?;
        }
        Ok(())
    }

    /// Notes to cases of one length.
    ///
    /// # Errors
    /// As [`Bench::run`].
    pub async fn notes(&mut self, events: u32, clients: u32) -> Result<(), BenchError> {
        let rate = self.settings.rate;
        self.record(Load::Notes(events), events, clients, rate)
            .await
    }

    /// The same number of appends by the peer, where there is one. A peer that fails is not asked
    /// again, and the report says why: what was found of ours is not lost with it.
    ///
    /// # Errors
    /// As [`Bench::run`].
    pub async fn append(&mut self, clients: u32, rate: Option<f64>) -> Result<(), BenchError> {
        let Some(peer) = self.peer.take() else {
            return Ok(());
        };
        match self.appended(&peer, clients, rate).await {
            Ok(row) => {
                self.report.rows.push(row);
                self.peer = Some(peer);
                Ok(())
            }
            Err(BenchError::Peer(absent)) => {
                self.report.peers.push(PeerNote {
                    name: P::TARGET.name().to_owned(),
                    version: None,
                    note: format!("it failed at {clients} clients: {absent}"),
                });
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    async fn appended(&self, peer: &P, clients: u32, rate: Option<f64>) -> Result<Row, BenchError> {
        let streams = clients.max(64);
        let senders = peer.clients(clients, streams).await?;
        let (cpu, syncs, own) = (peer.cpu(), peer.syncs().await, own_cpu());
        let name = P::TARGET.name();
        let measured = timed(&self.progress, name, self.settings.span, |span| {
            run(senders, rate.map_or(Pace::AsFast, Pace::Rate), span)
        })
        .await?;
        let (after, own_after) = (peer.cpu(), own_cpu());
        let about = About {
            load: "append".to_owned(),
            part: None,
            target: P::TARGET,
            rate,
            cases: usize::try_from(streams).unwrap_or(0),
            events: (0.0, measured.asked as f64 / f64::from(streams)),
        };
        let mut row = row(about, clients, &measured);
        let asked = measured.asked;
        // What a connection did is counted when it ends.
        drop(measured);
        tokio::time::sleep(TOLD_AFTER * 5).await;
        let synced = peer.syncs().await;
        row.cpu_micros = for_each(asked, micros(cpu), micros(after));
        row.sender_cpu_micros = for_each(asked, micros(own), micros(own_after));
        let number = |count: Option<u64>| count.map(|count| count as f64);
        row.syncs = for_each(asked, number(syncs), number(synced));
        Ok(row)
    }

    async fn steady(&mut self, load: Load, rate: f64) -> Result<(), BenchError> {
        let rate = self.settings.rate.unwrap_or(rate);
        for clients in self.clients_or(OPEN_CLIENTS) {
            self.record(load, USUAL, clients, Some(rate)).await?;
            self.append(clients, Some(rate)).await?;
        }
        Ok(())
    }

    fn clients_or(&self, default: u32) -> Vec<u32> {
        let stated = self.settings.clients.clone();
        stated.unwrap_or_else(|| vec![default])
    }

    async fn record(
        &mut self,
        load: Load,
        events: u32,
        clients: u32,
        rate: Option<f64>,
    ) -> Result<(), BenchError> {
        let mut pool = self.pool(events, clients).await?;
        let from = pool.events();
        let users = note_takers(self.server, &mut pool.cases, clients);
        let before = self.sample().await;
        let name = load.name();
        let measured = timed(&self.progress, name, self.settings.span, |span| {
            run(users, rate.map_or(Pace::AsFast, Pace::Rate), span)
        })
        .await?;
        pool.more += measured.clients.iter().map(|user| user.sent).sum::<u64>();
        let about = About {
            load: name.to_owned(),
            part: None,
            target: Target::Sagsspor,
            rate,
            cases: pool.cases.len(),
            events: (from, pool.events()),
        };
        let row = row(about, clients, &measured);
        self.push(row, measured.asked, &before).await;
        self.pools.insert(events, pool);
        Ok(())
    }

    async fn questions(&mut self, load: Load) -> Result<(), BenchError> {
        let pool = self.usual_pool().await?;
        let questions = match load {
            Load::View => of_each(&pool.cases, self.settings.view),
            _ => versions(&pool.cases),
        };
        let (cases, events) = (pool.cases.len(), pool.events());
        self.pools.insert(USUAL, pool);
        for clients in self.clients_or(16) {
            let users = askers(self.server, &questions, clients);
            let before = self.sample().await;
            let name = load.name();
            let measured = timed(&self.progress, name, self.settings.span, |span| {
                run(users, Pace::AsFast, span)
            })
            .await?;
            let about = About {
                load: name.to_owned(),
                part: None,
                target: Target::Sagsspor,
                rate: None,
                cases,
                events: (events, events),
            };
            let row = row(about, clients, &measured);
            self.push(row, measured.asked, &before).await;
        }
        Ok(())
    }

    /// Where the time goes while notes are taken; the row of that load is not among those that are
    /// compared, because the profile slows it down.
    ///
    /// # Errors
    /// As [`Bench::run`].
    pub async fn profile(&mut self) -> Result<(), BenchError> {
        let (events, clients) = COMPARED;
        let mut pool = self.pool(events, clients).await?;
        let users = note_takers(self.server, &mut pool.cases, clients);
        let profile = Profile::start(self.watched.id(), &self.settings.directory);
        timed(&self.progress, "profile", self.settings.span, |span| {
            run(users, Pace::AsFast, span)
        })
        .await?;
        let shares = profile.and_then(Profile::finish);
        let evidence = &mut self.report.evidence;
        match shares {
            Ok(shares) => {
                evidence.shares = shares;
                evidence.note = format!("{}, {clients} clients", Load::Notes(events).name());
            }
            Err(why) => evidence.note = format!("not profiled: {why}"),
        }
        Ok(())
    }

    async fn sample(&self) -> Sample {
        self.watched.ask_for_syncs();
        let (cpu, own) = (usage(self.watched.id()).map(|usage| usage.cpu), own_cpu());
        tokio::time::sleep(TOLD_AFTER).await;
        Sample {
            cpu,
            own,
            syncs: self.watched.syncs(),
        }
    }

    async fn push(&mut self, mut row: Row, asked: u64, before: &Sample) {
        let after = self.sample().await;
        row.cpu_micros = for_each(asked, micros(before.cpu), micros(after.cpu));
        row.sender_cpu_micros = for_each(asked, micros(before.own), micros(after.own));
        let syncs = |sample: &Sample| sample.syncs.map(|count| count as f64);
        row.syncs = for_each(asked, syncs(before), syncs(&after));
        row.memory_bytes = usage(self.watched.id()).map(|usage| usage.memory);
        self.report.rows.push(row);
    }
}

/// Runs something while somebody hears how far it is.
async fn timed<F: Future>(
    progress: &Arc<dyn Progress>,
    what: &str,
    span: Span,
    begin: impl FnOnce(Span) -> F,
) -> F::Output {
    let ticks = (span.warm_up + span.measured).as_millis() / TICK.as_millis();
    progress.begin(what, u64::try_from(ticks).unwrap_or(1));
    let hearing = Arc::clone(progress);
    let ticking = tokio::spawn(async move {
        loop {
            tokio::time::sleep(TICK).await;
            hearing.step();
        }
    });
    let output = begin(span).await;
    ticking.abort();
    output
}
