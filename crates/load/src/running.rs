//! A process that was started for a load, and that ends with it.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::process::signal;

/// A process that is asked to end takes at most so long; then it is killed.
const GRACE: Duration = Duration::from_secs(30);
/// How often it is looked whether it has ended.
const ROUND: Duration = Duration::from_millis(10);

/// A child process. It is ended when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// The process.
    pub child: Child,
    stop: Signal,
}

impl Running {
    /// Starts a process that ends in order when it receives `stop`. It is in a group of its own: an
    /// interrupt from the terminal reaches this program alone, which ends it then.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command, stop: Signal) -> io::Result<Self> {
        let child = command.process_group(0).spawn()?;
        Ok(Self { child, stop })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let until = Instant::now() + GRACE;
        let asked = !self.has_ended() && signal(self.id(), self.stop).is_ok();
        while asked && !self.has_ended() && Instant::now() < until {
            std::thread::sleep(ROUND);
        }
        if !self.has_ended() && self.child.kill().is_ok() {
            // It cannot refuse to die; what it answers says nothing to anybody.
            self.child.wait().ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_ends_with_what_it_was_started_for() {
        let running = Running::start(Command::new("sleep").arg("600"), Signal::TERM).unwrap();
        let id = running.id();
        assert!(crate::process::usage(id).is_some());
        drop(running);
        assert_eq!(crate::process::usage(id), None);
    }
}
