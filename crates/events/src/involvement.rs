//! The child's own voice, and the network's.

use crate::define::{event, object, vocabulary};
use crate::person::PersonRef;
use crate::personal::Personal;
use crate::text::{EmployeeId, Line, Short};
use crate::words::Words;
use jiff::civil::Date;

vocabulary! {
    /// On what occasion a child is heard.
    HearingOccasion {
        /// On the way, without a duty to.
        Continuous,
        /// Because of a notification (BL § 137).
        Notification137 = "NOTIFICATION_137",
        /// In an assessment or examination.
        Examination,
        /// Before a decision (BL § 5(3)).
        BeforeDecision,
        /// At a follow-up.
        FollowUp,
        /// At a supervision visit.
        Supervision,
        /// Before the committee.
        Committee,
    }
}

vocabulary! {
    /// Who speaks in a dialogue with a child.
    Speaker {
        /// The child.
        Child,
        /// The caseworker.
        Caseworker,
        /// Somebody else who was present.
        Other,
    }
}

object! {
    /// What one of those who talked said, in turn.
    DialogueTurn as "DialogueTurnInput" answered "DialogueTurn" {
        /// Who speaks.
        speaker: Speaker,
        /// What was said.
        words: Words,
    }
}

event! {
    /// A child was involved or heard. Only three fields are required, so that a message on a
    /// chat takes seconds to record. Version 1 had no dialogue, and required `own_words`.
    ChildHeard v 2 {
        danish: "barnet inddraget eller hørt",
        law: "BL §§ 5, 6, 137; SEL §§ 48, 50(3)",
        streams: [Case],
        order: Some("hearChild"),
        roles: [Caseworker, Child, Provider],
        views: [Timeline, ChildVoice, FamilyVoice],
    }
    fields {
        /// The child.
        child: PersonRef => matter,
        /// On what occasion.
        occasion: HearingOccasion => matter,
        /// The child's view in the child's own words; what the child said in the dialogue, where that is
        /// given instead.
        own_words: Option<Words> => person(child),
        /// A dialogue in turns, for example a chat: nobody's words are taken for another's.
        dialogue: Option<Vec<Personal<DialogueTurn>>> => person(child),
        /// What the child wants nobody, or not everybody, to be told.
        not_to_be_shared: Option<Words> => person(child),
        /// How the child finds the dialogue.
        dialogue_feedback: Option<Words> => person(child),
        /// Where.
        place: Option<Short> => matter,
        /// Other persons who were present.
        present: Option<Vec<PersonRef>> => matter,
        /// Whether the parents were absent.
        without_parents: Option<bool> => matter,
        /// Whether the parents had consented to that.
        without_parents_consent: Option<bool> => matter,
        /// On what ground it took place without their consent.
        without_parents_ground: Option<Words> => matter,
        /// Whether the child was told of the right to a companion (*bisidder*, BL § 6).
        bisidder_right_told: Option<bool> => matter,
        /// The companion, where one was present.
        bisidder: Option<PersonRef> => matter,
        /// The caseworkers who talked with the child, where it is not only the one who recorded it
        /// (BL § 21(5)).
        caseworkers: Option<Vec<EmployeeId>> => matter,
    }
}

impl ChildHeard {
    /// The turns of the dialogue that can be read.
    pub fn turns(&self) -> impl Iterator<Item = &DialogueTurn> {
        let turns = self.dialogue.iter().flatten();
        turns.filter_map(Personal::known)
    }

    /// What the child said: its own words, or its turns of the dialogue.
    #[must_use]
    pub fn childs_words(&self) -> Words {
        let turns = self.dialogue.iter().flatten();
        // Who spoke in a turn that is gone is gone with it: it may have been the child.
        let spoken = turns.flat_map(|turn| match turn {
            Personal::Known(turn) if turn.speaker == Speaker::Child => turn.words.0.clone(),
            Personal::Known(_) => Vec::new(),
            Personal::Erased => vec![Personal::Erased],
            Personal::Withheld => vec![Personal::Withheld],
        });
        let spoken = || Words(spoken.collect());
        self.own_words.clone().unwrap_or_else(spoken)
    }
}

vocabulary! {
    /// Why a child was not heard.
    WaiverGround {
        /// Age and maturity.
        Age,
        /// Another decisive reason.
        OtherDecisive,
        /// The nature of the case.
        NatureOfCase,
    }
}

event! {
    /// A child was not heard, for a reason, and the child's view was sought in another way.
    ChildHearingWaived v 1 {
        danish: "samtale med barnet undladt",
        law: "BL §§ 5(4), 137(4)",
        streams: [Case],
        order: Some("waiveChildHearing"),
        roles: [Caseworker],
        views: [Timeline, ChildVoice, FamilyVoice],
    }
    fields {
        /// The child.
        child: PersonRef => matter,
        /// On what occasion.
        occasion: HearingOccasion => matter,
        /// Why not.
        ground: WaiverGround => matter,
        /// More about why.
        reasons: Words => person(child),
        /// How the child's view was found instead.
        views_obtained_by: Option<Words> => person(child),
    }
}

vocabulary! {
    /// On what basis persons and authorities meet about a family.
    MeetingBasis {
        /// Consent.
        Consent,
        /// First meeting without consent (RSL § 11 e).
        Rsl11eFirst = "RSL_11E_FIRST",
        /// Meeting to follow up without consent (RSL § 11 e).
        Rsl11eFollowUp = "RSL_11E_FOLLOWUP",
    }
}

object! {
    /// What was agreed at a meeting.
    Agreement as "AgreementInput" {
        /// What is to be done.
        what: Line,
        /// Who does it, by role or institution.
        responsible: Short,
    }
}

object! {
    /// The days between which something is meant to take place.
    DayWindow as "DayWindowInput" {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    }
}

event! {
    /// Family, network and professionals met.
    NetworkMeetingHeld v 1 {
        danish: "inddragende netværksmøde",
        law: "BL § 8; RSL § 11 e",
        streams: [Case],
        order: Some("holdNetworkMeeting"),
        roles: [Caseworker, Provider],
        views: [Timeline, Network, FamilyVoice],
    }
    fields {
        /// Who took part.
        participants: Vec<PersonRef> => matter,
        /// Whether the child took part.
        child_took_part: bool => matter,
        /// On what basis they met.
        basis: MeetingBasis => matter,
        /// What was agreed.
        agreements: Vec<Agreement> => matter,
        /// When the next meeting is meant to take place.
        next_meeting: Option<DayWindow> => matter,
    }
}
