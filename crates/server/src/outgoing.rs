//! The way out: to witnesses and to a time stamping authority, over HTTP, with time-outs.

use std::time::Duration;

use app::error::BoxError;
use app::witnessing::client::{ASKED_AT, Shown, TransportAnswer, WitnessTransport};
use app::witnessing::time_stamp::StampTransport;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The longest answer that is read: cosignatures and notes are shorter, and so are stamps with
/// their certificates.
const ANSWER_BYTES_MAX: u64 = 256 * 1024;

/// Asks over HTTP. Redirects are not followed: a witness is at the address that its policy says.
#[derive(Debug, Clone)]
pub struct Outgoing {
    agent: ureq::Agent,
}

impl Outgoing {
    /// A whole exchange takes at most so long.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .timeout_connect(Some(timeout.min(Duration::from_secs(5))))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self {
            agent: config.into(),
        }
    }
}

impl Default for Outgoing {
    /// A verifying witness reads new entries before it answers, and may need a minute when it is
    /// busy.
    fn default() -> Self {
        Self::new(Duration::from_secs(90))
    }
}

fn at(prefix: &str, path: &str) -> String {
    format!("{}/{path}", prefix.trim_end_matches('/'))
}

fn text(response: &mut ureq::http::Response<ureq::Body>) -> Result<String, BoxError> {
    let bytes = response
        .body_mut()
        .with_config()
        .limit(ANSWER_BYTES_MAX)
        .read_to_vec()?;
    String::from_utf8(bytes).map_err(|_| "the answer is not text".into())
}

/// The time of the header that every answer bears; none where it has none, or a shared cache has
/// kept the answer for a while.
fn date(response: &ureq::http::Response<ureq::Body>) -> Option<Timestamp> {
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    if header("age").is_some_and(|age| age.trim() != "0") {
        return None;
    }
    DateTimeParser::new().parse_timestamp(header("date")?).ok()
}

impl WitnessTransport for Outgoing {
    fn add_checkpoint(
        &self,
        url: &str,
        body: &str,
        asked_at: u64,
    ) -> Result<TransportAnswer, BoxError> {
        let request = self
            .agent
            .post(at(url, "add-checkpoint"))
            .content_type("text/plain; charset=utf-8");
        let mut response = request.header(ASKED_AT, asked_at.to_string()).send(body)?;
        Ok(TransportAnswer {
            status: response.status().as_u16(),
            body: text(&mut response)?,
        })
    }

    fn add_entries(&self, url: &str, head: &[u8]) -> Result<TransportAnswer, BoxError> {
        let mut response = self
            .agent
            .post(at(url, "add-entries"))
            .content_type("application/octet-stream")
            .send(head)?;
        Ok(TransportAnswer {
            status: response.status().as_u16(),
            body: text(&mut response)?,
        })
    }

    fn latest(&self, url: &str, origin_hash: &str) -> Result<Shown, BoxError> {
        let request = self
            .agent
            .get(at(url, &format!("{origin_hash}/checkpoint")));
        let mut response = request.header("cache-control", "no-cache").call()?;
        let time = date(&response);
        match response.status().as_u16() {
            200 => Ok(Shown {
                note: Some(text(&mut response)?),
                time,
            }),
            404 => Ok(Shown { note: None, time }),
            status => Err(format!("status {status}").into()),
        }
    }
}

impl StampTransport for Outgoing {
    fn stamp(&self, url: &str, query: &[u8]) -> Result<Vec<u8>, BoxError> {
        let mut response = self
            .agent
            .post(url)
            .content_type("application/timestamp-query")
            .send(query)?;
        let kind = response
            .headers()
            .get("content-type")
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        let status = response.status().as_u16();
        if status != 200 || kind.split(';').next() != Some("application/timestamp-reply") {
            return Err(format!("status {status}, type {kind:?}").into());
        }
        Ok(response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_vec()?)
    }
}
