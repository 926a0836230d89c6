//! An order for a dossier: what its path and its JSON body mean.
//!
//! It gives nothing out; `app/evidence/dossier.rs` does.

use app::evidence::dossier::{DisclosureOrder, Withhold};
use events::access::DisclosureKind;
use events::meta::{Channel, Meta};
use events::time::Occurred;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::misfits::{Misfits, one_of};
use super::wait::{WAIT, wait};
use crate::ids::{self, Kind};
use crate::rest::outcome::Answer;
use crate::unique_json;

/// What a dossier is made for.
const KINDS: [DisclosureKind; 4] = [
    DisclosureKind::FileAccess,
    DisclosureKind::BoardDossier,
    DisclosureKind::Court,
    DisclosureKind::Municipality,
];
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
/// The answer that names every member that does not fit.
pub fn dossier_order(
    municipality: &str,
    case: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<DisclosureOrder, Box<Answer>> {
    let mut misfits = Misfits::default();
    let case = ids::stream(municipality, case, Kind::Case)
        .ok_or_else(|| "must be the id of a case".to_owned());
    let case = misfits.take(&["case"], case);
    let body: Value = match unique_json::parse(body) {
        Ok(body) => body,
        Err(error) => {
            misfits.add(&["body"], &format!("must be JSON: {error}"));
            return misfits.end();
        }
    };
    let Value::Object(given) = &body else {
        misfits.add(&["body"], "must be a map");
        return misfits.end();
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
    misfits.finish(order)
}
