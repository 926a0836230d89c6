//! Decisions (*afgørelser*) and how they were communicated.

use crate::define::{event, object, vocabulary};
use crate::ids::{EventId, MeasureId};
use crate::meta::{Channel, EventRef};
use crate::person::PersonRef;
use crate::text::{Section, Short};
use crate::words::Words;
use jiff::Timestamp;

vocabulary! {
    /// What a decision is about.
    DecisionKind {
        /// Child protection examination (BL § 20).
        Examination20 = "EXAMINATION_20",
        /// Supportive measure (BL § 32).
        Support32 = "SUPPORT_32",
        /// Placement with consent (BL § 46).
        Placement46 = "PLACEMENT_46",
        /// Placement without consent (BL § 47): the committee's.
        Placement47 = "PLACEMENT_47",
        /// Treatment for drugs (BL § 33).
        Treatment33 = "TREATMENT_33",
        /// Order to parents (BL § 38).
        ParentOrder38 = "PARENT_ORDER_38",
        /// Order to a young person (BL § 39).
        YouthOrder39 = "YOUTH_ORDER_39",
        /// A child's request to be placed (BL § 48).
        Request48 = "REQUEST_48",
        /// Choice of the place (BL § 52).
        Place52 = "PLACE_52",
        /// Change of the place (BL § 97).
        ChangePlacement97 = "CHANGE_PLACEMENT_97",
        /// Return home (BL § 100).
        ReturnHome100 = "RETURN_HOME_100",
        /// Support for a young adult (BL § 114).
        YouthSupport114 = "YOUTH_SUPPORT_114",
        /// Contact and togetherness (BL § 104).
        Contact104 = "CONTACT_104",
        /// Other.
        Other,
    }
}

vocabulary! {
    /// What was decided.
    DecisionOutcome {
        /// Granted.
        Grant,
        /// Granted in part.
        Partial,
        /// Refused.
        Refuse,
        /// Ceases.
        Cease,
        /// Changed.
        Change,
    }
}

vocabulary! {
    /// Whether a plan is to be made.
    PlanPosition {
        /// Yes.
        Required,
        /// No, for a reason.
        NotRequired,
    }
}

vocabulary! {
    /// Who has the power to decide.
    Competence {
        /// Caseworker.
        Caseworker,
        /// Team leader.
        Leader,
        /// The children and youth committee (*børne- og ungeudvalget*).
        Committee,
        /// The Appeals Board (*Ankestyrelsen*).
        Board,
    }
}

event! {
    /// A decision was made. Its id is that of the event.
    DecisionMade v 1 {
        danish: "afgørelse",
        law: "BL §§ 10, 20, 32, 46, 91, 100, 104; FVL §§ 22-24",
        streams: [Case],
        order: Some("makeDecision"),
        roles: [Caseworker, Leader],
        views: [Timeline, Decisions, Appeal, FamilyVoice],
    }
    fields {
        /// What it is about.
        kind: DecisionKind => matter,
        /// The section that it rests on.
        section: Section => matter,
        /// What was decided.
        outcome: DecisionOutcome => matter,
        /// The child.
        child: PersonRef => matter,
        /// Brothers and sisters that it covers too.
        other_children: Option<Vec<PersonRef>> => matter,
        /// The measure, where it is about one.
        measure: Option<MeasureId> => matter,
        /// What it is meant to achieve.
        purpose: Words => matter,
        /// How long the help is expected to last, in months.
        expected_duration_months: Option<u16> => matter,
        /// Whether a plan is to be made (BL § 91).
        plan_position: PlanPosition => matter,
        /// Why no plan.
        plan_reasons: Option<Words> => matter,
        /// The parties.
        parties: Vec<PersonRef> => matter,
        /// What weighed in the discretion (FVL § 24).
        discretion_factors: Words => matter,
        /// The facts that mattered most (FVL § 24(2)).
        key_facts: Words => matter,
        /// The events that it rests on.
        rests_on: Vec<EventRef> => matter,
        /// Whether every party got all that they asked for (FVL § 22).
        fully_favourable: bool => matter,
        /// Whether it takes effect at once.
        immediate_effect: Option<bool> => matter,
        /// Who had the power to decide.
        competence: Competence => matter,
    }
}

vocabulary! {
    /// What a recipient was guided on.
    Guidance {
        /// The right to complain.
        Appeal,
        /// The right to a lawyer.
        Lawyer,
        /// The right to see the file.
        FileAccess,
    }
}

object! {
    /// One recipient of a decision.
    Recipient as "RecipientInput" {
        /// Who.
        who: PersonRef,
        /// Through which channel.
        channel: Channel,
        /// From when it was available to the recipient: periods of complaint run from here.
        available_at: Timestamp,
        /// Whether it was told by word of mouth.
        oral: bool,
        /// What the recipient was guided on.
        guidance: Vec<Guidance>,
        /// Reference in the log of the delivering system.
        delivery: Option<Short>,
    }
}

event! {
    /// A decision was communicated to its recipients.
    DecisionCommunicated v 1 {
        danish: "meddelelse af afgørelse",
        law: "FVL §§ 22-25; DPL § 10; BL §§ 142(7), 143(3)",
        streams: [Case],
        order: Some("communicateDecision"),
        roles: [Caseworker, System],
        views: [Timeline, Decisions, Parties, Appeal, FamilyVoice],
    }
    fields {
        /// The decision.
        decision: EventId => matter,
        /// Who received it and how.
        recipients: Vec<Recipient> => matter,
    }
}
