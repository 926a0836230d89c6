//! What a client may ask of the list of cases, and what the list says of itself.

use app::rows::search::{self, CaseFilter};
use async_graphql::{Enum, InputObject, SimpleObject};
use domain::views::listing::CaseStatus;
use events::ids::FamilyId;
use events::text::{EmployeeId, IdNumber, Short};
use jiff::civil::Date;

/// What cases must have; all that is stated must fit. It reads the present: at an earlier moment no
/// filter can be given.
#[derive(Debug, Clone, PartialEq, Eq, Default, InputObject)]
pub struct CaseFilterInput {
    /// A person in the case has this identity number (*CPR-nummer*).
    pub identity_number: Option<IdNumber>,
    /// A person in the case has all these words in the name. Spellings that Danish takes for the same
    /// name are found too: aa and å, ae and æ, oe, ö and ø, ph and f, c and k, w and v, y and i, z and
    /// s, x and ks, single and double letters, a silent h.
    pub name: Option<String>,
    /// This employee works on it.
    pub caseworker: Option<EmployeeId>,
    /// This unit opened it or gave it to its caseworkers last.
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

impl From<CaseFilterInput> for CaseFilter {
    fn from(input: CaseFilterInput) -> Self {
        let CaseFilterInput {
            identity_number,
            name,
            caseworker,
            unit,
            status,
            opened_from,
            opened_to,
            family,
        } = input;
        Self {
            number: identity_number,
            name,
            caseworker,
            unit,
            status,
            opened_from,
            opened_to,
            family,
        }
    }
}

/// In which order cases come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "search::CaseOrder")]
pub enum CaseOrder {
    /// As they came into the log.
    OldestFirst,
    /// The other way round.
    NewestFirst,
}

/// What a list of cases says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct CaseList {
    /// How many entries of the log the list reflects.
    pub position: u64,
    /// How many cases could not be read whole; a search may miss them.
    pub incomplete: u64,
}
