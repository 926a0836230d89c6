//! Time stamps from a local authority: OpenSSL behind a small HTTP server.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use app::clock::{Clock, SetClock, SystemClock};
use app::evidence::bundle::Withheld;
use app::operations::operator::Operator;
use app::queries::witnessing::Standing;
use app::witnessing::time_stamp::{StampSettings, StampStatus};
use jiff::Timestamp;
use server::outgoing::Outgoing;
use store::log_store::StoredToken;
use tests::waiting::{wait_for, wait_until};
use tests::world::{World, layout};
use verify::bundle::{NoAuthority, StampChecker, Verdict};
use verify::files::Failure;
use verify::zip::Zip;

const CONFIG: &str = "\
[tsa]
default_tsa = local
[local]
serial = serial
crypto_device = builtin
signer_cert = tsa.crt
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[extensions]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
";

fn openssl(dir: &Path, arguments: &[&str]) -> Output {
    Command::new("openssl")
        .args(arguments)
        .current_dir(dir)
        .output()
        .unwrap()
}

#[track_caller]
fn done(output: &Output) {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Whether there is an `openssl`; says so when there is none.
fn installed() -> bool {
    let there = Command::new("openssl")
        .arg("version")
        .output()
        .is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("SKIPPED: openssl is not installed, so no time stamps were made or verified");
    }
    there
}

/// A certificate authority and a time stamping authority.
fn authority(dir: &Path) {
    std::fs::write(dir.join("tsa.cnf"), CONFIG).unwrap();
    std::fs::write(dir.join("serial"), "01\n").unwrap();
    let key = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "30",
        "-subj",
        "/CN=Test CA",
    ];
    done(&openssl(
        dir,
        &[&key[..], &["-keyout", "ca.key", "-out", "ca.crt"]].concat(),
    ));
    let request = [
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=Test TSA",
        "-keyout",
        "tsa.key",
        "-out",
        "tsa.csr",
    ];
    done(&openssl(dir, &request));
    let sign = [
        "x509",
        "-req",
        "-in",
        "tsa.csr",
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "30",
    ];
    done(&openssl(
        dir,
        &[
            &sign[..],
            &[
                "-extfile",
                "tsa.cnf",
                "-extensions",
                "extensions",
                "-out",
                "tsa.crt",
            ],
        ]
        .concat(),
    ));
}

struct Authority {
    dir: PathBuf,
    address: SocketAddr,
    /// Answers with a stamp that was made for another query.
    replays: Arc<AtomicBool>,
    closed: Arc<AtomicBool>,
    stopped: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

fn answer(dir: &Path, stream: &mut TcpStream, replays: bool) {
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let mut request = Vec::new();
    let mut piece = [0; 4_096];
    let body = loop {
        let read = stream.read(&mut piece).unwrap();
        request.extend_from_slice(&piece[..read]);
        let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
        assert!(
            head.starts_with("post /tsa ")
                && head.contains("content-type: application/timestamp-query"),
            "{head}"
        );
        let length: usize = head
            .split("content-length: ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        if request.len() >= end + 4 + length {
            break request[end + 4..end + 4 + length].to_vec();
        }
    };
    if !replays {
        std::fs::write(dir.join("q.tsq"), &body).unwrap();
        done(&openssl(
            dir,
            &[
                "ts",
                "-reply",
                "-config",
                "tsa.cnf",
                "-section",
                "local",
                "-queryfile",
                "q.tsq",
                "-out",
                "r.tsr",
            ],
        ));
    }
    let reply = std::fs::read(dir.join("r.tsr")).unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        reply.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&reply).unwrap();
}

impl Authority {
    fn start(dir: &Path) -> Self {
        authority(dir);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let [replays, closed, stopped] = [(); 3].map(|()| Arc::new(AtomicBool::new(false)));
        let flags = [
            Arc::clone(&replays),
            Arc::clone(&closed),
            Arc::clone(&stopped),
        ];
        let place = dir.to_owned();
        let thread = std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                match (
                    flags[2].load(Ordering::Relaxed),
                    flags[1].load(Ordering::Relaxed),
                ) {
                    (true, _) => return,
                    (_, true) => drop(stream),
                    _ => answer(&place, &mut stream, flags[0].load(Ordering::Relaxed)),
                }
            }
        });
        Self {
            dir: dir.to_owned(),
            address,
            replays,
            closed,
            stopped,
            thread: Some(thread),
        }
    }

    /// Verifies a token over a body as an outsider would.
    fn verifies(&self, body: &str, token: &StoredToken) -> bool {
        std::fs::write(self.dir.join("body"), body).unwrap();
        std::fs::write(self.dir.join("token.tsr"), &token.bytes).unwrap();
        openssl(
            &self.dir,
            &[
                "ts",
                "-verify",
                "-data",
                "body",
                "-in",
                "token.tsr",
                "-CAfile",
                "ca.crt",
            ],
        )
        .status
        .success()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
        drop(self.thread.take().map(std::thread::JoinHandle::join));
    }
}

#[track_caller]
fn until(world: &World, what: &str, holds: impl Fn(&StampStatus) -> bool) -> StampStatus {
    wait_for(what, || {
        let status = world.public_log().stamp_status().unwrap();
        if holds(&status) {
            Ok(status)
        } else {
            Err(status)
        }
    })
}

fn body(world: &World) -> String {
    let (_, note) = world.public_log().checkpoint_note().unwrap().unwrap();
    record::note::Note::parse(&note).unwrap().body
}

async fn grow(world: &World, what: u128) {
    let input = serde_json::json!({
        "commandId": uuid::Uuid::from_u128(what), "stream": tests::world::ids().case(), "occurred": "2024-11-05",
        "facts": { "kind": "FACT", "text": "Et notat." },
    });
    world
        .order("takeNote", input, tests::world::caseworker())
        .await
        .unwrap();
    world.operator.checkpoint().unwrap();
}

/// A stamper that asks the authority, and asks again at once where that fails.
fn start_stamper(world: &World, authority: &Authority) {
    let settings = StampSettings {
        retry: Duration::from_millis(20),
        ..StampSettings::new(&format!("http://{}/tsa", authority.address))
    };
    world
        .operator
        .start_stamper(settings, Arc::new(Outgoing::new(Duration::from_secs(10))))
        .unwrap();
}

/// Alma's history with a checkpoint of today.
async fn checkpointed_today() -> World {
    let world = World::with_alma().await;
    world.clock.set(SystemClock.now());
    world.operator.checkpoint().unwrap();
    world
}

fn count(world: &World) -> usize {
    world.public_log().time_stamps(0).unwrap().len()
}

/// Time passes, and the stamper looks whether there is something to do.
fn later(world: &World, minutes: i64) {
    world
        .clock
        .set(world.public_log().now() + jiff::SignedDuration::from_mins(minutes));
    world.operator.nudge_stamper();
}

/// The clock of a world, which counts how often the stamper has read it: it does so whenever it
/// looks whether something is due, and when a stamp has come.
struct Looks {
    clock: Arc<SetClock>,
    count: Mutex<u64>,
    more: Condvar,
}

impl Clock for Looks {
    fn now(&self) -> Timestamp {
        if std::thread::current().name() == Some("stamper") {
            *self.count.lock().unwrap() += 1;
            self.more.notify_all();
        }
        self.clock.now()
    }
}

impl Looks {
    /// Waits until the stamper has looked at the time that it is now, and has done what it found
    /// due: when it reads the clock a second time, the first look has ended, with a stamp or
    /// without.
    fn have_ended(&self, world: &World) {
        for _ in 0..2 {
            let before = *self.count.lock().unwrap();
            world.operator.nudge_stamper();
            let (count, waited) = self
                .more
                .wait_timeout_while(
                    self.count.lock().unwrap(),
                    Duration::from_secs(60),
                    |count| *count == before,
                )
                .unwrap();
            drop(count);
            assert!(!waited.timed_out(), "the stamper reads the clock");
        }
    }
}

/// The world again, by a clock that counts.
fn watched(world: World) -> (World, Arc<Looks>) {
    let clock = Arc::clone(&world.clock);
    let (dir, _) = world.stop();
    let looks = Arc::new(Looks {
        clock: Arc::clone(&clock),
        count: Mutex::default(),
        more: Condvar::new(),
    });
    let operator = Operator::open(
        layout(dir.path()),
        Arc::<Looks>::clone(&looks),
        &mut |_, _| {},
    )
    .unwrap();
    let schema = api::schema::schema();
    let world = World {
        dir,
        clock,
        operator,
        schema,
    };
    (world, looks)
}

fn first_checkpoint_is_stamped(world: &World, authority: &Authority) {
    let size = world.public_log().size();
    let status = until(world, "the first", |status| status.size == Some(size));
    assert!(status.time.is_some() && status.error.is_none());
    let tokens = world.public_log().time_stamps(0).unwrap();
    assert_eq!(tokens.len(), 1);
    assert!(
        authority.verifies(&body(world), &tokens[0]),
        "openssl ts -verify"
    );
    assert!(
        !authority.verifies(&body(world).replace('\n', " \n"), &tokens[0]),
        "of no other body"
    );
    assert_eq!(
        world.session().standing(size - 1).unwrap(),
        Some(Standing::Checkpointed),
        "without witnesses a stamp alone is no more"
    );
}

async fn stamped_hourly_and_daily(world: &World, looks: &Looks) {
    grow(world, 77).await;
    later(world, 59);
    looks.have_ended(world);
    assert_eq!(count(world), 1, "not within the hour");
    later(world, 1);
    until(world, "hourly", |status| {
        status.size == Some(world.public_log().size())
    });
    later(world, 61);
    looks.have_ended(world);
    assert_eq!(
        count(world),
        2,
        "a log that has not grown waits for the day"
    );
    later(world, 23 * 60);
    wait_until("daily", || count(world) == 3);
}

/// An authority that is down or deceives leaves a gap that is seen; checkpoints go on.
async fn a_gap_is_seen_and_ends(world: &World, authority: &Authority) {
    authority.closed.store(true, Ordering::Relaxed);
    grow(world, 78).await;
    later(world, 60);
    let down = until(world, "down", |status| status.error.is_some());
    assert!(down.failing_since.is_some() && down.error.unwrap().contains("did not answer"));
    grow(world, 79).await;
    authority.replays.store(true, Ordering::Relaxed);
    authority.closed.store(false, Ordering::Relaxed);
    until(world, "deceived", |status| {
        status
            .error
            .as_deref()
            .is_some_and(|error| error.contains("something else"))
    });
    assert_eq!(count(world), 3, "only a stamp of what was sent is kept");
    authority.replays.store(false, Ordering::Relaxed);
    let well = until(world, "well", |status| status.error.is_none());
    assert_eq!(
        (well.size, well.failing_since),
        (Some(world.public_log().size()), None)
    );
    let tokens = world
        .public_log()
        .time_stamps(world.public_log().size())
        .unwrap();
    assert!(authority.verifies(&body(world), tokens.last().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_are_stamped_hourly_when_the_log_grows_and_daily_when_not() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::start(dir.path());
    let (world, looks) = watched(checkpointed_today().await);
    start_stamper(&world, &authority);
    first_checkpoint_is_stamped(&world, &authority);
    stamped_hourly_and_daily(&world, &looks).await;
    a_gap_is_seen_and_ends(&world, &authority).await;
}

struct Outsider<'a>(&'a Authority);

impl StampChecker for Outsider<'_> {
    fn check(&self, data: &[u8], token: &[u8]) -> Result<Option<bool>, std::io::Error> {
        let token = StoredToken {
            size: 0,
            bytes: token.to_vec(),
        };
        Ok(Some(
            self.0.verifies(std::str::from_utf8(data).unwrap(), &token),
        ))
    }
}

fn checked(bytes: &[u8], world: &World, stamps: &dyn StampChecker) -> Verdict {
    let mut zip = Zip::open(std::io::Cursor::new(bytes)).unwrap();
    let found = verify::bundle::check(
        &mut zip,
        &tests::evidence::trust(world),
        stamps,
        &mut |_, _| {},
    );
    found.unwrap_or_else(|failure| match failure {
        Failure::Finding(finding) => panic!("{finding}"),
        Failure::Read(error) => panic!("{error}"),
    })
}

/// The time that the first token of a checkpoint states, seconds of Unix time.
fn stated(world: &World, size: u64) -> u64 {
    let tokens = world.public_log().time_stamps(size).unwrap();
    u64::try_from(
        app::witnessing::time_stamp::stated_time(&tokens[0].bytes)
            .unwrap()
            .as_second(),
    )
    .unwrap()
}

/// Two checkpoints that are stamped, and a third of which no stamp is there yet; answers the sizes
/// of the first two.
async fn stamped_twice(world: &World, authority: &Authority) -> (u64, u64) {
    let first = world.public_log().size();
    start_stamper(world, authority);
    until(world, "the first", |status| status.size == Some(first));
    grow(world, 77).await;
    let second = world.public_log().size();
    later(world, 60);
    until(world, "the second", |status| status.size == Some(second));
    grow(world, 78).await;
    assert!(
        world.public_log().size() > second
            && world
                .public_log()
                .time_stamps(second + 1)
                .unwrap()
                .is_empty()
    );
    (first, second)
}

/// A log is stamped now and then, and a bundle is of another day: what was stamped dates what it
/// covers all the same.
#[tokio::test(flavor = "multi_thread")]
async fn stamps_of_earlier_checkpoints_reach_the_bundle() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::start(dir.path());
    let world = checkpointed_today().await;
    let (first, second) = stamped_twice(&world, &authority).await;

    let bytes = tests::evidence::bundle(
        &world,
        tests::world::ids().case(),
        &Withheld::default(),
        &[first],
    );
    let verdict = checked(&bytes, &world, &Outsider(&authority));
    assert_eq!(
        verdict
            .stamps
            .iter()
            .map(|stamp| (stamp.size, stamp.issuer_checked))
            .collect::<Vec<_>>(),
        [(first, true), (second, true)]
    );
    let dated: Vec<Option<u64>> = verdict.events.iter().map(|event| event.stamped).collect();
    let (old, new) = dated.split_at(dated.len() - 2);
    assert!(
        old.len() > 20 && old.iter().all(|time| *time == Some(stated(&world, first))),
        "{dated:?}"
    );
    assert_eq!(new, [Some(stated(&world, second)), None]);
    assert!(!tests::evidence::codes(&verdict).contains("TST_UNVERIFIED"));
    assert_eq!(
        checked(&bytes, &world, &NoAuthority)
            .notes
            .iter()
            .filter(|note| note.code.as_str() == "TST_UNVERIFIED")
            .count(),
        2
    );
}
