//! Families that move, and cases that are handed over.

use crate::define::{event, vocabulary};
use crate::meta::EventRef;
use crate::person::PersonRef;
use crate::text::{MunicipalityCode, Short};
use crate::words::Words;

event! {
    /// Another municipality was told of a family that moves there and may need support.
    IntermunicipalNotificationSent v 1 {
        danish: "mellemkommunal underretning",
        law: "BL § 132; SEL § 152",
        streams: [Case],
        order: Some("notifyMunicipality"),
        roles: [Caseworker, Leader],
        views: [Timeline, Family, FamilyVoice],
    }
    fields {
        /// Which municipality.
        to: MunicipalityCode => matter,
        /// The children.
        children: Vec<PersonRef> => matter,
        /// Expectant parents.
        expectant_parents: Vec<PersonRef> => matter,
        /// Whether it is about an unborn child.
        unborn: bool => matter,
        /// Summary of the assessments.
        summary: Words => matter,
        /// How many documents went with it.
        document_count: u32 => matter,
        /// The documents that stand in the record.
        documents: Vec<EventRef> => matter,
        /// Receipt of the other municipality.
        receipt: Option<Short> => matter,
    }
}

vocabulary! {
    /// Why another municipality is responsible.
    ResponsibilityReason {
        /// A move.
        Move,
        /// The rule on placed children (RSL § 9 a).
        PlacementRule,
        /// An agreement.
        Agreement,
        /// A decision of the Appeals Board.
        BoardDecision,
    }
}

event! {
    /// Another municipality became responsible for the person (*handlekommune*). From when stands
    /// in the circumstances.
    ResponsibleMunicipalityChanged v 1 {
        danish: "handlekommune ændret",
        law: "RSL §§ 9, 9 a",
        streams: [Person],
        order: Some("changeResponsibleMunicipality"),
        roles: [Caseworker, Leader],
        views: [Timeline, Family, FamilyVoice],
    }
    fields {
        /// The person.
        person: PersonRef => matter,
        /// From which municipality.
        from: MunicipalityCode => matter,
        /// To which.
        to: MunicipalityCode => matter,
        /// Why.
        reason: ResponsibilityReason => matter,
    }
}

vocabulary! {
    /// Which way a case goes.
    TransferDirection {
        /// To another municipality.
        Out,
        /// From another municipality.
        In,
    }
}

event! {
    /// A case was handed over to or taken over from another municipality.
    CaseTransferred v 1 {
        danish: "sag overdraget",
        law: "BL § 132; RSL § 9 a",
        streams: [Case],
        order: Some("transferCase"),
        roles: [Leader],
        views: [Timeline, Family, FamilyVoice],
    }
    fields {
        /// Which way.
        direction: TransferDirection => matter,
        /// The other municipality.
        counterpart: MunicipalityCode => matter,
        /// On what basis.
        basis: Short => matter,
        /// What was handed over.
        material: Words => matter,
        /// Whether the other municipality accepted; not stated while it has not answered.
        accepted: Option<bool> => matter,
    }
}
