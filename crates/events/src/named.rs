//! Whom a fact names, in whatever field: found by walking through its fields as they are serialised.
//!
//! It makes no JSON and copies no text: lists ask this of every event of a case.

use std::collections::BTreeSet;
use std::fmt;

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};

use crate::person::PersonRef;

/// The name under which a person in a role is serialised.
const PERSON: &str = "PersonRef";

/// Everybody whom a value names.
///
/// # Errors
/// When serialising fails, which no event type does.
pub(crate) fn people<T: Serialize + ?Sized>(value: &T) -> Result<BTreeSet<PersonRef>, fmt::Error> {
    let mut found = BTreeSet::new();
    value.serialize(Finder(&mut found))?;
    Ok(found)
}

/// Walks through a value; scalars are passed over.
struct Finder<'f>(&'f mut BTreeSet<PersonRef>);

impl Finder<'_> {
    fn look<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        value.serialize(Finder(self.0))
    }
}

/// A struct that is walked through: a person, or something that may name persons.
enum Fields<'f> {
    Person(
        &'f mut BTreeSet<PersonRef>,
        serde_json::Map<String, serde_json::Value>,
    ),
    Other(Finder<'f>),
}

macro_rules! passed_over {
    ($($method:ident($of:ty),)+) => {
        $(fn $method(self, _: $of) -> Result<(), fmt::Error> {
            Ok(())
        })+
    };
}

impl<'f> ser::Serializer for Finder<'f> {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Fields<'f>;
    type SerializeStructVariant = Self;

    passed_over! {
        serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32),
        serialize_i64(i64), serialize_u8(u8), serialize_u16(u16), serialize_u32(u32),
        serialize_u64(u64), serialize_f32(f32), serialize_f64(f64), serialize_char(char),
        serialize_str(&str), serialize_bytes(&[u8]), serialize_unit_struct(&'static str),
    }

    // Texts that are put together for serialising are not put together for nothing.
    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_none(self) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(mut self, value: &T) -> Result<(), fmt::Error> {
        self.look(value)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        self.look(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        self.look(value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, fmt::Error> {
        Ok(self)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'f>, fmt::Error> {
        Ok(if name == PERSON {
            Fields::Person(self.0, serde_json::Map::new())
        } else {
            Fields::Other(self)
        })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, fmt::Error> {
        Ok(self)
    }
}

impl SerializeStruct for Fields<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        match self {
            Self::Person(_, members) => {
                let value = serde_json::to_value(value).map_err(|_| fmt::Error)?;
                members.insert(name.to_owned(), value);
                Ok(())
            }
            Self::Other(finder) => finder.look(value),
        }
    }

    fn end(self) -> Result<(), fmt::Error> {
        if let Self::Person(found, members) = self {
            let person = serde_json::from_value(members.into()).map_err(|_| fmt::Error)?;
            found.insert(person);
        }
        Ok(())
    }
}

macro_rules! walked_through {
    ($($compound:ident::$method:ident($($name:ty)?),)+) => {
        $(impl $compound for Finder<'_> {
            type Ok = ();
            type Error = fmt::Error;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $(_: $name,)?
                value: &T,
            ) -> Result<(), fmt::Error> {
                self.look(value)
            }

            fn end(self) -> Result<(), fmt::Error> {
                Ok(())
            }
        })+
    };
}

walked_through! {
    SerializeSeq::serialize_element(),
    SerializeTuple::serialize_element(),
    SerializeTupleStruct::serialize_field(),
    SerializeTupleVariant::serialize_field(),
    SerializeStructVariant::serialize_field(&'static str),
}

impl SerializeMap for Finder<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.look(value)
    }

    fn end(self) -> Result<(), fmt::Error> {
        Ok(())
    }
}
