//! By which name the server is asked, and from which pages.
//!
//! A page of a stranger can make a browser ask this machine, under a name of the stranger's that
//! suddenly leads here (DNS rebinding). So a request under a name that is not one of ours is
//! refused, and one from a page that is not ours, on every route. Probes ask by the address, which
//! is one of the names.

use std::net::{IpAddr, SocketAddr};

use api::fault::FaultCode;
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::{Authority, Uri};

use crate::settings::Settings;

/// A browser says with it whose page asks.
const FETCH_SITE: &str = "sec-fetch-site";

/// Why a request is refused before it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Misdirected {
    /// Under another name.
    #[error("this server is not asked under that name; names are added with --allowed-host")]
    Host,
    /// From another page.
    #[error(
        "pages of that origin may not ask this server; origins are added with --allowed-origin"
    )]
    Origin,
}

impl Misdirected {
    pub(crate) const fn code(self) -> FaultCode {
        match self {
            Self::Host => FaultCode::HostNotAllowed,
            Self::Origin => FaultCode::OriginNotAllowed,
        }
    }
}

/// The names of this server, and the origins of pages that may ask it.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    names: Vec<String>,
    origins: Vec<String>,
}

/// A name as it is compared.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

impl Hosts {
    pub(crate) fn new(settings: &Settings, listening: SocketAddr) -> Self {
        let mut names: Vec<String> = ["localhost", "127.0.0.1", "[::1]"]
            .map(str::to_owned)
            .to_vec();
        names.push(match listening.ip() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        });
        names.extend(settings.hosts.iter().map(|name| plain(name)));
        Self {
            names,
            origins: settings
                .origins
                .iter()
                .map(|origin| origin.trim_end_matches('/').to_ascii_lowercase())
                .collect(),
        }
    }

    fn knows(&self, authority: &str) -> bool {
        // Which port it was asked on tells nothing: a proxy has another.
        !authority.contains('@')
            && authority
                .parse::<Authority>()
                .is_ok_and(|authority| self.names.contains(&plain(authority.host())))
    }

    /// Whether the request is for this server, and from nobody else's page.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Misdirected> {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (
            hosts.next().and_then(|host| host.to_str().ok()),
            hosts.next(),
        ) else {
            return Err(Misdirected::Host);
        };
        if !self.knows(host)
            || uri
                .authority()
                .is_some_and(|authority| !self.knows(authority.as_str()))
        {
            return Err(Misdirected::Host);
        }
        let mut origins = headers
            .get_all(ORIGIN)
            .iter()
            .map(|origin| origin.to_str().unwrap_or_default());
        let origin = origins.next();
        if origins.next().is_some() {
            return Err(Misdirected::Origin);
        }
        if origin.is_some_and(|origin| self.origins.contains(&origin.to_ascii_lowercase())) {
            return Ok(());
        }
        let own = |origin: &str| {
            origin
                .split_once("://")
                .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
        };
        // Where a browser does not send the origin it still tells whether the page is ours: for a
        // link, an image, a form. What is none of these comes from no page.
        let site = headers.get(FETCH_SITE).map(|site| site.as_bytes());
        let foreign = matches!(site, Some(site) if site != b"same-origin" && site != b"none");
        if origin.is_some_and(|origin| !own(origin)) || foreign {
            Err(Misdirected::Origin)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn hosts() -> Hosts {
        let settings = Settings {
            hosts: vec!["Sagsspor.Example.DK".to_owned()],
            origins: vec!["https://forside.example.dk".to_owned()],
            ..Settings::default()
        };
        Hosts::new(&settings, "127.0.0.5:8080".parse().unwrap())
    }

    fn check(uri: &str, given: &[(&str, &str)]) -> Result<(), Misdirected> {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(
                axum::http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        hosts().check(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn only_the_servers_own_names_are_answered() {
        for name in [
            "localhost",
            "LOCALHOST:1",
            "127.0.0.1:8080",
            "127.0.0.5:8080",
            "[::1]:8080",
            "sagsspor.example.dk",
            "sagsspor.example.dk.:443",
        ] {
            assert_eq!(check("/graphql", &[("host", name)]), Ok(()), "{name}");
        }
        for name in [
            "evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "127.0.0.2",
            "",
            "user@localhost:a",
        ] {
            assert_eq!(
                check("/graphql", &[("host", name)]),
                Err(Misdirected::Host),
                "{name}"
            );
        }
        assert_eq!(check("/graphql", &[]), Err(Misdirected::Host));
        assert_eq!(
            check(
                "/graphql",
                &[("host", "localhost"), ("host", "evil.example")]
            ),
            Err(Misdirected::Host)
        );
        assert_eq!(
            check("http://evil.example/graphql", &[("host", "localhost")]),
            Err(Misdirected::Host)
        );
    }

    #[test]
    fn only_the_servers_own_pages_may_ask() {
        let from = |given: &[(&str, &str)]| {
            check("/graphql", &[&[("host", "localhost:8080")], given].concat())
        };
        for own in [
            &[][..],
            &[("origin", "http://localhost:8080")],
            &[
                ("origin", "https://forside.example.dk"),
                ("sec-fetch-site", "same-site"),
            ],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
        ] {
            assert_eq!(from(own), Ok(()), "{own:?}");
        }
        for foreign in [
            &[("origin", "http://evil.example")][..],
            &[("origin", "http://localhost:3000")],
            &[("origin", "http://127.0.0.1:8080")],
            &[("origin", "null")],
            &[("origin", "")],
            &[
                ("origin", "http://localhost:8080"),
                ("origin", "http://evil.example"),
            ],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[
                ("origin", "http://localhost:8080"),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            assert_eq!(from(foreign), Err(Misdirected::Origin), "{foreign:?}");
        }
    }
}
