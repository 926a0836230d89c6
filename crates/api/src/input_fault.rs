//! Which field of a variable is to blame when an input is malformed.
//!
//! The executor says what is wrong, not where. This walks the variables along the schema's own
//! text and names the first field that does not fit, with its rule.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Value, Variables};
use events::text::{Digest, EmployeeId, IdNumber, Line, PersonName, Section, Short};
use events::time::Occurred;
use events::words::Words;

/// A field that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blame {
    /// Path into the variables, with dots.
    pub path: String,
    /// What it must be.
    pub rule: String,
}

enum Shape {
    Object(Vec<(String, Type)>),
    Enumeration(Vec<String>),
}

/// Input types and enumerations of the schema, by name.
fn shapes() -> &'static BTreeMap<String, Shape> {
    static SHAPES: OnceLock<BTreeMap<String, Shape>> = OnceLock::new();
    SHAPES.get_or_init(|| {
        let Ok(document) = async_graphql::parser::parse_schema(crate::sdl::sdl()) else {
            return BTreeMap::new();
        };
        let types = document
            .definitions
            .into_iter()
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(definition) => Some(definition.node),
                _ => None,
            });
        types
            .filter_map(|definition| {
                let shape = match definition.kind {
                    TypeKind::InputObject(object) => Shape::Object(
                        object
                            .fields
                            .into_iter()
                            .map(|field| (field.node.name.node.to_string(), field.node.ty.node))
                            .collect(),
                    ),
                    TypeKind::Enum(values) => Shape::Enumeration(
                        values
                            .values
                            .into_iter()
                            .map(|value| value.node.value.node.to_string())
                            .collect(),
                    ),
                    _ => return None,
                };
                Some((definition.name.node.to_string(), shape))
            })
            .collect()
    })
}

/// Where a value stands in the variables. The text of it is made when something is to blame.
#[derive(Clone, Copy)]
struct Path<'a> {
    within: Option<&'a Self>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Name(&'a str),
    Item(usize),
}

impl<'a> Path<'a> {
    const fn of(variable: &'a str) -> Self {
        Self {
            within: None,
            step: Step::Name(variable),
        }
    }

    const fn to(&'a self, step: Step<'a>) -> Self {
        Self {
            within: Some(self),
            step,
        }
    }

    fn blame(&self, rule: impl Into<String>) -> Option<Blame> {
        Some(Blame {
            path: self.to_string(),
            rule: rule.into(),
        })
    }
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(within) = self.within {
            write!(f, "{within}.")?;
        }
        match self.step {
            Step::Name(name) => f.write_str(name),
            Step::Item(place) => write!(f, "{place}"),
        }
    }
}

fn walk(kind: &Type, value: Option<&Value>, path: &Path<'_>) -> Option<Blame> {
    let Some(value) = value.filter(|value| **value != Value::Null) else {
        return if kind.nullable {
            None
        } else {
            path.blame("is needed")
        };
    };
    match (&kind.base, value) {
        (BaseType::List(item), Value::List(items)) => items
            .iter()
            .enumerate()
            .find_map(|(place, value)| walk(item, Some(value), &path.to(Step::Item(place)))),
        // A single value stands for a list of one.
        (BaseType::List(item), single) => walk(item, Some(single), path),
        (BaseType::Named(name), value) => match shapes().get(name.as_str()) {
            Some(Shape::Object(fields)) => object(fields, value, path),
            Some(Shape::Enumeration(values)) => enumeration(values, value, path),
            None => scalar(name, value).err().and_then(|rule| path.blame(rule)),
        },
    }
}

fn object(fields: &[(String, Type)], value: &Value, path: &Path<'_>) -> Option<Blame> {
    let Value::Object(members) = value else {
        return path.blame("must be an object");
    };
    let unknown = members
        .keys()
        .find(|name| !fields.iter().any(|(known, _)| known == name.as_str()));
    if let Some(name) = unknown {
        return path.to(Step::Name(name)).blame("is not a field here");
    }
    fields.iter().find_map(|(name, kind)| {
        let member = members.get(name.as_str());
        walk(kind, member, &path.to(Step::Name(name)))
    })
}

fn enumeration(values: &[String], value: &Value, path: &Path<'_>) -> Option<Blame> {
    let given = match value {
        Value::String(text) => text.as_str(),
        Value::Enum(name) => name.as_str(),
        _ => "",
    };
    if values.iter().any(|known| known == given) {
        None
    } else {
        path.blame(format!("must be one of {}", values.join(", ")))
    }
}

fn scalar(name: &str, value: &Value) -> Result<(), String> {
    fn text(value: &Value) -> Result<&str, String> {
        if let Value::String(text) = value {
            Ok(text)
        } else {
            Err("must be a text".to_owned())
        }
    }
    fn fits<T, E: std::fmt::Display>(outcome: Result<T, E>) -> Result<(), String> {
        outcome.map(|_| ()).map_err(|error| error.to_string())
    }
    match name {
        "Occurred" => fits(text(value)?.parse::<Occurred>()),
        "Text" => fits(Words::parse(text(value)?)),
        "ShortText" => fits(Short::new(text(value)?)),
        "LineText" => fits(Line::new(text(value)?)),
        "PersonName" => fits(PersonName::new(text(value)?)),
        "EmployeeId" => fits(EmployeeId::new(text(value)?)),
        "Section" => fits(Section::new(text(value)?)),
        "IdNumber" => fits(IdNumber::new(text(value)?)),
        "Digest" => fits(Digest::new(text(value)?)),
        "UUID" => fits(text(value)?.parse::<events::ids::EventId>()),
        "Date" => fits(text(value)?.parse::<jiff::civil::Date>()),
        "Timestamp" => fits(text(value)?.parse::<jiff::Timestamp>()),
        "String" | "ID" => text(value).map(|_| ()),
        "Int" if !matches!(value, Value::Number(number) if number.is_i64() || number.is_u64()) => {
            Err("must be a whole number".to_owned())
        }
        "Boolean" if !matches!(value, Value::Boolean(_)) => Err("must be true or false".to_owned()),
        _ => Ok(()),
    }
}

/// The first variable, in the order in which the document declares them, that does not fit.
#[must_use]
pub fn first_misfit(
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
) -> Option<Blame> {
    let operation = match &document.operations {
        DocumentOperations::Single(operation) => operation,
        DocumentOperations::Multiple(operations) => operations.get(operation?)?,
    };
    operation
        .node
        .variable_definitions
        .iter()
        .find_map(|definition| {
            let name = definition.node.name.node.as_str();
            let value = variables.get(name);
            if value.is_none() && definition.node.default_value.is_some() {
                return None;
            }
            walk(&definition.node.var_type.node, value, &Path::of(name))
        })
}
