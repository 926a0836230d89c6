//! The witness, and what the log needs to be witnessed: keys and policy lines.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use app::clock::watch::Watch;
use app::clock::{BOUND_DEFAULT, LiveClock};
use app::entropy::secret;
use app::layout::Layout;
use app::operations::operator::Operator;
use app::witnessing::client::{Policy, WitnessClientSettings, can_be_first};
use app::witnessing::time_stamp::StampSettings;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use server::outgoing::Outgoing;
use server::serve::ServeError;
use server::settings::Settings;
use server::tile_server::TileServer;
use store::backend::side_texts::SideText;
use witness::files::{HttpFiles, LogFiles};
use witness::keep::Keep;
use witness::keys::{KeyKind, LogKey, WitnessKey};
use witness::names;
use witness::passes::range;
use witness::witness::{LogSettings, Witness};

use crate::cli::evidence::HandOutArgs;
use crate::cli::log::{EvidenceArgs, LogArgs};
use crate::cli::witness::{KeyKindWord, WitnessArgs};
use crate::commands::serve;
use crate::open;
use crate::open::Begin;
use crate::text::terminal;
use crate::usage::{malformed, usage};

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", path.display()))
}

/// Makes a key and prints its verifier key. A key that exists is never written over.
pub(crate) fn key(name: &str, kind: KeyKindWord, out: &Path) -> Result<ExitCode> {
    let kind = match kind {
        KeyKindWord::Ed25519 => KeyKind::Ed25519,
        KeyKindWord::MlDsa44 => KeyKind::MlDsa44,
    };
    let key = WitnessKey::new(name, kind, secret()).into_diagnostic()?;
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(out);
    let mut file = file
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot make {}", out.display()))?;
    file.write_all(key.file().as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| names::settle(out))
        .into_diagnostic()?;
    terminal::say(&key.vkey());
    Ok(ExitCode::SUCCESS)
}

fn settings(args: &WitnessArgs) -> Result<Vec<LogSettings>> {
    let mut logs: BTreeMap<String, Vec<LogKey>> = BTreeMap::new();
    for text in &args.log {
        let key = LogKey::parse(text).into_diagnostic().wrap_err("--log")?;
        logs.entry(key.origin().to_owned()).or_default().push(key);
    }
    if args.verifying && logs.len() != 1 {
        return Err(miette!(
            "--verifying is for one log: run a witness for each log that is to be verified"
        ));
    }
    let settings = |(origin, keys): (String, Vec<LogKey>)| {
        let files = args
            .tiles
            .as_ref()
            .filter(|_| args.verifying)
            .map(|url| Box::new(HttpFiles::new(url)) as Box<dyn LogFiles>);
        let keep = args
            .keep
            .as_deref()
            .map(|dir| keep(dir, &origin, keys_of(&args.mirror_key)?))
            .transpose()?;
        Ok(LogSettings { keys, files, keep })
    };
    logs.into_iter().map(settings).collect()
}

/// Opens the directory in which a log is kept; what it holds is read first.
fn keep(dir: &Path, origin: &str, mirror: Vec<WitnessKey>) -> Result<Keep> {
    let bar = std::cell::OnceCell::new();
    let mut progress = |done, total| {
        bar.get_or_init(|| terminal::bar("reading what is kept", total))
            .set_position(done)
    };
    let keep = Keep::open(dir, origin, &mut progress);
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    keep.and_then(|keep| Ok(keep.signed_by(mirror)?))
        .into_diagnostic()
        .wrap_err("--keep")
}

fn keys_of(files: &[PathBuf]) -> Result<Vec<WitnessKey>> {
    files
        .iter()
        .map(|path| {
            WitnessKey::parse_file(&read(path)?)
                .into_diagnostic()
                .wrap_err_with(|| path.display().to_string())
        })
        .collect()
}

/// The clock of a witness. One that was set while it ran signs nothing: a time too late would be
/// the last that it can ever state, and would have it find every entry dated back.
fn clock() -> witness::witness::Clock {
    let watch = Watch::start(Arc::new(LiveClock::new(BOUND_DEFAULT, None)), None);
    Box::new(move || {
        watch
            .read()
            .ok()
            .and_then(|now| u64::try_from(now.as_second()).ok())
            .unwrap_or(0)
    })
}

/// Lets entries pass as ordered, and shows every pass that was ever given.
fn give_passes(witness: &Witness, args: &WitnessArgs) -> Result<()> {
    for order in &args.pass {
        let parsed = order
            .rsplit_once(':')
            .and_then(|(origin, entries)| Some((origin, range(entries)?)));
        let (origin, entries) =
            parsed.ok_or_else(|| miette!("--pass {order}: it must be LOG:FIRST..LAST"))?;
        witness
            .pass(origin, entries, args.because.as_deref().unwrap_or_default())
            .into_diagnostic()
            .wrap_err("--pass")?;
    }
    for origin in witness.origins() {
        let passes = witness.passes(origin).into_diagnostic()?;
        passes.lines().for_each(|pass| {
            terminal::complain(&format!(
                "note: of {origin} these entries may pass (given, entries, reason): {pass}"
            ))
        });
    }
    Ok(())
}

/// Witnesses until interrupted.
pub(crate) fn serve(args: &WitnessArgs) -> Result<ExitCode> {
    let keys = keys_of(&args.key)?;
    for key in keys_of(&args.mirror_key)? {
        terminal::say(&format!("as mirror: {}", key.vkey()));
    }
    let state = args
        .state
        .as_deref()
        .ok_or_else(|| miette!("--state is missing"))?;
    let witness = Witness::open(keys, settings(args)?, state, clock())
        .into_diagnostic()
        .wrap_err("the witness cannot be started")?;
    let witness = witness.with_delay(args.delay_seconds);
    give_passes(&witness, args)?;
    for vkey in witness.vkeys() {
        terminal::say(&vkey);
    }
    let witness = Arc::new(witness);
    let runtime = serve::runtime()?;
    let verifying = match &args.keep {
        Some(dir) => format!(
            ", replaying every entry and keeping all of it in {}",
            dir.display()
        ),
        None if args.verifying => ", replaying every entry".to_owned(),
        None => String::new(),
    };
    let origins = witness.origins().collect::<Vec<_>>().join(", ");
    runtime.block_on(async {
        let stop = serve::stop_signal()?;
        let listening = |address| {
            terminal::say(&format!(
                "witness of {origins} on http://{address}{verifying}; Ctrl-C stops"
            ))
        };
        witness::http::serve(Arc::clone(&witness), args.listen, listening, stop)
            .await
            .into_diagnostic()
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The keys in a text beside a log: the established one, and the next where they are being
/// exchanged.
fn keys_in(layout: &Layout, text: SideText) -> Result<Vec<String>> {
    let keys = open::read_beside(layout, text)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", layout.side_texts().place(text)))?;
    Ok(keys
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.trim().to_owned())
        .collect())
}

/// Prints a policy of what the log itself gives: its keys, and that both of them must have signed.
pub(crate) fn log_key(args: &LogArgs, accesses: bool, begin: bool) -> Result<ExitCode> {
    let layout = open::layout(args)?;
    open::existing(&layout)?;
    let layout = if accesses { layout.accesses() } else { layout };
    if begin && !layout.holds_log().into_diagnostic()? {
        let operator = open::open(args)?;
        let begun = operator.access_log().into_diagnostic();
        operator.close().into_diagnostic()?;
        begun?;
    }
    if accesses {
        let begun = "the access log is begun with the first look at a case; --begin does it now";
        open::existing(&layout).wrap_err(begun)?;
    }
    let (ed25519, post_quantum) = (
        keys_in(&layout, SideText::LogKey)?,
        keys_in(&layout, SideText::PostQuantumLogKey)?,
    );
    policy_lines(&layout.origin(), &ed25519, &post_quantum)
        .iter()
        .for_each(|line| terminal::say(line));
    Ok(ExitCode::SUCCESS)
}

fn policy_lines(origin: &str, ed25519: &[String], post_quantum: &[String]) -> Vec<String> {
    let mut lines = vec![
        format!(
            "# Whom to trust about {origin} (C2SP tlog-policy), as far as the log can say it: its own keys."
        ),
        "# Add its witnesses: witness NAME VKEY URL; and let the quorum ask for them, for example"
            .to_owned(),
        "#   group q all logpq w1".to_owned(),
        "#   quorum q".to_owned(),
    ];
    lines.extend(ed25519.iter().map(|key| format!("log {key}")));
    let names = ["logpq", "logpq-next"];
    lines.extend(
        names
            .iter()
            .zip(post_quantum)
            .map(|(name, key)| format!("witness {name} {key}")),
    );
    match post_quantum {
        [] => lines.push("quorum none".to_owned()),
        [_] => lines.push("quorum logpq".to_owned()),
        // While keys are exchanged checkpoints bear both signatures, and readers may know either.
        _ => lines.extend([
            "group own any logpq logpq-next".to_owned(),
            "quorum own".to_owned(),
        ]),
    }
    lines
}

/// Opens a log to be served: with a courier where there is a policy, and with time stamps where
/// there is an authority.
pub(crate) fn open_evidenced(
    log: &LogArgs,
    evidence: &EvidenceArgs,
    begin: Begin,
) -> Result<Operator> {
    let (operator, ()) = open_shown(log, evidence, begin, |_, _| Ok(()))?;
    Ok(operator)
}

/// Opens a log to hand something out of it: where there are witnesses, they are shown its tiles
/// meanwhile, or those that read them could not answer.
pub(crate) fn open_to_hand_out(args: &HandOutArgs) -> Result<(Operator, Option<TileServer>)> {
    let settings = Settings {
        hosts: args.allowed_hosts.clone(),
        ..Settings::default()
    };
    open_shown(
        &args.log,
        &args.evidence,
        Begin::Never,
        |operator, witnessed| {
            if !witnessed {
                return Ok(None);
            }
            match TileServer::start(operator.public_log(), &settings, args.listen) {
                Ok(shown) => Ok(Some(shown)),
                Err(error @ ServeError::Beyond(_)) => Err(usage(format!("--listen: {error}"))),
                Err(error) => {
                    terminal::complain(&format!(
                        "{error}: a witness that reads the log's tiles cannot answer meanwhile"
                    ));
                    Ok(None)
                }
            }
        },
    )
}

/// Opens a log, shows it to whoever is to see it, and only then takes it to its witnesses.
fn open_shown<T>(
    log: &LogArgs,
    evidence: &EvidenceArgs,
    begin: Begin,
    show: impl FnOnce(&Operator, bool) -> Result<T>,
) -> Result<(Operator, T)> {
    for (names, policy, flag, needed) in [
        (
            &evidence.ask_first,
            &log.witness_policy,
            "--ask-first",
            "--witness-policy",
        ),
        (
            &evidence.access_ask_first,
            &log.access_witness_policy,
            "--access-ask-first",
            "--access-witness-policy",
        ),
    ] {
        if policy.is_none() && !names.is_empty() {
            return Err(usage(format!(
                "{flag} names a witness of a policy: give {needed} as well"
            )));
        }
    }
    let (policy, of_accesses) = (
        open::policy(log.witness_policy.as_deref())?,
        open::policy(log.access_witness_policy.as_deref())?,
    );
    // A name that cannot be meant is told before anybody is asked anything.
    for (policy, names) in [
        (&policy, &evidence.ask_first),
        (&of_accesses, &evidence.access_ask_first),
    ] {
        policy
            .as_ref()
            .map_or(Ok(()), |policy| can_be_first(policy, names))
            .map_err(|error| malformed("--ask-first", &error))?;
    }
    let clock = open::clock(log)?;
    let operator = open::open_by(log, begin, &clock)?;
    let shown = show(&operator, policy.is_some() || of_accesses.is_some())?;
    let accesses = open::open_accesses(&operator, of_accesses.as_ref(), log, &clock)?;
    vouch(&operator, policy, &evidence.ask_first, evidence).wrap_err("--witness-policy")?;
    if let Some(accesses) = accesses {
        vouch(&accesses, of_accesses, &evidence.access_ask_first, evidence)
            .wrap_err("--access-witness-policy")?;
    }
    Ok((operator, shown))
}

/// Begins to take a log's checkpoints to its witnesses, and to have them stamped.
fn vouch(
    operator: &Operator,
    policy: Option<Policy>,
    first: &[String],
    evidence: &EvidenceArgs,
) -> Result<()> {
    if let Some(policy) = policy {
        let heartbeat = Duration::from_secs(evidence.heartbeat_minutes * 60);
        let settings = WitnessClientSettings {
            heartbeat,
            first: first.to_vec(),
            ..WitnessClientSettings::new(policy)
        };
        operator
            .start_witness_client(settings, Arc::new(Outgoing::default()))
            .into_diagnostic()?;
    }
    if let Some(url) = &evidence.tsa_url {
        operator
            .start_stamper(StampSettings::new(url), Arc::new(Outgoing::default()))
            .into_diagnostic()?;
    }
    Ok(())
}
