//! A crowd, slow clients, strangers' pages, and a store that fails: what waits, what is refused,
//! what is told, and how the server ends. This file holds what these tests share.

mod erasing;
mod failing_store;
mod large_and_long;
mod slow_clients;
mod strangers;
mod waiting;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use app::clock::SetClock;
use app::operations::operator::Operator;
use events::ids::StreamId;
use events::meta::Role;
use serde_json::{Value, json};
use server::identity::IdentityProvider;
use server::serve::Ended;
use server::settings::{Limits, Settings};
use store::backend::opening::OpenReport;
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::embedded::log::EmbeddedStore;
use store::embedded::options::{IndexKind, Options};
use tests::dirs::Dirs;
use tests::http::{Answer, graphql, send};
use tests::moody::Moody;
use tests::waiting::wait_for;
use tests::world::{World, layout, viewer};
use uuid::Uuid;

const NOTE: &str = "mutation($input: TakeNoteInput!) { takeNote(input: $input) { repeated receipt { version leafHash } userErrors { code } } }";

fn note(case: StreamId, command: u128) -> Value {
    json!({ "input": {
        "commandId": Uuid::from_u128(command), "stream": case, "occurred": "2024-11-05",
        "facts": { "kind": "FACT", "text": format!("Notat {command}.") },
    } })
}

fn code(answer: &Answer) -> String {
    answer.json()["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// A log whose store does what it is told, and a server in front of it.
struct Crowd {
    dir: tempfile::TempDir,
    store: Arc<Moody>,
    operator: Operator,
}

impl Crowd {
    /// Over the cases of Alma, or of Bastian and Clara.
    async fn over(world: World) -> Self {
        let (dir, _) = world.stop();
        let (place, disk) = (layout(dir.path()), Arc::new(RealDisk::default()));
        let options = Options::new(place.log_dir(), *b"0999", IndexKind::Memory);
        let store =
            Moody::new(EmbeddedStore::open(disk.clone(), &options, &mut |_, _| {}).unwrap());
        let keys = Arc::new(FileKeyStore::open(disk, &place.key_dir()).unwrap());
        let clock = Arc::new(SetClock::new("2024-11-10T10:00:00Z".parse().unwrap()));
        let operator =
            Operator::with_stores(place, store.clone(), keys, clock, OpenReport::default())
                .unwrap();
        Self {
            dir,
            store,
            operator,
        }
    }

    async fn alma() -> Self {
        Self::over(World::with_alma().await).await
    }

    fn serve(&self, settings: Settings) -> Served {
        serve(&self.operator, settings)
    }

    fn close(self) {
        self.store.release();
        self.operator.close().ok();
        drop(self.dir);
    }
}

struct Served {
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    ended: std::sync::mpsc::Receiver<Ended>,
    runtime: Option<tokio::runtime::Runtime>,
}

fn serve(operator: &Operator, settings: Settings) -> Served {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let ((told, address), (done, ended)) = (channel(), channel());
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let (door, identity) = (
        operator.door(),
        IdentityProvider::Development(viewer("K1", Role::Caseworker)),
    );
    runtime.spawn(async move {
        let stopped = async { drop(stopped.await) };
        let at = "127.0.0.1:0".parse().unwrap();
        let served = server::serve::serve(
            door,
            identity,
            settings,
            at,
            |address| told.send(address).unwrap(),
            stopped,
        )
        .await;
        done.send(served.unwrap()).ok();
    });
    Served {
        address: address.recv_timeout(Duration::from_secs(10)).unwrap(),
        stop: Some(stop),
        ended,
        runtime: Some(runtime),
    }
}

impl Served {
    fn stop(&mut self) {
        drop(self.stop.take());
    }

    fn ended(&self) -> Ended {
        self.ended.recv_timeout(Duration::from_secs(30)).unwrap()
    }

    fn ready(&self) -> Answer {
        send(self.address, "GET", "/readyz", &[], "").unwrap()
    }

    /// Gives the server time to notice what lies on its connections: it does so on the threads on
    /// which it answers, so what it answers now comes after much of that.
    #[track_caller]
    fn let_it_read(&self) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(500) {
            assert_eq!(self.ready().status, 200);
        }
    }

    /// Waits until /readyz begins with a code, or says that all is well.
    #[track_caller]
    fn until_ready_says(&self, begins: &str) -> Answer {
        wait_for(begins, || {
            let answer = self.ready();
            if answer.body.starts_with(begins) {
                Ok(answer)
            } else {
                Err(answer.body)
            }
        })
    }

    fn note(&self, case: StreamId, command: u128) -> Answer {
        graphql(self.address, NOTE, &note(case, command)).unwrap()
    }

    /// Sends a note on a connection of its own, and reads no answer.
    fn begin_note(&self, case: StreamId, command: u128) -> TcpStream {
        let body = json!({ "query": NOTE, "variables": note(case, command) }).to_string();
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
        stream
            .write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes())
            .unwrap();
        stream
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop();
        if let Some(runtime) = self.runtime.take() {
            tokio::task::block_in_place(|| runtime.shutdown_timeout(Duration::from_secs(10)));
        }
    }
}

/// The status of an answer that comes on a connection; none when it is closed without one.
fn status(mut stream: TcpStream) -> Option<u16> {
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).unwrap();
    String::from_utf8_lossy(&text)
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
}

fn limits() -> Limits {
    Limits {
        request: Duration::from_secs(60),
        grace: Duration::from_secs(8),
        ..Limits::default()
    }
}

fn settings(limits: Limits) -> Settings {
    Settings {
        limits,
        ..Settings::default()
    }
}
