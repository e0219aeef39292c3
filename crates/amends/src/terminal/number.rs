//! Numbers as people read them.

use amends_model::{Currency, Money};

/// A whole number with a thin separator every three digits: `1,234,567`.
pub(crate) fn whole(number: impl Into<i128>) -> String {
    let number: i128 = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share as a percentage with two decimals: `6.58 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// An amount in minor units as a person reads it; as it stands where the currency is not known.
pub(crate) fn money(minor: i64, code: Option<&str>) -> String {
    match code.and_then(|code| Currency::parse(code).ok()) {
        Some(currency) => Money { minor, currency }.to_string(),
        None => minor.to_string(),
    }
}

/// A count with the word for one or for several: `1 order`, `2 orders`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", whole(number), if number == 1 { one } else { many })
}

/// A word for one thing: `a customer`, `an account`.
pub(crate) fn one(word: &str) -> String {
    let vowel = word.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
    format!("{} {word}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_article() {
        assert_eq!(one("account"), "an account");
        assert_eq!(one("customer"), "a customer");
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (-1234567, "-1,234,567"),
        ] {
            assert_eq!(whole(number), text);
        }
        assert_eq!(percent(0.0658), "6.58 %");
        assert_eq!(counted(1, "order", "orders"), "1 order");
    }
}
