//! Reads which section of which law a text cites, as far as the rules need it.
//!
//! Danish and English ways of citing are read (`BL § 32, stk. 1, nr. 5`, `BL § 32(1) no 5`). What
//! cannot be read cites nothing; it is never guessed at.

use events::meta::Meta;

/// A law that a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// *Barnets lov*.
    Bl,
    /// *Serviceloven*.
    Sel,
    /// *Forvaltningsloven*.
    Fvl,
    /// The order under the *retssikkerhedslov*.
    Rsb,
    /// The order on children's houses.
    Bhb,
}

/// One section of a law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cited {
    /// The law.
    pub law: Law,
    /// Number of the section.
    pub number: u16,
    /// Letter after the number (`§ 57 a`).
    pub letter: Option<char>,
    /// Subsection (*stykke*), where it is cited.
    pub subsection: Option<u16>,
    /// Number within it (*nummer*), where it is cited.
    pub item: Option<u16>,
}

/// The section that a text cites first.
#[must_use]
pub fn section(text: &str) -> Option<Cited> {
    let (before, after) = text.split_once('§')?;
    let law = law(before)?;
    let after = after.trim_start_matches('§').trim_start();
    let (number, rest) = leading_number(after)?;
    let (letter, rest) = leading_letter(rest);
    let lower = rest.to_lowercase();
    let subsection = match lower.trim_start().strip_prefix('(') {
        Some(inner) => leading_number(inner).map(|(number, _)| number),
        None => after_word(&lower, "stk"),
    };
    let item = after_word(&lower, "nr").or_else(|| after_word(&lower, "no "));
    Some(Cited {
        law,
        number,
        letter,
        subsection,
        item,
    })
}

fn law(before: &str) -> Option<Law> {
    match before.trim().to_lowercase().as_str() {
        "bl" | "barnets lov" => Some(Law::Bl),
        "sel" | "serviceloven" => Some(Law::Sel),
        "fvl" | "forvaltningsloven" => Some(Law::Fvl),
        "rsb" => Some(Law::Rsb),
        "bhb" => Some(Law::Bhb),
        _ => None,
    }
}

fn leading_number(text: &str) -> Option<(u16, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    digits.parse().ok().map(|number| (number, rest))
}

/// A single letter that is not the beginning of a word.
fn leading_letter(text: &str) -> (Option<char>, &str) {
    let trimmed = text.trim_start();
    let mut chars = trimmed.chars();
    match (chars.next(), chars.next()) {
        (Some(letter), next)
            if letter.is_ascii_lowercase() && next.is_none_or(|c| !c.is_alphanumeric()) =>
        {
            (Some(letter), chars.as_str())
        }
        _ => (None, text),
    }
}

fn after_word(text: &str, word: &str) -> Option<u16> {
    let (_, after) = text.split_once(word)?;
    leading_number(after.trim_start_matches(['.', ' '])).map(|(number, _)| number)
}

/// Whether the circumstances of an event cite one of these sections.
#[must_use]
pub fn cites(meta: &Meta, law: Law, numbers: &[u16]) -> bool {
    let cited = meta
        .legal_basis
        .iter()
        .filter_map(|basis| section(basis.as_str()));
    cited
        .into_iter()
        .any(|cited| cited.law == law && numbers.contains(&cited.number))
}

/// Whether the circumstances of an event cite a section with that letter.
#[must_use]
pub fn cites_letter(meta: &Meta, law: Law, number: u16, letter: char) -> bool {
    let mut cited = meta
        .legal_basis
        .iter()
        .filter_map(|basis| section(basis.as_str()));
    cited.any(|cited| cited.law == law && cited.number == number && cited.letter == Some(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_citing_are_read() {
        let read = |text| {
            section(text).map(|cited| {
                (
                    cited.law,
                    cited.number,
                    cited.letter,
                    cited.subsection,
                    cited.item,
                )
            })
        };
        assert_eq!(
            read("BL § 32, stk. 1, nr. 5"),
            Some((Law::Bl, 32, None, Some(1), Some(5)))
        );
        assert_eq!(
            read("BL § 32(1) no 5"),
            Some((Law::Bl, 32, None, Some(1), Some(5)))
        );
        assert_eq!(
            read("barnets lov § 52(5)"),
            Some((Law::Bl, 52, None, Some(5), None))
        );
        assert_eq!(
            read("SEL § 57 a"),
            Some((Law::Sel, 57, Some('a'), None, None))
        );
        assert_eq!(
            read("SEL § 52, stk. 3, nr. 7"),
            Some((Law::Sel, 52, None, Some(3), Some(7)))
        );
        assert_eq!(
            read("SEL § 57a"),
            Some((Law::Sel, 57, Some('a'), None, None))
        );
        assert_eq!(
            read("FVL § 9 b"),
            Some((Law::Fvl, 9, Some('b'), None, None))
        );
        assert_eq!(read("BL §§ 75-77"), Some((Law::Bl, 75, None, None, None)));
        assert_eq!(
            read("BL § 32 stk. 1"),
            Some((Law::Bl, 32, None, Some(1), None))
        );
        for text in ["", "BL 32", "XYZ § 3", "BL §", "BL § stk", "BL § 99999999"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
