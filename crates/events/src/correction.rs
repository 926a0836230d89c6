//! A correction: from its recording on, an earlier event reads differently; both stay.

use crate::define::{event, vocabulary};
use crate::meta::EventRef;
use crate::person::PersonRef;
use crate::personal::Personal;
use crate::text::{Digest, Short};
use crate::words::Words;

event! {
    /// An earlier event of the same stream reads differently from here on. The original stays
    /// visible beside it.
    EventCorrected v 1 {
        danish: "rettelse",
        law: "RSL § 10; OFL § 13",
        streams: [Case, Notification, Person],
        order: None,
        roles: [Intake, Oncall, Caseworker, Leader, Lawyer, CommitteeSec, Records, Provider],
        views: [Timeline, FamilyVoice, Integrity],
    }
    fields {
        /// The corrected event.
        target: EventRef => matter,
        /// The part of the target that holds the field; 0 is the stream's own.
        part: u16 => matter,
        /// The person whose part it is; not stated for the stream's own.
        subject: Option<PersonRef> => matter,
        /// The field.
        field: Short => matter,
        /// The elements taken out, by digest of their disclosure; empty for an insertion.
        replaces: Vec<Digest> => matter,
        /// The elements put in their place, under the key of the same subject.
        values: Vec<Personal<serde_json::Value>> => person(subject),
        /// Why.
        reason: Words => matter,
        /// What shows it.
        evidence: Option<Words> => matter,
    }
}

vocabulary! {
    /// Why a registration is taken out of the reading.
    AnnulmentReason {
        /// It stands in the wrong case, notification or person.
        WrongStream,
        /// It was recorded twice.
        Duplicate,
        /// What it says never took place.
        NeverHappened,
        /// It is about another person.
        WrongPerson,
    }
}

event! {
    /// An earlier registration of the same stream no longer counts, from here on. It stays
    /// visible, with the reason beside it.
    EventAnnulled v 1 {
        danish: "annulleret registrering",
        law: "RSL § 10; OFL § 13",
        streams: [Case, Notification, Person],
        order: Some("annulEvent"),
        roles: [Leader],
        views: [Timeline, FamilyVoice, Integrity],
    }
    fields {
        /// The registration.
        target: EventRef => matter,
        /// Why.
        reason: AnnulmentReason => matter,
        /// More about why.
        explanation: Words => matter,
        /// The registration that takes its place.
        replacement: Option<EventRef> => matter,
    }
}
