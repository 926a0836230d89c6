//! Steps and questions as requests over HTTP, and what their answers mean.

use hyper::body::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cases::Step;
use crate::meter::Outcome;

/// A request, ready to be sent any number of times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Path and query string.
    pub path: String,
    /// Media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
    /// Whether the answer must hold a receipt.
    pub records: bool,
}

/// The start of an answer of GraphQL that has data.
const DATA: &[u8] = b"{\"data\":{";
/// Refusals of a command, where there are none.
const NO_REFUSALS: &str = "\"userErrors\":[]";
/// Errors of GraphQL; behind the data, where it answers any.
const ERRORS: &str = "\"errors\":[";
/// So many bytes of a failed answer are told.
const TOLD_BYTES: usize = 200;

impl Request {
    /// A question in GraphQL.
    #[must_use]
    pub fn question(query: &str, variables: &Value) -> Self {
        Self::graphql(query, variables, false)
    }

    fn graphql(query: &str, variables: &Value, records: bool) -> Self {
        let body = json!({ "query": query, "variables": variables });
        Self {
            path: "/graphql".to_owned(),
            content_type: "application/json",
            body: body.to_string().into(),
            records,
        }
    }

    /// A step of a case.
    #[must_use]
    pub fn step(step: Step) -> Self {
        match step {
            Step::Order { mutation, input } => Self::order(mutation, &input),
            Step::Document {
                case,
                command,
                title,
                text,
            } => Self::document(case, command, title, text),
        }
    }

    /// The name of a mutation's input type is its own with a capital.
    fn order(mutation: &str, input: &Value) -> Self {
        let (first, rest) = mutation.split_at_checked(1).unwrap_or((mutation, ""));
        let query = format!(
            "mutation($input: {}{rest}Input!) {{ {mutation}(input: $input) {{ receipt {{ position version leafHash }} userErrors {{ code }} }} }}",
            first.to_uppercase()
        );
        Self::graphql(&query, &json!({ "input": input }), true)
    }

    fn document(case: Uuid, command: Uuid, title: &str, text: String) -> Self {
        Self {
            path: format!(
                "/documents/{case}?commandId={command}&title={title}&occurred=2025-06-01"
            ),
            content_type: "text/plain",
            body: text.into(),
            records: true,
        }
    }

    /// What an answer means: a command is done when there is a receipt and no refusal, a question
    /// when there is data and no error.
    #[must_use]
    pub fn outcome(&self, status: u16, answer: &[u8]) -> Outcome {
        let text = String::from_utf8_lossy(answer);
        let done = match (status, self.records) {
            (201, true) => true,
            (200, true) => text.contains(NO_REFUSALS) && !text.contains(ERRORS),
            (200, false) => answer.starts_with(DATA) && !text.contains(ERRORS),
            _ => false,
        };
        match status {
            _ if done => Outcome::Done,
            503 => Outcome::Busy,
            _ => {
                let told: String = text.chars().take(TOLD_BYTES).collect();
                Outcome::Failed(format!("{status}: {told}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{Families, Lengths};

    #[test]
    fn a_step_names_the_input_type_of_its_mutation() {
        let mut case = Families::new(1, Lengths::All(2)).cases(1).remove(0);
        let request = Request::step(case.note());
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let query = body["query"].as_str().unwrap();
        assert!(query.starts_with("mutation($input: TakeNoteInput!) { takeNote("));
        assert_eq!(body["variables"]["input"]["stream"], json!(case.id));
        assert!(request.records);
    }

    #[test]
    fn only_what_was_done_counts_as_done() {
        let (command, question) = (
            Request::order("takeNote", &json!({})),
            Request::question("{ log { size } }", &json!({})),
        );
        let recorded = br#"{"data":{"takeNote":{"receipt":{"version":3},"userErrors":[]}}}"#;
        let refused = br#"{"data":{"takeNote":{"receipt":null,"userErrors":[{"code":"X"}]}}}"#;
        let half = br#"{"data":{"log":{"size":1}},"errors":[{"message":"x"}]}"#;
        for (request, status, answer, expected) in [
            (&command, 200, &recorded[..], "done"),
            (&command, 200, &refused[..], "failed"),
            (&command, 200, &half[..], "failed"),
            (&command, 503, &b"{\"errors\":[]}"[..], "busy"),
            (
                &question,
                200,
                &br#"{"data":{"log":{"size":1}}}"#[..],
                "done",
            ),
            (&question, 200, &half[..], "failed"),
            (&question, 200, &br#"{"data":null}"#[..], "failed"),
            (&question, 500, &recorded[..], "failed"),
        ] {
            let outcome = match request.outcome(status, answer) {
                Outcome::Done => "done",
                Outcome::Busy => "busy",
                Outcome::Failed(told) => {
                    assert!(told.starts_with(&status.to_string()));
                    "failed"
                }
            };
            assert_eq!(outcome, expected, "{status} {answer:?}");
        }
    }
}
