//! Early advice and early measures, given without opening a case.

use crate::define::{event, vocabulary};
use crate::ids::MeasureId;
use crate::person::PersonRef;
use crate::text::Short;
use crate::words::Words;

vocabulary! {
    /// The law that early help rests on.
    EarlyAdviceKind {
        /// Advice (*rådgivning*, BL § 29).
        Advice29 = "ADVICE_29",
        /// Early preventive measure (*tidligt forebyggende indsats*, BL § 30).
        EarlyMeasure30 = "EARLY_MEASURE_30",
        /// Advice before the Child's Act (SEL § 11(2)).
        Sel112 = "SEL_11_2",
        /// Early measure before the Child's Act (SEL § 11(3)).
        Sel113 = "SEL_11_3",
    }
}

vocabulary! {
    /// Who took the first step towards the advice.
    Initiator {
        /// The family itself.
        Family,
        /// School or its cross-disciplinary team.
        School,
        /// Nursery, kindergarten or childminder.
        Daycare,
        /// Health visitor (*sundhedsplejerske*).
        HealthVisitor,
        /// Another part of the municipality.
        Municipality,
        /// Somebody else.
        Other,
    }
}

vocabulary! {
    /// In which form advice is given.
    AdviceForm {
        /// Talks with the family.
        Conversation,
        /// Meetings with the network.
        NetworkMeeting,
        /// In a group.
        Group,
        /// By telephone or online.
        Remote,
    }
}

event! {
    /// Early advice or an early measure was started; no case is opened by it.
    EarlyAdviceStarted v 1 {
        danish: "rådgivningsforløb eller tidlig indsats påbegyndt",
        law: "BL §§ 28-30; SEL § 11",
        streams: [Case],
        order: Some("startEarlyAdvice"),
        roles: [Caseworker],
        views: [Timeline, SupportLadder, FamilyVoice, EarlyAdvice],
    }
    fields {
        /// Id of the course of advice; ending it names this id.
        advice: MeasureId => matter,
        /// The law that it rests on.
        kind: EarlyAdviceKind => matter,
        /// The child; not stated for an anonymous family.
        child: Option<PersonRef> => matter,
        /// Those who receive the advice; empty for an anonymous family.
        family: Vec<PersonRef> => matter,
        /// Who took the first step.
        initiator: Initiator => matter,
        /// In which form.
        form: AdviceForm => matter,
        /// Why it was offered.
        ground: Words => matter,
        /// Step on the municipality's own support ladder (*indsatstrappe*).
        ladder_step: u8 => matter,
        /// Which definition of the ladder the step belongs to.
        ladder_definition: Short => matter,
    }
}
