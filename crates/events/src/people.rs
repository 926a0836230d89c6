//! Persons, their relations, their consents and their network.

use crate::define::{event, vocabulary};
use crate::ids::MeasureId;
use crate::person::{About, PersonRef};
use crate::personal::Personal;
use crate::text::{IdNumber, PersonName, Section, Short};
use crate::words::Words;
use jiff::civil::Date;

event! {
    /// A person was registered; the stream is that person's own.
    PersonRegistered v 1 {
        danish: "person registreret",
        law: "DBL § 11",
        streams: [Person],
        order: Some("registerPerson"),
        roles: [Intake, Caseworker, System],
        views: [Timeline, Parties, Family],
    }
    fields {
        /// The person, with the role in which the municipality meets it.
        person: PersonRef => matter,
        /// Name.
        name: Personal<PersonName> => person(person),
        /// Day of birth.
        birth_date: Option<Personal<Date>> => person(person),
        /// Expected day of birth of an unborn child.
        due_date: Option<Personal<Date>> => person(person),
        /// Identity number (*CPR-nummer*), where there is one.
        id_number: Option<Personal<IdNumber>> => person(person),
        /// Language, where it is not Danish.
        language: Option<Personal<Short>> => person(person),
        /// Whether an interpreter is needed.
        interpreter_needed: Option<Personal<bool>> => person(person),
    }
}

event! {
    /// A person who was not identified, or not born, became known. What is stated replaces what
    /// stood before.
    PersonIdentified v 1 {
        danish: "person identificeret",
        law: "DBL § 11",
        streams: [Person],
        order: Some("identifyPerson"),
        roles: [Intake, Caseworker, System],
        views: [Timeline, Parties, Family],
    }
    fields {
        /// The person.
        person: PersonRef => matter,
        /// Name.
        name: Option<Personal<PersonName>> => person(person),
        /// Day of birth.
        birth_date: Option<Personal<Date>> => person(person),
        /// Identity number (*CPR-nummer*).
        id_number: Option<Personal<IdNumber>> => person(person),
        /// Where it is known from.
        source: RelationSource => matter,
    }
}

event! {
    /// Two registrations turned out to be one person. The stream is that of the one that goes on
    /// under the other's id.
    PersonsMerged v 1 {
        danish: "personer sammenlagt",
        law: "DBL § 11; GDPR art. 5(1)(d)",
        streams: [Person],
        order: Some("mergePersons"),
        roles: [Intake, Leader],
        views: [Timeline, Parties, Family],
    }
    fields {
        /// The person of this stream.
        person: PersonRef => matter,
        /// The person that it is from now on.
        into: PersonRef => matter,
        /// What shows it.
        reasons: Words => person(person),
    }
}

vocabulary! {
    /// How two persons belong together.
    RelationKind {
        /// Sole custody (*eneforældremyndighed*).
        CustodySole,
        /// Joint custody (*fælles forældremyndighed*).
        CustodyJoint,
        /// Parent without custody.
        ParentNoCustody,
        /// Brother or sister.
        Sibling,
        /// Same household.
        Household,
        /// Foster family.
        Foster,
        /// Any other.
        Other,
    }
}

vocabulary! {
    /// Where a relation is known from.
    RelationSource {
        /// The civil register (*CPR*).
        Cpr,
        /// A court or the Agency of Family Law.
        Court,
        /// Somebody's word.
        Stated,
    }
}

event! {
    /// A family or custody relation of the stream's person was recorded. Its validity stands in
    /// the circumstances (effective from, to).
    RelationRecorded v 1 {
        danish: "familie- eller forældremyndighedsforhold registreret",
        law: "BL § 2; FVL § 9",
        streams: [Person],
        order: Some("recordRelation"),
        roles: [Intake, Caseworker, System],
        views: [Timeline, Parties, Family],
    }
    fields {
        /// From whom: the person of the stream.
        from: PersonRef => matter,
        /// To whom.
        to: PersonRef => matter,
        /// How they belong together.
        kind: RelationKind => matter,
        /// Where that is known from.
        source: RelationSource => matter,
    }
}

vocabulary! {
    /// In which capacity somebody consents.
    ConsentCapacity {
        /// Holder of custody (*forældremyndighedsindehaver*).
        CustodyHolder,
        /// Young person from 15 years.
        Youth15 = "YOUTH_15",
        /// Child from 12 years.
        Child12 = "CHILD_12",
        /// Another capacity.
        Other,
    }
}

vocabulary! {
    /// What a consent is given to.
    ConsentPurpose {
        /// A measure.
        Measure,
        /// That information is shared or obtained.
        InformationExchange,
        /// That somebody takes part.
        Attendance,
        /// An examination.
        Examination,
        /// A placement.
        Placement,
        /// Something else.
        Other,
    }
}

vocabulary! {
    /// In which form a consent was given.
    ConsentForm {
        /// By word of mouth, noted.
        Oral,
        /// In writing.
        Written,
        /// Digitally.
        Digital,
    }
}

event! {
    /// A person consented. The consent's validity stands in the circumstances.
    ConsentGiven v 1 {
        danish: "samtykke givet",
        law: "BL §§ 32(2), 46, 98; RSL § 11 a",
        streams: [Case],
        order: Some("giveConsent"),
        roles: [Caseworker, Parent, Child],
        views: [Timeline, Parties, FamilyVoice],
    }
    fields {
        /// Who consents.
        giver: PersonRef => matter,
        /// In which capacity.
        capacity: ConsentCapacity => matter,
        /// To what kind of thing.
        purpose: ConsentPurpose => matter,
        /// The measure, where it is about one.
        measure: Option<MeasureId> => matter,
        /// The section of law, where it is about one.
        section: Option<Section> => matter,
        /// To what exactly.
        scope: Words => person(giver),
        /// In which form.
        form: ConsentForm => matter,
        /// What the giver was told before.
        informed_of: Words => person(giver),
    }
}

vocabulary! {
    /// How a network was mapped.
    NetworkMethod {
        /// Family tree with relations (*genogram*).
        Genogram,
        /// Map of the network.
        NetworkMap,
        /// Conversation.
        Conversation,
        /// Another method.
        Other,
    }
}

vocabulary! {
    /// What the mapping found.
    NetworkResult {
        /// Somebody can help.
        ResourceFound,
        /// Nobody was found.
        None,
        /// Involving the network is not advisable.
        NotAdvisable,
    }
}

event! {
    /// The child's network was mapped for persons who can help.
    NetworkMapped v 1 {
        danish: "netværk afklaret",
        law: "BL § 8(3); SEL § 47",
        streams: [Case],
        order: Some("mapNetwork"),
        roles: [Caseworker],
        views: [Timeline, Network, FamilyVoice],
    }
    fields {
        /// Whose network.
        child: PersonRef => matter,
        /// How it was mapped.
        method: NetworkMethod => matter,
        /// Whether the child was asked.
        child_asked: bool => matter,
        /// What was found.
        result: NetworkResult => matter,
        /// Why none, or why not advisable.
        reasons: Option<Words> => matter,
        /// Persons who can help.
        resource_persons: Vec<PersonRef> => matter,
        /// How each of them can help, under that person's own key.
        judgements: Vec<About> => each_person,
    }
}
