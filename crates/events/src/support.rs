//! Support measures (*indsatser*) and measured well-being.

use crate::define::{event, object, vocabulary};
use crate::ids::{EventId, MeasureId};
use crate::person::PersonRef;
use crate::personal::Personal;
use crate::text::{Section, Short};
use crate::words::Words;

event! {
    /// A support measure was started.
    SupportStarted v 1 {
        danish: "indsats iværksat",
        law: "BL § 10(3)",
        streams: [Case],
        order: Some("startSupport"),
        roles: [Caseworker, Provider],
        views: [Timeline, SupportLadder, FamilyVoice, Statistics],
    }
    fields {
        /// The measure.
        measure: MeasureId => matter,
        /// The section that it rests on.
        section: Section => matter,
        /// Step on the municipality's own support ladder (*indsatstrappe*).
        ladder_step: u8 => matter,
        /// Which definition of the ladder the step belongs to.
        ladder_definition: Short => matter,
        /// Who provides it.
        provider: Short => matter,
        /// The decision that it rests on; not stated for provisional help.
        decision: Option<EventId> => matter,
        /// Whether it is provisional help before a decision.
        provisional: bool => matter,
    }
}

event! {
    /// A support measure was adjusted.
    SupportAdjusted v 1 {
        danish: "indsats justeret",
        law: "BL § 95(4)",
        streams: [Case],
        order: Some("adjustSupport"),
        roles: [Caseworker],
        views: [Timeline, SupportLadder, FamilyVoice],
    }
    fields {
        /// The measure.
        measure: MeasureId => matter,
        /// What changed.
        what_changed: Words => matter,
        /// Whether the change is essential, so that the rules on decisions hold.
        essential_change: bool => matter,
        /// The decision behind an essential change.
        decision: Option<EventId> => matter,
        /// Step on the ladder, where it changed.
        ladder_step: Option<u8> => matter,
        /// Why.
        reason: Words => matter,
    }
}

vocabulary! {
    /// Why a measure ended.
    EndGround {
        /// Its purpose is met.
        PurposeMet,
        /// It has no effect.
        NoEffect,
        /// The young person came of age.
        Age18 = "AGE_18",
        /// Consent was withdrawn.
        Withdrawn,
        /// The family moved.
        Moved,
        /// Something else took its place.
        Replaced,
    }
}

event! {
    /// A support measure or a course of early advice ended.
    SupportEnded v 1 {
        danish: "indsats ophørt",
        law: "BL § 99",
        streams: [Case],
        order: Some("endSupport"),
        roles: [Caseworker],
        views: [Timeline, SupportLadder, FamilyVoice, Statistics, EarlyAdvice],
    }
    fields {
        /// The measure or the course of advice.
        measure: MeasureId => matter,
        /// Why it ended.
        ground: EndGround => matter,
        /// The decision behind it.
        decision: Option<EventId> => matter,
        /// More about why.
        reasons: Option<Words> => matter,
    }
}

vocabulary! {
    /// Instrument of feedback-informed treatment. Scores and version only are recorded; the
    /// scales themselves are licensed.
    Instrument {
        /// Outcome Rating Scale, 13 years and above, adults; 0 to 400 tenths.
        Ors,
        /// Child Outcome Rating Scale, 6 to 12 years; 0 to 400 tenths.
        Cors,
        /// Session Rating Scale, 13 years and above, adults; 0 to 400 tenths.
        Srs,
        /// Child Session Rating Scale, 6 to 12 years; 0 to 400 tenths.
        Csrs,
        /// For children up to 5 years: faces, no score.
        Ycors,
    }
}

impl Instrument {
    /// Whether the instrument gives scores.
    #[must_use]
    pub const fn scored(self) -> bool {
        !matches!(self, Self::Ycors)
    }
}

vocabulary! {
    /// On what occasion well-being was measured.
    MeasurementOccasion {
        /// At the start.
        Start,
        /// At a session.
        Session,
        /// At a follow-up.
        FollowUp,
        /// At the end.
        End,
    }
}

object! {
    /// The four items of a scale and their sum, in tenths of a point (52 is 5.2). Items are 0 to
    /// 100, in the order of the form.
    Scores as "ScoresInput" {
        /// First item: me (CORS), individual (ORS), listening (CSRS), relation (SRS).
        first: u16,
        /// Second item: family, relations, importance, goals and topics.
        second: u16,
        /// Third item: school, social, what we did, approach.
        third: u16,
        /// Fourth item: everything, overall.
        fourth: u16,
        /// Sum of the four.
        total: u16,
    }
}

impl Scores {
    /// Highest value of one item, in tenths.
    pub const ITEM_MAX: u16 = 100;

    /// The items in their order.
    #[must_use]
    pub const fn items(&self) -> [u16; 4] {
        [self.first, self.second, self.third, self.fourth]
    }
}

event! {
    /// Well-being or the alliance was measured by the respondent's own answers.
    WellbeingMeasured v 1 {
        danish: "trivselsmåling (FIT)",
        law: "BL § 95",
        streams: [Case],
        order: Some("measureWellbeing"),
        roles: [Caseworker, Child, Parent, Provider],
        views: [Timeline, Wellbeing, FamilyVoice],
    }
    fields {
        /// The child that the case is about.
        child: PersonRef => matter,
        /// Who answered.
        respondent: PersonRef => matter,
        /// The instrument.
        instrument: Instrument => matter,
        /// Its version.
        instrument_version: Short => matter,
        /// On what occasion.
        occasion: MeasurementOccasion => matter,
        /// The scores; not stated for an instrument without scores.
        scores: Option<Personal<Scores>> => person(respondent),
    }
}

event! {
    /// A placed child was visited and talked to.
    SupervisionVisitHeld v 1 {
        danish: "tilsynsbesøg",
        law: "BL § 156; SEL §§ 70(2), 148",
        streams: [Case],
        order: Some("holdSupervisionVisit"),
        roles: [Caseworker],
        views: [Timeline, ChildVoice, FamilyVoice],
    }
    fields {
        /// The child.
        child: PersonRef => matter,
        /// The measure that places the child.
        measure: Option<MeasureId> => matter,
        /// Where.
        place: Option<Short> => matter,
        /// Whether the child was spoken to.
        child_spoken_to: bool => matter,
        /// Whether staff or foster parents were absent from the talk.
        staff_absent: bool => matter,
        /// The caseworkers who were there.
        caseworkers: Vec<crate::text::EmployeeId> => matter,
        /// What the child said, in the child's own words.
        own_words: Option<Words> => person(child),
        /// Whether there is worry about the place.
        concerns_about_place: bool => matter,
        /// Whether the supervising authority (*socialtilsynet*) was told.
        supervision_told: Option<bool> => matter,
    }
}
