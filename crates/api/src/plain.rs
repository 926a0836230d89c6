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
