//! What only a reviewer can judge: findings, shown and never refused.

use async_graphql::SimpleObject;
use domain::views::findings;
use events::ids::EventId;
use events::person::PersonRef;

/// What is late, missing or unusual about an event; it never kept anybody from recording it.
#[derive(Debug, Clone, SimpleObject)]
pub struct Finding {
    /// The event.
    pub event: EventId,
    /// Stable code.
    pub code: String,
    /// A sentence in English.
    pub message: String,
    /// A sentence in Danish.
    pub message_danish: String,
    /// The section of law, or the practice, behind it.
    pub law: String,
    /// What is not settled about it, where something is not.
    pub unsure: Option<String>,
    /// The person that it is about, where it is about one.
    pub person: Option<PersonRef>,
}

impl From<findings::Finding> for Finding {
    fn from(finding: findings::Finding) -> Self {
        let code = finding.code;
        Self {
            event: finding.event,
            code: code.as_str().to_owned(),
            message: code.english().to_owned(),
            message_danish: code.danish().to_owned(),
            law: code.law().to_owned(),
            unsure: code.unsure().map(str::to_owned),
            person: finding.person,
        }
    }
}
