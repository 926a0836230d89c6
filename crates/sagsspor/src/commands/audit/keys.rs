//! The verifier keys that an audit goes by: from outside, or from beside the log.

use app::layout::Layout;
use miette::{IntoDiagnostic, Result, WrapErr};
use store::backend::side_texts::SideText;
use verify::audit::{Pin, Trust};
use witness::keys::LogKey;

use crate::open;
use crate::usage::{malformed, usage};

/// The keys of one log.
pub(super) struct VerifierKeys {
    ed25519: LogKey,
    post_quantum: Option<LogKey>,
    /// Keys of earlier times, which have signed archived checkpoints.
    earlier: Vec<LogKey>,
    notes: Vec<String>,
}

fn no_post_quantum(origin: &str) -> String {
    format!(
        "the ML-DSA-44 signature of the checkpoint of {origin} was not checked, because that verifier key is not given"
    )
}

impl VerifierKeys {
    /// Those that an option gives; none where it is not used.
    pub(super) fn given(option: &'static str, texts: &[String]) -> Result<Option<Self>> {
        let (mut ed25519, mut post_quantum, mut earlier) = (None, None, Vec::new());
        for text in texts {
            let key = LogKey::parse(text).map_err(|error| malformed(option, &error))?;
            let place = if key.is_ed25519() {
                &mut ed25519
            } else {
                &mut post_quantum
            };
            // The first of each kind signs now.
            match place {
                None => *place = Some(key),
                Some(_) => earlier.push(key),
            }
        }
        let Some(ed25519) = ed25519 else {
            return if post_quantum.is_none() {
                Ok(None)
            } else {
                Err(usage(format!(
                    "{option} needs the log's Ed25519 key as well"
                )))
            };
        };
        if post_quantum
            .iter()
            .chain(&earlier)
            .any(|key: &LogKey| key.origin() != ed25519.origin())
        {
            return Err(usage(format!("{option} names keys of two logs")));
        }
        let notes = if post_quantum.is_none() {
            vec![no_post_quantum(ed25519.origin())]
        } else {
            Vec::new()
        };
        Ok(Some(Self {
            ed25519,
            post_quantum,
            earlier,
            notes,
        }))
    }

    /// Those that lie beside a log, which prove less.
    pub(super) fn beside(layout: &Layout, option: &'static str) -> Result<Self> {
        let file = layout.side_texts().place(SideText::LogKey);
        let ed25519 = LogKey::parse(&open::read_log_key(layout)?)
            .into_diagnostic()
            .wrap_err(file)?;
        let path = layout.side_texts().place(SideText::PostQuantumLogKey);
        let post_quantum = match open::read_beside(layout, SideText::PostQuantumLogKey) {
            Ok(text) => {
                let line = text.lines().next().unwrap_or_default();
                Some(
                    LogKey::parse(line)
                        .into_diagnostic()
                        .wrap_err_with(|| path.clone())?,
                )
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(error).into_diagnostic().wrap_err_with(|| path.clone());
            }
        };
        let origin = layout.origin();
        let mut notes = vec![format!(
            "the verifier keys of {origin} were taken from beside the log, where whoever bends it finds them; {option} takes them from elsewhere and proves more"
        )];
        if post_quantum.is_none() {
            notes.push(no_post_quantum(&origin));
        }
        Ok(Self {
            ed25519,
            post_quantum,
            earlier: Vec::new(),
            notes,
        })
    }

    /// The log that the keys are of.
    pub(super) fn origin(&self) -> &str {
        self.ed25519.origin()
    }

    /// All of them, for what was signed in earlier times.
    pub(super) fn all(&self) -> Vec<String> {
        std::iter::once(&self.ed25519)
            .chain(&self.post_quantum)
            .chain(&self.earlier)
            .map(|key| key.text().to_owned())
            .collect()
    }

    /// What a reader of the audit must know of them.
    pub(super) fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// What an auditor of a log trusts beforehand.
    pub(super) fn trust(&self, origin: &str, pins: Vec<Pin>) -> Trust {
        Trust {
            origin: origin.to_owned(),
            log_key: self.ed25519.text().to_owned(),
            post_quantum_key: self.post_quantum.as_ref().map(|key| key.text().to_owned()),
            pins,
        }
    }
}
