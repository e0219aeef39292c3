//! The texts that the cells of a workbook share.

use std::path::Path;

use amends_model::Result;
use quick_xml::events::Event;

use super::archive::Archive;
use super::too_large;
use super::xml::{Xml, add_text, name};

/// More shared text than this is not held, in bytes.
const MOST_TEXT: usize = 128 << 20;
/// Nor more texts.
const MOST_TEXTS: usize = 4 << 20;
/// Nor one that is longer than the text of a row may be, in bytes.
const LONGEST: usize = 8 << 20;
/// So much text stands in one piece: one piece of everything would be copied as it grows.
const PIECE: usize = 1 << 20;

/// Shared texts, many in one piece.
#[derive(Default)]
pub(super) struct Strings {
    pieces: Vec<String>,
    /// The piece, the beginning in it and the length of each text.
    places: Vec<(u32, u32, u32)>,
    size: usize,
}

impl Strings {
    /// Reads the shared texts.
    ///
    /// # Errors
    /// `AM0536` where there are too many; `AM0537` where they cannot be read.
    pub(super) fn read(archive: &Archive, path: &Path, part: &str) -> Result<Self> {
        let mut strings = Self::default();
        let mut xml = Xml::new(archive.read(part)?, path);
        let mut one = Rich::default();
        loop {
            let event = xml.next()?;
            match &event {
                Event::Eof => return Ok(strings),
                Event::Start(element) if name(element) == "si" => one = Rich::default(),
                Event::End(element) if element.local_name().into_inner() == "si" => {
                    strings.add(&unescaped(&one.text));
                    one = Rich::default();
                }
                _ => one.take(&event, path)?,
            }
            if one.text.len() > LONGEST {
                return Err(too_large(
                    path,
                    "a text that its cells share has more than 8 MiB",
                ));
            }
            if strings.size + one.text.len() > MOST_TEXT || strings.places.len() > MOST_TEXTS {
                return Err(too_large(path, "its cells share more than 128 MiB of text"));
            }
        }
    }

    fn add(&mut self, text: &str) {
        if self.pieces.last().is_none_or(|piece| piece.len() >= PIECE) {
            self.pieces.push(String::new());
        }
        let number = self.pieces.len() - 1;
        if let Some(piece) = self.pieces.last_mut() {
            let place = (number as u32, piece.len() as u32, text.len() as u32);
            piece.push_str(text);
            self.places.push(place);
        }
        self.size += text.len();
    }

    /// A text by its number.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let (piece, start, length) = *self.places.get(number)?;
        let start = start as usize;
        self.pieces
            .get(piece as usize)?
            .get(start..start + length as usize)
    }
}

/// Text that may be written in several runs; how it is spoken (`rPh`) is no part of it.
#[derive(Default)]
pub(super) struct Rich {
    pub(super) text: String,
    in_text: bool,
    in_phonetic: bool,
}

impl Rich {
    /// Takes the next event of such a text.
    ///
    /// # Errors
    /// `AM0537` where it refers to what is not defined.
    pub(super) fn take(&mut self, event: &Event<'_>, path: &Path) -> Result<()> {
        match event {
            Event::Start(element) => match name(element) {
                "t" => self.in_text = true,
                "rPh" => self.in_phonetic = true,
                _ => {}
            },
            Event::End(element) => match element.local_name().into_inner() {
                "t" => self.in_text = false,
                "rPh" => self.in_phonetic = false,
                _ => {}
            },
            _ if self.in_text && !self.in_phonetic => add_text(event, &mut self.text, path)?,
            _ => {}
        }
        Ok(())
    }
}

/// Text in which `_x000D_` stands for the character of that number.
pub(super) fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, behind) = rest.split_at(at);
        plain.push_str(before);
        let digits = behind
            .get(2..6)
            .filter(|_| behind.as_bytes().get(6) == Some(&b'_'));
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match number.and_then(char::from_u32) {
            Some(character) => {
                plain.push(character);
                rest = &behind[7..];
            }
            None => {
                plain.push_str("_x");
                rest = &behind[2..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_by_their_number_are_read() {
        for (written, meant) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x00", "_x00"),
            ("_xZZZZ_", "_xZZZZ_"),
            ("_xé123_", "_xé123_"),
            ("_xD800_", "_xD800_"),
        ] {
            assert_eq!(unescaped(written), meant, "{written}");
        }
    }
}
