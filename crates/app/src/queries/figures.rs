//! Key figures over all cases: from what each case adds, kept in the rows of the lists, or from the
//! cases themselves where the past or another law is asked for.
//!
//! It compares and sets no target; small groups are not shown, and neither are their cases.

use std::collections::{BTreeMap, BTreeSet};

use domain::reading::{Known, Reading, ReadingPoint};
use events::ids::StreamId;
use events::spec::StreamKind;
use jiff::Timestamp;
use jiff::civil::Date;
use law::key_figures::KeyFigure;
use law::key_figures::contribution::{Contribution, contributions};
use law::key_figures::summary::{Dimension, Group, Key, Length, Sum, Summary, key};
use record::positions::Size;
use store::projection_store::{Direction, ProjectionError};

use crate::app::App;
use crate::error::ReadError;
use crate::log::content;
use crate::log::reader::StreamReader;
use crate::rows::bucket::Place as Bucket;
use crate::rows::case_row::{Key as Place, MALFORMED, Stored, day_number, get};
use crate::rows::draft;
use crate::rows::duty::holes;
use crate::rows::duty_row::{CaseFigures, figure_at};
use crate::rows::fold::passing;
use crate::rows::lists::ListError;
use crate::rows::search::Rows;
use crate::rows::sums::{MonthSum, Totals};
use crate::rules::basis::{Basis, InForce, WhatIf};
use crate::rules::facts::facts;
use crate::rules::rulebook::Rulebook;

/// Rows read at once.
const PAGE: usize = 512;
/// Fewer rows than a full page are not worth a second thread.
const OPENED_PARALLEL_FROM: usize = PAGE;
/// Cases that are read from the record at once.
const CASES: usize = 64;

/// A question for key figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiguresQuery {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// How long the periods are that they are summed up for.
    pub length: Length,
    /// By what they are told apart.
    pub by: Vec<Dimension>,
    /// The moment to read every case at; from the rows, as of now, when not stated.
    pub point: Option<ReadingPoint>,
    /// Weigh the cases by other law than that in force; they are read for it.
    pub what_if: WhatIf,
    /// Where every case must be read: at most so many; any number when not stated.
    pub read_max: Option<u64>,
    /// At most so many cases behind each figure.
    pub cases_max: usize,
    /// Groups too small to leave the house are shown as well.
    pub small_groups: bool,
    /// Reflecting at least so many entries of the log, where the rows answer.
    pub at_least: Option<Size>,
}

/// A figure with the cases behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its definition.
    pub definition: &'static KeyFigure,
    /// The period, the group and the sum.
    pub group: Group,
    /// The cases, oldest first, as far as they were asked for and may be seen.
    pub cases: Vec<StreamId>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// The figures by definition, period and group.
    pub figures: Vec<Figure>,
    /// Cases that add something, or in which something was erased.
    pub cases: u64,
    /// Cases in which something was erased: what it proved is not counted.
    pub cases_with_holes: u64,
    /// Events that were erased in them.
    pub holes: u64,
    /// Cases that could not be read whole.
    pub incomplete: u64,
    /// How many entries of the log the answer reflects at most.
    pub position: Size,
    /// The law that the cases were evaluated by.
    pub basis: Basis,
}

/// The groups of a question, each with the cases behind it.
type Behind = BTreeMap<(String, Date, Key), BTreeSet<u64>>;

/// What cases add, as it comes together.
struct Tally<'q> {
    query: &'q FiguresQuery,
    /// Whether the cases behind a figure are told.
    tells_cases: bool,
    summary: Summary<'static>,
    behind: Behind,
    answer: Figures,
    /// The case that was counted last: it may lie in several rows.
    counted: Option<u64>,
}

impl<'q> Tally<'q> {
    fn new(query: &'q FiguresQuery, position: Size) -> Self {
        let tells_cases = query.cases_max > 0;
        let answer = Figures {
            position,
            ..Figures::default()
        };
        let summary = Summary::new(&Rulebook::built_in().figures, query.length, &query.by);
        let summary = if query.small_groups {
            summary.showing_small_groups()
        } else {
            summary
        };
        Self {
            query,
            tells_cases,
            summary,
            behind: Behind::new(),
            answer,
            counted: None,
        }
    }

    /// Takes a case in, or the next part of one.
    fn case(&mut self, ordinal: u64, holes: u32, added: Vec<Contribution>) {
        if holes == 0 && added.is_empty() {
            return;
        }
        if self.counted.replace(ordinal) != Some(ordinal) {
            self.answer.cases += 1;
        }
        self.answer.holes += u64::from(holes);
        self.answer.cases_with_holes += u64::from(holes > 0);
        let (from, to) = (self.query.from, self.query.to);
        for contribution in added
            .into_iter()
            .filter(|added| from <= added.day && added.day <= to)
        {
            if self.tells_cases {
                let group = (
                    contribution.figure.clone(),
                    self.query.length.period_of(contribution.day),
                    key(&contribution.slice, &self.query.by),
                );
                let behind = self.behind.entry(group).or_default();
                // Cases come oldest first; those beyond what is asked for need not be kept.
                if behind.len() < self.query.cases_max {
                    behind.insert(ordinal);
                }
            }
            self.summary.add(&contribution);
        }
    }

    /// The sums; `stream` knows the case of an ordinal.
    fn finish<E>(self, stream: impl Fn(u64) -> Result<Option<StreamId>, E>) -> Result<Figures, E> {
        let (rulebook, mut answer) = (Rulebook::built_in(), self.answer);
        for group in self.summary.finish() {
            let Some(definition) = rulebook.figures.figure(&group.figure) else {
                continue;
            };
            let mut cases = Vec::new();
            if group.sum != Sum::Suppressed {
                let behind =
                    self.behind
                        .get(&(group.figure.clone(), group.period, group.key.clone()));
                for ordinal in behind.into_iter().flatten().take(self.query.cases_max) {
                    cases.extend(stream(*ordinal)?);
                }
            }
            answer.figures.push(Figure {
                definition,
                group,
                cases,
            });
        }
        let order = |figure: &Figure| {
            rulebook
                .figures
                .figures
                .iter()
                .position(|known| known.id == figure.definition.id)
        };
        answer.figures.sort_by(|one, other| {
            (order(one), one.group.period, &one.group.key).cmp(&(
                order(other),
                other.group.period,
                &other.group.key,
            ))
        });
        Ok(answer)
    }
}

impl Rows<'_> {
    /// Key figures from what each case adds, as it is known at a moment.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub fn figures(
        &self,
        query: &FiguresQuery,
        now: Timestamp,
    ) -> Result<Figures, ProjectionError> {
        let mut tally = Tally::new(query, self.rows.position());
        tally.answer.incomplete = draft::count(self.rows, self.keys, &self.keys.incomplete())?;
        if tally.tells_cases {
            self.add_cases(&mut tally, now.as_second())?;
        } else {
            self.add_sums(&mut tally, now.as_second())?;
        }
        tally.finish(|ordinal| Ok(Some(self.case(ordinal)?.row.case)))
    }

    /// Takes in what was summed up as the cases changed.
    fn add_sums(&self, tally: &mut Tally<'_>, now: i64) -> Result<(), ProjectionError> {
        let totals: Totals = get(self.rows, self.keys, &Place::Totals)?.unwrap_or_default();
        tally.answer.cases = totals.cases_at(now);
        tally.answer.cases_with_holes = totals.cases_with_holes.into();
        tally.answer.holes = totals.holes;
        let (from, to) = (tally.query.from, tally.query.to);
        let days = (day_number(from), day_number(to));
        let asked = Bucket::month_of(from)..=Bucket::month_of(to);
        let months = totals.months.into_iter();
        for month in months.filter(|(_, month)| asked.contains(month)) {
            let sum: Option<MonthSum> =
                get(self.rows, self.keys, &Place::Sum(self.keys.sum(month)))?;
            let (sum, figure) = sum.zip(figure_at(month.0)).ok_or(MALFORMED)?;
            sum.add_to(&mut tally.summary, &figure.id, days, now);
        }
        Ok(())
    }

    /// Takes in what each case adds: the cases behind the figures are asked for.
    fn add_cases(&self, tally: &mut Tally<'_>, now: i64) -> Result<(), ProjectionError> {
        let mut beyond = None::<Vec<u8>>;
        loop {
            let page =
                self.rows
                    .scan(Place::FIGURES, beyond.as_deref(), Direction::Rising, PAGE)?;
            let last = page.len() < PAGE;
            // Opening and reading the rows is most of the work, and no row needs another.
            let opened = content::each(&page, OPENED_PARALLEL_FROM, |(place, sealed)| {
                let plain = self.keys.rows.open(place, sealed).ok();
                Ok::<_, ReadError>(plain.and_then(|plain| CaseFigures::read(&plain)))
            });
            let opened = opened.map_err(|_| MALFORMED)?;
            for ((place, _), case) in page.into_iter().zip(opened) {
                let case = case.ok_or(MALFORMED)?;
                let known = case
                    .added
                    .into_iter()
                    .filter(|added| added.from <= now)
                    .map(|added| added.contribution);
                let (ordinal, _) = Place::figures_in(&place).ok_or(MALFORMED)?;
                tally.case(ordinal, case.holes, known.collect());
                beyond = Some(place);
            }
            if last {
                return Ok(());
            }
        }
    }
}

/// What a case adds at a reading point; none when it did not exist then.
fn read_case(
    reader: &StreamReader,
    municipality: &str,
    case: StreamId,
    (point, as_of): (ReadingPoint, Timestamp),
    (what_if, in_force): (&WhatIf, &InForce),
) -> Result<Option<(u32, Vec<Contribution>)>, ReadError> {
    let reached = reader.epoch.reading(|| reader.reach(case, &point, true))?;
    let reading = Reading::new(reached.records, point)?;
    if !reading.events.iter().any(|event| event.stream == case) {
        return Ok(None);
    }
    let catalogue = what_if.catalogue(in_force);
    let circumstances = what_if.circumstances(catalogue, municipality, as_of, case);
    let added = contributions(
        &Rulebook::built_in().figures,
        catalogue,
        &facts(&reading),
        &circumstances,
    );
    Ok(Some((holes(&reading), added)))
}

impl App {
    /// Key figures over all cases. Where the past or another law is asked for, `progress` hears of
    /// cases read and to read.
    ///
    /// # Errors
    /// [`ListError`].
    pub(crate) fn key_figures(
        &self,
        query: &FiguresQuery,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Figures, ListError> {
        let point = query.point.unwrap_or_default();
        let in_force = self.rules_in_force(&point)?;
        if query.point.is_none() && !query.what_if.asks() {
            let now = self.now();
            let ask = |rows: Rows<'_>| Ok((rows.figures(query, now)?, rows.catalogue()?));
            let (figures, catalogue) = self.lists()?.ask(query.at_least, ask)?;
            return Ok(Figures {
                basis: self.basis_of_rows(&in_force, catalogue)?,
                ..figures
            });
        }
        let as_of = match (point.occurred_by, point.known) {
            (Some(by), _) => by,
            (None, Known::At(at) | Known::Before { at, .. }) => at,
            (None, Known::Now | Known::Position(_)) => self.now(),
        };
        let figures = self.figures_of_record(query, (point, as_of), &in_force, progress)?;
        Ok(Figures {
            basis: query.what_if.basis(&in_force),
            ..figures
        })
    }

    /// Reads every case, some at a time; of each only what it adds is kept.
    fn figures_of_record(
        &self,
        query: &FiguresQuery,
        at: (ReadingPoint, Timestamp),
        in_force: &InForce,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Figures, ListError> {
        let reader = StreamReader {
            caches: None,
            ..self.reader.clone()
        };
        let (municipality, size) = (self.layout().municipality().code(), self.size());
        let streams = self.reader.of_kind(StreamKind::Case)?;
        let cases = streams.len() as u64;
        if let Some(most) = query.read_max.filter(|most| *most < cases) {
            return Err(ListError::TooMany { cases, most });
        }
        let mut tally = Tally::new(query, size);
        let numbered: Vec<(u64, StreamId)> = (0..).zip(streams.iter().copied()).collect();
        for some in numbered.chunks(CASES) {
            let read = content::each(some, 2, |(ordinal, case)| {
                match read_case(&reader, municipality, *case, at, (&query.what_if, in_force)) {
                    // What cannot be read for good is told, and hides no other case.
                    Err(error) if !passing(&error) => {
                        tracing::error!(%case, %error, "a case cannot be read for the key figures");
                        Ok((*ordinal, None, true))
                    }
                    read => Ok::<_, ReadError>((*ordinal, read?, false)),
                }
            })?;
            for (ordinal, read, unreadable) in read {
                tally.answer.incomplete += u64::from(unreadable);
                if let Some((holes, added)) = read {
                    tally.case(ordinal, holes, added);
                }
            }
            progress(
                some.last().map_or(0, |(ordinal, _)| ordinal + 1),
                numbered.len() as u64,
            );
        }
        tally.finish(|ordinal| {
            Ok(usize::try_from(ordinal)
                .ok()
                .and_then(|place| streams.get(place))
                .copied())
        })
    }
}
