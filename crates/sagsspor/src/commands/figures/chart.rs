//! A chart of key figures as SVG: one bar for each share, one line of text for each number.
//!
//! Everything that is drawn is also said: in the title, the description and beside each bar.

use app::evidence::markup::printable;
use app::queries::figures::{Figure, Figures};
use app::rules::rulebook::Rulebook;
use law::key_figures::summary::Sum;
use maud::{Markup, html};

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

fn row(place: usize, row: &Row) -> Markup {
    let (top, length) = (TOP + place * ROW, row.bar * BAR_MAX / 1_000);
    let national = row
        .national
        .map(|national| LEFT + national * BAR_MAX / 1_000);
    html! {
        g role="listitem" aria-label={ (row.label) ": " (row.value) } {
            text x=(LEFT - 12) y=(top + 15) text-anchor="end" { (row.label) }
            @if length > 0 {
                rect x=(LEFT) y=(top) width=(length) height="12" fill="#1f5f8b" {}
            }
            @if let Some(x) = national {
                path d={ "M" (x) " " (top.saturating_sub(3)) " V" (top + 15) }
                    stroke="#b34700" stroke-width="3" {}
            }
            text x=(LEFT) y=(top + 25) font-size="11" { (row.value) }
        }
        "\n"
    }
}

/// What the picture shows, for those who cannot see it.
fn description(rows: &[Row], figures: &Figures) -> String {
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
    format!(
        "{}{erased} An upright stroke marks the newest published share of the country.",
        said.join(" ")
    )
}

/// The chart. Elements without content are closed by a tag of their own, as `maud` writes HTML; XML
/// reads them the same.
pub(crate) fn chart(title: &str, figures: &Figures) -> String {
    let rows = rows(figures);
    picture(title, &description(&rows, figures), &rows)
}

fn picture(title: &str, description: &str, rows: &[Row]) -> String {
    let height = TOP + rows.len() * ROW + 24;
    printable(html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (height) }
            role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="13" {
            title id="title" { (title) }
            desc id="desc" { (description) }
            rect width=(WIDTH) height=(height) fill="#ffffff" {}
            text x="24" y="36" font-size="20" { (title) }
            "\n"
            @for (place, one) in rows.iter().enumerate() { (row(place, one)) }
        }
        "\n"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_stays_text_whatever_it_says() {
        let label = "\"/><script>'x'</script>]]>&\0";
        let row = Row {
            label: label.to_owned(),
            value: label.to_owned(),
            bar: 500,
            national: Some(400),
        };
        let svg = picture(label, label, &[row]);
        let text = "&quot;/&gt;&lt;script&gt;'x'&lt;/script&gt;]]&gt;&amp;\u{FFFD}";
        // Title, description, heading; the label, its value, and both beside the bar.
        assert_eq!(svg.matches(text).count(), 7, "{svg}");
        assert_eq!(svg.replace(text, "").matches(['\'', '\0']).count(), 0);
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
    }
}
