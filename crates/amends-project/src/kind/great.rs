//! `great = 0.98`: the share of a promise that is to be kept.

use toml::de::DeValue;

use super::exposed::ppm;
use crate::read::Section;

/// A number above 0 and not above 1, or per cent, as in `"98 %"`.
pub(super) fn great(section: &Section<'_>) -> Option<f64> {
    let value = section.get("great")?;
    let number: Option<f64> = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        DeValue::String(text) => ppm(text).map(|ppm| f64::from(ppm) / 1e6),
        _ => {
            section.wrong_type("great", value, "a share such as 0.98");
            return None;
        }
    };
    let share = number.filter(|share| *share > 0.0 && *share <= 1.0);
    if share.is_none() {
        let spot = section.spot_of("great");
        let message = format!("{} is no share that can be kept", spot.words);
        let suggestion = "write a number above 0 and not above 1, as in great = 0.98".to_owned();
        section
            .report
            .mistake("AM0106", &spot, message, Some(suggestion));
    }
    share
}
