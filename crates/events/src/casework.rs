//! Opening a case, who works on it, and what is noted on the way.

use crate::define::{event, vocabulary};
use crate::ids::EventId;
use crate::meta::EventRef;
use crate::person::PersonRef;
use crate::text::{Digest, EmployeeId, Line, Short};
use crate::words::Words;
use jiff::civil::Date;

event! {
    /// A case was opened for a child. The family that it belongs to stands in the circumstances.
    CaseOpened v 1 {
        danish: "sag oprettet",
        law: "OFL § 15; BL § 18",
        streams: [Case],
        order: Some("openCase"),
        roles: [Intake, Caseworker],
        views: [Timeline, Family, FamilyVoice, Retention],
    }
    fields {
        /// The child.
        child: PersonRef => matter,
        /// Number of the case in the municipality's records (*sagsnummer*), without names or an
        /// identity number: it binds the stream, whose id is random, to the case that people know.
        case_number: Option<Short> => matter,
        /// Why it was opened.
        ground: Words => matter,
        /// Number in the municipalities' common subject index (*KLE*).
        kle_number: Short => matter,
        /// The notification that led to it.
        linked_notification: Option<EventRef> => matter,
        /// The early advice that went before it.
        linked_advice: Option<EventRef> => matter,
    }
}

event! {
    /// The case was given to its caseworkers.
    CaseworkerAssigned v 1 {
        danish: "børne- og ungerådgiver tildelt",
        law: "BL § 21(5)",
        streams: [Case],
        order: Some("assignCaseworker"),
        roles: [Leader, Intake],
        views: [Timeline, FamilyVoice],
    }
    fields {
        /// Who works on the case from now on.
        caseworkers: Vec<EmployeeId> => matter,
        /// A second caseworker, where there is one.
        second_caseworker: Option<EmployeeId> => matter,
        /// Why them, or why the change.
        reason: Words => matter,
    }
}

event! {
    /// The day on which the municipality knew that the child may need support.
    NeedAwarenessEstablished v 2 {
        danish: "kendskabstidspunkt fastlagt",
        law: "BL § 20(3); SEL § 50(7)",
        streams: [Case],
        order: Some("establishNeedAwareness"),
        roles: [Caseworker, Intake, System],
        views: [Timeline],
    }
    fields {
        /// That day.
        aware_at: Date => matter,
        /// The event that it is known from.
        source_event: Option<EventRef> => matter,
        /// Why it differs from the day of the notification.
        reasons: Option<Words> => matter,
    }
}

vocabulary! {
    /// What a note records.
    NoteKind {
        /// A fact.
        Fact,
        /// An expert's opinion.
        ExpertOpinion,
        /// An essential step of the case.
        EssentialStep,
        /// A contact.
        Contact,
        /// A meeting.
        Meeting,
    }
}

event! {
    /// A fact, an opinion or a step was noted.
    NoteTaken v 1 {
        danish: "notat",
        law: "OFL § 13",
        streams: [Case, Notification],
        order: Some("takeNote"),
        roles: [Intake, Oncall, Caseworker, Leader, Lawyer, CommitteeSec, Records, Provider],
        views: [Timeline, Appeal],
    }
    fields {
        /// What it records.
        kind: NoteKind => matter,
        /// The one person that it is about, where it is about one.
        about: Option<PersonRef> => matter,
        /// The note; under the key of the person that it is about.
        text: Words => person(about),
        /// Where it is known from.
        source: Option<Short> => matter,
    }
}

vocabulary! {
    /// What kind of information was obtained.
    InformationKind {
        /// From a school.
        School,
        /// From daycare.
        Daycare,
        /// From health services.
        Health,
        /// From the police.
        Police,
        /// From educational psychological counselling (*PPR*).
        Ppr,
        /// From another municipality.
        OtherMunicipality,
        /// Other.
        Other,
    }
}

vocabulary! {
    /// On what basis information was obtained.
    InformationBasis {
        /// Consent.
        Consent,
        /// Without consent (RSL § 11 c).
        Rsl11c = "RSL_11C",
        /// The sender's own duty.
        Duty,
    }
}

event! {
    /// Information about a person was obtained.
    InformationObtained v 1 {
        danish: "oplysninger indhentet",
        law: "RSL §§ 10, 11 a, 11 c",
        streams: [Case],
        order: Some("obtainInformation"),
        roles: [Caseworker],
        views: [Timeline, Appeal, FamilyVoice],
    }
    fields {
        /// From which institution or authority.
        from: Short => matter,
        /// What kind.
        kind: InformationKind => matter,
        /// About whom.
        about: PersonRef => matter,
        /// What was learned.
        content: Words => person(about),
        /// On what basis.
        basis: InformationBasis => matter,
        /// The consents that it rests on.
        consents: Vec<EventId> => matter,
        /// Whether consent was sought first.
        consent_attempted: bool => matter,
        /// The document that was received, by its journal title.
        document: Option<Line> => matter,
    }
}

event! {
    /// A fact that stands in another stream belongs to this case too; written by the system in
    /// the same commit as that fact.
    FactReferenced v 1 {
        danish: "oplysning fra en anden sag",
        law: "",
        streams: [Case],
        order: None,
        roles: [System],
        views: [Integrity],
    }
    fields {
        /// The fact.
        target: EventRef => matter,
        /// Leaf hash of the fact's entry.
        leaf: Digest => matter,
    }
}
