//! Tables on the terminal: a head and rows, each column as wide as its widest text.
//!
//! No line is cut or wrapped, however narrow the terminal is: people search lines and pipe them.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// The lines of a table, the head first. A column is given by its title and the side on which its
/// texts stand.
pub(crate) fn lines<const N: usize>(
    columns: [(&str, CellAlignment); N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Vec<String> {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(columns.map(|(title, _)| title))
        .add_rows(rows);
    for (column, (_, side)) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, 2));
        column.set_cell_alignment(side);
    }
    let lines = table.lines();
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use comfy_table::CellAlignment::{Left, Right};

    use super::*;

    #[track_caller]
    fn check<const N: usize>(
        columns: [(&str, CellAlignment); N],
        rows: &[[&str; N]],
        expected: &[&str],
    ) {
        let rows = rows.iter().map(|row| row.map(str::to_owned));
        assert_eq!(lines(columns, rows), expected);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_text_on_the_screen() {
        check(
            [("child", Left), ("age", Right), ("law", Left)],
            &[
                ["\u{c6}r\u{f8} \u{c5}gesen", "7 d", "BL \u{a7} 19"],
                // Letters of two characters, and letters that are two columns wide.
                ["A\u{30a}ge", "1234 d", "\u{5b50}\u{4f9b}"],
                ["\u{5b50}\u{4f9b}", "-", ""],
            ],
            &[
                "child          age  law",
                "\u{c6}r\u{f8} \u{c5}gesen     7 d  BL \u{a7} 19",
                "A\u{30a}ge         1234 d  \u{5b50}\u{4f9b}",
                "\u{5b50}\u{4f9b}             -",
            ],
        );
    }

    #[test]
    fn a_long_text_stays_on_its_line_and_a_table_without_rows_has_a_head() {
        let long = "word ".repeat(200) + "end";
        check([("a", Left), ("b", Left)], &[], &["a  b"]);
        let made = lines([("a", Left), ("b", Left)], [[long.clone(), "x".to_owned()]]);
        assert_eq!(made[1..], [long + "  x"]);
    }
}
