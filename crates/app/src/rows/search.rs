//! Finding a page of cases: sets of neighbouring cases are intersected, span after span, so that
//! the work is bounded by the number of spans however the filters fall.

use domain::name_key;
use domain::views::listing::CaseStatus;
use events::ids::FamilyId;
use events::text::{EmployeeId, IdNumber, Short};
use jiff::civil::Date;
use law::catalogue::Catalogue;
use record::keys::Token;
use record::positions::Size;
use serde_json::json;
use store::projection_store::{Direction, ProjectionError, ProjectionSnapshot};

use super::case_row::{CaseTerms, Days, Head, Key, ListedCase, MALFORMED, day_number, get, opened};
use super::draft::count;
use super::keys::{Digests, ListKeys, status_text};
use super::span::{self, Span};
use crate::rules::rulebook::{RowLaw, Rulebook};

/// What cases must have, all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseFilter {
    /// A person in the case has this identity number.
    pub number: Option<IdNumber>,
    /// A person in the case has all these words in the name, in any of their spellings.
    pub name: Option<String>,
    /// This employee works on it.
    pub caseworker: Option<EmployeeId>,
    /// This unit has it.
    pub unit: Option<Short>,
    /// How far it has come.
    pub status: Option<CaseStatus>,
    /// It was opened on this day or later.
    pub opened_from: Option<Date>,
    /// It was opened on this day or earlier.
    pub opened_to: Option<Date>,
    /// It belongs to this family.
    pub family: Option<FamilyId>,
}

/// In which order cases come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseOrder {
    /// As they came into the log.
    #[default]
    OldestFirst,
    /// The other way round.
    NewestFirst,
}

/// The name that is searched for holds neither a letter nor a digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name holds no word")]
pub struct NoWord;

/// Which rows of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// In which order.
    pub order: CaseOrder,
    /// Only behind this one, in that order.
    pub after: Option<u64>,
    /// Only in front of this one, in that order.
    pub before: Option<u64>,
    /// At most so many.
    pub count: usize,
    /// The last ones rather than the first.
    pub from_end: bool,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The cases with their ordinals, in order.
    pub cases: Vec<(u64, ListedCase)>,
    /// Whether more lie in front.
    pub more_before: bool,
    /// Whether more lie behind.
    pub more_after: bool,
    /// How many entries of the log the page reflects.
    pub position: Size,
    /// Cases that could not be read whole, and that a search may miss.
    pub incomplete: u64,
}

/// A filter as it is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What goes through the list, the rarest kind of term first.
    terms: Vec<Token>,
    /// Words that one name must hold together; asked of the row where pairs cannot tell.
    words: Vec<Token>,
    days: Option<(i32, i32)>,
    /// Equal filters have equal digests.
    digests: Digests,
}

impl Plan {
    /// Plans a filter.
    ///
    /// # Errors
    /// [`NoWord`].
    pub fn new(filter: &CaseFilter, keys: &ListKeys) -> Result<Self, NoWord> {
        let CaseFilter {
            number,
            name,
            caseworker,
            unit,
            status,
            opened_from,
            opened_to,
            family,
        } = filter;
        let mut terms = Vec::new();
        let mut words = Vec::new();
        terms.extend(number.iter().map(|number| keys.number(number)));
        terms.extend(family.map(|family| keys.family(family)));
        let spoken = name.as_ref();
        let name = spoken.map(|name| keys.name(name));
        match &name {
            Some(name) if name.words.is_empty() => return Err(NoWord),
            Some(name) if name.words.len() == 1 => terms.extend(&name.words),
            Some(name) => {
                terms.extend(&name.pairs);
                words = if name.words.len() > 2 {
                    name.words.clone()
                } else {
                    words
                };
            }
            None => {}
        }
        terms.extend(caseworker.iter().map(|id| keys.caseworker(id)));
        terms.extend(unit.iter().map(|unit| keys.unit(unit.as_str())));
        terms.extend(status.map(|status| keys.status(status)));
        if terms.is_empty() {
            terms.push(keys.all());
        }
        let days = (opened_from.is_some() || opened_to.is_some()).then(|| {
            (
                opened_from.map_or(i32::MIN, day_number),
                opened_to.map_or(i32::MAX, day_number),
            )
        });
        let mut spoken = spoken.map(|name| name_key::keys(name)).unwrap_or_default();
        spoken.sort_unstable();
        let number: Option<String> = number.as_ref().map(|number| {
            number
                .as_str()
                .chars()
                .filter(char::is_ascii_digit)
                .collect()
        });
        let said = json!([
            number,
            spoken,
            caseworker,
            unit,
            status.map(status_text),
            days,
            family
        ]);
        Ok(Self {
            terms,
            words,
            days,
            digests: keys.digests(&said.to_string()),
        })
    }

    /// What a cursor carries of the filter.
    #[must_use]
    pub const fn digests(&self) -> Digests {
        self.digests
    }
}

/// Rows in force, with the keys that open them.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    pub(crate) rows: &'a dyn ProjectionSnapshot,
    pub(crate) keys: &'a ListKeys,
    pub(crate) rules: &'static Rulebook,
}

/// Posting rows read at once.
const PAGE: usize = 32;

impl<'a> Rows<'a> {
    /// Reads rows.
    #[must_use]
    pub fn new(
        rows: &'a dyn ProjectionSnapshot,
        keys: &'a ListKeys,
        rules: &'static Rulebook,
    ) -> Self {
        Self { rows, keys, rules }
    }

    /// The rules that the rows were made by; none when the program does not hold them.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub fn catalogue(&self) -> Result<Option<&'static Catalogue>, ProjectionError> {
        let head: Head =
            get(self.rows, self.keys, &Key::Head(self.keys.epoch))?.ok_or(MALFORMED)?;
        Ok(RowLaw::named(self.rules, &head.law).and_then(|law| law.catalogue))
    }

    /// One page.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub fn page(&self, plan: &Plan, window: &Window) -> Result<Found, ProjectionError> {
        let rising = window.order == CaseOrder::OldestFirst;
        // Along the order from its beginning, or against it from its end.
        let along = !window.from_end;
        let direction = if rising == along {
            Direction::Rising
        } else {
            Direction::Falling
        };
        let (start, stop) = if along {
            (window.after, window.before)
        } else {
            (window.before, window.after)
        };
        let mut found = self.walk(plan, direction, start, stop, window.count.saturating_add(1))?;
        let mut more = found.len() > window.count;
        found.truncate(window.count);
        // What lies beyond the other bound counts too.
        more |= self.at_or_beyond(plan, direction, stop)?;
        let behind = self.at_or_beyond(plan, opposite(direction), start)?;
        if !along {
            found.reverse();
        }
        let (more_before, more_after) = if along {
            (behind, more)
        } else {
            (more, behind)
        };
        let cases = found
            .into_iter()
            .map(|ordinal| Ok((ordinal, self.case(ordinal)?)))
            .collect::<Result<_, ProjectionError>>()?;
        let incomplete = count(self.rows, self.keys, &self.keys.incomplete())?;
        Ok(Found {
            cases,
            more_before,
            more_after,
            position: self.rows.position(),
            incomplete,
        })
    }

    /// Whether a match stands at a bound or beyond it.
    fn at_or_beyond(
        &self,
        plan: &Plan,
        direction: Direction,
        bound: Option<u64>,
    ) -> Result<bool, ProjectionError> {
        let Some(bound) = bound else { return Ok(false) };
        let start = match direction {
            Direction::Rising => bound.checked_sub(1),
            Direction::Falling => bound.checked_add(1),
        };
        Ok(!self.walk(plan, direction, start, None, 1)?.is_empty())
    }

    /// The row of a case.
    ///
    /// # Errors
    /// [`ProjectionError::Damaged`] when there is none although something finds it.
    pub(crate) fn case(&self, ordinal: u64) -> Result<ListedCase, ProjectionError> {
        get(self.rows, self.keys, &Key::Case(ordinal))?
            .ok_or(ProjectionError::Damaged("a case that is found has no row"))
    }

    /// All that a plan finds, rising.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub fn all(&self, plan: &Plan) -> Result<Vec<ListedCase>, ProjectionError> {
        let found = self.walk(plan, Direction::Rising, None, None, usize::MAX)?;
        found
            .into_iter()
            .map(|ordinal| self.case(ordinal))
            .collect()
    }

    /// At most `limit` matches beyond `start` and in front of `stop`.
    fn walk(
        &self,
        plan: &Plan,
        direction: Direction,
        start: Option<u64>,
        stop: Option<u64>,
        limit: usize,
    ) -> Result<Vec<u64>, ProjectionError> {
        let Some((driver, others)) = plan.terms.split_first() else {
            return Ok(Vec::new());
        };
        let prefix = Key::postings(driver);
        let passed = |ordinal: u64, bound: u64| {
            if direction == Direction::Rising {
                ordinal > bound
            } else {
                ordinal < bound
            }
        };
        let mut beyond = start.and_then(|start| edge(driver, span::place(start).0, direction));
        let mut found = Vec::new();
        loop {
            let page = self
                .rows
                .scan(&prefix, beyond.as_deref(), direction, PAGE)?;
            let last = page.len() < PAGE;
            for (key, value) in page {
                let span = Key::span(&key).ok_or(MALFORMED)?;
                let set = self.matches(plan, others, span, opened(self.keys, &key, &value)?)?;
                beyond = Some(key);
                let mut numbers = set.numbers();
                if direction == Direction::Falling {
                    numbers.reverse();
                }
                for ordinal in numbers
                    .into_iter()
                    .map(|offset| span::ordinal(span, offset))
                {
                    if start.is_some_and(|start| !passed(ordinal, start)) {
                        continue;
                    }
                    if found.len() >= limit
                        || stop.is_some_and(|stop| ordinal == stop || passed(ordinal, stop))
                    {
                        return Ok(found);
                    }
                    if plan.words.is_empty() || self.one_name_holds(ordinal, &plan.words)? {
                        found.push(ordinal);
                    }
                }
            }
            if last || found.len() >= limit {
                return Ok(found);
            }
        }
    }

    /// The numbers of a span that fit a plan, of those that its first term leaves.
    fn matches(
        &self,
        plan: &Plan,
        others: &[Token],
        span: u64,
        mut set: Span,
    ) -> Result<Span, ProjectionError> {
        for token in others {
            if set.is_empty() {
                return Ok(set);
            }
            match get::<Span>(self.rows, self.keys, &Key::Posting(*token, span))? {
                Some(other) => set.intersect(&other),
                None => return Ok(Span::default()),
            }
        }
        if let (Some((from, to)), false) = (plan.days, set.is_empty()) {
            let days: Days = get(self.rows, self.keys, &Key::Days(span))?.unwrap_or_default();
            let mut within = Span::default();
            days.0
                .iter()
                .filter(|(_, day)| (from..=to).contains(*day))
                .for_each(|(number, _)| within.insert(*number));
            set.intersect(&within);
        }
        Ok(set)
    }

    /// Whether one name in a case holds all the words: pairs may come from several names.
    fn one_name_holds(&self, ordinal: u64, words: &[Token]) -> Result<bool, ProjectionError> {
        let terms: CaseTerms = get(self.rows, self.keys, &Key::Terms(ordinal))?.ok_or(MALFORMED)?;
        Ok(terms
            .names
            .iter()
            .any(|name| words.iter().all(|word| name.contains(word))))
    }
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Rising => Direction::Falling,
        Direction::Falling => Direction::Rising,
    }
}

/// The key in front of a span's posting, so that a scan beyond it begins with that span.
fn edge(token: &Token, span: u64, direction: Direction) -> Option<Vec<u8>> {
    let neighbour = match direction {
        Direction::Rising => span.checked_sub(1),
        Direction::Falling => span.checked_add(1),
    };
    neighbour.map(|span| Key::Posting(*token, span).bytes())
}
