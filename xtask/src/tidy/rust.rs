//! What a Rust file says, as tokens: comments and strings cannot be mistaken for code.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The parts of a Rust file that the rules look at.
#[derive(Default)]
pub(crate) struct RustText {
    pub(crate) functions: Vec<Function>,
    pub(crate) strings: Vec<Text>,
    /// Doc comments, a line of the file each.
    pub(crate) docs: Vec<Text>,
    /// Macros that are called, without the `!`.
    pub(crate) macros: Vec<Text>,
    /// Attributes, as their tokens print.
    pub(crate) attributes: Vec<Text>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line on which it begins, its attributes and comments aside.
    pub(crate) first: usize,
    /// The line of its closing brace.
    pub(crate) last: usize,
}

impl Function {
    /// How many lines it has.
    pub(crate) fn lines(&self) -> usize {
        self.last - self.first + 1
    }
}

/// Some words and their line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) words: String,
    pub(crate) line: usize,
    /// Whether it stands in code that is compiled for tests only.
    pub(crate) in_tests: bool,
}

impl RustText {
    /// Reads a file; `None` if it cannot be read as Rust.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let tokens = TokenStream::from_str(text).ok()?;
        let mut read = Self::default();
        read.walk(tokens, false);
        Some(read)
    }

    fn walk(&mut self, tokens: TokenStream, in_tests: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut test_item = false;
        let mut index = 0;
        while let Some(token) = tokens.get(index) {
            let rest = &tokens[index + 1..];
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let skipped = usize::from(is_punct(rest.first(), '!'));
                    if let Some(TokenTree::Group(group)) = rest.get(skipped)
                        && group.delimiter() == Delimiter::Bracket
                    {
                        test_item |= self.attribute(group, in_tests) && skipped == 0;
                        index += skipped + 2;
                        continue;
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => test_item = false,
                TokenTree::Punct(_) => {}
                TokenTree::Ident(ident) => {
                    let line = ident.span().start().line;
                    if ident == "fn" {
                        self.functions.extend(function(line, rest));
                    } else if is_punct(rest.first(), '!') && !is_punct(rest.get(1), '=') {
                        self.macros
                            .push(text(ident.to_string(), line, in_tests || test_item));
                    }
                }
                TokenTree::Literal(literal) => {
                    let words = literal.to_string();
                    if words.contains('"') {
                        let line = literal.span().start().line;
                        self.strings.push(text(words, line, in_tests || test_item));
                    }
                }
                TokenTree::Group(group) => {
                    self.walk(group.stream(), in_tests || test_item);
                    if group.delimiter() == Delimiter::Brace {
                        test_item = false;
                    }
                }
            }
            index += 1;
        }
    }

    /// Notes an attribute; says whether what follows is compiled for tests only.
    fn attribute(&mut self, group: &Group, in_tests: bool) -> bool {
        let line = group.span().start().line;
        let words = group.stream().to_string();
        if let Some(doc) = words.strip_prefix("doc =") {
            self.docs.push(text(doc.trim().to_owned(), line, in_tests));
            return false;
        }
        let is_test = words == "test" || words.replace(' ', "") == "cfg(test)";
        self.attributes.push(text(words, line, in_tests));
        is_test
    }
}

fn text(words: String, line: usize, in_tests: bool) -> Text {
    Text {
        words,
        line,
        in_tests,
    }
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// The function whose `fn` stands on this line, given what follows it; `None` where it has no body or no name.
fn function(first: usize, rest: &[TokenTree]) -> Option<Function> {
    let Some(TokenTree::Ident(name)) = rest.first() else {
        return None;
    };
    for token in rest {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ';' => return None,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                return Some(Function {
                    name: name.to_string(),
                    first,
                    last: group.span_close().end().line,
                });
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"//! A file.

/// Says `AM0001`.
#[inline]
fn long(a: [u8; { 3 }]) -> bool
where
    u8: Copy,
{
    if a != [0; 3] { todo!() }
    "fn not_me() {} AM0002" == ""
}

trait Quiet {
    fn without_body(&self);
}

#[cfg(test)]
mod tests {
    #[test]
    fn inside() { assert!("AM0003" != "") }
}

fn after() -> &'static str { "AM0004" }
"#;

    #[test]
    fn functions_span_from_their_fn_to_their_closing_brace() {
        let read = RustText::read(SAMPLE).unwrap();
        let found: Vec<_> = read
            .functions
            .iter()
            .map(|function| (function.name.as_str(), function.first, function.last))
            .collect();
        assert_eq!(
            found,
            [("long", 5, 11), ("inside", 20, 20), ("after", 23, 23)]
        );
    }

    #[test]
    fn strings_docs_and_macros_are_told_apart() {
        let read = RustText::read(SAMPLE).unwrap();
        let code = |code: &str, texts: &[Text]| -> Vec<(usize, bool)> {
            let with = texts.iter().filter(|text| text.words.contains(code));
            with.map(|text| (text.line, text.in_tests)).collect()
        };
        assert_eq!(code("AM0001", &read.docs), [(3, false)]);
        assert!(code("AM0001", &read.strings).is_empty());
        assert_eq!(code("AM0002", &read.strings), [(10, false)]);
        assert_eq!(code("AM0003", &read.strings), [(20, true)]);
        assert_eq!(code("AM0004", &read.strings), [(23, false)]);
        let macros: Vec<_> = read
            .macros
            .iter()
            .map(|name| (name.words.as_str(), name.line))
            .collect();
        assert_eq!(macros, [("todo", 9), ("assert", 20)]);
    }

    #[test]
    fn what_is_no_rust_is_not_read() {
        assert!(RustText::read("fn broken( {").is_none());
    }
}
