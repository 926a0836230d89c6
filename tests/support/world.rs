//! A municipality in a temporary directory, with a clock that stands where a test sets it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::schema::{CaseSchema, schema};
use app::access::viewer::{Purpose, Viewer};
use app::clock::SetClock;
use app::layout::{Layout, Municipality};
use app::operations::operator::Operator;
use app::public_log::PublicLog;
use app::rules::rulebook::Rulebook;
use app::session::Session;
use async_graphql::{Request, Variables};
use domain::reading::{Reading, ReadingPoint};
use events::ids::{EventId, PersonId, StreamId};
use events::meta::{Actor, EventRef, Role};
use events::person::{PersonRef, PersonRole};
use serde_json::{Value, json};
use store::backend::Backend;
use store::disk::RealDisk;
use store::embedded::read_only::ReadOnly;
use verify::audit::{Report, Trust};

use crate::dirs::{Dirs, embedded};

/// The dossier of Alma, as the program brings it.
pub const ALMA: &str = include_str!("../../crates/sagsspor/dossiers/alma.jsonl");
/// The dossier of Bastian and Clara, a brother and a sister with a case each.
pub const BASTIAN_AND_CLARA: &str =
    include_str!("../../crates/sagsspor/dossiers/bastian-clara.jsonl");
pub const HOST: &str = "log.test.invalid";

/// A world.
pub struct World {
    pub dir: tempfile::TempDir,
    pub clock: Arc<SetClock>,
    pub operator: Operator,
    pub schema: CaseSchema,
}

pub fn layout(dir: &Path) -> Layout {
    layout_in(embedded(dir))
}

/// The same municipality in another backend.
pub fn layout_in(backend: Arc<dyn Backend>) -> Layout {
    Layout::new(backend, HOST, Municipality::parse("0999").unwrap())
}

/// A clock that stands behind everything that the worked histories hold.
pub fn later() -> Arc<SetClock> {
    Arc::new(SetClock::new("2025-01-01T00:00:00Z".parse().unwrap()))
}

/// Opens the log in a world's directory again, after [`World::stop`].
pub fn open(dir: &Path) -> Result<Operator, app::open::StartError> {
    Operator::open(layout(dir), later(), &mut |_, _| {})
}

pub fn viewer(id: &str, role: Role) -> Viewer {
    Viewer {
        actor: Actor {
            id: id.into(),
            role,
            unit: None,
            municipality: "0999".into(),
        },
        purpose: Purpose::Casework,
    }
}

pub fn caseworker() -> Viewer {
    viewer("K1", Role::Caseworker)
}

/// Ids of the dossier, by the names that its events have in their `source`.
pub struct Ids {
    lines: Vec<Value>,
}

impl Ids {
    /// Those of a dossier.
    pub fn of(dossier: &str) -> Self {
        Self {
            lines: dossier
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
        }
    }

    /// The lines, in the order of the file.
    pub fn lines(&self) -> &[Value] {
        &self.lines
    }

    /// What a line orders.
    pub fn input(&self, name: &str) -> &Value {
        let line = self
            .lines
            .iter()
            .find(|line| line["input"]["source"]["id"] == name);
        &line.unwrap_or_else(|| panic!("no {name} in the dossier"))["input"]
    }

    pub fn event(&self, name: &str) -> EventId {
        self.input(name)["eventId"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    pub fn stream(&self, name: &str) -> StreamId {
        let input = self.input(name);
        let stream = input.get("stream").unwrap_or(&input["target"]["stream"]);
        stream.as_str().unwrap().parse().unwrap()
    }

    pub fn reference(&self, name: &str) -> EventRef {
        EventRef {
            stream: self.stream(name),
            event: self.event(name),
        }
    }

    pub fn case(&self) -> StreamId {
        self.stream("A7-open")
    }

    pub fn person(&self, name: &str) -> PersonId {
        self.input(&format!("person-{name}"))["facts"]["person"]["person"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    pub fn child(&self) -> PersonRef {
        PersonRef {
            person: self.person("alma"),
            role: PersonRole::Child,
        }
    }
}

/// Ids of Alma's dossier.
pub fn ids() -> Ids {
    Ids::of(ALMA)
}

/// Ids of the dossier of Bastian and Clara.
pub fn family() -> Ids {
    Ids::of(BASTIAN_AND_CLARA)
}

impl World {
    /// An empty world.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::new("2024-02-06T07:00:00Z".parse().unwrap()));
        Self::over(dir, clock)
    }

    /// An empty world whose program has another law.
    pub fn under(rules: &'static Rulebook) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::new("2024-02-06T07:00:00Z".parse().unwrap()));
        Self::over_under(dir, clock, rules)
    }

    /// A world in a backend of its own, at a moment; its directory stays empty.
    pub fn within(backend: Arc<dyn Backend>, now: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetClock::new(now.parse().unwrap()));
        Self::over_layout(dir, layout_in(backend), clock, Rulebook::built_in())
    }

    fn over(dir: tempfile::TempDir, clock: Arc<SetClock>) -> Self {
        Self::over_under(dir, clock, Rulebook::built_in())
    }

    fn over_under(dir: tempfile::TempDir, clock: Arc<SetClock>, rules: &'static Rulebook) -> Self {
        let layout = layout(dir.path());
        Self::over_layout(dir, layout, clock, rules)
    }

    fn over_layout(
        dir: tempfile::TempDir,
        layout: Layout,
        clock: Arc<SetClock>,
        rules: &'static Rulebook,
    ) -> Self {
        let operator = Operator::open_under(
            layout,
            Arc::<SetClock>::clone(&clock),
            rules,
            &mut |_, _| {},
        )
        .unwrap();
        let schema = schema();
        Self {
            dir,
            clock,
            operator,
            schema,
        }
    }

    /// The log as a caseworker reads and writes it.
    pub fn session(&self) -> Session {
        self.session_of(caseworker())
    }

    /// The log as somebody reads and writes it.
    pub fn session_of(&self, viewer: Viewer) -> Session {
        self.operator.session(viewer)
    }

    /// What of the log everybody may see.
    pub fn public_log(&self) -> PublicLog {
        self.operator.public_log()
    }

    /// A world in which Alma's case has been recorded on its own dates.
    pub async fn with_alma() -> Self {
        Self::with(&ids()).await
    }

    /// A world in which the cases of Bastian and Clara have been recorded on their own dates.
    pub async fn with_family() -> Self {
        Self::with(&family()).await
    }

    async fn with(ids: &Ids) -> Self {
        let world = Self::new();
        world.play(ids).await;
        world
    }

    /// Records a dossier on its own dates.
    pub async fn play(&self, ids: &Ids) {
        for line in ids.lines() {
            self.line(line.clone()).await;
        }
    }

    /// Records one line of a dossier at its own time.
    pub async fn line(&self, mut line: Value) {
        if let Some(facts) = line["input"].get_mut("facts") {
            self.operator.fill_placeholders(facts).unwrap();
        }
        let source = line["input"]
            .as_object_mut()
            .unwrap()
            .remove("source")
            .unwrap();
        self.clock
            .set(source["recordedAt"].as_str().unwrap().parse().unwrap());
        let actor = &line["actor"];
        let viewer = viewer(
            actor["id"].as_str().unwrap(),
            serde_json::from_value(actor["role"].clone()).unwrap(),
        );
        let outcome = self
            .order(
                line["mutation"].as_str().unwrap(),
                line["input"].clone(),
                viewer,
            )
            .await
            .unwrap();
        assert_eq!(outcome["userErrors"], json!([]), "{}", line["row"]);
    }

    /// Executes a mutation; answers its payload, or the message of a top-level error.
    pub async fn order(
        &self,
        mutation: &str,
        input: Value,
        viewer: Viewer,
    ) -> Result<Value, String> {
        let kind = mutation[..1].to_uppercase() + &mutation[1..];
        let query = format!(
            "mutation($input: {kind}Input!) {{ outcome: {mutation}(input: $input) {{ repeated receipt {{ position leafHash stream version event }} \
             receipts {{ position }} userErrors {{ code number path message actualVersion }} }} }}"
        );
        let request = Request::new(query)
            .variables(Variables::from_json(json!({ "input": input })))
            .data(self.session_of(viewer));
        let response = api::schema::execute(&self.schema, request).await;
        match response.errors.first() {
            Some(error) => Err(error.message.clone()),
            None => Ok(response.data.into_json().unwrap()["outcome"].clone()),
        }
    }

    /// Code of the refusal that a mutation meets.
    pub async fn refusal(&self, mutation: &str, input: Value, viewer: Viewer) -> String {
        let outcome = self.order(mutation, input, viewer).await.unwrap();
        assert_eq!(outcome["receipt"], Value::Null);
        outcome["userErrors"][0]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Executes a query, whatever is recorded by now being in the lists as well; it must succeed.
    pub async fn query(&self, query: &str) -> Value {
        let operator = self.operator.clone();
        tokio::task::spawn_blocking(move || operator.lists_ready(&mut |_, _| {}))
            .await
            .unwrap()
            .unwrap();
        let response =
            api::schema::execute(&self.schema, Request::new(query).data(self.session())).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        response.data.into_json().unwrap()
    }

    pub fn read(&self, stream: StreamId, point: ReadingPoint) -> Option<Reading> {
        let reading = self.session().read(stream, point).unwrap();
        reading.map(Arc::unwrap_or_clone)
    }

    /// Closes the log and opens it again.
    pub fn reopen(self) -> Self {
        self.reopen_under(Rulebook::built_in())
    }

    /// Closes the log and opens it again by a program with another law.
    pub fn reopen_under(self, rules: &'static Rulebook) -> Self {
        let Self {
            dir,
            clock,
            operator,
            schema,
        } = self;
        drop(schema);
        operator.close().unwrap();
        let layout = operator.layout().clone();
        drop(operator);
        Self::over_layout(dir, layout, clock, rules)
    }

    /// Closes the log; the directory stays as long as the answer lives.
    pub fn stop(self) -> (tempfile::TempDir, Trust) {
        let Self {
            dir,
            operator,
            schema,
            ..
        } = self;
        drop(schema);
        let trust = trust(&operator);
        operator.close().unwrap();
        (dir, trust)
    }

    pub fn log_dir(&self) -> PathBuf {
        layout(self.dir.path()).log_dir()
    }

    /// Audits the log as it lies on disk.
    pub fn audit(&self) -> Report {
        audit(self.dir.path(), &trust(&self.operator)).unwrap()
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

pub fn trust(operator: &Operator) -> Trust {
    Trust {
        origin: operator.layout().origin(),
        log_key: operator.public_log().verifier_key(),
        post_quantum_key: None,
        pins: Vec::new(),
    }
}

/// Code of the first thing wrong with the log in a world's directory, or the report.
pub fn audit(dir: &Path, trust: &Trust) -> Result<Report, String> {
    audit_log(&layout(dir).log_dir(), trust)
}

/// As [`audit`], of the log in that very directory.
pub fn audit_log(dir: &Path, trust: &Trust) -> Result<Report, String> {
    let log =
        ReadOnly::open(Arc::new(RealDisk::default()), dir).map_err(|error| error.to_string())?;
    let note = log.checkpoint().map(|checkpoint| checkpoint.note.clone());
    verify::audit::audit(&Source(log), trust, note.as_deref(), &mut |_, _| {}).map_err(|error| {
        match error {
            verify::source::SourceError::Read(error) => error.to_string(),
            verify::source::SourceError::Finding(finding) => finding.to_string(),
        }
    })
}

struct Source(ReadOnly);

impl verify::source::LogSource for Source {
    type Error = store::backend::opening::OpenError;

    fn for_each(
        &self,
        visit: &mut dyn FnMut(verify::source::RawEntry<'_>) -> Result<(), verify::code::Finding>,
    ) -> Result<(), verify::source::SourceError<Self::Error>> {
        let mut found = None;
        let read = self.0.for_each(&mut |entry| {
            let blobs: Vec<Option<&[u8]>> = entry.blobs.iter().map(Option::as_deref).collect();
            match visit(verify::source::RawEntry {
                index: verify::position::LogIndex::new(entry.index.get()),
                bytes: &entry.bytes,
                blobs: &blobs,
            }) {
                Ok(()) => std::ops::ControlFlow::Continue(()),
                Err(finding) => {
                    found = Some(finding);
                    std::ops::ControlFlow::Break(())
                }
            }
        });
        match found {
            Some(finding) => Err(finding.into()),
            None => read.map(|_| ()).map_err(verify::source::SourceError::Read),
        }
    }
}

/// Every file below a directory.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = folders.pop() {
        // A folder may go while it is looked at: lists are made anew beside those in force.
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            entries => entries.unwrap(),
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path)
            } else {
                found.push(path)
            }
        }
    }
    found.sort();
    found
}
