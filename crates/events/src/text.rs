//! Short texts with a stated form and length, refused at the edge when they do not fit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shape::Shape;

/// The text does not fit its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// Longer than the field takes.
    #[error("the text is {actual} bytes, this field takes at most {most}")]
    TooLong {
        /// Length of what was given, in bytes.
        actual: usize,
        /// Longest length taken, in bytes.
        most: usize,
    },
    /// A control character, or one that changes how the text around it is shown.
    #[error("the text holds a control or invisible character")]
    Hidden,
    /// Not the form that the field asks for.
    #[error("the text must be {form}")]
    Form {
        /// The form in words.
        form: &'static str,
    },
}

/// Characters that print nothing or reorder what stands around them.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Signs that join or keep apart the letters beside them: Persian names and pictures of families are
/// written with them.
const JOINERS: [char; 2] = ['\u{200C}', '\u{200D}'];

/// Whether a text hides something. A joiner between two signs that are no ASCII belongs to the script; next
/// to anything else it does nothing but hide.
fn hides(text: &str) -> bool {
    let signs: Vec<char> = text.chars().collect();
    let visible = |place: Option<usize>| {
        let sign = place.and_then(|place| signs.get(place));
        sign.is_some_and(|sign| !sign.is_ascii() && !hidden(*sign))
    };
    let mut places = signs.iter().enumerate();
    places.any(|(place, sign)| {
        let joins =
            JOINERS.contains(sign) && visible(place.checked_sub(1)) && visible(Some(place + 1));
        hidden(*sign) && !joins
    })
}

fn plain(text: &str, most: usize) -> Result<(), TextError> {
    if text.trim().is_empty() {
        Err(TextError::Empty)
    } else if text.len() > most {
        Err(TextError::TooLong {
            actual: text.len(),
            most,
        })
    } else if hides(text) {
        Err(TextError::Hidden)
    } else {
        Ok(())
    }
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $scalar:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Description))]
        pub struct $name(String);

        impl $name {
            /// Takes the text when it fits.
            ///
            /// # Errors
            /// [`TextError`] says why it does not.
            pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
                let text = text.into();
                let check: fn(&str) -> Result<(), TextError> = $check;
                check(&text)?;
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;
            fn try_from(text: String) -> Result<Self, TextError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Shape for $name {
            const LIST: bool = false;
        }

        #[cfg(feature = "graphql")]
        crate::answer::text_scalar!(
            $name,
            $scalar,
            <Self as async_graphql::Description>::description(),
            |text| Ok(Self::new(text)?),
            |text| text.0.clone()
        );

        #[cfg(feature = "graphql")]
        crate::answer::answered_as!($name, String, |text| text.0.clone());
    };
}

text!(
    /// A name of a thing, a unit or a section: at most 200 bytes, no control characters.
    Short,
    "ShortText",
    |text| plain(text, 200)
);
text!(
    /// One line of text: at most 1,000 bytes, no control characters.
    Line,
    "LineText",
    |text| plain(text, 1_000)
);
text!(
    /// A person's full name: at most 200 bytes, no control or invisible characters.
    PersonName,
    "PersonName",
    |text| plain(text, 200)
);
text!(
    /// Pseudonymous id of an employee within the municipality: at most 64 bytes.
    EmployeeId,
    "EmployeeId",
    |text| plain(text, 64)
);
text!(
    /// A section of law as it is cited, for example `BL § 32(1) no 5`: at most 200 bytes.
    Section,
    "Section",
    |text| plain(text, 200)
);
text!(
    /// Name of a file as it was received: at most 255 bytes, as file systems take it, no control
    /// characters.
    FileName,
    "FileName",
    |text| plain(text, 255)
);
text!(
    /// Danish identity number (*CPR-nummer*): ten digits, `DDMMYY-NNNN` or without the dash. No
    /// check digit is asked, as the register itself issues numbers without one. An administrative number
    /// (*erstatnings-CPR*) has capital letters among the last four.
    IdNumber,
    "IdNumber",
    |text| {
        let number = match text.split_once('-') {
            Some((front, back)) if front.len() == 6 && back.len() == 4 => format!("{front}{back}"),
            Some(_) => String::new(),
            None => text.to_owned(),
        };
        let (day, serial) = number.as_bytes().split_at_checked(6).unwrap_or_default();
        let serial_fits = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        if serial.len() == 4 && day.iter().all(u8::is_ascii_digit) && serial.iter().all(serial_fits)
        {
            Ok(())
        } else {
            Err(TextError::Form {
                form: "ten digits, like DDMMYY-NNNN, the last four with capital letters where it is an administrative number",
            })
        }
    }
);

impl IdNumber {
    /// The number without its dash: the same whichever way it was written.
    #[must_use]
    pub fn undashed(&self) -> String {
        self.0.replace('-', "")
    }
}

text!(
    /// Code of a municipality: four digits, as in the authorities' register.
    MunicipalityCode,
    "MunicipalityCode",
    |text| {
        if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(())
        } else {
            Err(TextError::Form { form: "four digits" })
        }
    }
);
text!(
    /// A SHA-256 value in base64url without padding: 43 characters.
    Digest,
    "Digest",
    |text| {
        if text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            Ok(())
        } else {
            Err(TextError::Form { form: "a SHA-256 value in base64url, 43 characters" })
        }
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_number_is_ten_digits() {
        assert!(IdNumber::new("141316-0003").is_ok());
        assert!(IdNumber::new("1413160003").is_ok());
        let administrative = ["141316-AB12", "141316AB12"].map(|text| IdNumber::new(text).unwrap());
        assert_eq!(
            administrative.map(|number| number.undashed()),
            ["141316AB12", "141316AB12"]
        );
        for text in [
            "",
            "141316-003",
            "14131-60003",
            "141316 0003",
            "14131600034",
            "١٤١٣١٦-٠٠٠٣",
            "ABCDEF-GHIJ",
            "14131A-0003",
            "141316-ab12",
            "141316-Å12",
        ] {
            assert!(IdNumber::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_hides_nothing() {
        assert!(PersonName::new("Alma Prøve").is_ok());
        assert_eq!(PersonName::new("Alma\u{202E}evørP"), Err(TextError::Hidden));
        assert_eq!(PersonName::new("Al\u{200B}ma"), Err(TextError::Hidden));
        for joined in ["علی\u{200C}رضا Prøve", "क्\u{200D}ष", "👩\u{200D}👧"] {
            assert!(PersonName::new(joined).is_ok(), "{joined}");
        }
        for hiding in [
            "Al\u{200C}ma",
            "\u{200D}علی",
            "علی\u{200C}",
            "علی\u{200C}\u{200C}رضا",
            "æ\u{200D}a",
        ] {
            assert_eq!(PersonName::new(hiding), Err(TextError::Hidden), "{hiding}");
        }
        assert_eq!(PersonName::new(" "), Err(TextError::Empty));
        assert_eq!(
            PersonName::new("a".repeat(201)),
            Err(TextError::TooLong {
                actual: 201,
                most: 200
            })
        );
    }
}
