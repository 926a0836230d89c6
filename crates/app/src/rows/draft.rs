//! Changes to the rows that are not in force yet: rows and what finds them change together.
//!
//! It reads no log; what a case or a person is, its caller knows.

use std::collections::{BTreeMap, BTreeSet};

use domain::views::listing::CaseRow;
use events::ids::{PersonId, StreamId};
use record::keys::Token;
use record::positions::Size;
use store::projection_store::{ProjectionBatch, ProjectionError, ProjectionSnapshot};

use super::case_row::{
    CaseTerms, Days, Head, Key, ListedCase, MALFORMED, PersonEntry, RowKind, Stored, day_number,
    each_row, get,
};
use super::keys::ListKeys;
use super::span::{self, Span};
use crate::rows::duty::{Added, Evaluated};
use crate::rows::duty_lists::DutyLists;
use crate::rows::sums::Sums;
use crate::rules::rulebook::RowLaw;

/// Changes on top of the rows in force.
pub struct Draft<'a> {
    rows: &'a dyn ProjectionSnapshot,
    keys: &'a ListKeys,
    law: &'a RowLaw,
    spans: BTreeMap<(Token, u64), Span>,
    days: BTreeMap<u64, Days>,
    /// By ordinal; null where a row goes.
    cases: BTreeMap<u64, Option<(ListedCase, CaseTerms)>>,
    persons: BTreeMap<PersonId, PersonEntry>,
    duty_lists: DutyLists,
    /// How often something stopped being found.
    lost: usize,
}

/// What a case is, for its row and for finding it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseParts {
    /// The row.
    pub listed: ListedCase,
    /// Whom it names.
    pub people: BTreeSet<PersonId>,
    /// The streams that it is read together with.
    pub reach: BTreeSet<StreamId>,
    /// What the law says of it.
    pub evaluated: Evaluated,
}

impl<'a> Draft<'a> {
    /// No changes yet.
    #[must_use]
    pub fn new(rows: &'a dyn ProjectionSnapshot, keys: &'a ListKeys, law: &'a RowLaw) -> Self {
        let (spans, days, cases, persons) = (
            BTreeMap::new(),
            BTreeMap::new(),
            BTreeMap::new(),
            BTreeMap::new(),
        );
        Self {
            rows,
            keys,
            law,
            spans,
            days,
            cases,
            persons,
            duty_lists: DutyLists::default(),
            lost: 0,
        }
    }

    /// Whether something stopped being found.
    pub(crate) const fn lost_something(&self) -> bool {
        self.lost > 0
    }

    /// What a person is found by; nothing when nothing is known.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub fn person(&self, person: PersonId) -> Result<PersonEntry, ProjectionError> {
        if let Some(entry) = self.persons.get(&person) {
            return Ok(entry.clone());
        }
        Ok(get(self.rows, self.keys, &Key::Person(self.keys.person(person)))?.unwrap_or_default())
    }

    /// Puts a person in; answers whether that changes how cases are found, for this person or for
    /// another registration of the same.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub fn put_person(
        &mut self,
        person: PersonId,
        entry: PersonEntry,
    ) -> Result<bool, ProjectionError> {
        let old = self.person(person)?;
        // Who was absorbed is known from their streams, not from this one.
        let entry = PersonEntry {
            absorbed: old.absorbed.clone(),
            ..entry
        };
        if old == entry {
            return Ok(false);
        }
        if old.merged_into != entry.merged_into {
            if let Some(into) = old.merged_into {
                let mut into_entry = self.person(into)?;
                into_entry.absorbed.remove(&person);
                self.persons.insert(into, into_entry);
            }
            if let Some(into) = entry.merged_into {
                let mut into_entry = self.person(into)?;
                into_entry.absorbed.insert(person);
                self.persons.insert(into, into_entry);
            }
        }
        let known = |entry: &PersonEntry| {
            entry.name.words.len() + entry.name.pairs.len() + usize::from(entry.number.is_some())
        };
        self.lost += known(&old);
        self.persons.insert(person, entry);
        Ok(true)
    }

    /// All registrations that are one person with this one, itself included.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub fn same_person(&self, person: PersonId) -> Result<BTreeSet<PersonId>, ProjectionError> {
        let (mut found, mut waiting) = (BTreeSet::new(), vec![person]);
        while let Some(next) = waiting.pop() {
            if found.insert(next) {
                let entry = self.person(next)?;
                waiting.extend(entry.merged_into.into_iter().chain(entry.absorbed));
            }
        }
        Ok(found)
    }

    /// Puts a case in, or in place of what was there. Persons must be put in before.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub fn put_case(&mut self, ordinal: u64, parts: &CaseParts) -> Result<(), ProjectionError> {
        let (mut listed, mut people) = (parts.listed.clone(), BTreeSet::new());
        for person in &parts.people {
            people.extend(self.same_person(*person)?);
        }
        let case = listed.kind == RowKind::Case;
        let mut new = CaseTerms::default();
        for person in people {
            let entry = self.person(person)?;
            listed.whole &= !entry.unreadable;
            new.terms.insert(self.keys.person(person));
            new.terms.extend(
                entry
                    .number
                    .iter()
                    .chain(&entry.name.words)
                    .chain(&entry.name.pairs),
            );
            if entry.name.words.len() > 1 {
                new.names.push(entry.name.words);
            }
        }
        new.terms
            .extend(parts.reach.iter().map(|stream| self.keys.reach(*stream)));
        if case {
            new.terms
                .extend(self.keys.of_row(&listed.row, listed.whole));
        } else {
            new.terms.insert(self.keys.untouched());
        }
        self.put_terms(ordinal, &new.terms)?;
        let day = listed.row.opened.map(|opened| day_number(opened.day()));
        self.put_day(ordinal, day.filter(|_| case))?;
        let gone = self.duty_lists.put(
            self.rows,
            (self.keys, self.law),
            ordinal,
            (&listed.row, &parts.evaluated),
        )?;
        self.lost += usize::from(gone);
        self.cases.insert(ordinal, Some((listed, new)));
        Ok(())
    }

    /// Takes out what was there of a notification: the cases that it belongs to show it.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub(crate) fn put_no_case(
        &mut self,
        ordinal: u64,
        stream: StreamId,
    ) -> Result<(), ProjectionError> {
        if self.terms(ordinal)?.is_none() {
            return Ok(());
        }
        self.put_terms(ordinal, &BTreeSet::new())?;
        let nothing = (&CaseRow::unknown(stream), &Evaluated::default());
        self.duty_lists
            .put(self.rows, (self.keys, self.law), ordinal, nothing)?;
        self.cases.insert(ordinal, None);
        Ok(())
    }

    /// Puts the terms that a row is found by in place of those that were there.
    fn put_terms(&mut self, ordinal: u64, new: &BTreeSet<Token>) -> Result<(), ProjectionError> {
        let old = self
            .terms(ordinal)?
            .map_or_else(BTreeSet::new, |terms| terms.terms);
        let (span, offset) = span::place(ordinal);
        for token in old.difference(new) {
            self.span(*token, span)?.remove(offset);
            self.lost += 1;
        }
        for token in new.difference(&old) {
            self.span(*token, span)?.insert(offset);
        }
        Ok(())
    }

    fn put_day(&mut self, ordinal: u64, day: Option<i32>) -> Result<(), ProjectionError> {
        let (span, offset) = span::place(ordinal);
        let days = &mut self.days(span)?.0;
        match day {
            Some(day) => days.insert(offset, day),
            None => days.remove(&offset),
        };
        Ok(())
    }

    /// Puts more in of what a case adds to the key figures; everything else of it stays.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub(crate) fn add_figures(
        &mut self,
        ordinal: u64,
        added: Vec<Added>,
    ) -> Result<(), ProjectionError> {
        self.duty_lists
            .add_figures(self.rows, self.keys, ordinal, added)
    }

    /// What a case is found by; none when there is no such case.
    pub(crate) fn terms(&self, ordinal: u64) -> Result<Option<CaseTerms>, ProjectionError> {
        match self.cases.get(&ordinal) {
            Some(known) => Ok(known.as_ref().map(|(_, terms)| terms.clone())),
            None => get(self.rows, self.keys, &Key::Terms(ordinal)),
        }
    }

    /// The ordinals of the cases in force that have a term.
    pub(crate) fn having(&self, token: &Token) -> Result<Vec<u64>, ProjectionError> {
        having(self.rows, self.keys, token)
    }

    fn span(&mut self, token: Token, span: u64) -> Result<&mut Span, ProjectionError> {
        use std::collections::btree_map::Entry;
        match self.spans.entry((token, span)) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(slot) => Ok(slot.insert(
                get(self.rows, self.keys, &Key::Posting(token, span))?.unwrap_or_default(),
            )),
        }
    }

    fn days(&mut self, span: u64) -> Result<&mut Days, ProjectionError> {
        use std::collections::btree_map::Entry;
        match self.days.entry(span) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(slot) => {
                Ok(slot.insert(get(self.rows, self.keys, &Key::Days(span))?.unwrap_or_default()))
            }
        }
    }

    /// Goes on with sums that an earlier draft left, which are written nowhere yet.
    pub fn go_on_with(&mut self, sums: Sums) {
        self.duty_lists.sums = sums;
    }

    /// Leaves the sums to a later draft, so that they are written once and not with each of many.
    pub fn leave_sums(&mut self) -> Sums {
        std::mem::take(&mut self.duty_lists.sums)
    }

    /// The changes as one step.
    #[must_use]
    pub(crate) fn finish(self, position: Size, head: &Head) -> ProjectionBatch {
        let seal = |key: &Key, row: Option<Vec<u8>>| {
            let place = key.bytes();
            let sealed = row.map(|row| self.keys.rows.seal(&place, &row));
            (place, sealed)
        };
        let mut rows = vec![seal(&Key::Head(self.keys.epoch), Some(head.write()))];
        for ((token, span), set) in &self.spans {
            rows.push(seal(
                &Key::Posting(*token, *span),
                (!set.is_empty()).then(|| set.write()),
            ));
        }
        for (span, days) in &self.days {
            rows.push(seal(
                &Key::Days(*span),
                (!days.0.is_empty()).then(|| days.write()),
            ));
        }
        for (ordinal, known) in &self.cases {
            let (row, terms) = known
                .as_ref()
                .map(|(listed, terms)| (listed.write(), terms.write()))
                .unzip();
            rows.push(seal(&Key::Case(*ordinal), row));
            rows.push(seal(&Key::Terms(*ordinal), terms));
        }
        rows.extend(
            self.duty_lists
                .changes(self.keys)
                .into_iter()
                .map(|(key, row)| seal(&key, row)),
        );
        for (person, entry) in &self.persons {
            let row = (*entry != PersonEntry::default()).then(|| entry.write());
            rows.push(seal(&Key::Person(self.keys.person(*person)), row));
        }
        ProjectionBatch { position, rows }
    }

    /// The changes as one step, for rows that are made without a log.
    #[must_use]
    pub fn into_batch(self, position: Size) -> ProjectionBatch {
        let law = self.law.name.clone();
        self.finish(
            position,
            &Head {
                leaf: None,
                remnants: false,
                law,
            },
        )
    }
}

/// The ordinals of the cases that have a term, rising.
pub(crate) fn having(
    rows: &dyn ProjectionSnapshot,
    keys: &ListKeys,
    token: &Token,
) -> Result<Vec<u64>, ProjectionError> {
    let mut found = Vec::new();
    each_span(rows, keys, token, |span, set| {
        found.extend(
            set.numbers()
                .into_iter()
                .map(|offset| span::ordinal(span, offset)),
        )
    })?;
    Ok(found)
}

/// How many cases have a term.
pub(crate) fn count(
    rows: &dyn ProjectionSnapshot,
    keys: &ListKeys,
    token: &Token,
) -> Result<u64, ProjectionError> {
    let mut count = 0;
    each_span(rows, keys, token, |_, set| count += u64::from(set.len()))?;
    Ok(count)
}

fn each_span(
    rows: &dyn ProjectionSnapshot,
    keys: &ListKeys,
    token: &Token,
    mut visit: impl FnMut(u64, Span),
) -> Result<(), ProjectionError> {
    each_row(rows, keys, &Key::postings(token), |key, span| {
        visit(Key::span(key).ok_or(MALFORMED)?, span);
        Ok(())
    })
}
