//! Cut-offs and reliable change of the well-being scales (feedback-informed treatment, FIT), as
//! versioned data.
//!
//! The numbers are widely used and were **not verified** in a source that could be read; a change
//! of them gets a new version. They never start a duty: a score is a person's voice, no diagnosis.

use events::support::Instrument;

/// Who answers, as far as the cut-off depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Respondent {
    /// The child itself.
    Child,
    /// An adult about the child.
    CarerAboutChild,
    /// An adult, or a young person of 18 years or more, about themselves.
    Adult,
    /// A young person of 13 to 17 years.
    Young,
}

/// The thresholds of one instrument for one kind of respondent, in tenths of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// The instrument.
    pub instrument: Instrument,
    /// Who answers.
    pub respondent: Respondent,
    /// A total below this lies in the range of distress, or calls for a talk about the alliance.
    pub cutoff: u16,
    /// A change of at least so much is reliable; null for the scales of a session.
    pub reliable_change: Option<u16>,
}

/// A version of the thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Name of the version.
    pub version: &'static str,
    /// Whether the numbers were verified in a source.
    pub verified: bool,
    /// Where they come from.
    pub source: &'static str,
    /// The rows.
    pub rows: &'static [Threshold],
}

const fn row(
    instrument: Instrument,
    respondent: Respondent,
    cutoff: u16,
    reliable_change: Option<u16>,
) -> Threshold {
    Threshold {
        instrument,
        respondent,
        cutoff,
        reliable_change,
    }
}

/// The newest version.
pub const THRESHOLDS: Thresholds = Thresholds {
    version: "fit-1",
    verified: false,
    source: "common practice, not confirmed in the manuals; some use 6 points for reliable change",
    rows: &[
        row(Instrument::Ors, Respondent::Adult, 250, Some(50)),
        row(Instrument::Ors, Respondent::Young, 280, Some(50)),
        row(Instrument::Ors, Respondent::CarerAboutChild, 280, Some(50)),
        row(Instrument::Cors, Respondent::Child, 320, Some(50)),
        row(Instrument::Cors, Respondent::CarerAboutChild, 280, Some(50)),
        row(Instrument::Srs, Respondent::Adult, 360, None),
        row(Instrument::Srs, Respondent::Young, 360, None),
        row(Instrument::Csrs, Respondent::Child, 360, None),
    ],
};

/// What a change between two totals amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::Enum),
    graphql(name = "WellbeingChange")
)]
pub enum Change {
    /// Less than what is reliable.
    NotReliable,
    /// Reliably better.
    Better,
    /// Reliably better, and across the cut-off.
    BetterAcross,
    /// Reliably worse.
    Worse,
    /// Reliably worse, and across the cut-off.
    WorseAcross,
}

impl Threshold {
    /// What the change from one total to another amounts to; null for the scales of a session.
    #[must_use]
    pub const fn change(&self, from: u16, to: u16) -> Option<Change> {
        let Some(reliable) = self.reliable_change else {
            return None;
        };
        Some(if to.abs_diff(from) < reliable {
            Change::NotReliable
        } else if to > from {
            if from < self.cutoff && to >= self.cutoff {
                Change::BetterAcross
            } else {
                Change::Better
            }
        } else if from >= self.cutoff && to < self.cutoff {
            Change::WorseAcross
        } else {
            Change::Worse
        })
    }
}

impl Thresholds {
    /// The row for an instrument and a respondent.
    #[must_use]
    pub fn find(
        &self,
        instrument: Instrument,
        respondent: Respondent,
    ) -> Option<&'static Threshold> {
        self.rows
            .iter()
            .find(|row| row.instrument == instrument && row.respondent == respondent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_reliable_from_five_points_and_significant_across_the_cutoff() {
        let cors = THRESHOLDS
            .find(Instrument::Cors, Respondent::Child)
            .unwrap();
        for (from, to, expected) in [
            (211, 260, Change::NotReliable),
            (211, 261, Change::Better),
            (211, 330, Change::BetterAcross),
            (319, 320, Change::NotReliable),
            (330, 280, Change::WorseAcross),
            (310, 260, Change::Worse),
            (330, 390, Change::Better),
        ] {
            assert_eq!(cors.change(from, to), Some(expected), "{from} to {to}");
        }
        assert_eq!(
            THRESHOLDS
                .find(Instrument::Csrs, Respondent::Child)
                .unwrap()
                .change(340, 400),
            None
        );
    }
}
