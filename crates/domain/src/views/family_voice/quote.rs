//! Cuts somebody's words into lines that are easy to read, without changing a word.
//!
//! It looks at punctuation only, never at what is said, and it knows nothing of who speaks.

/// The most words that one line holds.
pub(super) const WORDS_MAX: usize = 20;
/// A line is not cut shorter than this where it can be helped.
const WORDS_FEW: usize = 4;

/// Words after which a full stop does not end a sentence.
const ABBREVIATIONS: &[&str] = &[
    "bl.a.", "ca.", "cf.", "d.", "dr.", "e.g.", "eks.", "f.eks.", "fx.", "i.e.", "jf.", "kl.",
    "mht.", "mr.", "mrs.", "nr.", "pga.", "stk.", "vedr.",
];

/// Words before which a long sentence may be cut, in both languages.
const CONJUNCTIONS: &[&str] = &[
    "and", "at", "because", "but", "eller", "fordi", "hvis", "if", "men", "mens", "når", "og",
    "or", "so", "som", "så", "that", "when", "which", "who",
];

/// Text in lines: one sentence each; a sentence that is too long is cut at a comma or before a
/// conjunction, and only where there is neither after [`WORDS_MAX`] words.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for row in text.lines() {
        let words: Vec<&str> = row.split_whitespace().collect();
        let mut rest = words.as_slice();
        while !rest.is_empty() {
            let (sentence, after) = split(rest, sentence_end(rest));
            lines.extend(short(sentence));
            rest = after;
        }
    }
    lines
}

/// One sentence in lines of at most [`WORDS_MAX`] words.
fn short(sentence: &[&str]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = sentence;
    while rest.len() > WORDS_MAX {
        let (line, after) = split(rest, cut(rest));
        lines.push(line.join(" "));
        rest = after;
    }
    if !rest.is_empty() {
        lines.push(rest.join(" "));
    }
    lines
}

fn split<'a, 'b>(words: &'a [&'b str], at: usize) -> (&'a [&'b str], &'a [&'b str]) {
    words.split_at_checked(at).unwrap_or((words, &[]))
}

/// How many words the first sentence has.
fn sentence_end(words: &[&str]) -> usize {
    let nexts = words.iter().skip(1).map(Some).chain(std::iter::once(None));
    words
        .iter()
        .zip(nexts)
        .position(|(word, next)| ends(word, next.copied()))
        .map_or(words.len(), |place| place + 1)
}

fn ends(word: &str, next: Option<&str>) -> bool {
    let bare = word.trim_end_matches(['"', '\'', ')', '»', '”', '’']);
    if bare.ends_with(['!', '?']) {
        return true;
    }
    let starts_anew = next
        .and_then(|next| next.chars().next())
        .is_none_or(|c| !c.is_lowercase() && !c.is_ascii_digit());
    let initial = bare.chars().count() == 2 && bare.chars().next().is_some_and(char::is_uppercase);
    bare.ends_with(['.', '…'])
        && starts_anew
        && !initial
        && !ABBREVIATIONS.contains(&bare.to_lowercase().as_str())
}

/// Where to cut a sentence that is too long: the last good place that fits on a line.
fn cut(words: &[&str]) -> usize {
    let most = WORDS_MAX.min(words.len().saturating_sub(WORDS_FEW - 1));
    let last = |good: &dyn Fn(usize) -> bool| (WORDS_FEW..=most).rev().find(|place| good(*place));
    let before = |place: usize| {
        place
            .checked_sub(1)
            .and_then(|place| words.get(place))
            .copied()
            .unwrap_or_default()
    };
    last(&|place| before(place).ends_with(['.', ';', ':']))
        .or_else(|| last(&|place| before(place).ends_with(',')))
        .or_else(|| {
            last(&|place| {
                joins(words.get(place).copied().unwrap_or_default()) && !joins(before(place))
            })
        })
        .unwrap_or(most)
}

fn joins(word: &str) -> bool {
    CONJUNCTIONS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sentence_is_a_line() {
        assert_eq!(
            lines("Jeg får ondt i maven. Jeg vil hjem!\nHvornår? nu"),
            ["Jeg får ondt i maven.", "Jeg vil hjem!", "Hvornår?", "nu"]
        );
    }

    #[test]
    fn a_date_a_number_and_an_initial_end_no_sentence() {
        for text in [
            "Vi ses d. 5. maj kl. 9.30 hos f.eks. Mormor.",
            "Nr. 4 er hos K. Prøve, ca. 2 km væk.",
            "Det er hjemme hos bl.a. Bo.",
            "Det følger af loven, jf. BL § 50, stk. 4.",
        ] {
            assert_eq!(lines(text), [text]);
        }
    }

    #[test]
    fn a_long_sentence_is_cut_at_the_last_comma_that_fits() {
        let text = "Jeg vil gerne bo hos min moster i den store by ved vandet, fordi der er ro, og fordi hun altid laver mad til mig.";
        let cut = lines(text);
        assert_eq!(
            cut,
            [
                "Jeg vil gerne bo hos min moster i den store by ved vandet, fordi der er ro,",
                "og fordi hun altid laver mad til mig."
            ]
        );
    }

    #[test]
    fn without_a_comma_it_is_cut_before_a_conjunction() {
        let text = "jeg gik hjem fra skole i går alene og så var der slet ikke nogen hjemme hele den lange aften i huset";
        assert_eq!(
            lines(text),
            [
                "jeg gik hjem fra skole i går alene",
                "og så var der slet ikke nogen hjemme hele den lange aften i huset"
            ]
        );
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_line_is_long(text in "([a-zæøå]{1,5}[.,!? ]{0,2}[ \n]){0,120}") {
            let cut = lines(&text);
            let words: Vec<&str> = cut.iter().flat_map(|line| line.split_whitespace()).collect();
            prop_assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
            prop_assert!(cut.iter().all(|line| (1..=WORDS_MAX).contains(&line.split_whitespace().count())));
        }
    }
}
