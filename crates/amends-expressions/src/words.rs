//! Words inside SQL text: where they stand, how a name must be written, which known name comes nearest.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Words found in a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// As they are written, quotes included.
    pub(crate) words: String,
    /// Line and column from 1.
    pub(crate) at: (usize, usize),
}

/// The tokens of a text with their places; none where it cannot be cut into tokens.
pub(crate) fn tokens(text: &str) -> Vec<TokenWithSpan> {
    let dialect = GenericDialect {};
    let mut tokens = Tokenizer::new(&dialect, text)
        .tokenize_with_location()
        .unwrap_or_default();
    tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
    tokens
}

/// Where a name or sign first stands in the text: exactly so, else but for case. Text in single quotes is no name.
pub(crate) fn find(text: &str, word: &str) -> Option<Found> {
    let tokens = tokens(text);
    let written = |token: &Token| match token {
        Token::Word(word) => word.value.clone(),
        Token::SingleQuotedString(_) => String::new(),
        other => other.to_string(),
    };
    let exact = tokens.iter().find(|token| written(&token.token) == word);
    exact
        .or_else(|| {
            tokens
                .iter()
                .find(|token| written(&token.token).eq_ignore_ascii_case(word))
        })
        .map(found)
}

pub(crate) fn found(token: &TokenWithSpan) -> Found {
    Found {
        words: token.token.to_string(),
        at: (
            token.span.start.line as usize,
            token.span.start.column as usize,
        ),
    }
}

/// SQL without what does not matter: two texts that differ only in spaces, line breaks and comments give the same.
pub fn same_sql(text: &str) -> String {
    let tokens = tokens(text);
    if tokens.is_empty() {
        // What cannot be cut into tokens stands for itself.
        return text.trim().to_owned();
    }
    let words: Vec<String> = tokens.iter().map(|token| token.token.to_string()).collect();
    words.join(" ")
}

/// The known name that comes nearest to a written one, if any is near.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = written.to_lowercase();
    known
        .into_iter()
        .map(|name| {
            let near = strsim::normalized_damerau_levenshtein(&lower, &name.to_lowercase());
            (near, name)
        })
        .filter(|(near, _)| *near >= 0.55)
        .max_by(|one, other| one.0.total_cmp(&other.0).then(other.1.cmp(one.1)))
        .map(|(_, name)| name)
}

/// A column's name as SQL must write it: in double quotes where it is no plain word.
pub(crate) fn as_sql(name: &str) -> String {
    let plain = tokens(name);
    let is_word = matches!(plain.as_slice(), [token] if
        matches!(&token.token, Token::Word(word) if word.value == name && !is_reserved(name)));
    if is_word {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// Words that begin or join parts of SQL, so that a column of that name needs quotes.
fn is_reserved(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "all", "and", "any", "as", "asc", "between", "by", "case", "cast", "cross", "desc",
        "distinct", "else", "end", "exists", "false", "from", "full", "group", "having", "in",
        "inner", "interval", "is", "join", "left", "like", "limit", "natural", "not", "null",
        "offset", "on", "or", "order", "outer", "right", "select", "table", "then", "true",
        "union", "using", "when", "where", "with",
    ];
    WORDS.contains(&name.to_ascii_lowercase().as_str())
}

/// A name in the backticks in which messages quote what was written.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// Names as a list for a hint, cut off where it would be too long to read.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let all: Vec<String> = names.into_iter().map(as_sql).collect();
    let more = all.len().saturating_sub(SHOWN);
    let shown = all[..all.len() - more].join(", ");
    if more > 0 {
        format!("{shown} and {more} more")
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_line_and_column_but_not_inside_text() {
        let text = "case when 'custmer' = x\n  then \"custmer\" end";
        let found = find(text, "custmer").unwrap();
        assert_eq!((found.words.as_str(), found.at), ("\"custmer\"", (2, 8)));
        assert_eq!(find(text, "CASE").unwrap().at, (1, 1));
        assert!(find(text, "nothing").is_none());
        assert!(find("'open", "open").is_none());
    }

    #[test]
    fn spaces_and_comments_do_not_matter_to_sql() {
        assert_eq!(
            same_sql("a  =\n 'x  y' -- why\n"),
            same_sql("a = /* so */ 'x  y'")
        );
        assert_ne!(same_sql("a = 'x  y'"), same_sql("a = 'x y'"));
        assert_ne!(same_sql("A = 1"), same_sql("a = 1"));
        assert_eq!(same_sql(" 'open "), "'open");
    }

    #[test]
    fn the_nearest_name_ignores_case_and_far_names_are_not_offered() {
        let known = ["order_id", "order_status", "Churn Reason"];
        assert_eq!(nearest("orderid", known), Some("order_id"));
        assert_eq!(nearest("churn_reason", known), Some("Churn Reason"));
        assert_eq!(nearest("x", known), None);
    }

    #[test]
    fn names_are_quoted_only_where_sql_needs_it() {
        assert_eq!(as_sql("Churn_Reason"), "Churn_Reason");
        assert_eq!(as_sql("Churn Reason"), "\"Churn Reason\"");
        assert_eq!(as_sql("customer.id"), "\"customer.id\"");
        assert_eq!(as_sql("order"), "\"order\"");
        assert_eq!(as_sql("2nd"), "\"2nd\"");
        assert_eq!(as_sql(""), "\"\"");
    }
}
