//! What parties may do and have: consents taken back, representatives, hearings, requests, and
//! protection.

use crate::define::{event, vocabulary};
use crate::ids::EventId;
use crate::meta::EventRef;
use crate::people::ConsentPurpose;
use crate::person::PersonRef;
use crate::personal::Personal;
use crate::text::{PersonName, Section, Short};
use crate::words::Words;
use jiff::Timestamp;
use jiff::civil::Date;

vocabulary! {
    /// How a consent is missing.
    ConsentEnd {
        /// It was given and taken back.
        Withdrawn,
        /// It was asked for and refused.
        Refused,
    }
}

event! {
    /// A consent was taken back or refused.
    ConsentWithdrawn v 1 {
        danish: "samtykke tilbagekaldt eller nægtet",
        law: "BL §§ 100(3) no 3, 102",
        streams: [Case],
        order: Some("withdrawConsent"),
        roles: [Caseworker, Parent, Child],
        views: [Timeline, Parties, FamilyVoice],
    }
    fields {
        /// Who.
        by: PersonRef => matter,
        /// Taken back or refused.
        kind: ConsentEnd => matter,
        /// The consent that is taken back.
        consent: Option<EventId> => matter,
        /// To what kind of thing.
        purpose: ConsentPurpose => matter,
        /// The section of law, where it is about one.
        section: Option<Section> => matter,
        /// Why, in their own words.
        reasons: Option<Words> => person(by),
    }
}

vocabulary! {
    /// As what somebody stands by a person.
    RepresentativeKind {
        /// The child's companion (*bisidder*, BL § 6).
        Bisidder,
        /// Somebody who acts for a party (*partsrepræsentant*, FVL § 8).
        Partsrepraesentant,
        /// Lawyer (BL § 140).
        Advokat,
        /// Support person of the parents (BL § 75).
        Stoetteperson,
    }
}

vocabulary! {
    /// What became of a representation.
    RepresentativeStatus {
        /// It began.
        Appointed,
        /// It ended.
        Ended,
        /// It was not accepted.
        Rejected,
        /// The representative was excluded.
        Excluded,
    }
}

event! {
    /// A representative was appointed, or a representation ended.
    RepresentativeAppointed v 1 {
        danish: "bisidder, partsrepræsentant eller advokat",
        law: "BL §§ 6, 53, 75, 140; FVL § 8",
        streams: [Case],
        order: Some("appointRepresentative"),
        roles: [Caseworker, Parent, Child],
        views: [Timeline, Parties, FamilyVoice],
    }
    fields {
        /// For whom.
        of: PersonRef => matter,
        /// As what.
        kind: RepresentativeKind => matter,
        /// Who, by the id that the municipality gives them.
        representative: PersonRef => matter,
        /// Name and office of the representative.
        name: Option<Personal<PersonName>> => person(representative),
        /// What became of it.
        status: RepresentativeStatus => matter,
        /// For what.
        scope: Option<Short> => matter,
        /// Why it was rejected, or the representative excluded.
        ground: Option<Words> => matter,
    }
}

vocabulary! {
    /// What is protected.
    ProtectionKind {
        /// The address.
        AddressProtected,
        /// The place of placement, by decision of the committee (BL § 105(1) no 3).
        PlacementSecret105 = "PLACEMENT_SECRET_105",
        /// Something is kept from a party.
        BarredForParty,
        /// The case of an employee.
        EmployeeCase,
    }
}

event! {
    /// A person's data was marked as protected. Its validity stands in the circumstances.
    ProtectionMarkerSet v 1 {
        danish: "beskyttelsesmarkering",
        law: "BL § 105(1) no 3",
        streams: [Person],
        order: Some("setProtectionMarker"),
        roles: [Caseworker, Leader],
        views: [Timeline, Parties, Access],
    }
    fields {
        /// The person.
        person: PersonRef => matter,
        /// What is protected.
        kind: ProtectionKind => matter,
        /// The party that it is kept from, where there is one.
        kept_from: Option<PersonRef> => matter,
        /// On what ground.
        ground: Words => person(person),
        /// The decision behind it.
        decision: Option<EventRef> => matter,
    }
}

vocabulary! {
    /// Why a party need not be heard (FVL § 19(2), by number).
    HearingException {
        /// The party knows it, or it is not against the party.
        KnownOrFavourable,
        /// Delay is not possible.
        Urgent,
        /// Another exception of the law; its number stands in the reasons.
        Other,
    }
}

event! {
    /// A party was heard on facts, or the reason why not was recorded. Its time is that of sending.
    PartyHearingHeld v 1 {
        danish: "partshøring",
        law: "FVL § 19; BL § 141",
        streams: [Case],
        order: Some("hearParty"),
        roles: [Caseworker, Lawyer],
        views: [Timeline, Parties, Appeal, FamilyVoice],
    }
    fields {
        /// The party.
        party: PersonRef => matter,
        /// What the party was sent; not stated where an exception holds.
        material: Option<Short> => matter,
        /// Last day to answer.
        deadline: Option<Date> => matter,
        /// What the party answered.
        answer: Option<Words> => person(party),
        /// When the answer came.
        answered_at: Option<Timestamp> => matter,
        /// Why the party was not heard.
        exception: Option<HearingException> => matter,
        /// More about why.
        exception_reasons: Option<Words> => matter,
    }
}

vocabulary! {
    /// What somebody asks for.
    RequestKind {
        /// To be placed (BL § 48).
        Placement48 = "PLACEMENT_48",
        /// Permanent placement (BL § 68).
        Permanent68 = "PERMANENT_68",
        /// Another amount of contact (BL § 103).
        Contact103 = "CONTACT_103",
        /// To go home (BL § 102).
        ReturnHome102 = "RETURN_HOME_102",
        /// Support.
        Support,
        /// Treatment for drugs (BL § 33).
        Treatment33 = "TREATMENT_33",
        /// That a decision waits (FVL § 21).
        PostponeFvl21 = "POSTPONE_FVL21",
        /// Written reasons (FVL § 23).
        WrittenReasonsFvl23 = "WRITTEN_REASONS_FVL23",
        /// A court's judgment (BL § 147).
        Court147 = "COURT_147",
        /// The Board's view of a change of place (BL §§ 98, 101).
        BoardView98101 = "BOARD_VIEW_98_101",
    }
}

event! {
    /// The child, a parent or another party asked for something.
    RequestMade v 1 {
        danish: "anmodning",
        law: "BL §§ 48, 68, 102, 103; FVL §§ 21, 23",
        streams: [Case],
        order: Some("makeRequest"),
        roles: [Parent, Child, Caseworker],
        views: [Timeline, ChildVoice, Parties, FamilyVoice],
    }
    fields {
        /// Who asks.
        by: PersonRef => matter,
        /// For what.
        kind: RequestKind => matter,
        /// In their own words.
        text: Words => person(by),
        /// The decision that it is about.
        decision: Option<EventId> => matter,
    }
}
