//! Paths in definitions: `${NAME}` stands for an environment variable.

use crate::read::{Report, Spot, Text};

/// A path with its variables filled in; `None` where one is not set.
pub(crate) fn filled(
    text: &Text,
    variable: &dyn Fn(&str) -> Option<String>,
    report: &Report,
) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text.text.as_str();
    let mut whole = true;
    while let Some(at) = rest.find("${") {
        filled.push_str(&rest[..at]);
        let behind = &rest[at + 2..];
        let Some(end) = behind.find('}') else {
            let message = "`${` begins the name of a variable, and no `}` ends it";
            report.mistake(
                "AM0109",
                &text.spot,
                message,
                Some("write for example ${EXPORTS}/orders.csv".into()),
            );
            return None;
        };
        let name = &behind[..end];
        match variable(name).filter(|value| !value.is_empty()) {
            Some(value) => filled.push_str(&value),
            None => {
                whole = false;
                let before = text.text.len() - rest.len() + at;
                report.unset(name, spot_of(text, before, name));
            }
        }
        rest = &behind[end + 1..];
    }
    filled.push_str(rest);
    if whole && filled.trim().is_empty() {
        report.mistake("AM0106", &text.spot, "the path is empty", None);
        return None;
    }
    whole.then_some(filled)
}

/// Where a variable stands inside the text.
fn spot_of(text: &Text, before: usize, name: &str) -> Spot {
    let mut place = text.start.clone();
    let before = text.text.get(..before).unwrap_or_default();
    place.column += before.chars().count();
    Spot {
        place,
        words: format!("${{{name}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::File;

    fn fill(text: &str) -> (Option<String>, Vec<String>) {
        let file = File::new("a.toml".into(), format!("\"{text}\""));
        let text = Text::new(&file, 0..text.len() + 2, text);
        let report = Report::default();
        let filled = filled(
            &text,
            &|name| (name == "HOME_OF_DATA").then(|| "/data".into()),
            &report,
        );
        (
            filled,
            report
                .into_diagnostics()
                .into_iter()
                .map(|found| found.to_string())
                .collect(),
        )
    }

    #[test]
    fn variables_are_filled_in_and_missing_ones_named_with_their_place() {
        assert_eq!(
            fill("${HOME_OF_DATA}/a/${HOME_OF_DATA}.csv").0.as_deref(),
            Some("/data/a//data.csv")
        );
        let (filled, found) = fill("x/${NOT_SET}/${ALSO_NOT}");
        assert_eq!((filled, found.len()), (None, 2));
        assert!(
            found[0].starts_with("a.toml:1:4: mistake [AM0109]: the environment variable NOT_SET"),
            "{}",
            found[0]
        );
        assert_eq!(fill("${OPEN").1.len(), 1);
        assert_eq!(fill("$HOME/plain}").0.as_deref(), Some("$HOME/plain}"));
    }
}
