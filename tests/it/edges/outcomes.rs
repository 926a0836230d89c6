//! What each refusal and each error is answered with: status, code, place and words, and whether asking
//! again may help. The whole table is a golden file, because clients branch on it.

use std::fmt::Write as _;

use api::error::{UserError, list_error, read_error, user_error};
use api::fault::FaultCode;
use api::rest::documents::{answer, not_allowed, too_large};
use api::rest::evidence::no_file::{busy, no_bundle, no_dossier, no_json};
use api::rest::outcome::{Answer, Outcome, failed, refused};
use app::access::rights::{Forbidden, Right};
use app::clock::watch::ClockRefused;
use app::error::{ReadError, RecordError};
use app::evidence::bundle::BundleError;
use app::evidence::dossier::{DisclosureError, Earlier};
use app::log::sequencer::Receipt;
use app::rows::lists::ListError;
use app::rows::search::NoWord;
use async_graphql::Value as GraphqlValue;
use domain::reading::ImpossibleHistory;
use domain::refusal::{Refusal, RefusalCode};
use events::ids::{CommandId, EventId, StreamId};
use events::parts::DecodeError;
use jiff::Timestamp;
use record::checkpoint::CheckpointError;
use record::hash::Hash;
use record::note::NoteError;
use record::positions::{LogIndex, LogTime, Size, StreamVersion};
use server::answers::status;
use store::log_store::UnusableReason;
use store::projection_store::ProjectionError;
use tests::golden::same;
use uuid::Uuid;

fn stream() -> StreamId {
    StreamId::new(Uuid::from_u128(1)).unwrap()
}

fn event() -> EventId {
    EventId::new(Uuid::from_u128(2)).unwrap()
}

fn command() -> CommandId {
    CommandId::new(Uuid::from_u128(3)).unwrap()
}

const fn forbidden() -> Forbidden {
    Forbidden {
        right: Right::ReadCase,
    }
}

/// One of each kind. A new kind fails to compile in [`read_name`]; give it an example here, too.
fn read_errors() -> Vec<ReadError> {
    vec![
        ReadError::Forbidden(forbidden()),
        ReadError::Store(store::log_store::ReadError::Failed("gone".into())),
        ReadError::Keys("gone".into()),
        ReadError::Damaged {
            index: LogIndex::new(4),
            source: "bent".into(),
        },
        ReadError::KeyMissing {
            index: LogIndex::new(4),
            part: 1,
        },
        ReadError::ErasedMeanwhile {
            index: LogIndex::new(4),
        },
        ReadError::CatalogueNotHeld {
            version: "2031".to_owned(),
            hash: "ab".to_owned(),
        },
        ReadError::History(ImpossibleHistory::Unreadable {
            event: event(),
            index: 4,
            source: DecodeError::Gone,
        }),
    ]
}

const fn read_name(error: &ReadError) -> &'static str {
    match error {
        ReadError::Forbidden(_) => "Read Forbidden",
        ReadError::Store(_) => "Read Store",
        ReadError::Keys(_) => "Read Keys",
        ReadError::Damaged { .. } => "Read Damaged",
        ReadError::KeyMissing { .. } => "Read KeyMissing",
        ReadError::ErasedMeanwhile { .. } => "Read ErasedMeanwhile",
        ReadError::CatalogueNotHeld { .. } => "Read CatalogueNotHeld",
        ReadError::History(_) => "Read History",
    }
}

/// One of each kind. A new kind fails to compile in [`record_name`]; give it an example here, too.
fn record_errors() -> Vec<RecordError> {
    let mut errors = vec![
        RecordError::Refused(Refusal {
            code: RefusalCode::StreamUnknown,
            field: None,
        }),
        RecordError::Refused(Refusal {
            code: RefusalCode::RoleNotAllowed,
            field: Some("stream".to_owned()),
        }),
        RecordError::Refused(Refusal {
            code: RefusalCode::FieldUnknown,
            field: Some("redactions.0.field".to_owned()),
        }),
        RecordError::Conflict {
            stream: stream(),
            expected: StreamVersion::new(4),
            actual: StreamVersion::new(5),
        },
        RecordError::CommandIdReused(command()),
        RecordError::EventIdUsed(event()),
        RecordError::InFlight,
        RecordError::Moved,
        RecordError::Incomplete(std::io::ErrorKind::UnexpectedEof.into()),
        RecordError::Forbidden(forbidden()),
        RecordError::ClockRefused(ClockRefused::Jumped {
            says: Timestamp::UNIX_EPOCH,
            expected: Timestamp::UNIX_EPOCH,
        }),
        RecordError::NotWritten("full".into()),
        RecordError::Stopped(UnusableReason::Poisoned),
        RecordError::Abandoned,
        RecordError::Unknown("gone".into()),
        RecordError::NotErased {
            index: LogIndex::new(4),
            part: 1,
            what: "its key is there",
        },
    ];
    errors.extend(read_errors().into_iter().map(RecordError::Read));
    errors
}

const fn record_name(error: &RecordError) -> &'static str {
    match error {
        RecordError::Refused(_) => "Refused",
        RecordError::Conflict { .. } => "Conflict",
        RecordError::CommandIdReused(_) => "CommandIdReused",
        RecordError::EventIdUsed(_) => "EventIdUsed",
        RecordError::InFlight => "InFlight",
        RecordError::Moved => "Moved",
        RecordError::Incomplete(_) => "Incomplete",
        RecordError::Forbidden(_) => "Forbidden",
        RecordError::ClockRefused(_) => "ClockRefused",
        RecordError::NotWritten(_) => "NotWritten",
        RecordError::Stopped(_) => "Stopped",
        RecordError::Abandoned => "Abandoned",
        RecordError::Unknown(_) => "Unknown",
        RecordError::NotErased { .. } => "NotErased",
        RecordError::Read(error) => read_name(error),
    }
}

/// One of each kind. A new kind fails to compile in [`bundle_name`]; give it an example here, too.
fn bundle_errors() -> Vec<BundleError> {
    let mut errors = vec![
        BundleError::Forbidden(forbidden()),
        BundleError::NoStream(stream()),
        BundleError::NobodyLooked(stream()),
        BundleError::NothingWithheld {
            event: event(),
            digest: Hash::ZERO,
        },
        BundleError::NotWitnessed {
            size: Size::new(9),
            waited: std::time::Duration::from_secs(20),
        },
        BundleError::Pinned {
            pinned: Size::new(11),
            size: Size::new(9),
        },
        BundleError::Checkpoint(CheckpointError::Malformed),
        BundleError::Note(NoteError::TooLong),
        BundleError::Write("full".into()),
        std::io::Error::from(std::io::ErrorKind::BrokenPipe).into(),
    ];
    errors.extend(read_errors().into_iter().map(BundleError::Read));
    errors.extend(record_errors().into_iter().map(BundleError::Record));
    errors
}

const fn bundle_name(error: &BundleError) -> &'static str {
    match error {
        BundleError::Forbidden(_) => "Forbidden",
        BundleError::NoStream(_) => "NoStream",
        BundleError::NobodyLooked(_) => "NobodyLooked",
        BundleError::NothingWithheld { .. } => "NothingWithheld",
        BundleError::NotWitnessed { .. } => "NotWitnessed",
        BundleError::Pinned { .. } => "Pinned",
        BundleError::Checkpoint(_) => "Checkpoint",
        BundleError::Note(_) => "Note",
        BundleError::Write(_) => "Write",
        BundleError::Read(error) => read_name(error),
        BundleError::Record(error) => record_name(error),
    }
}

/// One of each kind. A new kind fails to compile in [`disclosure_name`]; give it an example here, too.
fn disclosure_errors() -> Vec<DisclosureError> {
    let earlier = Earlier {
        receipt: Receipt {
            index: LogIndex::new(7),
            leaf: Hash::ZERO,
            stream: stream(),
            version: StreamVersion::new(3),
            event: event(),
            recorded_at: LogTime::new(60),
        },
        sha256: Some(Hash::ZERO),
    };
    let mut errors = vec![
        DisclosureError::Forbidden(forbidden()),
        DisclosureError::CarriedOut(Box::new(earlier)),
    ];
    errors.extend(record_errors().into_iter().map(DisclosureError::Record));
    errors.extend(bundle_errors().into_iter().map(DisclosureError::Bundle));
    errors
}

const fn disclosure_name(error: &DisclosureError) -> &'static str {
    match error {
        DisclosureError::Forbidden(_) => "Forbidden",
        DisclosureError::CarriedOut(_) => "CarriedOut",
        DisclosureError::Record(error) => record_name(error),
        DisclosureError::Bundle(error) => bundle_name(error),
    }
}

/// One of each kind. A new kind fails to compile in [`list_name`]; give it an example here, too.
fn list_errors() -> Vec<ListError> {
    let mut errors = vec![
        ListError::Forbidden(forbidden()),
        ListError::Cursor,
        ListError::Name(NoWord),
        ListError::TooMany { cases: 9, most: 8 },
        ListError::Unknown("rule x".to_owned()),
        ListError::Behind {
            reached: Size::new(4),
        },
        ListError::Making { done: 1, total: 2 },
        ListError::Stopped,
        ListError::None,
        ListError::Rows(ProjectionError::Damaged("bent")),
    ];
    errors.extend(read_errors().into_iter().map(ListError::Read));
    errors
}

const fn list_name(error: &ListError) -> &'static str {
    match error {
        ListError::Forbidden(_) => "Forbidden",
        ListError::Cursor => "Cursor",
        ListError::Name(_) => "Name",
        ListError::TooMany { .. } => "TooMany",
        ListError::Unknown(_) => "Unknown",
        ListError::Behind { .. } => "Behind",
        ListError::Making { .. } => "Making",
        ListError::Stopped => "Stopped",
        ListError::None => "None",
        ListError::Rows(_) => "Rows",
        ListError::Read(error) => read_name(error),
    }
}

/// The table, as it grows.
#[derive(Default)]
struct Table(String);

impl Table {
    fn title(&mut self, title: &str) {
        let gap = if self.0.is_empty() { "" } else { "\n" };
        writeln!(self.0, "{gap}# {title}").unwrap();
    }

    /// An answer beside GraphQL: status, whether asking again may help, and the body.
    fn answer(&mut self, of: &str, answer: &Answer) {
        let status = status(&answer.outcome).as_u16();
        let again = if answer.passes() { "again" } else { "" };
        writeln!(self.0, "{of:<21} {status} {again:<5} {}", answer.body).unwrap();
    }

    /// An error inside an answer to GraphQL.
    fn graphql(&mut self, of: &str, error: &async_graphql::Error) {
        let code = match error.extensions.as_ref().and_then(|told| told.get("code")) {
            Some(GraphqlValue::String(code)) => code,
            _ => "",
        };
        writeln!(self.0, "{of:<21} {code}: {}", error.message).unwrap();
    }
}

#[test]
fn every_refusal_and_every_error_is_answered_as_it_always_was() {
    let mut table = Table::default();
    table.title("A document is refused");
    for code in RefusalCode::ALL {
        let error = UserError::from(Refusal {
            code: *code,
            field: None,
        });
        table.answer(code.as_str(), &refused(error));
    }
    table.answer("misfit", &refused(UserError::misfit("title", "is needed")));
    table.answer("too_large", &too_large());
    table.answer("not_allowed", &not_allowed());
    table.title("A document is not filed");
    for error in record_errors() {
        table.answer(record_name(&error), &answer(Err(error)));
    }
    table.title("A bundle is not made");
    for error in bundle_errors() {
        table.answer(bundle_name(&error), &no_bundle(error));
    }
    table.title("A dossier is not given out");
    for error in disclosure_errors() {
        table.answer(disclosure_name(&error), &no_dossier(error));
    }
    table.title("What the server itself says");
    table.answer("no_json", &no_json());
    table.answer("busy", &busy());
    for code in [
        FaultCode::Forbidden,
        FaultCode::NotFound,
        FaultCode::BodyTooLarge,
        FaultCode::Internal,
    ] {
        table.answer("", &failed("so it is", code));
    }
    table.title("A mutation records nothing");
    for error in record_errors() {
        let name = record_name(&error);
        match user_error(error) {
            Ok(error) => {
                let path = error.path.join(".");
                writeln!(
                    table.0,
                    "{name:<21} refused {} ({path})",
                    error.code.as_str()
                )
                .unwrap();
            }
            Err(fault) => table.graphql(name, &fault.into()),
        }
    }
    table.title("A query reads nothing");
    for error in read_errors() {
        table.graphql(read_name(&error), &read_error(&error));
    }
    table.title("A list is not answered");
    for error in list_errors() {
        table.graphql(list_name(&error), &list_error(&error));
    }
    table.title("The status of every fault of a request that was not executed");
    for code in FaultCode::ALL {
        let status = status(&Outcome::Failed(*code)).as_u16();
        writeln!(table.0, "{:<25} {status}", code.as_str()).unwrap();
    }
    same("tests/golden/outcomes.txt", &table.0);
}
