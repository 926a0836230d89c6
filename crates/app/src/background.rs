//! A thread that works on messages, and the handle by which others reach it.

use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

/// A thread that takes messages until it is told to stop, which it is when this is dropped.
pub(crate) struct Background<M> {
    name: &'static str,
    sender: Mutex<Sender<M>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// The message that ends it.
    stop: fn() -> M,
}

impl<M> Background<M> {
    /// Starts the work, which must end when it receives `stop` from the other end of `sender`.
    pub(crate) fn start(
        name: &'static str,
        sender: Sender<M>,
        stop: fn() -> M,
        work: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<Self> {
        let thread = std::thread::Builder::new().name(name.into()).spawn(work)?;
        Ok(Self {
            name,
            sender: Mutex::new(sender),
            thread: Mutex::new(Some(thread)),
            stop,
        })
    }

    /// Hands a message over. A thread that has stopped takes none: whatever the message would have
    /// been answered by is dropped with it.
    pub(crate) fn send(&self, message: M) {
        drop(
            self.sender
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .send(message),
        );
    }

    /// Another way to reach it.
    pub(crate) fn sender(&self) -> Sender<M> {
        self.sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Stops it and waits until it has. Repeating is harmless.
    pub(crate) fn stop(&self) {
        self.send((self.stop)());
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the {} panicked", self.name);
        }
    }
}

impl<M> Drop for Background<M> {
    fn drop(&mut self) {
        self.stop();
    }
}
