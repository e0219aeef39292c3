//! XML, one event at a time: no event is held that is longer than a row may be, nothing is nested deeply, and nothing is defined in it.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use amends_model::Result;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{damaged, too_large};

const DEEPEST: usize = 64;
/// No piece of text, and no tag, is longer, in bytes.
const LONGEST: usize = 16 << 20;

/// The events of one part.
pub(super) struct Xml {
    reader: Reader<Capped>,
    buffer: Vec<u8>,
    depth: usize,
    path: PathBuf,
}

impl Xml {
    pub(super) fn new(text: impl Read + Send + 'static, path: &Path) -> Self {
        let mut reader = Reader::from_reader(Capped {
            inner: BufReader::with_capacity(64 << 10, Box::new(text)),
            of_event: 0,
        });
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            depth: 0,
            path: path.to_owned(),
        }
    }

    /// The next event, `Eof` at the end. Every element that begins also ends.
    ///
    /// # Errors
    /// `AM0537` where it is no XML; `AM0536` where a piece of it is too long.
    pub(super) fn next(&mut self) -> Result<Event<'_>> {
        // A buffer that grew is not kept for ever.
        match self.buffer.capacity() > LONGEST / 8 {
            true => self.buffer = Vec::new(),
            false => self.buffer.clear(),
        }
        self.reader.get_mut().of_event = 0;
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(_) if self.reader.get_mut().of_event > LONGEST => {
                return Err(too_large(&self.path, "a piece of it has more than 16 MiB"));
            }
            Err(error) => return Err(damaged(&self.path, &error.to_string())),
        };
        match &event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::DocType(_) => return Err(damaged(&self.path, "it has a document type")),
            Event::Eof if self.depth > 0 => {
                return Err(damaged(&self.path, "it ends too early"));
            }
            _ => {}
        }
        if self.depth > DEEPEST {
            return Err(damaged(&self.path, "its elements are nested too deeply"));
        }
        Ok(event)
    }
}

/// An element's name without a prefix.
pub(super) fn name<'a>(element: &'a BytesStart<'_>) -> &'a str {
    element.local_name().into_inner()
}

/// The value of an attribute, by its name without a prefix.
pub(super) fn attribute<'a>(element: &'a BytesStart<'_>, name: &str) -> Option<Cow<'a, str>> {
    let mut all = element.attributes().flatten();
    let found = all.find(|attribute| attribute.key.local_name().into_inner() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok()
}

/// Adds what an event says as text: text itself, and references to characters.
///
/// # Errors
/// `AM0537` where it refers to what is not defined.
pub(super) fn add_text(event: &Event<'_>, into: &mut String, path: &Path) -> Result<()> {
    match event {
        Event::Text(text) => into.push_str(&text.xml10_content()),
        Event::CData(text) => into.push_str(text),
        Event::GeneralRef(reference) => {
            let character = reference.resolve_char_ref().ok().flatten();
            match (character, quick_xml::escape::resolve_xml_entity(reference)) {
                (Some(character), _) => into.push(character),
                (None, Some(text)) => into.push_str(text),
                (None, None) => {
                    return Err(damaged(path, "it names an entity that is not defined"));
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// A reader that refuses to give more than so much for one event.
struct Capped {
    inner: BufReader<Box<dyn Read + Send>>,
    of_event: usize,
}

impl Read for Capped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl BufRead for Capped {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.of_event > LONGEST {
            return Err(io::Error::other("a piece is too long"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.of_event += count;
        self.inner.consume(count);
    }
}
