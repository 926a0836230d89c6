//! Asking the board: the duties of many cases, by the day on which they are due.
//!
//! How a duty stands is evaluated at the time of the question. A duty without a number has an age and
//! is never overdue.

use std::collections::BTreeMap;

use domain::reading::ReadingPoint;
use domain::views::listing::CaseRow;
use events::calendar::days_between;
use events::ids::{EventId, PersonId};
use events::text::{EmployeeId, Short};
use events::time::day_of;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use law::catalogue::Catalogue;
use law::rule::Rule;
use record::b64u;
use record::keys::Token;
use record::positions::Size;
use serde_json::json;
use store::projection_store::ProjectionError;

use crate::app::App;
use crate::rows::bucket::Place;
use crate::rows::case_row::{Key, ListedCase, RowKind, day_number, get};
use crate::rows::draft::count;
use crate::rows::duty::{DueForm, OpenDuty};
use crate::rows::duty_row::{Bucket, Calendar, CaseDuties, Entry, NO_DAY, day_of_number};
use crate::rows::keys::{Digests, ListKeys};
use crate::rows::lists::ListError;
use crate::rows::search::Rows;
use crate::rules::basis::{Basis, InForce, WhatIf};
use crate::rules::rulebook::Rulebook;

/// What duties must have, all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BoardFilter {
    /// This employee works on the case.
    pub caseworker: Option<EmployeeId>,
    /// This unit has the case.
    pub unit: Option<Short>,
    /// Only overdue ones, or only those that are not.
    pub overdue: Option<bool>,
    /// Due within so many days from today, or earlier.
    pub due_within_days: Option<u16>,
    /// Under the rule of this id.
    pub rule: Option<String>,
}

/// A question for duties.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BoardQuery {
    /// What they must have.
    pub filter: BoardFilter,
    /// Only behind this cursor.
    pub after: Option<String>,
    /// How many.
    pub count: usize,
    /// Reflecting at least so many entries of the log.
    pub at_least: Option<Size>,
}

/// A duty of a case as it stands now, or of a notification that belongs to no case yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardDuty {
    /// Whose duty it is.
    pub kind: RowKind,
    /// The case; of a notification its stream, when it was received and the unit that received it.
    pub row: CaseRow,
    /// The rule.
    pub rule: &'static Rule,
    /// The event that it arises from.
    pub event: EventId,
    /// For whom it is owed.
    pub subject: Option<PersonId>,
    /// The day on which it arose.
    pub trigger: Date,
    /// In which form it is due.
    pub form: DueForm,
    /// The day on which it is due; none for a duty without a number.
    pub due: Option<Date>,
    /// The last instant at which it is not overdue.
    pub overdue_after: Option<Timestamp>,
    /// Whether its day has passed, or what should have waited for it did not.
    pub overdue: bool,
    /// Whether it is time to act: the careful day has come.
    pub warned: bool,
    /// Days since its clock began.
    pub age_days: i32,
}

/// A duty with its place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardEdge {
    /// Its place, for the next question.
    pub cursor: String,
    /// The duty.
    pub duty: BoardDuty,
}

/// A page of duties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardPage {
    /// The duties by due day, then case, then rule; those without a day come last.
    pub edges: Vec<BoardEdge>,
    /// Whether more follow.
    pub more_after: bool,
    /// How many entries of the log the page reflects.
    pub position: Size,
    /// Cases that could not be read whole, whose duties may be missing.
    pub incomplete: u64,
    /// The law that the duties stand under.
    pub basis: Basis,
}

/// A place in the order of the board.
type Spot = (i32, u64, u16, u16);

/// A question as it is carried out at a moment.
pub struct BoardPlan {
    list: Token,
    rule_id: Option<String>,
    unit: Option<[u8; 8]>,
    overdue: Option<bool>,
    last_day: Option<i32>,
    now: i64,
    today: Date,
    digests: Digests,
}

fn spot(entry: &Entry) -> Spot {
    (entry.day, entry.ordinal, entry.rule, entry.nth)
}

impl BoardPlan {
    /// Plans a filter.
    ///
    /// # Errors
    /// [`ListError::Unknown`] when no catalogue of the program has such a rule.
    pub fn new(
        filter: &BoardFilter,
        keys: &ListKeys,
        rules: &Rulebook,
        now: Timestamp,
    ) -> Result<Self, ListError> {
        let BoardFilter {
            caseworker,
            unit,
            overdue,
            due_within_days,
            rule,
        } = filter;
        if let Some(id) = rule
            && rules
                .library
                .all()
                .all(|catalogue| catalogue.rule(id).is_none())
        {
            return Err(ListError::Unknown(format!("rule {id}")));
        }
        let today = day_of(now);
        let own = caseworker.as_ref().map(|id| keys.duties_of_caseworker(id));
        let of_rule = rule.as_ref().map(|id| keys.duties_of_rule(id));
        let of_unit = unit.as_ref().map(|unit| keys.duties_of_unit(unit.as_str()));
        // The shortest list first; what it does not settle is asked of each entry.
        let list = own.or(of_rule).or(of_unit).unwrap_or_else(|| keys.duties());
        let said = json!(["board", caseworker, unit, overdue, due_within_days, rule]);
        Ok(Self {
            list,
            rule_id: rule.clone(),
            unit: of_unit.and_then(|token| token.first_chunk::<8>().copied()),
            overdue: *overdue,
            last_day: due_within_days.map(|days| {
                day_number(
                    today
                        .checked_add(i32::from(days).days())
                        .unwrap_or(Date::MAX),
                )
            }),
            now: now.as_second(),
            today,
            digests: keys.digests(&said.to_string()),
        })
    }

    fn fits(&self, entry: &Entry, catalogue: &Catalogue) -> bool {
        let overdue = entry.missed || entry.last.is_some_and(|last| self.now > last);
        let rule = || {
            let Some(wanted) = &self.rule_id else {
                return true;
            };
            catalogue
                .rule_at(entry.rule)
                .is_some_and(|rule| rule.id == *wanted)
        };
        entry.from <= self.now
            && self.now < entry.until
            && self.overdue.is_none_or(|wanted| wanted == overdue)
            && self.last_day.is_none_or(|last| entry.day <= last)
            && self.unit.is_none_or(|unit| unit == entry.unit)
            && rule()
    }

    /// Whether no entry of a place can fit.
    fn skips(&self, place: Place, after: Option<Spot>) -> bool {
        let undated = place.month == u32::MAX;
        let latest = match (self.overdue, self.last_day) {
            (Some(true), None) => Some(day_number(self.today)),
            (_, last) => last,
        };
        let too_late = latest
            .is_some_and(|latest| undated || place.month > Place::month_of(day_of_number(latest)));
        // All days of an earlier month have passed.
        let overdue = self.overdue == Some(false) && place.month < Place::month_of(self.today);
        let behind = after.is_some_and(|(day, ordinal, _, _)| {
            let due = (day != NO_DAY).then(|| day_of_number(day));
            let at = Place::of(due, ordinal);
            place.month < at.month || undated && place < at
        });
        too_late || overdue || behind
    }
}

impl Rows<'_> {
    /// At most `limit` entries behind a place, in the order of the board.
    fn duties_behind(
        &self,
        plan: &BoardPlan,
        after: Option<Spot>,
        limit: usize,
        rules: &Catalogue,
    ) -> Result<Vec<Entry>, ProjectionError> {
        let calendar: Calendar =
            get(self.rows, self.keys, &Key::Calendar(plan.list))?.unwrap_or_default();
        let mut found = Vec::new();
        let mut places = calendar
            .0
            .keys()
            .filter(|place| !plan.skips(**place, after))
            .peekable();
        while let Some(first) = places.next() {
            let mut entries = self.entries(plan, *first, after, rules)?;
            // The cases of a month lie in several places; without a day the places are in order.
            while let Some(next) =
                places.next_if(|next| next.month == first.month && next.month != u32::MAX)
            {
                entries.extend(self.entries(plan, *next, after, rules)?);
            }
            entries.sort_unstable_by_key(spot);
            found.extend(entries);
            if found.len() >= limit {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    fn entries(
        &self,
        plan: &BoardPlan,
        place: Place,
        after: Option<Spot>,
        rules: &Catalogue,
    ) -> Result<Vec<Entry>, ProjectionError> {
        let bucket: Option<Bucket> = get(
            self.rows,
            self.keys,
            &Key::Bucket(self.keys.bucket(plan.list, place)),
        )?;
        let bucket = bucket.ok_or(ProjectionError::Damaged(
            "duties that a calendar names have no row",
        ))?;
        let behind = |entry: &Entry| after.is_none_or(|after| spot(entry) > after);
        Ok(bucket
            .0
            .into_iter()
            .filter(|entry| behind(entry) && plan.fits(entry, rules))
            .collect())
    }

    /// A page of duties, each with its place in the order; and whether more follow.
    ///
    /// # Errors
    /// [`ProjectionError`].
    pub fn board(
        &self,
        plan: &BoardPlan,
        after: Option<Spot>,
        limit: usize,
    ) -> Result<(Vec<(Spot, BoardDuty)>, bool), ProjectionError> {
        let Some(rules) = self.catalogue()? else {
            return Ok((Vec::new(), false));
        };
        let mut entries = self.duties_behind(plan, after, limit.saturating_add(1), rules)?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        let mut cases: BTreeMap<u64, (ListedCase, CaseDuties)> = BTreeMap::new();
        let mut page = Vec::with_capacity(entries.len());
        for entry in entries {
            if let std::collections::btree_map::Entry::Vacant(slot) = cases.entry(entry.ordinal) {
                let owed: CaseDuties = get(self.rows, self.keys, &Key::Duties(entry.ordinal))?
                    .ok_or(ProjectionError::Damaged(
                        "a duty that is listed has no case",
                    ))?;
                slot.insert((self.case(entry.ordinal)?, owed));
            }
            let known = cases.get(&entry.ordinal);
            let known =
                known.and_then(|(of, owed)| Some((of, owed.duties.get(usize::from(entry.nth))?)));
            let duty = known.and_then(|(of, duty)| board_duty(of, duty, plan, rules));
            page.push((
                spot(&entry),
                duty.ok_or(ProjectionError::Damaged(
                    "a duty that is listed is not owed",
                ))?,
            ));
        }
        Ok((page, more))
    }
}

fn board_duty(
    of: &ListedCase,
    duty: &OpenDuty,
    plan: &BoardPlan,
    rules: &'static Catalogue,
) -> Option<BoardDuty> {
    Some(BoardDuty {
        kind: of.kind,
        row: of.row.clone(),
        rule: rules.rule_at(duty.rule)?,
        event: duty.event,
        subject: duty.subject,
        trigger: duty.trigger,
        form: duty.form,
        due: duty.due,
        overdue_after: duty.last.and_then(|last| Timestamp::from_second(last).ok()),
        overdue: duty.overdue_at(plan.now)?,
        warned: duty.warn.is_some_and(|warn| plan.now > warn),
        age_days: days_between(duty.start, plan.today).max(0),
    })
}

/// What a cursor says: municipality, list, filter, place.
fn cursor(code: &str, digest: Token, (day, ordinal, rule, nth): Spot) -> String {
    b64u::encode(
        format!(
            "{code}:board:{}:{day}:{ordinal}:{rule}:{nth}",
            b64u::encode(&digest)
        )
        .as_bytes(),
    )
}

/// The place that a cursor of this list names.
fn place(text: &str, code: &str, digests: Digests) -> Result<Spot, ListError> {
    let plain = b64u::decode(text.as_bytes())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let spot = plain.as_deref().and_then(|plain| {
        let mut parts = plain.rsplitn(5, ':');
        let (nth, rule, ordinal, day) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some((
            day.parse().ok()?,
            ordinal.parse().ok()?,
            rule.parse().ok()?,
            nth.parse().ok()?,
        ))
    });
    spot.filter(|spot| {
        digests
            .all()
            .any(|digest| cursor(code, digest, *spot) == text)
    })
    .ok_or(ListError::Cursor)
}

impl App {
    /// The law that rows answer by. They may be some entries behind, and then stand under the rules
    /// that were in force there.
    pub(crate) fn basis_of_rows(
        &self,
        in_force: &InForce,
        catalogue: Option<&'static Catalogue>,
    ) -> Result<Basis, ListError> {
        match catalogue {
            Some(catalogue) if catalogue.digest() == in_force.catalogue.digest() => {
                Ok(WhatIf::default().basis(in_force))
            }
            Some(catalogue) => Ok(WhatIf::default().basis(&InForce {
                catalogue,
                activation: None,
            })),
            None => Err(ListError::Making { done: 0, total: 0 }),
        }
    }

    /// A page of the duties of all cases as they stand now.
    ///
    /// # Errors
    /// [`ListError`].
    pub(crate) fn board(&self, query: &BoardQuery) -> Result<BoardPage, ListError> {
        let code = self.layout().municipality().code();
        // Rows of rules that the program does not hold would be empty: that is told, not shown.
        let in_force = self.rules_in_force(&ReadingPoint::default())?;
        let now = self.now();
        let ((page, more_after), digest, position, incomplete, catalogue) =
            self.lists()?.ask(query.at_least, |rows| {
                let plan = BoardPlan::new(&query.filter, rows.keys, self.rules, now)?;
                let after = query
                    .after
                    .as_ref()
                    .map(|text| place(text, code, plan.digests))
                    .transpose()?;
                let incomplete = count(rows.rows, rows.keys, &rows.keys.incomplete())?;
                Ok((
                    rows.board(&plan, after, query.count)?,
                    plan.digests.now,
                    rows.rows.position(),
                    incomplete,
                    rows.catalogue()?,
                ))
            })?;
        let basis = self.basis_of_rows(&in_force, catalogue)?;
        let edges = page.into_iter().map(|(spot, duty)| BoardEdge {
            cursor: cursor(code, digest, spot),
            duty,
        });
        Ok(BoardPage {
            edges: edges.collect(),
            more_after,
            position,
            incomplete,
            basis,
        })
    }
}
