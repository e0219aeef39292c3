//! How much SQL a text may hold: what no person writes is refused before anything recursive sees it.
//!
//! The parser tries several readings at each level of nesting, so that a broken text takes twice as long for each level;
//! planning and evaluation take a piece of the stack for each operator.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::PlanError;
use crate::words::{found, tokens};

/// In bytes.
const LONGEST_TEXT: usize = 64 * 1024;
/// Words and signs; commas and plain values do not nest and do not count, so that a list may be long.
const MOST_WORDS: usize = 1_000;
/// Brackets and `case` inside each other.
const DEEPEST: usize = 14;
/// Names joined by dots.
const MOST_DOTS: usize = 4;

/// Refuses texts that are empty, too long, or nested too deeply.
pub(crate) fn check(text: &str) -> Result<(), PlanError> {
    if text.trim().is_empty() {
        return Err(PlanError::new("there is nothing here"));
    }
    if text.len() > LONGEST_TEXT {
        return Err(too_long());
    }
    let tokens = tokens(text);
    let nests = |token: &TokenWithSpan| {
        !matches!(
            token.token,
            Token::Comma | Token::Number(..) | Token::SingleQuotedString(_)
        )
    };
    if tokens.iter().filter(|token| nests(token)).count() > MOST_WORDS {
        return Err(too_long());
    }
    match too_deep(&tokens) {
        Some(token) => Err(too_nested(token)),
        None => Ok(()),
    }
}

fn too_long() -> PlanError {
    PlanError::new("this is too long to be planned")
        .suggest("put long lists into a file of the source and join it")
}

fn too_nested(token: &TokenWithSpan) -> PlanError {
    let found = found(token);
    PlanError {
        words: Some(found.words),
        at: Some(found.at),
        ..PlanError::new("this is nested too deeply")
            .suggest("take it apart into several steps, or fewer brackets")
    }
}

/// The first token at which the nesting is deeper than any person's.
fn too_deep(tokens: &[TokenWithSpan]) -> Option<&TokenWithSpan> {
    let (mut depth, mut dots, mut before) = (0_usize, 0_usize, Keyword::NoKeyword);
    for token in tokens {
        let keyword = match &token.token {
            Token::Word(word) => word.keyword,
            _ => Keyword::NoKeyword,
        };
        match (&token.token, keyword) {
            (Token::LParen | Token::LBracket | Token::LBrace, _) | (_, Keyword::CASE) => depth += 1,
            (Token::RParen | Token::RBracket | Token::RBrace, _) | (_, Keyword::END) => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        dots = match &token.token {
            Token::Period => dots + 1,
            Token::Word(_) => dots,
            _ => 0,
        };
        let stutters = keyword == Keyword::INTERVAL && before == Keyword::INTERVAL;
        if depth > DEEPEST || dots > MOST_DOTS || stutters {
            return Some(token);
        }
        before = keyword;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_passes_and_what_nobody_writes_does_not() {
        let list = format!("seller in ({})", vec!["'s'"; 5_000].join(", "));
        for fine in [
            "a = 1",
            "a.b.c.d",
            &list,
            &format!("{}1{}", "(".repeat(14), ")".repeat(14)),
        ] {
            assert!(check(fine).is_ok(), "{fine}");
        }
        for wrong in [
            " ",
            "a.b.c.d.e.f",
            "interval interval '1'",
            &"(".repeat(15),
            &"case when ".repeat(15),
            &"a+".repeat(600),
            &"a".repeat(70_000),
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
