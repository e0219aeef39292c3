//! Walks one JSON object and tells its leaves, without building it: what numbers look like is kept as written.

/// Objects and arrays inside each other, at most.
const DEEPEST: usize = 64;

/// A value that is not an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// `null`.
    Null,
    /// The inside of a string that means what it shows.
    Plain,
    /// The inside of a string with escapes in it.
    Escaped,
    /// A number, `true`, `false` or a whole array, as written.
    Literal,
}

/// Why a line is not a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not begin with `{`.
    NotAnObject,
    /// It breaks the rules of JSON at this byte of the line, from 0.
    Syntax(usize),
    /// It is nested deeper than 64 levels.
    TooDeep,
}

/// Calls `leaf(path, leaf, start, end)` for each leaf of the object that the text holds: the path with dots between the names, and the leaf's span.
///
/// # Errors
/// Why the text is not one JSON object; leaves before that place were told already.
pub(crate) fn leaves(
    text: &str,
    leaf: &mut impl FnMut(&str, Leaf, usize, usize),
) -> Result<(), Fault> {
    let mut scan = Scan {
        text: text.as_bytes(),
        at: 0,
    };
    scan.space();
    if scan.peek() != Some(b'{') {
        return Err(Fault::NotAnObject);
    }
    scan.object(&mut String::new(), 1, leaf)?;
    scan.space();
    match scan.peek() {
        None => Ok(()),
        Some(_) => Err(scan.fault()),
    }
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn fault(&self) -> Fault {
        Fault::Syntax(self.at)
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        self.space();
        if self.peek() != Some(byte) {
            return Err(self.fault());
        }
        self.at += 1;
        Ok(())
    }

    fn object(
        &mut self,
        path: &mut String,
        depth: usize,
        leaf: &mut impl FnMut(&str, Leaf, usize, usize),
    ) -> Result<(), Fault> {
        self.expect(b'{')?;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        let length = path.len();
        loop {
            self.space();
            self.name(path)?;
            self.expect(b':')?;
            self.space();
            if self.peek() == Some(b'{') {
                if depth == DEEPEST {
                    return Err(Fault::TooDeep);
                }
                self.object(path, depth + 1, leaf)?;
            } else {
                let (kind, start, end) = self.value(depth)?;
                leaf(path, kind, start, end);
            }
            path.truncate(length);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.fault()),
            }
        }
    }

    /// Reads a field's name and adds it to the path.
    fn name(&mut self, path: &mut String) -> Result<(), Fault> {
        let place = self.at;
        let (escaped, start, end) = self.string()?;
        if !path.is_empty() {
            path.push('.');
        }
        let name = std::str::from_utf8(&self.text[start..end]).map_err(|_| Fault::Syntax(place))?;
        if escaped {
            let mut plain = Vec::new();
            unescape(name.as_bytes(), &mut plain).ok_or(Fault::Syntax(place))?;
            path.push_str(std::str::from_utf8(&plain).map_err(|_| Fault::Syntax(place))?);
        } else {
            path.push_str(name);
        }
        Ok(())
    }

    /// Reads a value that is not an object: what it is, and its span.
    fn value(&mut self, depth: usize) -> Result<(Leaf, usize, usize), Fault> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'"') => {
                let (escaped, start, end) = self.string()?;
                let kind = if escaped { Leaf::Escaped } else { Leaf::Plain };
                return Ok((kind, start, end));
            }
            Some(b'n') => {
                self.word(b"null")?;
                Leaf::Null
            }
            Some(b't') => {
                self.word(b"true")?;
                Leaf::Literal
            }
            Some(b'f') => {
                self.word(b"false")?;
                Leaf::Literal
            }
            Some(b'[') => {
                self.array(depth + 1)?;
                Leaf::Literal
            }
            _ => {
                self.number()?;
                Leaf::Literal
            }
        };
        Ok((kind, start, self.at))
    }

    fn array(&mut self, depth: usize) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(Fault::TooDeep);
        }
        self.expect(b'[')?;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space();
            if self.peek() == Some(b'{') {
                if depth == DEEPEST {
                    return Err(Fault::TooDeep);
                }
                self.object(&mut String::new(), depth + 1, &mut |_, _, _, _| {})?;
            } else {
                self.value(depth)?;
            }
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.fault()),
            }
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.fault());
        }
        self.at += word.len();
        Ok(())
    }

    /// A string's inside: whether it has escapes, and its span.
    fn string(&mut self) -> Result<(bool, usize, usize), Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.fault());
        }
        let start = self.at + 1;
        let mut escaped = false;
        self.at = start;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(byte) if byte >= 0x20 => self.at += 1,
                _ => return Err(self.fault()),
            }
        }
        let end = self.at;
        self.at += 1;
        Ok((escaped, start, end))
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.fault());
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }
}

/// Appends what the inside of a string means; `None` where an escape means nothing.
pub(crate) fn unescape(inside: &[u8], into: &mut Vec<u8>) -> Option<()> {
    let mut rest = inside;
    while let Some(found) = memchr::memchr(b'\\', rest) {
        into.extend_from_slice(&rest[..found]);
        let letter = *rest.get(found + 1)?;
        rest = &rest[found + 2..];
        let plain = match letter {
            b'"' | b'\\' | b'/' => letter,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let character = unicode(&mut rest)?;
                into.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            _ => return None,
        };
        into.push(plain);
    }
    into.extend_from_slice(rest);
    Some(())
}

fn unicode(rest: &mut &[u8]) -> Option<char> {
    let first = hex4(rest)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first);
    }
    *rest = rest.strip_prefix(b"\\u")?;
    let second = hex4(rest)?;
    if !(0xdc00..0xe000).contains(&second) {
        return None;
    }
    char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
}

fn hex4(rest: &mut &[u8]) -> Option<u32> {
    let (digits, behind) = rest.split_at_checked(4)?;
    *rest = behind;
    digits.iter().try_fold(0, |number, &digit| {
        Some(number * 16 + char::from(digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use amends_testkit::proptest::prelude::*;

    use super::*;

    fn told(text: &str) -> Result<Vec<(String, Leaf, String)>, Fault> {
        let mut found = Vec::new();
        leaves(text, &mut |path, leaf, start, end| {
            found.push((path.to_owned(), leaf, text[start..end].to_owned()));
        })?;
        Ok(found)
    }

    #[test]
    fn nested_fields_are_named_with_dots() {
        let leaf = |path: &str, leaf, text: &str| (path.to_owned(), leaf, text.to_owned());
        assert_eq!(
            told(r#" {"a":1.50,"b":{"c":"x","d":{"e":null}},"f":[1, {"g":2}],"h":"a\"b","i":{}} "#)
                .unwrap(),
            [
                leaf("a", Leaf::Literal, "1.50"),
                leaf("b.c", Leaf::Plain, "x"),
                leaf("b.d.e", Leaf::Null, "null"),
                leaf("f", Leaf::Literal, r#"[1, {"g":2}]"#),
                leaf("h", Leaf::Escaped, r#"a\"b"#),
            ]
        );
    }

    #[test]
    fn what_is_no_object_says_so() {
        assert_eq!(told("[1]"), Err(Fault::NotAnObject));
        assert_eq!(told(""), Err(Fault::NotAnObject));
        assert_eq!(told(r#"{"a":1"#), Err(Fault::Syntax(6)));
        assert_eq!(told(r#"{"a":01}"#), Err(Fault::Syntax(6)));
        assert_eq!(told(r#"{"a":1} x"#), Err(Fault::Syntax(8)));
        let deep = format!("{}1{}", r#"{"a":"#.repeat(65), "}".repeat(65));
        assert_eq!(told(&deep), Err(Fault::TooDeep));
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(told(&deep), Err(Fault::TooDeep));
    }

    #[test]
    fn escapes_mean_what_json_says() {
        let mut plain = Vec::new();
        unescape(br"\u00e9\ud83d\ude00\n\/\\", &mut plain).unwrap();
        assert_eq!(plain, "é😀\n/\\".as_bytes());
        for wrong in [r"\ud83d", r"\ud83dx", r"\udc00", r"\u12", r"\x", r"\"] {
            assert_eq!(unescape(wrong.as_bytes(), &mut Vec::new()), None, "{wrong}");
        }
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[a-z\"\\\\é]{0,3}", inner, 0..4)
                    .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_serde_writes_is_read(value in json()) {
            let text = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(told(&text).is_ok(), value.is_object());
        }

        #[test]
        fn what_is_read_is_json(text in r#"\{("[a-z\\"u0]{0,4}"|[0-9eE+.\-]{1,4}|[:,\[\]{} ]|true|null){0,8}\}"#) {
            // Escapes inside values are looked at later, when the value is wanted.
            if told(&text).is_ok() && !text.contains('\\') {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok() || text.contains(['e', 'E']), "{}", text);
            }
        }
    }
}
