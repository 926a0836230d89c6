//! Where a request waits until it is executed: which pool of threads it runs on, and behind whom.
//!
//! It is read off the document and its variables before anything is executed. A wrong guess costs fairness
//! only: what may be recorded is decided where it is recorded.

use std::collections::BTreeSet;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Name, Positioned, Value, Variables};
use events::ids::StreamId;

/// Threads that run requests of one kind, so that the others never wait for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// Reads what stands in single streams and in the log.
    Read,
    /// Reads rows of lists, for which it may wait until they reflect what was recorded.
    List,
    /// Reads every case.
    Figures,
    /// Records.
    Write,
}

/// What commands are carried out one after the other for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// Facts of one stream.
    Stream(StreamId),
    /// Facts about the log itself.
    Log,
    /// Erasures: nothing else is recorded while one is ordered.
    Erasure,
}

/// Where a request waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// The pool.
    pub pool: Pool,
    /// The turns that it needs, in the order in which they are taken.
    pub turns: BTreeSet<Turn>,
}

/// Fields of the root that read rows of lists.
const LISTS: [&str; 4] = [
    "cases",
    "familyOverview",
    "notifications",
    "obligationBoard",
];
/// Where an input names the stream that it records in, the first that is there.
const PLACES: [&[&str]; 5] = [
    &["stream"],
    &["target", "stream"],
    &["event", "stream"],
    &["facts", "person", "person"],
    &["facts", "target"],
];

/// The operation that is executed; null when none or several have the name.
fn chosen<'a>(
    document: &'a ExecutableDocument,
    operation: Option<&str>,
) -> Option<&'a OperationDefinition> {
    match (&document.operations, operation) {
        (DocumentOperations::Single(only), _) => Some(&only.node),
        (DocumentOperations::Multiple(several), Some(name)) => {
            several.get(name).map(|found| &found.node)
        }
        (DocumentOperations::Multiple(several), None) => several
            .values()
            .next()
            .filter(|_| several.len() == 1)
            .map(|only| &only.node),
    }
}

/// The fields of the root, those of fragments too; the document must hold no circle of fragments.
fn root_fields<'a>(
    document: &'a ExecutableDocument,
    set: &'a [Positioned<Selection>],
    found: &mut Vec<&'a Field>,
) {
    for selection in set {
        match &selection.node {
            Selection::Field(field) => found.push(&field.node),
            Selection::InlineFragment(inline) => {
                root_fields(document, &inline.node.selection_set.node.items, found)
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    root_fields(document, &fragment.node.selection_set.node.items, found);
                }
            }
        }
    }
}

fn at<'a>(input: &'a Value, place: &[&str]) -> Option<&'a Value> {
    place.iter().try_fold(input, |value, step| {
        if let Value::Object(members) = value {
            members.get(*step)
        } else {
            None
        }
    })
}

fn stream_in(input: &Value) -> Option<StreamId> {
    PLACES
        .iter()
        .filter_map(|place| at(input, place))
        .find_map(|value| {
            if let Value::String(text) = value {
                text.parse().ok()
            } else {
                None
            }
        })
}

/// The stream that the input of a field names; null when it names none.
fn stream_of(
    field: &Field,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Option<StreamId> {
    let default = |name: &Name| {
        let definition = operation
            .variable_definitions
            .iter()
            .find(|known| known.node.name.node == *name)?;
        definition
            .node
            .default_value
            .as_ref()
            .map(|value| &value.node)
    };
    let given = |name: &Name| variables.get(name).or_else(|| default(name));
    let input = field
        .get_argument("input")?
        .node
        .clone()
        .into_const_with(|name| Ok::<_, ()>(given(&name).cloned().unwrap_or_default()));
    input.ok().as_ref().and_then(stream_in)
}

fn turn(field: &Field, operation: &OperationDefinition, variables: &Variables) -> Option<Turn> {
    match field.name.node.as_str() {
        "orderErasure" => Some(Turn::Erasure),
        "recordIntegrityCheck" | "activateRuleSet" => Some(Turn::Log),
        _ => stream_of(field, operation, variables).map(Turn::Stream),
    }
}

/// Where a request waits. Its document must have passed [`crate::query_cost::check`].
#[must_use]
pub fn of(document: &ExecutableDocument, operation: Option<&str>, variables: &Variables) -> Queue {
    let mut queue = Queue {
        pool: Pool::Read,
        turns: BTreeSet::new(),
    };
    let Some(operation) = chosen(document, operation) else {
        return queue;
    };
    let mut fields = Vec::new();
    root_fields(document, &operation.selection_set.node.items, &mut fields);
    let asks = |names: &[&str]| {
        fields
            .iter()
            .any(|field| names.contains(&field.name.node.as_str()))
    };
    if operation.ty == OperationType::Mutation {
        queue.pool = Pool::Write;
        queue.turns.extend(
            fields
                .iter()
                .filter_map(|field| turn(field, operation, variables)),
        );
    } else if asks(&["keyFigures"]) {
        queue.pool = Pool::Figures;
    } else if asks(&LISTS) {
        queue.pool = Pool::List;
    }
    queue
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ONE: &str = "dc7f2622-9fc8-5d18-9790-32c61c715ece";

    fn queue(text: &str, variables: serde_json::Value) -> Queue {
        of(
            &async_graphql::parser::parse_query(text).unwrap(),
            None,
            &Variables::from_json(variables),
        )
    }

    #[test]
    fn a_command_waits_behind_those_of_its_stream_however_it_is_written() {
        let stream = || BTreeSet::from([Turn::Stream(ONE.parse().unwrap())]);
        let note = json!({ "input": { "stream": ONE } });
        for (text, variables) in [
            ("mutation($input: X!) { takeNote(input: $input) { repeated } }".to_owned(), note.clone()),
            ("mutation($input: X!) { ...a } fragment a on Mutation { takeNote(input: $input) { repeated } }".to_owned(), note.clone()),
            ("mutation($input: X!) { ... on Mutation { other: takeNote(input: $input) { repeated } } }".to_owned(), note),
            (format!("mutation {{ takeNote(input: {{ stream: \"{ONE}\" }}) {{ repeated }} }}"), json!({})),
            ("mutation($s: UUID!) { takeNote(input: { stream: $s }) { repeated } }".to_owned(), json!({ "s": ONE })),
            (format!("mutation($s: UUID! = \"{ONE}\") {{ takeNote(input: {{ stream: $s }}) {{ repeated }} }}"), json!({})),
            ("mutation($i: X!) { correctEvent(input: $i) { repeated } }".to_owned(), json!({ "i": { "target": { "stream": ONE } } })),
            (
                "mutation($i: X!) { registerPerson(input: $i) { repeated } }".to_owned(),
                json!({ "i": { "facts": { "person": { "person": ONE } } } }),
            ),
            ("mutation($i: X!) { recordAccess(input: $i) { repeated } }".to_owned(), json!({ "i": { "facts": { "target": ONE } } })),
        ] {
            assert_eq!(queue(&text, variables), Queue { pool: Pool::Write, turns: stream() }, "{text}");
        }
        let erasure = queue(
            "mutation($i: X!) { orderErasure(input: $i) { repeated } }",
            json!({ "i": { "stream": ONE } }),
        );
        assert_eq!(erasure.turns, BTreeSet::from([Turn::Erasure]));
        let two = queue(
            "mutation($a: X!) { takeNote(input: $a) { repeated } activateRuleSet(input: $a) { repeated } }",
            json!({ "a": { "stream": ONE } }),
        );
        assert_eq!(two.turns.len(), 2);
        assert!(
            queue(
                "mutation($i: X!) { openCase(input: $i) { repeated } }",
                json!({ "i": {} })
            )
            .turns
            .is_empty()
        );
    }

    #[test]
    fn what_takes_long_runs_apart() {
        for (text, pool) in [
            ("{ case(id: 1) { status } }", Pool::Read),
            ("{ log { size } cases { edges { cursor } } }", Pool::List),
            (
                "{ ...a } fragment a on Query { obligationBoard { edges { cursor } } }",
                Pool::List,
            ),
            (
                "{ keyFigures(from: 1, to: 2) { cases } cases { edges { cursor } } }",
                Pool::Figures,
            ),
            ("{ cases: log { size } }", Pool::Read),
        ] {
            assert_eq!(queue(text, json!({})).pool, pool, "{text}");
        }
    }
}
