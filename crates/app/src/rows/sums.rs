//! What all cases add to the key figures, summed up as cases change, so that a question for key
//! figures reads a few rows and not one for each case.
//!
//! What is added in a month to a figure lies together, sealed: by slice, how often each number came
//! on which day, and from when it counts. It names no case; what a single case adds stands beside.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

use law::key_figures::contribution::Slice;
use law::key_figures::count::Value;
use law::key_figures::summary::Summary;
use store::projection_store::{ProjectionError, ProjectionSnapshot};

use super::bucket::Place;
use super::codec::{ByteReader, ByteWriter};
use super::duty::{ALWAYS, Added};
use super::duty_lists::Change;
use super::duty_row::{
    CaseFigures, day_of_number, place_of, read_slice, read_value, whole, write_slice, write_value,
};
use crate::rows::case_row::{Key, Stored, day_number, get};
use crate::rows::keys::ListKeys;

/// A figure, by its place among the definitions, and a month.
pub(crate) type Month = (u8, u32);

/// A number on a day, and the first second at which it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Counted {
    day: i32,
    value: Value,
    from: i64,
}

/// What is added to a figure in a month: how often each number came, by slice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MonthSum(BTreeMap<Slice, BTreeMap<Counted, u32>>);

impl MonthSum {
    fn change(&mut self, added: &Added, more: bool) {
        let slice = &added.contribution.slice;
        let counted = Counted {
            day: day_number(added.contribution.day),
            value: added.contribution.value,
            from: added.from,
        };
        if !self.0.contains_key(slice) {
            self.0.insert(slice.clone(), BTreeMap::new());
        }
        let Some(by_number) = self.0.get_mut(slice) else {
            return;
        };
        change(by_number, counted, more);
        if by_number.is_empty() {
            self.0.remove(slice);
        }
    }

    /// Adds what counts at a second and lies between two days, both included, to a summary.
    pub(crate) fn add_to(
        &self,
        summary: &mut Summary<'_>,
        figure: &str,
        (first, last): (i32, i32),
        now: i64,
    ) {
        for (slice, by_number) in &self.0 {
            let counts = |counted: &Counted| {
                first <= counted.day && counted.day <= last && counted.from <= now
            };
            // No period is shorter than a month, so that all of them lie in the same.
            let Some((any, _)) = by_number.first_key_value() else {
                continue;
            };
            let numbers = by_number.iter().filter(|(counted, _)| counts(counted));
            let numbers = numbers.map(|(counted, often)| {
                (counted.value, usize::try_from(*often).unwrap_or(usize::MAX))
            });
            summary.add_many(figure, day_of_number(any.day), slice, numbers);
        }
    }
}

/// One more or one less of something; what there is none of is left out.
fn change<K: Ord>(counts: &mut BTreeMap<K, u32>, of: K, more: bool) {
    match counts.entry(of) {
        Slot::Vacant(slot) if more => {
            slot.insert(1);
        }
        Slot::Vacant(_) => {}
        Slot::Occupied(mut known) => {
            let count = known.get_mut();
            *count = if more {
                count.saturating_add(1)
            } else {
                count.saturating_sub(1)
            };
            if *count == 0 {
                known.remove();
            }
        }
    }
}

/// What is to be known of all cases together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    /// How many cases add something, or have holes, from which second on.
    cases: BTreeMap<i64, u32>,
    /// Cases in which something was erased.
    pub(crate) cases_with_holes: u32,
    /// Events that were erased in them.
    pub(crate) holes: u64,
    /// Where sums lie.
    pub(crate) months: BTreeSet<Month>,
}

impl Totals {
    /// How many cases add something, or have holes, at a second.
    pub(crate) fn cases_at(&self, now: i64) -> u64 {
        let counts = self.cases.range(..=now);
        counts.map(|(_, count)| u64::from(*count)).sum()
    }

    /// Takes a case in or out.
    fn change(&mut self, parts: &BTreeMap<u32, CaseFigures>, more: bool) {
        let holes: u32 = parts.values().map(|part| part.holes).sum();
        let from = if holes > 0 {
            Some(ALWAYS)
        } else {
            let added = parts.values().flat_map(|part| &part.added);
            added.map(|added| added.from).min()
        };
        if let Some(from) = from {
            change(&mut self.cases, from, more);
        }
        let with_holes = u32::from(holes > 0);
        if more {
            self.cases_with_holes += with_holes;
            self.holes += u64::from(holes);
        } else {
            self.cases_with_holes = self.cases_with_holes.saturating_sub(with_holes);
            self.holes = self.holes.saturating_sub(u64::from(holes));
        }
    }
}

/// Changes to sums that are not in force yet.
#[derive(Debug, Default)]
pub struct Sums {
    months: BTreeMap<Month, MonthSum>,
    totals: Option<Totals>,
}

fn month_of(added: &Added) -> Month {
    let contribution = &added.contribution;
    let figure = place_of(&contribution.figure);
    (figure, Place::month_of(contribution.day))
}

impl Sums {
    /// A case adds something else than before. `old` and `new` hold all of it.
    pub(crate) fn put(
        &mut self,
        rows: &dyn ProjectionSnapshot,
        keys: &ListKeys,
        old: &BTreeMap<u32, CaseFigures>,
        new: &BTreeMap<u32, CaseFigures>,
    ) -> Result<(), ProjectionError> {
        let totals = self.totals(rows, keys)?;
        totals.change(old, false);
        totals.change(new, true);
        for (part, figures) in old {
            if new.get(part) != Some(figures) {
                for added in &figures.added {
                    self.change(rows, keys, added, false)?;
                }
            }
        }
        for (part, figures) in new {
            if old.get(part) != Some(figures) {
                for added in &figures.added {
                    self.change(rows, keys, added, true)?;
                }
            }
        }
        Ok(())
    }

    /// A case that counts already adds something more, from now on.
    pub(crate) fn add(
        &mut self,
        rows: &dyn ProjectionSnapshot,
        keys: &ListKeys,
        added: &Added,
    ) -> Result<(), ProjectionError> {
        self.change(rows, keys, added, true)
    }

    fn totals(
        &mut self,
        rows: &dyn ProjectionSnapshot,
        keys: &ListKeys,
    ) -> Result<&mut Totals, ProjectionError> {
        if self.totals.is_none() {
            self.totals = Some(get(rows, keys, &Key::Totals)?.unwrap_or_default());
        }
        Ok(self.totals.get_or_insert_default())
    }

    fn change(
        &mut self,
        rows: &dyn ProjectionSnapshot,
        keys: &ListKeys,
        added: &Added,
        more: bool,
    ) -> Result<(), ProjectionError> {
        let month = month_of(added);
        let sum = match self.months.entry(month) {
            Slot::Occupied(known) => known.into_mut(),
            Slot::Vacant(slot) => {
                let known = get(rows, keys, &Key::Sum(keys.sum(month)))?;
                slot.insert(known.unwrap_or_default())
            }
        };
        sum.change(added, more);
        let empty = sum.0.is_empty();
        let months = &mut self.totals(rows, keys)?.months;
        if empty {
            months.remove(&month);
        } else {
            months.insert(month);
        }
        Ok(())
    }

    /// The changes.
    pub(crate) fn changes(&self, keys: &ListKeys) -> Vec<Change> {
        let totals = self.totals.iter().map(|totals| {
            let empty = *totals == Totals::default();
            (Key::Totals, (!empty).then(|| totals.write()))
        });
        let months = self.months.iter().map(|(month, sum)| {
            let row = (!sum.0.is_empty()).then(|| sum.write());
            (Key::Sum(keys.sum(*month)), row)
        });
        totals.chain(months).collect()
    }
}

impl Stored for MonthSum {
    fn write(&self) -> Vec<u8> {
        let mut writer = ByteWriter::default();
        writer.count(self.0.len());
        for (slice, by_number) in &self.0 {
            write_slice(&mut writer, slice);
            writer.count(by_number.len());
            for (counted, often) in by_number {
                writer.i32(counted.day);
                write_value(&mut writer, counted.value);
                writer.i64(counted.from);
                writer.u32(*often);
            }
        }
        writer.0
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let number = |reader: &mut ByteReader<'_>| {
            let counted = Counted {
                day: reader.i32()?,
                value: read_value(reader)?,
                from: reader.i64()?,
            };
            Some((counted, reader.u32()?))
        };
        whole(bytes, |reader| {
            let slice = |reader: &mut ByteReader<'_>| {
                let slice = read_slice(reader)?;
                Some((slice, reader.list(number)?.into_iter().collect()))
            };
            Some(Self(reader.list(slice)?.into_iter().collect()))
        })
    }
}

impl Stored for Totals {
    fn write(&self) -> Vec<u8> {
        let mut writer = ByteWriter::default();
        writer.count(self.cases.len());
        for (from, count) in &self.cases {
            writer.i64(*from);
            writer.u32(*count);
        }
        writer.u32(self.cases_with_holes);
        writer.u64(self.holes);
        writer.count(self.months.len());
        for (figure, month) in &self.months {
            writer.u8(*figure);
            writer.u32(*month);
        }
        writer.0
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        whole(bytes, |reader| {
            Some(Self {
                cases: reader
                    .list(|reader| Some((reader.i64()?, reader.u32()?)))?
                    .into_iter()
                    .collect(),
                cases_with_holes: reader.u32()?,
                holes: reader.u64()?,
                months: reader
                    .list(|reader| Some((reader.u8()?, reader.u32()?)))?
                    .into_iter()
                    .collect(),
            })
        })
    }
}
