//! What else is to be said about a duty: a stable code and a sentence in English for each.

use async_graphql::SimpleObject;
use events::ids::EventId;
use law::duty::Remark;

/// More about how a duty stands.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct ObligationRemark {
    /// Stable code.
    pub code: String,
    /// A sentence in English.
    pub text: String,
    /// The event that shows it, where one does.
    pub event: Option<EventId>,
}

impl From<&Remark> for ObligationRemark {
    fn from(remark: &Remark) -> Self {
        let (code, text, event) = match remark {
            Remark::AroseLate { event, since } => (
                "AROSE_LATE",
                format!("a circumstance that excludes the case from the trial appeared on {since}"),
                Some(*event),
            ),
            Remark::CarriedFrom { rule } => (
                "CARRIED_FROM",
                format!("it arose under {rule} and went over on 1 January 2024"),
                None,
            ),
            Remark::TrialEnded => (
                "TRIAL_ENDED",
                "the trial ended for this case".to_owned(),
                None,
            ),
            Remark::ByException => (
                "BY_EXCEPTION",
                "met by an exception that the law allows and the record states".to_owned(),
                None,
            ),
            Remark::NotContactable => (
                "NOT_CONTACTABLE",
                "the notifier cannot be reached".to_owned(),
                None,
            ),
            Remark::ExtensionNotice => (
                "EXTENSION_NOTICE",
                "the complainant was told that it takes longer".to_owned(),
                None,
            ),
            Remark::NoPublishedPeriod => (
                "NO_PUBLISHED_PERIOD",
                "the municipality published no period".to_owned(),
                None,
            ),
            Remark::Interrupted { by } => (
                "INTERRUPTED",
                "a request for access to the file stopped the period until access was given"
                    .to_owned(),
                Some(*by),
            ),
            Remark::DelayReasons => (
                "DELAY_REASONS",
                "the record gives a reason for the delay".to_owned(),
                None,
            ),
            Remark::Words(words) => ("WORDS", format!("{words} words long"), None),
            Remark::ByEnding => (
                "BY_ENDING",
                "met by the end of the measure".to_owned(),
                None,
            ),
            Remark::Early => (
                "EARLY",
                "met before the first day of the window".to_owned(),
                None,
            ),
        };
        Self {
            code: code.to_owned(),
            text,
            event,
        }
    }
}
