//! Questions under other law than that in force. Nothing of them is recorded, and every answer says
//! that it is one.

use std::sync::Arc;

use domain::views::integrity::Activation;
use events::ids::{EventId, StreamId};
use jiff::Timestamp;
use jiff::civil::Date;
use law::catalogue::Catalogue;
use law::fact::{Approval, Circumstances};

/// The catalogue that a reading is evaluated by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// The catalogue.
    pub catalogue: &'static Catalogue,
    /// What put it into force; none where nothing was by then, and the program's own answers.
    pub activation: Option<Activation>,
}

/// How the free-municipality trial (*frikommuneforsøg*) is laid over a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overlay {
    /// By the approvals that there were.
    #[default]
    AsItWas,
    /// As if there had been no trial.
    Without,
    /// As if the municipality had been in it.
    With,
}

/// The law that a case is to be evaluated by, where it is not the law in force.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WhatIf {
    /// As if the rules of this day had held all along; nothing goes over from Act to Act then.
    pub rules_of: Option<Date>,
    /// How the trial is laid over it.
    pub overlay: Overlay,
    /// Another catalogue than that in force.
    pub catalogue: Option<Arc<Catalogue>>,
}

/// No hypothesis: the rules in force.
pub static AS_IT_IS: WhatIf = WhatIf {
    rules_of: None,
    overlay: Overlay::AsItWas,
    catalogue: None,
};

impl WhatIf {
    /// Whether anything is other than it was.
    #[must_use]
    pub fn asks(&self) -> bool {
        *self != AS_IT_IS
    }

    /// The catalogue to evaluate by.
    #[must_use]
    pub fn catalogue<'a>(&'a self, in_force: &InForce) -> &'a Catalogue {
        self.catalogue.as_deref().unwrap_or(in_force.catalogue)
    }

    /// What surrounds a case at a moment.
    #[must_use]
    pub fn circumstances(
        &self,
        catalogue: &Catalogue,
        municipality: &str,
        as_of: Timestamp,
        case: StreamId,
    ) -> Circumstances {
        let approvals = match self.overlay {
            Overlay::AsItWas => catalogue.approvals().to_vec(),
            Overlay::Without => Vec::new(),
            Overlay::With => {
                let own = |approval: &Approval| Approval {
                    municipality: municipality.to_owned(),
                    ..approval.clone()
                };
                catalogue.approvals().iter().map(own).collect()
            }
        };
        Circumstances {
            approvals,
            rules_of: self.rules_of,
            ..Circumstances::plain(municipality, as_of, Some(case))
        }
    }

    /// What the answer says of the law that it rests on.
    #[must_use]
    pub fn basis(&self, in_force: &InForce) -> Basis {
        let catalogue = self.catalogue(in_force);
        let other = catalogue.digest() != in_force.catalogue.digest();
        let activation = in_force.activation.as_ref().filter(|_| !other);
        Basis {
            version: catalogue.version().to_owned(),
            hash: catalogue.hash(),
            activation: activation.map(|activation| activation.event),
            since: activation
                .map(|activation| activation.from.unwrap_or_else(|| activation.occurred.day())),
            asked: self.asks().then_some(Asked {
                rules_of: self.rules_of,
                overlay: self.overlay,
                other_catalogue: other,
            }),
        }
    }
}

/// What was asked for instead of the law in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// As if the rules of this day had held all along.
    pub rules_of: Option<Date>,
    /// How the trial is laid over it.
    pub overlay: Overlay,
    /// Whether the catalogue is another one than that in force.
    pub other_catalogue: bool,
}

/// The law that an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Basis {
    /// Version of the catalogue, for people.
    pub version: String,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub hash: String,
    /// The event that put it into force; none where nothing was put into force by then, and the
    /// program's own catalogue answers.
    pub activation: Option<EventId>,
    /// First day on which it is used.
    pub since: Option<Date>,
    /// What the answer supposes, where it is a hypothetical one.
    pub asked: Option<Asked>,
}

impl Basis {
    /// What is supposed, in words; none where nothing is.
    #[must_use]
    pub fn hypothesis(&self) -> Option<String> {
        let asked = self.asked?;
        let mut parts = Vec::new();
        parts.extend(
            asked
                .rules_of
                .map(|day| format!("the rules of {day} had held all along")),
        );
        parts.extend(match asked.overlay {
            Overlay::AsItWas => None,
            Overlay::Without => Some("there had been no free-municipality trial".to_owned()),
            Overlay::With => {
                Some("the municipality had been in the free-municipality trial".to_owned())
            }
        });
        parts.extend(
            asked
                .other_catalogue
                .then(|| format!("the rules {} were in force", self.version)),
        );
        if parts.is_empty() {
            // The catalogue that was asked for is that in force.
            return Some("nothing was other than it is".to_owned());
        }
        Some(parts.join(", and "))
    }
}
