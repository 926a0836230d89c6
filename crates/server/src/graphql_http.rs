//! GraphQL over HTTP: which requests are taken, and in which order that is found out.
//!
//! Order: size, form, parse, cost, kind of operation, a place to be executed in, execute. How a request
//! is read stands in `graphql_request.rs`, how it is answered in `graphql_answer.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::fault::FaultCode;
use api::queue::{Pool, Queue};
use api::rest::outcome::errors_json;
use api::schema::CaseSchema;
use api::validated::Validated;
use api::{query_cost, queue, unique_json};
use app::session::Session;
use app::wanted::Wanted;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Request, ServerError};
use axum::body::Bytes;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::Response;
use tokio::runtime::Handle;

use crate::command_threads::CommandThreads;
use crate::graphql_answer::{Form, JSON, form, refused, unexecuted, written};
use crate::graphql_escapes::translated;
use crate::graphql_request::{Parameters, from_query_string, kind, parameters};
use crate::parsed_documents::ParsedDocuments;
use crate::pools::{Busy, Pools, Unanswered};
use crate::settings::Limits;

/// GraphQL over HTTP.
pub(crate) struct GraphqlHttp {
    schema: CaseSchema,
    documents: ParsedDocuments,
    pools: Arc<Pools>,
    commands: CommandThreads,
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
    pub(crate) fn new(
        schema: CaseSchema,
        pools: Arc<Pools>,
        commands: CommandThreads,
        limits: &Limits,
    ) -> Self {
        Self {
            schema,
            documents: ParsedDocuments::default(),
            pools,
            commands,
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
            return refused(
                Form::Json,
                "neither form of answer is accepted",
                FaultCode::NotAcceptable,
            );
        };
        match self.admit(form, session, method, query, headers, &body) {
            Ok(admitted) => self.answer(admitted).await,
            Err(response) => *response,
        }
    }

    /// Executes a request on a thread of its pool, or as a command that takes a thread only while it
    /// works, and gives it up when it takes too long: what is not recorded by then is not recorded.
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
        let work = move |wanted: Wanted| async move {
            began.store(true, Ordering::Relaxed);
            let response = api::schema::execute(&schema, request.data(wanted)).await;
            written(form, &response, answer_bytes_max)
        };
        let done = async {
            if queue.pool == Pool::Write {
                return self.commands.run(&self.pools, &queue, work).await;
            }
            let runtime = Handle::current();
            let work = move |wanted| runtime.block_on(work(wanted));
            self.pools.run(&queue, work).await
        };
        match tokio::time::timeout(self.deadline, done).await {
            Ok(Ok(response)) => response,
            Ok(Err(Unanswered::Busy(why))) => busy(form, why),
            Ok(Err(Unanswered::Broken)) => refused(
                form,
                "the request could not be executed",
                FaultCode::Internal,
            ),
            Err(_) if !begun.load(Ordering::Relaxed) => busy(form, Busy::TooLong),
            Err(_) => too_late(form, queue.pool, self.deadline),
        }
    }
}

/// The answer to a request for which there was no place; nothing of it was begun.
fn busy(form: Form, why: Busy) -> Response {
    let mut response = refused(form, &why.to_string(), FaultCode::Busy);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// The answer to a request that was begun and is not waited for any longer.
fn too_late(form: Form, pool: Pool, deadline: Duration) -> Response {
    let seconds = deadline.as_secs();
    match pool {
        Pool::Write => refused(
            form,
            &format!("there was no outcome within {seconds} s; ask again with the same command id"),
            FaultCode::OutcomeUnknown,
        ),
        Pool::Read | Pool::List | Pool::Figures => refused(
            form,
            &format!("there was no answer within {seconds} s; ask for less"),
            FaultCode::TimedOut,
        ),
    }
}

impl GraphqlHttp {
    /// The document of a text, parsed and found not too costly; one that was is not looked at again.
    fn document(
        &self,
        text: &str,
    ) -> Result<(ExecutableDocument, Option<Validated>), (String, FaultCode)> {
        if let Some(known) = self.documents.get(text) {
            return Ok(((*known.document).clone(), Some(known.validated)));
        }
        let document = parse_query(translated(text)).map_err(|fault| {
            let fault = ServerError::from(fault);
            (fault.to_string(), FaultCode::GraphqlParseFailed)
        })?;
        query_cost::check(&document)
            .map_err(|fault| (fault.to_string(), FaultCode::QueryTooLarge))?;
        self.documents.keep(text, &document);
        Ok((document, None))
    }

    /// What can be said about a request before it is executed.
    fn admit(
        &self,
        form: Form,
        session: Session,
        method: &Method,
        query: Option<&str>,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Admitted, Box<Response>> {
        let refuse = |message: &str, code| Err(Box::new(refused(form, message, code)));
        let unfit =
            |message: &str, code| Err(Box::new(unexecuted(form, &errors_json(message, code))));
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
                    "the content type must be application/json",
                    FaultCode::UnsupportedMediaType,
                );
            }
            unique_json::parse(body)
                .map_err(|error| format!("the body is not JSON: {error}"))
                .and_then(|body| parameters(&body))
        };
        let Parameters {
            query,
            operation,
            variables,
        } = match parameters {
            Ok(parameters) => parameters,
            Err(message) => return refuse(&message, FaultCode::BadRequest),
        };
        if query.len() > query_cost::DOCUMENT_BYTES_MAX {
            return unfit("the document is too long", FaultCode::QueryTooLarge);
        }
        let (document, validated) = match self.document(&query) {
            Ok(found) => found,
            Err((message, code)) => return unfit(&message, code),
        };
        if get && kind(&document, operation.as_deref()) != Some(OperationType::Query) {
            let mut response = refused(
                form,
                "only a query can be sent with GET",
                FaultCode::MethodNotAllowed,
            );
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("POST"));
            return Err(Box::new(response));
        }
        let queue = queue::of(&document, operation.as_deref(), &variables);
        let mut request = Request::new(query).data(session);
        request.set_parsed_query(document);
        request.operation_name = operation;
        if let Some(validated) = validated {
            request = validated.asked_by(request);
        }
        Ok(Admitted {
            request: request.variables(variables),
            queue,
            form,
        })
    }
}
