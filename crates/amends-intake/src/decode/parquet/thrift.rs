//! Walks structures of Thrift's compact protocol without building them, so that what a file says can be looked at before a library believes it.
//!
//! `None` means that the bytes are no such structure, or that more is announced than there are bytes.

/// Structures, lists and maps inside each other, at most.
const DEEPEST: usize = 32;
/// Structures in lists, in all.
const MOST: usize = 1 << 19;

const STOP: u8 = 0;
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
pub(super) const STRUCT: u8 = 12;
const UUID: u8 = 13;

/// A place in such bytes.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    structures: usize,
    depth: usize,
}

impl<'a> Walk<'a> {
    /// At the beginning.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            structures: 0,
            depth: 0,
        }
    }

    /// How many bytes were walked over.
    pub(super) fn walked(&self) -> usize {
        self.at
    }

    fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn skip(&mut self, count: u64) -> Option<()> {
        let count = usize::try_from(count)
            .ok()
            .filter(|it| *it <= self.left())?;
        self.at += count;
        Some(())
    }

    /// A number, seven bits in each byte.
    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A number that may be negative.
    pub(super) fn zigzag(&mut self) -> Option<i64> {
        let number = self.varint()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// The next field: its number and its type; `Some(None)` at the end of the structure.
    pub(super) fn field(&mut self, last: &mut i64) -> Option<Option<(i64, u8)>> {
        let head = self.byte()?;
        if head & 0x0f == STOP {
            return Some(None);
        }
        *last = match head >> 4 {
            0 => self.zigzag()?,
            further => *last + i64::from(further),
        };
        Some(Some((*last, head & 0x0f)))
    }

    /// The head of a list: how many elements, and their type. Each takes a byte at least.
    pub(super) fn list(&mut self) -> Option<(usize, u8)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => usize::try_from(self.varint()?).ok()?,
            count => usize::from(count),
        };
        if head & 0x0f == STRUCT {
            self.structures = self.structures.checked_add(count)?;
        }
        (count <= self.left() && self.structures <= MOST).then_some((count, head & 0x0f))
    }

    /// Walks over a value; whole numbers in it are told with the numbers of the fields that lead to them.
    pub(super) fn value(
        &mut self,
        of: u8,
        path: &mut Vec<i64>,
        tell: &mut impl FnMut(&[i64], i64),
    ) -> Option<()> {
        if self.depth > DEEPEST {
            return None;
        }
        self.depth += 1;
        let walked = self.walk_value(of, path, tell);
        self.depth -= 1;
        walked
    }

    fn walk_value(
        &mut self,
        of: u8,
        path: &mut Vec<i64>,
        tell: &mut impl FnMut(&[i64], i64),
    ) -> Option<()> {
        match of {
            TRUE | FALSE => Some(()),
            BYTE => self.skip(1),
            4..=6 => {
                let number = self.zigzag()?;
                tell(path, number);
                Some(())
            }
            DOUBLE => self.skip(8),
            BINARY => {
                let length = self.varint()?;
                self.skip(length)
            }
            LIST | SET => {
                let (count, of) = self.list()?;
                (0..count).try_for_each(|_| self.element(of, path, tell))
            }
            MAP => {
                let count = usize::try_from(self.varint()?).ok()?;
                if count == 0 {
                    return Some(());
                }
                let types = self.byte()?;
                if count > self.left() {
                    return None;
                }
                (0..count).try_for_each(|_| {
                    self.element(types >> 4, path, tell)?;
                    self.element(types & 0x0f, path, tell)
                })
            }
            STRUCT => self.structure(path, tell),
            UUID => self.skip(16),
            _ => None,
        }
    }

    /// In lists and maps a truth value takes a byte.
    fn element(
        &mut self,
        of: u8,
        path: &mut Vec<i64>,
        tell: &mut impl FnMut(&[i64], i64),
    ) -> Option<()> {
        match of {
            TRUE | FALSE => self.skip(1),
            of => self.value(of, path, tell),
        }
    }

    /// Walks over a structure.
    pub(super) fn structure(
        &mut self,
        path: &mut Vec<i64>,
        tell: &mut impl FnMut(&[i64], i64),
    ) -> Option<()> {
        let mut last = 0;
        while let Some((number, of)) = self.field(&mut last)? {
            path.push(number);
            self.value(of, path, tell)?;
            path.pop();
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> Option<(usize, Vec<(Vec<i64>, i64)>)> {
        let (mut walk, mut all) = (Walk::new(bytes), Vec::new());
        walk.structure(&mut Vec::new(), &mut |path, number| {
            all.push((path.to_vec(), number));
        })?;
        Some((walk.walked(), all))
    }

    #[test]
    fn numbers_are_told_with_their_fields() {
        // 1: -1, 3: true, 4: { 1: 300 }, 20: ["ab"], 21: {1: 2} as a map of bytes, end, and a byte behind it.
        let bytes =
            b"\x15\x01\x21\x1c\x15\xd8\x04\x00\x09\x28\x18\x02ab\x1b\x01\x33\x01\x02\x00\x07";
        let all = vec![(vec![1], -1), (vec![4, 1], 300)];
        assert_eq!(told(bytes), Some((bytes.len() - 1, all)));
    }

    #[test]
    fn what_announces_more_than_there_is_is_none() {
        assert_eq!(told(b""), None);
        assert_eq!(told(b"\x15"), None);
        // Two thousand million structures, a text of 100 bytes, a map of as many entries, a number without end.
        assert_eq!(told(b"\x19\xfc\xff\xff\xff\xff\x07\0\0"), None);
        assert_eq!(told(b"\x18\x64abc\0"), None);
        assert_eq!(told(b"\x1b\xff\xff\xff\xff\x07\x33\0\0"), None);
        assert_eq!(told(&[&[0x16][..], &[0xff; 20], &[0]].concat()), None);
        assert_eq!(told(&[0x1c; 100_000]), None);
        // Lists of lists of lists.
        assert_eq!(told(&[0x19; 100_000]), None);
    }
}
