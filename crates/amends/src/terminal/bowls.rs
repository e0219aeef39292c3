//! Two bowls of marbles: who came in, who went out.

use std::io::{self, Write};

use super::paint::{BAD, GOOD, QUIET, paint};

/// How many marbles lie in one row of a bowl.
const WIDTH: usize = 30;

/// What the marbles stand for.
pub(crate) struct Marbles<'a> {
    /// How many one stands for.
    pub(crate) each: u64,
    /// The company's words for one customer and for several.
    pub(crate) words: (&'a str, &'a str),
}

/// Draws the two bowls one above the other.
///
/// # Errors
/// When the output cannot be written.
pub(crate) fn draw(
    out: &mut dyn Write,
    came: u64,
    went: u64,
    marbles: &Marbles<'_>,
) -> io::Result<()> {
    bowl(out, "in ", came, marbles.each, GOOD)?;
    bowl(out, "out", went, marbles.each, BAD)?;
    let each = match marbles.each {
        1 => format!("one {}", marbles.words.0),
        each => format!("{} {}", super::number::whole(each), marbles.words.1),
    };
    writeln!(
        out,
        "      {}",
        paint(
            QUIET,
            format!("each marble stands for {each}; a hollow one for fewer")
        )
    )
}

fn bowl(
    out: &mut dyn Write,
    name: &str,
    customers: u64,
    per_marble: u64,
    style: anstyle::Style,
) -> io::Result<()> {
    let full = (customers / per_marble) as usize;
    let part = usize::from(!customers.is_multiple_of(per_marble));
    let marbles: Vec<char> = std::iter::repeat_n('●', full)
        .chain(std::iter::repeat_n('○', part))
        .collect();
    let rows: Vec<String> = marbles
        .chunks(WIDTH)
        .map(|row| row.iter().collect())
        .collect();
    for (index, row) in rows.iter().enumerate() {
        let name = if index == 0 { name } else { "   " };
        let space = " ".repeat(WIDTH - row.chars().count());
        writeln!(out, "  {name} │{}{space}│", paint(style, row))?;
    }
    if rows.is_empty() {
        writeln!(out, "  {name} │{}│", " ".repeat(WIDTH))?;
    }
    writeln!(out, "      ╰{}╯", "─".repeat(WIDTH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_marble_is_hollow_and_an_empty_bowl_is_drawn() {
        let mut out = Vec::new();
        let marbles = Marbles {
            each: 2,
            words: ("rider", "riders"),
        };
        draw(&mut out, 65, 0, &marbles).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches('●').count(), 32);
        assert_eq!(text.matches('○').count(), 1);
        assert!(text.contains("out │") && text.contains("2 riders"));
    }
}
