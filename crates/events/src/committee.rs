//! Decisions beyond the administration: the chair's provisional one, and the committee's.

use crate::define::{event, object, vocabulary};
use crate::ids::EventId;
use crate::meta::EventRef;
use crate::person::{About, PersonRef};
use crate::text::{Line, Section};
use crate::words::Words;
use jiff::Timestamp;
use jiff::civil::Date;

vocabulary! {
    /// What the children and youth committee (*børne- og ungeudvalget*) decides on.
    CommitteeMatter {
        /// Examination in an institution or hospital (BL § 23).
        Examination23 = "EXAMINATION_23",
        /// The simple-majority matter of BL § 42(4).
        Majority42 = "MAJORITY_42",
        /// Placement without consent (BL § 47).
        Placement47 = "PLACEMENT_47",
        /// Placement of a child from birth (BL § 49).
        Birth49 = "BIRTH_49",
        /// Renewed placement (BL § 50).
        Renewal50 = "RENEWAL_50",
        /// Permanent placement (BL § 67).
        Permanent67 = "PERMANENT_67",
        /// Change of the place (BL § 98).
        ChangePlacement98 = "CHANGE_PLACEMENT_98",
        /// Restriction of contact (BL § 105).
        Contact105 = "CONTACT_105",
        /// Approval of the chair's provisional decision (BL § 143(4)).
        Approval143 = "APPROVAL_143",
        /// Another matter.
        Other,
    }
}

impl CommitteeMatter {
    /// Whether four of five votes are needed (BL § 142(4)).
    #[must_use]
    pub const fn needs_four_votes(self) -> bool {
        !matches!(self, Self::Majority42)
    }
}

vocabulary! {
    /// Who decided provisionally (BL § 143).
    ProvisionalAuthority {
        /// The committee's chair.
        Chair,
        /// The deputy chair.
        ViceChair,
        /// The director of the Appeals Board.
        BoardDirector,
    }
}

event! {
    /// A provisional decision was made because the committee's could not be waited for. Its time
    /// is that of the decision; periods run from `carried_out_at`.
    ProvisionalDecisionMade v 1 {
        danish: "foreløbig afgørelse (formandsafgørelse)",
        law: "BL § 143; SEL § 75",
        streams: [Case],
        order: Some("makeProvisionalDecision"),
        roles: [CommitteeChair, CommitteeSec, Oncall],
        views: [Timeline, Decisions, Appeal, FamilyVoice],
    }
    fields {
        /// Who decided.
        by: ProvisionalAuthority => matter,
        /// What it is about.
        matters: Vec<CommitteeMatter> => matter,
        /// The sections that it rests on.
        sections: Vec<Section> => matter,
        /// The children that it covers.
        children: Vec<PersonRef> => matter,
        /// Why it could not wait.
        urgency: Words => matter,
        /// When it was carried out: 24 hours and 7 days run from here (BL § 143(3)-(4)); not
        /// stated while it is not.
        carried_out_at: Option<Timestamp> => matter,
        /// Whether the police helped.
        police_help: bool => matter,
    }
}

vocabulary! {
    /// What a submission to the committee must hold (BL § 51).
    SubmissionItem {
        /// The child protection examination.
        Examination,
        /// How the conditions of the section are met.
        Conditions,
        /// The competence of the holders of custody.
        ParentalCompetence,
        /// The plan and the intended support.
        Plan,
        /// The child's view.
        ChildView,
        /// The parents' plan, or why there is none.
        ParentPlan,
        /// Why brothers and sisters are not to be placed, and support for them.
        Siblings,
    }
}

event! {
    /// A matter was submitted to the committee.
    CommitteeSubmissionMade v 1 {
        danish: "indstilling til børne- og ungeudvalget",
        law: "BL §§ 51, 67(4), 98(5)",
        streams: [Case],
        order: Some("submitToCommittee"),
        roles: [Caseworker, Lawyer, Leader],
        views: [Timeline, Decisions, Appeal, FamilyVoice],
    }
    fields {
        /// What is to be decided.
        matters: Vec<CommitteeMatter> => matter,
        /// The children.
        children: Vec<PersonRef> => matter,
        /// What the submission holds.
        contents: Vec<SubmissionItem> => matter,
        /// What it holds on brothers and sisters, or why it does not.
        sibling_reasons: Option<Words> => matter,
        /// The documents, as filed.
        documents: Vec<EventRef> => matter,
    }
}

vocabulary! {
    /// As what a member of the committee sits (RSL § 19).
    CommitteeMember {
        /// Member of the municipal council.
        Councillor,
        /// The city court judge.
        Judge,
        /// Pedagogical-psychological expert.
        Expert,
    }
}

vocabulary! {
    /// What became of a matter in the committee.
    CommitteeOutcome {
        /// Adopted.
        Adopted,
        /// Not adopted.
        NotAdopted,
    }
}

object! {
    /// What the committee decided on one matter for one child.
    ChildOutcome as "ChildOutcomeInput" {
        /// The child.
        child: PersonRef,
        /// The matter.
        matter: CommitteeMatter,
        /// The section that it rests on.
        section: Section,
        /// What became of it.
        outcome: CommitteeOutcome,
        /// Votes for.
        votes_for: u8,
        /// Votes against.
        votes_against: u8,
        /// Last day of validity, where the committee set one.
        valid_to: Option<Date>,
        /// Day before which it must be decided anew, where the committee set one.
        renew_by: Option<Date>,
        /// Conditions, in one line without names.
        conditions: Option<Line>,
    }
}

event! {
    /// The committee decided. Each matter of each child has its own outcome and votes.
    CommitteeDecisionMade v 1 {
        danish: "børne- og ungeudvalgets afgørelse",
        law: "BL § 142; BUF §§ 11-12",
        streams: [Case],
        order: Some("recordCommitteeDecision"),
        roles: [CommitteeSec],
        views: [Timeline, Decisions, Appeal, FamilyVoice],
    }
    fields {
        /// The outcomes.
        outcomes: Vec<ChildOutcome> => matter,
        /// The members present, one entry each.
        members: Vec<CommitteeMember> => matter,
        /// Whether the judge dissented (BL § 142(5)).
        judge_dissent: bool => matter,
        /// Why, in short.
        reasons: Words => matter,
        /// What each person who spoke said, under that person's own key.
        statements: Vec<About> => each_person,
        /// Who spoke before the committee.
        spoke: Vec<PersonRef> => matter,
        /// The lawyers present.
        lawyers_present: Vec<PersonRef> => matter,
        /// The provisional decision that is approved.
        approves: Option<EventId> => matter,
        /// The submission that it rests on.
        submission: Option<EventId> => matter,
    }
}
