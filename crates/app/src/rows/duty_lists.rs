//! Changes to the duties and key figures of cases that are not in force yet: what a case owes, and
//! the lists by due day in which it stands, change together.
//!
//! There is one list of all duties, one for each caseworker, unit and rule.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

use domain::views::listing::CaseRow;
use record::keys::Token;
use store::projection_store::{ProjectionError, ProjectionSnapshot};

use super::bucket::Place;
use super::duty::{Added, DueForm, Evaluated, OpenDuty};
use super::duty_row::{Bucket, Calendar, CaseDuties, CaseFigures, Entry, NO_DAY};
use crate::rows::case_row::{Key, MALFORMED, Stored, day_number, each_row, get};
use crate::rows::keys::ListKeys;
use crate::rows::sums::Sums;
use crate::rules::rulebook::RowLaw;

/// A row: where it stands, and what it holds; none where it goes.
pub(crate) type Change = (Key, Option<Vec<u8>>);

/// Changes on top of the rows in force.
#[derive(Default)]
pub(crate) struct DutyLists {
    calendars: BTreeMap<Token, Calendar>,
    buckets: BTreeMap<(Token, Place), Bucket>,
    duties: BTreeMap<u64, CaseDuties>,
    /// By ordinal and part; empty where a part goes.
    figures: BTreeMap<(u64, u32), CaseFigures>,
    /// What all cases add together.
    pub(crate) sums: Sums,
}

/// An entry with the list and the place in which it stands.
type Standing = (Token, Place, Entry);

fn entry(duty: &OpenDuty, ordinal: u64, nth: u16, unit: Option<Token>) -> Entry {
    Entry {
        day: duty.due.map_or(NO_DAY, day_number),
        ordinal,
        rule: duty.rule,
        nth,
        unit: unit
            .and_then(|token| token.first_chunk::<8>().copied())
            .unwrap_or_default(),
        missed: duty.form == DueForm::Missed,
        last: duty.last,
        from: duty.from,
        until: duty.until,
    }
}

/// Where the duties of a case stand.
fn standings(
    (keys, law): (&ListKeys, &RowLaw),
    ordinal: u64,
    case: &CaseDuties,
) -> BTreeSet<Standing> {
    let mut standings = BTreeSet::new();
    for (nth, duty) in (0_u16..).zip(&case.duties) {
        let (place, entry) = (
            Place::of(duty.due, ordinal),
            entry(duty, ordinal, nth, case.unit),
        );
        let rule = law
            .catalogue
            .and_then(|rules| rules.rule_at(duty.rule))
            .map(|rule| keys.duties_of_rule(&rule.id));
        let lists = [keys.duties()]
            .into_iter()
            .chain(rule)
            .chain(case.unit)
            .chain(case.caseworkers.iter().copied());
        standings.extend(lists.map(|list| (list, place, entry)));
    }
    standings
}

impl DutyLists {
    /// Puts what the law says of a case in place of what was there; answers whether something that
    /// stood there is gone.
    pub(crate) fn put(
        &mut self,
        rows: &dyn ProjectionSnapshot,
        (keys, law): (&ListKeys, &RowLaw),
        ordinal: u64,
        (row, evaluated): (&CaseRow, &Evaluated),
    ) -> Result<bool, ProjectionError> {
        let mut caseworkers: Vec<Token> = row
            .caseworkers
            .iter()
            .map(|id| keys.duties_of_caseworker(id))
            .collect();
        caseworkers.sort_unstable();
        caseworkers.dedup();
        let unit = row.unit.as_deref().map(|unit| keys.duties_of_unit(unit));
        let new = CaseDuties {
            duties: evaluated.duties.clone(),
            caseworkers,
            unit,
        };
        let old = match self.duties.get(&ordinal) {
            Some(known) => known.clone(),
            None => get(rows, keys, &Key::Duties(ordinal))?.unwrap_or_default(),
        };
        let (before, after) = (
            standings((keys, law), ordinal, &old),
            standings((keys, law), ordinal, &new),
        );
        for (list, place, entry) in before.difference(&after) {
            self.change(rows, keys, (*list, *place), |bucket| bucket.0.remove(entry))?;
        }
        for (list, place, entry) in after.difference(&before) {
            self.change(rows, keys, (*list, *place), |bucket| {
                bucket.0.insert(*entry)
            })?;
        }
        let gone = self.put_figures(rows, keys, ordinal, evaluated)?;
        let owed: BTreeSet<&OpenDuty> = new.duties.iter().collect();
        let lost = gone || old.duties.iter().any(|duty| !owed.contains(duty));
        if old != new {
            self.duties.insert(ordinal, new);
        }
        Ok(lost)
    }

    /// Puts what a case adds to the key figures in place of what was there; answers whether something
    /// that it added is gone.
    fn put_figures(
        &mut self,
        rows: &dyn ProjectionSnapshot,
        keys: &ListKeys,
        ordinal: u64,
        evaluated: &Evaluated,
    ) -> Result<bool, ProjectionError> {
        let mut new = CaseFigures::parts(&evaluated.figures, evaluated.holes);
        let old = self.figures_of(rows, keys, ordinal)?;
        if old == new {
            return Ok(false);
        }
        self.sums.put(rows, keys, &old, &new)?;
        let mut gone = false;
        for (part, old) in old {
            let kept = new.entry(part).or_default();
            let is_kept = |added| kept.added.binary_search(added).is_ok();
            gone |= !old.added.iter().all(is_kept);
            if *kept == old {
                new.remove(&part);
            }
        }
        let changed = new.into_iter();
        self.figures
            .extend(changed.map(|(part, figures)| ((ordinal, part), figures)));
        Ok(gone)
    }

    /// What a case adds, by part, as it was put in last.
    fn figures_of(
        &self,
        rows: &dyn ProjectionSnapshot,
        keys: &ListKeys,
        ordinal: u64,
    ) -> Result<BTreeMap<u32, CaseFigures>, ProjectionError> {
        let mut parts = BTreeMap::new();
        each_row(rows, keys, &Key::figures_of(ordinal), |key, figures| {
            let (_, part) = Key::figures_in(key).ok_or(MALFORMED)?;
            parts.insert(part, figures);
            Ok(())
        })?;
        let changed = self.figures.range((ordinal, 0)..=(ordinal, u32::MAX));
        parts.extend(changed.map(|((_, part), figures)| (*part, figures.clone())));
        parts.retain(|_, figures| *figures != CaseFigures::default());
        Ok(parts)
    }

    /// Puts more in of what a case adds to the key figures, of a case that adds something already;
    /// everything else of it stays.
    pub(crate) fn add_figures(
        &mut self,
        rows: &dyn ProjectionSnapshot,
        keys: &ListKeys,
        ordinal: u64,
        added: Vec<Added>,
    ) -> Result<(), ProjectionError> {
        for added in added {
            self.sums.add(rows, keys, &added)?;
            let figures = match self.figures.entry((ordinal, added.part)) {
                Slot::Occupied(known) => known.into_mut(),
                Slot::Vacant(slot) => {
                    let key = Key::Figures(ordinal, added.part);
                    slot.insert(get(rows, keys, &key)?.unwrap_or_default())
                }
            };
            figures.insert(added);
        }
        Ok(())
    }

    fn change(
        &mut self,
        rows: &dyn ProjectionSnapshot,
        keys: &ListKeys,
        (list, place): (Token, Place),
        change: impl FnOnce(&mut Bucket) -> bool,
    ) -> Result<(), ProjectionError> {
        let bucket = match self.buckets.entry((list, place)) {
            Slot::Occupied(known) => known.into_mut(),
            Slot::Vacant(slot) => slot.insert(
                get(rows, keys, &Key::Bucket(keys.bucket(list, place)))?.unwrap_or_default(),
            ),
        };
        if !change(bucket) {
            return Ok(());
        }
        let count = u32::try_from(bucket.0.len()).unwrap_or(u32::MAX);
        let calendar = match self.calendars.entry(list) {
            Slot::Occupied(known) => known.into_mut(),
            Slot::Vacant(slot) => {
                slot.insert(get(rows, keys, &Key::Calendar(list))?.unwrap_or_default())
            }
        };
        if count == 0 {
            calendar.0.remove(&place);
        } else {
            calendar.0.insert(place, count);
        }
        Ok(())
    }

    /// The changes.
    pub(crate) fn changes(&self, keys: &ListKeys) -> Vec<Change> {
        let mut changes = Vec::new();
        for (ordinal, duties) in &self.duties {
            changes.push((
                Key::Duties(*ordinal),
                (!duties.duties.is_empty()).then(|| duties.write()),
            ));
        }
        for ((ordinal, part), figures) in &self.figures {
            let empty = *figures == CaseFigures::default();
            let key = Key::Figures(*ordinal, *part);
            changes.push((key, (!empty).then(|| figures.write())));
        }
        changes.extend(self.sums.changes(keys));
        for ((list, place), bucket) in &self.buckets {
            changes.push((
                Key::Bucket(keys.bucket(*list, *place)),
                (!bucket.0.is_empty()).then(|| bucket.write()),
            ));
        }
        for (list, calendar) in &self.calendars {
            changes.push((
                Key::Calendar(*list),
                (!calendar.0.is_empty()).then(|| calendar.write()),
            ));
        }
        changes
    }
}
