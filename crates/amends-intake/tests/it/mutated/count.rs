//! How many rows a text has, counted in the plainest way, without anything that the decoders use.

/// Records of CSV behind the header, as the decoder documents it: blank lines are none, and where quotes do not fit a record ends with its
/// first line.
pub(super) fn csv(text: &[u8], delimiter: u8) -> Option<u64> {
    let text = unmarked(text)?;
    let first = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    let end = match first.map(|at| (text[at], text.get(at + 1))) {
        Some((b'\r', Some(behind))) if *behind != b'\n' => b'\r',
        _ => b'\n',
    };
    let (mut at, mut records) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        if rest[0] == end || rest == b"\r" {
            at += 1;
        } else if rest.starts_with(b"\r\n") {
            at += 2;
        } else {
            at += record(rest, delimiter, end);
            records += 1;
        }
    }
    Some(u64::saturating_sub(records, 1))
}

/// How many bytes the first record takes, with its end.
fn record(text: &[u8], delimiter: u8, end: u8) -> usize {
    let mut at = 0;
    loop {
        if text.get(at) == Some(&b'"') {
            let Some(behind) = quoted(text, at, delimiter, end) else {
                let line = text.iter().position(|byte| *byte == end);
                return line.map_or(text.len(), |line| line + 1);
            };
            at = behind;
        } else {
            while at < text.len() && text[at] != delimiter && text[at] != end {
                at += 1;
            }
        }
        match text.get(at) {
            Some(byte) if *byte == delimiter => at += 1,
            Some(b'\r') if end == b'\n' => return (at + 2).min(text.len()),
            _ => return (at + 1).min(text.len()),
        }
    }
}

/// The place behind a quoted cell; nothing where its quotes do not fit.
fn quoted(text: &[u8], open: usize, delimiter: u8, end: u8) -> Option<usize> {
    let mut at = open + 1;
    loop {
        match (*text.get(at)?, text.get(at + 1)) {
            (b'"', Some(b'"')) => at += 2,
            (b'"', _) => break,
            _ => at += 1,
        }
    }
    let behind = &text[at + 1..];
    let fits = match behind.first() {
        None => true,
        Some(byte) => {
            *byte == delimiter || *byte == end || behind == b"\r" || behind.starts_with(b"\r\n")
        }
    };
    fits.then_some(at + 1)
}

/// Lines of JSON that are not blank.
pub(super) fn lines(text: &[u8]) -> Option<u64> {
    let lines = unmarked(text)?.split(|byte| *byte == b'\n');
    let there = |line: &&[u8]| line.iter().any(|byte| !byte.is_ascii_whitespace());
    Some(lines.filter(there).count() as u64)
}

/// The text behind its mark; nothing where the mark says that it is UTF-16.
fn unmarked(text: &[u8]) -> Option<&[u8]> {
    match text {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => None,
        [0xef, 0xbb, 0xbf, rest @ ..] => Some(rest),
        _ => Some(text),
    }
}
