//! What the program traces on one thread, counted by its message.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};

/// How often each message of the crate `app` was traced.
#[derive(Debug, Clone, Default)]
pub struct Traced(Arc<Mutex<BTreeMap<String, usize>>>);

impl Traced {
    /// Listens on this thread for as long as the answer lives.
    pub fn listen(&self) -> DefaultGuard {
        tracing::subscriber::set_default(self.clone())
    }

    /// How often a message was traced.
    pub fn times(&self, message: &str) -> usize {
        self.0.lock().unwrap().get(message).copied().unwrap_or(0)
    }
}

struct Message<'a>(&'a Traced);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let mut counts = self.0.0.lock().unwrap();
            *counts.entry(format!("{value:?}")).or_default() += 1;
        }
    }
}

impl Subscriber for Traced {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("app")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Message(self));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
