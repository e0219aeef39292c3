//! Walks structures of Thrift's compact protocol without building them, so that what a file says can be looked at before a library believes it.
//!
//! `None` means that the bytes are no such structure, that a field has another type than the format gives it, or that more is announced than there are bytes.

use super::shapes::{Shape, Type};

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
    shape: Shape,
    at: usize,
    structures: usize,
    depth: usize,
}

impl<'a> Walk<'a> {
    /// At the beginning of a structure of this shape.
    pub(super) fn new(bytes: &'a [u8], shape: Shape) -> Self {
        Self {
            bytes,
            shape,
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

    /// Whether the field at a path has the type that the format gives it.
    pub(super) fn fits(&self, path: &[i64], of: u8) -> Option<()> {
        let expected = (self.shape)(path).map(|(of, _)| of);
        (expected.is_none() || expected == typed(of)).then_some(())
    }

    /// Whether the list at a path has the elements that the format gives it. Of truth values no list of a Parquet file is that is read here.
    fn holds(&self, path: &[i64], of: u8) -> Option<()> {
        let expected = (self.shape)(path).and_then(|(_, elements)| elements);
        let of = typed(of)?;
        (of != Type::Bool && expected.is_none_or(|expected| expected == of)).then_some(())
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
                if count > 0 {
                    self.holds(path, of)?;
                }
                (0..count).try_for_each(|_| self.value(of, path, tell))
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
                self.holds(path, types >> 4)?;
                self.holds(path, types & 0x0f)?;
                (0..count).try_for_each(|_| {
                    self.value(types >> 4, path, tell)?;
                    self.value(types & 0x0f, path, tell)
                })
            }
            STRUCT => self.structure(path, tell),
            UUID => self.skip(16),
            _ => None,
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
            self.fits(path, of)?;
            self.value(of, path, tell)?;
            path.pop();
        }
        Some(())
    }
}

/// The type that a byte tells.
fn typed(of: u8) -> Option<Type> {
    Some(match of {
        TRUE | FALSE => Type::Bool,
        BYTE => Type::Byte,
        4..=6 => Type::Number,
        DOUBLE => Type::Double,
        BINARY => Type::Text,
        LIST | SET => Type::List,
        MAP => Type::Map,
        STRUCT => Type::Struct,
        UUID => Type::Uuid,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::parquet::shapes;

    fn told(bytes: &[u8]) -> Option<(usize, Vec<(Vec<i64>, i64)>)> {
        let (mut walk, mut all) = (Walk::new(bytes, |_| None), Vec::new());
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
    fn fields_have_the_types_that_the_format_gives_them() {
        let walked = |bytes: &[u8], shape| {
            let mut walk = Walk::new(bytes, shape);
            walk.structure(&mut Vec::new(), &mut |_, _| {}).is_some()
        };
        // A page: its kind, two sizes, and the head of its data with four numbers.
        let page = b"\x15\0\x15\x02\x15\x02\x2c\x15\x02\x15\0\x15\0\x15\0\0\0";
        assert!(walked(page, shapes::head));
        // The same bytes, but the number of values is a text, or the head a number.
        let mut text = *page;
        text[7] = 0x18;
        assert!(!walked(&text, shapes::head));
        assert!(!walked(b"\x15\0\x15\x02\x15\x02\x25\x02\0", shapes::head));
        // A list of columns that are numbers, and none of these.
        assert!(!walked(b"\x29\x15\x02\0", shapes::footer));
        assert!(walked(b"\x29\x05\0", shapes::footer));
        // What the format does not know is passed over.
        assert!(walked(b"\x05\xc8\x01\x02\0", shapes::footer));
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
        // Truth values take no byte where they are read, and one where they are written.
        assert_eq!(told(b"\x19\x21\x01\x01\0"), None);
        assert_eq!(told(b"\x1b\x01\x31\x07\x01\0"), None);
    }
}
