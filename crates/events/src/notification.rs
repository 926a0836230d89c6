//! Notifications of concern (*underretninger*) and what the authority owes their sender.

use crate::define::{event, vocabulary};
use crate::ids::StreamId;
use crate::person::PersonRef;
use crate::personal::Personal;
use crate::text::{EmployeeId, Line, PersonName, Short};
use crate::words::Words;

vocabulary! {
    /// In which capacity somebody notified.
    NotifierKind {
        /// Professional with an extended duty (BL § 133).
        Professional133 = "PROFESSIONAL_133",
        /// Other profession that the order on notifications names.
        OtherProfessionUpb,
        /// Citizen (BL § 135).
        Citizen135 = "CITIZEN_135",
        /// Another municipality (BL § 132).
        Municipality132 = "MUNICIPALITY_132",
        /// A child.
        Child,
        /// Nobody who can be named.
        Anonymous,
    }
}

vocabulary! {
    /// What a notification worries about.
    Concern {
        /// Absence from school or daycare.
        Absence,
        /// Low mood or anxiety.
        LowMood,
        /// Quarrels or breakdown of the family.
        FamilyConflict,
        /// Lack of care.
        Neglect,
        /// Violence.
        Violence,
        /// Sexual abuse.
        SexualAbuse,
        /// Intoxicants, of the child or of the parents.
        SubstanceUse,
        /// Disability or illness.
        Disability,
        /// Crime by the child.
        Crime,
        /// Development.
        Development,
        /// Anything else.
        Other,
    }
}

vocabulary! {
    /// A suspicion that changes the procedure. None of them is the empty list.
    Suspicion {
        /// Abuse.
        Abuse,
        /// Violence.
        Violence,
        /// The suspicion points at the parents' side (no talk with them before the child's).
        ParentSide,
        /// Honour-related conflict.
        HonourRelated,
    }
}

event! {
    /// A notification of concern reached the municipality.
    NotificationReceived v 1 {
        danish: "underretning modtaget",
        law: "BL §§ 132-136; SEL §§ 152-155",
        streams: [Notification],
        order: Some("receiveNotification"),
        roles: [Intake, Oncall, System],
        views: [Inbox, Timeline, Family, FamilyVoice, Statistics],
    }
    fields {
        /// In which capacity the sender notified.
        notifier_kind: NotifierKind => matter,
        /// Who notified, where that is known.
        notifier: Option<PersonRef> => matter,
        /// Whether the sender can be reached, and so can be owed a receipt.
        contactable: bool => matter,
        /// Name of the sender.
        notifier_name: Option<Personal<PersonName>> => person(notifier),
        /// The sender's relation to the child.
        notifier_relation: Option<Personal<Short>> => person(notifier),
        /// How the sender can be reached.
        notifier_contact: Option<Personal<Short>> => person(notifier),
        /// The children, where they are known.
        children: Vec<PersonRef> => matter,
        /// Description of a child that is not identified yet.
        child_description: Option<Words> => matter,
        /// Whether it concerns an unborn child.
        unborn: bool => matter,
        /// What it worries about.
        concerns: Vec<Concern> => matter,
        /// Suspicions that change the procedure; empty when there is none.
        suspicions: Vec<Suspicion> => matter,
        /// What was said or written.
        text: Words => matter,
    }
}

event! {
    /// The authority judged whether the notification asks for acute help, within 24 hours.
    AcuteAssessmentMade v 1 {
        danish: "akutvurdering (24-timersvurdering)",
        law: "BL § 136(2)",
        streams: [Notification],
        order: Some("makeAcuteAssessment"),
        roles: [Intake, Oncall, Leader],
        views: [Inbox, Timeline, FamilyVoice],
    }
    fields {
        /// Whether the child's health or development is in danger.
        danger_to_health_or_development: bool => matter,
        /// Whether an acute measure is needed.
        acute_measure_needed: bool => matter,
        /// Why.
        reasons: Words => matter,
        /// Version of the criteria that were used.
        criteria: Short => matter,
        /// Who judged, where it is not the one who recorded it.
        assessor: Option<EmployeeId> => matter,
    }
}

vocabulary! {
    /// Why no receipt could be given.
    NoReceiptReason {
        /// The sender is anonymous.
        Anonymous,
        /// There is no address.
        NoAddress,
    }
}

event! {
    /// The sender was told that the notification has arrived, or the reason why that cannot be.
    NotificationReceiptConfirmed v 1 {
        danish: "kvittering til underretter",
        law: "BL § 138(1)",
        streams: [Notification],
        order: Some("confirmNotificationReceipt"),
        roles: [Intake, System],
        views: [Inbox, Timeline],
    }
    fields {
        /// Why it was not possible; not stated when the receipt was sent.
        not_possible: Option<NoReceiptReason> => matter,
        /// To whom it was sent.
        recipient: Option<PersonRef> => matter,
    }
}

vocabulary! {
    /// The heaviest measure that runs for the child when a notification comes.
    RunningMeasure {
        /// None; advice under BL § 29 is none.
        None,
        /// Early preventive measure (BL § 30).
        Early30 = "EARLY_30",
        /// Supportive measure (BL § 32).
        Support32 = "SUPPORT_32",
        /// Placement outside the home (BL §§ 46, 47).
        Placement4647 = "PLACEMENT_46_47",
        /// Permanent placement (BL § 67).
        Permanent67 = "PERMANENT_67",
        /// Measure after youth crime.
        YouthCrime,
    }
}

event! {
    /// The notification was connected with its children and their cases.
    NotificationMatched v 1 {
        danish: "underretning tilknyttet barn og sag",
        law: "BL §§ 136(1), 137",
        streams: [Notification],
        order: Some("matchNotification"),
        roles: [Intake, Caseworker],
        views: [Inbox, Timeline, Family],
    }
    fields {
        /// The children that it concerns.
        children: Vec<PersonRef> => matter,
        /// Their cases; each one's reading takes the notification in.
        cases: Vec<StreamId> => matter,
        /// What runs for the child already.
        running_measure: RunningMeasure => matter,
        /// Brothers and sisters whose need is to be looked at.
        flagged_siblings: Vec<PersonRef> => matter,
        /// The notification that this one repeats.
        duplicate_of: Option<StreamId> => matter,
    }
}

event! {
    /// The case was judged again because of a notification, with somebody who had no part in it.
    NotificationReassessed v 1 {
        danish: "genvurdering efter underretning",
        law: "BL § 137(1); SEL § 155 a",
        streams: [Notification],
        order: Some("reassessNotification"),
        roles: [Caseworker, Leader],
        views: [Inbox, Timeline, FamilyVoice],
    }
    fields {
        /// Who took part.
        participants: Vec<EmployeeId> => matter,
        /// The participant who never took part in the case before.
        uninvolved_participant: EmployeeId => matter,
        /// What was found.
        result: Words => matter,
        /// Whether the help must change.
        change_needed: bool => matter,
    }
}

vocabulary! {
    /// What the sender was told.
    FeedbackOutcome {
        /// An examination was started (BL § 20).
        StartedExamination,
        /// A clarification was started (BL § 19).
        StartedClarification,
        /// Support was started.
        StartedSupport,
        /// Nothing was started.
        NoneStarted,
        /// Nothing was told, for a reason.
        Withheld,
    }
}

event! {
    /// The sender was told what the notification led to.
    NotifierFeedbackGiven v 1 {
        danish: "orientering af underretter",
        law: "BL § 138(2)-(3); SEL § 155 b(2)-(3)",
        streams: [Notification],
        order: Some("giveNotifierFeedback"),
        roles: [Caseworker],
        views: [Inbox, Timeline],
    }
    fields {
        /// What was told.
        outcome: FeedbackOutcome => matter,
        /// Why nothing was told.
        withheld_reason: Option<Words> => matter,
        /// Whether the kind and the length of the help were told.
        type_and_duration_told: bool => matter,
        /// Why they were told.
        type_and_duration_reason: Option<Line> => matter,
    }
}
