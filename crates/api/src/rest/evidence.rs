//! Evidence beside GraphQL: what a request for a bundle or a dossier means, and how it is answered where
//! it is answered without one. Such an answer has the shape of a mutation's payload.
//!
//! It does not know how the file travels.

use std::io;
use std::time::Duration;

use app::error::{ReadError, RecordError};
use app::evidence::bundle::BundleError;
use app::evidence::dossier::{DisclosureError, DisclosureOrder, Earlier, Withhold};
use domain::refusal::{Refusal, RefusalCode};
use events::access::DisclosureKind;
use events::ids::StreamId;
use events::meta::{Channel, Meta};
use events::time::Occurred;
use jiff::Timestamp;
use record::positions::Size;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::error::{UserError, user_error};
use crate::ids::{self, Kind};
use crate::rest::documents::{Answer, Outcome, all_refused, failed, fault, receipt_json, stream};

/// The longest wait for witnesses, in seconds: a server that is told to stop must not wait longer.
pub const WAIT_MAX: u64 = 30;
/// The wait where none is stated, in seconds.
const WAIT: u64 = 20;
/// Codes of failures that pass, so that asking again may help.
const PASSING: [&str; 6] = [
    "BUSY",
    "NOT_WITNESSED",
    "NOT_WRITTEN",
    "OUTCOME_UNKNOWN",
    "STORE_STOPPED",
    "TRY_AGAIN",
];
/// What a dossier is made for.
const KINDS: [DisclosureKind; 4] = [
    DisclosureKind::FileAccess,
    DisclosureKind::BoardDossier,
    DisclosureKind::Court,
    DisclosureKind::Municipality,
];
/// The parameters of a request for a bundle.
const PARAMETERS: [&str; 4] = ["accesses", "documents", "pinned", "wait"];
/// The members of an order for a dossier.
const MEMBERS: [&str; 8] = [
    "commandId",
    "documents",
    "kind",
    "recipient",
    "recipientPerson",
    "request",
    "wait",
    "withhold",
];
/// The members of a thing to be withheld.
const WITHHELD: [&str; 9] = [
    "class", "elements", "event", "field", "name", "reason", "section", "stream", "subject",
];

/// A request for a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleRequest {
    /// The stream, or the case whose look-ups are asked for.
    pub stream: StreamId,
    /// Whether the look-ups are asked for, and not the stream itself.
    pub accesses: bool,
    /// Whether the documents go along.
    pub documents: bool,
    /// Sizes of the log that the reader knows.
    pub pinned: Vec<Size>,
    /// How long witnesses are waited for.
    pub wait: Duration,
}

/// Everything that does not fit so far, each with its place in the request.
#[derive(Default)]
struct Misfits(Vec<UserError>);

impl Misfits {
    fn add(&mut self, path: &[&str], rule: &str) {
        let path = path.iter().map(|step| (*step).to_owned()).collect();
        self.0.push(UserError {
            path,
            ..UserError::misfit("", rule)
        });
    }

    fn take<T>(&mut self, path: &[&str], read: Result<T, String>) -> Option<T> {
        read.map_err(|rule| self.add(path, &rule)).ok()
    }

    fn none<T>(self, whole: Option<T>) -> Result<T, Vec<UserError>> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            _ => Err(self.0),
        }
    }
}

fn one_of<T: Into<String>>(names: impl IntoIterator<Item = T>) -> String {
    format!(
        "must be one of {}",
        names
            .into_iter()
            .map(Into::into)
            .collect::<Vec<String>>()
            .join(", ")
    )
}

fn wait(seconds: u64) -> Result<Duration, String> {
    if seconds > WAIT_MAX {
        Err(format!("must be at most {WAIT_MAX} seconds"))
    } else {
        Ok(Duration::from_secs(seconds))
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| "must be a whole number".to_owned())
}

fn size(text: &str) -> Result<Size, String> {
    number(text)
        .ok()
        .map(Size::new)
        .filter(|size| !size.is_empty())
        .ok_or_else(|| "must be the size of a log, at least 1".to_owned())
}

fn choice(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "must be true or false".to_owned())
}

/// The request that a path and a query string mean.
///
/// # Errors
/// Every parameter that does not fit.
pub fn bundle_request(
    municipality: &str,
    id: &str,
    parameters: &[(String, String)],
) -> Result<BundleRequest, Vec<UserError>> {
    let mut misfits = Misfits::default();
    let named = stream(municipality, id)
        .ok_or_else(|| "must be the id of a case, a notification or a person".to_owned());
    let named = misfits.take(&["stream"], named);
    let (mut accesses, mut documents, mut waiting, mut pinned) = (None, None, None, Vec::new());
    for (name, value) in parameters {
        let path = [name.as_str()];
        match name.as_str() {
            "pinned" => pinned.extend(misfits.take(&path, size(value))),
            "accesses" if accesses.is_none() => {
                accesses = Some(misfits.take(&path, choice(value)).unwrap_or_default())
            }
            "documents" if documents.is_none() => {
                documents = Some(misfits.take(&path, choice(value)).unwrap_or_default())
            }
            "wait" if waiting.is_none() => {
                waiting = Some(
                    misfits
                        .take(&path, number(value).and_then(wait))
                        .unwrap_or_default(),
                )
            }
            known if PARAMETERS.contains(&known) => misfits.add(&path, "must not stand twice"),
            _ => misfits.add(&path, &one_of(PARAMETERS)),
        }
    }
    misfits.none(named.map(|stream| BundleRequest {
        stream,
        accesses: accesses.unwrap_or_default(),
        documents: documents.unwrap_or_default(),
        pinned,
        wait: waiting.unwrap_or(Duration::from_secs(WAIT)),
    }))
}

/// The members of an object in a request.
struct Members<'a> {
    given: &'a Map<String, Value>,
    /// Where the object stands.
    place: Vec<&'a str>,
    misfits: &'a mut Misfits,
}

impl Members<'_> {
    fn known(&mut self, names: &[&str]) {
        for name in self
            .given
            .keys()
            .filter(|name| !names.contains(&name.as_str()))
        {
            self.misfits.add(
                &[&self.place, &[name.as_str()][..]].concat(),
                &one_of(names.iter().copied()),
            );
        }
    }

    /// The member as a type of the catalogue; what is null is not stated.
    fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let value = self.given.get(name).filter(|value| !value.is_null())?;
        self.misfits.take(
            &[&self.place, &[name][..]].concat(),
            T::deserialize(value).map_err(|error| error.to_string()),
        )
    }

    fn required<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        if self.given.get(name).is_none_or(Value::is_null) {
            self.misfits
                .add(&[&self.place, &[name][..]].concat(), "is needed");
        }
        self.optional(name)
    }

    fn withhold(&mut self) -> Option<Withhold> {
        self.known(&WITHHELD);
        let (stream, event, class) = (
            self.required("stream"),
            self.required("event"),
            self.required("class"),
        );
        let (section, reason) = (self.required("section"), self.required("reason"));
        let (name, subject, field) = (
            self.optional("name"),
            self.optional("subject"),
            self.optional("field"),
        );
        let elements = self.optional("elements").unwrap_or_default();
        Some(Withhold {
            stream: stream?,
            event: event?,
            name,
            subject,
            field,
            elements,
            class: class?,
            section: section?,
            reason: reason?,
        })
    }
}

fn known_kind(kind: DisclosureKind) -> Result<DisclosureKind, String> {
    if KINDS.contains(&kind) {
        Ok(kind)
    } else {
        Err(one_of(KINDS.iter().map(|known| known.stored())))
    }
}

/// The things to be withheld, as far as they fit.
fn things_withheld(wishes: &[Value], misfits: &mut Misfits) -> Vec<Withhold> {
    let mut withhold = Vec::with_capacity(wishes.len());
    for (number, wish) in wishes.iter().enumerate() {
        let number = number.to_string();
        match wish {
            Value::Object(given) => {
                let mut members = Members {
                    given,
                    place: vec!["withhold", number.as_str()],
                    misfits: &mut *misfits,
                };
                withhold.extend(members.withhold());
            }
            _ => misfits.add(&["withhold", &number], "must be a map"),
        }
    }
    withhold
}

/// The order that a path and a body mean, given at that time.
///
/// # Errors
/// Every member that does not fit.
pub fn dossier_order(
    municipality: &str,
    case: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<DisclosureOrder, Vec<UserError>> {
    let mut misfits = Misfits::default();
    let case = ids::stream(municipality, case, Kind::Case)
        .ok_or_else(|| "must be the id of a case".to_owned());
    let case = misfits.take(&["case"], case);
    let body: Value = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(error) => {
            misfits.add(&["body"], &format!("must be JSON: {error}"));
            return Err(misfits.0);
        }
    };
    let Value::Object(given) = &body else {
        misfits.add(&["body"], "must be a map");
        return Err(misfits.0);
    };
    let mut members = Members {
        given,
        place: Vec::new(),
        misfits: &mut misfits,
    };
    members.known(&MEMBERS);
    let (command, kind, recipient) = (
        members.required("commandId"),
        members.required("kind"),
        members.required("recipient"),
    );
    let (recipient_person, request) = (
        members.optional("recipientPerson"),
        members.optional("request"),
    );
    let (documents, seconds) = (
        members.optional("documents").unwrap_or_default(),
        members.optional("wait").unwrap_or(WAIT),
    );
    let wishes: Vec<Value> = members.optional("withhold").unwrap_or_default();
    let kind = kind.and_then(|kind| misfits.take(&["kind"], known_kind(kind)));
    let wait = misfits.take(&["wait"], wait(seconds));
    let withhold = things_withheld(&wishes, &mut misfits);
    let order = || {
        let meta = Meta {
            channel: Some(Channel::System),
            ..Meta::at(Occurred::At(now))
        };
        let (command, case, kind, recipient, wait) = (command?, case?, kind?, recipient?, wait?);
        Some(DisclosureOrder {
            command,
            case,
            meta,
            kind,
            request,
            recipient,
            recipient_person,
            withhold,
            documents,
            wait,
        })
    };
    let order = order();
    misfits.none(order)
}

fn unreadable(error: &ReadError) -> Answer {
    match error {
        ReadError::Forbidden(_) => failed("not permitted", "FORBIDDEN"),
        ReadError::ErasedMeanwhile { .. } => failed(
            "something was erased while it was read, try again",
            "TRY_AGAIN",
        ),
        _ => {
            tracing::error!(error = ?error, "evidence could not be read");
            failed("the record could not be read", "INTERNAL")
        }
    }
}

fn unknown(path: &str) -> Answer {
    let mut error = UserError::from(Refusal {
        code: RefusalCode::StreamUnknown,
        field: None,
    });
    error.path = vec![path.to_owned()];
    all_refused(&[error])
}

/// Whether nobody waits for the file any more, which is nothing to be looked into.
fn broken_off(error: &(dyn std::error::Error + 'static)) -> bool {
    let kinds = std::iter::successors(Some(error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<io::Error>());
    kinds
        .map(io::Error::kind)
        .any(|kind| kind == io::ErrorKind::BrokenPipe)
}

/// The answer to a bundle that could not be made.
#[must_use]
pub fn no_bundle(error: BundleError) -> Answer {
    match error {
        BundleError::Forbidden(_) => failed("not permitted", "FORBIDDEN"),
        BundleError::NoStream(_) => unknown("stream"),
        BundleError::NobodyLooked(_) => {
            let (english, danish) = (
                "The access log tells of no look at this case.",
                "Adgangsloggen kender intet opslag i sagen.",
            );
            all_refused(&[UserError::plain(
                "NOBODY_LOOKED",
                vec!["stream".to_owned()],
                english,
                danish,
            )])
        }
        BundleError::Pinned { .. } => {
            all_refused(&[UserError::misfit("pinned", &error.to_string())])
        }
        BundleError::NotWitnessed { .. } => failed(&error.to_string(), "NOT_WITNESSED"),
        BundleError::Read(error) => unreadable(&error),
        BundleError::Record(error) => not_recorded(error),
        BundleError::Write(error) if broken_off(&*error) => {
            failed("the request was broken off", "BROKEN_OFF")
        }
        BundleError::NothingWithheld { .. }
        | BundleError::Checkpoint(_)
        | BundleError::Note(_)
        | BundleError::Write(_) => {
            tracing::error!(error = ?error, "evidence could not be made");
            failed("the evidence could not be made", "INTERNAL")
        }
    }
}

/// A refusal names what a mutation would; the order for a dossier has its own words for two of them.
fn not_recorded(error: RecordError) -> Answer {
    if let RecordError::Read(error) = &error {
        return unreadable(error);
    }
    let mut error = match user_error(error) {
        Ok(error) => error,
        Err(error) => return fault(&error),
    };
    let inner = error
        .path
        .iter()
        .skip_while(|step| ["input", "facts"].contains(&step.as_str()));
    error.path = inner
        .map(|step| match step.as_str() {
            "redactions" => "withhold".to_owned(),
            step => step.to_owned(),
        })
        .collect();
    if error.path.first().is_some_and(|step| step == "stream")
        || error.path.is_empty() && error.code == "STREAM_UNKNOWN"
    {
        error.path = vec!["case".to_owned()];
    }
    all_refused(&[error])
}

fn carried_out(earlier: &Earlier) -> Answer {
    let error = UserError::plain(
        "COMMAND_ALREADY_CARRIED_OUT",
        vec!["commandId".to_owned()],
        &format!(
            "This command gave the case out before: {earlier}. Another file needs another command."
        ),
        "Med denne kommando er sagen allerede udleveret. En ny fil kræver en ny kommando.",
    );
    let mut answer = all_refused(&[error]);
    if let Value::Object(body) = &mut answer.body {
        let receipt = receipt_json(&earlier.receipt);
        body.insert("receipts".to_owned(), json!([&receipt]));
        body.insert("receipt".to_owned(), receipt);
        body.insert("repeated".to_owned(), json!(true));
        body.insert(
            "sha256".to_owned(),
            json!(earlier.sha256.map(|sha256| sha256.to_string())),
        );
    }
    answer
}

/// The answer to a dossier that was not given out.
#[must_use]
pub fn no_dossier(error: DisclosureError) -> Answer {
    match error {
        DisclosureError::Forbidden(_) => failed("not permitted", "FORBIDDEN"),
        DisclosureError::Record(error) => not_recorded(error),
        DisclosureError::Bundle(BundleError::NoStream(_)) => unknown("case"),
        DisclosureError::Bundle(error) => no_bundle(error),
        DisclosureError::CarriedOut(earlier) => carried_out(&earlier),
    }
}

/// The answer to a body that is no JSON by its type.
#[must_use]
pub fn no_json() -> Answer {
    failed(
        "the content type must be application/json",
        "UNSUPPORTED_MEDIA_TYPE",
    )
}

/// The answer to requests beyond those that are worked on.
#[must_use]
pub fn busy() -> Answer {
    failed("too much evidence is being handed out, try again", "BUSY")
}

impl Answer {
    /// Whether it may be different in a while, with nothing changed in the request.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(&self.outcome, Outcome::Failed(code) if PASSING.contains(&code.as_str()))
    }
}
