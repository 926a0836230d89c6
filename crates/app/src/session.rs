//! The door: whoever has a viewer reads and records through a [`Session`].
//!
//! Each of its methods asks the table of rights first, and then calls the use case. Nothing else
//! in the program says that somebody may not. What a use case does stands with the use case.

mod evidence;
mod reading;
mod recording;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use events::ids::StreamId;

use crate::access::rights::{Forbidden, Right};
use crate::access::viewer::Viewer;
use crate::app::App;
use crate::public_log::PublicLog;
use crate::wanted::Wanted;

/// A log, for those who serve it to others. It gives sessions and what everybody may see, and
/// nothing that only an operator may do.
#[derive(Debug, Clone)]
pub struct Door {
    app: Arc<App>,
    asked: Arc<Asked>,
}

impl Door {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self {
            app,
            asked: Arc::default(),
        }
    }

    /// The log as a viewer reads and writes it.
    #[must_use]
    pub fn session(&self, viewer: Viewer) -> Session {
        Session {
            at_door: Arc::clone(&self.asked),
            ..Session::new(Arc::clone(&self.app), viewer)
        }
    }

    /// What of the log everybody may see.
    #[must_use]
    pub fn public_log(&self) -> PublicLog {
        PublicLog::new(Arc::clone(&self.app))
    }

    /// The rights that the sessions of this door were asked for so far, granted or not.
    #[must_use]
    pub fn asked(&self) -> Vec<Right> {
        self.asked.rights()
    }
}

/// The log as one viewer reads and writes it. A clone is cheap, and shares what was asked.
#[derive(Debug, Clone)]
pub struct Session {
    app: Arc<App>,
    viewer: Arc<Viewer>,
    wanted: Wanted,
    asked: Arc<Asked>,
    /// What all sessions of the same door were asked for.
    at_door: Arc<Asked>,
}

/// The rights that were asked for, as a set of bits.
#[derive(Debug, Default)]
struct Asked(AtomicU64);

impl Asked {
    const fn bit(right: Right) -> u64 {
        1 << right as u32
    }

    fn add(&self, right: Right) {
        self.0.fetch_or(Self::bit(right), Ordering::Relaxed);
    }

    /// In the order of the table.
    fn rights(&self) -> Vec<Right> {
        let bits = self.0.load(Ordering::Relaxed);
        let all = Right::ALL.iter().copied();
        all.filter(|right| bits & Self::bit(*right) != 0).collect()
    }
}

impl Session {
    pub(crate) fn new(app: Arc<App>, viewer: Viewer) -> Self {
        Self {
            app,
            viewer: Arc::new(viewer),
            wanted: Wanted::always(),
            asked: Arc::default(),
            at_door: Arc::default(),
        }
    }

    /// Who asks.
    #[must_use]
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The same session while somebody waits: what is not recorded when nobody does any more is
    /// not recorded at all.
    #[must_use]
    pub fn while_wanted(&self, wanted: Wanted) -> Self {
        Self {
            wanted,
            ..self.clone()
        }
    }

    /// What of the log everybody may see.
    #[must_use]
    pub fn public_log(&self) -> PublicLog {
        PublicLog::new(Arc::clone(&self.app))
    }

    /// The rights that were asked for so far, granted or not, in the order of the table.
    #[must_use]
    pub fn asked(&self) -> Vec<Right> {
        self.asked.rights()
    }

    /// Whether the viewer has a right. `about` is the stream that it is wanted for, where there is
    /// one: the table does not look at it yet.
    fn may(&self, right: Right, about: Option<StreamId>) -> bool {
        let _ = about;
        self.asked.add(right);
        self.at_door.add(right);
        right.is_of(self.viewer.actor.role)
    }

    /// Goes on only if the viewer has a right.
    fn ask(&self, right: Right, about: Option<StreamId>) -> Result<(), Forbidden> {
        if self.may(right, about) {
            Ok(())
        } else {
            Err(Forbidden { right })
        }
    }

    /// The same viewer at another log of the municipality.
    fn at(&self, app: Arc<App>) -> Self {
        Self {
            app,
            ..self.clone()
        }
    }
}
