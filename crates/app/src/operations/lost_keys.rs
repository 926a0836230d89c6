//! Going on without keys that are gone: the operator accepts the loss, and the log says so.
//!
//! How a loss is found stands in `log/lost_keys.rs`.

use std::sync::Arc;

use domain::decide::Decided;
use events::event::Event;
use events::log::{IntegrityChecked, IntegrityResult};
use events::meta::{Actor, Meta, Role};
use events::spec::StreamKind;
use events::text::Digest;
use events::time::Occurred;
use events::words::Words;
use record::checkpoint::Checkpoint;

use crate::app::App;
use crate::clock::Clock;
use crate::entropy::fresh;
use crate::error::RecordError;
use crate::layout::Layout;
use crate::log::lost_keys::{LostKeys, lost};
use crate::log::sequencer::Job;
use crate::open::StartError;
use crate::waiting::wait;
use crate::wanted::Wanted;

/// Goes on without keys that are gone: the log says from where on they are, and is opened again
/// from then on. Answers what is gone; none where nothing is, and then nothing is recorded.
///
/// # Errors
/// [`StartError`].
pub fn accept(layout: &Layout, clock: Arc<dyn Clock>) -> Result<Option<LostKeys>, StartError> {
    let app = App::open_without_newest_keys(layout.clone(), clock)?;
    let lost = lost(&*app.log, &app.keyring)?;
    if let Some(lost) = lost {
        app.record_loss(lost)?;
    }
    app.close()?;
    Ok(lost)
}

impl App {
    /// Records it without reading the stream that it stands in: that may be among what cannot be
    /// read.
    fn record_loss(&self, lost: LostKeys) -> Result<(), RecordError> {
        let Checkpoint { size, root, .. } = self.checkpoint()?;
        let LostKeys { from, events } = lost;
        let remarks = format!(
            "Keys of {events} events are gone, the first of them entry {from}. It was accepted on the command line."
        );
        let facts = IntegrityChecked {
            from: from.get(),
            size: size.get(),
            root: Digest::new(root.to_b64u()).map_err(RecordError::not_written)?,
            result: IntegrityResult::Broken,
            explained_holes: 0,
            annulments: 0,
            erasures: Vec::new(),
            remarks: Some(Words::parse(&remarks).map_err(RecordError::not_written)?),
        };
        let municipality = self.layout().municipality().code().to_owned();
        let actor = Actor {
            id: "operator".to_owned(),
            role: Role::System,
            unit: None,
            municipality,
        };
        let now = jiff::Timestamp::from_second(self.now().as_second())
            .map_err(RecordError::not_written)?;
        let decided = Decided {
            stream: self.layout().system_stream(),
            kind: StreamKind::System,
            event: None,
            facts: Event::IntegrityChecked(facts),
            meta: Meta::at(Occurred::At(now)),
            reference_to: None,
        };
        let drafts = self.drafts(
            vec![decided],
            &actor,
            &mut std::collections::BTreeMap::new(),
            &[],
        )?;
        wait(self.submit(
            Job {
                drafts,
                expected: Vec::new(),
                command: fresh(),
                input_mac: [0; 32],
                wanted: Wanted::always(),
                epoch: None,
            },
            true,
        ))?;
        self.checkpoint()?;
        Ok(())
    }
}
