//! A file that breaks the rules of TOML: each slip is told once, and what stands beside it is read.
//!
//! After a slip the parser goes on, but often out of step: an open quote makes mistakes of the lines behind it. So after the first mistake the
//! statement that holds it is blanked and the file parsed anew; a mistake that is gone then was an echo.

use std::ops::Range;

use toml::de::DeTable;

/// More slips than this are not told apart.
const MOST: usize = 20;
/// In a longer file the first slip alone is told.
const LONGEST: usize = 256 << 10;

/// A slip: its place and the parser's words.
pub(crate) struct Slip {
    pub(crate) span: Option<Range<usize>>,
    pub(crate) message: String,
}

/// The slips of a file, and its text with the statements that hold them blanked, byte for byte at its place.
/// What is left is TOML; nothing where that could not be reached.
pub(crate) fn repaired(text: &str) -> (Vec<Slip>, String) {
    let (mut slips, mut rest) = (Vec::new(), text.to_owned());
    loop {
        let Some(first) = first_error(&rest) else {
            return (slips, rest);
        };
        let at = first.start();
        slips.push(first);
        if slips.len() >= MOST || text.len() > LONGEST {
            return (slips, String::new());
        }
        let tried = candidates(&rest, at).into_iter();
        let mut tried: Vec<_> = tried
            .map(|range| (range.len(), in_step(&rest, at, range)))
            .collect();
        tried.sort_by_key(|(len, _)| *len);
        rest = match tried.into_iter().find_map(|(_, tried)| tried) {
            Some(tried) => tried,
            None => return (slips, String::new()),
        };
    }
}

impl Slip {
    fn start(&self) -> usize {
        self.span.as_ref().map_or(0, |span| span.start)
    }
}

/// The first mistake.
fn first_error(text: &str) -> Option<Slip> {
    let (_, errors) = DeTable::parse_recoverable(text);
    let slips = errors.iter().map(|error| Slip {
        span: error.span(),
        message: error.message().to_owned(),
    });
    slips.min_by_key(Slip::start)
}

/// The text with a range blanked, if that removes the mistake at a byte and the parser is in step again: at least the statement that follows
/// is read without a mistake.
fn in_step(text: &str, at: usize, range: Range<usize>) -> Option<String> {
    let tried = blanked(text, range.clone());
    let Some(next) = first_error(&tried) else {
        return Some(tried);
    };
    let behind = lines(text)
        .into_iter()
        .filter(|line| line.start >= range.end);
    let mut statements = behind.filter(|line| is_statement(&text[line.clone()]));
    let _follows = statements.next()?;
    let second = statements.next()?;
    (next.start() != at && next.start() >= second.start).then_some(tried)
}

/// What may have to be blanked for a mistake at a byte: from the statement that begins on its line or before, up to one that follows.
fn candidates(text: &str, at: usize) -> Vec<Range<usize>> {
    /// So many statements before and behind are tried.
    const NEAR: usize = 3;
    let lines = lines(text);
    let here = lines.iter().rposition(|line| line.start <= at).unwrap_or(0);
    let of = |line: &Range<usize>| &text[line.clone()];
    let begins = |index: &usize| is_statement(of(&lines[*index]));
    let mut all = Vec::new();
    // The place is where the parser noticed, which may be the line behind the slip.
    let near = (0..=here).rev().filter(begins).take(NEAR);
    // Text over several lines that is never closed shows at the end of the file.
    let opens =
        |index: &usize| of(&lines[*index]).contains("\"\"\"") || of(&lines[*index]).contains("'''");
    let opening = (0..=here)
        .rev()
        .filter(|index| begins(index) && opens(index));
    for from in near.chain(opening.take(NEAR)) {
        let behind: Vec<usize> = (from + 1..lines.len()).filter(begins).collect();
        let header = |index: &usize| is_header(of(&lines[*index]));
        let next_header = behind.iter().copied().find(header).unwrap_or(lines.len());
        // Without its header what stands below would belong to another section.
        let ends: Vec<usize> = match is_header(of(&lines[from])) {
            true => vec![next_header],
            false => {
                let near = behind.into_iter().take(NEAR);
                let near = near.filter(|end| *end <= next_header);
                near.chain([next_header, lines.len()]).collect()
            }
        };
        for end in ends {
            let end = lines.get(end).map_or(text.len(), |line| line.start);
            all.push(lines[from].start..end);
        }
    }
    if all.is_empty() {
        all.extend(lines.get(here).cloned());
    }
    all
}

fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let line = |line: &str| {
        let range = start..start + line.len();
        start = range.end;
        range
    };
    text.split_inclusive('\n').map(line).collect()
}

/// Whether a line looks as if it began a statement.
fn is_statement(line: &str) -> bool {
    let key = line.split('=').next().unwrap_or_default().trim();
    let is_key = !key.is_empty()
        && key.len() < line.trim_end().len()
        && key
            .chars()
            .all(|letter| letter.is_alphanumeric() || "_-.\"' ".contains(letter));
    is_key || is_header(line)
}

fn is_header(line: &str) -> bool {
    // Lists of lists do not stand at the beginning of a line where people write definitions.
    line.starts_with('[')
}

fn blanked(text: &str, range: Range<usize>) -> String {
    let blank = |(at, byte): (usize, u8)| match byte {
        b'\n' => b'\n',
        _ if range.contains(&at) => b' ',
        byte => byte,
    };
    let bytes = text.bytes().enumerate().map(blank).collect();
    // Whole lines are blanked, so that no letter is cut.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(text: &str) -> (Vec<usize>, String) {
        let (slips, rest) = repaired(text);
        let line = |slip: &Slip| {
            let at = slip.span.as_ref().map_or(0, |span| span.start);
            text[..at].matches('\n').count() + 1
        };
        let kept: Vec<&str> = rest
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        (slips.iter().map(line).collect(), kept.join("|"))
    }

    #[test]
    fn one_slip_is_told_once_and_what_stands_beside_it_is_kept() {
        for (text, kept) in [
            (
                "a = 1\nb = \"open\nc = 3\n[d]\ne = 1\n",
                "a = 1|c = 3|[d]|e = 1",
            ),
            (
                "a = 1\nb = [1, 2\nc = 3\n[d]\ne = 1\n",
                "a = 1|c = 3|[d]|e = 1",
            ),
            ("a = = 1\nc = 3\n", "c = 3"),
            ("a = { x = 1, y = \nc = 3\n", "c = 3"),
            ("a = 1\na = 2\n", "a = 1"),
            ("x = 1\n[a\nb = 1\n[c]\nd = 1\n", "x = 1|[c]|d = 1"),
            ("é = 1\nb = 2\n", "b = 2"),
        ] {
            let (slips, rest) = lines_of(text);
            assert_eq!((slips.len(), rest.as_str()), (1, kept), "{text}");
        }
    }

    #[test]
    fn two_slips_are_two() {
        let (slips, kept) = lines_of("a = yes\nb = 1\n[c]\nd = \"open\ne = 2\n");
        assert_eq!((slips, kept.as_str()), (vec![1, 4], "b = 1|[c]|e = 2"));
        // A text that is never closed swallows all that stands behind it.
        let (slips, kept) = lines_of("a = 1\nb = '''open\nc = 3\n[d]\ne = yes\n");
        assert_eq!((slips.len(), kept.as_str()), (2, "a = 1|c = 3|[d]"));
    }

    #[test]
    fn whatever_stands_in_a_file_it_ends() {
        for text in [
            "",
            "\u{0}",
            "[",
            "]]]\n]]]\n",
            "= = =\n= =\n",
            "'''",
            "a\u{85}",
        ] {
            let (_, rest) = repaired(text);
            assert!(first_error(&rest).is_none(), "{text}");
        }
    }
}
