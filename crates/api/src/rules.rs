//! The rules that duties are weighed by, as clients see them.

pub mod what_if;

use app::public_log::PublicLog;
use app::rules::basis::{InForce, WhatIf};
use app::session::Session;
use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use domain::reading::ReadingPoint;
use domain::views::integrity::Activation;
use events::ids::EventId;
use events::time::Occurred;
use jiff::Timestamp;
use jiff::civil::Date;
use law::catalogue::Catalogue;
use law::rule;

use crate::error::read_error;
use crate::rules::what_if::RuleBasis;

/// A body of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "rule::RuleSet")]
pub enum RuleSet {
    /// Serviceloven, until the end of 2023.
    Sel,
    /// The free-municipality trial (frikommuneforsøg), laid over serviceloven.
    Fri,
    /// Barnets lov, from 2024.
    Bl,
    /// Administrative law.
    Adm,
    /// Targets of a municipality; not law.
    Local,
}

/// How heavily a duty weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "rule::Severity")]
pub enum Severity {
    /// Law with a number or a fixed order of steps.
    Hard,
    /// Law without a number, or a period that the municipality set itself.
    Soft,
    /// Shown for information: rights of others, targets.
    Info,
}

/// One rule of the catalogue. Its texts paraphrase; the law itself rules.
#[derive(Debug, Clone, SimpleObject)]
pub struct Rule {
    /// Stable id.
    pub id: String,
    /// The body of rules that it belongs to.
    pub rule_set: RuleSet,
    /// First day on which a duty may arise by it.
    pub from: Date,
    /// Last day on which one may arise; null while it is in force.
    pub to: Option<Date>,
    /// What it asks, in a few words.
    pub title: String,
    /// What makes a duty arise.
    pub trigger: String,
    /// What must hold besides.
    pub condition: Option<String>,
    /// What meets it.
    pub satisfied_by: String,
    /// What lawfully removes it.
    pub waived_by: Option<String>,
    /// How it is read from the recorded facts, where that is a choice.
    pub reading: Option<String>,
    /// The section of law, or the practice behind it.
    pub section: String,
    /// How heavily it weighs.
    pub severity: Severity,
    /// Where that was read.
    pub source: Vec<String>,
    /// What is not settled about it.
    pub uncertain: Vec<String>,
}

impl Rule {
    /// A rule with the words behind its keys.
    pub(crate) fn new(catalogue: &Catalogue, rule: &rule::Rule) -> Self {
        let words =
            |keys: &[String], known: &std::collections::BTreeMap<String, String>| -> Vec<String> {
                keys.iter()
                    .map(|key| known.get(key).unwrap_or(key).clone())
                    .collect()
            };
        Self {
            id: rule.id.clone(),
            rule_set: rule.set.into(),
            from: rule.from,
            to: rule.to,
            title: rule.title.clone(),
            trigger: rule.trigger.clone(),
            condition: rule.condition.clone(),
            satisfied_by: rule.satisfied_by.clone(),
            waived_by: rule.waived_by.clone(),
            reading: rule.reading.clone(),
            section: rule.law.clone(),
            severity: rule.severity.into(),
            source: words(&rule.source, catalogue.sources()),
            uncertain: words(&rule.uncertain, catalogue.uncertainties()),
        }
    }
}

/// A catalogue of rules that was put into force.
#[derive(Debug, Clone, SimpleObject)]
pub struct RuleSetActivation {
    /// The event, in the log's own stream.
    pub event: EventId,
    /// When that was done.
    pub occurred: Occurred,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// SHA-256 of the catalogue's bytes, base64url as the record writes hashes.
    pub catalogue: String,
    /// Its version, for people.
    pub version: String,
    /// Number of its rules.
    pub rules: u32,
    /// First day on which it is used, where that was stated.
    pub from: Option<Date>,
    /// Whether it is the newest catalogue of the program.
    pub built_in: bool,
    /// Whether the program holds it. Where it does not, a reading that it was in force for is refused.
    pub held: bool,
}

impl RuleSetActivation {
    fn new(log: &PublicLog, activation: &Activation) -> Self {
        Self {
            event: activation.event,
            occurred: activation.occurred,
            recorded_at: activation.recorded_at,
            catalogue: activation.catalogue.as_str().to_owned(),
            version: activation.version.as_str().to_owned(),
            rules: activation.rules,
            from: activation.from,
            built_in: log.is_built_in(activation),
            held: log.holds(activation),
        }
    }
}

/// A catalogue of rules that the program holds.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct HeldCatalogue {
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub hash: String,
    /// Its version, for people.
    pub version: String,
    /// Number of its rules.
    pub rules: usize,
}

/// The catalogue of rules that answers about duties as they stand now rest on.
pub struct RuleCatalogue;

/// The catalogue in force now.
async fn now(ctx: &Context<'_>) -> Result<InForce> {
    let found = ctx
        .data::<Session>()?
        .public_log()
        .rules_in_force(&ReadingPoint::default());
    found.map_err(|error| read_error(&error))
}

#[Object]
impl RuleCatalogue {
    /// SHA-256 of the catalogue's bytes, lower-case hexadecimal.
    async fn hash(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(now(ctx).await?.catalogue.hash())
    }

    /// Its version, for people.
    async fn version(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(now(ctx).await?.catalogue.version().to_owned())
    }

    /// The rules, in the order of the catalogue.
    async fn rules(&self, ctx: &Context<'_>) -> Result<Vec<Rule>> {
        let catalogue = now(ctx).await?.catalogue;
        Ok(catalogue
            .rules()
            .iter()
            .map(|rule| Rule::new(catalogue, rule))
            .collect())
    }

    /// How it came into force.
    async fn basis(&self, ctx: &Context<'_>) -> Result<RuleBasis> {
        Ok((&WhatIf::default().basis(&now(ctx).await?)).into())
    }

    /// Every catalogue that the program holds, oldest first. What was put into force under an earlier
    /// one is judged by it.
    async fn held(&self, ctx: &Context<'_>) -> Result<Vec<HeldCatalogue>> {
        let held = ctx.data::<Session>()?.public_log().catalogues();
        Ok(held
            .map(|one| HeldCatalogue {
                hash: one.hash(),
                version: one.version().to_owned(),
                rules: one.rules().len(),
            })
            .collect())
    }

    /// The catalogues that were put into force, in the order of the log.
    async fn activations(&self, ctx: &Context<'_>) -> Result<Vec<RuleSetActivation>> {
        let log = ctx.data::<Session>()?.public_log();
        let found = log
            .rule_set_activations()
            .map_err(|error| read_error(&error))?;
        Ok(found
            .iter()
            .map(|activation| RuleSetActivation::new(&log, activation))
            .collect())
    }
}
