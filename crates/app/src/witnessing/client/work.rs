//! The threads that wait for answers. They know nothing of the log, so that one that hangs keeps
//! nothing open.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use record::policy::PolicyWitness;

use super::{Message, WitnessTransport, mirror};

/// A request to a witness.
pub(super) struct Task {
    pub(super) body: String,
    /// When the log asks, seconds of Unix time.
    pub(super) asked_at: u64,
}

/// Starts the thread of one witness; it ends when the sender of its tasks is dropped.
pub(super) fn start(
    witness: usize,
    (url, asked): (String, PolicyWitness),
    transport: Arc<dyn WitnessTransport>,
    answers: Sender<Message>,
) -> std::io::Result<Sender<Task>> {
    let (tasks, waiting) = channel::<Task>();
    let work = move || {
        while let Ok(Task { body, asked_at }) = waiting.recv() {
            let outcome = transport.add_checkpoint(&url, &body, asked_at);
            let outcome = outcome
                .and_then(|answer| mirror::line(&*transport, &url, &asked.key, &body, answer));
            if answers.send(Message::Answer { witness, outcome }).is_err() {
                break;
            }
        }
    };
    std::thread::Builder::new()
        .name(format!("witness-{witness}"))
        .spawn(work)?;
    Ok(tasks)
}
