//! The macros that define vocabularies and event types once, with the subject of each field.

/// Defines an enumeration of the record: stored in `SCREAMING_SNAKE_CASE`, an unknown value
/// refused by name.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident $(= $stored:literal)?,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
        pub enum $name {
            $(
                $(#[$vdoc])*
                $(
                    #[serde(rename = $stored)]
                    #[cfg_attr(feature = "graphql", graphql(name = $stored))]
                )?
                $variant,
            )+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stored text.
            #[must_use]
            pub fn stored(self) -> String {
                match serde_json::to_value(self) {
                    Ok(serde_json::Value::String(text)) => text,
                    _ => String::new(),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.stored())
            }
        }

        impl crate::shape::Shape for $name {
            const LIST: bool = false;
        }
    };
}

/// Defines an object that stands inside a field: stored and withheld as a whole. `answered` names its
/// type in answers; without it, it is only taken.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident as $input:literal $(answered $answer:literal)? { $($(#[$fdoc:meta])* $field:ident : $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "graphql", derive(async_graphql::InputObject))]
        $(#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject), graphql(name = $answer))])?
        #[cfg_attr(feature = "graphql", graphql(input_name = $input))]
        pub struct $name { $($(#[$fdoc])* pub $field: $type,)+ }

        impl crate::shape::Shape for $name {
            const LIST: bool = false;
        }
    };
}

/// Defines an event type: its struct, and its [`crate::spec::EventSpec`] from the same text.
/// A field without a subject (`=> matter`, `=> person(field)`, `=> each_person`) does not
/// compile.
macro_rules! event {
    (
        #[doc = $first:literal]
        $(#[doc = $rest:literal])*
        $name:ident v $version:literal {
            danish: $danish:literal,
            law: $law:literal,
            streams: [$($stream:ident),+],
            order: $order:expr,
            roles: [$($role:ident),+],
            views: [$($view:ident),*],
        }
        fields {
            $(
                $(#[$fdoc:meta])*
                $field:ident : $type:ty => $subject:ident $(($of:ident))?,
            )*
        }
    ) => {
        #[doc = $first]
        $(#[doc = $rest])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "graphql", derive(async_graphql::InputObject))]
        #[cfg_attr(feature = "graphql", graphql(name_type))]
        pub struct $name {
            $($(#[$fdoc])* pub $field: $type,)*
        }

        #[cfg(feature = "graphql")]
        impl async_graphql::TypeName for $name {
            fn type_name() -> std::borrow::Cow<'static, str> {
                concat!(stringify!($name), "Facts").into()
            }
        }

        impl crate::spec::Facts for $name {
            const SPEC: crate::spec::EventSpec = crate::spec::EventSpec {
                name: stringify!($name),
                version: $version,
                danish: $danish,
                law: $law,
                doc: $first,
                streams: &[$(crate::spec::StreamKind::$stream),+],
                order: $order,
                roles: &[$(crate::meta::Role::$role),+],
                views: &[$(crate::spec::View::$view),*],
                fields: &[
                    $(crate::spec::FieldSpec {
                        name: stringify!($field),
                        subject: crate::define::subject!($subject $(($of))?),
                        list: <$type as crate::shape::Shape>::LIST,
                    },)*
                ],
            };
        }
    };
}

macro_rules! subject {
    (matter) => {
        crate::spec::Subject::Matter
    };
    (person($of:ident)) => {
        crate::spec::Subject::Person(stringify!($of))
    };
    (each_person) => {
        crate::spec::Subject::EachPerson
    };
}

/// An id as the GraphQL scalar `UUID`, in and out.
#[cfg(feature = "graphql")]
macro_rules! uuid_scalar {
    ($name:ident) => {
        impl async_graphql::InputType for $name {
            type RawValueType = Self;
            fn type_name() -> std::borrow::Cow<'static, str> {
                <uuid::Uuid as async_graphql::InputType>::type_name()
            }
            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                <uuid::Uuid as async_graphql::InputType>::create_type_info(registry)
            }
            fn parse(value: Option<async_graphql::Value>) -> async_graphql::InputValueResult<Self> {
                let Some(async_graphql::Value::String(text)) = value else {
                    return Err(async_graphql::InputValueError::custom(IdError));
                };
                text.parse().map_err(async_graphql::InputValueError::custom)
            }
            fn to_value(&self) -> async_graphql::Value {
                async_graphql::Value::String(self.to_string())
            }
            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }
        }

        impl async_graphql::OutputType for $name {
            fn type_name() -> std::borrow::Cow<'static, str> {
                <uuid::Uuid as async_graphql::OutputType>::type_name()
            }
            fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
                <uuid::Uuid as async_graphql::OutputType>::create_type_info(registry)
            }
            async fn resolve(
                &self,
                _: &async_graphql::ContextSelectionSet<'_>,
                _: &async_graphql::Positioned<async_graphql::parser::types::Field>,
            ) -> async_graphql::ServerResult<async_graphql::Value> {
                Ok(async_graphql::Value::String(self.to_string()))
            }
        }
    };
}

#[cfg(feature = "graphql")]
pub(crate) use uuid_scalar;
pub(crate) use {event, object, subject, vocabulary};
