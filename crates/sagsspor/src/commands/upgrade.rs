//! `sagsspor upgrade`: a data directory of an earlier version in today's form.

use std::process::ExitCode;

use app::operations::upgrade::upgrade;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use store::backend::opening::Upgraded;

use crate::cli::log::LogArgs;
use crate::open;
use crate::text::terminal;

pub(crate) const UPGRADE_EXAMPLES: &str = "\
Examples:
  sagsspor audit && sagsspor upgrade         look at what is there first: nothing vouched for its commands before
  sagsspor upgrade --data /srv/data --keys /srv/keys

Stop the service first. Entries, ciphertexts and checkpoints stay as they are, byte for byte; a run that was
broken off is finished by the next one.";

pub(crate) fn run(log: &LogArgs) -> Result<ExitCode> {
    let layout = open::layout(log)?;
    let mut found = false;
    for layout in [layout.clone(), layout.accesses()] {
        let origin = layout.origin();
        let bar = terminal::bar("bringing over", 0);
        let outcome = upgrade(&layout, &mut |done| bar.set_position(done));
        bar.finish_and_clear();
        match outcome
            .into_diagnostic()
            .wrap_err_with(|| format!("{origin} could not be brought over"))?
        {
            None => continue,
            Some(Upgraded::Current) => {
                terminal::say(&format!("{origin}: has today's form already"))
            }
            Some(Upgraded::From { form, entries }) => {
                terminal::say(&format!(
                    "{origin}: brought over from form {form}, {entries} entries as they were"
                ));
            }
        }
        found = true;
    }
    if found {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(miette!("there is no log in {}", log.data.display()))
    }
}
