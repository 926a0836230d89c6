//! The demonstration: two fictional histories, a light one from the first advice to its end and a
//! heavy one of a brother and a sister, on their own dates.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use app::clock::SetClock;
use app::layout::{Layout, Municipality};
use app::log::signing_keys::VerifierKeys;
use app::operations::operator::Operator;
use domain::reading::{Known, Reading, ReadingPoint, instant};
use domain::views::timeline::timeline;
use domain::views::wellbeing::wellbeing;
use events::ids::StreamId;
use events::notification::AcuteAssessmentMade;
use events::spec::Facts as _;
use events::time::denmark;
use jiff::Timestamp;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde_json::Value;
use server::settings::Settings;
use verify::audit::Trust;

use crate::commands::audit::{self, Outcome};
use crate::commands::import;
use crate::text::{case_report, terminal};
use crate::{exit, open};

/// The case of Alma; every person in it is fictional.
const ALMA: &str = include_str!("../../dossiers/alma.jsonl");
/// The cases of Bastian and Clara; every person in them is fictional.
const BASTIAN_AND_CLARA: &str = include_str!("../../dossiers/bastian-clara.jsonl");
const MUNICIPALITY: &str = "0999";
const HOST: &str = "log.demo.invalid";

/// A directory that nobody has used yet: an injected clock never meets a real log.
fn fresh(dir: Option<PathBuf>) -> Result<PathBuf> {
    let dir = dir.unwrap_or_else(|| {
        std::env::temp_dir().join(format!(
            "sagsspor-demo-{}",
            app::entropy::random_uuid().simple()
        ))
    });
    if dir.exists() {
        return Err(miette!(
            "{} exists already; the demonstration needs a fresh directory",
            dir.display()
        ));
    }
    std::fs::create_dir_all(&dir)
        .into_diagnostic()
        .wrap_err_with(|| dir.display().to_string())?;
    Ok(dir)
}

/// The cases that a dossier opens.
fn cases(dossier: &str) -> Vec<StreamId> {
    let lines = dossier
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let opening =
        lines.filter(|line| line.get("mutation").and_then(Value::as_str) == Some("openCase"));
    opening
        .filter_map(|line| line.pointer("/input/stream")?.as_str()?.parse().ok())
        .collect()
}

/// Records both dossiers, each line at its own time; answers how many commands that were.
fn record(operator: &Operator, clock: &SetClock) -> Result<usize> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .into_diagnostic()?;
    let dossiers = [ALMA, BASTIAN_AND_CLARA];
    let lines = dossiers
        .iter()
        .map(|dossier| dossier.lines().count() as u64)
        .sum();
    let bar = terminal::bar("importing", lines);
    let mut recorded = 0;
    for dossier in dossiers {
        recorded += runtime
            .block_on(import::play(operator, dossier, clock, &bar))?
            .recorded;
    }
    bar.finish_and_clear();
    Ok(recorded)
}

/// When the first acute assessment took place, as it was known at the end of a day.
fn assessment_known_at(operator: &Operator, case: StreamId, day: &str) -> Result<String> {
    let point = ReadingPoint {
        known: Known::At(instant(day).into_diagnostic()?),
        ..ReadingPoint::default()
    };
    let reading = operator
        .session(open::developer(MUNICIPALITY))
        .read(case, point)
        .into_diagnostic()?;
    let entries = reading
        .map(|reading| timeline(&reading))
        .unwrap_or_default();
    let told = entries
        .into_iter()
        .filter_map(|entry| entry.told)
        .find(|told| told.kind == AcuteAssessmentMade::SPEC.name);
    let told = told.ok_or_else(|| miette!("there is no acute assessment"))?;
    Ok(told
        .occurred
        .earliest()
        .to_zoned(denmark())
        .strftime("%H:%M")
        .to_string())
}

fn read(operator: &Operator, case: StreamId, point: ReadingPoint) -> Result<Arc<Reading>> {
    let reading = operator
        .session(open::developer(MUNICIPALITY))
        .read(case, point)
        .into_diagnostic()?;
    reading.ok_or_else(|| miette!("the case {case} cannot be read"))
}

/// Alma's case, whole, with the correction that was made after its end.
fn light(operator: &Operator, case: StreamId) -> Result<()> {
    let reading = read(operator, case, ReadingPoint::default())?;
    case_report::case(&reading, case)
        .iter()
        .for_each(|line| terminal::say(line));
    terminal::say("\nThe 24-hour assessment of the first notification");
    terminal::say(&format!(
        "  as known on 2024-11-01: {}",
        assessment_known_at(operator, case, "2024-11-01")?
    ));
    terminal::say(&format!(
        "  as known on 2024-11-06: {}  (after the correction of 2024-11-05)",
        assessment_known_at(operator, case, "2024-11-06")?
    ));
    terminal::say("\nAlma's well-being (CORS)");
    let child: Vec<_> = wellbeing(&reading)
        .into_iter()
        .filter(|series| series.points.len() > 1)
        .collect();
    case_report::wellbeing_lines(&child)
        .iter()
        .for_each(|line| terminal::say(line));
    Ok(())
}

/// Bastian's and Clara's cases in short: who decided what, who is a party, and what the appeal
/// held.
fn heavy(operator: &Operator) -> Result<()> {
    for case in cases(BASTIAN_AND_CLARA) {
        let reading = read(operator, case, ReadingPoint::default())?;
        terminal::say("");
        case_report::short(&reading, case, reading.day(operator.public_log().now()))
            .iter()
            .for_each(|line| terminal::say(line));
    }
    Ok(())
}

/// When the first command of Alma's dossier was recorded.
fn begins() -> Result<Timestamp> {
    let begins = ALMA
        .lines()
        .next()
        .and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let begins = begins.and_then(|line| {
        line.pointer("/input/source/recordedAt")?
            .as_str()?
            .parse()
            .ok()
    });
    begins.ok_or_else(|| miette!("the dossier is empty"))
}

/// Audits logs, each with its verifier keys, and says what was found.
fn audited(logs: [(Layout, VerifierKeys); 2]) -> Result<ExitCode> {
    terminal::say("\nAudit, without keys and without reading content");
    let mut code = ExitCode::SUCCESS;
    for (layout, keys) in logs {
        let trust = Trust {
            origin: layout.origin(),
            log_key: keys.ed25519,
            post_quantum_key: Some(keys.ml_dsa_44),
            pins: Vec::new(),
        };
        terminal::say(&trust.origin);
        match audit::check_live(&layout, &trust, None)? {
            Outcome::Clean(clean) => audit::lines(&clean)
                .iter()
                .for_each(|line| terminal::say(line)),
            Outcome::Wrong {
                code: wrong,
                message,
            } => {
                terminal::say(&format!("FAIL {message}\n  {}", wrong.meaning()));
                code = ExitCode::from(exit::FOUND);
            }
        }
    }
    Ok(code)
}

/// Says which commands lead on from here.
fn say_how_to_go_on(dir: &Path, case: StreamId) {
    let place = format!(
        "--data {d}/data --keys {d}/keys --host {HOST} --municipality {MUNICIPALITY}",
        d = dir.display()
    );
    let program = std::env::args()
        .next()
        .unwrap_or_else(|| "sagsspor".to_owned());
    terminal::say(&format!("\nThe log lies in {}. To go on:", dir.display()));
    terminal::say(&format!(
        "  {program} serve --trust-clock 'the histories of a demonstration lie in the past' {place}"
    ));
    terminal::say(&format!(
        "  {program} replay {case} --known-at 2024-06-01 {place}"
    ));
    terminal::say(&format!(
        "  {program} difference {case} --from 2024-05-21 --to 2024-06-26 {place}"
    ));
    terminal::say(&format!("  {program} audit {place}"));
    terminal::say(&format!(
        "While it serves: curl -s http://127.0.0.1:8080/graphql -H 'content-type: application/json' \\\n    -d '{{\"query\":\"{{ case(id: \\\"{case}\\\") {{ status childVoice {{ count }} goals {{ status }} }} }}\"}}'"
    ));
}

pub(crate) fn run(dir: Option<PathBuf>, serve: Option<std::net::SocketAddr>) -> Result<ExitCode> {
    let dir = fresh(dir)?;
    let municipality = Municipality::parse(MUNICIPALITY).into_diagnostic()?;
    let layout = Layout::new(
        open::backend(&dir.join("data"), &dir.join("keys")),
        HOST,
        municipality,
    );
    let first = Timestamp::from_second(0).into_diagnostic()?;
    let clock = Arc::new(SetClock::new(first));
    clock.set(begins()?);
    let operator = open::open_with(layout.clone(), Arc::<SetClock>::clone(&clock))?;
    let recorded = record(&operator, &clock)?;
    let case = *cases(ALMA)
        .first()
        .ok_or_else(|| miette!("the dossier opened no case"))?;
    terminal::say(&format!(
        "{recorded} commands recorded through the same schema that the network sees.\n"
    ));
    light(&operator, case)?;
    heavy(&operator)?;
    operator.checkpoint().into_diagnostic()?;
    let accesses = operator.access_log().into_diagnostic()?;
    accesses.checkpoint().into_diagnostic()?;
    let logs = [
        (
            layout.clone(),
            operator.public_log().verifier_keys().into_diagnostic()?,
        ),
        (
            layout.accesses(),
            accesses.public_log().verifier_keys().into_diagnostic()?,
        ),
    ];
    drop(accesses);
    operator.close().into_diagnostic()?;
    drop(operator);
    let code = audited(logs)?;
    say_how_to_go_on(&dir, case);
    match serve {
        Some(listen) => {
            let open = || open::open_with(layout, Arc::new(app::clock::SystemClock));
            crate::commands::serve::serve(
                open,
                crate::open::developer(MUNICIPALITY),
                Settings::default(),
                listen,
            )
        }
        None => Ok(code),
    }
}
