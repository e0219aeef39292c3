//! Whole numbers, numbers, yes and no, money.

/// A whole number; `57.0` is one too, as spreadsheets write it.
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = sign(text);
    let whole = match memchr::memchr(b'.', digits) {
        Some(point) if digits[point + 1..].iter().all(|&digit| digit == b'0') => &digits[..point],
        Some(_) => return None,
        None => digits,
    };
    let magnitude = decimal(whole)?;
    if negative {
        0i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// A number with a decimal point, perhaps with an exponent. Infinity and "not a number" are none.
pub(crate) fn number(text: &[u8]) -> Option<f64> {
    let (_, digits) = sign(text);
    if !digits
        .first()
        .is_some_and(|&byte| byte.is_ascii_digit() || byte == b'.')
    {
        return None;
    }
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    number.is_finite().then_some(number)
}

/// true/false, yes/no, t/f, y/n, 1/0, in any case.
pub(crate) fn boolean(text: &[u8]) -> Option<bool> {
    let is = |words: &[&str]| {
        words
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
    };
    if is(&["true", "yes", "t", "y", "1"]) {
        Some(true)
    } else if is(&["false", "no", "f", "n", "0"]) {
        Some(false)
    } else {
        None
    }
}

/// An amount in minor units of a currency with so many decimal digits: the same as `Money::parse`, without its text.
pub(crate) fn minor_units(text: &[u8], digits: u32) -> Option<i64> {
    let (negative, text) = sign(text);
    let (whole, fraction) = match memchr::memchr(b'.', text) {
        Some(point) => (&text[..point], &text[point + 1..]),
        None => (text, &[][..]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let last = fraction.iter().rposition(|&digit| digit != b'0');
    let fraction = &fraction[..last.map_or(0, |last| last + 1)];
    if fraction.len() > digits as usize {
        return None;
    }
    let mut minor = if whole.is_empty() { 0 } else { decimal(whole)? };
    for place in 0..digits as usize {
        let digit = match fraction.get(place) {
            Some(byte) if byte.is_ascii_digit() => u64::from(byte - b'0'),
            Some(_) => return None,
            None => 0,
        };
        minor = minor.checked_mul(10)?.checked_add(digit)?;
    }
    let minor = i64::try_from(minor).ok()?;
    Some(if negative { -minor } else { minor })
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use amends_model::{Currency, Money};
    use amends_testkit::proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_numbers_are_exact() {
        assert_eq!(integer(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(integer(b"+57.0"), Some(57));
        for wrong in [
            "",
            "-",
            "1.5",
            ".0",
            "1e3",
            "9223372036854775808",
            "1 2",
            "0x1",
            "½",
        ] {
            assert_eq!(integer(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_have_a_point_and_an_end() {
        assert_eq!(number(b"-1.5e2"), Some(-150.0));
        assert_eq!(number(b".5"), Some(0.5));
        for wrong in ["", "nan", "-inf", "infinity", "1,5", "1e999", "1 ", "--1"] {
            assert_eq!(number(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn yes_and_no_have_six_words_each_way() {
        assert_eq!(boolean(b"YES"), Some(true));
        assert_eq!(boolean(b"0"), Some(false));
        assert_eq!(boolean(b"2"), None);
    }

    proptest! {
        #[test]
        fn money_reads_as_the_model_does(text in "[-+]?[0-9]{0,20}(\\.[0-9]{0,4})?", code in "EUR|JPY|KWD") {
            let currency = Currency::parse(&code).unwrap();
            let expected = Money::parse(&text, currency).ok().map(|money| money.minor);
            prop_assert_eq!(minor_units(text.as_bytes(), currency.digits()), expected);
        }
    }
}
