//! Who looked, who asked to look, and what was given out.

use crate::define::{event, object, vocabulary};
use crate::ids::{EventId, StreamId};
use crate::meta::EventRef;
use crate::person::PersonRef;
use crate::text::{Digest, EmployeeId, Line, Section, Short};
use crate::words::Words;

vocabulary! {
    /// How a reader stands to what was read.
    AccessRelation {
        /// Assigned to the case.
        Assigned,
        /// Leads somebody who is.
        Leads,
        /// In the unit on duty.
        OnDuty,
        /// A party.
        Party,
        /// Reviews an appeal.
        Reviewer,
        /// None.
        None,
    }
}

vocabulary! {
    /// What a look-up met.
    AccessResult {
        /// It was answered.
        Allowed,
        /// It was refused.
        Denied,
    }
}

event! {
    /// Somebody looked something up. It stands in the access log, not in the case.
    RecordAccessed v 1 {
        danish: "opslag",
        law: "FVL § 32; GDPR art. 15, 32",
        streams: [Access],
        order: Some("recordAccess"),
        roles: [System],
        views: [Access],
    }
    fields {
        /// Who looked.
        reader: EmployeeId => matter,
        /// About whom.
        subjects: Vec<PersonRef> => matter,
        /// The stream that was looked at.
        target: StreamId => matter,
        /// What was looked at.
        scope: Short => matter,
        /// For what purpose; not stated where none was given.
        purpose: Option<Short> => matter,
        /// How the reader stands to it.
        relation: AccessRelation => matter,
        /// Why, where the reader broke the glass.
        emergency_reason: Option<Words> => matter,
        /// What the look-up met.
        result: AccessResult => matter,
        /// Who looked into it afterwards, and what was found.
        review: Option<Words> => matter,
    }
}

vocabulary! {
    /// On what basis somebody asks to see.
    FileAccessBasis {
        /// Party's access (*partsaktindsigt*, FVL § 9).
        Fvl9 = "FVL_9",
        /// Public access (OFL § 7).
        Ofl7 = "OFL_7",
        /// Own access (OFL § 8).
        Ofl8 = "OFL_8",
        /// The data subject's access (GDPR article 15).
        Gdpr15 = "GDPR_15",
    }
}

event! {
    /// Somebody asked to see the file. Its time is that of receipt.
    FileAccessRequested v 1 {
        danish: "anmodning om aktindsigt",
        law: "FVL §§ 9, 16; OFL §§ 7, 8",
        streams: [Case],
        order: Some("requestFileAccess"),
        roles: [Records, Caseworker],
        views: [Timeline, Parties, Appeal, FamilyVoice, Access],
    }
    fields {
        /// Who asks.
        requester: PersonRef => matter,
        /// For whom, where the requester acts for somebody.
        on_behalf_of: Option<PersonRef> => matter,
        /// On what basis.
        basis: FileAccessBasis => matter,
        /// What they want to see.
        scope: Words => matter,
    }
}

vocabulary! {
    /// To what end something was given out.
    DisclosureKind {
        /// Access to the file.
        FileAccess,
        /// Dossier for the Appeals Board.
        BoardDossier,
        /// Report to the Appeals Board (BL § 139).
        BoardReport,
        /// Information for a provider (BL § 94).
        Provider94 = "PROVIDER_94",
        /// Statistics.
        Statistics,
        /// A court.
        Court,
        /// Another municipality.
        Municipality,
    }
}

vocabulary! {
    /// What kind of thing is withheld.
    RedactionClass {
        /// How the notifier can be reached.
        NotifierContact,
        /// Where a child is placed.
        PlacementAddress,
        /// What the child wished to keep back.
        ChildWish,
        /// Another person's private matters.
        OtherPerson,
        /// Internal working document.
        InternalDocument,
        /// Other.
        Other,
    }
}

object! {
    /// One thing withheld, with the section that it rests on: none is ever withheld without one.
    Redaction as "RedactionInput" {
        /// What kind of thing.
        class: RedactionClass,
        /// The section of law.
        section: Section,
        /// Why, in one line without names.
        reason: Line,
        /// The event that it stands in.
        event: Option<EventId>,
        /// The stream of that event, where it is another than that of the case.
        stream: Option<StreamId>,
        /// The field, by stored name; not stated where a whole event or all about a person is withheld.
        field: Option<Short>,
        /// Digests of the values that were left out, by which a reader of the evidence finds each gap
        /// explained; that of a payload stands for the whole event.
        values: Option<Vec<Digest>>,
    }
}

event! {
    /// Something was given out, whole or in part.
    DisclosureMade v 1 {
        danish: "aktindsigt meddelt eller oplysninger videregivet",
        law: "FVL §§ 15-16; BL § 94; DIB",
        streams: [Case],
        order: Some("makeDisclosure"),
        roles: [Records, System, Caseworker],
        views: [Timeline, Parties, Appeal, FamilyVoice, Access],
    }
    fields {
        /// To what end.
        kind: DisclosureKind => matter,
        /// The request that it answers.
        request: Option<EventId> => matter,
        /// To whom.
        recipient: Short => matter,
        /// The person, where the recipient is one.
        recipient_person: Option<PersonRef> => matter,
        /// The events that were given.
        manifest: Vec<EventRef> => matter,
        /// SHA-256 of the whole that was given.
        sha256: Option<Digest> => matter,
        /// What was withheld.
        redactions: Vec<Redaction> => matter,
        /// Whether parts were refused.
        refused_in_part: bool => matter,
        /// In which form it was given.
        format: Short => matter,
    }
}
