//! Printing the family's own view of a case.

use std::process::ExitCode;

use domain::views::family_voice::{Language, Reader, family_voice};
use miette::{IntoDiagnostic, Result, WrapErr, miette};

use crate::cli::case::{FamilyArgs, TextLanguage};
use crate::cli::log::LogArgs;
use crate::commands::replay::point;
use crate::open;
use crate::text::terminal;

pub(crate) fn run(args: &LogArgs, wish: &FamilyArgs) -> Result<ExitCode> {
    let reader = match (&wish.parent, wish.child) {
        (Some(parent), _) => Reader::Parent(parent.parse().into_diagnostic().wrap_err("--parent")?),
        (None, true) => Reader::Child,
        (None, false) => Reader::Family,
    };
    let language = match wish.language {
        TextLanguage::Danish => Language::Danish,
        TextLanguage::English => Language::English,
    };
    let point = point(wish.known_at.as_deref(), None, wish.stated)?;
    let operator = open::open(args)?;
    let nothing = || miette!("there is no case {} at that moment", wish.case);
    let case = api::ids::stream(&args.municipality, &wish.case, api::ids::Kind::Case)
        .ok_or_else(nothing)?;
    let reading = operator
        .session(open::developer(&args.municipality))
        .read(case, point)
        .into_diagnostic()?
        .ok_or_else(nothing)?;
    let voice = family_voice(
        &reading,
        case,
        reader,
        language,
        reading.day(operator.public_log().now()),
    );
    terminal::say(voice.text().trim_end());
    operator.close().into_diagnostic()?;
    Ok(ExitCode::SUCCESS)
}
