//! Time stamps from a local authority, which is OpenSSL behind a small HTTP server. Without
//! `openssl` the tests say so and check nothing. This file holds what these tests share.

mod in_bundles;
mod stamped;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::clock::{Clock, SystemClock};
use app::witnessing::time_stamp::{StampSettings, StampStatus};
use server::outgoing::Outgoing;
use store::log_store::StoredToken;
use tests::waiting::wait_for;
use tests::world::World;

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

/// Time passes, and the stamper looks whether there is something to do.
fn later(world: &World, minutes: i64) {
    world
        .clock
        .set(world.public_log().now() + jiff::SignedDuration::from_mins(minutes));
    world.operator.nudge_stamper();
}
