//! How values stand in an answer of GraphQL: free text, values that may be gone, bounded texts.
//!
//! A value that is taken as one type can be answered as another: bounded texts come in as scalars of
//! their own, which state the bound, and go out as `String`. Nothing here decides what a reader may see.

use std::fmt::Display;

use async_graphql::registry::MetaType;
use async_graphql::{Enum, SimpleObject};

use crate::personal::Personal;
use crate::words::Words;

/// Answers a type as another one that is made from it.
macro_rules! answered_as {
    ($name:ty, $answer:ty $(, for<$generic:ident: $($bound:path),+>)?, |$value:ident| $made:expr) => {
        impl $(<$generic: $($bound +)+>)? async_graphql::OutputType for $name {
            fn type_name() -> std::borrow::Cow<'static, str> {
                <$answer as async_graphql::OutputType>::type_name()
            }
            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                <$answer as async_graphql::OutputType>::create_type_info(registry)
            }
            async fn resolve(
                &self,
                ctx: &async_graphql::ContextSelectionSet<'_>,
                field: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                let $value = self;
                let answer: $answer = $made;
                async_graphql::OutputType::resolve(&answer, ctx, field).await
            }
        }
    };
}

/// Takes a type as a scalar of its own, written as text.
macro_rules! text_scalar {
    (
        $name:ident, $scalar:literal, $description:expr,
        |$text:ident| $parsed:expr, |$value:ident| $written:expr
    ) => {
        impl async_graphql::InputType for $name {
            type RawValueType = Self;
            fn type_name() -> std::borrow::Cow<'static, str> {
                $scalar.into()
            }
            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                registry.create_input_type::<Self, _>(
                    async_graphql::registry::MetaTypeId::Scalar,
                    |_| crate::answer::scalar($scalar, $description),
                )
            }
            fn parse(value: Option<async_graphql::Value>) -> async_graphql::InputValueResult<Self> {
                match value.unwrap_or_default() {
                    async_graphql::Value::String($text) => $parsed,
                    other => Err(async_graphql::InputValueError::expected_type(other)),
                }
            }
            fn to_value(&self) -> async_graphql::Value {
                let $value = self;
                async_graphql::Value::String($written)
            }
            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
        }
    };
}

pub(crate) use {answered_as, text_scalar};

/// Whether a personal value can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PersonalState {
    /// It can.
    Known,
    /// It was lawfully erased; nobody can read it again.
    Erased,
    /// It exists, and this reader may not see it.
    Withheld,
}

impl<T> From<&Personal<T>> for PersonalState {
    fn from(value: &Personal<T>) -> Self {
        match value {
            Personal::Known(_) => Self::Known,
            Personal::Erased => Self::Erased,
            Personal::Withheld => Self::Withheld,
        }
    }
}

/// A personal value, or the sign of its gap.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct PersonalText {
    /// Whether it can be read.
    pub state: PersonalState,
    /// The value; null unless it is known.
    pub value: Option<String>,
}

impl<T: Display> From<&Personal<T>> for PersonalText {
    fn from(value: &Personal<T>) -> Self {
        Self {
            state: value.into(),
            value: value.known().map(ToString::to_string),
        }
    }
}

/// Free text in paragraphs, each of which may be gone.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Wording {
    /// The whole text, gaps shown as such.
    pub text: String,
    /// The paragraphs.
    pub paragraphs: Vec<PersonalText>,
}

impl From<&Words> for Wording {
    fn from(words: &Words) -> Self {
        Self {
            text: words.text(),
            paragraphs: words.0.iter().map(PersonalText::from).collect(),
        }
    }
}

/// The entry of a scalar in the schema.
pub(crate) fn scalar(name: &str, description: &str) -> MetaType {
    MetaType::Scalar {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        is_valid: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        specified_by_url: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

answered_as!(Personal<T>, PersonalText, for<T: Display, Send, Sync>, |value| value.into());
answered_as!(Words, Wording, |words| words.into());

text_scalar!(
    Words,
    "Text",
    "Free text of at most 16 KiB; a blank line ends a paragraph, and each paragraph can be erased\nor \
     withheld alone.",
    |text| Ok(Self::parse(&text)?),
    |words| words.text()
);
