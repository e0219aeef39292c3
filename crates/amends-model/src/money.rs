//! Money is a whole number of minor units of one currency (rule 17).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Problem, Result};

/// An ISO 4217 currency code such as `EUR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// No currency, in ISO 4217's own code for it.
    pub const NONE: Self = Self([b'X'; 3]);

    /// Reads a code of three capital letters.
    ///
    /// # Errors
    /// `AM0005` for anything else.
    pub fn parse(code: &str) -> Result<Self> {
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(bytes) if bytes.iter().all(u8::is_ascii_uppercase) => Ok(Self(bytes)),
            _ => Err(Problem::new("AM0005", "this is not a currency")
                .detail(format!("{code:?}"))
                .hint("write its ISO 4217 code, such as EUR, USD or BRL")),
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many decimal digits its minor unit has (ISO 4217).
    pub fn digits(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.as_str().to_owned()
    }
}

impl TryFrom<String> for Currency {
    type Error = Problem;

    fn try_from(code: String) -> Result<Self> {
        Self::parse(&code)
    }
}

/// An amount of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// In minor units: cents where the currency has cents.
    pub minor: i64,
    /// Of which currency.
    pub currency: Currency,
}

impl Money {
    /// Reads a decimal number with a point, such as `199.9` or `-3`, exactly.
    ///
    /// # Errors
    /// `AM0006` when it is no such number, has more digits than the currency knows (other than zeros), or is too large.
    pub fn parse(text: &str, currency: Currency) -> Result<Self> {
        minor_units(text, currency.digits())
            .map(|minor| Self { minor, currency })
            .ok_or_else(|| {
                Problem::new("AM0006", "this is not an amount of money")
                    .detail(format!("{text:?} in {currency}"))
                    .hint(format!(
                        "write digits with a point and at most {} decimals",
                        currency.digits()
                    ))
            })
    }
}

fn minor_units(text: &str, digits: u32) -> Option<i64> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let digits = digits as usize;
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > digits {
        return None;
    }
    let minor: i64 = format!("0{whole}{fraction:0<digits$}").parse().ok()?;
    Some(if negative { -minor } else { minor })
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.digits() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let all = format!("{:0>width$}", self.minor.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = all.split_at(all.len() - digits);
        match fraction {
            "" => write!(f, "{sign}{whole} {}", self.currency),
            _ => write!(f, "{sign}{whole}.{fraction} {}", self.currency),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly_and_shown_alike() {
        let euro = Currency::parse("EUR").unwrap();
        for (text, minor, shown) in [
            ("199.9", 19990, "199.90 EUR"),
            ("-.05", -5, "-0.05 EUR"),
            ("3", 300, "3.00 EUR"),
            ("1.500", 150, "1.50 EUR"),
        ] {
            let money = Money::parse(text, euro).unwrap();
            assert_eq!((money.minor, money.to_string().as_str()), (minor, shown));
        }
        for wrong in [
            "",
            ".",
            "1,5",
            "1.005",
            "1e3",
            "99999999999999999999",
            "--1",
        ] {
            assert!(Money::parse(wrong, euro).is_err(), "{wrong}");
        }
        assert_eq!(
            Money::parse("1500", Currency::parse("JPY").unwrap())
                .unwrap()
                .to_string(),
            "1500 JPY"
        );
    }
}
