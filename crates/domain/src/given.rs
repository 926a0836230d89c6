//! A refusal as a sentence: *given* what stands in the record, *when* a fact is to be recorded,
//! *then* it is recorded or refused.
//!
//! The world is that of [`crate::examples`]. It decides only; what readings and views make of the
//! facts is tested elsewhere.

use events::event::{Event, spec_of};
use events::ids::StreamId;
use events::meta::{Meta, Role};
use events::time::Occurred;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::current::Current;
use crate::decide::{Command, Decided, State, Undecided, decide};
use crate::examples::{
    World, actor, before, child, day, event, example, home, recorded, recorded_at, stream,
};
use crate::reading::{Reading, ReadingPoint};
use crate::recorded::Recorded;
use crate::refusal::{Refusal, RefusalCode};

/// The provisional decision of the chair in [`case`].
pub(crate) const PROVISIONAL_DECISION: u128 = 13;
/// The complaint about the decision of the caseworker.
pub(crate) const COMPLAINT: u128 = 14;
/// A note.
pub(crate) const NOTE: u128 = 16;
/// The order of an erasure.
pub(crate) const ERASURE_ORDER: u128 = 17;
/// The first fact that a test adds to the record.
pub(crate) const FIRST: u128 = 70;

/// The goal of [`case`].
pub(crate) const GOAL: Uuid = Uuid::from_u128(0xb1);
/// The running measure of [`case`].
pub(crate) const MEASURE: Uuid = Uuid::from_u128(0xa1);
/// A goal or a measure that stands nowhere.
pub(crate) const UNKNOWN: Uuid = Uuid::from_u128(0xdead);

/// A fact: its type, and what it says.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    kind: &'static str,
    facts: Value,
}

/// The example of a type.
pub(crate) fn fact(kind: &'static str) -> Fact {
    Fact {
        kind,
        facts: example(kind),
    }
}

impl Fact {
    /// The same fact with another value of a field.
    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.facts[field] = value.into();
        self
    }

    /// Without that field.
    pub(crate) fn without(mut self, field: &str) -> Self {
        self.facts[field] = Value::Null;
        self
    }

    #[track_caller]
    fn event(&self) -> Event {
        Event::from_json(self.kind, self.facts.clone())
            .unwrap_or_else(|error| panic!("{}: {error}", self.kind))
    }
}

/// Why a command is refused that has everything at hand.
#[track_caller]
pub(crate) fn refusal_of(undecided: Undecided) -> Refusal {
    match undecided {
        Undecided::Refused(refusal) => refusal,
        Undecided::ReadingNeeded => panic!("the reading is at hand"),
    }
}

/// What stands in the record.
#[derive(Clone)]
pub(crate) struct Given {
    records: Vec<Recorded>,
    added: u64,
}

/// The world of the examples: an open case of a child with a goal, a decision, a running measure
/// and a complaint, and the notification that led to it.
pub(crate) fn case() -> Given {
    Given {
        records: before(),
        added: 0,
    }
}

/// Nothing.
pub(crate) fn nothing() -> Given {
    Given {
        records: Vec::new(),
        added: 0,
    }
}

impl Given {
    /// These facts behind what stands there, numbered from [`FIRST`].
    #[track_caller]
    pub(crate) fn given(mut self, facts: impl IntoIterator<Item = Fact>) -> Self {
        for fact in facts {
            let number = FIRST + u128::from(self.added);
            let index = u64::try_from(number).unwrap();
            let entry = recorded(index, home(fact.kind), number, &fact.event());
            self.records.push(entry);
            self.added += 1;
        }
        self
    }

    /// A fact behind what stands there, at its own time.
    #[track_caller]
    pub(crate) fn given_at(mut self, fact: &Fact, occurred: &str) -> Self {
        let number = FIRST + u128::from(self.added);
        let index = u64::try_from(number).unwrap();
        let when = occurred.parse().unwrap();
        let entry = recorded_at(index, home(fact.kind), number, &fact.event(), when);
        self.records.push(entry);
        self.added += 1;
        self
    }

    /// Without what was recorded of an event: its content was erased.
    #[track_caller]
    pub(crate) fn erased(mut self, number: u128) -> Self {
        let id = event(number);
        let erased = self.records.iter_mut().find(|record| record.event == id);
        erased.unwrap().raw = None;
        self
    }

    /// Without the stream that such a fact stands in.
    pub(crate) fn before_the_first(mut self, kind: &str) -> Self {
        let own = stream(home(kind));
        self.records.retain(|record| record.stream != own);
        self
    }

    pub(crate) fn records(self) -> Vec<Recorded> {
        self.records
    }

    /// An order to record that fact: by the first role that may, with the version that was on
    /// screen.
    #[track_caller]
    pub(crate) fn when(self, fact: Fact) -> When {
        let command = Command {
            stream: stream(home(fact.kind)),
            event: event(90),
            facts: fact.event(),
            meta: Meta::at(Occurred::At(day(100))),
            actor: actor(spec_of(fact.kind).unwrap().roles[0]),
            version_given: true,
            also: Vec::new(),
        };
        When {
            records: self.records,
            related: Vec::new(),
            command,
        }
    }
}

/// A command, and what it is decided on.
#[derive(Clone)]
pub(crate) struct When {
    records: Vec<Recorded>,
    related: Vec<Recorded>,
    command: Command,
}

impl When {
    pub(crate) fn by(mut self, role: Role) -> Self {
        self.command.actor = actor(role);
        self
    }

    pub(crate) fn without_version(mut self) -> Self {
        self.command.version_given = false;
        self
    }

    /// On the nth day of 2024; the day of the command is the 200th.
    pub(crate) fn on_day(mut self, number: u64) -> Self {
        self.command.meta.occurred = Occurred::At(day(number));
        self
    }

    pub(crate) fn at(mut self, occurred: &str) -> Self {
        self.command.meta.occurred = occurred.parse().unwrap();
        self
    }

    pub(crate) fn effective(mut self, from: &str, to: &str) -> Self {
        self.command.meta.effective_from = Some(from.parse().unwrap());
        self.command.meta.effective_to = Some(to.parse().unwrap());
        self
    }

    pub(crate) fn in_stream(mut self, number: u128) -> Self {
        self.command.stream = stream(number);
        self
    }

    /// The fact belongs to these cases too.
    pub(crate) fn also_in(mut self, cases: impl IntoIterator<Item = u128>) -> Self {
        let cases: Vec<StreamId> = cases.into_iter().map(stream).collect();
        self.command.also = cases;
        self
    }

    /// The notification is related to the case that stands there.
    pub(crate) fn related_to(mut self, given: Given) -> Self {
        self.related = given.records;
        self
    }

    fn outcome(&self) -> Result<Vec<Decided>, Refusal> {
        let current = Current::fold(self.records.clone(), self.command.stream).unwrap();
        let related = Reading::new(self.related.clone(), ReadingPoint::default()).unwrap();
        let related = [related];
        let state = State {
            own: current.state(),
            reading: Some(current.reading()),
            streams: &World,
            related: &related,
            now: day(200),
        };
        decide(&self.command, &state).map_err(refusal_of)
    }

    #[track_caller]
    pub(crate) fn then_recorded(self) {
        self.then_recorded_as(1);
    }

    /// Recorded, with the references that other cases get.
    #[track_caller]
    pub(crate) fn then_recorded_as(self, facts: usize) {
        match self.outcome() {
            Ok(decided) => assert_eq!(decided.len(), facts, "{}", self.command.facts.spec().name),
            Err(refusal) => panic!("{}: {refusal}", self.command.facts.spec().name),
        }
    }

    #[track_caller]
    pub(crate) fn then_refused(self, code: RefusalCode) {
        let refused = self.outcome().map_err(|refusal| refusal.code);
        let refused = refused.map(|facts| facts.len());
        assert_eq!(refused, Err(code), "{}", self.command.facts.spec().name);
    }
}

/// A person of whom nothing is registered.
pub(crate) fn stranger() -> Value {
    let mut stranger = child();
    stranger["person"] = json!(Uuid::from_u128(0xff));
    stranger
}
