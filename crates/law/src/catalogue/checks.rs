//! What a catalogue must satisfy in itself before it is used. Each error names the rule and the
//! reason.

use std::collections::BTreeSet;

use super::error::CatalogueError;
use super::{Catalogue, Published};
use crate::fact::Approval;
use crate::rule::{Counting, Due, FIRST_CONTACT, Rule, RuleSet};

impl Catalogue {
    pub(super) fn check(&self) -> Result<(), CatalogueError> {
        for (place, rule) in self.rules.iter().enumerate() {
            check_texts(rule)?;
            check_counting(rule)?;
            if rule.to.is_some_and(|to| to < rule.from) {
                return Err(CatalogueError::EmptyPeriod {
                    rule: rule.id.clone(),
                });
            }
            let others = self
                .rules
                .iter()
                .skip(place + 1)
                .filter(|other| other.id == rule.id);
            for other in others {
                let day = rule.from.max(other.from);
                if rule.in_force(day) && other.in_force(day) {
                    return Err(CatalogueError::Overlap {
                        rule: rule.id.clone(),
                        day,
                    });
                }
            }
            if rule.set == RuleSet::Sel && rule.successors.is_empty() {
                return Err(CatalogueError::Missing {
                    rule: rule.id.clone(),
                    field: "successor",
                });
            }
            self.check_names(rule)?;
        }
        self.rules
            .iter()
            .try_for_each(|rule| self.check_cycle(rule))?;
        let rising = self
            .party_ages
            .is_sorted_by(|one, next| one.from < next.from);
        if !rising
            || self
                .party_ages
                .first()
                .is_none_or(|first| first.from.is_some())
        {
            return Err(CatalogueError::PartyAges);
        }
        self.approvals
            .iter()
            .try_for_each(|approval| self.check_approval(approval))?;
        self.published
            .iter()
            .enumerate()
            .try_for_each(|(place, period)| self.check_published(place, period))
    }

    fn check_approval(&self, approval: &Approval) -> Result<(), CatalogueError> {
        let lifts = |id: &String| {
            self.rules
                .iter()
                .any(|other| other.suppresses.contains(id) || other.replaces.as_ref() == Some(id))
        };
        match approval.covers.iter().find(|id| !lifts(id)) {
            Some(rule) => Err(CatalogueError::Approval {
                municipality: approval.municipality.clone(),
                rule: rule.clone(),
            }),
            None => Ok(()),
        }
    }

    fn check_published(&self, place: usize, period: &Published) -> Result<(), CatalogueError> {
        let known = self.rules.iter().find(|rule| rule.id == period.rule);
        let twice = self.published.iter().skip(place + 1).any(|other| {
            other.municipality == period.municipality
                && other.rule == period.rule
                && other.from == period.from
        });
        let four_digits = period.municipality.len() == 4
            && period
                .municipality
                .bytes()
                .all(|byte| byte.is_ascii_digit());
        let reason = match known {
            None => "names a rule that does not exist",
            Some(rule) if rule.due != Due::Own => "belongs to a rule whose day it does not set",
            Some(_) if !four_digits => "is not of a four-digit code",
            Some(_) if period.days == 0 => "has no days",
            Some(_) if period.source.trim().is_empty() => "does not say where it was published",
            Some(_) if twice => "is given twice from the same day",
            Some(_) => return Ok(()),
        };
        Err(CatalogueError::Published {
            rule: period.rule.clone(),
            municipality: period.municipality.clone(),
            reason,
        })
    }

    fn check_names(&self, rule: &Rule) -> Result<(), CatalogueError> {
        let unknown = |field, name: &str| CatalogueError::Unknown {
            rule: rule.id.clone(),
            field,
            name: name.to_owned(),
        };
        let is_rule = |id: &str| self.rules.iter().any(|rule| rule.id == id);
        let mut rules: Vec<(&'static str, &str)> = Vec::new();
        rules.extend(
            rule.successors
                .iter()
                .map(|successor| ("successors", successor.rule.as_str())),
        );
        rules.extend(rule.replaces.iter().map(|id| ("replaces", id.as_str())));
        rules.extend(rule.suppresses.iter().map(|id| ("suppresses", id.as_str())));
        if let Due::AtRule(id) = &rule.due {
            rules.push(("due", id));
        }
        for (field, id) in rules {
            if !is_rule(id) {
                return Err(unknown(field, id));
            }
        }
        if let Some(key) = rule
            .source
            .iter()
            .find(|key| !self.sources.contains_key(*key))
        {
            return Err(unknown("source", key));
        }
        if let Some(key) = rule
            .uncertain
            .iter()
            .find(|key| !self.uncertainties.contains_key(*key))
        {
            return Err(unknown("uncertain", key));
        }
        match &rule.due {
            Due::Before(name)
                if name != FIRST_CONTACT && events::event::spec_of(name).is_none() =>
            {
                Err(unknown("due", name))
            }
            _ => Ok(()),
        }
    }

    fn check_cycle(&self, rule: &Rule) -> Result<(), CatalogueError> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = rule
            .successors
            .iter()
            .map(|successor| successor.rule.as_str())
            .collect();
        while let Some(id) = open.pop() {
            if id == rule.id {
                return Err(CatalogueError::Cycle {
                    rule: rule.id.clone(),
                });
            }
            if reached.insert(id) {
                let next = self
                    .rules
                    .iter()
                    .filter(|other| other.id == id)
                    .flat_map(|other| &other.successors);
                open.extend(next.map(|successor| successor.rule.as_str()));
            }
        }
        Ok(())
    }
}

fn check_texts(rule: &Rule) -> Result<(), CatalogueError> {
    let texts = [
        ("id", &rule.id),
        ("title", &rule.title),
        ("trigger", &rule.trigger),
        ("satisfied_by", &rule.satisfied_by),
        ("section of law", &rule.law),
    ];
    let missing = texts
        .iter()
        .find(|(_, text)| text.trim().is_empty())
        .map(|(field, _)| *field);
    match missing.or(rule.source.is_empty().then_some("source")) {
        Some(field) => Err(CatalogueError::Missing {
            rule: rule.id.clone(),
            field,
        }),
        None => Ok(()),
    }
}

fn check_counting(rule: &Rule) -> Result<(), CatalogueError> {
    let fits = match &rule.due {
        Due::Hours(_) => rule.counting == Some(Counting::Elapsed),
        Due::Weekdays(_) => rule.counting == Some(Counting::Weekdays),
        Due::WorkingDays(_) => rule.counting == Some(Counting::WorkingDays),
        Due::Days(_)
        | Due::Weeks(_)
        | Due::Months(_)
        | Due::Window { .. }
        | Due::AtRule(_)
        | Due::EarliestOf(_)
        | Due::BeforeBirthday { .. }
        | Due::AfterPeriod { .. }
        | Due::Renewal { .. }
        | Due::Own => rule.counting == Some(Counting::Calendar),
        Due::BeforeTrigger | Due::AtTrigger | Due::Before(_) | Due::None => rule.counting.is_none(),
    };
    if fits {
        Ok(())
    } else {
        Err(CatalogueError::CountingMisfit {
            rule: rule.id.clone(),
        })
    }
}
