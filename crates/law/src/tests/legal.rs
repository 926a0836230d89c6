//! The page of the rules, made from the catalogue so that it cannot say anything else.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::story::CATALOGUE;
use crate::key_figures::KeyFigures;
use crate::rule::{Due, EndsWith, Limb, Period, Rule, RuleSet, RunsOut, Severity};

fn due(due: &Due) -> String {
    match due {
        Due::Hours(hours) => format!("{hours} hours on the clock, across shifts of the clock"),
        Due::Weekdays(count) => {
            format!(
                "{count} weekdays (hverdage), Monday to Friday without holidays; the warning counts Saturdays and so comes earlier"
            )
        }
        Due::WorkingDays(count) => format!("{count} working days (arbejdsdage)"),
        Due::Days(count) => format!("{count} days"),
        Due::Weeks(count) => format!("{count} weeks, to the same weekday"),
        Due::Months(count) => {
            format!("{count} months, to the same day number or the end of a shorter month")
        }
        Due::Window { from_days, to_days } => format!("between {from_days} and {to_days} days"),
        Due::BeforeTrigger => "before its trigger: checked when that is recorded".to_owned(),
        Due::AtTrigger => "a part of its trigger: checked when that is recorded".to_owned(),
        Due::Before(name) if name == crate::rule::FIRST_CONTACT => {
            "before the first contact with parents or network".to_owned()
        }
        Due::Before(name) => format!("before `{name}`"),
        Due::AtRule(rule) => format!("when `{rule}` is due"),
        Due::EarliestOf(limbs) => {
            let limbs: Vec<String> = limbs
                .iter()
                .map(|limb| match limb {
                    Limb::Months(months) => format!("{months} months"),
                    Limb::Fact(fact) => fact.clone(),
                })
                .collect();
            format!("the earliest of: {}", limbs.join("; "))
        }
        Due::BeforeBirthday { age, months } => {
            format!("{months} months before the {age}th birthday")
        }
        Due::AfterPeriod { period, months } => {
            let period = match period {
                Period::Quarter => "quarter",
                Period::Year => "year",
            };
            format!("the end of the month {months} month after the {period}")
        }
        Due::Renewal {
            months,
            after_recent_placement,
        } => {
            format!(
                "{months} months; {after_recent_placement} after an earlier placement within the year before; a day that was set goes before"
            )
        }
        Due::Own => {
            "the day that the case, the committee, the Board or the municipality sets".to_owned()
        }
        Due::None => "no number: its age is shown, it is never overdue".to_owned(),
    }
}

fn computed(rule: &Rule) -> String {
    let mut text = due(&rule.due);
    if let Some(anchor) = &rule.anchor {
        write!(text, "; counted from {anchor}").unwrap();
    }
    if rule.roll {
        text.push_str("; moves on to the next day on which a citizen can act");
    }
    if rule.runs_out == RunsOut::Lapsed {
        text.push_str("; lapses unused");
    }
    if !rule.ends_with.is_empty() {
        let ends = rule.ends_with.iter().map(|end| match end {
            EndsWith::CaseClosed => "the case closes",
            EndsWith::Age18 => "the young person comes of age",
            EndsWith::SupportEnded => "the measure ends",
            EndsWith::HandedOver => "another municipality is responsible",
        });
        write!(
            text,
            "; falls away when {}",
            ends.collect::<Vec<_>>().join(" or ")
        )
        .unwrap();
    }
    text
}

fn section(text: &mut String, rule: &Rule) {
    let severity = match rule.severity {
        Severity::Hard => "hard",
        Severity::Soft => "soft",
        Severity::Info => "for information",
    };
    let until = rule
        .to
        .map_or_else(|| "on".to_owned(), |to| format!("to {to}"));
    writeln!(
        text,
        "\n### {}\n\n{}. {}, {severity}; in force from {} {until}.\n",
        rule.id, rule.title, rule.law, rule.from
    )
    .unwrap();
    writeln!(text, "* Arises: {}", rule.trigger).unwrap();
    if let Some(condition) = &rule.condition {
        writeln!(text, "* If: {condition}").unwrap();
    }
    writeln!(text, "* Met by: {}", rule.satisfied_by).unwrap();
    if let Some(waived) = &rule.waived_by {
        writeln!(text, "* Waived by: {waived}").unwrap();
    }
    if let Some(reading) = &rule.reading {
        writeln!(text, "* Read from the facts so: {reading}").unwrap();
    }
    writeln!(text, "* Due: {}", computed(rule)).unwrap();
    if !rule.successors.is_empty() {
        let to: Vec<String> = rule
            .successors
            .iter()
            .map(|successor| format!("`{}`", successor.rule))
            .collect();
        writeln!(text, "* Taken over on 1 January 2024 by: {}", to.join(", ")).unwrap();
    }
    if let Some(replaced) = &rule.replaces {
        writeln!(text, "* Replaces in the trial: `{replaced}`").unwrap();
    }
    if !rule.suppresses.is_empty() {
        let lifted: Vec<String> = rule
            .suppresses
            .iter()
            .map(|lifted| format!("`{lifted}`"))
            .collect();
        writeln!(text, "* Lifts in the trial: {}", lifted.join(", ")).unwrap();
    }
    let unsure = if rule.uncertain.is_empty() {
        String::new()
    } else {
        format!(". Unsure: {}", rule.uncertain.join(", "))
    };
    writeln!(text, "* Read in: {}{unsure}", rule.source.join(", ")).unwrap();
}

const HEAD: &str = "\
# The rules, one by one

This page is made from `schema/rules/rules.json` and `schema/rules/key-figures.json`, so it says what
the program does. What is refused and what is only shown stands in [legal.md](../legal.md). **This is
not legal advice.** It paraphrases the law, the people who read the law are no lawyers, and what is
unsure is named. The program shows duties and their days; people decide.

The hash below names the catalogue. It is the SHA-256 of the file's bytes. An answer states it, so that
it is known which rules the answer rests on.

";

const COUNTING: &str = "\
## How time is counted

* Hours are hours that pass: when the clocks change, 24 hours end one hour later or earlier by the wall clock.
* The day of receipt is not counted. Weeks end on the same weekday, months on the same day number or
  on the last day of a shorter month.
* Holidays: 1 January, Maundy Thursday, Good Friday, Easter Sunday and Monday, Ascension, Whit Sunday and
  Monday, 25 and 26 December, and *Store Bededag* until 2023. They are never weekdays.
* A citizen's period that ends on a weekend, a holiday, 5 June, 24 or 31 December ends on the next day
  on which one can act. A duty of the authority is never moved.
* Where only a day is known, an event counts as no later than anything else of that day. A period of 24
  hours warns as if it ran from the beginning of that day, and is overdue as if it ran from its end.
* Kinds of decisions and matters of the committee have the names of *barnets lov*. One under *serviceloven* is
  recorded as the kind that took its place (a placement under SEL § 58 as `PLACEMENT_47`, say); its section names
  the Act.

## How a duty stands

`OPEN`, `MET` (with how late), `WAIVED`, `SUCCEEDED` (another rule took over on 1 January 2024, with the
original trigger), `SUPPRESSED` (lifted by the trial), `OVERDUE`, `LAPSED` (a right or a validity ended
unused), `MOOT` (its reason went away while it was open). A duty that was missed stays visible, whatever
happens after it. A missing step is a finding at the event that should have waited; nothing is refused.

The free-municipality trial lifts duties of *serviceloven* only where an approval of the municipality covers
them and nothing excludes the case: suspicion of abuse or violence, coercion considered, a matter before the
committee, or one of the sections that the Act leaves out. When such a fact appears later, the duties are taken
up again with their original trigger and marked.

";

/// What the catalogue holds beside its rules.
fn beside(text: &mut String) {
    text.push_str("## Beside the rules\n\n");
    writeln!(
        text,
        "* Unfinished matters went over to *barnets lov* on {} (BL §§ 212-213).",
        CATALOGUE.transition()
    )
    .unwrap();
    for age in CATALOGUE.party_ages() {
        let from = age
            .from
            .map_or_else(|| "at first".to_owned(), |from| format!("from {from}"));
        writeln!(
            text,
            "* A child is a party {from} at {} years ({}).",
            age.age, age.law
        )
        .unwrap();
    }
    let periods = CATALOGUE.published_periods();
    if periods.is_empty() {
        text.push_str("* No period that a municipality published itself (RSL § 3 a) is known.\n");
    }
    for period in periods {
        let (municipality, rule) = (&period.municipality, &period.rule);
        writeln!(
            text,
            "* Municipality {municipality} published {} days for {rule} from {}. {}",
            period.days, period.from, period.source
        )
        .unwrap();
    }
    text.push('\n');
}

fn page() -> String {
    let mut text = HEAD.to_owned();
    writeln!(
        text,
        "Catalogue {}, SHA-256 `{}`, {} rules.\n",
        CATALOGUE.version(),
        CATALOGUE.hash(),
        CATALOGUE.rules().len()
    )
    .unwrap();
    text.push_str(COUNTING);
    beside(&mut text);
    lawyer(&mut text);
    text.push_str("## Sources\n\n| key | text |\n|---|---|\n");
    for (key, source) in CATALOGUE.sources() {
        writeln!(text, "| {key} | {source} |").unwrap();
    }
    text.push_str("\nTrial approvals, as assumed:\n\n");
    for approval in CATALOGUE.approvals() {
        writeln!(
            text,
            "* {} ({}), {} to {}. {}",
            approval.name, approval.municipality, approval.from, approval.to, approval.source
        )
        .unwrap();
    }
    let sets = [
        (RuleSet::Sel, "Serviceloven, until the end of 2023"),
        (RuleSet::Fri, "The free-municipality trial"),
        (RuleSet::Bl, "Barnets lov, from 2024"),
        (RuleSet::Adm, "Administrative law"),
        (RuleSet::Local, "Targets that are not law"),
    ];
    for (set, title) in sets {
        writeln!(text, "\n## {title}").unwrap();
        CATALOGUE
            .rules()
            .iter()
            .filter(|rule| rule.set == set)
            .for_each(|rule| section(&mut text, rule));
    }
    key_figures(&mut text);
    text
}

/// The key figures, with the published national shares.
fn key_figures(text: &mut String) {
    let figures = KeyFigures::built_in().unwrap();
    writeln!(
        text,
        "\n## Key figures\n\nVersion {}. Groups of fewer than {} are not shown.\n",
        figures.version, figures.smallest_group
    )
    .unwrap();
    for figure in &figures.figures {
        let unsure = figure
            .uncertain
            .as_deref()
            .map(|unsure| format!(" *Unsure: {unsure}*"))
            .unwrap_or_default();
        writeln!(
            text,
            "* **{}** {}: {}{unsure}",
            figure.id, figure.title, figure.definition
        )
        .unwrap();
    }
    text.push_str(
        "\nPublished national shares, to compare with and never as targets:\n\n| figure | point | period | share |\n|---|---|---|---|\n",
    );
    for national in &figures.national {
        let (whole, tenth) = (national.share_tenths / 10, national.share_tenths % 10);
        writeln!(
            text,
            "| {} | {} | {} | {whole}.{tenth} % |",
            national.figure, national.point, national.period
        )
        .unwrap();
    }
}

/// What is unsure, with the rules that it touches.
fn lawyer(text: &mut String) {
    text.push_str(
        "## What a lawyer must check\n\n| key | what is unsure | rules |\n|---|---|---|\n",
    );
    let mut touched: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for rule in CATALOGUE.rules() {
        rule.uncertain
            .iter()
            .for_each(|key| touched.entry(key).or_default().push(&rule.id));
    }
    for (key, unsure) in CATALOGUE.uncertainties() {
        let rules = touched.get(key.as_str()).map_or_else(
            || match key.as_str() {
                "U-08" => "every duty that went over on 1 January 2024".to_owned(),
                "U-10" => "every duty of the trial that was taken up again".to_owned(),
                "U-24" => "all of *barnets lov*".to_owned(),
                _ => "none: the histories make such a decision".to_owned(),
            },
            |rules| rules.join(", "),
        );
        writeln!(text, "| {key} | {unsure} | {rules} |").unwrap();
    }
    text.push('\n');
}

#[test]
fn golden_page_of_the_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/rules.md");
    let text = page();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(
        std::fs::read_to_string(&path).unwrap_or_default() == text,
        "docs/reference/rules.md differs; run with UPDATE_GOLDEN=1"
    );
}
