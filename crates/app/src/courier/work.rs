//! The threads that wait for answers. They know nothing of the log, so that one that hangs keeps
//! nothing open.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use record::policy::PolicyWitness;

use super::{Message, WitnessTransport, mirror};

/// Starts the thread of one witness; it ends when the sender of its tasks is dropped.
pub(super) fn start(
    witness: usize,
    (url, asked): (String, PolicyWitness),
    transport: Arc<dyn WitnessTransport>,
    answers: Sender<Message>,
) -> std::io::Result<Sender<String>> {
    let (tasks, waiting) = channel::<String>();
    let work = move || {
        while let Ok(body) = waiting.recv() {
            let outcome = transport.add_checkpoint(&url, &body);
            let outcome = outcome.and_then(|answer| mirror::line(&*transport, &url, &asked.key, &body, answer));
            if answers.send(Message::Answer { witness, outcome }).is_err() {
                break;
            }
        }
    };
    std::thread::Builder::new().name(format!("witness-{witness}")).spawn(work)?;
    Ok(tasks)
}
