//! GraphQL over HTTP: which requests are taken, and with which status they are answered.
//!
//! Order: size, form, parse, cost, kind of operation, a place to be executed in, execute. A request
//! that was not executed has no `data` in its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::queue::{Pool, Queue};
use api::schema::CaseSchema;
use api::{query_cost, queue};
use app::session::Session;
use app::wanted::Wanted;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Request, Variables};
use axum::body::Bytes;
use axum::http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::pools::{Busy, Pools, Unanswered};
use crate::query_string;
use crate::settings::Limits;

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

/// The form of an answer that the client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Graphql,
    Json,
}

/// Chooses by the quality values of `Accept`; none when neither form is taken.
fn form(headers: &HeaderMap) -> Option<Form> {
    let Some(accept) = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()) else {
        return Some(Form::Json);
    };
    let mut best: Option<(f32, Form)> = None;
    for range in accept.split(',') {
        let mut fields = range.split(';').map(str::trim);
        let form = match fields.next().unwrap_or_default() {
            GRAPHQL => Form::Graphql,
            JSON | "*/*" | "application/*" => Form::Json,
            _ => continue,
        };
        let quality = fields
            .find_map(|field| field.strip_prefix("q="))
            .and_then(|q| q.parse().ok())
            .unwrap_or(1.0);
        if quality > 0.0 && best.is_none_or(|(known, _)| quality > known) {
            best = Some((quality, form));
        }
    }
    best.map(|(_, form)| form)
}

fn answer(form: Form, status: StatusCode, body: &Value) -> Response {
    answer_text(form, status, body.to_string())
}

fn answer_text(form: Form, status: StatusCode, body: String) -> Response {
    let media = match form {
        Form::Graphql => "application/graphql-response+json; charset=utf-8",
        Form::Json => "application/json; charset=utf-8",
    };
    let headers = [
        (CONTENT_TYPE, media),
        (VARY, "Accept"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}

fn error(message: &str, code: &str) -> Value {
    json!({ "errors": [{ "message": message, "extensions": { "code": code } }] })
}

/// A request that was not executed: its status says so in the newer form only.
fn unexecuted(form: Form, body: &Value) -> Response {
    let status = if form == Form::Graphql {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    answer(form, status, body)
}

/// The parameters of a request.
struct Parameters {
    query: String,
    operation: Option<String>,
    variables: Variables,
}

fn object(value: Option<&Value>, name: &str) -> Result<Value, String> {
    match value {
        None | Some(Value::Null) => Ok(json!({})),
        Some(map @ Value::Object(_)) => Ok(map.clone()),
        Some(_) => Err(format!("{name} must be a map")),
    }
}

fn parameters(body: &Value) -> Result<Parameters, String> {
    let Value::Object(members) = body else {
        return Err("the body must be a map".to_owned());
    };
    let query = members
        .get("query")
        .and_then(Value::as_str)
        .ok_or("query must be a text")?;
    let operation = match members.get("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.clone()),
        Some(_) => return Err("operationName must be a text".to_owned()),
    };
    object(members.get("extensions"), "extensions")?;
    let variables = Variables::from_json(object(members.get("variables"), "variables")?);
    Ok(Parameters {
        query: query.to_owned(),
        operation,
        variables,
    })
}

/// The parameters of a GET request, from its query string.
fn from_query_string(query: &str) -> Result<Parameters, String> {
    let mut body = serde_json::Map::new();
    for (name, value) in query_string::pairs(query).ok_or("the query string is malformed")? {
        let value = match name.as_str() {
            "variables" | "extensions" => {
                serde_json::from_str(&value).map_err(|_| format!("{name} must be a map"))?
            }
            _ => Value::String(value),
        };
        body.insert(name, value);
    }
    parameters(&Value::Object(body))
}

/// The operation that the request means; none when the executor must say what is wrong.
fn kind(document: &ExecutableDocument, name: Option<&str>) -> Option<OperationType> {
    let mut chosen = document
        .operations
        .iter()
        .filter(|(known, _)| name.is_none() || known.map(|known| known.as_str()) == name);
    let (_, operation) = chosen.next()?;
    chosen.next().is_none().then_some(operation.node.ty)
}

/// GraphQL over HTTP.
pub(crate) struct GraphqlHttp {
    schema: CaseSchema,
    pools: Arc<Pools>,
    deadline: Duration,
    answer_bytes_max: usize,
}

/// A request that may be executed.
struct Admitted {
    request: Request,
    /// Where it waits until it is.
    queue: Queue,
    form: Form,
}

impl GraphqlHttp {
    pub(crate) fn new(schema: CaseSchema, pools: Arc<Pools>, limits: &Limits) -> Self {
        Self {
            schema,
            pools,
            deadline: limits.request,
            answer_bytes_max: limits.answer_bytes_max,
        }
    }

    /// Answers one request.
    pub(crate) async fn handle(
        &self,
        session: Session,
        method: &Method,
        query: Option<&str>,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Response {
        let Some(form) = form(headers) else {
            return answer(
                Form::Json,
                StatusCode::NOT_ACCEPTABLE,
                &error("neither form of answer is accepted", "NOT_ACCEPTABLE"),
            );
        };
        match admit(form, session, method, query, headers, &body) {
            Ok(admitted) => self.answer(admitted).await,
            Err(response) => *response,
        }
    }

    /// Executes a request on a thread of its pool, and gives it up when it takes too long: what is
    /// not recorded by then is not recorded.
    async fn answer(
        &self,
        Admitted {
            request,
            queue,
            form,
        }: Admitted,
    ) -> Response {
        let begun = Arc::<AtomicBool>::default();
        let (schema, answer_bytes_max, began) = (
            self.schema.clone(),
            self.answer_bytes_max,
            Arc::clone(&begun),
        );
        let runtime = tokio::runtime::Handle::current();
        let work = move |wanted: Wanted| {
            began.store(true, Ordering::Relaxed);
            let response = runtime.block_on(api::schema::execute(&schema, request.data(wanted)));
            written(form, &response, answer_bytes_max)
        };
        match tokio::time::timeout(self.deadline, self.pools.run(&queue, work)).await {
            Ok(Ok(response)) => response,
            Ok(Err(Unanswered::Busy(why))) => busy(form, why),
            Ok(Err(Unanswered::Broken)) => answer(
                form,
                StatusCode::INTERNAL_SERVER_ERROR,
                &error("the request could not be executed", "INTERNAL"),
            ),
            Err(_) if !begun.load(Ordering::Relaxed) => busy(form, Busy::TooLong),
            Err(_) => too_late(form, queue.pool, self.deadline),
        }
    }
}

/// The answer to a request for which there was no place; nothing of it was begun.
fn busy(form: Form, why: Busy) -> Response {
    let mut response = answer(
        form,
        StatusCode::SERVICE_UNAVAILABLE,
        &error(&why.to_string(), "BUSY"),
    );
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// The answer to a request that was begun and is not waited for any longer.
fn too_late(form: Form, pool: Pool, deadline: Duration) -> Response {
    let seconds = deadline.as_secs();
    let told = if pool == Pool::Write {
        error(
            &format!("there was no outcome within {seconds} s; ask again with the same command id"),
            "OUTCOME_UNKNOWN",
        )
    } else {
        error(
            &format!("there was no answer within {seconds} s; ask for less"),
            "TIMED_OUT",
        )
    };
    answer(form, StatusCode::SERVICE_UNAVAILABLE, &told)
}

/// What can be said about a request before it is executed.
fn admit(
    form: Form,
    session: Session,
    method: &Method,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Admitted, Box<Response>> {
    let refuse =
        |status, message: &str, code| Err(Box::new(answer(form, status, &error(message, code))));
    let unfit = |message: &str, code| Err(Box::new(unexecuted(form, &error(message, code))));
    let get = *method == Method::GET;
    let parameters = if get {
        from_query_string(query.unwrap_or_default())
    } else {
        let media = headers
            .get(CONTENT_TYPE)
            .and_then(|media| media.to_str().ok())
            .unwrap_or_default();
        if media.split(';').next().map(str::trim) != Some(JSON) {
            return refuse(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the content type must be application/json",
                "UNSUPPORTED_MEDIA_TYPE",
            );
        }
        serde_json::from_slice(body)
            .map_err(|error| format!("the body is not JSON: {error}"))
            .and_then(|body| parameters(&body))
    };
    let Parameters {
        query,
        operation,
        variables,
    } = match parameters {
        Ok(parameters) => parameters,
        Err(message) => return refuse(StatusCode::BAD_REQUEST, &message, "BAD_REQUEST"),
    };
    if query.len() > query_cost::DOCUMENT_BYTES_MAX {
        return unfit("the document is too long", "DOCUMENT_TOO_LARGE");
    }
    let mut request = Request::new(query).data(session);
    let parsed = match request.parsed_query() {
        Ok(parsed) => parsed,
        Err(fault) => return unfit(&fault.to_string(), "GRAPHQL_PARSE_FAILED"),
    };
    if let Err(fault) = query_cost::check(parsed) {
        return unfit(&fault.to_string(), "DOCUMENT_TOO_LARGE");
    }
    if get && kind(parsed, operation.as_deref()) != Some(OperationType::Query) {
        let mut response = answer(
            form,
            StatusCode::METHOD_NOT_ALLOWED,
            &error("only a query can be sent with GET", "METHOD_NOT_ALLOWED"),
        );
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("POST"));
        return Err(Box::new(response));
    }
    let queue = queue::of(parsed, operation.as_deref(), &variables);
    request.operation_name = operation;
    Ok(Admitted {
        request: request.variables(variables),
        queue,
        form,
    })
}

/// The answer to a request that was executed, or found not to be fit for it.
fn written(form: Form, response: &async_graphql::Response, answer_bytes_max: usize) -> Response {
    // An error without a path was found before execution began: there is no data to speak of.
    let executed =
        response.errors.is_empty() || response.errors.iter().any(|error| !error.path.is_empty());
    let broken = |fault: serde_json::Error| {
        answer(
            form,
            StatusCode::INTERNAL_SERVER_ERROR,
            &error(&fault.to_string(), "INTERNAL"),
        )
    };
    if executed {
        // Written as it stands: members keep the order of the selection.
        return match serde_json::to_string(response) {
            Ok(body) if body.len() > answer_bytes_max => answer(form, StatusCode::OK, &too_large()),
            Ok(body) => answer_text(form, StatusCode::OK, body),
            Err(fault) => broken(fault),
        };
    }
    let mut body = match serde_json::to_value(response) {
        Ok(body) => body,
        Err(fault) => return broken(fault),
    };
    if let Value::Object(members) = &mut body {
        members.remove("data");
        for fault in members
            .get_mut("errors")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            fault
                .entry("extensions")
                .or_insert_with(|| json!({ "code": "GRAPHQL_VALIDATION_FAILED" }));
        }
    }
    unexecuted(form, &body)
}

/// What takes the place of an answer that is too large.
fn too_large() -> Value {
    let mut told = error(
        api::answer_size::TOO_LARGE_MESSAGE,
        api::answer_size::TOO_LARGE,
    );
    if let Value::Object(members) = &mut told {
        members.insert("data".to_owned(), Value::Null);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(text: &str) -> Option<Form> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(text).unwrap());
        form(&headers)
    }

    #[test]
    fn the_form_of_the_answer_follows_the_wish_of_the_client() {
        assert_eq!(form(&HeaderMap::new()), Some(Form::Json));
        assert_eq!(accept("*/*"), Some(Form::Json));
        assert_eq!(
            accept("application/graphql-response+json; charset=utf-8, application/json; q=0.9"),
            Some(Form::Graphql)
        );
        assert_eq!(
            accept("application/graphql-response+json;q=0.5, application/json"),
            Some(Form::Json)
        );
        assert_eq!(accept("text/html"), None);
    }

    #[test]
    fn a_query_string_is_decoded() {
        let parameters =
            from_query_string("query=%7B+log%20%7Bsize%7D%7D&variables=%7B%22a%22:1%7D").unwrap();
        assert_eq!(parameters.query, "{ log {size}}");
        assert!(from_query_string("query=%G0").is_err());
        assert!(from_query_string("").is_err());
        assert!(from_query_string("query=%7B%7D&variables=[]").is_err());
    }
}
