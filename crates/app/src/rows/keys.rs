//! What a case is found by: blind tokens, one for each thing that a filter can ask for.
//!
//! Nobody without the keys can tell what a token stands for, nor make the token of a guess.

use domain::name_key;
use domain::views::listing::{CaseRow, CaseStatus};
use events::ids::{FamilyId, PersonId, StreamId};
use events::text::{EmployeeId, IdNumber};
use record::keys::{BlindKey, RootKey, RowKey, Token};

use crate::rows::bucket::Place;
use crate::rows::sums::Month;

/// The keys of the lists. They are derived from the root key of an epoch, which an erasure replaces:
/// afterwards an old copy of the lists cannot be decrypted.
#[derive(Debug, Clone)]
pub struct ListKeys {
    pub(crate) epoch: u32,
    blind: BlindKey,
    pub(crate) rows: RowKey,
    cursors: BlindKey,
    /// What cursors were made by before the epoch began, while this program runs: whoever pages
    /// through a list goes on. It lies in memory only, and goes with the next epoch or the end of
    /// the program.
    cursors_before: Option<BlindKey>,
}

/// What a cursor carries of the question that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digests {
    /// What one that is made now carries.
    pub now: Token,
    before: Option<Token>,
}

impl Digests {
    /// What a cursor may carry that belongs to this question.
    pub fn all(self) -> impl Iterator<Item = Token> {
        [Some(self.now), self.before].into_iter().flatten()
    }
}

/// How a status is written.
pub(crate) const STATUS: &[(CaseStatus, &str)] = &[
    (CaseStatus::Advice, "ADVICE"),
    (CaseStatus::Open, "OPEN"),
    (CaseStatus::Closed, "CLOSED"),
    (CaseStatus::Unknown, "UNKNOWN"),
];

pub(crate) fn status_text(status: CaseStatus) -> &'static str {
    STATUS
        .iter()
        .find(|(known, _)| *known == status)
        .map_or("UNKNOWN", |(_, text)| text)
}

/// The tokens of a person's name: of each word, and of each two words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameTerms {
    /// Of each word.
    pub words: Vec<Token>,
    /// Of each two words, in either order.
    pub pairs: Vec<Token>,
}

impl ListKeys {
    /// Derives the keys from the root key of an epoch.
    #[must_use]
    pub fn new((epoch, root): &(u32, RootKey)) -> Self {
        let (blind, rows) = root.index_keys();
        Self {
            epoch: *epoch,
            blind,
            rows,
            cursors: root.cursor_key(),
            cursors_before: None,
        }
    }

    /// Those of the epoch that follows; these themselves where it has not ended.
    #[must_use]
    pub(crate) fn of_epoch(&self, root: &(u32, RootKey)) -> Self {
        if root.0 == self.epoch {
            return self.clone();
        }
        Self {
            cursors_before: Some(self.cursors.clone()),
            ..Self::new(root)
        }
    }

    /// Every case has it.
    pub(crate) fn all(&self) -> Token {
        self.blind.token("all", b"")
    }

    /// Cases that could not be read whole.
    /// Notifications that belong to no case yet, or that nobody has assessed.
    pub(crate) fn untouched(&self) -> Token {
        self.blind.token("untouched", b"")
    }

    pub(crate) fn incomplete(&self) -> Token {
        self.blind.token("incomplete", b"")
    }

    pub(crate) fn status(&self, status: CaseStatus) -> Token {
        self.blind.token("status", status_text(status).as_bytes())
    }

    pub(crate) fn caseworker(&self, id: &EmployeeId) -> Token {
        self.blind.token("caseworker", id.as_str().as_bytes())
    }

    pub(crate) fn unit(&self, unit: &str) -> Token {
        self.blind.token("unit", unit.as_bytes())
    }

    pub(crate) fn family(&self, family: FamilyId) -> Token {
        self.blind.token("family", family.uuid().as_bytes())
    }

    /// Cases in which a person has a role.
    pub(crate) fn person(&self, person: PersonId) -> Token {
        self.blind.token("person", person.uuid().as_bytes())
    }

    /// Cases that are read together with a stream.
    pub(crate) fn reach(&self, stream: StreamId) -> Token {
        self.blind.token("reach", stream.uuid().as_bytes())
    }

    /// The dash is no part of the number.
    pub(crate) fn number(&self, number: &IdNumber) -> Token {
        self.blind.token("number", number.undashed().as_bytes())
    }

    pub(crate) fn name(&self, name: &str) -> NameTerms {
        let keys = name_key::keys(name);
        let words = keys
            .iter()
            .map(|key| self.blind.token("word", key.as_bytes()))
            .collect();
        let mut pairs = Vec::new();
        for (place, one) in keys.iter().enumerate() {
            for other in keys.iter().skip(place + 1) {
                let (first, second) = if one < other {
                    (one, other)
                } else {
                    (other, one)
                };
                // No key holds a space.
                pairs.push(
                    self.blind
                        .token("pair", format!("{first} {second}").as_bytes()),
                );
            }
        }
        NameTerms { words, pairs }
    }

    /// The list of all duties.
    pub(crate) fn duties(&self) -> Token {
        self.blind.token("duties", b"")
    }

    /// The list of the duties of an employee's cases.
    pub(crate) fn duties_of_caseworker(&self, id: &EmployeeId) -> Token {
        self.blind
            .token("duties of caseworker", id.as_str().as_bytes())
    }

    /// The list of the duties of a unit's cases.
    pub(crate) fn duties_of_unit(&self, unit: &str) -> Token {
        self.blind.token("duties of unit", unit.as_bytes())
    }

    /// The list of the duties under a rule.
    pub(crate) fn duties_of_rule(&self, rule: &str) -> Token {
        self.blind.token("duties of rule", rule.as_bytes())
    }

    /// Where the entries of a list lie that lie together.
    pub(crate) fn bucket(&self, list: Token, place: Place) -> Token {
        let place = [place.month.to_be_bytes(), place.span.to_be_bytes()].concat();
        self.blind
            .token("bucket", &[list.as_slice(), &place].concat())
    }

    /// Where what all cases add to a figure in a month lies.
    pub(crate) fn sum(&self, (figure, month): Month) -> Token {
        let place = [[figure].as_slice(), &month.to_be_bytes()].concat();
        self.blind.token("sum", &place)
    }

    /// What a cursor carries of the filter that it belongs to. What stands in the filter cannot be
    /// told from it.
    pub(crate) fn digests(&self, filter: &str) -> Digests {
        let digest = |key: &BlindKey| key.token("filter", filter.as_bytes());
        Digests {
            now: digest(&self.cursors),
            before: self.cursors_before.as_ref().map(digest),
        }
    }

    /// The terms of a row itself, without those of people.
    pub(crate) fn of_row(&self, row: &CaseRow, whole: bool) -> Vec<Token> {
        let mut terms = vec![self.all(), self.status(row.status)];
        terms.extend(row.caseworkers.iter().map(|id| self.caseworker(id)));
        terms.extend(row.unit.iter().map(|unit| self.unit(unit)));
        terms.extend(row.family.map(|family| self.family(family)));
        if !whole {
            terms.push(self.incomplete());
        }
        terms
    }
}
