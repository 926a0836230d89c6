//! Every fact in one line of plain English.

use events::event::Event;
use events::personal::Personal;

use crate::views::plain::{excerpt, plain, tenths, yes};

/// The fact in one line.
#[expect(clippy::too_many_lines, reason = "one arm for each event type")]
#[must_use]
pub fn line(facts: &Event) -> String {
    match facts {
        Event::NotificationReceived(f) => format!(
            "Notification from {}: {}",
            plain(f.notifier_kind),
            excerpt(&f.text)
        ),
        Event::AcuteAssessmentMade(f) => format!(
            "Acute measure needed: {}. {}",
            yes(f.acute_measure_needed),
            excerpt(&f.reasons)
        ),
        Event::NotificationReceiptConfirmed(f) => match f.not_possible {
            Some(reason) => format!("No receipt possible: {}", plain(reason)),
            None => "Receipt sent to the notifier".to_owned(),
        },
        Event::NotificationMatched(f) => {
            format!(
                "Matched to {} case(s); running measure: {}",
                f.cases.len(),
                plain(f.running_measure)
            )
        }
        Event::NotificationReassessed(f) => format!(
            "Judged again; change needed: {}. {}",
            yes(f.change_needed),
            excerpt(&f.result)
        ),
        Event::IntermunicipalNotificationSent(f) => {
            format!(
                "Municipality {} told, {} document(s): {}",
                f.to,
                f.document_count,
                excerpt(&f.summary)
            )
        }
        Event::NotifierFeedbackGiven(f) => format!("Notifier told: {}", plain(f.outcome)),
        Event::PersonRegistered(f) => format!("{} registered as {}", f.name, plain(f.person.role)),
        Event::PersonIdentified(f) => match &f.name {
            Some(name) => format!("{name} identified ({})", plain(f.source)),
            None => format!("Person identified ({})", plain(f.source)),
        },
        Event::PersonsMerged(f) => {
            format!("Two registrations are one person: {}", excerpt(&f.reasons))
        }
        Event::ResponsibleMunicipalityChanged(f) => format!(
            "Responsible municipality: {} → {} ({})",
            f.from,
            f.to,
            plain(f.reason)
        ),
        Event::RelationRecorded(f) => format!("Relation: {} ({})", plain(f.kind), plain(f.source)),
        Event::ConsentGiven(f) => format!(
            "Consent to {} by {}: {}",
            plain(f.purpose),
            plain(f.giver.role),
            excerpt(&f.scope)
        ),
        Event::ConsentWithdrawn(f) => format!(
            "Consent to {} {} by {}",
            plain(f.purpose),
            plain(f.kind),
            plain(f.by.role)
        ),
        Event::RepresentativeAppointed(f) => {
            format!(
                "{} of the {}: {}",
                plain(f.kind),
                plain(f.of.role),
                plain(f.status)
            )
        }
        Event::ProtectionMarkerSet(f) => format!("Protected: {}", plain(f.kind)),
        Event::NetworkMapped(f) => format!(
            "Network: {}, {} resource person(s)",
            plain(f.result),
            f.resource_persons.len()
        ),
        Event::EarlyAdviceStarted(f) => {
            format!("Early advice ({}): {}", plain(f.kind), excerpt(&f.ground))
        }
        Event::CaseOpened(f) => match &f.case_number {
            Some(number) => format!("Case {number} opened: {}", excerpt(&f.ground)),
            None => format!("Case opened: {}", excerpt(&f.ground)),
        },
        Event::CaseworkerAssigned(f) => {
            let names: Vec<&str> = f
                .caseworkers
                .iter()
                .map(events::text::EmployeeId::as_str)
                .collect();
            format!("Assigned to {}", names.join(", "))
        }
        Event::NeedAwarenessEstablished(f) => format!("Need known since {}", f.aware_at),
        Event::ScreeningConcluded(f) => format!(
            "Screening: {}, weight {}",
            plain(f.outcome),
            plain(f.weight)
        ),
        Event::RiskAssessmentMade(f) => {
            format!("Risk: {}. {}", plain(f.result), excerpt(&f.reasons))
        }
        Event::AssessmentOpened(f) => format!("Assessment opened: {}", plain(f.kind)),
        Event::AssessmentReported(f) => format!(
            "Assessment reported ({}, {} words): recommends {}. {}",
            plain(f.stage),
            f.length_words,
            f.section.as_ref().map_or_else(
                || plain(f.recommendation),
                |section| section.as_str().to_owned()
            ),
            excerpt(&f.conclusion)
        ),
        Event::SiblingNeedAssessed(f) => {
            format!("Sibling: {}. {}", plain(f.result), excerpt(&f.reasons))
        }
        Event::ChildHeard(f) => format!(
            "Child heard ({}): “{}”",
            plain(f.occasion),
            excerpt(&f.childs_words())
        ),
        Event::ChildHearingWaived(f) => format!(
            "Child not heard ({}): {}",
            plain(f.ground),
            excerpt(&f.reasons)
        ),
        Event::NetworkMeetingHeld(f) => {
            let agreed: Vec<&str> = f
                .agreements
                .iter()
                .map(|agreement| agreement.what.as_str())
                .collect();
            format!("Network meeting; agreed: {}", agreed.join("; "))
        }
        Event::NoteTaken(f) => format!("Note ({}): {}", plain(f.kind), excerpt(&f.text)),
        Event::InformationObtained(f) => format!(
            "Information from {}: {}",
            f.from.as_str(),
            excerpt(&f.content)
        ),
        Event::DocumentFiled(f) => match &f.content {
            Personal::Known(content) => format!(
                "Document filed: {} ({}, {} bytes)",
                f.title, content.media_type, content.size
            ),
            gone => format!("Document filed: {} {}", f.title, gap(gone)),
        },
        Event::PartyHearingHeld(f) => match (&f.material, f.exception) {
            (Some(material), _) => format!("{} heard on: {material}", plain(f.party.role)),
            (None, Some(exception)) => {
                format!("{} not heard: {}", plain(f.party.role), plain(exception))
            }
            (None, None) => format!("{} heard", plain(f.party.role)),
        },
        Event::RequestMade(f) => format!(
            "Request of the {} ({}): {}",
            plain(f.by.role),
            plain(f.kind),
            excerpt(&f.text)
        ),
        Event::ProvisionalDecisionMade(f) => format!(
            "Provisional decision by the {} on {}: {}",
            plain(f.by),
            f.sections
                .iter()
                .map(events::text::Section::as_str)
                .collect::<Vec<_>>()
                .join(", "),
            excerpt(&f.urgency)
        ),
        Event::CommitteeSubmissionMade(f) => {
            format!("Submitted to the committee: {} item(s)", f.contents.len())
        }
        Event::CommitteeDecisionMade(f) => {
            let outcomes: Vec<String> = f
                .outcomes
                .iter()
                .map(|o| {
                    format!(
                        "{} {} {}–{}",
                        o.section,
                        plain(o.outcome),
                        o.votes_for,
                        o.votes_against
                    )
                })
                .collect();
            format!("Committee: {}", outcomes.join("; "))
        }
        Event::DecisionMade(f) => format!(
            "Decision, {}: {}. {}",
            f.section.as_str(),
            plain(f.outcome),
            excerpt(&f.purpose)
        ),
        Event::DecisionCommunicated(f) => format!(
            "Decision communicated to {} recipient(s)",
            f.recipients.len()
        ),
        Event::PlanAdopted(f) => format!("Plan adopted ({}), version {}", plain(f.kind), f.version),
        Event::GoalSet(f) => format!("Goal set: “{}”", excerpt(&f.wording)),
        Event::GoalChanged(f) => format!(
            "Goal {}: {}",
            plain(f.change),
            excerpt(f.new_wording.as_ref().unwrap_or(&f.reason))
        ),
        Event::SupportStarted(f) => format!(
            "Support started: {}, step {}, by {}",
            f.section.as_str(),
            f.ladder_step,
            f.provider.as_str()
        ),
        Event::SupportAdjusted(f) => format!("Support adjusted: {}", excerpt(&f.what_changed)),
        Event::SupportEnded(f) => format!("Support ended: {}", plain(f.ground)),
        Event::FollowUpHeld(f) => format!(
            "Follow-up: {}. {}",
            plain(f.measure_judgement),
            excerpt(&f.wellbeing_judgement)
        ),
        Event::WellbeingMeasured(f) => {
            let total = match &f.scores {
                None => "no scores".to_owned(),
                Some(scores) => scores
                    .known()
                    .map_or_else(|| gap(scores).to_owned(), |scores| tenths(scores.total)),
            };
            format!("{} by {}: {total}", f.instrument, plain(f.respondent.role))
        }
        Event::SupervisionVisitHeld(f) => {
            format!(
                "Supervision visit; child spoken to: {}, without staff: {}",
                yes(f.child_spoken_to),
                yes(f.staff_absent)
            )
        }
        Event::ComplaintReceived(f) => format!(
            "Complaint by the {}: {}",
            plain(f.complainant.role),
            excerpt(&f.wants)
        ),
        Event::ComplaintReassessed(f) => format!(
            "Complaint judged again: {}. {}",
            plain(f.outcome),
            excerpt(&f.reasons)
        ),
        Event::AppealForwarded(f) => format!(
            "Complaint forwarded to the Appeals Board with {} item(s)",
            f.manifest.len()
        ),
        Event::AppealOutcomeReceived(f) => {
            let outcomes: Vec<String> = f
                .outcomes
                .iter()
                .map(|o| format!("{} {}", o.section, plain(o.outcome)))
                .collect();
            format!("{}: {}", plain(f.instance), outcomes.join("; "))
        }
        Event::CaseTransferred(f) => format!(
            "Case transferred ({}) {}: {}",
            plain(f.direction),
            f.counterpart,
            f.basis
        ),
        Event::CaseReopened(f) => format!("Case opened again: {}", excerpt(&f.ground)),
        Event::CaseClosed(f) => {
            format!("Case closed: {}. {}", plain(f.ground), excerpt(&f.reasons))
        }
        Event::FactReferenced(_) => "A fact of another stream belongs to this case".to_owned(),
        Event::EventCorrected(f) => {
            format!("Correction of {}: {}", f.field.as_str(), excerpt(&f.reason))
        }
        Event::EventAnnulled(f) => format!(
            "Annulled ({}): {}",
            plain(f.reason),
            excerpt(&f.explanation)
        ),
        Event::RecordAccessed(f) => format!("Looked up: {} ({})", f.scope, plain(f.result)),
        Event::FileAccessRequested(f) => format!(
            "Access to the file asked for ({}): {}",
            plain(f.basis),
            excerpt(&f.scope)
        ),
        Event::DisclosureMade(f) => format!(
            "Given out ({}) to {}, {} thing(s) withheld",
            plain(f.kind),
            f.recipient,
            f.redactions.len()
        ),
        Event::IntegrityChecked(f) => {
            format!("Log of {} entries checked: {}", f.size, plain(f.result))
        }
        Event::SafeguardOverridden(f) => format!(
            "Safeguard set aside ({}): {}",
            plain(f.safeguard),
            excerpt(&f.reason)
        ),
        Event::RuleSetActivated(f) => format!(
            "Catalogue of {} rules put into force: {}",
            f.rules, f.version
        ),
        Event::RetentionHoldChanged(f) => match f.lifts {
            None => format!(
                "Nothing may be erased for the time being ({}): {}",
                plain(f.ground),
                excerpt(&f.reasons)
            ),
            Some(_) => format!("A hold on erasing was lifted: {}", excerpt(&f.reasons)),
        },
        Event::ArchiveVersionApproved(f) => {
            format!("Archive version {} approved by {}", f.version, f.archive)
        }
        Event::ErasureOrdered(f) => format!(
            "Erasure ordered ({}): {} item(s)",
            plain(f.scope),
            f.targets.len()
        ),
        Event::ErasureExecuted(f) => {
            format!("Erasure carried out: {} key(s) destroyed", f.keys_destroyed)
        }
    }
}

/// What is shown where a value would stand.
fn gap<T>(value: &Personal<T>) -> &'static str {
    if matches!(value, Personal::Erased) {
        "[erased]"
    } else {
        "[withheld]"
    }
}
