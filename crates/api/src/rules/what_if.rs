//! Questions under other law than that in force, and what every answer says of the law that it rests
//! on.

use std::sync::Arc;

use app::rules::basis::{self, Basis, WhatIf};
use app::session::Session;
use async_graphql::{Context, Enum, InputObject, Result, SimpleObject};
use events::ids::EventId;
use jiff::civil::Date;
use law::catalogue::Catalogue;

use crate::error::bad_input;

/// How the free-municipality trial (frikommuneforsøg) is laid over a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "basis::Overlay")]
pub enum Overlay {
    /// By the approvals that there were.
    AsItWas,
    /// As if there had been no trial.
    Without,
    /// As if the municipality had been in it.
    With,
}

/// Other law than that in force, to ask what it would have been. Nothing is recorded, and the answer
/// says that it is hypothetical.
#[derive(Debug, Clone, PartialEq, Eq, Default, InputObject)]
pub struct WhatIfInput {
    /// As if the rules of this day had held all along; nothing goes over from Act to Act then.
    pub rules_of: Option<Date>,
    /// How the trial is laid over it; as it was when not stated.
    pub overlay: Option<Overlay>,
    /// Another catalogue that the program holds, by its hash (`ruleCatalogue { held }`).
    pub catalogue: Option<String>,
}

/// A catalogue that whoever runs the program handed in, in the data of a request; found by its hash
/// like those that the program holds.
pub struct OwnRules(pub Arc<Catalogue>);

/// What is asked for; the law in force where nothing is.
///
/// # Errors
/// `BAD_USER_INPUT` when there is no such catalogue.
pub(crate) fn what_if(ctx: &Context<'_>, input: Option<WhatIfInput>) -> Result<WhatIf> {
    let Some(WhatIfInput {
        rules_of,
        overlay,
        catalogue,
    }) = input
    else {
        return Ok(WhatIf::default());
    };
    let log = ctx.data::<Session>()?.public_log();
    let find = |hash: String| {
        let own = ctx
            .data_opt::<OwnRules>()
            .map(|own| &own.0)
            .filter(|own| own.hash() == hash);
        let held = || {
            log.catalogues()
                .find(|held| held.hash() == hash)
                .map(|held| Arc::new(held.clone()))
        };
        own.map(Arc::clone).or_else(held).ok_or_else(|| {
            bad_input("whatIf.catalogue: the program holds no catalogue with this hash")
        })
    };
    let catalogue = catalogue.map(find).transpose()?;
    Ok(WhatIf {
        rules_of,
        overlay: overlay.map(Into::into).unwrap_or_default(),
        catalogue,
    })
}

/// The law that an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct RuleBasis {
    /// Version of the catalogue of rules, for people.
    pub version: String,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub hash: String,
    /// The event that put it into force; null where nothing had been put into force by then, and the
    /// program's own catalogue answers.
    pub activation: Option<EventId>,
    /// First day on which it is used.
    pub since: Option<Date>,
    /// Whether the answer supposes other law than that in force.
    pub hypothetical: bool,
    /// What it supposes, in words.
    pub hypothesis: Option<String>,
}

impl From<&Basis> for RuleBasis {
    fn from(basis: &Basis) -> Self {
        Self {
            version: basis.version.clone(),
            hash: basis.hash.clone(),
            activation: basis.activation,
            since: basis.since,
            hypothetical: basis.asked.is_some(),
            hypothesis: basis.hypothesis(),
        }
    }
}
