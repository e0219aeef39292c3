//! Sixteen-byte identities, shown as lower-case hexadecimal.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Problem;

macro_rules! sixteen_bytes {
    ($(#[$doc:meta])* $name:ident, $word:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(pub [u8; 16]);

        impl $name {
            #[doc = concat!("Reads a ", $word, " from the sixteen bytes of a column; `None` if there are not sixteen.")]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The bytes as one big-endian number, for maps and comparisons.
            pub fn as_u128(self) -> u128 {
                u128::from_be_bytes(self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl FromStr for $name {
            type Err = Problem;

            fn from_str(text: &str) -> Result<Self, Problem> {
                let wrong = || {
                    Problem::new("AM0001", concat!("this is not the id of ", $word))
                        .detail(format!("{text:?}"))
                        .hint("an id has 32 hexadecimal digits, as other commands print it")
                };
                if text.len() != 32 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return Err(wrong());
                }
                let mut bytes = [0; 16];
                for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
                    let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
                    *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
                }
                Ok(Self(bytes))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = Problem;

            fn try_from(text: String) -> Result<Self, Problem> {
                text.parse()
            }
        }
    };
}

sixteen_bytes!(
    /// One event: a hash of its record key and of its version, so that the same record gives the same id wherever it is imported.
    EventId,
    "event"
);
sixteen_bytes!(
    /// One record of a source: a hash of source, stream, native key and kind (rule 1).
    RecordKey,
    "record"
);
sixteen_bytes!(
    /// How one source names someone, inside Amends: random, minted by the vault, without meaning outside of it.
    IdentifierId,
    "identifier"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_what_it_prints() {
        let id = EventId([0xab; 16]);
        assert_eq!(id.to_string().parse::<EventId>().unwrap(), id);
        assert!("abc".parse::<EventId>().is_err());
        assert!("zz".repeat(16).parse::<EventId>().is_err());
        assert!("é".repeat(16).parse::<EventId>().is_err());
    }
}
