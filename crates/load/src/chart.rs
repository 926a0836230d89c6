//! A picture of a run as SVG: how many requests a second, beside the peer's, and how long they took.
//!
//! Everything that is drawn is also said: in the title, the description and beside each bar.

use maud::{Markup, html};

use crate::report::{Latency, Report, Row, Target};

const WIDTH: usize = 960;
const LEFT: usize = 300;
const BAR_MAX: f64 = 480.0;
const ROW: usize = 34;
const TOP: usize = 88;
/// Between the two parts.
const GAP: usize = 64;
/// Colours of ours and of the peer's.
const OURS: &str = "#1f5f8b";
const PEER: &str = "#b34700";
/// The scale of latencies, in milliseconds, is logarithmic: from here
const SHORTEST: f64 = 0.1;
/// to here.
const LONGEST: f64 = 10_000.0;

fn label(row: &Row) -> String {
    let part = row
        .part
        .as_ref()
        .map_or_else(String::new, |part| format!(", {part}"));
    let pace = match row.rate {
        Some(rate) => format!("{rate:.0} due a second"),
        None if row.clients == 1 => "1 client".to_owned(),
        None => format!("{} clients", row.clients),
    };
    format!("{}{part}, {pace}", row.load)
}

/// A row of the picture: a bar of this length, and what is said beside it.
struct Bar {
    label: String,
    value: String,
    from: f64,
    length: f64,
    ticks: Vec<f64>,
    colour: &'static str,
}

/// Requests a second of everybody who sent as fast as they could.
fn throughput(report: &Report) -> Vec<Bar> {
    let fast = || report.rows.iter().filter(|row| row.rate.is_none());
    let most = fast().map(|row| row.per_second).fold(1.0, f64::max);
    let bars = fast().map(|row| {
        let ratio = match (row.target, report.ratio(&row.load, row.clients)) {
            (Target::Sagsspor, Some(ratio)) => format!("; {ratio:.2} of the peer's"),
            _ => String::new(),
        };
        Bar {
            label: format!("{} ({})", label(row), row.target.name()),
            value: format!("{:.0} a second{ratio}", row.per_second),
            from: 0.0,
            length: row.per_second / most * BAR_MAX,
            ticks: Vec::new(),
            colour: match row.target {
                Target::Sagsspor => OURS,
                Target::Postgresql => PEER,
            },
        }
    });
    bars.collect()
}

/// Where a latency stands.
fn place(millis: f64) -> f64 {
    let share = (millis.clamp(SHORTEST, LONGEST) / SHORTEST).log10() / (LONGEST / SHORTEST).log10();
    share * BAR_MAX
}

/// From the median to the slowest of a hundred.
fn latency(row: &Row, latency: &Latency) -> Bar {
    let from = place(latency.p50);
    Bar {
        label: format!("{} ({})", label(row), row.target.name()),
        value: format!(
            "p50 {:.1}, p90 {:.1}, p99 {:.1}, p99.9 {:.1} ms",
            latency.p50, latency.p90, latency.p99, latency.p999
        ),
        from,
        length: (place(latency.p99) - from).max(2.0),
        ticks: vec![place(latency.p90), place(latency.p999)],
        colour: match row.target {
            Target::Sagsspor => OURS,
            Target::Postgresql => PEER,
        },
    }
}

fn drawn(top: usize, bar: &Bar) -> Markup {
    let left = LEFT as f64 + bar.from;
    html! {
        g role="listitem" aria-label={ (bar.label) ": " (bar.value) } {
            text x=(LEFT - 12) y=(top + 11) text-anchor="end" { (bar.label) }
            rect x=(format!("{left:.1}")) y=(top) width=(format!("{:.1}", bar.length)) height="12" fill=(bar.colour) {}
            @for tick in &bar.ticks {
                path d={ "M" (format!("{:.1}", LEFT as f64 + tick)) " " (top.saturating_sub(2)) " V" (top + 14) }
                    stroke="#222222" stroke-width="2" {}
            }
            text x=(LEFT) y=(top + 25) font-size="11" { (bar.value) }
        }
        "\n"
    }
}

/// Lines at 1, 10, 100 and so on milliseconds, behind the bars.
fn scale(top: usize, bottom: usize) -> Markup {
    let decades = [0.1, 1.0, 10.0, 100.0, 1_000.0, 10_000.0];
    html! {
        @for millis in decades {
            @let x = format!("{:.1}", LEFT as f64 + place(millis));
            path d={ "M" (x) " " (top) " V" (bottom) } stroke="#dddddd" {}
            text x=(x) y=(top.saturating_sub(2)) text-anchor="middle" font-size="11" { (millis) " ms" }
        }
        "\n"
    }
}

fn said(bars: &[Bar]) -> String {
    let lines: Vec<String> = bars
        .iter()
        .map(|bar| format!("{}: {}.", bar.label, bar.value))
        .collect();
    lines.join(" ")
}

/// The picture. Elements without content are closed by a tag of their own, as `maud` writes HTML; XML
/// reads them the same.
#[must_use]
pub fn chart(report: &Report) -> String {
    let fast = throughput(report);
    let slow: Vec<Bar> = report
        .rows
        .iter()
        .filter_map(|row| Some(latency(row, row.latency_ms.as_ref()?)))
        .collect();
    let at = &report.conditions;
    let title = format!("{} under load", at.program);
    let on = format!(
        "{} build, {} processors, {}, {}",
        at.build, at.processors, at.file_system, at.began
    );
    let below = TOP + fast.len() * ROW + GAP;
    let bottom = below + slow.len() * ROW;
    let height = bottom + 24;
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (height) }
            role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="12" {
            title id="title" { (title) }
            desc id="desc" { (on) ". " (said(&fast)) " " (said(&slow)) }
            rect width=(WIDTH) height=(height) fill="#ffffff" {}
            text x="24" y="32" font-size="20" { (title) }
            text x="24" y="50" font-size="11" { (on) }
            text x="24" y=(TOP - 14) font-size="15" { "Requests a second, as fast as the clients can" }
            "\n"
            @for (place, bar) in fast.iter().enumerate() { (drawn(TOP + place * ROW, bar)) }
            text x="24" y=(below - 26) font-size="15" {
                "How long they took, from when they were due (logarithmic): p50 to p99, strokes at p90 and p99.9"
            }
            (scale(below - 6, bottom))
            @for (place, bar) in slow.iter().enumerate() { (drawn(below + place * ROW, bar)) }
        }
        "\n"
    };
    svg.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::report;

    #[test]
    fn everything_that_is_drawn_is_said_and_markup_stays_text() {
        let mut report = report();
        report.rows[0].part = Some("<&\">".to_owned());
        let svg = chart(&report);
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
        assert!(
            svg.contains("0.30 of the peer's") && !svg.contains("<&"),
            "{svg}"
        );
        // Each row stands in both parts, and is said in the description and beside its bar.
        assert_eq!(svg.matches("role=\"listitem\"").count(), 8);
        assert_eq!(svg.matches("1800 a second").count(), 3);
    }

    #[test]
    fn the_scale_of_latencies_is_logarithmic_and_ends() {
        assert!(place(0.0).abs() < 0.001 && (place(1e9) - BAR_MAX).abs() < 0.001);
        assert!((place(10.0) - place(1.0) - (place(100.0) - place(10.0))).abs() < 0.001);
    }
}
