//! Servers on loopback: witnesses, and a log that shows its tiles. They end when their `Town` is
//! dropped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use app::access::viewer::Viewer;
use app::clock::{Clock, SetClock, SystemClock};
use app::operations::operator::Operator;
use app::session::Door;
use app::witnessing::client::{Policy, WitnessClientSettings, WitnessClientStatus};
use server::identity::IdentityProvider;
use server::outgoing::Outgoing;
use server::settings::Settings;
use witness::files::{HttpFiles, LogFiles};
use witness::keys::{KeyKind, LogKey, WitnessKey};
use witness::witness::{LogSettings, Witness};

use crate::waiting::wait_for;
use crate::world::viewer;

pub struct Town {
    runtime: Option<tokio::runtime::Runtime>,
    pub dir: tempfile::TempDir,
    /// The time of all witnesses, seconds of Unix time.
    pub time: Arc<AtomicU64>,
    pub witnesses: Vec<(String, SocketAddr)>,
}

impl Drop for Town {
    /// Waits until the servers have let go of what they serve.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            tokio::task::block_in_place(|| runtime.shutdown_timeout(Duration::from_secs(10)));
        }
    }
}

/// What a log tells its witnesses beforehand.
#[derive(Clone)]
pub struct LogKeys(pub Vec<String>);

pub fn log_keys(operator: &Operator) -> LogKeys {
    let keys = operator.public_log().verifier_keys().unwrap();
    LogKeys(vec![keys.ed25519, keys.ml_dsa_44])
}

impl Default for Town {
    fn default() -> Self {
        Self::new()
    }
}

impl Town {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Self {
            runtime: Some(runtime),
            dir: tempfile::tempdir().unwrap(),
            time: Arc::new(AtomicU64::new(1_800_000_000)),
            witnesses: Vec::new(),
        }
    }

    /// Serves a log, tiles included.
    pub fn show(&self, operator: &Operator) -> SocketAddr {
        self.show_to(operator, viewer("K1", events::meta::Role::Caseworker))
    }

    /// The same, to somebody.
    pub fn show_to(&self, operator: &Operator, viewer: Viewer) -> SocketAddr {
        self.serve(operator.door(), viewer)
    }

    /// Serves what lies behind a door to somebody.
    pub fn serve(&self, door: Door, viewer: Viewer) -> SocketAddr {
        let (told, address) = std::sync::mpsc::channel();
        let identity = IdentityProvider::Development(viewer);
        self.runtime.as_ref().unwrap().spawn(async move {
            let at = "127.0.0.1:0".parse().unwrap();
            server::serve::serve(
                door,
                identity,
                Settings::default(),
                at,
                |address| told.send(address).unwrap(),
                std::future::pending(),
            )
            .await
        });
        address.recv_timeout(Duration::from_secs(10)).unwrap()
    }

    /// Starts the next witness; with the address of a log it replays that log's entries.
    pub fn found(&mut self, keys: &LogKeys, kind: KeyKind, log: Option<SocketAddr>) {
        let number = u8::try_from(self.witnesses.len()).unwrap() + 1;
        let name = format!("witness.example/w{number}");
        let key = WitnessKey::new(&name, kind, [number; 32]).unwrap();
        let vkey = key.vkey();
        let log_name = keys.0[0]
            .split('+')
            .next()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap();
        let files = log.map(|address| {
            Box::new(HttpFiles::new(&format!(
                "http://{address}/tiles/{log_name}"
            ))) as Box<dyn LogFiles>
        });
        let settings = LogSettings {
            keys: keys
                .0
                .iter()
                .map(|key| LogKey::parse(key).unwrap())
                .collect(),
            files,
            keep: None,
        };
        let time = Arc::clone(&self.time);
        let clock = Box::new(move || time.load(Ordering::Relaxed));
        let witness = Witness::open(
            vec![key],
            vec![settings],
            &self.dir.path().join(format!("w{number}")),
            clock,
        )
        .unwrap();
        let (told, address) = std::sync::mpsc::channel();
        self.runtime.as_ref().unwrap().spawn(async move {
            let at = "127.0.0.1:0".parse().unwrap();
            witness::http::serve(
                Arc::new(witness),
                at,
                |address| told.send(address).unwrap(),
                std::future::pending(),
            )
            .await
        });
        self.witnesses
            .push((vkey, address.recv_timeout(Duration::from_secs(10)).unwrap()));
    }

    /// The first witness, one of the others, and both keys of the log.
    pub fn policy(&self, keys: &LogKeys) -> Policy {
        Policy::parse(&self.policy_text(keys)).unwrap()
    }

    pub fn policy_text(&self, keys: &LogKeys) -> String {
        let lines: String = (1..)
            .zip(&self.witnesses)
            .map(|(number, (vkey, address))| format!("witness w{number} {vkey} http://{address}\n"))
            .collect();
        let others: String = (2..=self.witnesses.len())
            .map(|number| format!(" w{number}"))
            .collect();
        format!(
            "log {}\nwitness logpq {}\n{lines}group others any{others}\ngroup q all logpq w1 others\nquorum q\n",
            keys.0[0], keys.0[1]
        )
    }

    /// Sets the witnesses' clocks by the log's: others would find everything dated back or ahead.
    pub fn takes_time_of(&self, operator: &Operator) {
        self.time.store(
            u64::try_from(operator.public_log().now().as_second()).unwrap(),
            Ordering::Relaxed,
        );
    }

    /// Lets the clocks of log and witnesses go with the machine's, beside programs that have no
    /// other.
    pub fn in_real_time(&self, clock: &Arc<SetClock>) -> RealTime {
        let (clock, time) = (Arc::clone(clock), Arc::clone(&self.time));
        let set = move || {
            let now = SystemClock.now();
            clock.set(now);
            time.store(u64::try_from(now.as_second()).unwrap(), Ordering::Relaxed);
        };
        set();
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout)
            {
                set();
            }
        });
        RealTime(Some(stop), Some(thread))
    }

    pub fn courier(&self, operator: &Operator, keys: &LogKeys) {
        self.takes_time_of(operator);
        let settings = WitnessClientSettings {
            retry: Duration::from_millis(50),
            ..WitnessClientSettings::new(self.policy(keys))
        };
        operator
            .start_witness_client(settings, Arc::new(Outgoing::new(Duration::from_secs(10))))
            .unwrap();
    }
}

/// Clocks that go, until it is dropped.
pub struct RealTime(Option<Sender<()>>, Option<std::thread::JoinHandle<()>>);

impl Drop for RealTime {
    fn drop(&mut self) {
        drop(self.0.take());
        if let Some(thread) = self.1.take() {
            thread.join().unwrap();
        }
    }
}

/// Waits until the status is as it should be.
#[track_caller]
pub fn until(
    operator: &Operator,
    what: &str,
    holds: impl Fn(&WitnessClientStatus) -> bool,
) -> WitnessClientStatus {
    wait_for(what, || {
        let status = operator.public_log().witness_status().unwrap();
        if holds(&status) {
            Ok(status)
        } else {
            Err(status)
        }
    })
}
