//! Complaints (*klager*) and what the Appeals Board and the courts made of them.

use crate::define::{event, object, vocabulary};
use crate::ids::EventId;
use crate::meta::EventRef;
use crate::person::PersonRef;
use crate::text::{Digest, Line, Section, Short};
use crate::words::Words;
use jiff::civil::Date;

vocabulary! {
    /// In which capacity somebody complains.
    ComplainantCapacity {
        /// Holder of custody.
        CustodyHolder,
        /// The child itself, from 10 years (BL §§ 145-146).
        Child10 = "CHILD_10",
        /// Parent without custody, in a decision about that parent.
        ParentNoCustody,
        /// Somebody who acts for a party.
        Representative,
        /// Foster family or another.
        Other,
    }
}

vocabulary! {
    /// Where a complaint came in.
    ComplaintVia {
        /// The municipality.
        Municipality,
        /// The Appeals Board.
        Board,
    }
}

event! {
    /// A complaint came in. Its time is that of receipt.
    ComplaintReceived v 1 {
        danish: "klage modtaget",
        law: "RSL §§ 66-67; BL §§ 144-146",
        streams: [Case],
        order: Some("receiveComplaint"),
        roles: [Records, Caseworker, System],
        views: [Timeline, Decisions, Appeal, FamilyVoice],
    }
    fields {
        /// The decision complained of.
        decision: EventId => matter,
        /// Who complains.
        complainant: PersonRef => matter,
        /// In which capacity.
        capacity: ComplainantCapacity => matter,
        /// Where it came in.
        via: ComplaintVia => matter,
        /// Whether it was made by word of mouth and noted.
        oral: bool => matter,
        /// Whether it came in time, as judged on receipt.
        in_time: bool => matter,
        /// What the complainant wants, in their own words.
        wants: Words => person(complainant),
    }
}

vocabulary! {
    /// What came of judging a decision again after a complaint.
    ReassessmentOutcome {
        /// The complainant was given right in all.
        UpheldFull,
        /// In part.
        UpheldPart,
        /// The decision stands.
        Maintained,
    }
}

event! {
    /// The municipality judged its own decision again because of a complaint. A decision of the
    /// committee is not judged again (RSB § 11(6)).
    ComplaintReassessed v 1 {
        danish: "genvurdering af klage",
        law: "RSL § 66; RSB §§ 11-12",
        streams: [Case],
        order: Some("reassessComplaint"),
        roles: [Leader, Lawyer],
        views: [Timeline, Decisions, Appeal, FamilyVoice],
    }
    fields {
        /// The complaint.
        complaint: EventId => matter,
        /// What came of it.
        outcome: ReassessmentOutcome => matter,
        /// Why.
        reasons: Words => matter,
        /// The new decision, where there is one.
        new_decision: Option<EventId> => matter,
        /// Why it takes longer, where the complainant was told so.
        extension_notice: Option<Words> => matter,
    }
}

vocabulary! {
    /// What kind of thing a dossier holds (the Board's list of what is always sent).
    DossierItemKind {
        /// The decision.
        Decision,
        /// The complaint.
        Complaint,
        /// The re-evaluation.
        Reassessment,
        /// Journal notes.
        JournalNotes,
        /// Party hearing and its answers.
        PartyHearing,
        /// Other correspondence.
        Correspondence,
        /// The Board's own form (*ankeskema*).
        BoardForm,
        /// Log of delivery.
        DeliveryLog,
        /// Another document.
        Other,
    }
}

object! {
    /// One thing in a dossier, with the hash that proves which text was sent.
    DossierItem as "DossierItemInput" answered "DossierItem" {
        /// What kind of thing.
        kind: DossierItemKind,
        /// Title, without names.
        title: Line,
        /// The event that it comes from, where it stands in the record.
        event: Option<EventId>,
        /// SHA-256 of what was sent.
        sha256: Digest,
    }
}

event! {
    /// A complaint was sent to the Appeals Board with the file.
    AppealForwarded v 1 {
        danish: "klage sendt til Ankestyrelsen",
        law: "RSB §§ 11-14",
        streams: [Case],
        order: Some("forwardAppeal"),
        roles: [Records],
        views: [Timeline, Appeal, FamilyVoice],
    }
    fields {
        /// The complaint.
        complaint: EventId => matter,
        /// What was sent.
        manifest: Vec<DossierItem> => matter,
        /// Which form of the Board was used (*ankeskema*), where there is one.
        form: Option<Short> => matter,
        /// Whether the complainant was told.
        complainant_informed: bool => matter,
        /// Whether it was marked as urgent.
        urgent: bool => matter,
        /// A remark, for example that the complaint came late.
        remark: Option<Line> => matter,
    }
}

vocabulary! {
    /// Who decided on appeal.
    AppealInstance {
        /// The Appeals Board (*Ankestyrelsen*).
        Ankestyrelsen,
        /// City court (*byret*).
        Byret,
        /// High court (*landsret*).
        Landsret,
    }
}

vocabulary! {
    /// The five outcomes of RSL § 68(2), in their Danish legal words.
    AppealOutcome {
        /// Dismissed (*afvist*).
        Afvist,
        /// Upheld (*stadfæstet*).
        Stadfaestet,
        /// Remitted (*hjemvist*).
        Hjemvist,
        /// Annulled (*ophævet*).
        Ophaevet,
        /// Changed (*ændret*).
        Aendret,
    }
}

impl AppealOutcome {
    /// Whether the instance looked at the substance.
    #[must_use]
    pub const fn substantive(self) -> bool {
        !matches!(self, Self::Afvist)
    }

    /// Whether the decision did not stand as it was.
    #[must_use]
    pub const fn reversed(self) -> bool {
        matches!(self, Self::Hjemvist | Self::Ophaevet | Self::Aendret)
    }
}

object! {
    /// What was decided on appeal about one issue for one child.
    IssueOutcome as "IssueOutcomeInput" {
        /// The child.
        child: PersonRef,
        /// The section at issue.
        section: Section,
        /// What was decided.
        outcome: AppealOutcome,
        /// What the instance orders, in one line without names.
        order: Option<Line>,
        /// By when the order is to be met.
        deadline: Option<Date>,
    }
}

event! {
    /// The Appeals Board or a court decided.
    AppealOutcomeReceived v 1 {
        danish: "Ankestyrelsens eller rettens afgørelse",
        law: "RSL §§ 68-73; BL §§ 146-151",
        streams: [Case],
        order: Some("receiveAppealOutcome"),
        roles: [Records, Board],
        views: [Timeline, Decisions, Appeal, FamilyVoice],
    }
    fields {
        /// The complaint; not stated when the Board took the case up itself (BL § 151).
        complaint: Option<EventId> => matter,
        /// Who decided.
        instance: AppealInstance => matter,
        /// What was decided, issue by issue.
        outcomes: Vec<IssueOutcome> => matter,
        /// From when it holds.
        effective: Option<Date> => matter,
        /// Whether the members agreed, where it is known.
        unanimous: Option<bool> => matter,
        /// Whether the parties were guided on the way to court (BL § 147).
        court_guidance: bool => matter,
        /// In short what it says.
        summary: Words => matter,
        /// The Board's dossier, as it was forwarded.
        forwarded: Option<EventRef> => matter,
    }
}
