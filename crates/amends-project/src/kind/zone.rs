//! Time zones and currencies.

use amends_model::money::Currency;
use amends_model::time;
use jiff::tz::TimeZone;

use crate::nearest::nearest;
use crate::read::{Report, Text};

/// The zone of an IANA name.
pub(crate) fn zone(text: &Text, report: &Report) -> Option<TimeZone> {
    match time::zone(&text.text) {
        Ok(zone) => Some(zone),
        Err(problem) => {
            let message = format!("there is no time zone {}", text.spot.words);
            let suggestion = match nearest_zone(&text.text) {
                Some(near) => Some(format!("write \"{near}\"")),
                None => problem.hint_text().map(str::to_owned),
            };
            report.mistake("AM0106", &text.spot, message, suggestion);
            None
        }
    }
}

/// The zone of a like name, or of a city of that name.
fn nearest_zone(written: &str) -> Option<String> {
    let names: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .collect();
    let city = written
        .rsplit('/')
        .next()
        .unwrap_or(written)
        .replace(' ', "_");
    let of_city = |name: &&String| {
        name.rsplit('/')
            .next()
            .is_some_and(|last| last.eq_ignore_ascii_case(&city))
    };
    let found = names.iter().find(of_city).map(String::as_str);
    found
        .or_else(|| nearest(written, names.iter().map(String::as_str)))
        .map(str::to_owned)
}

/// A currency by its ISO 4217 code.
pub(crate) fn currency(text: &Text, report: &Report) -> Option<Currency> {
    let written = text.text.as_str();
    let upper = written.trim().to_ascii_uppercase();
    let suggestion = match CODES.contains(&upper.as_str()) {
        true => Some(upper.as_str()),
        false => nearest(&upper, CODES.iter().copied()),
    };
    let suggestion = suggestion.map(|code| format!("write \"{code}\""));
    match Currency::parse(written) {
        Ok(currency) => {
            if !CODES.contains(&written) {
                let message = format!("{} is not among the currencies of today", text.spot.words);
                report.warning("AM0106", &text.spot, message, suggestion);
            }
            Some(currency)
        }
        Err(problem) => {
            let message = format!("{} is not a currency", text.spot.words);
            let suggestion = suggestion.or_else(|| problem.hint_text().map(str::to_owned));
            report.mistake("AM0106", &text.spot, message, suggestion);
            None
        }
    }
}

/// The codes of ISO 4217 in use.
const CODES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN",
    "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF",
    "CHF", "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP",
    "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD",
    "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY",
    "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD",
    "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK",
    "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK",
    "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG",
    "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS",
    "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VES",
    "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_alone_or_misspelt_finds_its_zone() {
        assert_eq!(nearest_zone("Vienna").as_deref(), Some("Europe/Vienna"));
        assert_eq!(
            nearest_zone("Europe/Viena").as_deref(),
            Some("Europe/Vienna")
        );
        assert_eq!(
            nearest_zone("sao paulo").as_deref(),
            Some("America/Sao_Paulo")
        );
    }
}
