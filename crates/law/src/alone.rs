//! Facts that stand alone: no rule and no key figure reads them to say anything of another fact.
//!
//! Such a fact leaves every other duty and contribution as it was, whatever the case, and its own
//! duties are met when it is recorded. So a case need not be evaluated again for it. What is not
//! listed here is read by some rule, or may be; tests evaluate random cases with and without.

use events::event::Event;

use crate::fact::Fact;

/// Whether a fact stands alone.
#[must_use]
pub fn stands_alone(fact: &Fact<'_>) -> bool {
    match fact.facts {
        // A note that cites the law can meet or waive duties under the section that it cites.
        Event::NoteTaken(_) => fact.meta.legal_basis.is_empty(),
        Event::DocumentFiled(_) | Event::GoalSet(_) | Event::GoalChanged(_) => true,
        _ => false,
    }
}
