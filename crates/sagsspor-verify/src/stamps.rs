//! Who issued a time stamp: asked of openssl, which knows certificates better than we should.

use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use verify::bundle::{StampChecker, sha256_hex};

/// Asks `openssl ts -verify`, where the reader trusts an authority and the program is there.
pub(crate) struct OpenSsl {
    authority: Option<PathBuf>,
}

impl OpenSsl {
    pub(crate) fn new(authority: Option<&Path>) -> Result<Self, String> {
        if let Some(path) = authority {
            std::fs::File::open(path)
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        }
        Ok(Self {
            authority: authority.map(Path::to_owned),
        })
    }
}

impl StampChecker for OpenSsl {
    fn check(&self, body: &[u8], response: &[u8]) -> Result<Option<bool>, Error> {
        let Some(authority) = &self.authority else {
            return Ok(None);
        };
        let started = Command::new("openssl")
            .args([
                "ts",
                "-verify",
                "-digest",
                &sha256_hex(body),
                "-in",
                "/dev/stdin",
                "-CAfile",
            ])
            .arg(authority)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut child = match started {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            child => child?,
        };
        if let Some(mut input) = child.stdin.take() {
            // One that has read enough may close its end; its exit status tells the rest.
            input.write_all(response).or_else(|error| {
                if error.kind() == ErrorKind::BrokenPipe {
                    Ok(())
                } else {
                    Err(error)
                }
            })?;
        }
        Ok(Some(child.wait()?.success()))
    }
}
