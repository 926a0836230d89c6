//! Orders in the caseworker's words, one for each event type that people record.

use app::commands::correct::CorrectionOrder;
use app::commands::erase::{EraseTarget, ErasureOrder};
use app::commands::record::{Order, Recording};
use app::error::RecordError;
use app::session::Session;
use app::wanted::Wanted;
use async_graphql::{Context, InputObject, Json, Object, Result};
use events::erasure::{ErasureGround, ErasureScope};
use events::ids::{CommandId, EventId, FamilyId, PersonId, StreamId};
use events::meta::{Channel, EventRef, Journal, Meta, Source};
use events::person::PersonRef;
use events::text::{EmployeeId, Short};
use events::time::Occurred;
use events::words::Words;
use jiff::civil::Date;
use record::positions::StreamVersion;

use crate::error::bad_input;
use crate::payload::RecordPayload;

/// The mutations: orders with the facts that each records.
macro_rules! orders {
    ($($(#[$doc:meta])* $field:ident, $input:ident => $module:ident::$facts:ident;)+) => {
        $(
            #[doc = concat!("Input of the order that records [`events::", stringify!($module), "::", stringify!($facts), "`].")]
            #[derive(Debug, Clone, InputObject)]
            pub struct $input {
                /// Chosen by the client; the same id with the same input always answers the same
                /// receipt.
                pub command_id: CommandId,
                /// Id of the event, where the client chooses it.
                pub event_id: Option<EventId>,
                /// The case, notification or person; where the order begins one, its new id, made
                /// by the server when not stated.
                pub stream: Option<StreamId>,
                /// Version of the stream that the author had on screen. Needed where the outcome
                /// depends on what others may have recorded meanwhile.
                pub expected_version: Option<u64>,
                /// Cases of brothers and sisters that the fact belongs to too: it is written once
                /// and referenced there.
                pub also_cases: Option<Vec<StreamId>>,
                /// When it took place.
                pub occurred: Occurred,
                /// Through which channel.
                pub channel: Option<Channel>,
                /// Sections of law that it rests on.
                pub legal_basis: Option<Vec<Short>>,
                /// Rule set in force, where the author states one.
                pub rule_set: Option<Short>,
                /// First day of validity, where the fact has one.
                pub effective_from: Option<Date>,
                /// Last day of validity, where the fact has one.
                pub effective_to: Option<Date>,
                /// Journal entry, where a document goes with it.
                pub journal: Option<Journal>,
                /// The event that caused this one.
                pub causation: Option<EventRef>,
                /// The family that it belongs to.
                pub family: Option<FamilyId>,
                /// Log position that the author had on screen.
                pub based_on: Option<u64>,
                /// Where it was imported from: stated, not proven.
                pub source: Option<Source>,
                /// The fact.
                pub facts: events::$module::$facts,
            }

            impl From<$input> for Order {
                fn from(input: $input) -> Self {
                    Self {
                        command: input.command_id,
                        event: input.event_id,
                        stream: input.stream,
                        expected_version: input.expected_version.map(StreamVersion::new),
                        also: input.also_cases.unwrap_or_default(),
                        meta: Meta {
                            occurred: input.occurred,
                            channel: input.channel,
                            legal_basis: input.legal_basis.unwrap_or_default(),
                            rule_set: input.rule_set,
                            effective_from: input.effective_from,
                            effective_to: input.effective_to,
                            journal: input.journal,
                            causation: input.causation,
                            correlation: input.family,
                            based_on: input.based_on,
                            source: input.source,
                        },
                        facts: input.facts.into(),
                    }
                }
            }
        )+

        /// Orders that record facts. Each answers why nothing was recorded, or the receipt and the
        /// changed view.
        pub struct MutationRoot;

        #[Object(name = "Mutation")]
        impl MutationRoot {
            $(
                $(#[$doc])*
                async fn $field(&self, ctx: &Context<'_>, #[graphql(desc = "The order.")] input: $input) -> Result<RecordPayload> {
                    record(ctx, &input.into()).await
                }
            )+

            /// Corrects an earlier fact: from now on it reads differently, and both stay visible.
            async fn correct_event(&self, ctx: &Context<'_>, #[graphql(desc = "The order.")] input: CorrectEventInput) -> Result<RecordPayload> {
                let order = input.into();
                on_a_thread(ctx, move |session| session.correct(&order)).await
            }

            /// Orders a lawful erasure and carries it out.
            async fn order_erasure(&self, ctx: &Context<'_>, #[graphql(desc = "The order.")] input: OrderErasureInput) -> Result<RecordPayload> {
                let order = input.order()?;
                on_a_thread(ctx, move |session| session.erase(&order)).await
            }
        }
    };
}

orders! {
    /// A notification of concern (underretning) reached the municipality.
    receive_notification, ReceiveNotificationInput => notification::NotificationReceived;
    /// The acute assessment within 24 hours (BL § 136(2)) was made.
    make_acute_assessment, MakeAcuteAssessmentInput => notification::AcuteAssessmentMade;
    /// The sender got a receipt (BL § 138(1)), or could not get one.
    confirm_notification_receipt, ConfirmNotificationReceiptInput => notification::NotificationReceiptConfirmed;
    /// The notification was connected with its children and their cases.
    match_notification, MatchNotificationInput => notification::NotificationMatched;
    /// The case was judged again because of a notification (BL § 137(1)).
    reassess_notification, ReassessNotificationInput => notification::NotificationReassessed;
    /// The sender was told what the notification led to (BL § 138(2)).
    give_notifier_feedback, GiveNotifierFeedbackInput => notification::NotifierFeedbackGiven;
    /// Another municipality was told of a family that moves there (BL § 132).
    notify_municipality, NotifyMunicipalityInput => moving::IntermunicipalNotificationSent;
    /// A person who was not identified or not born became known.
    identify_person, IdentifyPersonInput => people::PersonIdentified;
    /// Two registrations turned out to be one person.
    merge_persons, MergePersonsInput => people::PersonsMerged;
    /// Another municipality became responsible (RSL §§ 9, 9 a).
    change_responsible_municipality, ChangeResponsibleMunicipalityInput => moving::ResponsibleMunicipalityChanged;
    /// A person's data was marked as protected.
    set_protection_marker, SetProtectionMarkerInput => rights::ProtectionMarkerSet;
    /// A person was registered.
    register_person, RegisterPersonInput => people::PersonRegistered;
    /// A family or custody relation was recorded.
    record_relation, RecordRelationInput => people::RelationRecorded;
    /// A person consented.
    give_consent, GiveConsentInput => people::ConsentGiven;
    /// A consent was taken back or refused.
    withdraw_consent, WithdrawConsentInput => rights::ConsentWithdrawn;
    /// A companion, representative, lawyer or support person was appointed, or that ended.
    appoint_representative, AppointRepresentativeInput => rights::RepresentativeAppointed;
    /// The child's network was mapped (BL § 8(3)).
    map_network, MapNetworkInput => people::NetworkMapped;
    /// Early advice or an early measure was started, without a case (BL §§ 28-30).
    start_early_advice, StartEarlyAdviceInput => early_advice::EarlyAdviceStarted;
    /// A case was opened.
    open_case, OpenCaseInput => casework::CaseOpened;
    /// The case was given to its caseworkers.
    assign_caseworker, AssignCaseworkerInput => casework::CaseworkerAssigned;
    /// The day on which the municipality knew of the need was established (BL § 20(3)).
    establish_need_awareness, EstablishNeedAwarenessInput => casework::NeedAwarenessEstablished;
    /// The case was screened (BL § 18).
    conclude_screening, ConcludeScreeningInput => assessment::ScreeningConcluded;
    /// The risk of involving parents and network was judged (BL § 18(3)).
    make_risk_assessment, MakeRiskAssessmentInput => assessment::RiskAssessmentMade;
    /// An assessment was started (BL §§ 19-27).
    open_assessment, OpenAssessmentInput => assessment::AssessmentOpened;
    /// An assessment was reported.
    report_assessment, ReportAssessmentInput => assessment::AssessmentReported;
    /// The need of a brother or sister was judged (BL § 19(3)).
    assess_sibling_need, AssessSiblingNeedInput => assessment::SiblingNeedAssessed;
    /// A child was involved or heard (BL § 5).
    hear_child, HearChildInput => involvement::ChildHeard;
    /// A child was not heard, for a reason (BL § 5(4)).
    waive_child_hearing, WaiveChildHearingInput => involvement::ChildHearingWaived;
    /// Family, network and professionals met (BL § 8).
    hold_network_meeting, HoldNetworkMeetingInput => involvement::NetworkMeetingHeld;
    /// A note was taken (OFL § 13).
    take_note, TakeNoteInput => casework::NoteTaken;
    /// Information was obtained (RSL § 11 a).
    obtain_information, ObtainInformationInput => casework::InformationObtained;
    /// A party was heard, or the reason why not recorded (FVL § 19).
    hear_party, HearPartyInput => rights::PartyHearingHeld;
    /// The child, a parent or another party asked for something.
    make_request, MakeRequestInput => rights::RequestMade;
    /// A provisional decision was made (BL § 143).
    make_provisional_decision, MakeProvisionalDecisionInput => committee::ProvisionalDecisionMade;
    /// A matter was submitted to the committee (BL § 51).
    submit_to_committee, SubmitToCommitteeInput => committee::CommitteeSubmissionMade;
    /// The committee decided (BL § 142).
    record_committee_decision, RecordCommitteeDecisionInput => committee::CommitteeDecisionMade;
    /// A decision was made.
    make_decision, MakeDecisionInput => decision::DecisionMade;
    /// A decision was communicated.
    communicate_decision, CommunicateDecisionInput => decision::DecisionCommunicated;
    /// A version of a plan was adopted (BL § 91).
    adopt_plan, AdoptPlanInput => plan::PlanAdopted;
    /// A goal was set (BL § 92).
    set_goal, SetGoalInput => plan::GoalSet;
    /// A goal was changed.
    change_goal, ChangeGoalInput => plan::GoalChanged;
    /// A support measure was started.
    start_support, StartSupportInput => support::SupportStarted;
    /// A support measure was adjusted.
    adjust_support, AdjustSupportInput => support::SupportAdjusted;
    /// A support measure or a course of advice ended.
    end_support, EndSupportInput => support::SupportEnded;
    /// Measure and well-being were followed up (BL § 95).
    hold_follow_up, HoldFollowUpInput => plan::FollowUpHeld;
    /// Well-being or the alliance was measured.
    measure_wellbeing, MeasureWellbeingInput => support::WellbeingMeasured;
    /// A placed child was visited and talked to (BL § 156).
    hold_supervision_visit, HoldSupervisionVisitInput => support::SupervisionVisitHeld;
    /// A complaint came in (RSL §§ 66-67).
    receive_complaint, ReceiveComplaintInput => appeal::ComplaintReceived;
    /// The municipality judged its own decision again (RSL § 66).
    reassess_complaint, ReassessComplaintInput => appeal::ComplaintReassessed;
    /// A complaint was sent to the Appeals Board with the file (RSB §§ 11-14).
    forward_appeal, ForwardAppealInput => appeal::AppealForwarded;
    /// The Appeals Board or a court decided.
    receive_appeal_outcome, ReceiveAppealOutcomeInput => appeal::AppealOutcomeReceived;
    /// Somebody looked something up; it stands in the access log.
    record_access, RecordAccessInput => access::RecordAccessed;
    /// Somebody asked to see the file (FVL § 9).
    request_file_access, RequestFileAccessInput => access::FileAccessRequested;
    /// Something was given out, whole or in part (FVL § 16).
    make_disclosure, MakeDisclosureInput => access::DisclosureMade;
    /// A case was handed over to or taken over from another municipality.
    transfer_case, TransferCaseInput => moving::CaseTransferred;
    /// A case was closed.
    close_case, CloseCaseInput => lifecycle::CaseClosed;
    /// A closed case was opened again.
    reopen_case, ReopenCaseInput => lifecycle::CaseReopened;
    /// Nothing of a stream may be erased for the time being, or may be again.
    change_retention_hold, ChangeRetentionHoldInput => erasure::RetentionHoldChanged;
    /// The receiving archive approved the archive version that holds a stream (ARV § 7).
    record_archive_approval, RecordArchiveApprovalInput => erasure::ArchiveVersionApproved;
    /// An earlier registration no longer counts; it stays visible with the reason.
    annul_event, AnnulEventInput => correction::EventAnnulled;
    /// The log was checked against its checkpoint.
    record_integrity_check, RecordIntegrityCheckInput => log::IntegrityChecked;
    /// A catalogue of rules was put into force.
    activate_rule_set, ActivateRuleSetInput => log::RuleSetActivated;
}

/// Input of a correction.
#[derive(Debug, Clone, InputObject)]
pub struct CorrectEventInput {
    /// Chosen by the client.
    pub command_id: CommandId,
    /// Id of the correction, where the client chooses it.
    pub event_id: Option<EventId>,
    /// Version of the stream that the author had on screen.
    pub expected_version: Option<u64>,
    /// When the correction was made.
    pub occurred: Occurred,
    /// Where it was imported from: stated, not proven.
    pub source: Option<Source>,
    /// The fact to be corrected.
    pub target: EventRef,
    /// Its field, by stored name (`own_words`); `meta` for its circumstances.
    pub field: String,
    /// Whose value it is, where several persons have one.
    pub subject: Option<PersonRef>,
    /// Which elements of the field, counted from 0; all when not stated.
    pub elements: Option<Vec<usize>>,
    /// The new value, by stored names: for `meta` an object whose members replace those of the
    /// circumstances, for a list all new elements, otherwise one value.
    pub value: Json<serde_json::Value>,
    /// Why.
    pub reason: Words,
    /// What shows it.
    pub evidence: Option<Words>,
}

impl From<CorrectEventInput> for CorrectionOrder {
    fn from(input: CorrectEventInput) -> Self {
        let mut meta = Meta::at(input.occurred);
        meta.source = input.source;
        Self {
            command: input.command_id,
            event: input.event_id,
            expected_version: input.expected_version.map(StreamVersion::new),
            meta,
            target: input.target,
            field: input.field,
            subject: input.subject,
            elements: input.elements,
            value: input.value.0,
            reason: input.reason,
            evidence: input.evidence,
        }
    }
}

/// Input of an erasure.
#[derive(Debug, Clone, InputObject)]
pub struct OrderErasureInput {
    /// Chosen by the client.
    pub command_id: CommandId,
    /// When it was ordered.
    pub occurred: Occurred,
    /// Where it was imported from: stated, not proven.
    pub source: Option<Source>,
    /// How much is erased.
    pub scope: ErasureScope,
    /// The event; needed unless the scope is a person or a case.
    pub event: Option<EventRef>,
    /// The person, when the scope is one.
    pub person: Option<PersonId>,
    /// The case or notification, when the scope is one.
    pub stream: Option<StreamId>,
    /// The field by stored name, when the scope is a value.
    pub field: Option<String>,
    /// Which element of the field, counted from 0, when the scope is a value.
    pub element: Option<usize>,
    /// Whose part or value it is; not stated for a fact about the matter.
    pub subject: Option<PersonRef>,
    /// On what ground.
    pub ground: ErasureGround,
    /// Which duty to keep was weighed, and why it yields.
    pub legal_check: Words,
    /// Who approved it; never the one who orders.
    pub approved_by: EmployeeId,
}

impl OrderErasureInput {
    fn order(self) -> Result<ErasureOrder> {
        let missing = |field: &str| bad_input(&format!("input.{field} is needed for this scope"));
        let event = self.event.ok_or_else(|| missing("event"));
        let target = match self.scope {
            ErasureScope::Value => EraseTarget::Value {
                event: event?,
                field: self.field.ok_or_else(|| missing("field"))?,
                subject: self.subject,
                element: self.element.unwrap_or(0),
            },
            ErasureScope::Part => EraseTarget::Part {
                event: event?,
                subject: self.subject.ok_or_else(|| missing("subject"))?,
            },
            ErasureScope::Event => EraseTarget::Event(event?),
            ErasureScope::Person => {
                EraseTarget::Person(self.person.ok_or_else(|| missing("person"))?)
            }
            ErasureScope::Case => EraseTarget::Case(self.stream.ok_or_else(|| missing("stream"))?),
        };
        let mut meta = Meta::at(self.occurred);
        meta.source = self.source;
        Ok(ErasureOrder {
            command: self.command_id,
            meta,
            target,
            ground: self.ground,
            legal_check: self.legal_check,
            approved_by: self.approved_by,
        })
    }
}

/// The session, as long as somebody waits for the outcome.
fn session(ctx: &Context<'_>) -> Result<Session> {
    let wanted = ctx.data_opt::<Wanted>().cloned().unwrap_or_default();
    Ok(ctx.data::<Session>()?.while_wanted(wanted))
}

async fn record(ctx: &Context<'_>, order: &Order) -> Result<RecordPayload> {
    let recorded = RecordPayload::of(session(ctx)?.recording(order).await)?;
    Ok(recorded.naming_roles(order.facts.spec()))
}

/// Runs a use case that waits for others while it keeps its thread: one of its own, because those
/// others may need the one that this is asked on.
async fn on_a_thread(
    ctx: &Context<'_>,
    work: impl FnOnce(&Session) -> std::result::Result<Recording, RecordError> + Send + 'static,
) -> Result<RecordPayload> {
    let session = session(ctx)?;
    RecordPayload::of(tokio::task::spawn_blocking(move || work(&session)).await?)
}
