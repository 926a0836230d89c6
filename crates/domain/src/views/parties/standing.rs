//! How a person stands to the case on a day, and which ages of the law a child has reached.

use std::collections::BTreeMap;

use events::ids::{EventId, PersonId};
use events::people::RelationKind;
use events::person::{PersonRef, PersonRole};
use events::personal::Personal;
use jiff::civil::Date;

use crate::ages::{AGE_RIGHTS, AgeRight, DIGITAL_POST_MONTHS, party_months};
use crate::views::party::{Custody, Milestone, Person, Standing};
use events::age::{age_on, reaches};
use events::identity::Persons;

/// What the standing of every person of a case rests on.
pub(super) struct Ground<'a> {
    pub(super) persons: &'a Persons,
    /// The child of the case.
    pub(super) child: Option<PersonRef>,
    /// The parties of decisions, and where each was named first.
    pub(super) named: &'a BTreeMap<PersonId, EventId>,
    /// The day of the view.
    pub(super) on: Date,
}

/// Adds to a row what follows from the day of the view.
pub(super) fn complete(row: &mut Person, ground: &Ground<'_>) {
    let on = ground.on;
    let born = row.birth_date.as_ref().and_then(Personal::known).copied();
    row.age = born.and_then(|born| age_on(born, on));
    row.digital_post = born
        .and_then(|born| reaches(born, DIGITAL_POST_MONTHS))
        .map(|from| from <= on);
    if is_a_child(row)
        && let Some(born) = born
    {
        let milestone = |right| milestone(right, born, on);
        row.milestones = AGE_RIGHTS.iter().filter_map(milestone).collect();
    }
    row.standing = standing(row, born, ground);
    if row.standing == Standing::TooYoung {
        row.becomes_party = born.and_then(|born| reaches(born, party_months(on)));
    }
}

fn is_a_child(row: &Person) -> bool {
    matches!(row.person.role, PersonRole::Child | PersonRole::Sibling)
}

/// The day on which a child reaches an age, where the rule is in force on that day and on the day
/// of the view, whichever is later or earlier.
fn milestone(right: &'static AgeRight, born: Date, on: Date) -> Option<Milestone> {
    let reached_on = reaches(born, right.months)?;
    let holds = right.from.is_none_or(|from| from <= reached_on.max(on))
        && right.to.is_none_or(|to| reached_on.min(on) <= to);
    holds.then_some(Milestone {
        right,
        on: reached_on,
        reached: reached_on <= on && right.to.is_none_or(|to| on <= to),
    })
}

fn standing(row: &Person, born: Option<Date>, ground: &Ground<'_>) -> Standing {
    let (persons, on) = (ground.persons, ground.on);
    let same = |one: PersonRef, other: PersonRef| persons.same(one.person, other.person);
    if ground.child.is_some_and(|child| same(child, row.person)) {
        return match born.and_then(|born| reaches(born, party_months(on))) {
            None => Standing::Unknown,
            Some(from) if from <= on => Standing::Child,
            Some(_) => Standing::TooYoung,
        };
    }
    let of_this_child =
        |custody: &Custody| ground.child.is_none_or(|child| same(custody.child, child));
    let has = |kinds: &[RelationKind]| {
        row.custody.iter().any(|custody| {
            custody.in_force && of_this_child(custody) && kinds.contains(&custody.kind)
        })
    };
    if has(&[RelationKind::CustodySole, RelationKind::CustodyJoint]) {
        Standing::CustodyHolder
    } else if has(&[RelationKind::ParentNoCustody]) {
        Standing::ParentWithoutCustody
    } else if !is_a_child(row) && ground.named.contains_key(&row.person.person) {
        Standing::NamedInDecision
    } else {
        Standing::None
    }
}
