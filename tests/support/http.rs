//! Asking a server as its clients do. Requests that no proper client sends, and answers that break
//! off, are for [`raw_http`](crate::raw_http).

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::{HeaderMap, Method, Request};

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// An answer whose body need not be text.
pub struct BytesAnswer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl BytesAnswer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    pub fn into_text(self) -> Answer {
        Answer {
            status: self.status,
            headers: self.headers,
            body: String::from_utf8(self.body).unwrap(),
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Sends one request on its own connection, with no header beside those that are given but for
/// `host` and the length of a body.
pub fn send_bytes(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<BytesAnswer> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(60)))
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .accept("")
        .user_agent("")
        .build()
        .into();
    let method: Method = method.parse().map_err(std::io::Error::other)?;
    let bare = body.is_empty() && ![Method::POST, Method::PUT].contains(&method);
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://{address}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answered = if bare {
        agent.run(request.body(()).map_err(std::io::Error::other)?)
    } else {
        agent.run(request.body(body).map_err(std::io::Error::other)?)
    };
    let mut answer = answered.map_err(ureq::Error::into_io)?;
    let body = answer
        .body_mut()
        .with_config()
        .limit(u64::MAX)
        .read_to_vec()
        .map_err(ureq::Error::into_io)?;
    Ok(BytesAnswer {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body,
    })
}

/// The same with bodies that are text.
pub fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    Ok(send_bytes(address, method, path, headers, body.as_bytes())?.into_text())
}

/// Sends a GraphQL request as most clients do.
pub fn graphql(address: SocketAddr, query: &str, variables: &Value) -> std::io::Result<Answer> {
    let body = json!({ "query": query, "variables": variables }).to_string();
    send(
        address,
        "POST",
        "/graphql",
        &[("content-type", "application/json")],
        &body,
    )
}
