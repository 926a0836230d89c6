//! Who asks, and for what purpose. What a viewer may do stands in [`crate::access::rights`].

use events::meta::{Actor, Role};
use events::text::{EmployeeId, Short};

/// Why somebody reads or writes: a code that the access log keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Ordinary casework.
    Casework,
    /// Import of an existing history by the operator.
    Import,
    /// Review by the Appeals Board.
    Review,
    /// Local development with a fixed identity, on loopback only.
    Development,
}

/// A text does not say who somebody is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnfitIdentity {
    /// There is no such role.
    #[error("there is no role {0}; there are {roles}", roles = roles())]
    Role(String),
    /// It has another form, or the id or the unit cannot be one.
    #[error("an identity is written ROLE:ID or ROLE:ID:UNIT, for example CASEWORKER:K1")]
    Form,
}

fn roles() -> String {
    let names: Vec<String> = Role::ALL.iter().map(|role| role.stored()).collect();
    names.join(", ")
}

/// A known actor with a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Who.
    pub actor: Actor,
    /// Why.
    pub purpose: Purpose,
}

impl Viewer {
    /// Somebody else of the same municipality, for the same purpose: `ROLE:ID` or `ROLE:ID:UNIT`.
    ///
    /// # Errors
    /// [`UnfitIdentity::Role`] when there is no such role; [`UnfitIdentity::Form`] for anything else
    /// that the text is.
    pub fn acting_as(&self, identity: &str) -> Result<Self, UnfitIdentity> {
        let mut fields = identity.splitn(3, ':').map(str::trim);
        let (role, id, unit) = (fields.next(), fields.next(), fields.next());
        let (Some(named), Some(id)) = (role, id) else {
            return Err(UnfitIdentity::Form);
        };
        let role = Role::ALL.iter().find(|role| role.stored() == named);
        let role = role.ok_or_else(|| UnfitIdentity::Role(named.to_owned()))?;
        let id = EmployeeId::new(id.to_owned()).map_err(|_| UnfitIdentity::Form)?;
        let unit = unit.map(|unit| Short::new(unit.to_owned())).transpose();
        let unit = unit.map_err(|_| UnfitIdentity::Form)?;
        Ok(Self {
            actor: Actor {
                id: id.to_string(),
                role: *role,
                unit: unit.map(|unit| unit.to_string()),
                municipality: self.actor.municipality.clone(),
            },
            purpose: self.purpose,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> Viewer {
        Viewer {
            actor: Actor {
                id: "local".to_owned(),
                role: Role::Caseworker,
                unit: None,
                municipality: "0999".to_owned(),
            },
            purpose: Purpose::Development,
        }
    }

    #[test]
    fn everybody_of_every_role_can_be_acted_as() {
        for role in Role::ALL {
            let viewer = local().acting_as(&format!("{}:X1", role.stored())).unwrap();
            assert_eq!((viewer.actor.role, viewer.actor.id.as_str()), (*role, "X1"));
            assert_eq!(viewer.actor.municipality, "0999");
            assert_eq!(viewer.purpose, Purpose::Development);
        }
        let viewer = local().acting_as("INTAKE:I1:modtagelsen: vest").unwrap();
        assert_eq!(viewer.actor.unit.as_deref(), Some("modtagelsen: vest"));
    }

    #[test]
    fn what_says_nobody_is_refused() {
        for text in ["", "INTAKE", "INTAKE:", "INTAKE:a\u{7}b", "INTAKE:I1:"] {
            assert_eq!(local().acting_as(text), Err(UnfitIdentity::Form), "{text}");
        }
        let error = local().acting_as("BOSS:B1").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("no role BOSS; there are INTAKE, ONCALL"),
            "{error}"
        );
    }
}
