//! Tables of plain text: aligned columns, no frames, cut where they get long.

use super::say;

/// Longer tables end in "… and N more".
const ROWS: usize = 20;
/// Longer cells end in "…"; the last column has room for a sentence.
const WIDTH: usize = 40;
const LAST_WIDTH: usize = 110;

/// Prints a table under its headings, indented like everything a step prints.
pub(crate) fn print(headings: &[&str], rows: &[Vec<String>]) {
    for line in lines(headings, rows) {
        say!("   {line}");
    }
}

fn lines(headings: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let shown = if rows.len() > ROWS + 1 { ROWS } else { rows.len() };
    let head = headings
        .iter()
        .map(|heading| heading.to_uppercase())
        .collect::<Vec<_>>();
    let room = |column: usize| {
        if column + 1 == headings.len() {
            LAST_WIDTH
        } else {
            WIDTH
        }
    };
    let cut = |row: &Vec<String>| {
        row.iter()
            .zip(0..)
            .map(|(cell, column)| shortened(cell, room(column)))
            .collect()
    };
    let body = rows.iter().take(shown).map(cut);
    let all: Vec<Vec<String>> = std::iter::once(head).chain(body).collect();
    let width = |column: usize| {
        let cells = all.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..headings.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines: Vec<_> = all.iter().map(line).collect();
    if shown < rows.len() {
        lines.push(format!("… and {} more", rows.len() - shown));
    }
    lines
}

fn shortened(cell: &str, width: usize) -> String {
    // A control character in somebody's name must not steer the terminal.
    let cell: String = cell
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if cell.chars().count() <= width {
        return cell;
    }
    cell.chars().take(width - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aligns_and_cuts() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(
            lines(&["who", "what"], &[row(["Zoë", "joins"]), row(["Longer", ""])]),
            ["WHO     WHAT", "Zoë     joins", "Longer"]
        );
        let many = vec![row(["a", "b"]); 30];
        let cut = lines(&["who", "what"], &many);
        assert_eq!((cut.len(), cut.last().map(String::as_str)), (22, Some("… and 10 more")));
        assert_eq!(
            lines(&["who", "what"], &vec![row(["a", "b"]); 21]).len(),
            22,
            "one more row is as short as the notice"
        );
        assert_eq!(shortened(&"x".repeat(80), 60).chars().count(), 60);
        assert_eq!(shortened("a\u{1b}[31mb", 60), "a [31mb");
    }
}
