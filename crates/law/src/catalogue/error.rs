//! Why a catalogue cannot be used. Each error names the rule and the reason; what is checked stands
//! in `checks`.

use jiff::civil::Date;

/// The catalogue is not consistent. Each error names the rule and the reason.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not the form of a catalogue.
    #[error("the rule catalogue cannot be read")]
    Form(#[source] serde_json::Error),
    /// Two rules of one id hold on the same day.
    #[error("rule {rule}: two entries hold on {day}")]
    Overlap {
        /// The rule.
        rule: String,
        /// A day that both hold on.
        day: Date,
    },
    /// The period ends before it begins.
    #[error("rule {rule}: its period ends before it begins")]
    EmptyPeriod {
        /// The rule.
        rule: String,
    },
    /// A text that must be there is empty.
    #[error("rule {rule}: no {field} is given")]
    Missing {
        /// The rule.
        rule: String,
        /// What is missing.
        field: &'static str,
    },
    /// It names something that does not exist.
    #[error("rule {rule}: {field} names {name}, which does not exist")]
    Unknown {
        /// The rule.
        rule: String,
        /// The member of the rule.
        field: &'static str,
        /// What it names.
        name: String,
    },
    /// Successors lead back to the rule.
    #[error("rule {rule}: its successors lead back to it")]
    Cycle {
        /// The rule.
        rule: String,
    },
    /// The days that a period is counted in, `basis` in the file, do not fit the period.
    #[error("rule {rule}: its basis does not fit its period")]
    CountingMisfit {
        /// The rule.
        rule: String,
    },
    /// No function knows what the rule looks for.
    #[error("rule {rule}: no predicate is known for it")]
    NoPredicate {
        /// The rule.
        rule: String,
    },
    /// A function belongs to no rule.
    #[error("predicate {rule}: no rule has this id")]
    NoRule {
        /// The id of the predicate.
        rule: String,
    },
    /// An approval of the trial does not fit the rules.
    #[error(
        "the approval of municipality {municipality} covers {rule}, which no rule of the trial lifts"
    )]
    Approval {
        /// The municipality.
        municipality: String,
        /// What it covers.
        rule: String,
    },
    /// The ages of parties do not follow each other from the beginning.
    #[error(
        "party_ages: the first has no day, and each other one begins later than the one before"
    )]
    PartyAges,
    /// A period that a municipality published does not fit its rule.
    #[error("rule {rule}: the published period of municipality {municipality} {reason}")]
    Published {
        /// The rule.
        rule: String,
        /// The municipality.
        municipality: String,
        /// What does not fit.
        reason: &'static str,
    },
}
