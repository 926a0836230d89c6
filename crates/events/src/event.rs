//! Every event type in one enumeration: the only list of them.

use std::collections::BTreeSet;

use crate::meta::{Actor, Meta};
use crate::named;
use crate::parts::{self, DecodeError, EncodeError};
use crate::person::PersonRef;
use crate::raw::{PlainEvent, RawEvent};
use crate::spec::{EventSpec, Facts, StreamKind};

macro_rules! events {
    ($($module:ident :: $name:ident,)+) => {
        /// The facts of one event.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Event {
            $(
                #[doc = concat!("See [`crate::", stringify!($module), "::", stringify!($name), "`].")]
                $name(crate::$module::$name),
            )+
        }

        /// Every event type, in the order of the catalogue.
        pub const CATALOGUE: &[EventSpec] = &[$(<crate::$module::$name as Facts>::SPEC,)+];

        /// JSON Schema of each type's fields, in the order of the catalogue.
        #[must_use]
        pub fn field_schemas() -> Vec<(&'static EventSpec, schemars::Schema)> {
            let schemas = vec![$(schemars::schema_for!(crate::$module::$name),)+];
            CATALOGUE.iter().zip(schemas).collect()
        }

        impl Event {
            /// What is fixed about its type.
            #[must_use]
            pub const fn spec(&self) -> &'static EventSpec {
                match self {
                    $(Self::$name(_) => &<crate::$module::$name as Facts>::SPEC,)+
                }
            }

            /// Splits the event into the parts that are stored.
            ///
            /// # Errors
            /// [`EncodeError`] when a field is about a person that the event does not name.
            pub fn encode(&self, meta: &Meta, actor: &Actor, stream: StreamKind) -> Result<PlainEvent, EncodeError> {
                match self {
                    $(Self::$name(facts) => parts::encode(facts, meta, actor, stream),)+
                }
            }

            /// Puts an event of the newest version together again.
            ///
            /// # Errors
            /// [`DecodeError`]; an unknown type or a newer version is never guessed at.
            pub fn decode(raw: &RawEvent) -> Result<Self, DecodeError> {
                match raw.kind.as_str() {
                    $(stringify!($name) => {
                        version(raw, &<crate::$module::$name as Facts>::SPEC)?;
                        parts::decode(raw).map(Self::$name)
                    })+
                    unknown => Err(DecodeError::UnknownType { kind: unknown.to_owned() }),
                }
            }

            /// Reads facts from the stored names of an event type.
            ///
            /// # Errors
            /// A text that names the field.
            pub fn from_json(kind: &str, facts: serde_json::Value) -> Result<Self, serde_json::Error> {
                match kind {
                    $(stringify!($name) => serde_json::from_value(facts).map(Self::$name),)+
                    unknown => Err(serde::de::Error::custom(format!("unknown event type {unknown}"))),
                }
            }

            /// The facts by their stored names.
            ///
            /// # Errors
            /// Only when serialising fails, which no event type does.
            pub fn to_json(&self) -> Result<serde_json::Value, serde_json::Error> {
                match self {
                    $(Self::$name(facts) => serde_json::to_value(facts),)+
                }
            }

            /// Everybody whom the facts name, in every role.
            #[must_use]
            pub fn people(&self) -> BTreeSet<PersonRef> {
                // Every fact can be serialised; one that could not would name nobody.
                match self {
                    $(Self::$name(facts) => named::people(facts).unwrap_or_default(),)+
                }
            }
        }

        $(
            impl From<crate::$module::$name> for Event {
                fn from(facts: crate::$module::$name) -> Self {
                    Self::$name(facts)
                }
            }
        )+
    };
}

events! {
    notification::NotificationReceived,
    notification::AcuteAssessmentMade,
    notification::NotificationReceiptConfirmed,
    notification::NotificationMatched,
    notification::NotificationReassessed,
    notification::NotifierFeedbackGiven,
    moving::IntermunicipalNotificationSent,
    people::PersonRegistered,
    people::PersonIdentified,
    people::PersonsMerged,
    people::RelationRecorded,
    moving::ResponsibleMunicipalityChanged,
    people::ConsentGiven,
    rights::ConsentWithdrawn,
    rights::RepresentativeAppointed,
    people::NetworkMapped,
    rights::ProtectionMarkerSet,
    early_advice::EarlyAdviceStarted,
    casework::CaseOpened,
    casework::CaseworkerAssigned,
    casework::NeedAwarenessEstablished,
    assessment::ScreeningConcluded,
    assessment::RiskAssessmentMade,
    assessment::AssessmentOpened,
    assessment::AssessmentReported,
    assessment::SiblingNeedAssessed,
    involvement::ChildHeard,
    involvement::ChildHearingWaived,
    involvement::NetworkMeetingHeld,
    casework::NoteTaken,
    casework::InformationObtained,
    document::DocumentFiled,
    rights::PartyHearingHeld,
    rights::RequestMade,
    decision::DecisionMade,
    decision::DecisionCommunicated,
    committee::ProvisionalDecisionMade,
    committee::CommitteeSubmissionMade,
    committee::CommitteeDecisionMade,
    plan::PlanAdopted,
    plan::GoalSet,
    plan::GoalChanged,
    support::SupportStarted,
    support::SupportAdjusted,
    support::SupportEnded,
    plan::FollowUpHeld,
    support::WellbeingMeasured,
    support::SupervisionVisitHeld,
    appeal::ComplaintReceived,
    appeal::ComplaintReassessed,
    appeal::AppealForwarded,
    appeal::AppealOutcomeReceived,
    moving::CaseTransferred,
    lifecycle::CaseClosed,
    lifecycle::CaseReopened,
    casework::FactReferenced,
    correction::EventCorrected,
    correction::EventAnnulled,
    access::RecordAccessed,
    access::FileAccessRequested,
    access::DisclosureMade,
    erasure::RetentionHoldChanged,
    erasure::ArchiveVersionApproved,
    erasure::ErasureOrdered,
    erasure::ErasureExecuted,
    log::IntegrityChecked,
    log::RuleSetActivated,
    log::SafeguardOverridden,
}

fn version(raw: &RawEvent, spec: &EventSpec) -> Result<(), DecodeError> {
    if raw.version == u64::from(spec.version) {
        Ok(())
    } else {
        Err(DecodeError::UnknownVersion {
            kind: raw.kind.clone(),
            version: raw.version,
            known: spec.version,
        })
    }
}

/// What is fixed about the type of that name.
#[must_use]
pub fn spec_of(kind: &str) -> Option<&'static EventSpec> {
    CATALOGUE.iter().find(|spec| spec.name == kind)
}
