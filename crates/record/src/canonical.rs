//! Canonical JSON (RFC 8785) without floats: one byte string for each value.

use serde_json::Value;

/// The largest integer that every JSON reader keeps exactly.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;
/// The deepest nesting that is written or read.
pub const DEPTH_MAX: usize = 32;

/// The value or the bytes have no canonical form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A number that is no integer, or beyond 2^53-1.
    #[error("number {0} is not an integer within 2^53-1")]
    Number(String),
    /// Nested deeper than [`DEPTH_MAX`].
    #[error("nested deeper than {DEPTH_MAX} levels")]
    Depth,
    /// Not JSON.
    #[error("not JSON: {0}")]
    Json(String),
    /// JSON in another form: other order, spaces, escapes, or a member name twice.
    #[error("not in canonical form")]
    NotCanonical,
}

/// Writes a value in canonical form.
///
/// # Errors
/// [`CanonicalError::Number`], [`CanonicalError::Depth`].
pub fn to_vec(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let mut bytes = Vec::new();
    write(value, 0, &mut bytes)?;
    Ok(bytes)
}

/// Writes an array of these items in canonical form.
///
/// # Errors
/// [`CanonicalError::Number`], [`CanonicalError::Depth`].
pub fn array_to_vec(items: &[&Value]) -> Result<Vec<u8>, CanonicalError> {
    let mut bytes = Vec::new();
    write_array(items.iter().copied(), 0, &mut bytes)?;
    Ok(bytes)
}

fn write_array<'a>(
    items: impl Iterator<Item = &'a Value>,
    depth: usize,
    bytes: &mut Vec<u8>,
) -> Result<(), CanonicalError> {
    bytes.push(b'[');
    for (place, item) in items.enumerate() {
        if place > 0 {
            bytes.push(b',');
        }
        write(item, depth + 1, bytes)?;
    }
    bytes.push(b']');
    Ok(())
}

fn write(value: &Value, depth: usize, bytes: &mut Vec<u8>) -> Result<(), CanonicalError> {
    if depth > DEPTH_MAX {
        return Err(CanonicalError::Depth);
    }
    match value {
        Value::Null => bytes.extend_from_slice(b"null"),
        Value::Bool(true) => bytes.extend_from_slice(b"true"),
        Value::Bool(false) => bytes.extend_from_slice(b"false"),
        Value::Number(number) => {
            let magnitude = number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs));
            if magnitude.is_none_or(|magnitude| magnitude > INTEGER_MAX) {
                return Err(CanonicalError::Number(number.to_string()));
            }
            bytes.extend_from_slice(number.to_string().as_bytes());
        }
        Value::String(text) => write_text(text, bytes)?,
        Value::Array(items) => write_array(items.iter(), depth, bytes)?,
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            bytes.push(b'{');
            for (place, (name, member)) in members.into_iter().enumerate() {
                if place > 0 {
                    bytes.push(b',');
                }
                write_text(name, bytes)?;
                bytes.push(b':');
                write(member, depth + 1, bytes)?;
            }
            bytes.push(b'}');
        }
    }
    Ok(())
}

/// `serde_json` escapes exactly what RFC 8785 section 3.2.2.2 asks for.
fn write_text(text: &str, bytes: &mut Vec<u8>) -> Result<(), CanonicalError> {
    serde_json::to_writer(bytes, text).map_err(|error| CanonicalError::Json(error.to_string()))
}

/// Reads bytes that must be in canonical form. Writing the value again and comparing also finds
/// a member name that stands twice.
///
/// # Errors
/// [`CanonicalError::Json`] when it is not JSON; [`CanonicalError::Number`] or
/// [`CanonicalError::Depth`] for a value without a canonical form; [`CanonicalError::NotCanonical`]
/// for any other text of the same value.
pub fn parse_strict(bytes: &[u8]) -> Result<Value, CanonicalError> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| CanonicalError::Json(error.to_string()))?;
    if to_vec(&value)? == bytes {
        Ok(value)
    } else {
        Err(CanonicalError::NotCanonical)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_ordered_by_utf_16_units() {
        let value = json!({"\u{ffff}": 1, "\u{10000}": 2, "b": 3, "a": "\u{1}\n\"\\/é"});
        let text = "{\"a\":\"\\u0001\\n\\\"\\\\/é\",\"b\":3,\"\u{10000}\":2,\"\u{ffff}\":1}";
        assert_eq!(String::from_utf8(to_vec(&value).unwrap()).unwrap(), text);
    }

    #[test]
    fn another_form_of_the_same_value_is_refused() {
        for text in [
            "{\"a\":1, \"b\":2}",
            "{\"b\":1,\"a\":2}",
            "{\"a\":1,\"a\":1}",
            "[1.0]",
            "[1e2]",
            "\"\\u0061\"",
            "[-0]",
        ] {
            assert!(parse_strict(text.as_bytes()).is_err(), "{text}");
        }
        assert!(to_vec(&json!(9_007_199_254_740_992_u64)).is_err());
        let mut deep = json!(1);
        for _ in 0..33 {
            deep = json!([deep]);
        }
        assert_eq!(to_vec(&deep), Err(CanonicalError::Depth));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(value in value()) {
            prop_assert_eq!(parse_strict(&to_vec(&value).unwrap()).unwrap(), value);
        }

        #[test]
        fn an_array_is_written_the_same_from_its_items(items in prop::collection::vec(value(), 0..5)) {
            let borrowed: Vec<&Value> = items.iter().collect();
            prop_assert_eq!(array_to_vec(&borrowed), to_vec(&Value::from(items)));
        }
    }
}
