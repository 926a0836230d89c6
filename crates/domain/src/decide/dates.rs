//! Dates that cannot be true, wherever they stand: in what was to come and has not, before anybody
//! lived, or in the wrong order within one fact.
//!
//! What other facts say of the same time is asked where the fact is decided, or shown as a finding.

use events::calendar::{add_months, subtract_months};
use events::event::Event;
use events::meta::Meta;
use events::moment::Moment;
use events::personal::Personal;
use events::time::{day_of, start_of_day};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::refusal::{Reasons, RefusalCode};

/// No fact of a case is older, and nobody who lives was born earlier.
const OLDEST: Date = jiff::civil::date(1900, 1, 1);
/// Nobody grows older, in months.
const OLDEST_AGE: u16 = 130 * 12;
/// No child is expected longer ahead, in months.
const PREGNANCY: u16 = 10;

/// The dates of one fact.
struct Dates<'a> {
    occurred: Moment,
    now: Timestamp,
    reasons: &'a mut Reasons,
}

impl Dates<'_> {
    fn refuse_if(&mut self, wrong: bool, code: RefusalCode, field: &str) {
        self.reasons.refuse_if(wrong, code, field);
    }

    fn past(&mut self, at: Option<Timestamp>, field: &str) {
        let ahead = at.is_some_and(|at| at > self.now);
        self.refuse_if(ahead, RefusalCode::TimeInFuture, field);
        self.possible(at.map(day_of), field);
    }

    fn possible(&mut self, day: Option<Date>, field: &str) {
        let impossible = day.is_some_and(|day| day < OLDEST);
        self.refuse_if(impossible, RefusalCode::DateImpossible, field);
    }

    /// It cannot lie before the fact.
    fn not_before(&mut self, moment: Option<Moment>, field: &str) {
        let before = moment.is_some_and(|moment| !self.occurred.not_after(moment));
        self.refuse_if(before, RefusalCode::DatesContradict, field);
    }

    fn born(&mut self, day: Option<&Personal<Date>>) {
        let day = day.and_then(|day| day.known()).copied();
        self.past(day.map(start_of_day), "birth_date");
        let oldest = subtract_months(self.occurred.day, OLDEST_AGE);
        let too_old = day.is_some_and(|day| day < oldest);
        self.refuse_if(too_old, RefusalCode::DateImpossible, "birth_date");
    }

    fn expected(&mut self, day: Option<&Personal<Date>>) {
        let day = day.and_then(|day| day.known()).copied();
        self.possible(day, "due_date");
        let latest = add_months(self.occurred.day, PREGNANCY);
        let too_late = day.is_some_and(|day| day > latest);
        self.refuse_if(too_late, RefusalCode::DateImpossible, "due_date");
    }

    fn circumstances(&mut self, meta: &Meta) {
        self.past(Some(meta.occurred.earliest()), "occurred");
        if let (Some(from), Some(to)) = (meta.effective_from, meta.effective_to) {
            self.refuse_if(to < from, RefusalCode::DatesContradict, "effective_to");
        }
        self.possible(meta.effective_from, "effective_from");
        self.possible(meta.effective_to, "effective_to");
        let journal = meta.journal.as_ref();
        let journalised = journal.map(|journal| start_of_day(journal.doc_date));
        self.past(journalised, "journal.doc_date");
        let source = meta.source.as_ref().map(|source| source.recorded_at);
        self.past(source, "source.recorded_at");
    }

    fn fact(&mut self, facts: &Event) {
        let on = |day: Option<Date>| day.map(Moment::on);
        match facts {
            Event::PersonRegistered(facts) => {
                self.born(facts.birth_date.as_ref());
                self.expected(facts.due_date.as_ref());
            }
            Event::PersonIdentified(facts) => self.born(facts.birth_date.as_ref()),
            Event::NeedAwarenessEstablished(facts) => {
                self.past(Some(start_of_day(facts.aware_at)), "aware_at");
                let later = !Moment::on(facts.aware_at).not_after(self.occurred);
                self.refuse_if(later, RefusalCode::DatesContradict, "aware_at");
            }
            Event::ProvisionalDecisionMade(facts) => {
                self.past(facts.carried_out_at, "carried_out_at");
                self.not_before(facts.carried_out_at.map(Moment::at), "carried_out_at");
            }
            Event::CommitteeDecisionMade(facts) => {
                for outcome in &facts.outcomes {
                    self.not_before(on(outcome.valid_to), "outcomes.valid_to");
                    self.not_before(on(outcome.renew_by), "outcomes.renew_by");
                }
            }
            Event::AppealOutcomeReceived(facts) => {
                for outcome in &facts.outcomes {
                    self.not_before(on(outcome.deadline), "outcomes.deadline");
                }
                self.possible(facts.effective, "effective");
            }
            Event::PartyHearingHeld(facts) => {
                self.past(facts.answered_at, "answered_at");
                self.not_before(on(facts.deadline), "deadline");
                self.not_before(facts.answered_at.map(Moment::at), "answered_at");
            }
            Event::NetworkMeetingHeld(facts) => {
                if let Some(window) = &facts.next_meeting {
                    let backwards = window.to < window.from;
                    self.refuse_if(backwards, RefusalCode::DatesContradict, "next_meeting");
                    self.not_before(on(Some(window.to)), "next_meeting");
                }
            }
            Event::FollowUpHeld(facts) => {
                let next = facts.next_rhythm.as_ref().and_then(|rhythm| rhythm.on);
                self.not_before(on(next), "next_rhythm");
            }
            Event::DecisionCommunicated(facts) => {
                for recipient in &facts.recipients {
                    self.possible(
                        Some(day_of(recipient.available_at)),
                        "recipients.available_at",
                    );
                }
            }
            _ => {}
        }
    }
}

/// Collects what is wrong with the dates of a fact and its circumstances.
pub(crate) fn wrong_dates(facts: &Event, meta: &Meta, now: Timestamp, reasons: &mut Reasons) {
    let mut dates = Dates {
        occurred: Moment::from(meta.occurred),
        now,
        reasons,
    };
    dates.circumstances(meta);
    dates.fact(facts);
}
