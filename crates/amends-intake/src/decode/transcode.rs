//! Any encoding becomes UTF-8 while it is read.

use std::io::Read;

use amends_model::{Problem, Result};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

/// Stands where bytes could not be read as text: never valid in UTF-8, so that the row is found by the same check as any other.
const UNREADABLE: u8 = 0xff;
const CHUNK: usize = 64 << 10;

/// The encoding of a label such as `latin1`.
///
/// # Errors
/// `AM0506` when there is no such encoding.
pub(crate) fn encoding(label: &str) -> Result<&'static Encoding> {
    Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
        Problem::new("AM0506", "there is no such encoding")
            .detail(format!("{label:?}"))
            .hint("write \"utf-8\", \"latin1\", \"windows-1252\", \"utf-16le\" or another label of the WHATWG list")
    })
}

/// The same text in UTF-8, without a byte order mark. A mark that is there decides, whatever encoding was declared.
///
/// # Errors
/// When the first bytes cannot be read.
pub(crate) fn utf8(
    mut reader: Box<dyn Read + Send>,
    declared: &'static Encoding,
) -> std::io::Result<Box<dyn Read + Send>> {
    let mut start = Vec::new();
    Read::by_ref(&mut reader).take(3).read_to_end(&mut start)?;
    let (encoding, mark) = Encoding::for_bom(&start).unwrap_or((declared, 0));
    start.drain(..mark);
    let whole: Box<dyn Read + Send> = Box::new(std::io::Cursor::new(start).chain(reader));
    if encoding == UTF_8 {
        return Ok(whole);
    }
    Ok(Box::new(Transcoder {
        reader: whole,
        decoder: encoding.new_decoder_without_bom_handling(),
        packed: Vec::new(),
        ready: Vec::new(),
        given: 0,
        ended: false,
    }))
}

struct Transcoder {
    reader: Box<dyn Read + Send>,
    decoder: Decoder,
    packed: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl Transcoder {
    fn refill(&mut self) -> std::io::Result<()> {
        self.packed.clear();
        let count = Read::by_ref(&mut self.reader)
            .take(CHUNK as u64)
            .read_to_end(&mut self.packed)?;
        self.ended = count < CHUNK;
        self.given = 0;
        self.ready.clear();
        let (mut taken, mut filled) = (0, 0);
        loop {
            // What is there already is kept: a text of nothing but bytes that cannot be read would be cleared for each of them.
            let room = filled + CHUNK + 16;
            self.ready.resize(room.max(self.ready.len()), 0);
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                &self.packed[taken..],
                &mut self.ready[filled..],
                self.ended,
            );
            taken += read;
            filled += written;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.ready[filled] = UNREADABLE;
                    filled += 1;
                }
            }
        }
        self.ready.truncate(filled);
        Ok(())
    }
}

impl Read for Transcoder {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            self.refill()?;
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// UTF-8 text in another encoding; `None` where it cannot be told in it. Only tests write other encodings.
#[cfg(test)]
pub(crate) fn encode(text: &str, encoding: &'static Encoding) -> Option<Vec<u8>> {
    let (bytes, _, lossy) = encoding.encode(text);
    (!lossy).then(|| bytes.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], label: &str) -> Vec<u8> {
        let mut text = Vec::new();
        utf8(
            Box::new(std::io::Cursor::new(bytes.to_vec())),
            encoding(label).unwrap(),
        )
        .unwrap()
        .read_to_end(&mut text)
        .unwrap();
        text
    }

    #[test]
    fn latin1_and_utf16_become_utf8() {
        assert_eq!(read(b"caf\xe9", "latin1"), "café".as_bytes());
        assert_eq!(read(b"\xff\xfec\0a\0f\0\xe9\0", "utf-8"), "café".as_bytes());
        assert_eq!(read(b"\xef\xbb\xbfcaf\xc3\xa9", "utf-8"), "café".as_bytes());
        assert_eq!(read("é".as_bytes(), "utf-8"), "é".as_bytes());
        assert_eq!(encode("é", encoding("latin1").unwrap()), Some(vec![0xe9]));
    }

    #[test]
    fn what_cannot_be_read_stays_visible() {
        // A lone surrogate between two letters.
        assert_eq!(read(b"a\0\0\xd8b\0", "utf-16le"), b"a\xffb");
        assert_eq!(read(b"\xff", "utf-8"), b"\xff");
        assert!(encoding("klingon").is_err());
    }

    #[test]
    fn chunks_join_without_a_seam() {
        let text = "aé€😀".repeat(40_000);
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&bytes, "utf-16le"), text.as_bytes());
    }
}
