//! Which styles of a workbook show a number as a date or a time.

use std::collections::HashMap;
use std::path::Path;

use amends_model::Result;
use quick_xml::events::Event;

use super::archive::Archive;
use super::too_large;
use super::xml::{Xml, attribute, name};

/// Excel itself knows no more styles.
const MOST: usize = 1 << 16;

/// What a style shows of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shows {
    /// The number.
    #[default]
    Number,
    /// A day.
    Day,
    /// A day with its time, or a time.
    Time,
}

/// What each style shows, by its number.
pub(super) fn read(archive: &Archive, path: &Path, part: &str) -> Result<Vec<Shows>> {
    let mut own: HashMap<u32, Shows> = HashMap::new();
    let mut of_cells: Vec<u32> = Vec::new();
    let mut in_cells = false;
    let mut xml = Xml::new(archive.read_of_the_book(part)?, path);
    loop {
        match xml.next()? {
            Event::Eof => break,
            Event::Start(element) => {
                let number = |key| attribute(&element, key)?.parse::<u32>().ok();
                match name(&element) {
                    "cellXfs" => in_cells = true,
                    "xf" if in_cells => of_cells.push(number("numFmtId").unwrap_or(0)),
                    "numFmt" => {
                        let code = attribute(&element, "formatCode");
                        if let (Some(id), Some(code)) = (number("numFmtId"), code) {
                            own.insert(id, of_code(&code));
                        }
                    }
                    _ => {}
                }
            }
            Event::End(element) if element.local_name().into_inner() == "cellXfs" => {
                in_cells = false;
            }
            _ => {}
        }
        if of_cells.len() > MOST || own.len() > MOST {
            return Err(too_large(path, "it has more styles than a workbook"));
        }
    }
    let shows = |id: &u32| own.get(id).copied().unwrap_or_else(|| built_in(*id));
    Ok(of_cells.iter().map(shows).collect())
}

/// The formats that every workbook has without writing them (ECMA-376, part 1, 18.8.30; those of East Asia included).
fn built_in(id: u32) -> Shows {
    match id {
        14..=17 | 27..=31 | 34..=36 | 50..=54 | 57..=58 => Shows::Day,
        18..=22 | 32..=33 | 45 | 47 | 55..=56 => Shows::Time,
        _ => Shows::Number,
    }
}

/// A format code shows a date where letters of dates stand in its first section outside of quotes. A length of time (`[h]:mm`) is a number.
fn of_code(code: &str) -> Shows {
    let mut letters = code.chars();
    let (mut day, mut time, mut month) = (false, false, false);
    while let Some(letter) = letters.next() {
        match letter.to_ascii_lowercase() {
            ';' => break,
            '"' => {
                letters.find(|letter| *letter == '"');
            }
            '\\' | '_' | '*' => {
                letters.next();
            }
            '[' => {
                let inside: String = letters.by_ref().take_while(|it| *it != ']').collect();
                let inside = inside.to_ascii_lowercase();
                if !inside.is_empty() && inside.chars().all(|it| "hms".contains(it)) {
                    return Shows::Number;
                }
            }
            'd' | 'y' => day = true,
            'm' => month = true,
            'h' | 's' => time = true,
            'g' if letters.as_str().to_ascii_lowercase().starts_with("eneral") => {
                return Shows::Number;
            }
            _ => {}
        }
    }
    match (time, day || month) {
        (true, _) => Shows::Time,
        (false, true) => Shows::Day,
        (false, false) => Shows::Number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_shows_a_date_by_its_letters() {
        for (code, shows) in [
            ("General", Shows::Number),
            ("0.00", Shows::Number),
            ("#,##0 \"days\"", Shows::Number),
            ("[Red]0", Shows::Number),
            ("[h]:mm:ss", Shows::Number),
            ("0.00E+00", Shows::Number),
            ("\\d0", Shows::Number),
            ("0;dd", Shows::Number),
            ("yyyy-mm-dd", Shows::Day),
            ("[$-409]mmmm", Shows::Day),
            ("DD.MM.YYYY HH:MM", Shows::Time),
            ("h:mm AM/PM", Shows::Time),
        ] {
            assert_eq!(of_code(code), shows, "{code}");
        }
        assert_eq!(built_in(14), Shows::Day);
        assert_eq!(built_in(22), Shows::Time);
        assert_eq!(built_in(46), Shows::Number);
    }
}
