//! The verifier as a program of its own: a bundle or a dossier in, an answer out.
//!
//! It needs no account, no network and no key that opens content, and shares no code with the
//! program that made the bundle.

mod answer;
mod cli;
mod directory;
mod stamps;
mod terminal;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use verify::bundle::{self, Pin, Receipt, Trust};
use verify::code::Code;
use verify::dossier;
use verify::explain::{Language, explain};
use verify::files::{Failure, Files};
use verify::policy::Policy;
use verify::zip::Zip;

use answer::Answer;
use cli::{Cli, EXIT_USAGE};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(code) => ExitCode::from(code),
        Err(what) => {
            terminal::complain(&format!("error: {what}"));
            ExitCode::from(EXIT_USAGE)
        }
    }
}

/// The exit code; or what is wrong with the question, so that there is no answer.
fn run(cli: &Cli) -> Result<u8, String> {
    if let Some(code) = &cli.explain {
        return explained(code, cli.language());
    }
    let (Some(file), Some(policy)) = (&cli.file, &cli.policy) else {
        return Err("a bundle and --policy are needed; see --help".into());
    };
    // A policy that cannot be read says nothing about the bundle.
    let parsed = Policy::parse(&read(policy, verify::policy::BYTES_MAX)?);
    let parsed = parsed.map_err(|finding| {
        format!(
            "{} cannot be read as a policy: {} {}",
            policy.display(),
            finding.code,
            finding.detail
        )
    })?;
    let answer = check(file, &trust(cli, parsed)?, cli)?;
    if cli.json {
        terminal::say(&answer.json().to_string());
    } else {
        answer
            .lines(cli.language())
            .iter()
            .for_each(|line| terminal::say(line));
    }
    Ok(answer.exit_code())
}

fn trust(cli: &Cli, policy: Policy) -> Result<Trust, String> {
    if let Some(name) = cli.verifying.as_ref().filter(|name| !policy.knows(name)) {
        return Err(format!("the policy knows no witness {name}"));
    }
    let pin = match &cli.pin {
        None => None,
        Some(path) => {
            let text = String::from_utf8(read(path, 1 << 20)?)
                .map_err(|_| format!("{} is not UTF-8", path.display()))?;
            Some(
                Pin::parse(&text)
                    .map_err(|finding| format!("{}: {}", path.display(), finding.detail))?,
            )
        }
    };
    let receipt = |text: &String| {
        Receipt::parse(text).ok_or_else(|| {
            format!("the receipt {text} is neither origin|stream|seq|hash|size nor seq:hash")
        })
    };
    let receipts = cli.receipts.iter().map(receipt).collect::<Result<_, _>>()?;
    Ok(Trust {
        policy,
        pin,
        receipts,
        verifying: cli.verifying.clone(),
    })
}

fn check(path: &Path, trust: &Trust, cli: &Cli) -> Result<Answer, String> {
    let unreadable =
        |error: &dyn std::fmt::Display| format!("{} cannot be read: {error}", path.display());
    let opened: Result<Box<dyn Files>, Failure> = if path.is_dir() {
        directory::Directory::open(path).map(|directory| Box::new(directory) as _)
    } else {
        Zip::open(File::open(path).map_err(|error| unreadable(&error))?)
            .map(|zip| Box::new(zip) as _)
    };
    let stamps = stamps::OpenSsl::new(cli.tsa_ca.as_deref())?;
    let bar = terminal::bar();
    let mut progress = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let answer = opened.and_then(|mut files| {
        if dossier::is_dossier(&*files) {
            return dossier::check(&mut *files, trust, &stamps, &mut progress).map(Answer::Dossier);
        }
        bundle::check(&mut *files, trust, &stamps, &mut progress)
            .map(|verdict| Answer::Bundle(Box::new(verdict)))
    });
    bar.finish_and_clear();
    match answer {
        Ok(answer) => Ok(answer),
        Err(Failure::Finding(finding)) => Ok(Answer::Wrong(finding)),
        Err(Failure::Read(error)) => Err(unreadable(&error)),
    }
}

fn read(path: &Path, bytes_max: usize) -> Result<Vec<u8>, String> {
    let unreadable = |error| format!("{} cannot be read: {error}", path.display());
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(unreadable)?
        .take(bytes_max as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() > bytes_max {
        Err(format!("{} is too large", path.display()))
    } else {
        Ok(bytes)
    }
}

/// Prints what one code means, or every code.
fn explained(code: &str, language: Language) -> Result<u8, String> {
    let wanted = code.to_ascii_uppercase();
    let codes: Vec<Code> = Code::ALL
        .iter()
        .copied()
        .filter(|code| wanted == "ALL" || code.as_str() == wanted)
        .collect();
    if codes.is_empty() {
        let known: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        return Err(format!(
            "there is no code {wanted}; there are ALL, {}",
            known.join(", ")
        ));
    }
    for code in codes {
        answer::explanation(code, explain(code, language), language)
            .iter()
            .for_each(|line| terminal::say(line));
    }
    Ok(0)
}
