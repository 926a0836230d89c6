//! A history as it is told: what was recorded, one entry after the other; and what it says at a
//! reading point, folded once more from the words of the format: what was known by then, without what
//! was annulled or erased, with what was corrected, merged registrations as one person.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::calendar::{self, Day};

/// Persons and streams are small numbers.
pub(super) type Id = u64;

pub(super) const CASE: Id = 1;
pub(super) const NOTICES: [Id; 3] = [2, 3, 4];
pub(super) const CHILD: Id = 11;
pub(super) const TWIN: Id = 12;
pub(super) const MOTHER: Id = 13;
pub(super) const SIBLING: Id = 14;
pub(super) const MEASURES: [Id; 2] = [21, 22];

pub(super) fn uuid(id: Id) -> Value {
    json!(format!("00000000-0000-4000-8000-{id:012}"))
}

pub(super) fn who(id: Id) -> Value {
    let role = match id {
        CHILD | TWIN => "CHILD",
        SIBLING => "SIBLING",
        MOTHER => "PARENT",
        _ => "OTHER",
    };
    json!({ "person": uuid(id), "role": role })
}

fn id_of(value: &Value) -> Id {
    let text = value.as_str().unwrap_or("000000000000");
    text[text.len() - 12..].parse().unwrap()
}

/// Whom a reference means.
pub(super) fn person_in(value: &Value) -> Id {
    id_of(&value["person"])
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    /// A fact of a type.
    Fact(&'static str, Value),
    /// An entry, by its place, took place at another time.
    OtherTime(usize, String),
    /// A field of the fact of an entry says something else.
    OtherValue(usize, &'static str, Value),
    /// An entry does not count any more.
    Annulled(usize),
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) stream: Id,
    pub(super) occurred: String,
    /// Seconds of Unix time.
    pub(super) recorded: i64,
    pub(super) what: What,
    /// Its content was destroyed.
    pub(super) erased: bool,
}

/// When something took place, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct When {
    pub(super) day: Day,
    pub(super) at: Option<i64>,
    pub(super) about: bool,
}

impl When {
    pub(super) fn read(text: &str) -> Self {
        if let Some(day) = text.strip_suffix('~') {
            return Self {
                about: true,
                ..Self::on(calendar::parse(day))
            };
        }
        if text.len() == 10 {
            return Self::on(calendar::parse(text));
        }
        let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
        let clock = number(11..13) * 3_600 + number(14..16) * 60 + number(17..19);
        Self::at(calendar::parse(text) * 86_400 + clock)
    }

    pub(super) fn on(day: Day) -> Self {
        Self {
            day,
            at: None,
            about: false,
        }
    }

    pub(super) fn at(at: i64) -> Self {
        Self {
            day: calendar::day_at(at),
            at: Some(at),
            about: false,
        }
    }

    pub(super) fn first(self) -> i64 {
        self.at.unwrap_or_else(|| calendar::begins(self.day))
    }

    pub(super) fn last(self) -> i64 {
        self.at.unwrap_or_else(|| calendar::ends(self.day))
    }

    /// The record does not say that it was later.
    pub(super) fn no_later(self, other: Self) -> bool {
        if let (Some(this), Some(that)) = (self.at, other.at) {
            return this <= that;
        }
        self.day - other.day <= i64::from(self.about) + i64::from(other.about)
    }

    /// The record says that it was earlier.
    pub(super) fn earlier(self, other: Self) -> bool {
        !other.no_later(self)
    }
}

/// A fact that counts at the reading point.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Its place in the log.
    pub(super) place: usize,
    pub(super) stream: Id,
    pub(super) kind: &'static str,
    pub(super) when: When,
    pub(super) says: Value,
    pub(super) recorded: i64,
}

/// What can be known at a reading point.
pub(super) struct World {
    pub(super) facts: Vec<Known>,
    pub(super) now: i64,
    same: BTreeMap<Id, Id>,
}

/// A reading point: what was known by then, about what had happened by then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) known: i64,
    pub(super) occurred: Option<i64>,
}

impl World {
    pub(super) fn read(told: &[Told], point: Point) -> Self {
        let known: BTreeSet<usize> = (0..told.len())
            .filter(|place| told[*place].recorded <= point.known)
            .collect();
        // Entries of the future change nothing; an annulment counts until it is annulled itself.
        let mut gone = BTreeSet::new();
        for place in known.iter().rev() {
            if let What::Annulled(target) = told[*place].what
                && !gone.contains(place)
                && known.contains(&target)
            {
                gone.insert(target);
            }
        }
        let now = point.occurred.unwrap_or(point.known);
        let mut facts = Vec::new();
        for place in &known {
            let entry = &told[*place];
            let What::Fact(kind, says) = &entry.what else {
                continue;
            };
            if gone.contains(place) || entry.erased {
                continue;
            }
            let (mut occurred, mut says) = (entry.occurred.clone(), says.clone());
            for later in known
                .range(place + 1..)
                .filter(|later| !gone.contains(later))
            {
                match &told[*later].what {
                    What::OtherTime(target, text) if target == place => occurred.clone_from(text),
                    What::OtherValue(target, field, value) if target == place => {
                        says[*field] = value.clone();
                    }
                    _ => {}
                }
            }
            let when = When::read(&occurred);
            if when.first() <= now {
                facts.push(Known {
                    place: *place,
                    stream: entry.stream,
                    kind,
                    when,
                    says,
                    recorded: entry.recorded,
                });
            }
        }
        let mut same = BTreeMap::new();
        for fact in facts.iter().filter(|fact| fact.kind == "PersonsMerged") {
            same.insert(
                person_in(&fact.says["person"]),
                person_in(&fact.says["into"]),
            );
        }
        facts.sort_by_key(|fact| (fact.when.day, fact.when.at, fact.when.about, fact.place));
        Self { facts, now, same }
    }

    pub(super) fn of(&self, kind: &str) -> Vec<&Known> {
        self.facts.iter().filter(|fact| fact.kind == kind).collect()
    }

    pub(super) fn is_child(&self, reference: &Value) -> bool {
        self.one(person_in(reference)) == self.one(CHILD)
    }

    pub(super) fn is(&self, reference: &Value, person: Id) -> bool {
        self.one(person_in(reference)) == self.one(person)
    }

    fn one(&self, mut person: Id) -> Id {
        while let Some(next) = self.same.get(&person) {
            person = *next;
        }
        person
    }

    /// The child's day of birth: what stands under the id that goes on, else what the other
    /// registration knows; what was identified last counts.
    pub(super) fn birth(&self) -> Option<Day> {
        let stated = |person: Id| {
            let mut told: Vec<_> = self.facts.iter().collect();
            told.sort_by_key(|fact| fact.place);
            let own = told.into_iter().rev().filter(|fact| {
                matches!(fact.kind, "PersonRegistered" | "PersonIdentified")
                    && person_in(&fact.says["person"]) == person
            });
            // A registration comes first in its stream; an identification without a day says nothing.
            own.filter_map(|fact| fact.says["birth_date"].as_str().map(calendar::parse))
                .next()
        };
        let goes_on = self.one(CHILD);
        let others = [CHILD, TWIN].into_iter().filter(|other| *other != goes_on);
        let others = others.filter(|other| self.one(*other) == goes_on);
        stated(goes_on).or_else(|| others.into_iter().find_map(stated))
    }
}
