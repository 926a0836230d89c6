//! The whole language: every event type is recorded, refused for each of its refusals, and shown in
//! exactly the views that the catalogue names.

mod reach;
mod refused;

use std::collections::{BTreeMap, BTreeSet};

use events::event::{CATALOGUE, Event};
use events::meta::{Meta, Role};
use events::spec::{EventSpec, StreamKind, View};
use serde_json::{Value, json};

use self::refused::refused;
use crate::current::Current;
use crate::decide::{Command, State, Undecided, begins_stream, decide};
use crate::examples::{
    self, CASE, World, actor, before, day, event, example, home, recorded, stream,
};
use crate::given::refusal_of;
use crate::reading::{Reading, ReadingPoint};
use crate::recorded::Recorded;
use crate::refusal::RefusalCode::{self, *};
use crate::refusal_tests;
use crate::state::StreamState;
use crate::views::family_voice::tests::catalogue::told;
use crate::views::sheet::sheet;

/// Number of the example's event: behind all that stand before it.
const NEW: u128 = 90;

fn kind_of(number: u128) -> StreamKind {
    use crate::decide::Streams;
    World.kind(stream(number)).unwrap()
}

/// What stands before an example of that type.
fn ground(kind: &str) -> Vec<Recorded> {
    let mut records = before();
    let closed = Event::from_json("CaseClosed", example("CaseClosed")).unwrap();
    match kind {
        // A first fact finds its stream empty.
        "NotificationReceived" | "PersonRegistered" | "CaseOpened" | "EarlyAdviceStarted" => {
            records.retain(|record| record.stream != stream(home(kind)));
        }
        "CaseReopened" => records.push(recorded(80, CASE, 80, &closed)),
        _ => {}
    }
    records
}

fn role(spec: &EventSpec) -> Role {
    spec.roles[0]
}

fn command(spec: &EventSpec, facts: Value) -> Command {
    Command {
        stream: stream(home(spec.name)),
        event: event(NEW),
        facts: Event::from_json(spec.name, facts)
            .unwrap_or_else(|error| panic!("{}: {error}", spec.name)),
        meta: Meta::at(events::time::Occurred::At(day(100))),
        actor: actor(role(spec)),
        version_given: true,
        also: Vec::new(),
    }
}

fn decided(records: Vec<Recorded>, command: &Command) -> Result<usize, RefusalCode> {
    let current = Current::fold(records, command.stream).unwrap();
    let state = State {
        own: current.state(),
        reading: Some(current.reading()),
        streams: &World,
        related: &[],
        now: day(200),
    };
    decide(command, &state)
        .map(|facts| facts.len())
        .map_err(|undecided| refusal_of(undecided).code)
}

fn spec(kind: &str) -> &'static EventSpec {
    CATALOGUE.iter().find(|spec| spec.name == kind).unwrap()
}

/// Without this, a decision that always asks for the history would pass as well.
#[test]
fn only_those_that_look_at_the_history_need_it() {
    let mut needing = Vec::new();
    for spec in CATALOGUE {
        let command = command(spec, example(spec.name));
        let reading = Reading::new(ground(spec.name), ReadingPoint::default()).unwrap();
        let own = StreamState::fold(&reading, command.stream);
        let state = State {
            own: &own,
            reading: None,
            streams: &World,
            related: &[],
            now: day(200),
        };
        match decide(&command, &state) {
            Err(Undecided::ReadingNeeded) => needing.push(spec.name),
            decided => assert!(decided.is_ok(), "{}: {decided:?}", spec.name),
        }
    }
    let expected = [
        "AcuteAssessmentMade",
        "EventCorrected",
        "EventAnnulled",
        "ErasureOrdered",
    ];
    assert_eq!(needing, expected);
}

#[test]
fn every_type_is_recorded() {
    for spec in CATALOGUE {
        let outcome = decided(ground(spec.name), &command(spec, example(spec.name)));
        assert!(outcome.is_ok(), "{}: {outcome:?}", spec.name);
    }
}

/// The views that show the example, beside what the views showed without it.
fn shown(spec: &EventSpec) -> BTreeSet<View> {
    let mut records = ground(spec.name);
    let facts = Event::from_json(spec.name, example(spec.name)).unwrap();
    records.push(recorded(100, home(spec.name), NEW, &facts));
    if spec.name == "SupportEnded" {
        // The end of a measure is shown with the measure, the end of advice with the advice.
        let advice = json!({ "measure": uuid::Uuid::from_u128(0xad), "ground": "REPLACED" });
        records.pop();
        records.push(recorded(
            100,
            home(spec.name),
            NEW,
            &Event::from_json(spec.name, advice).unwrap(),
        ));
        let measure = Event::from_json(spec.name, example(spec.name)).unwrap();
        records.push(recorded(101, home(spec.name), NEW + 1, &measure));
    }
    let reading = Reading::new(records, ReadingPoint::default()).unwrap();
    let sheet = sheet(
        &reading,
        stream(CASE),
        events::time::Occurred::At(day(120)).day(),
    );
    let more = if spec.name == "SupportEnded" {
        sheet.shows(event(NEW + 1))
    } else {
        Vec::new()
    };
    // The family's text is made for a reader, so it is no row of the sheet.
    let family = told(spec.name).then_some(View::FamilyVoice);
    sheet
        .shows(event(NEW))
        .into_iter()
        .chain(more)
        .chain(family)
        .collect()
}

#[test]
fn every_type_is_shown_where_the_catalogue_says() {
    let differs = CATALOGUE.iter().filter_map(|spec| {
        let named: BTreeSet<View> = spec.views.iter().copied().collect();
        let shown = shown(spec);
        let missing: Vec<_> = named.difference(&shown).collect();
        let more: Vec<_> = shown.difference(&named).collect();
        (named != shown).then(|| {
            format!(
                "{}: named and not shown {missing:?}, shown and not named {more:?}",
                spec.name
            )
        })
    });
    let differs: Vec<String> = differs.collect();
    assert!(differs.is_empty(), "{}", differs.join("\n"));
}

/// The ground of the refusals: a measure and a goal that ended besides.
fn refusal_ground(kind: &str) -> Vec<Recorded> {
    let mut records = ground(kind);
    if home(kind) == CASE && !["CaseOpened", "EarlyAdviceStarted"].contains(&kind) {
        let start = json!({
            "measure": uuid::Uuid::from_u128(0xa9), "section": "BL § 32", "ladder_step": 2, "ladder_definition": "d", "provider": "p",
            "decision": event(10), "provisional": false,
        });
        let set = json!({
            "goal": uuid::Uuid::from_u128(0xb3), "child": examples::child(), "wording": ["w"], "words_of": [], "area": "OTHER",
        });
        let met = json!({
            "goal": uuid::Uuid::from_u128(0xb3), "change": "MET", "child": examples::child(), "reason": ["r"], "agreed_with": [],
        });
        let end = json!({ "measure": uuid::Uuid::from_u128(0xa9), "ground": "PURPOSE_MET" });
        for (number, (kind, facts)) in (70..).zip([
            ("SupportStarted", start),
            ("SupportEnded", end),
            ("GoalSet", set),
            ("GoalChanged", met),
        ]) {
            let facts = Event::from_json(kind, facts).unwrap();
            records.push(recorded(
                u64::try_from(number).unwrap(),
                CASE,
                number,
                &facts,
            ));
        }
    }
    records
}

#[test]
fn every_type_is_refused_for_each_of_its_reasons() {
    for (kind, change, expected) in refused() {
        let mut facts = example(kind);
        for (name, value) in change.as_object().unwrap() {
            facts[name] = value.clone();
        }
        let outcome = decided(refusal_ground(kind), &command(spec(kind), facts));
        assert_eq!(outcome, Err(expected), "{kind} {change}");
    }
}

/// The refusals that every type can meet.
fn common(spec: &'static EventSpec) -> Vec<RefusalCode> {
    let plain = command(spec, example(spec.name));
    let begins = begins_stream(&plain.facts);
    let mut met = Vec::new();
    let mut meet = |records: Vec<Recorded>, command: &Command, expected: RefusalCode| {
        assert_eq!(decided(records, command), Err(expected), "{}", spec.name);
        met.push(expected);
    };
    let stranger = [Role::Auditor, Role::Board, Role::Provider]
        .into_iter()
        .find(|role| !spec.roles.contains(role))
        .unwrap();
    meet(
        ground(spec.name),
        &Command {
            actor: actor(stranger),
            ..plain.clone()
        },
        RoleNotAllowed,
    );
    let meta = Meta::at(events::time::Occurred::At(day(201)));
    meet(
        ground(spec.name),
        &Command {
            meta,
            ..plain.clone()
        },
        TimeInFuture,
    );
    if begins {
        if ![
            "IntegrityChecked",
            "RuleSetActivated",
            "SafeguardOverridden",
            "RecordAccessed",
        ]
        .contains(&spec.name)
        {
            meet(before(), &plain, StreamExists);
        }
    } else {
        meet(Vec::new(), &plain, StreamUnknown);
        let elsewhere = if kind_of(home(spec.name)) == StreamKind::Case {
            0xc1
        } else {
            CASE
        };
        if !spec.streams.contains(&kind_of(elsewhere)) {
            meet(
                before(),
                &Command {
                    stream: stream(elsewhere),
                    ..plain.clone()
                },
                StreamKindWrong,
            );
        }
    }
    let unversioned = Command {
        version_given: false,
        ..plain.clone()
    };
    if decided(ground(spec.name), &unversioned) == Err(ExpectedVersionNeeded) {
        met.push(ExpectedVersionNeeded);
    }
    met
}

/// Where each type is shown and for what it is refused, as a page.
#[test]
fn golden_page_of_views_and_refusals() {
    let mut tested: BTreeMap<&str, BTreeSet<RefusalCode>> = BTreeMap::new();
    for (kind, _, code) in refused() {
        tested.entry(kind).or_default().insert(code);
    }
    let mut page = String::from(
        "# Where each event is shown, and for what it is refused\n\nMade from the tests of the language; \
         `UPDATE_GOLDEN=1 cargo nextest run -p domain golden` writes it anew. Every cross is a row that the view really shows; every \
         refusal was met by a test. Numbers are those of the views in [the catalogue](events.md).\n\n",
    );
    let heads: Vec<&str> = View::ALL.iter().map(|view| view.names().0).collect();
    page.push_str(&format!(
        "| event | {} | refused for |\n|---|{}---|\n",
        heads.join(" | "),
        "---|".repeat(heads.len())
    ));
    for spec in CATALOGUE {
        let shown = shown(spec);
        assert!(!shown.is_empty(), "{} is shown nowhere", spec.name);
        let crosses: Vec<&str> = View::ALL
            .iter()
            .map(|view| if shown.contains(view) { "x" } else { "" })
            .collect();
        let mut codes: BTreeSet<RefusalCode> = common(spec).into_iter().collect();
        codes.extend(tested.remove(spec.name).unwrap_or_default());
        codes.extend(reach::reached(spec).iter().map(|refusal| refusal.code));
        let codes: Vec<String> = codes
            .iter()
            .map(|code| format!("`{}`", code.as_str()))
            .collect();
        page.push_str(&format!(
            "| {} | {} | {} |\n",
            spec.name,
            crosses.join(" | "),
            codes.join(" ")
        ));
    }
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/views.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        page,
        "docs/reference/views.md differs"
    );
}

#[test]
fn no_refusal_is_without_a_test() {
    let reached = include_str!("catalogue_tests/reached.txt");
    let rows: BTreeSet<RefusalCode> = refused().into_iter().map(|(_, _, code)| code).collect();
    for code in RefusalCode::ALL {
        // What only the bytes can tell is tested with the bytes (the case of a correction that does
        // not fit, in the tests of readings and of bad input; the content of documents, in theirs).
        let by_bytes = [
            ValueMisfit,
            DocumentEmpty,
            DocumentTooLarge,
            MediaTypeNotAllowed,
            MediaTypeMismatch,
            CatalogueNotHeld,
        ]
        .contains(code);
        let named = rows.contains(code) || refusal_tests::names(*code);
        assert!(named || by_bytes, "{code:?} has no row and no test");
        let line = format!("  {} {}", code.number(), code.as_str());
        assert!(reached.contains(&line) || by_bytes, "{code:?} is never met");
    }
}
