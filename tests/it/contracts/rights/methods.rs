//! Each method of a session that asks for a right, called with the least that it takes. What it
//! names need not be there, and what it records is refused: a right is asked before that is seen.

use std::io::Cursor;
use std::time::Duration;

use app::access::rights::{Forbidden, Right};
use app::commands::correct::CorrectionOrder;
use app::commands::document::DocumentOrder;
use app::commands::erase::{EraseTarget, ErasureOrder};
use app::commands::record::Order;
use app::error::{ReadError, RecordError};
use app::evidence::bundle::{BundleError, BundleOrder, Withheld};
use app::evidence::dossier::{DisclosureError, DisclosureOrder};
use app::operations::operator::Operator;
use app::queries::board::BoardQuery;
use app::queries::cases::{CaseQuery, Count};
use app::queries::figures::FiguresQuery;
use app::rows::lists::ListError;
use app::rows::search::{CaseFilter, CaseOrder};
use app::rules::basis::WhatIf;
use app::session::Session;
use domain::reading::ReadingPoint;
use events::access::DisclosureKind;
use events::erasure::ErasureGround;
use events::event::Event;
use events::ids::{CommandId, EventId, FamilyId, StreamId};
use events::meta::{EventRef, Meta};
use events::spec::StreamKind;
use events::text::{EmployeeId, Line, Short};
use events::words::Words;
use law::key_figures::summary::Length;
use record::positions::LogIndex;
use serde_json::json;
use tests::world::{caseworker, family};
use uuid::Uuid;

/// What the calls name.
pub(super) struct Scene {
    pub(super) operator: Operator,
    pub(super) case: StreamId,
    /// A document that was filed in the case.
    pub(super) document: EventId,
}

/// Calls a method; answers the right that was missing.
type Call = fn(&Session, &Scene) -> Option<Right>;

/// An error that may say that a right is missing.
trait Missing {
    fn right(&self) -> Option<Right>;
}

impl Missing for Forbidden {
    fn right(&self) -> Option<Right> {
        Some(self.right)
    }
}

/// The errors that wrap a missing right.
macro_rules! wrapping {
    ($($error:ident),+) => {
        $(impl Missing for $error {
            fn right(&self) -> Option<Right> {
                match self {
                    Self::Forbidden(forbidden) => Some(forbidden.right),
                    _ => None,
                }
            }
        })+
    };
}

wrapping!(
    ReadError,
    RecordError,
    ListError,
    BundleError,
    DisclosureError
);

fn missing<T, E: Missing>(answer: Result<T, E>) -> Option<Right> {
    answer.err().and_then(|error| error.right())
}

fn nowhere() -> StreamId {
    StreamId::new(Uuid::from_u128(0xdead)).unwrap()
}

fn command() -> CommandId {
    CommandId::new(Uuid::from_u128(0xbeef)).unwrap()
}

fn meta() -> Meta {
    Meta::at("2024-11-05".parse().unwrap())
}

fn words() -> Words {
    Words::parse("x").unwrap()
}

fn nothing() -> EventRef {
    EventRef {
        stream: nowhere(),
        event: EventId::new(Uuid::from_u128(0xdead)).unwrap(),
    }
}

const NOW: fn() -> ReadingPoint = ReadingPoint::default;

/// The methods of reading.
const READING: &[(&str, Call)] = &[
    ("read", |session, scene| {
        missing(session.read(scene.case, NOW()))
    }),
    ("person_name", |session, _| {
        missing(session.person_name(family().person("bastian"), NOW()))
    }),
    ("event", |session, _| {
        missing(session.event(family().event("B3-open-b"), NOW()))
    }),
    ("difference", |session, scene| {
        missing(session.difference(scene.case, NOW(), NOW()))
    }),
    ("kind", |session, scene| missing(session.kind(scene.case))),
    ("version", |session, scene| {
        missing(session.version(scene.case))
    }),
    ("streams", |session, _| {
        missing(session.streams(StreamKind::Case))
    }),
    ("cases", |session, _| {
        missing(session.cases(&CaseQuery {
            filter: CaseFilter::default(),
            order: CaseOrder::default(),
            after: None,
            before: None,
            count: Count::First(1),
            at_least: None,
        }))
    }),
    ("untouched_notifications", |session, _| {
        missing(session.untouched_notifications(None))
    }),
    ("board", |session, _| {
        let query = BoardQuery {
            count: 1,
            ..BoardQuery::default()
        };
        missing(session.board(&query))
    }),
    ("family", |session, _| {
        missing(session.family(nobodys_family()))
    }),
    ("family_overview", |session, _| {
        missing(session.family_overview(nobodys_family(), NOW()))
    }),
    ("key_figures", |session, _| {
        let query = FiguresQuery {
            from: "2024-01-01".parse().unwrap(),
            to: "2024-12-31".parse().unwrap(),
            length: Length::Year,
            by: Vec::new(),
            point: None,
            what_if: WhatIf::default(),
            read_max: None,
            cases_max: 1,
            small_groups: true,
            at_least: None,
        };
        missing(session.key_figures(&query, &mut |_, _| {}))
    }),
    ("duties", |session, scene| {
        missing(session.duties(scene.case, NOW(), &WhatIf::default()))
    }),
    ("duties_in", |session, scene| {
        let reading = as_caseworker(scene)
            .read(scene.case, NOW())
            .unwrap()
            .unwrap();
        missing(session.duties_in(&reading, scene.case, &WhatIf::default()))
    }),
    ("look_ups", |session, scene| {
        missing(session.look_ups(scene.case, NOW()))
    }),
    ("integrity_checks", |session, _| {
        missing(session.integrity_checks())
    }),
    ("safeguard_overrides", |session, _| {
        missing(session.safeguard_overrides())
    }),
    ("open_document", |session, scene| {
        missing(session.open_document(scene.case, scene.document))
    }),
    ("next_chunk", |session, scene| {
        let opened = as_caseworker(scene).open_document(scene.case, scene.document);
        missing(session.next_chunk(&mut opened.unwrap().unwrap()))
    }),
];

/// The methods of recording. None of the orders can be true.
const RECORDING: &[(&str, Call)] = &[
    ("record", |session, _| {
        let facts = json!({ "kind": "FACT", "text": ["x"] });
        missing(session.record(&Order {
            command: command(),
            event: None,
            stream: Some(nowhere()),
            expected_version: None,
            also: Vec::new(),
            meta: meta(),
            facts: Event::from_json("NoteTaken", facts).unwrap(),
        }))
    }),
    ("correct", |session, _| {
        missing(session.correct(&CorrectionOrder {
            command: command(),
            event: None,
            expected_version: None,
            meta: meta(),
            target: nothing(),
            field: "text".to_owned(),
            subject: None,
            elements: None,
            value: json!("x"),
            reason: words(),
            evidence: None,
        }))
    }),
    ("file_document", |session, _| {
        let order = filing(nowhere(), command());
        missing(session.file_document(&order, &mut b"x".as_slice()))
    }),
    // A day that lies ahead is refused, so that nothing is recorded.
    ("activate_rules", |session, _| {
        let from = "2999-01-01".parse().unwrap();
        missing(session.activate_rules(command(), from, None))
    }),
    ("erase", |session, _| {
        missing(session.erase(&ErasureOrder {
            command: command(),
            meta: meta(),
            target: EraseTarget::Event(nothing()),
            ground: ErasureGround::Gdpr17,
            legal_check: words(),
            approved_by: EmployeeId::new("D2").unwrap(),
        }))
    }),
];

/// The methods of evidence.
const EVIDENCE: &[(&str, Call)] = &[
    ("snapshot", |session, _| {
        missing(session.snapshot(Duration::ZERO))
    }),
    ("bundle", |session, scene| {
        missing(with_bundle(scene, |order| {
            session.bundle(order, Duration::ZERO, Cursor::new(Vec::new()))
        }))
    }),
    ("write_bundle", |session, scene| {
        let snapshot = as_caseworker(scene).snapshot(Duration::ZERO).unwrap();
        missing(with_bundle(scene, |order| {
            session.write_bundle(&snapshot, order, Cursor::new(Vec::new()))
        }))
    }),
    ("accesses_of", |session, scene| {
        missing(session.accesses_of(scene.case))
    }),
    ("access_log", |session, _| missing(session.access_log())),
    ("suggest_withholding", |session, scene| {
        missing(session.suggest_withholding(scene.case))
    }),
    ("resolve_withheld", |session, _| {
        missing(session.resolve_withheld(&[]))
    }),
    ("disclose", |session, _| {
        let order = DisclosureOrder {
            command: command(),
            case: nowhere(),
            meta: meta(),
            kind: DisclosureKind::FileAccess,
            request: None,
            recipient: Short::new("x").unwrap(),
            recipient_person: None,
            withhold: Vec::new(),
            documents: false,
            wait: Duration::ZERO,
        };
        let mut out = Cursor::new(Vec::new());
        missing(session.disclose(&order, &mut out, &mut || Ok(Cursor::new(Vec::new()))))
    }),
    ("letter_receipt", |session, scene| {
        missing(session.letter_receipt(scene.case, scene.document))
    }),
    ("check_receipt", |session, _| {
        missing(session.check_receipt("x"))
    }),
    ("entry", |session, _| {
        missing(session.entry(LogIndex::FIRST))
    }),
    ("inclusion_proof", |session, _| {
        missing(session.inclusion_proof(LogIndex::FIRST))
    }),
    ("standing", |session, _| {
        missing(session.standing(LogIndex::FIRST))
    }),
];

/// Every method that asks for a right.
pub(super) fn methods() -> impl Iterator<Item = &'static (&'static str, Call)> {
    [READING, RECORDING, EVIDENCE].into_iter().flatten()
}

fn nobodys_family() -> FamilyId {
    FamilyId::new(Uuid::from_u128(5)).unwrap()
}

fn as_caseworker(scene: &Scene) -> Session {
    scene.operator.session(caseworker())
}

/// An order to file a document.
pub(super) fn filing(stream: StreamId, command: CommandId) -> DocumentOrder {
    DocumentOrder {
        command,
        event: None,
        stream,
        meta: meta(),
        title: Line::new("x").unwrap(),
        about: None,
        file_name: None,
        stated: Some("text/plain".to_owned()),
        bytes_max: 10,
    }
}

fn with_bundle<T>(scene: &Scene, take: impl FnOnce(&BundleOrder<'_>) -> T) -> T {
    take(&BundleOrder {
        stream: scene.case,
        withheld: &Withheld::default(),
        documents: false,
        pinned: &[],
    })
}
