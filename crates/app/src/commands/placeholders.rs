//! Values that only the log can tell, in a file of commands written beforehand.
//!
//! A check of the log names the size and the root that it found. Nobody can know them when a
//! history is written down, so the file holds a marker, and the log puts the value in when the line
//! is recorded.

use events::ids::CommandId;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::{ReadError, RecordError};
use crate::log::content;

/// Size of a checkpoint that is signed for this.
const SIZE: &str = "$checkpoint.size";
/// Its root, base64url.
const ROOT: &str = "$checkpoint.root";
/// The newest event that ordered an erasure.
const ERASURE: &str = "$erasure.ordered";

/// Whether a value holds a marker anywhere.
#[must_use]
pub fn holds_marker(value: &Value) -> bool {
    match value {
        Value::String(text) => [SIZE, ROOT, ERASURE].contains(&text.as_str()),
        Value::Array(items) => items.iter().any(holds_marker),
        Value::Object(members) => members.values().any(holds_marker),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

impl App {
    /// Puts what the log knows in the place of every marker.
    ///
    /// # Errors
    /// [`RecordError`] when no checkpoint can be signed or the log cannot be read.
    pub(crate) fn fill_placeholders(&self, value: &mut Value) -> Result<(), RecordError> {
        if !holds_marker(value) {
            return Ok(());
        }
        let checkpoint = self.checkpoint()?;
        let newest = self
            .log
            .erasing_entries()
            .map_err(ReadError::from)?
            .into_iter()
            .max();
        let erasure = match newest
            .map(|index| self.log.entry(index))
            .transpose()
            .map_err(ReadError::from)?
            .flatten()
        {
            Some(stored) => json!(content::event_id(
                content::envelope(&stored)?.event_id,
                stored.index
            )?),
            None => Value::Null,
        };
        fill(
            value,
            &json!(checkpoint.size),
            &json!(checkpoint.root.to_b64u()),
            &erasure,
        );
        Ok(())
    }

    /// Whether a command was carried out before.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub(crate) fn was_carried_out(&self, command: CommandId) -> Result<bool, ReadError> {
        Ok(self.log.command(command.uuid())?.is_some())
    }
}

fn fill(value: &mut Value, size: &Value, root: &Value, erasure: &Value) {
    match value {
        Value::String(text) => {
            let told = match text.as_str() {
                SIZE => size,
                ROOT => root,
                ERASURE => erasure,
                _ => return,
            };
            value.clone_from(told);
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| fill(item, size, root, erasure)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| fill(member, size, root, erasure)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_markers_are_replaced() {
        let mut value = json!({ "size": SIZE, "list": [ERASURE, "other"], "text": "costs $checkpoint.size", "n": 1 });
        assert!(holds_marker(&value));
        fill(&mut value, &json!(7), &json!("r"), &json!("e"));
        assert_eq!(
            value,
            json!({ "size": 7, "list": ["e", "other"], "text": "costs $checkpoint.size", "n": 1 })
        );
        assert!(!holds_marker(&value));
    }
}
