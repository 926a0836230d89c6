//! What a counter looks at and what it answers. Which figure is counted how stands in `counters`.

use events::ids::EventId;
use jiff::civil::Date;

use crate::case::Case;
use crate::obligation::{Evaluation, Obligation, Status};

/// What is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A number in the figure's unit.
    Number(i32),
    /// Whether it was so.
    Was(bool),
}

/// A value, its day and its event.
pub(crate) type Counted = (Value, Date, EventId);

/// What a counter looks at.
pub(crate) struct Count<'v, 'k, 'a> {
    pub(crate) case: &'k Case<'a>,
    pub(crate) evaluation: &'v Evaluation<'v>,
    /// From which value on the answer is yes, where the figure has such a value.
    pub(crate) at_least: Option<i32>,
}

pub(crate) type Counter = fn(&Count<'_, '_, '_>) -> Vec<Counted>;

impl<'v> Count<'v, '_, '_> {
    pub(super) fn duties(
        &self,
        rules: &'static [&'static str],
    ) -> impl Iterator<Item = &'v Obligation<'v>> + use<'v> {
        self.evaluation
            .obligations
            .iter()
            .filter(move |duty| rules.contains(&duty.rule.id.as_str()))
    }

    /// Duties with a number: in time or not, once that is known.
    pub(super) fn in_time(&self, rules: &'static [&'static str]) -> Vec<Counted> {
        let known = self.duties(rules).filter_map(|duty| {
            let was = match &duty.status {
                Status::Met { late_by, .. } => late_by.is_none(),
                Status::Overdue => false,
                Status::Waived { .. } => true,
                Status::Open
                | Status::Succeeded { .. }
                | Status::Suppressed { .. }
                | Status::Lapsed
                | Status::Moot { .. } => return None,
            };
            Some((Value::Was(was), duty.trigger.day, duty.event))
        });
        known.collect()
    }

    /// Duties without a number: evident or not.
    pub(super) fn evident(&self, rules: &'static [&'static str]) -> Vec<Counted> {
        let known = self.duties(rules).filter_map(|duty| {
            let was = match &duty.status {
                Status::Met { .. } | Status::Waived { .. } => true,
                Status::Open | Status::Moot { .. } | Status::Overdue => false,
                Status::Succeeded { .. } | Status::Suppressed { .. } | Status::Lapsed => {
                    return None;
                }
            };
            Some((Value::Was(was), duty.trigger.day, duty.event))
        });
        known.collect()
    }
}
