//! Lists of objects whose fields are all at hand: an answer for a long case is made of thousands of
//! such fields.
//!
//! The executor makes a future for each field of each object, so that fields can wait for each
//! other's reading. Nothing waits here, so one object is put together after the other. The fields
//! themselves are answered by the same code, and count against the same bound. What is rare in a
//! selection is left to the executor: fragments, directives, and a name that stands twice.

use std::borrow::Cow;
use std::collections::BTreeSet;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::resolve_list;
use async_graphql::{
    ContainerType, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
};

use crate::answer_size::Counted;

/// A list of objects whose fields are all at hand.
#[derive(Debug, Clone, PartialEq)]
pub struct PlainList<T>(Vec<T>);

impl<T> FromIterator<T> for PlainList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<T> From<Vec<T>> for PlainList<T> {
    fn from(items: Vec<T>) -> Self {
        Self(items)
    }
}

/// An object in such a list, whose fields are all at hand as well.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain<T>(pub T);

/// A list of single values, which ask for no fields.
#[derive(Debug, Clone, PartialEq)]
pub struct PlainValues<T>(Vec<T>);

impl<T> From<Vec<T>> for PlainValues<T> {
    fn from(values: Vec<T>) -> Self {
        Self(values)
    }
}

/// The fields that are asked for; null when something is asked for that only the executor knows.
fn fields(selection: &SelectionSet) -> Option<Vec<&Positioned<Field>>> {
    let mut names = BTreeSet::new();
    let mut fields = Vec::with_capacity(selection.items.len());
    for selection in &selection.items {
        let Selection::Field(field) = &selection.node else {
            return None;
        };
        let node = &field.node;
        let known = node.directives.is_empty() && !node.name.node.starts_with("__");
        if !known || !names.insert(node.response_key().node.as_str()) {
            return None;
        }
        fields.push(field);
    }
    Some(fields)
}

/// Answers the fields of one object, in their order.
async fn object<T: ContainerType>(
    item: &T,
    ctx: &ContextSelectionSet<'_>,
    fields: &[&Positioned<Field>],
) -> ServerResult<Value> {
    let mut answers = IndexMap::with_capacity(fields.len());
    for field in fields {
        let answer = item.resolve_field(&ctx.with_field(field)).await?;
        let name = field.node.response_key().node.clone();
        answers.insert(name, answer.unwrap_or_default());
    }
    Ok(Value::Object(answers))
}

impl<T: ContainerType> OutputType for PlainList<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let Some(fields) = fields(&ctx.item.node) else {
            return resolve_list(ctx, field, &self.0, Some(self.0.len())).await;
        };
        let counted = Counted::of(ctx);
        // Boxed once for the list: futures of fields are large.
        Box::pin(async move {
            let mut list = Vec::with_capacity(self.0.len());
            for (place, item) in self.0.iter().enumerate() {
                // An item counts as its fields do.
                counted.add(1 + fields.len() as u64)?;
                let at = ctx.with_index(place);
                let answer = object(item, &at, &fields).await;
                list.push(answer.map_err(|error| at.set_error_path(error))?);
            }
            Ok(Value::List(list))
        })
        .await
    }
}

impl<T: ContainerType> OutputType for Plain<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let Some(fields) = fields(&ctx.item.node) else {
            return self.0.resolve(ctx, field).await;
        };
        Counted::of(ctx).add(fields.len() as u64)?;
        object(&self.0, ctx, &fields).await
    }
}

impl<T: OutputType> OutputType for PlainValues<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Counted::of(ctx).add(self.0.len() as u64)?;
        let mut list = Vec::with_capacity(self.0.len());
        for (place, item) in self.0.iter().enumerate() {
            let at = ctx.with_index(place);
            let value = item.resolve(&at, field).await;
            list.push(value.map_err(|error| at.set_error_path(error))?);
        }
        Ok(Value::List(list))
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::futures_util::FutureExt;
    use async_graphql::{
        EmptyMutation, EmptySubscription, Object, PathSegment, Response, Result, Schema,
        SimpleObject,
    };

    use super::*;
    use crate::answer_size::{AnswerSize, FIELDS_MAX, TOO_LARGE_MESSAGE};

    #[derive(SimpleObject)]
    struct Name {
        text: String,
        numbers: PlainValues<u64>,
    }

    struct Row(u64);

    #[Object]
    impl Row {
        async fn number(&self) -> u64 {
            self.0
        }

        async fn name(&self) -> Option<Plain<Name>> {
            let text = format!("row {}", self.0);
            let numbers = vec![self.0, self.0 + 1].into();
            (self.0 != 3).then_some(Plain(Name { text, numbers }))
        }

        async fn odd(&self) -> Result<u64> {
            if self.0 % 2 == 1 {
                Ok(self.0)
            } else {
                Err("it is even".into())
            }
        }
    }

    struct Root;

    #[Object]
    impl Root {
        async fn rows(&self, count: u64) -> PlainList<Row> {
            (1..=count).map(Row).collect()
        }
    }

    fn asked(query: &str) -> Response {
        let schema = Schema::build(Root, EmptyMutation, EmptySubscription);
        let schema = schema.extension(AnswerSize).finish();
        schema.execute(query).now_or_never().unwrap()
    }

    #[track_caller]
    fn check(selection: &str, expected: &str) {
        let response = asked(&format!("{{ rows(count: 2) {{ {selection} }} }}"));
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        let data = serde_json::to_string(&response.data).unwrap();
        assert_eq!(data, format!("{{\"rows\":{expected}}}"), "{selection}");
    }

    #[test]
    fn fields_are_answered_in_the_order_of_the_selection() {
        check(
            "name { numbers text } n: number",
            r#"[{"name":{"numbers":[1,2],"text":"row 1"},"n":1},{"name":{"numbers":[2,3],"text":"row 2"},"n":2}]"#,
        );
        let third = asked("{ rows(count: 3) { name { text } } }");
        let data = serde_json::to_string(&third.data).unwrap();
        assert!(data.ends_with(r#"{"name":null}]}"#), "{data}");
    }

    #[test]
    fn what_is_rare_in_a_selection_is_answered_by_the_executor() {
        check(
            "__typename number",
            r#"[{"__typename":"Row","number":1},{"__typename":"Row","number":2}]"#,
        );
        check("... on Row { number }", r#"[{"number":1},{"number":2}]"#);
        check(
            "number @include(if: true) name @skip(if: true) { text }",
            r#"[{"number":1},{"number":2}]"#,
        );
        check(
            "name { text } name { numbers }",
            r#"[{"name":{"text":"row 1","numbers":[1,2]}},{"name":{"text":"row 2","numbers":[2,3]}}]"#,
        );
    }

    #[test]
    fn an_error_is_told_as_the_executor_tells_it() {
        let told = |selection: &str| {
            let response = asked(&format!("{{ rows(count: 2) {{ {selection} }} }}"));
            let error = response.errors.first().unwrap();
            assert_eq!(error.message, "it is even");
            (error.path.clone(), response.errors.len(), response.data)
        };
        let (plain, executed) = (told("odd"), told("... on Row { odd }"));
        assert_eq!(plain, executed);
        let second = [PathSegment::Field("rows".into()), PathSegment::Index(1)];
        assert!(plain.0.starts_with(&second), "{:?}", plain.0);
    }

    #[test]
    fn they_count_against_the_same_bound_as_fields_of_the_executor() {
        // Seven or nine for each row: the row, its number, its name with the text and two numbers.
        let fields = "number name { text numbers }";
        for fields in [fields, "number name { text numbers } name { text }"] {
            let most = (FIELDS_MAX - 1) / 10;
            let within = asked(&format!("{{ rows(count: {}) {{ {fields} }} }}", most - 1));
            assert!(within.errors.is_empty(), "{:?}", within.errors);
            let beyond = asked(&format!("{{ rows(count: {}) {{ {fields} }} }}", most * 2));
            assert_eq!(beyond.errors.first().unwrap().message, TOO_LARGE_MESSAGE);
        }
        let exactly = |rows| asked(&format!("{{ rows(count: {rows}) {{ number }} }}"));
        assert!(exactly((FIELDS_MAX - 1) / 2).errors.is_empty());
        assert!(!exactly(FIELDS_MAX / 2 + 1).errors.is_empty());
    }
}
