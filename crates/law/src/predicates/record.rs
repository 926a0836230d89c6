//! What administrative law asks of the record itself, and of access to it.

use events::access::FileAccessBasis;
use events::casework::NoteKind;
use events::event::Event;
use events::rights::RequestKind;

use super::shared::{about_child, outcomes};
use crate::case::Case;
use crate::duty::{Duty, Met};
use crate::fact::Fact;
use crate::section::{Law, cites_letter};
use crate::seen::{Seen, first_after};
use events::moment::Moment;

/// When a fact came into a record: by the log, or as an imported source states it.
fn recorded(fact: &Fact<'_>) -> Moment {
    Moment::at(
        fact.meta
            .source
            .as_ref()
            .map_or(fact.recorded_at, |source| source.recorded_at),
    )
}

fn note_duties(case: &Case<'_>, counts: impl Fn(NoteKind) -> bool) -> Vec<Duty> {
    let notes = case
        .lists
        .notes
        .iter()
        .filter(|note| counts(note.says.kind));
    notes
        .map(|note| {
            Duty::from(note).met_at(Some(Met {
                at: recorded(&note.fact),
                by: vec![note.event()],
            }))
        })
        .collect()
}

/// Facts, opinions and essential steps are noted soon.
pub(super) fn notes(case: &Case<'_>) -> Vec<Duty> {
    note_duties(case, |kind| {
        matches!(
            kind,
            NoteKind::Fact | NoteKind::ExpertOpinion | NoteKind::EssentialStep
        )
    })
}

/// Every note against the municipality's target.
pub(super) fn note_lag(case: &Case<'_>) -> Vec<Duty> {
    note_duties(case, |_| true)
}

/// Documents are journalised soon, with title and date. A document that is only named in another
/// fact, without a journal entry, is not.
pub(super) fn journal(case: &Case<'_>) -> Vec<Duty> {
    let duties = case.facts.iter().filter_map(|(moment, fact)| {
        let met = Met {
            at: recorded(fact),
            by: vec![fact.event],
        };
        match (&fact.meta.journal, fact.facts) {
            (Some(journal), _) => Some(
                Duty::arising(fact.event, fact.index, Moment::on(journal.doc_date))
                    .met_at(Some(met)),
            ),
            (None, Event::DocumentFiled(_)) => {
                Some(Duty::arising(fact.event, fact.index, *moment).met_at(Some(met)))
            }
            (None, Event::InformationObtained(obtained)) if obtained.document.is_some() => {
                Some(Duty::arising(fact.event, fact.index, *moment))
            }
            _ => None,
        }
    });
    duties.collect()
}

fn access(case: &Case<'_>, bases: &[FileAccessBasis]) -> Vec<Duty> {
    let asked = case
        .lists
        .access_requests
        .iter()
        .filter(|request| bases.contains(&request.says.basis));
    asked
        .map(|request| {
            Duty::from(request)
                .towards(case.person(request.says.requester))
                .met(given(case, request))
        })
        .collect()
}

fn given<'s, 'a>(
    case: &'s Case<'a>,
    request: &Seen<'_, events::access::FileAccessRequested>,
) -> Option<&'s Seen<'a, events::access::DisclosureMade>> {
    first_after(&case.lists.disclosures, request.moment, |disclosure| {
        disclosure.says.request == Some(request.event())
    })
}

/// Access to the file is given in working days.
pub(super) fn file_access(case: &Case<'_>) -> Vec<Duty> {
    access(
        case,
        &[
            FileAccessBasis::Fvl9,
            FileAccessBasis::Ofl7,
            FileAccessBasis::Ofl8,
        ],
    )
}

/// The data subject's own access is given within a month.
pub(super) fn own_access(case: &Case<'_>) -> Vec<Duty> {
    access(case, &[FileAccessBasis::Gdpr15])
}

/// A decision waits until a party has seen the file, or a note says why it could not.
pub(super) fn decision_waits(case: &Case<'_>) -> Vec<Duty> {
    let asked = case
        .lists
        .access_requests
        .iter()
        .filter(|request| request.says.basis == FileAccessBasis::Fvl9);
    let duties = asked.map(|request| {
        let own = first_after(&case.lists.decisions, request.moment, |decision| {
            about_child(case, decision.says)
        });
        let committee = first_after(
            &case.lists.committee_decisions,
            request.moment,
            |decision| outcomes(case, decision.says).next().is_some(),
        );
        let noted = first_after(&case.lists.notes, request.moment, |note| {
            cites_letter(note.fact.meta, Law::Fvl, 9, 'b')
        });
        let mut duty = Duty::from(request)
            .towards(case.person(request.says.requester))
            .met(given(case, request))
            .waived(noted);
        let targets = [
            own.map(|seen| (seen.moment, seen.event())),
            committee.map(|seen| (seen.moment, seen.event())),
        ];
        duty.target = targets
            .into_iter()
            .flatten()
            .min()
            .map(|(moment, event)| (event, moment));
        duty
    });
    duties.collect()
}

/// Written reasons follow an oral decision when they are asked for.
pub(super) fn written_reasons(case: &Case<'_>) -> Vec<Duty> {
    let asked = case
        .lists
        .requests
        .iter()
        .filter(|request| request.says.kind == RequestKind::WrittenReasonsFvl23);
    let duties = asked.map(|request| {
        let answered = first_after(
            &case.lists.communications,
            request.moment,
            |communication| {
                request
                    .says
                    .decision
                    .is_none_or(|decision| decision == communication.says.decision)
                    && communication
                        .says
                        .recipients
                        .iter()
                        .any(|recipient| !recipient.oral)
            },
        );
        Duty::from(request)
            .towards(case.person(request.says.by))
            .met(answered)
    });
    duties.collect()
}
