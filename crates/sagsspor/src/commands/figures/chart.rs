//! A chart of key figures as SVG: one bar for each share, one line of text for each number.
//!
//! Everything that is drawn is also said: in the title, the description and beside each bar.

use app::queries::figures::{Figure, Figures};
use app::rules::rulebook::Rulebook;
use law::key_figures::summary::Sum;

use crate::commands::figures::{group_text, tenths, unit_text};

const WIDTH: usize = 960;
const LEFT: usize = 380;
const BAR_MAX: usize = 400;
const ROW: usize = 34;
const TOP: usize = 72;

/// A row of the chart.
struct Row {
    label: String,
    value: String,
    /// Length of the bar, in tenths of a percent of the longest.
    bar: usize,
    /// Where the newest national share stands, in tenths of a percent.
    national: Option<usize>,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Rows of shares and of numbers; what is suppressed has a row that says so.
fn rows(figures: &Figures) -> Vec<Row> {
    let median = |figure: &Figure| match &figure.group.sum {
        Sum::Numbers(numbers) => Some(numbers.median_tenths.max(0)),
        Sum::Suppressed | Sum::Share { .. } | Sum::Count(_) => None,
    };
    let rows = figures.figures.iter().map(|figure| {
        // Numbers compare with those of the same figure only.
        let same = figures
            .figures
            .iter()
            .filter(|other| other.definition.id == figure.definition.id);
        let longest = same.filter_map(median).max().unwrap_or(0).max(1);
        let (value, bar) = match &figure.group.sum {
            Sum::Suppressed => ("too few to be shown".to_owned(), 0),
            Sum::Count(count) => (count.to_string(), 0),
            Sum::Share {
                count,
                share_tenths,
                ..
            } => (
                format!(
                    "{} % of {count}",
                    tenths(i64::try_from(*share_tenths).unwrap_or(0))
                ),
                *share_tenths,
            ),
            Sum::Numbers(numbers) => {
                let bar =
                    usize::try_from(numbers.median_tenths.max(0) * 1_000 / longest).unwrap_or(0);
                let unit = unit_text(figure.definition.unit);
                (
                    format!(
                        "median {}{unit} of {}",
                        tenths(numbers.median_tenths),
                        numbers.count
                    ),
                    bar,
                )
            }
        };
        let national = match figure.group.sum {
            Sum::Share { .. } => Rulebook::built_in()
                .figures
                .national(&figure.definition.id)
                .last(),
            Sum::Suppressed | Sum::Numbers(_) | Sum::Count(_) => None,
        };
        let group = group_text(&figure.group.key);
        let group = if group.is_empty() {
            String::new()
        } else {
            format!(", {group}")
        };
        Row {
            label: format!(
                "{} ({}{group})",
                figure.definition.title, figure.group.period
            ),
            value: match national {
                Some(national) => format!(
                    "{value}; the country {} % ({})",
                    tenths(i64::from(national.share_tenths)),
                    national.period
                ),
                None => value,
            },
            bar: bar.min(1_000),
            national: national.map(|national| usize::from(national.share_tenths)),
        }
    });
    rows.collect()
}

fn row(place: usize, row: &Row) -> String {
    let (top, length) = (TOP + place * ROW, row.bar * BAR_MAX / 1_000);
    let mut text = format!(
        "  <g role=\"listitem\" aria-label=\"{}: {}\">\n    <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n",
        escaped(&row.label),
        escaped(&row.value),
        LEFT - 12,
        top + 15,
        escaped(&row.label),
    );
    if length > 0 {
        text.push_str(&format!("    <rect x=\"{LEFT}\" y=\"{top}\" width=\"{length}\" height=\"12\" fill=\"#1f5f8b\"/>\n"));
    }
    if let Some(national) = row.national {
        let x = LEFT + national * BAR_MAX / 1_000;
        text.push_str(&format!(
            "    <path d=\"M{x} {} V{}\" stroke=\"#b34700\" stroke-width=\"3\"/>\n",
            top.saturating_sub(3),
            top + 15
        ));
    }
    text.push_str(&format!(
        "    <text x=\"{LEFT}\" y=\"{}\" font-size=\"11\">{}</text>\n  </g>\n",
        top + 25,
        escaped(&row.value)
    ));
    text
}

/// The chart.
pub(crate) fn chart(title: &str, figures: &Figures) -> String {
    let rows = rows(figures);
    let height = TOP + rows.len() * ROW + 24;
    let said: Vec<String> = rows
        .iter()
        .map(|row| format!("{}: {}.", row.label, row.value))
        .collect();
    let erased = match figures.holes {
        0 => String::new(),
        holes => format!(
            " {holes} events in {} cases were erased and are not counted.",
            figures.cases_with_holes
        ),
    };
    let description = format!(
        "{}{erased} An upright stroke marks the newest published share of the country.",
        said.join(" ")
    );
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"title desc\" \
         font-family=\"sans-serif\" font-size=\"13\">\n  <title id=\"title\">{}</title>\n  <desc id=\"desc\">{}</desc>\n  \
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n  <text x=\"24\" y=\"36\" font-size=\"20\">{}</text>\n",
        escaped(title),
        escaped(&description),
        escaped(title),
    );
    rows.iter()
        .enumerate()
        .for_each(|(place, one)| svg.push_str(&row(place, one)));
    svg.push_str("</svg>\n");
    svg
}
