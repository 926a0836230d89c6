//! The demonstration: one fictional case from the first advice to its end, on its own dates.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use app::clock::SetClock;
use app::layout::{Layout, Municipality};
use app::service::App;
use domain::reading::{Known, ReadingPoint, instant};
use domain::views::timeline::timeline;
use domain::views::wellbeing::wellbeing;
use events::ids::StreamId;
use events::spec::StreamKind;
use events::time::denmark;
use jiff::Timestamp;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use verify::audit::Trust;

use crate::audit::{self, Outcome};
use crate::cli::EXIT_FOUND;
use crate::{import, open, report, terminal};

/// The case of Alma; every person in it is fictional.
const ALMA: &str = include_str!("../dossiers/alma.jsonl");
const MUNICIPALITY: &str = "0999";
const HOST: &str = "log.demo.invalid";

/// A directory that nobody has used yet: an injected clock never meets a real log.
fn fresh(dir: Option<PathBuf>) -> Result<PathBuf> {
    let dir = dir.unwrap_or_else(|| std::env::temp_dir().join(format!("sagsspor-demo-{}", app::entropy::random_uuid().simple())));
    if dir.exists() {
        return Err(miette!("{} exists already; the demonstration needs a fresh directory", dir.display()));
    }
    std::fs::create_dir_all(&dir).into_diagnostic().wrap_err_with(|| dir.display().to_string())?;
    Ok(dir)
}

/// The opened case: the one that is more than early advice.
fn case_stream(app: &App) -> Result<StreamId> {
    let cases = app.streams(StreamKind::Case);
    let newest = cases.last().copied();
    newest.ok_or_else(|| miette!("the dossier opened no case"))
}

/// When the first acute assessment took place, as it was known at the end of a day.
fn assessment_known_at(app: &App, case: StreamId, day: &str) -> Result<String> {
    let point = ReadingPoint { known: Known::At(instant(day).into_diagnostic()?), ..ReadingPoint::default() };
    let reading = app.read(case, point, &open::developer(MUNICIPALITY)).into_diagnostic()?;
    let entries = reading.map(|reading| timeline(&reading)).unwrap_or_default();
    let told = entries.into_iter().filter_map(|entry| entry.told).find(|told| told.kind == "AcuteAssessmentMade");
    let told = told.ok_or_else(|| miette!("there is no acute assessment"))?;
    Ok(told.occurred.earliest().to_zoned(denmark()).strftime("%H:%M").to_string())
}

pub(crate) fn run(dir: Option<PathBuf>, serve: Option<std::net::SocketAddr>) -> Result<ExitCode> {
    let dir = fresh(dir)?;
    let municipality = Municipality::parse(MUNICIPALITY).into_diagnostic()?;
    let layout = Layout::new(&dir.join("data"), &dir.join("keys"), HOST, municipality);
    let first = Timestamp::from_second(0).into_diagnostic()?;
    let clock = Arc::new(SetClock::new(first));
    let begins = ALMA.lines().next().and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let begins = begins.and_then(|line| line.pointer("/input/source/recordedAt")?.as_str()?.parse().ok());
    clock.set(begins.ok_or_else(|| miette!("the dossier is empty"))?);
    let app = open::open_with(layout.clone(), Arc::<SetClock>::clone(&clock))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().into_diagnostic()?;
    let bar = terminal::bar("importing", ALMA.lines().count() as u64);
    let imported = runtime.block_on(import::import(&app, ALMA, Some(&clock), &bar));
    bar.finish_and_clear();
    let imported = imported?;
    let case = case_stream(&app)?;
    let reading = app.read(case, ReadingPoint::default(), &open::developer(MUNICIPALITY)).into_diagnostic()?;
    let reading = reading.ok_or_else(|| miette!("the case cannot be read"))?;
    terminal::say(&format!("{} commands recorded through the same schema that the network sees.\n", imported.recorded));
    report::case(&reading, case).iter().for_each(|line| terminal::say(line));
    terminal::say("\nThe 24-hour assessment of the first notification");
    terminal::say(&format!("  as known on 2024-11-01: {}", assessment_known_at(&app, case, "2024-11-01")?));
    terminal::say(&format!(
        "  as known on 2024-11-06: {}  (after the correction of 2024-11-05)",
        assessment_known_at(&app, case, "2024-11-06")?
    ));
    terminal::say("\nAlma's well-being (CORS)");
    let child: Vec<_> = wellbeing(&reading).into_iter().filter(|series| series.points.len() > 1).collect();
    report::wellbeing_lines(&child).iter().for_each(|line| terminal::say(line));
    app.checkpoint().into_diagnostic()?;
    let trust = Trust { origin: layout.origin(), log_key: app.verifier_key(), pin: None };
    app.close().into_diagnostic()?;
    drop(app);
    terminal::say("\nAudit, without keys and without reading content");
    let code = match audit::check(&layout.log_dir(), &trust)? {
        Outcome::Clean(report) => {
            audit::lines(&report).iter().for_each(|line| terminal::say(line));
            ExitCode::SUCCESS
        }
        Outcome::Wrong { message, meaning, .. } => {
            terminal::say(&format!("FAIL {message}\n  {meaning}"));
            ExitCode::from(EXIT_FOUND)
        }
    };
    let place = format!("--data {d}/data --keys {d}/keys --host {HOST} --municipality {MUNICIPALITY}", d = dir.display());
    let program = std::env::args().next().unwrap_or_else(|| "sagsspor".to_owned());
    terminal::say(&format!("\nThe log lies in {}. To go on:", dir.display()));
    terminal::say(&format!("  {program} serve {place}"));
    terminal::say(&format!("  {program} replay {case} --known-at 2024-06-01 {place}"));
    terminal::say(&format!("  {program} audit {place}"));
    terminal::say(&format!(
        "While it serves: curl -s http://127.0.0.1:8080/graphql -H 'content-type: application/json' \\\n    -d '{{\"query\":\"{{ case(id: \\\"{case}\\\") {{ status childVoice {{ count }} goals {{ status }} }} }}\"}}'"
    ));
    match serve {
        Some(listen) => crate::run::serve(open::open_with(layout, Arc::new(app::clock::SystemClock))?, MUNICIPALITY, listen),
        None => Ok(code),
    }
}
