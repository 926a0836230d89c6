//! Why an order was not carried out, read from what it answered.

use serde_json::Value;

/// One reason.
pub(crate) struct UserError {
    /// Code of the rule.
    pub(crate) rule: String,
    /// Path of the field.
    pub(crate) field: String,
    /// What is wrong.
    pub(crate) message: String,
}

/// The reasons that a payload holds, in its order.
pub(crate) fn user_errors(payload: &Value) -> impl Iterator<Item = UserError> {
    let errors = payload.get("userErrors").and_then(Value::as_array);
    errors.into_iter().flatten().map(|error| {
        let text = |name: &str| {
            let text = error.get(name).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let path = error.get("path").and_then(Value::as_array);
        let steps = path.into_iter().flatten().filter_map(Value::as_str);
        UserError {
            rule: text("code"),
            field: steps.collect::<Vec<_>>().join("."),
            message: text("message"),
        }
    })
}
