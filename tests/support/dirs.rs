//! Where the embedded store puts what a test looks into: the program itself names no directory of
//! a log, so only tests of files need this. Nothing is opened for writing here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::layout::Layout;
use store::backend::Backend;
use store::backend::side_texts::SideText;
use store::backend::view::{LogView, Reading};
use store::embedded::backend::Embedded;

/// The backend of a test's directory.
pub fn embedded(dir: &Path) -> Arc<dyn Backend> {
    Arc::new(Embedded::new(&dir.join("data"), &dir.join("keys")))
}

/// The log in that very directory, for reading.
pub fn as_it_lies(log_dir: &Path) -> Box<dyn LogView> {
    let reading = Reading {
        checks_commands: true,
        ..Reading::default()
    };
    Embedded::copy(log_dir, *b"0999", reading).unwrap().unwrap()
}

/// The directories and files of a log.
pub trait Dirs {
    fn log_dir(&self) -> PathBuf;
    fn key_dir(&self) -> PathBuf;
    fn projection_dir(&self) -> PathBuf {
        self.log_dir().join("projections")
    }
    fn known_file(&self) -> PathBuf;
    fn log_key_file(&self) -> PathBuf;
    fn post_quantum_key_file(&self) -> PathBuf;
}

impl Dirs for Layout {
    fn log_dir(&self) -> PathBuf {
        self.places().log.into()
    }

    fn key_dir(&self) -> PathBuf {
        self.places().keys.into()
    }

    fn known_file(&self) -> PathBuf {
        self.side_texts().place(SideText::KnownCheckpoint).into()
    }

    fn log_key_file(&self) -> PathBuf {
        self.side_texts().place(SideText::LogKey).into()
    }

    fn post_quantum_key_file(&self) -> PathBuf {
        self.side_texts().place(SideText::PostQuantumLogKey).into()
    }
}
