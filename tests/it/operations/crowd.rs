//! A crowd, slow clients, strangers' pages, and a store that fails: what waits, what is refused,
//! what is told, and how the server ends.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use app::clock::SetClock;
use app::erase::{EraseTarget, ErasureOrder};
use app::error::RecordError;
use app::service::App;
use domain::reading::ReadingPoint;
use events::erasure::ErasureGround;
use events::ids::{CommandId, StreamId};
use events::meta::{Meta, Role};
use events::text::EmployeeId;
use events::words::Words;
use serde_json::{Value, json};
use server::identity::IdentityProvider;
use server::serve::Ended;
use server::settings::{Limits, Settings};
use server::tile_server::TileServer;
use store::disk::RealDisk;
use store::embedded::OpenReport;
use store::embedded::keys::FileKeyStore;
use store::embedded::log::{EmbeddedStore, IndexKind, Options};
use store::log_store::UnusableReason;
use tests::http::{Answer, graphql, send};
use tests::world::{World, caseworker, family, ids, layout, viewer};
use uuid::Uuid;
use witness::keys::{KeyKind, LogKey, WitnessKey};
use witness::witness::{LogSettings, Witness};

use tests::moody::Moody;

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
    app: Arc<App>,
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
        let app = Arc::new(
            App::with_stores(place, store.clone(), keys, clock, OpenReport::default()).unwrap(),
        );
        Self { dir, store, app }
    }

    async fn alma() -> Self {
        Self::over(World::with_alma().await).await
    }

    fn serve(&self, settings: Settings) -> Served {
        serve(&self.app, settings)
    }

    fn close(self) {
        self.store.release();
        self.app.close().ok();
        drop(self.dir);
    }
}

struct Served {
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    ended: std::sync::mpsc::Receiver<Ended>,
    runtime: Option<tokio::runtime::Runtime>,
}

fn serve(app: &Arc<App>, settings: Settings) -> Served {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let ((told, address), (done, ended)) = (channel(), channel());
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let (app, identity) = (
        Arc::clone(app),
        IdentityProvider::Development(viewer("K1", Role::Caseworker)),
    );
    runtime.spawn(async move {
        let stopped = async { drop(stopped.await) };
        let at = "127.0.0.1:0".parse().unwrap();
        let served = server::serve::serve(
            app,
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
        let begun = Instant::now();
        loop {
            let answer = self.ready();
            if answer.body.starts_with(begins) {
                return answer;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{begins}: {}",
                answer.body
            );
            std::thread::sleep(Duration::from_millis(20));
        }
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

/// Waits until so many connections are answered, all with this status; answers those that still
/// wait.
#[track_caller]
fn answered(streams: Vec<TcpStream>, count: usize, wanted: u16) -> Vec<TcpStream> {
    let (mut open, mut done, begun) = (streams, 0, Instant::now());
    while done < count {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{done} of {count} were answered"
        );
        let (ready, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|stream| {
            stream
                .set_read_timeout(Some(Duration::from_millis(5)))
                .unwrap();
            stream.peek(&mut [0]).is_ok()
        });
        done += ready.len();
        ready
            .into_iter()
            .for_each(|stream| assert_eq!(status(stream), Some(wanted)));
        open = rest;
    }
    open
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

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_at_one_case_is_told_to_come_back_and_nobody_else_waits() {
    let crowd = Crowd::over(World::with_family().await).await;
    let served = crowd.serve(settings(Limits {
        waiting_for_stream_max: 2,
        ..limits()
    }));
    let (bastian, clara) = (family().stream("B3-open-b"), family().stream("B3-open-c"));
    crowd.store.mood().held = true;
    let first = served.begin_note(bastian, 1);
    crowd.store.until_waiting(1);
    let crowded: Vec<TcpStream> = (2..40)
        .map(|command| served.begin_note(bastian, command))
        .collect();
    // Two of the crowd wait, the rest are turned away at once: while nothing has been written yet.
    let waiting = answered(crowded, 36, 503);
    assert_eq!(waiting.len(), 2);
    let busy = served.note(bastian, 90);
    assert_eq!(
        (
            busy.status,
            code(&busy).as_str(),
            busy.header("retry-after")
        ),
        (503, "BUSY", Some("1"))
    );
    let read = graphql(
        served.address,
        &format!("{{ case(id: \"{clara}\") {{ status }} log {{ size }} }}"),
        &Value::Null,
    )
    .unwrap();
    assert_eq!(
        read.status, 200,
        "another case is read while the disk is busy"
    );
    let other = served.begin_note(clara, 91);
    assert_eq!(served.ready().status, 200);
    crowd.store.release();
    assert_eq!(
        (status(first), status(other)),
        (Some(200), Some(200)),
        "what waited is carried out"
    );
    answered(waiting, 2, 200);
    let again = served.note(bastian, 90);
    assert_eq!(
        again.json()["data"]["takeNote"]["repeated"],
        false,
        "of what was turned away nothing was written"
    );
    drop(served);
    crowd.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_client_has_gone_is_not_recorded_and_runs_when_it_is_sent_again() {
    let crowd = Crowd::alma().await;
    let served = crowd.serve(settings(limits()));
    let case = ids().case();
    crowd.store.mood().held = true;
    let first = served.begin_note(case, 1);
    crowd.store.until_waiting(1);
    let before = crowd.app.version(case).unwrap().unwrap();
    // They wait for their turn, and go.
    let gone: Vec<TcpStream> = (2..12)
        .map(|command| served.begin_note(case, command))
        .collect();
    served.let_it_read();
    gone.into_iter()
        .for_each(|stream| stream.shutdown(std::net::Shutdown::Both).unwrap());
    served.let_it_read();
    crowd.store.release();
    assert_eq!(status(first), Some(200));
    let after = served.note(case, 20);
    assert_eq!(
        after.json()["data"]["takeNote"]["receipt"]["version"],
        json!(before + 2),
        "nobody's command came in between"
    );
    let again = served.note(case, 5);
    assert_eq!(again.json()["data"]["takeNote"]["repeated"], false);
    drop(served);
    crowd.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_refuses_what_waits_and_ends_within_its_grace() {
    let crowd = Crowd::alma().await;
    let mut served = crowd.serve(settings(Limits {
        grace: Duration::from_secs(4),
        ..limits()
    }));
    crowd.store.mood().held = true;
    let running = served.begin_note(ids().case(), 1);
    crowd.store.until_waiting(1);
    let waiting: Vec<TcpStream> = (2..20)
        .map(|command| served.begin_note(ids().case(), command))
        .collect();
    served.let_it_read();
    let begun = Instant::now();
    served.stop();
    assert!(
        answered(waiting, 18, 503).is_empty(),
        "what has not begun is refused"
    );
    let draining = served.until_ready_says("DRAINING");
    assert_eq!(draining.status, 503);
    assert_eq!(code(&served.note(ids().case(), 30)), "BUSY");
    assert_eq!(
        served.ended(),
        Ended::Asked,
        "a disk that does not answer is not waited for"
    );
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
    drop(running);
    crowd.store.release();
    drop(served);
    crowd.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stopped_says_so_is_read_for_a_while_and_ends_the_server() {
    let crowd = Crowd::alma().await;
    let served = crowd.serve(settings(Limits {
        stopped: Duration::from_millis(1_500),
        ..limits()
    }));
    assert_eq!(served.ready().body, "ready\n");
    crowd.store.mood().unknown = true;
    let unknown = served.note(ids().case(), 1);
    assert_eq!(code(&unknown), "OUTCOME_UNKNOWN");
    let stopped = served.note(ids().case(), 2);
    assert_eq!(code(&stopped), "STORE_STOPPED", "{}", stopped.body);
    assert!(stopped.body.contains("nothing of this command was written"));
    let again = served.note(ids().case(), 1);
    assert_eq!(
        code(&again),
        "OUTCOME_UNKNOWN",
        "nobody can say of the first that nothing was written"
    );
    let document = format!(
        "/documents/{}?commandId={}&title=Brev&occurred=2024-11-05",
        ids().case(),
        Uuid::from_u128(9)
    );
    let filed = send(
        served.address,
        "POST",
        &document,
        &[("content-type", "text/plain")],
        "En linje.\n",
    )
    .unwrap();
    assert_eq!(
        (filed.status, code(&filed).as_str()),
        (503, "STORE_STOPPED")
    );
    let unready = served.until_ready_says("STORE_STOPPED: the case log");
    assert_eq!(unready.status, 503);
    let read = graphql(
        served.address,
        &format!("{{ case(id: \"{}\") {{ status }} }}", ids().case()),
        &Value::Null,
    )
    .unwrap();
    assert_eq!(
        read.json()["data"]["case"]["status"],
        "CLOSED",
        "it is read"
    );
    assert_eq!(
        send(served.address, "GET", "/livez", &[], "")
            .unwrap()
            .status,
        200
    );
    let Ended::StoreStopped(why) = served.ended() else {
        panic!("it was not asked to end")
    };
    assert!(
        why.starts_with("STORE_STOPPED: the case log records nothing"),
        "{why}"
    );
    drop(served);
    crowd.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_each_reason_with_its_code_and_that_it_has_passed() {
    let crowd = Crowd::alma().await;
    let served = crowd.serve(settings(Limits {
        checkpoint_late: Duration::from_millis(700),
        stopped: Duration::ZERO,
        ..limits()
    }));
    crowd.store.mood().index = Some("no space left".to_owned());
    assert_eq!(served.until_ready_says("INDEX_FAILED").status, 503);
    crowd.store.mood().index = None;
    served.until_ready_says("ready");
    crowd.store.mood().no_checkpoint = true;
    assert_eq!(served.note(ids().case(), 1).status, 200);
    assert!(
        served
            .until_ready_says("CHECKPOINT_LATE")
            .body
            .contains("have waited")
    );
    crowd.store.mood().no_checkpoint = false;
    served.until_ready_says("ready");
    crowd.store.mood().stopped = Some(UnusableReason::ReadOnly);
    assert!(
        served
            .until_ready_says("STORE_READ_ONLY")
            .body
            .contains("reading only")
    );
    assert_eq!(code(&served.note(ids().case(), 2)), "STORE_STOPPED");
    assert!(
        served.ended.try_recv().is_err(),
        "a restart makes no room, so the server goes on being read"
    );
    crowd.store.mood().stopped = None;
    served.until_ready_says("ready");
    drop(served);
    crowd.close();
}

/// Sends a request whose head is given word by word, but for its end.
fn raw(address: SocketAddr, line: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    stream
        .write_all(format!("{line} HTTP/1.1\r\n{headers}connection: close\r\n\r\n").as_bytes())
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer {
        status,
        headers: head.to_owned(),
        body: body.to_owned(),
    }
}

/// A request for each route, and for one that there is not.
fn routes() -> [String; 10] {
    let (case, event) = (ids().case(), ids().event("A7-open"));
    [
        "GET /graphql?query=%7Blog%7Bsize%7D%7D".to_owned(),
        "POST /graphql".to_owned(),
        format!("POST /documents/{case}"),
        format!("GET /documents/{case}/{event}"),
        format!("GET /bundles/{case}"),
        format!("POST /dossiers/{case}"),
        "GET /tiles/sag/checkpoint".to_owned(),
        "GET /livez".to_owned(),
        "GET /readyz".to_owned(),
        "GET /nothing".to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_under_other_names_and_from_other_pages_are_refused_on_every_route() {
    let world = World::with_alma().await;
    let hosts = vec!["sagsspor.example.dk".to_owned()];
    let origins = vec!["https://forside.example.dk".to_owned()];
    let served = serve(
        &world.app,
        Settings {
            hosts,
            origins,
            ..settings(limits())
        },
    );
    let at = served.address.to_string();
    for line in routes() {
        let refused = raw(served.address, &line, &[("host", "rebound.evil.example")]);
        assert_eq!(
            (refused.status, code(&refused).as_str()),
            (421, "HOST_NOT_ALLOWED"),
            "{line}"
        );
        for foreign in [
            ("origin", "http://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let refused = raw(served.address, &line, &[("host", &at), foreign]);
            assert_eq!(
                (refused.status, code(&refused).as_str()),
                (403, "ORIGIN_NOT_ALLOWED"),
                "{line} {foreign:?}"
            );
        }
    }
    let page = format!("http://{at}");
    for own in [
        &[("host", at.as_str())][..],
        &[("host", "localhost:8080")],
        &[("host", "sagsspor.example.dk")],
        &[
            ("host", at.as_str()),
            ("origin", page.as_str()),
            ("sec-fetch-site", "same-origin"),
        ],
        &[
            ("host", "sagsspor.example.dk"),
            ("origin", "https://forside.example.dk"),
            ("sec-fetch-site", "same-site"),
        ],
    ] {
        let answered = raw(
            served.address,
            "GET /graphql?query=%7Blog%7Bsize%7D%7D",
            own,
        );
        assert_eq!(answered.status, 200, "{own:?}: {}", answered.body);
        assert_eq!(
            raw(served.address, "GET /readyz", own).status,
            200,
            "{own:?}"
        );
    }
}

/// What shows the tiles while something is handed out has the same door, and the same patience.
#[tokio::test(flavor = "multi_thread")]
async fn tiles_that_are_shown_meanwhile_are_as_guarded_as_those_of_the_server() {
    let world = World::with_alma().await;
    let limits = Limits {
        head: Duration::from_millis(300),
        stall: Duration::from_millis(600),
        ..limits()
    };
    let settings = Settings {
        hosts: vec!["log.example.dk".to_owned()],
        ..settings(limits)
    };
    tokio::task::spawn_blocking(move || {
        let shown =
            TileServer::start(&world.app, &settings, "127.0.0.1:0".parse().unwrap()).unwrap();
        let line = "GET /tiles/sag/checkpoint";
        let refused = raw(shown.address(), line, &[("host", "rebound.evil.example")]);
        assert_eq!(
            (refused.status, code(&refused).as_str()),
            (421, "HOST_NOT_ALLOWED")
        );
        let foreign = raw(
            shown.address(),
            line,
            &[
                ("host", "log.example.dk"),
                ("origin", "http://evil.example"),
            ],
        );
        assert_eq!(
            (foreign.status, code(&foreign).as_str()),
            (403, "ORIGIN_NOT_ALLOWED")
        );
        assert_eq!(
            raw(shown.address(), line, &[("host", "log.example.dk")]).status,
            200
        );
        let mut half = TcpStream::connect(shown.address()).unwrap();
        half.write_all(b"GET /tiles/sag/checkpoint HTTP/1.1\r\nhost: log")
            .unwrap();
        half.set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut rest = Vec::new();
        half.read_to_end(&mut rest).unwrap();
        assert!(
            !rest.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&rest)
        );
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn half_requests_and_idle_connections_are_closed_and_slow_ones_told() {
    let world = World::with_alma().await;
    let limits = Limits {
        head: Duration::from_millis(300),
        stall: Duration::from_millis(600),
        ..limits()
    };
    let served = serve(&world.app, settings(limits));
    let begin = |text: &str| {
        let mut stream = TcpStream::connect(served.address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let heads: Vec<TcpStream> = (0..40)
        .map(|_| begin("GET /livez HTTP/1.1\r\nhost: local"))
        .collect();
    let silent: Vec<TcpStream> = (0..40).map(|_| begin("")).collect();
    let idle: Vec<TcpStream> = (0..40)
        .map(|_| begin("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n"))
        .collect();
    let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n{";
    let bodies: Vec<TcpStream> = (0..40).map(|_| begin(head)).collect();
    let document = format!(
        "/documents/{}?commandId={}&title=Brev&occurred=2024-11-05",
        ids().case(),
        Uuid::from_u128(9)
    );
    let document = begin(&format!(
        "POST {document} HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: 400\r\n\r\nEn"
    ));
    for stream in heads.into_iter().chain(silent) {
        assert_eq!(
            status(stream),
            None,
            "closed without a word: there is no request to answer"
        );
    }
    for stream in idle {
        assert_eq!(
            status(stream),
            Some(200),
            "answered, and closed when nothing more came"
        );
    }
    for stream in bodies.into_iter().chain([document]) {
        assert_eq!(status(stream), Some(408));
    }
    assert_eq!(
        graphql(served.address, "{ log { size } }", &Value::Null)
            .unwrap()
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_when_every_connection_is_taken() {
    let world = World::with_alma().await;
    let served = serve(
        &world.app,
        settings(Limits {
            connections_max: 4,
            ..limits()
        }),
    );
    let held: Vec<TcpStream> = (0..4)
        .map(|_| TcpStream::connect(served.address).unwrap())
        .collect();
    let begun = Instant::now();
    let refused = loop {
        let answer = graphql(served.address, "{ log { size } }", &Value::Null).unwrap();
        // The server takes connections in their order, but when is its own affair.
        if answer.status != 200 || begun.elapsed() > Duration::from_secs(30) {
            break answer;
        }
    };
    assert_eq!(
        (
            refused.status,
            code(&refused).as_str(),
            refused.header("retry-after")
        ),
        (503, "BUSY", Some("1"))
    );
    assert_eq!(
        (
            served.ready().status,
            send(served.address, "GET", "/livez", &[], "")
                .unwrap()
                .status
        ),
        (200, 200)
    );
    drop(held);
    let begun = Instant::now();
    while graphql(served.address, "{ log { size } }", &Value::Null)
        .unwrap()
        .status
        != 200
    {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "places come free again"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_is_refused_while_it_is_made_and_when_it_is_written() {
    let world = World::with_alma().await;
    let case = ids().case();
    let many: String =
        (0..330).map(|number| format!("a{number}: case(id: \"{case}\") {{ timeline {{ told {{ line kind }} recordedAt }} }} ")).collect();
    let served = serve(
        &world.app,
        settings(Limits {
            answer_bytes_max: 2_000,
            ..limits()
        }),
    );
    let long = graphql(
        served.address,
        &format!("{{ case(id: \"{case}\") {{ timeline {{ told {{ line }} }} }} }}"),
        &Value::Null,
    )
    .unwrap();
    assert_eq!(
        (long.status, code(&long).as_str()),
        (200, "ANSWER_TOO_LARGE")
    );
    assert!(long.body.len() < 2_000);
    let more = graphql(served.address, &format!("{{ {many} }}"), &Value::Null).unwrap();
    assert_eq!(
        code(&more),
        "ANSWER_TOO_LARGE",
        "{}",
        &more.body[..300.min(more.body.len())]
    );
    assert!(
        more.body.len() < 2_000,
        "one error, not one for each field that is missing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_given_up_and_a_command_stays_unknown() {
    let crowd = Crowd::alma().await;
    let served = crowd.serve(settings(Limits {
        request: Duration::from_millis(900),
        ..limits()
    }));
    crowd.store.mood().held = true;
    let late = served.note(ids().case(), 1);
    assert_eq!(
        (late.status, code(&late).as_str()),
        (503, "OUTCOME_UNKNOWN")
    );
    let waited = served.note(ids().case(), 2);
    assert_eq!(
        (waited.status, code(&waited).as_str()),
        (503, "BUSY"),
        "it waited for the first, which is still at it"
    );
    crowd.store.release();
    let begun = Instant::now();
    while served.note(ids().case(), 1).json()["data"]["takeNote"]["repeated"] != true {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "the same command answers what became of it"
        );
    }
    drop(served);
    crowd.close();
}

fn erasure() -> ErasureOrder {
    ErasureOrder {
        command: CommandId::new(Uuid::from_u128(0xe)).unwrap(),
        meta: Meta::at("2024-11-10".parse().unwrap()),
        target: EraseTarget::Event(ids().reference("A14")),
        ground: ErasureGround::Gdpr17,
        legal_check: Words::parse("Ingen pligt til at bevare.").unwrap(),
        approved_by: EmployeeId::new("D2").unwrap(),
    }
}

/// Whether the event that is to be erased can be read.
fn shown(app: &App) -> bool {
    let reading = app
        .read(ids().case(), ReadingPoint::default(), &caseworker())
        .unwrap()
        .unwrap();
    reading.event(ids().event("A14")).unwrap().fact().is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reading_waits_for_an_erasure_or_a_command() {
    let crowd = Crowd::alma().await;
    assert!(shown(&crowd.app));
    crowd.store.mood().held = true;
    std::thread::scope(|scope| {
        let (app, store) = (&crowd.app, &crowd.store);
        let erasing = scope.spawn(move || app.erase(&erasure(), &viewer("D1", Role::Dpo)));
        // Its order is being committed: everybody else who records waits, and nobody who reads.
        store.until_waiting(1);
        let (read, done) = channel();
        scope.spawn(move || {
            read.send((
                shown(app),
                app.suggest_withholding(ids().case(), &caseworker()).is_ok(),
            ))
            .unwrap()
        });
        let read = done.recv_timeout(Duration::from_secs(20));
        store.release();
        assert_eq!(
            read,
            Ok((true, true)),
            "it is read while the disk is busy with the erasure"
        );
        assert!(erasing.join().unwrap().is_ok());
    });
    assert!(!shown(&crowd.app));
    crowd.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_while_it_is_read_is_a_hole_and_no_damage() {
    let crowd = Crowd::alma().await;
    let app = Arc::clone(&crowd.app);
    let erase = move || drop(app.erase(&erasure(), &viewer("D1", Role::Dpo)).unwrap());
    // The reader has the entries as they were; by the time that it looks for the keys they are
    // gone.
    crowd.store.mood().before_page = Some(Box::new(erase));
    assert!(!shown(&crowd.app));
    assert!(
        !shown(&crowd.app),
        "nothing of what was there before is remembered"
    );
    crowd.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_was_ordered_and_could_not_be_carried_out_does_not_say_that_nothing_was_written()
 {
    let crowd = Crowd::alma().await;
    crowd.store.mood().no_changes = true;
    let outcome = crowd.app.erase(&erasure(), &viewer("D1", Role::Dpo));
    assert!(
        matches!(outcome, Err(RecordError::Unknown(_))),
        "{outcome:?}"
    );
    assert!(
        !shown(&crowd.app),
        "the order stands, and what it lists is not shown"
    );
    crowd.store.mood().no_changes = false;
    let again = crowd
        .app
        .erase(&erasure(), &viewer("D1", Role::Dpo))
        .unwrap();
    assert!(again.repeated, "the same command goes on with it");
    crowd.close();
}

/// A witness of the log, with its state in this directory.
fn witness_of(world: &World, state: &Path) -> Arc<Witness> {
    let key = WitnessKey::new("witness.example/w1", KeyKind::Ed25519, [1; 32]).unwrap();
    let keys = world.app.verifier_keys().unwrap();
    let keys = [keys.ed25519, keys.ml_dsa_44].map(|key| LogKey::parse(&key).unwrap());
    let settings = LogSettings {
        keys: keys.into(),
        files: None,
        keep: None,
    };
    Arc::new(Witness::open(vec![key], vec![settings], state, Box::new(|| 1_800_000_000)).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_closes_half_requests_and_idle_connections_too() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let witness = witness_of(&world, dir.path());
    let brief = Duration::from_millis(300);
    let limits = witness::http::Limits {
        connections_max: 20,
        head: brief,
        arrival: brief,
        grace: Duration::from_secs(2),
    };
    let (told, address) = channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        let (at, stopped) = ("127.0.0.1:0".parse().unwrap(), async {
            drop(stopped.await)
        });
        witness::http::serve_within(
            limits,
            witness,
            at,
            |address| told.send(address).unwrap(),
            stopped,
        )
        .await
    });
    let address =
        tokio::task::block_in_place(|| address.recv_timeout(Duration::from_secs(10)).unwrap());
    let begin = |text: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    // More than may be open at once: those behind are let in when those in front are closed.
    let heads: Vec<TcpStream> = (0..30)
        .map(|_| begin("GET /livez HTTP/1.1\r\nhost: local"))
        .collect();
    let bodies: Vec<TcpStream> = (0..5)
        .map(|_| {
            begin("POST /add-checkpoint HTTP/1.1\r\nhost: local\r\ncontent-length: 400\r\n\r\nold")
        })
        .collect();
    let idle = begin("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
    tokio::task::block_in_place(|| {
        heads
            .into_iter()
            .for_each(|stream| assert_eq!(status(stream), None));
        bodies
            .into_iter()
            .for_each(|stream| assert_eq!(status(stream), Some(408)));
        assert_eq!(status(idle), Some(200));
        assert_eq!(send(address, "GET", "/livez", &[], "").unwrap().status, 200);
    });
    let half =
        begin("POST /add-checkpoint HTTP/1.1\r\nhost: local\r\ncontent-length: 400\r\n\r\nold");
    drop(stop);
    serving.await.unwrap().unwrap();
    drop(half);
}

/// The sequencer and the store each know the tree over what they saw: nothing is signed that only
/// one knows.
#[tokio::test(flavor = "multi_thread")]
async fn no_checkpoint_is_signed_over_a_tree_that_only_the_store_knows() {
    let crowd = Crowd::alma().await;
    crowd.app.checkpoint().unwrap();
    let before = crowd.app.checkpoint_note().unwrap();
    crowd.store.mood().other_tree = true;
    assert!(matches!(
        crowd.app.checkpoint(),
        Err(RecordError::NotWritten(_) | RecordError::Read(_))
    ));
    assert_eq!(crowd.app.checkpoint_note().unwrap(), before);
    crowd.store.mood().other_tree = false;
    crowd.app.checkpoint().unwrap();
    crowd.close();
}
