//! The ages from which a child has a right of its own, as data with section and period.
//!
//! Ages are those of the Child's Act (*barnets lov*, BL) from 2024 and, where it set another one,
//! of the Act on Social Services (*serviceloven*, SEL) before. Nothing is decided here; the view
//! of the parties shows on which day each is reached.

use jiff::civil::{Date, date};

/// A right that begins at an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeRight {
    /// Age in months.
    pub months: u16,
    /// First day on which the rule holds; null where it always did.
    pub from: Option<Date>,
    /// Last day on which it holds; null where it still holds.
    pub to: Option<Date>,
    /// The section.
    pub section: &'static str,
    /// The right in English.
    pub english: &'static str,
    /// The right in Danish.
    pub danish: &'static str,
}

const BEGIN: Date = date(2024, 1, 1);
const BEFORE: Date = date(2023, 12, 31);

const fn since(
    years: u16,
    section: &'static str,
    english: &'static str,
    danish: &'static str,
) -> AgeRight {
    AgeRight {
        months: years * 12,
        from: Some(BEGIN),
        to: None,
        section,
        english,
        danish,
    }
}

/// Every right, by age.
pub const AGE_RIGHTS: &[AgeRight] = &[
    since(
        10,
        "BL § 3",
        "is a party in the listed kinds of matter",
        "er part i de sager, loven nævner",
    ),
    since(10, "BL §§ 145-146", "may complain", "kan klage"),
    since(
        10,
        "BL §§ 140-141",
        "has a free lawyer and sees the file in committee matters",
        "har ret til gratis advokat og til at se sagens akter i udvalgssager",
    ),
    since(
        10,
        "BL § 68",
        "may ask for permanent placement",
        "kan søge om permanent anbringelse",
    ),
    AgeRight {
        months: 144,
        from: None,
        to: Some(BEFORE),
        section: "SEL §§ 72, 167, 168",
        english: "may complain and has a free lawyer in committee matters",
        danish: "kan klage og har ret til gratis advokat i udvalgssager",
    },
    since(
        12,
        "BL § 98(1)",
        "consents to a change of placement",
        "skal samtykke til ændret anbringelsessted",
    ),
    since(
        12,
        "BL § 41",
        "may have a psychologist of civil society",
        "kan få psykologhjælp fra civilsamfundet",
    ),
    since(
        15,
        "BL § 46",
        "consents to placement",
        "skal samtykke til anbringelse",
    ),
    since(
        15,
        "BL § 22(2)",
        "takes part in the examination by own choice",
        "medvirker til undersøgelsen efter eget valg",
    ),
    since(
        15,
        "BL § 33(2)",
        "consents to treatment for drugs",
        "skal samtykke til stofmisbrugsbehandling",
    ),
    since(
        15,
        "BL § 67(3)",
        "consents to permanent placement",
        "skal samtykke til permanent anbringelse",
    ),
    since(
        15,
        "BL § 102",
        "may ask to return home",
        "kan søge om hjemgivelse",
    ),
    AgeRight {
        months: 180,
        from: None,
        to: None,
        section: "DPL",
        english: "receives Digital Post",
        danish: "modtager Digital Post",
    },
    since(
        16,
        "BL § 108",
        "has a plan of the young person's own",
        "skal have en ungeplan",
    ),
    AgeRight {
        months: 210,
        from: Some(BEGIN),
        to: None,
        section: "BL § 111",
        english: "support after 18 is decided, where placed",
        danish: "støtte efter det 18. år skal være afgjort ved anbringelse",
    },
    since(
        18,
        "BL § 99",
        "measures for children end",
        "indsatser for børn ophører",
    ),
];

/// Age in months from which Digital Post is compulsory (DPL).
pub const DIGITAL_POST_MONTHS: u16 = 180;

/// Age in months from which a child is a party, by the rule in force on a day: 10 years under BL,
/// 12 under SEL.
#[must_use]
pub fn party_months(on: Date) -> u16 {
    if on >= BEGIN { 120 } else { 144 }
}
