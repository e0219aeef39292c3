//! The known word that comes nearest to a written one.

/// The nearest of the known words, if any is near enough to be what was meant.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |word: &str| word.to_lowercase().replace(['-', ' '], "_");
    let lower = plain(written);
    known
        .into_iter()
        .map(|word| {
            let near = strsim::normalized_damerau_levenshtein(&lower, &plain(word));
            (near, word)
        })
        .filter(|(near, _)| *near >= 0.6)
        .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(one.1)))
        .map(|(_, word)| word)
}

/// The known word of which a written one is surely a misspelling: a letter or two apart, and not by a digit, which tells things apart.
pub(crate) fn misspelt<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |word: &str| word.to_lowercase().replace(['-', ' '], "_");
    let digits = |word: &str| -> String { word.chars().filter(char::is_ascii_digit).collect() };
    let most = if written.chars().count() < 8 { 1 } else { 2 };
    let apart = |word: &str| strsim::damerau_levenshtein(&plain(written), &plain(word));
    known
        .into_iter()
        .filter(|word| apart(word) <= most && digits(word) == digits(written))
        .min_by_key(|word| (apart(word), *word))
}

/// A suggestion to write the nearest known word, else to choose one of them where they are few enough to be read.
pub(crate) fn suggestion<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    const FEW: usize = 12;
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = nearest(written, known.iter().copied()) {
        return Some(format!("write `{near}`"));
    }
    match known.as_slice() {
        [] => None,
        [one] => Some(format!("write `{one}`")),
        some if some.len() <= FEW => Some(format!("one of {}", listed(some))),
        _ => None,
    }
}

/// Words as a list with backticks.
pub(crate) fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyphens_and_underscores_are_alike() {
        assert_eq!(nearest("gives_up", ["gives-up", "kept"]), Some("gives-up"));
        assert_eq!(
            nearest("identifers", ["identifiers", "properties"]),
            Some("identifiers")
        );
        assert_eq!(nearest("xyz", ["gives-up"]), None);
    }

    #[test]
    fn a_letter_or_two_apart_is_a_misspelling_and_a_digit_is_not() {
        let kinds = ["order_placed", "order_delivered", "visit", "step_1"];
        assert_eq!(misspelt("order_placd", kinds), Some("order_placed"));
        assert_eq!(misspelt("oredr_delivred", kinds), Some("order_delivered"));
        assert_eq!(misspelt("visti", kinds), Some("visit"));
        for other in [
            "order_paid",
            "vista_a",
            "order_returned",
            "step_2",
            "profit",
        ] {
            assert_eq!(misspelt(other, kinds), None, "{other}");
        }
    }
}
