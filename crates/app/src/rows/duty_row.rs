//! The stored form of what the law says of a case, and of the order in which duties are due.
//!
//! All of it is sealed, days included: the day on which a duty is due can tell the day of birth.

use std::collections::BTreeMap;

use events::assessment::CaseWeight;
use events::ids::{EventId, PersonId};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use law::key_figures::KeyFigure;
use law::key_figures::contribution::{Contribution, Slice};
use law::key_figures::count::Value;
use law::rule::RuleSet;
use record::keys::Token;
use uuid::Uuid;

use super::codec::{ByteReader, ByteWriter};
use super::duty::{Added, DueForm, OpenDuty};
use crate::rows::bucket::Place;
use crate::rows::case_row::{Stored, day_number};
use crate::rules::rulebook::Rulebook;

/// The duties of a case, with the lists that they stand in besides the one of all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CaseDuties {
    pub(crate) duties: Vec<OpenDuty>,
    /// Lists of its caseworkers.
    pub(crate) caseworkers: Vec<Token>,
    /// The list of its unit.
    pub(crate) unit: Option<Token>,
}

/// A part of what a case adds to the key figures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CaseFigures {
    /// Rising.
    pub(crate) added: Vec<Added>,
    /// Events of the case that were erased; in the first part only.
    pub(crate) holes: u32,
}

impl CaseFigures {
    /// What a case adds, by part; parts without anything are left out.
    pub(crate) fn parts(added: &[Added], holes: u32) -> BTreeMap<u32, Self> {
        let mut parts: BTreeMap<u32, Self> = BTreeMap::new();
        if holes > 0 {
            parts.entry(0).or_default().holes = holes;
        }
        for added in added {
            let part = parts.entry(added.part).or_default();
            part.added.push(added.clone());
        }
        parts
            .values_mut()
            .for_each(|part| part.added.sort_unstable());
        parts
    }

    /// Puts one more in.
    pub(crate) fn insert(&mut self, added: Added) {
        let place = self.added.partition_point(|known| *known < added);
        self.added.insert(place, added);
    }
}

/// A duty in a list: what tells whether it is shown, without opening its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Day on which it is due; the largest number where there is none.
    pub(crate) day: i32,
    pub(crate) ordinal: u64,
    pub(crate) rule: u16,
    /// Its place among the duties of its case.
    pub(crate) nth: u16,
    /// Beginning of the token of the unit, zero where there is none.
    pub(crate) unit: [u8; 8],
    pub(crate) missed: bool,
    pub(crate) last: Option<i64>,
    pub(crate) from: i64,
    pub(crate) until: i64,
}

/// The day of a duty that has none: behind all others.
pub(crate) const NO_DAY: i32 = i32::MAX;

/// Where the entries of a list lie, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Calendar(pub(crate) BTreeMap<Place, u32>);

/// The entries of one place, rising.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Bucket(pub(crate) std::collections::BTreeSet<Entry>);

/// A day from its number.
pub(crate) fn day_of_number(number: i32) -> Date {
    date(1970, 1, 1)
        .checked_add(number.days())
        .unwrap_or(Date::MAX)
}

fn read_day(reader: &mut ByteReader<'_>) -> Option<Date> {
    date(1970, 1, 1).checked_add(reader.i32()?.days()).ok()
}

fn read_event(reader: &mut ByteReader<'_>) -> Option<EventId> {
    EventId::new(Uuid::from_bytes(reader.fixed()?)).ok()
}

pub(crate) fn whole<T>(
    bytes: &[u8],
    read: impl FnOnce(&mut ByteReader<'_>) -> Option<T>,
) -> Option<T> {
    let mut reader = ByteReader(bytes);
    let value = read(&mut reader)?;
    reader.at_end().then_some(value)
}

const FORMS: [DueForm; 5] = [
    DueForm::None,
    DueForm::Day,
    DueForm::Instant,
    DueForm::Window,
    DueForm::Missed,
];

fn form_number(form: DueForm) -> u8 {
    match form {
        DueForm::None => 0,
        DueForm::Day => 1,
        DueForm::Instant => 2,
        DueForm::Window => 3,
        DueForm::Missed => 4,
    }
}

fn write_duty(writer: &mut ByteWriter, duty: &OpenDuty) {
    writer.u16(duty.rule);
    writer.fixed(*duty.event.uuid().as_bytes());
    writer.optional(duty.subject, |writer, subject| {
        writer.fixed(*subject.uuid().as_bytes())
    });
    writer.i32(day_number(duty.trigger));
    writer.i32(day_number(duty.start));
    writer.u8(form_number(duty.form));
    writer.optional(duty.due, |writer, due| writer.i32(day_number(due)));
    writer.optional(duty.warn, ByteWriter::i64);
    writer.optional(duty.last, ByteWriter::i64);
    writer.i64(duty.from);
    writer.i64(duty.until);
}

fn read_duty(reader: &mut ByteReader<'_>) -> Option<OpenDuty> {
    Some(OpenDuty {
        rule: reader.u16()?,
        event: read_event(reader)?,
        subject: reader.optional(|reader| PersonId::new(Uuid::from_bytes(reader.fixed()?)).ok())?,
        trigger: read_day(reader)?,
        start: read_day(reader)?,
        form: *FORMS.get(usize::from(reader.u8()?))?,
        due: reader.optional(read_day)?,
        warn: reader.optional(ByteReader::i64)?,
        last: reader.optional(ByteReader::i64)?,
        from: reader.i64()?,
        until: reader.i64()?,
    })
}

impl Stored for CaseDuties {
    fn write(&self) -> Vec<u8> {
        let mut writer = ByteWriter::default();
        writer.count(self.duties.len());
        self.duties
            .iter()
            .for_each(|duty| write_duty(&mut writer, duty));
        writer.count(self.caseworkers.len());
        self.caseworkers
            .iter()
            .for_each(|token| writer.fixed(*token));
        writer.optional(self.unit, ByteWriter::fixed);
        writer.0
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        whole(bytes, |reader| {
            Some(Self {
                duties: reader.list(read_duty)?,
                caseworkers: reader.list(ByteReader::fixed)?,
                unit: reader.optional(ByteReader::fixed)?,
            })
        })
    }
}

const RULE_SETS: [RuleSet; 5] = [
    RuleSet::Sel,
    RuleSet::Fri,
    RuleSet::Bl,
    RuleSet::Adm,
    RuleSet::Local,
];
const WEIGHTS: [CaseWeight; 3] = [CaseWeight::Light, CaseWeight::Medium, CaseWeight::Heavy];

fn number_in<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter()
        .position(|known| known == one)
        .and_then(|place| u8::try_from(place).ok())
        .unwrap_or(u8::MAX)
}

fn write_text(writer: &mut ByteWriter, text: Option<&String>) {
    writer.optional(text, |writer, text| writer.text(text));
}

fn read_text(reader: &mut ByteReader<'_>) -> Option<Option<String>> {
    reader.optional(|reader| reader.text().map(str::to_owned))
}

/// The place of a figure among the definitions.
pub(crate) fn place_of(figure: &str) -> u8 {
    let figures = &Rulebook::built_in().figures.figures;
    let place = figures.iter().position(|known| known.id == figure);
    place
        .and_then(|place| u8::try_from(place).ok())
        .unwrap_or(u8::MAX)
}

/// The figure at a place.
pub(crate) fn figure_at(place: u8) -> Option<&'static KeyFigure> {
    let figures = &Rulebook::built_in().figures.figures;
    figures.get(usize::from(place))
}

pub(crate) fn write_value(writer: &mut ByteWriter, value: Value) {
    match value {
        Value::Number(number) => {
            writer.u8(0);
            writer.i32(number);
        }
        Value::Was(was) => {
            writer.u8(1);
            writer.i32(i32::from(was));
        }
    }
}

pub(crate) fn read_value(reader: &mut ByteReader<'_>) -> Option<Value> {
    match (reader.u8()?, reader.i32()?) {
        (0, number) => Some(Value::Number(number)),
        (1, was) => Some(Value::Was(was == 1)),
        _ => None,
    }
}

pub(crate) fn write_slice(writer: &mut ByteWriter, slice: &Slice) {
    writer.text(&slice.municipality);
    write_text(writer, slice.unit.as_ref());
    write_text(writer, slice.district.as_ref());
    writer.u8(number_in(&RULE_SETS, &slice.rule_set));
    writer.optional(slice.weight, |writer, weight| {
        writer.u8(number_in(&WEIGHTS, &weight))
    });
}

pub(crate) fn read_slice(reader: &mut ByteReader<'_>) -> Option<Slice> {
    Some(Slice {
        municipality: reader.text()?.to_owned(),
        unit: read_text(reader)?,
        district: read_text(reader)?,
        rule_set: *RULE_SETS.get(usize::from(reader.u8()?))?,
        weight: reader.optional(|reader| WEIGHTS.get(usize::from(reader.u8()?)).copied())?,
    })
}

fn write_added(writer: &mut ByteWriter, added: &Added) {
    let contribution = &added.contribution;
    writer.u8(place_of(&contribution.figure));
    write_value(writer, contribution.value);
    writer.i32(day_number(contribution.day));
    writer.fixed(*contribution.event.uuid().as_bytes());
    writer.i64(added.from);
    writer.u32(added.part);
    write_slice(writer, &contribution.slice);
}

fn read_added(reader: &mut ByteReader<'_>) -> Option<Added> {
    let figure = figure_at(reader.u8()?)?.id.clone();
    let (value, day, event) = (read_value(reader)?, read_day(reader)?, read_event(reader)?);
    let (from, part) = (reader.i64()?, reader.u32()?);
    let contribution = Contribution {
        figure,
        value,
        day,
        event,
        slice: read_slice(reader)?,
    };
    Some(Added {
        contribution,
        from,
        part,
    })
}

impl Stored for CaseFigures {
    fn write(&self) -> Vec<u8> {
        let mut writer = ByteWriter::default();
        writer.u32(self.holes);
        writer.count(self.added.len());
        self.added
            .iter()
            .for_each(|added| write_added(&mut writer, added));
        writer.0
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        whole(bytes, |reader| {
            Some(Self {
                holes: reader.u32()?,
                added: reader.list(read_added)?,
            })
        })
    }
}

impl Stored for Calendar {
    fn write(&self) -> Vec<u8> {
        let mut writer = ByteWriter::default();
        writer.count(self.0.len());
        for (place, count) in &self.0 {
            writer.u32(place.month);
            writer.u32(place.span);
            writer.u32(*count);
        }
        writer.0
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let place = |reader: &mut ByteReader<'_>| {
            Some((
                Place {
                    month: reader.u32()?,
                    span: reader.u32()?,
                },
                reader.u32()?,
            ))
        };
        whole(bytes, |reader| {
            Some(Self(reader.list(place)?.into_iter().collect()))
        })
    }
}

impl Stored for Bucket {
    fn write(&self) -> Vec<u8> {
        let mut writer = ByteWriter::default();
        writer.count(self.0.len());
        for entry in &self.0 {
            writer.i32(entry.day);
            writer.u64(entry.ordinal);
            writer.u16(entry.rule);
            writer.u16(entry.nth);
            writer.fixed(entry.unit);
            writer.u8(u8::from(entry.missed));
            writer.optional(entry.last, ByteWriter::i64);
            writer.i64(entry.from);
            writer.i64(entry.until);
        }
        writer.0
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let entry = |reader: &mut ByteReader<'_>| {
            Some(Entry {
                day: reader.i32()?,
                ordinal: reader.u64()?,
                rule: reader.u16()?,
                nth: reader.u16()?,
                unit: reader.fixed()?,
                missed: reader.u8()? == 1,
                last: reader.optional(ByteReader::i64)?,
                from: reader.i64()?,
                until: reader.i64()?,
            })
        };
        whole(bytes, |reader| {
            Some(Self(reader.list(entry)?.into_iter().collect()))
        })
    }
}
