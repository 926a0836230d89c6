//! Decides a command: the facts that it becomes, or why it is refused.
//!
//! A fact is refused when it cannot be true, when its actor may not record it, or when it
//! contradicts what the case already holds. It is never refused for being late.

mod check;
mod common;
pub(crate) mod dates;

mod access;
mod appeal;
mod assessment;
mod casework;
mod committee;
mod correction;
mod decision;
mod erasure;
mod involvement;
mod lifecycle;
mod moving;
mod notification;
mod people;
mod plan;
mod rights;
mod support;

use events::casework::FactReferenced;
use events::event::Event;
use events::ids::{EventId, StreamId};
use events::meta::{Actor, EventRef, Meta};
use events::spec::StreamKind;
use events::text::Digest;
use jiff::Timestamp;

use self::check::Check;
use crate::reading::Reading;
use crate::refusal::{Refusal, RefusalCode};
use crate::state::StreamState;

/// An order to record a fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// The stream.
    pub stream: StreamId,
    /// Id that the fact gets.
    pub event: EventId,
    /// The fact.
    pub facts: Event,
    /// Its circumstances.
    pub meta: Meta,
    /// Who records it.
    pub actor: Actor,
    /// Whether the client said which version it had on screen.
    pub version_given: bool,
    /// Cases of brothers and sisters that the fact belongs to too: written once, referenced there.
    pub also: Vec<StreamId>,
}

/// What is known of streams other than the command's own.
pub trait Streams {
    /// The kind of a stream; null when it does not exist.
    fn kind(&self, stream: StreamId) -> Option<StreamKind>;
}

/// What a command is decided on.
pub struct State<'a> {
    /// What the command's stream holds, with all that it references; empty when the stream is new.
    pub own: &'a StreamState,
    /// The reading that this was folded from; null where it is not at hand. Few commands look at it.
    pub reading: Option<&'a Reading>,
    /// Other streams.
    pub streams: &'a dyn Streams,
    /// The cases that a notification was matched to; the registration that another one is to go on
    /// under.
    pub related: &'a [Reading],
    /// Now: nothing recorded may take place later.
    pub now: Timestamp,
}

/// Why nothing was decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// The command is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The command looks at the history of its stream, and [`State::reading`] is null.
    #[error("the command is decided on the reading of its stream, which is not at hand")]
    ReadingNeeded,
}

/// A fact to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The stream.
    pub stream: StreamId,
    /// Its kind.
    pub kind: StreamKind,
    /// Its id; null when the caller chooses one.
    pub event: Option<EventId>,
    /// The fact. Where `reference_to` is set it is a [`FactReferenced`] whose leaf is still
    /// zeros: only the one who puts events in order knows it.
    pub facts: Event,
    /// Its circumstances.
    pub meta: Meta,
    /// The place, among the facts decided, of the one that this one references.
    pub reference_to: Option<usize>,
}

/// Whether a fact begins a stream.
#[must_use]
pub fn begins_stream(facts: &Event) -> bool {
    matches!(
        facts,
        Event::NotificationReceived(_)
            | Event::PersonRegistered(_)
            | Event::CaseOpened(_)
            | Event::EarlyAdviceStarted(_)
            | Event::IntegrityChecked(_)
            | Event::RuleSetActivated(_)
            | Event::SafeguardOverridden(_)
            | Event::RecordAccessed(_)
    )
}

/// Decides a command.
///
/// # Errors
/// * [`Undecided::Refused`] with the lowest number of all refusals that apply; among equals the one
///   found first;
/// * [`Undecided::ReadingNeeded`] when the command looks at a reading that is not at hand.
///
/// # Example
/// A case is opened on a day that has come:
///
/// ```
/// use domain::decide::{Command, State, Streams, Undecided, decide};
/// use domain::refusal::RefusalCode;
/// use domain::state::StreamState;
/// use events::event::Event;
/// use events::ids::StreamId;
/// use events::meta::{Actor, Meta, Role};
/// use events::spec::StreamKind;
///
/// /// A log without any other stream.
/// struct Empty;
/// impl Streams for Empty {
///     fn kind(&self, _: StreamId) -> Option<StreamKind> {
///         None
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let child = "00000000-0000-0000-0000-0000000000c1";
/// let opened = serde_json::json!({
///     "child": { "person": child, "role": "CHILD" }, "ground": ["absence"], "kle_number": "27.24.00",
/// });
/// let command = Command {
///     stream: "00000000-0000-0000-0000-000000000001".parse()?,
///     event: "00000000-0000-0000-0000-000000000002".parse()?,
///     facts: Event::from_json("CaseOpened", opened)?,
///     meta: Meta::at("2024-01-08".parse()?),
///     actor: Actor {
///         id: "K1".into(),
///         role: Role::Caseworker,
///         unit: None,
///         municipality: "0999".into(),
///     },
///     version_given: false,
///     also: Vec::new(),
/// };
/// let on = |now: &str| {
///     let own = StreamState::default();
///     let now = now.parse().unwrap();
///     decide(&command, &State { own: &own, reading: None, streams: &Empty, related: &[], now })
/// };
/// assert_eq!(on("2024-01-09T12:00:00Z")?.len(), 1);
/// let Err(Undecided::Refused(refusal)) = on("2024-01-01T12:00:00Z") else {
///     panic!("it is refused");
/// };
/// assert_eq!(refusal.code, RefusalCode::TimeInFuture);
/// # Ok(())
/// # }
/// ```
pub fn decide(command: &Command, state: &State<'_>) -> Result<Vec<Decided>, Undecided> {
    let mut check = Check::of(command, state);
    let kind = stream_kind(&mut check)?;
    common::circumstances(&mut check);
    reasons_against(&command.facts, &mut check);
    common::other_cases(kind, &mut check);
    check.outcome()?;
    let mut decided = vec![Decided {
        stream: command.stream,
        kind,
        event: Some(command.event),
        facts: command.facts.clone(),
        meta: command.meta.clone(),
        reference_to: None,
    }];
    if let Event::NotificationMatched(facts) = &command.facts {
        for case in &facts.cases {
            decided.push(reference(command, *case)?);
        }
    }
    for case in &command.also {
        decided.push(reference(command, *case)?);
    }
    Ok(decided)
}

/// The kind of the stream that the fact stands in, or begins.
///
/// # Errors
/// [`RefusalCode::StreamUnknown`] for a fact that begins no stream, where there is none.
fn stream_kind(check: &mut Check<'_>) -> Result<StreamKind, Refusal> {
    let begins = begins_stream(&check.command.facts);
    let kinds = check.command.facts.spec().streams;
    match (check.own.kind, begins) {
        (None, false) => Err(Refusal {
            code: RefusalCode::StreamUnknown,
            field: Some("stream".to_owned()),
        }),
        (None, true) => Ok(kinds.first().copied().unwrap_or(StreamKind::Case)),
        (Some(kind), begins) => {
            let wrong = !kinds.contains(&kind);
            check.refuse_if(wrong, RefusalCode::StreamKindWrong, "stream");
            let goes_on = matches!(kind, StreamKind::System | StreamKind::Access);
            check.refuse_if(begins && !goes_on, RefusalCode::StreamExists, "stream");
            Ok(kind)
        }
    }
}

/// Collects what speaks against this fact beside what is asked of every command.
///
/// It names every event type, so that nothing new is allowed by oversight. The reasons of a type
/// stand in one function, named like the order, in the file named like the type's module in
/// `events`; there they stand in order of precedence.
#[expect(
    clippy::too_many_lines,
    reason = "names every event type, so that a new one is thought about here"
)]
fn reasons_against(facts: &Event, check: &mut Check<'_>) {
    match facts {
        Event::NotificationReceived(facts) => notification::receive_notification(facts, check),
        Event::AcuteAssessmentMade(facts) => notification::make_acute_assessment(facts, check),
        Event::NotificationReceiptConfirmed(facts) => {
            notification::confirm_notification_receipt(facts, check);
        }
        Event::NotificationMatched(facts) => notification::match_notification(facts, check),
        Event::NotificationReassessed(facts) => notification::reassess_notification(facts, check),
        Event::NotifierFeedbackGiven(facts) => notification::give_notifier_feedback(facts, check),
        Event::IntermunicipalNotificationSent(facts) => moving::notify_municipality(facts, check),
        Event::PersonRegistered(facts) => people::register_person(facts, check),
        Event::PersonIdentified(facts) => people::identify_person(facts, check),
        Event::PersonsMerged(facts) => people::merge_persons(facts, check),
        Event::RelationRecorded(facts) => people::record_relation(facts, check),
        Event::ResponsibleMunicipalityChanged(facts) => {
            moving::change_responsible_municipality(facts, check);
        }
        Event::ConsentWithdrawn(facts) => rights::withdraw_consent(facts, check),
        Event::RepresentativeAppointed(facts) => rights::appoint_representative(facts, check),
        Event::NetworkMapped(facts) => people::map_network(facts, check),
        Event::ProtectionMarkerSet(facts) => rights::set_protection_marker(facts, check),
        Event::CaseOpened(facts) => casework::open_case(facts, check),
        Event::CaseworkerAssigned(facts) => casework::assign_caseworker(facts, check),
        Event::NeedAwarenessEstablished(facts) => casework::establish_need_awareness(facts, check),
        Event::AssessmentOpened(facts) => assessment::open_assessment(facts, check),
        Event::AssessmentReported(facts) => assessment::report_assessment(facts, check),
        Event::ChildHeard(facts) => involvement::hear_child(facts, check),
        Event::ChildHearingWaived(facts) => involvement::waive_child_hearing(facts, check),
        Event::NetworkMeetingHeld(facts) => involvement::hold_network_meeting(facts, check),
        Event::PartyHearingHeld(facts) => rights::hear_party(facts, check),
        Event::RequestMade(facts) => rights::make_request(facts, check),
        Event::DecisionMade(facts) => decision::make_decision(facts, check),
        Event::DecisionCommunicated(facts) => decision::communicate_decision(facts, check),
        Event::ProvisionalDecisionMade(facts) => committee::make_provisional_decision(facts, check),
        Event::CommitteeSubmissionMade(facts) => committee::submit_to_committee(facts, check),
        Event::CommitteeDecisionMade(facts) => committee::record_committee_decision(facts, check),
        Event::PlanAdopted(facts) => plan::adopt_plan(facts, check),
        Event::GoalSet(facts) => plan::set_goal(facts, check),
        Event::GoalChanged(facts) => plan::change_goal(facts, check),
        Event::FollowUpHeld(facts) => plan::hold_follow_up(facts, check),
        Event::SupportStarted(facts) => support::start_support(facts, check),
        Event::SupportAdjusted(facts) => support::adjust_support(facts, check),
        Event::SupportEnded(facts) => support::end_support(facts, check),
        Event::WellbeingMeasured(facts) => support::measure_wellbeing(facts, check),
        Event::SupervisionVisitHeld(facts) => support::hold_supervision_visit(facts, check),
        Event::ComplaintReceived(facts) => appeal::receive_complaint(facts, check),
        Event::ComplaintReassessed(facts) => appeal::reassess_complaint(facts, check),
        Event::AppealForwarded(facts) => appeal::forward_appeal(facts, check),
        Event::AppealOutcomeReceived(facts) => appeal::receive_appeal_outcome(facts, check),
        Event::CaseClosed(facts) => lifecycle::close_case(facts, check),
        Event::CaseReopened(facts) => lifecycle::reopen_case(facts, check),
        Event::EventCorrected(facts) => correction::correct_event(facts, check),
        Event::EventAnnulled(facts) => correction::annul_event(facts, check),
        Event::DisclosureMade(facts) => access::make_disclosure(facts, check),
        Event::RetentionHoldChanged(facts) => erasure::change_retention_hold(facts, check),
        Event::ErasureOrdered(facts) => erasure::order_erasure(facts, check),
        Event::ConsentGiven(_)
        | Event::ScreeningConcluded(_)
        | Event::RiskAssessmentMade(_)
        | Event::SiblingNeedAssessed(_)
        | Event::CaseTransferred(_) => check.needs_open_case(),
        Event::EarlyAdviceStarted(_)
        | Event::FactReferenced(_)
        | Event::ArchiveVersionApproved(_)
        | Event::ErasureExecuted(_) => check.concerns_this_stream_only(),
        // Notes, documents and what others ask for go on after a case is closed; the log's own
        // facts and look-ups report what has happened.
        Event::NoteTaken(_)
        | Event::InformationObtained(_)
        | Event::DocumentFiled(_)
        | Event::FileAccessRequested(_)
        | Event::RecordAccessed(_)
        | Event::IntegrityChecked(_)
        | Event::RuleSetActivated(_)
        | Event::SafeguardOverridden(_) => {}
    }
}

/// The fact that makes the command's fact part of another case's reading.
///
/// # Errors
/// None in practice: the zeros that stand for the leaf are a digest.
fn reference(command: &Command, case: StreamId) -> Result<Decided, Refusal> {
    let target = EventRef {
        stream: command.stream,
        event: command.event,
    };
    let zeros = Digest::new("A".repeat(43)).map_err(|_| Refusal {
        code: RefusalCode::ValueMisfit,
        field: None,
    })?;
    let mut meta = Meta::at(command.meta.occurred);
    meta.causation = Some(target);
    meta.source.clone_from(&command.meta.source);
    Ok(Decided {
        stream: case,
        kind: StreamKind::Case,
        event: None,
        facts: Event::FactReferenced(FactReferenced {
            target,
            leaf: zeros,
        }),
        meta,
        reference_to: Some(0),
    })
}
