//! What can happen to a file between the program that wrote it and the one that reads it.

use super::Dice;

/// Numbers that are too large, too small, too long or none.
const NUMBERS: [&str; 14] = [
    "99999999999999999999999999",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "4294967296",
    "-1",
    "0",
    "1e400",
    "-1e-400",
    "0.00000000000000000000000000000001",
    "NaN",
    "Infinity",
    "0x7f",
    "--5",
];

/// Bytes that are no UTF-8, or hardly.
const ODD: [&[u8]; 8] = [
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe2\x82",
    b"\xef\xbb\xbf",
    b"\0",
    b"\xe2\x80\xae",
];

/// Lengths and offsets as binary formats write them.
const LENGTHS: [u32; 8] = [
    0,
    1,
    0x7f,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fff0,
    0xffff_ffff,
];

/// The bytes after one to four mutations. `words` are pieces of the format's own grammar.
pub fn mutated(bytes: &[u8], words: &[&[u8]], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.roll(4) {
        mutate(&mut bytes, words, dice);
    }
    bytes
}

fn mutate(bytes: &mut Vec<u8>, words: &[&[u8]], dice: &mut Dice) {
    let at = dice.roll(bytes.len() + 1);
    match dice.roll(16) {
        0 => bytes.truncate(at),
        1 | 2 => flip(bytes, dice),
        3 => {
            let (start, end) = span(bytes, dice);
            bytes.drain(start..end);
        }
        4 => {
            let (start, end) = span(bytes, dice);
            let piece = bytes[start..end].to_vec();
            bytes.splice(at..at, piece);
        }
        5 => swap(bytes, dice),
        6 | 7 => insert(bytes, at, dice.pick(words)),
        8 => number(bytes, at, dice),
        9 => insert(bytes, at, dice.pick(&ODD)),
        10 => {
            let deep = dice.pick(words).repeat(10 + dice.roll(5000));
            insert(bytes, at, &deep);
        }
        11 => {
            let letter = [b'x', b' ', b'9', b'"', b'\n', 0][dice.roll(6)];
            // Mostly a few hundred bytes, now and then as much as half a megabyte.
            let powers = if dice.once_in(20) { 16 } else { 8 };
            let length = 1 << (4 + dice.roll(powers));
            insert(bytes, at, &vec![letter; length]);
        }
        12 => line(bytes, dice, |lines, one, other| lines.swap(one, other)),
        13 => line(bytes, dice, |lines, one, other| {
            let again = lines[one].clone();
            lines.insert(other, again);
        }),
        14 => line(bytes, dice, |lines, one, _| {
            lines.remove(one);
        }),
        _ => length(bytes, dice),
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    bytes.splice(at..at, piece.iter().copied());
}

fn flip(bytes: &mut [u8], dice: &mut Dice) {
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << dice.roll(8);
        }
    }
}

/// Some bytes, not many.
fn span(bytes: &[u8], dice: &mut Dice) -> (usize, usize) {
    let start = dice.roll(bytes.len() + 1);
    let end = start + dice.roll(80);
    (start, end.min(bytes.len()))
}

/// Two spans change places.
fn swap(bytes: &mut [u8], dice: &mut Dice) {
    let length = dice.roll(24);
    let (one, other) = (dice.roll(bytes.len()), dice.roll(bytes.len()));
    let (one, other) = (one.min(other), one.max(other));
    let length = length.min(other - one).min(bytes.len() - other);
    for place in 0..length {
        bytes.swap(one + place, other + place);
    }
}

/// The next number becomes one of another size or kind.
fn number(bytes: &mut Vec<u8>, at: usize, dice: &mut Dice) {
    let Some(found) = bytes[at..].iter().position(u8::is_ascii_digit) else {
        return;
    };
    let start = at + found;
    let digits = bytes[start..].iter().take_while(|it| it.is_ascii_digit());
    let end = start + digits.count();
    let with = match dice.once_in(8) {
        true => "7".repeat(1 << dice.roll(14)),
        false => dice.pick(&NUMBERS).to_owned(),
    };
    bytes.splice(start..end, with.into_bytes());
}

/// Bytes that may be a length or an offset become another one.
fn length(bytes: &mut [u8], dice: &mut Dice) {
    let length = LENGTHS[dice.roll(LENGTHS.len())].to_le_bytes();
    let length = &length[..[1, 2, 4, 4][dice.roll(4)]];
    let at = dice.roll(bytes.len());
    for (byte, with) in bytes.iter_mut().skip(at).zip(length) {
        *byte = *with;
    }
}

/// Something happens to lines.
fn line(
    bytes: &mut Vec<u8>,
    dice: &mut Dice,
    happens: impl FnOnce(&mut Vec<Vec<u8>>, usize, usize),
) {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let mut lines: Vec<Vec<u8>> = lines.map(<[u8]>::to_vec).collect();
    if !lines.is_empty() {
        let (one, other) = (dice.roll(lines.len()), dice.roll(lines.len()));
        happens(&mut lines, one, other);
        *bytes = lines.concat();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_does_the_same_and_another_seed_something_else() {
        let text = b"id,day\n1,2018-03-01\n2,2018-03-02\n";
        let of = |seed| mutated(text, &[b"\"", b","], &mut Dice::new(seed));
        let all: std::collections::BTreeSet<Vec<u8>> = (0..100).map(of).collect();
        assert!(all.len() > 80, "{}", all.len());
        assert!((0..100).all(|seed| of(seed) == of(seed)));
        assert!((0..1000).all(|seed| mutated(b"", &[b"x"], &mut Dice::new(seed)).len() < 1 << 21));
    }
}
