//! Findings, integrity, access, retention, statistics and early advice as clients see them.

use async_graphql::SimpleObject;
use domain::views::access::{Access, LookUp};
use domain::views::early_advice::Advice;
use domain::views::findings::Finding;
use domain::views::integrity::{Check, Integrity, Override};
use domain::views::retention::Retention;
use domain::views::statistics::Statistics;
use events::access::{
    AccessRelation, AccessResult, DisclosureKind, FileAccessBasis, RedactionClass,
};
use events::correction::AnnulmentReason;
use events::early_advice::{AdviceForm, EarlyAdviceKind, Initiator};
use events::erasure::{ErasureGround, ErasureScope, HoldGround};
use events::ids::{ErasureId, EventId, MeasureId, StreamId};
use events::log::{IntegrityResult, Safeguard};
use events::notification::{Concern, NotifierKind, Suspicion};
use events::rights::ProtectionKind;
use events::support::EndGround;
use events::time::Occurred;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::case::goals::PersonInRole;
use crate::text::Wording;

/// What is late, missing or unusual about an event; it never kept anybody from recording it.
#[derive(Debug, Clone, SimpleObject)]
pub struct FindingView {
    /// The event.
    pub event: EventId,
    /// Stable code.
    pub code: String,
    /// A sentence in English.
    pub message: String,
    /// A sentence in Danish.
    pub message_danish: String,
    /// The section of law, or the practice, behind it.
    pub law: String,
    /// What is not settled about it, where something is not.
    pub unsure: Option<String>,
    /// The person that it is about, where it is about one.
    pub person: Option<PersonInRole>,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        let code = finding.code;
        Self {
            event: finding.event,
            code: code.as_str().to_owned(),
            message: code.english().to_owned(),
            message_danish: code.danish().to_owned(),
            law: code.law().to_owned(),
            unsure: code.unsure().map(str::to_owned),
            person: finding.person.map(Into::into),
        }
    }
}

/// A correction or an annulment.
#[derive(Debug, Clone, SimpleObject)]
pub struct ReadingChangeView {
    /// The correction or annulment.
    pub event: EventId,
    /// The event that it changes.
    pub target: EventId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The corrected field; none for an annulment.
    pub field: Option<String>,
    /// The reason of an annulment.
    pub reason: Option<AnnulmentReason>,
}

/// A lawful erasure.
#[derive(Debug, Clone, SimpleObject)]
pub struct ErasureView {
    /// The erasure.
    pub erasure: ErasureId,
    /// The event that ordered it.
    pub ordered: EventId,
    /// When it was ordered.
    pub ordered_on: Occurred,
    /// How much.
    pub scope: ErasureScope,
    /// On what ground.
    pub ground: ErasureGround,
    /// The events that it touches.
    pub touches: Vec<EventId>,
    /// The event that reports it as carried out; none while it is not.
    pub executed: Option<EventId>,
}

/// A check of the log against its checkpoint.
#[derive(Debug, Clone, SimpleObject)]
pub struct IntegrityCheckView {
    /// The event.
    pub event: EventId,
    /// When it took place.
    pub occurred: Occurred,
    /// Number of entries in the checked tree.
    pub size: u64,
    /// Root hash, base64url.
    pub root: String,
    /// What was found.
    pub result: IntegrityResult,
    /// Holes, each of which an erasure explains.
    pub explained_holes: u32,
    /// Annulments.
    pub annulments: u32,
}

impl From<&Check> for IntegrityCheckView {
    fn from(check: &Check) -> Self {
        Self {
            event: check.event,
            occurred: check.occurred,
            size: check.size,
            root: check.root.as_str().to_owned(),
            result: check.result,
            explained_holes: check.explained_holes,
            annulments: check.annulments,
        }
    }
}

/// A safeguard that an operator set aside.
#[derive(Debug, Clone, SimpleObject)]
pub struct SafeguardOverrideView {
    /// The event, in the log's own stream.
    pub event: EventId,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// Who did it, as the operator's machine states it; null where that cannot be read.
    pub operator: Option<String>,
    /// What was set aside.
    pub safeguard: Safeguard,
    /// Why, in the operator's words.
    pub reason: String,
    /// What the clock said.
    pub clock: Option<Timestamp>,
    /// The time that it was compared with.
    pub known_time: Option<Timestamp>,
    /// Number of entries that lay here.
    pub entries_here: Option<u64>,
    /// Number of entries that were known.
    pub entries_known: Option<u64>,
    /// Who or what knew that time or that number of entries.
    pub known_by: Option<String>,
}

impl From<&Override> for SafeguardOverrideView {
    fn from(set_aside: &Override) -> Self {
        Self {
            event: set_aside.event,
            recorded_at: set_aside.recorded_at,
            operator: set_aside.operator.clone(),
            safeguard: set_aside.safeguard,
            reason: set_aside.reason.text(),
            clock: set_aside.clock,
            known_time: set_aside.known_time,
            entries_here: set_aside.entries_here,
            entries_known: set_aside.entries_known,
            known_by: set_aside
                .known_by
                .as_ref()
                .map(|name| name.as_str().to_owned()),
        }
    }
}

/// What explains every difference between the record and its reading (V17).
#[derive(Debug, Clone, SimpleObject)]
pub struct IntegrityView {
    /// Corrections and annulments in the order in which they were recorded.
    pub changes: Vec<ReadingChangeView>,
    /// Lawful erasures.
    pub erasures: Vec<ErasureView>,
    /// Events that are holes, because all of them was erased.
    pub holes: Vec<EventId>,
    /// Holes that no erasure of this case explains.
    pub unexplained: Vec<EventId>,
}

impl From<Integrity> for IntegrityView {
    fn from(view: Integrity) -> Self {
        let changes = view.changes.into_iter().map(|change| ReadingChangeView {
            event: change.event,
            target: change.target,
            recorded_at: change.recorded_at,
            field: change.field,
            reason: change.reason,
        });
        let erasures = view.erasures.into_iter().map(|erasure| ErasureView {
            erasure: erasure.erasure,
            ordered: erasure.ordered,
            ordered_on: erasure.ordered_on,
            scope: erasure.scope,
            ground: erasure.ground,
            touches: erasure.touches,
            executed: erasure.executed,
        });
        Self {
            changes: changes.collect(),
            erasures: erasures.collect(),
            holes: view.holes,
            unexplained: view.unexplained,
        }
    }
}

/// Somebody asked to see the file.
#[derive(Debug, Clone, SimpleObject)]
pub struct FileAccessRequestView {
    /// The event.
    pub event: EventId,
    /// When it was received.
    pub occurred: Occurred,
    /// Who asks.
    pub requester: PersonInRole,
    /// For whom.
    pub on_behalf_of: Option<PersonInRole>,
    /// On what basis.
    pub basis: FileAccessBasis,
    /// What was given out in answer.
    pub answered_by: Vec<EventId>,
}

/// One thing withheld.
#[derive(Debug, Clone, SimpleObject)]
pub struct RedactionView {
    /// What kind of thing.
    pub class: RedactionClass,
    /// The section of law.
    pub section: String,
    /// Why.
    pub reason: String,
    /// The event that it stands in.
    pub event: Option<EventId>,
    /// The field; none where a whole event or all about a person was withheld.
    pub field: Option<String>,
    /// How many values were left out of the evidence.
    pub values: usize,
}

/// Something was given out.
#[derive(Debug, Clone, SimpleObject)]
pub struct DisclosureView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// To what end.
    pub kind: DisclosureKind,
    /// To whom.
    pub recipient: String,
    /// The person, where the recipient is one.
    pub person: Option<PersonInRole>,
    /// The events that were given.
    pub manifest: Vec<EventId>,
    /// What was withheld, each with its section and reason.
    pub redactions: Vec<RedactionView>,
}

/// A marker of protection.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProtectionView {
    /// The event.
    pub event: EventId,
    /// Whose data.
    pub person: PersonInRole,
    /// What is protected.
    pub kind: ProtectionKind,
    /// The party that it is kept from.
    pub kept_from: Option<PersonInRole>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// A look-up, without the reader's name: who looked is kept apart from what a data subject is told.
#[derive(Debug, Clone, SimpleObject)]
pub struct LookUpView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// For what purpose.
    pub purpose: Option<String>,
    /// How the reader stands to what was read.
    pub relation: AccessRelation,
    /// What it met.
    pub result: AccessResult,
    /// Whether it needs a review.
    pub flagged: bool,
    /// What a review found.
    pub review: Option<Wording>,
}

impl From<&LookUp> for LookUpView {
    fn from(look_up: &LookUp) -> Self {
        Self {
            event: look_up.event,
            occurred: look_up.occurred,
            purpose: look_up
                .purpose
                .as_ref()
                .map(|purpose| purpose.as_str().to_owned()),
            relation: look_up.relation,
            result: look_up.result,
            flagged: look_up.flagged(),
            review: look_up.review.as_ref().map(Into::into),
        }
    }
}

/// Who asked to see, what was given out, and what is protected (V16).
#[derive(Debug, Clone, SimpleObject)]
pub struct AccessView {
    /// Requests to see the file.
    pub requests: Vec<FileAccessRequestView>,
    /// What was given out.
    pub disclosures: Vec<DisclosureView>,
    /// What is protected.
    pub protections: Vec<ProtectionView>,
    /// Look-ups, in the order in which they took place. They stand in the access log.
    pub look_ups: Vec<LookUpView>,
}

impl AccessView {
    /// Puts the view of a case together with the look-ups of the access log.
    #[must_use]
    pub fn new(view: Access, look_ups: &[LookUp]) -> Self {
        let requests = view.requests.into_iter().map(|row| FileAccessRequestView {
            event: row.event,
            occurred: row.occurred,
            requester: row.requester.into(),
            on_behalf_of: row.on_behalf_of.map(Into::into),
            basis: row.basis,
            answered_by: row.answered_by,
        });
        let disclosures = view.disclosures.into_iter().map(|row| DisclosureView {
            event: row.event,
            occurred: row.occurred,
            kind: row.kind,
            recipient: row.recipient.as_str().to_owned(),
            person: row.recipient_person.map(Into::into),
            manifest: row.manifest.iter().map(|item| item.event).collect(),
            redactions: row
                .redactions
                .iter()
                .map(|redaction| RedactionView {
                    class: redaction.class,
                    section: redaction.section.as_str().to_owned(),
                    reason: redaction.reason.as_str().to_owned(),
                    event: redaction.event,
                    field: redaction
                        .field
                        .as_ref()
                        .map(|field| field.as_str().to_owned()),
                    values: redaction.values.as_ref().map_or(0, Vec::len),
                })
                .collect(),
        });
        let protections = view.protections.into_iter().map(|row| ProtectionView {
            event: row.event,
            person: row.person.into(),
            kind: row.kind,
            kept_from: row.kept_from.map(Into::into),
            valid_from: row.valid.0,
            valid_to: row.valid.1,
        });
        Self {
            requests: requests.collect(),
            disclosures: disclosures.collect(),
            protections: protections.collect(),
            look_ups: look_ups.iter().map(Into::into).collect(),
        }
    }
}

/// Whether a case still runs and what was erased (V20).
#[derive(Debug, Clone, SimpleObject)]
pub struct RetentionView {
    /// Whether the case runs: while it does, no period of retention ends.
    pub running: bool,
    /// When it was closed.
    pub closed: Option<Occurred>,
    /// Whether a hold forbids erasing.
    pub held: bool,
    /// Holds on erasing, those that were lifted among them.
    pub holds: Vec<HoldView>,
    /// Whether the receiving archive has approved what stands in the case as it was last closed.
    pub archived: bool,
    /// Erasures that were ordered.
    pub erasures: Vec<ErasureId>,
}

/// A hold on erasing.
#[derive(Debug, Clone, SimpleObject)]
pub struct HoldView {
    /// The event that set it.
    pub event: EventId,
    /// Since when.
    pub since: Occurred,
    /// Why.
    pub ground: HoldGround,
    /// The event that lifted it; none while it is in force.
    pub lifted: Option<EventId>,
}

impl From<Retention> for RetentionView {
    fn from(view: Retention) -> Self {
        Self {
            running: view.running,
            held: view.held(),
            archived: view.archived(),
            holds: view
                .holds
                .iter()
                .map(|hold| HoldView {
                    event: hold.set,
                    since: hold.since,
                    ground: hold.ground,
                    lifted: hold.lifted,
                })
                .collect(),
            closed: view.closed.map(|(_, when)| when),
            erasures: view.erasures.iter().map(|erased| erased.erasure).collect(),
        }
    }
}

/// A notification, as statistics count it.
#[derive(Debug, Clone, SimpleObject)]
pub struct CountedNotificationView {
    /// Day of receipt.
    pub received: Date,
    /// In which capacity the sender notified.
    pub notifier: NotifierKind,
    /// What it worries about.
    pub concerns: Vec<Concern>,
    /// Suspicions.
    pub suspicions: Vec<Suspicion>,
    /// Whether it is about an unborn child.
    pub unborn: bool,
    /// Ages of the children on that day, where they can be read.
    pub ages: Vec<Option<i16>>,
}

/// A measure, as statistics count it.
#[derive(Debug, Clone, SimpleObject)]
pub struct CountedMeasureView {
    /// The measure.
    pub measure: MeasureId,
    /// The section that it rests on.
    pub section: String,
    /// When it started.
    pub started: Occurred,
    /// When it ended.
    pub ended: Option<Occurred>,
    /// Age of the child at the start, where it can be read.
    pub age: Option<i16>,
}

/// What statistics count of a case, without names or ids of persons (V18).
#[derive(Debug, Clone, SimpleObject)]
pub struct StatisticsView {
    /// Notifications.
    pub notifications: Vec<CountedNotificationView>,
    /// Measures; early advice is none.
    pub measures: Vec<CountedMeasureView>,
}

impl From<Statistics> for StatisticsView {
    fn from(view: Statistics) -> Self {
        let notifications = view
            .notifications
            .into_iter()
            .map(|row| CountedNotificationView {
                received: row.received,
                notifier: row.notifier,
                concerns: row.concerns,
                suspicions: row.suspicions,
                unborn: row.unborn,
                ages: row.ages,
            });
        let measures = view.measures.into_iter().map(|row| CountedMeasureView {
            measure: row.measure,
            section: row.section.as_str().to_owned(),
            started: row.started,
            ended: row.ended.map(|(_, when)| when),
            age: row.age,
        });
        Self {
            notifications: notifications.collect(),
            measures: measures.collect(),
        }
    }
}

/// A course of early advice (V19).
#[derive(Debug, Clone, SimpleObject)]
pub struct AdviceView {
    /// The event that started it.
    pub event: EventId,
    /// Its stream.
    pub stream: StreamId,
    /// The course.
    pub advice: MeasureId,
    /// The law that it rests on.
    pub kind: EarlyAdviceKind,
    /// Whether the family is anonymous.
    pub anonymous: bool,
    /// Who took the first step.
    pub initiator: Initiator,
    /// In which form.
    pub form: AdviceForm,
    /// Why it was offered.
    pub ground: Wording,
    /// When it started.
    pub started: Occurred,
    /// When it ended.
    pub ended: Option<Occurred>,
    /// Why it ended.
    pub end_ground: Option<EndGround>,
    /// The case that was opened later and names it.
    pub led_to: Option<StreamId>,
}

impl From<Advice> for AdviceView {
    fn from(course: Advice) -> Self {
        Self {
            event: course.event,
            stream: course.stream,
            advice: course.advice,
            kind: course.kind,
            anonymous: course.anonymous,
            initiator: course.initiator,
            form: course.form,
            ground: (&course.ground).into(),
            started: course.started,
            ended: course.ended.map(|(_, when, _)| when),
            end_ground: course.ended.map(|(_, _, ground)| ground),
            led_to: course.led_to,
        }
    }
}
