//! One table of a file: what it holds is asked for by name, and what nobody asked for is a mistake.

use std::cell::RefCell;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{File, Report, Spot, Text};
use crate::Diagnostic;
use crate::nearest::{listed, nearest};

/// A table of a definition file.
pub(crate) struct Section<'a> {
    pub(crate) file: &'a File,
    pub(crate) report: &'a Report,
    /// Where it begins.
    pub(crate) spot: Spot,
    /// What it is, for messages, such as "source shop".
    pub(crate) title: String,
    table: &'a DeTable<'a>,
    asked: RefCell<Vec<&'static str>>,
    /// Keys that are missing, with the mistake that says so.
    lacking: RefCell<Vec<(String, Diagnostic)>>,
}

impl<'a> Section<'a> {
    /// The whole of a file.
    pub(crate) fn whole(file: &'a File, report: &'a Report, table: &'a DeTable<'a>) -> Self {
        let title = file.path.display().to_string();
        Self::new(file, report, file.beginning(), title, table)
    }

    fn new(
        file: &'a File,
        report: &'a Report,
        spot: Spot,
        title: String,
        table: &'a DeTable<'a>,
    ) -> Self {
        Self {
            file,
            report,
            spot,
            title,
            table,
            asked: RefCell::default(),
            lacking: RefCell::default(),
        }
    }

    /// Another section of the same file.
    fn inner(&self, spot: Spot, title: String, table: &'a DeTable<'a>) -> Self {
        Self::new(self.file, self.report, spot, title, table)
    }

    /// A value, whatever it is.
    pub(crate) fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key)
    }

    /// Where a key's value stands; the section's own place without it.
    pub(crate) fn spot_of(&self, key: &str) -> Spot {
        match self.table.get(key) {
            Some(value) => self.file.spot(value.span()),
            None => self.spot.clone(),
        }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// Whether a key holds a list.
    pub(crate) fn is_list(&self, key: &str) -> bool {
        self.table
            .get(key)
            .is_some_and(|value| value.get_ref().is_array())
    }

    /// Records that a key is missing, with an example of what to write.
    pub(crate) fn missing(&self, key: &str, example: &str) {
        let message = format!("{} needs `{key}`", self.title);
        self.missing_any(&[key], message, format!("write for example {example}"));
    }

    /// Records that one of some keys is missing.
    pub(crate) fn missing_any(&self, keys: &[&str], message: String, suggestion: String) {
        self.report
            .mistake("AM0104", &self.spot, message, Some(suggestion));
        let mut lacking = self.lacking.borrow_mut();
        if let Some(mistake) = self.report.last() {
            lacking.extend(keys.iter().map(|key| ((*key).to_owned(), mistake.clone())));
        }
    }

    /// Records that a value is of another type than wanted.
    pub(crate) fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let spot = self.file.spot(value.span());
        let is = type_in_words(value.get_ref());
        let suggestion = match value.get_ref() {
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
                if wanted.starts_with("text") =>
            {
                Some(format!("write it in quotes: \"{}\"", spot.words))
            }
            DeValue::String(text) if !wanted.starts_with("text") && is_bare(text) => {
                Some(format!("write it without quotes: {text}"))
            }
            _ => None,
        };
        self.report.mistake(
            "AM0105",
            &spot,
            format!("`{key}` must be {wanted}, and this is {is}"),
            suggestion,
        );
    }

    /// Text, if it is there.
    pub(crate) fn text(&self, key: &'static str) -> Option<Text> {
        let value = self.get(key)?;
        self.as_text(key, value)
    }

    /// Text that must be there.
    pub(crate) fn required(&self, key: &'static str, example: &str) -> Option<Text> {
        if !self.has(key) {
            self.get(key);
            self.missing(key, example);
            return None;
        }
        let text = self.text(key)?;
        if text.text.trim().is_empty() {
            let suggestion = Some(format!("write for example {example}"));
            self.report.mistake(
                "AM0106",
                &text.spot,
                format!("`{key}` is empty"),
                suggestion,
            );
            return None;
        }
        Some(text)
    }

    fn as_text(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Option<Text> {
        match value.get_ref() {
            DeValue::String(text) => Some(Text::new(self.file, value.span(), text)),
            _ => {
                self.wrong_type(key, value, "text");
                None
            }
        }
    }

    /// Text that may also be written as TOML's own date or time.
    pub(crate) fn text_or_time(&self, key: &'static str) -> Option<Text> {
        let value = self.get(key)?;
        self.as_text_or_time(key, value)
    }

    fn as_text_or_time(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Option<Text> {
        match value.get_ref() {
            DeValue::Datetime(moment) => {
                Some(Text::new(self.file, value.span(), &moment.to_string()))
            }
            _ => self.as_text(key, value),
        }
    }

    /// True or false, if it is there.
    pub(crate) fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(*flag);
        }
        self.wrong_type(key, value, "true or false");
        None
    }

    /// A whole number within limits, if it is there.
    pub(crate) fn integer(&self, key: &'static str, least: i64, most: i64) -> Option<i64> {
        let value = self.get(key)?;
        let DeValue::Integer(integer) = value.get_ref() else {
            self.wrong_type(key, value, "a whole number");
            return None;
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let limits = if most == i64::MAX {
                format!("at least {least}")
            } else {
                format!("from {least} to {most}")
            };
            let spot = self.file.spot(value.span());
            self.report
                .mistake("AM0106", &spot, format!("`{key}` must be {limits}"), None);
        }
        number
    }

    /// Several texts; one alone may stand without brackets. Dates may be TOML's own.
    pub(crate) fn texts(&self, key: &'static str) -> Option<Vec<Text>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::Array(items) => Some(
                items
                    .iter()
                    .filter_map(|item| self.as_text_or_time(key, item))
                    .collect(),
            ),
            DeValue::String(text) => Some(vec![Text::new(self.file, value.span(), text)]),
            _ => {
                self.wrong_type(key, value, "a list of texts");
                None
            }
        }
    }

    /// One of several words, if it is there.
    pub(crate) fn choice<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        if let Some((_, meant)) = words.iter().find(|(word, _)| *word == text.text) {
            return Some(*meant);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let suggestion = match nearest(&text.text, known.iter().copied()) {
            Some(near) => format!("write \"{near}\""),
            None => format!("one of {}", listed(&known)),
        };
        self.report.mistake(
            "AM0106",
            &text.spot,
            format!("`{key}` cannot be {}", text.spot.words),
            Some(suggestion),
        );
        None
    }

    /// A section within this one, if it is there.
    pub(crate) fn section(&self, key: &'static str) -> Option<Section<'a>> {
        let value = self.get(key)?;
        self.as_section(key, key.to_owned(), value)
    }

    fn as_section(
        &self,
        key: &str,
        title: String,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Option<Section<'a>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(self.inner(self.spot_of_table(key, value), title, table)),
            _ => {
                self.wrong_type(key, value, "a section");
                None
            }
        }
    }

    /// A table that a header opens has its key's place, one in braces its own.
    fn spot_of_table(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Spot {
        let own = self.file.spot(value.span());
        if own.words.starts_with(['{', '[']) {
            return own;
        }
        match self.table.get_key_value(key) {
            Some((key, _)) => self.file.spot(key.span()),
            None => own,
        }
    }

    /// The sections of a table whose keys are names, such as `[source.NAME]`, in the order written.
    pub(crate) fn named(&self, key: &'static str) -> Vec<(Text, Section<'a>)> {
        let Some(outer) = self.section(key) else {
            return Vec::new();
        };
        let named = outer.entries();
        let section = |(name, value): (Text, &'a Spanned<DeValue<'a>>)| {
            let title = format!("{key} {}", name.text);
            let section = outer.as_section(&name.text, title, value)?;
            Some((name, section))
        };
        named.into_iter().filter_map(section).collect()
    }

    /// The sections of an array, such as `[[test]]`, in order; none where it is missing.
    pub(crate) fn several(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong_type(key, value, &format!("a list of sections, as in [[{key}]]"));
            return Vec::new();
        };
        let one = |item: &'a Spanned<DeValue<'a>>| match item.get_ref() {
            DeValue::Table(table) => {
                Some(self.inner(self.file.spot(item.span()), key.to_owned(), table))
            }
            _ => {
                self.wrong_type(key, item, "a section");
                None
            }
        };
        items.iter().filter_map(one).collect()
    }

    /// Every key with its value, in the order written.
    pub(crate) fn entries(&self) -> Vec<(Text, &'a Spanned<DeValue<'a>>)> {
        let mut entries: Vec<_> = self.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let entry = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            (Text::new(self.file, key.span(), name), value)
        };
        entries.into_iter().map(entry).collect()
    }

    /// Every key with its text, in the order written.
    pub(crate) fn pairs(&self) -> Vec<(Text, Text)> {
        let pair = |(key, value): (Text, &'a Spanned<DeValue<'a>>)| {
            let text = self.as_text(&key.text, value)?;
            Some((key, text))
        };
        self.entries().into_iter().filter_map(pair).collect()
    }

    /// A value of [`Self::entries`] as a section of this one.
    pub(crate) fn section_of(
        &self,
        name: &Text,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Option<Section<'a>> {
        self.as_section(&name.text, name.text.clone(), value)
    }

    /// A section that stands in an array, as [`Self::several`] gives them.
    pub(crate) fn section_in(
        &self,
        key: &str,
        value: &'a Spanned<DeValue<'a>>,
    ) -> Option<Section<'a>> {
        match value.get_ref() {
            DeValue::Table(table) => {
                Some(self.inner(self.file.spot(value.span()), key.to_owned(), table))
            }
            _ => None,
        }
    }

    /// Reports the keys that nobody asked for. One that is nearly a missing key is one mistake with it: the key is misspelt.
    pub(crate) fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.entries() {
            if asked.contains(&key.as_str()) {
                continue;
            }
            let message = format!("{} has no `{}`", self.title, key.text);
            let mut known = asked.clone();
            known.sort_unstable();
            known.dedup();
            let meant = self.meant(&key.text);
            let near = meant.as_deref();
            let suggestion = match near.or_else(|| nearest(&key.text, known.iter().copied())) {
                Some(near) => Some(format!("write `{near}`")),
                None if known.is_empty() => None,
                None => Some(format!("it may hold {}", listed(&known))),
            };
            self.report
                .mistake("AM0103", &key.spot, message, suggestion);
        }
    }
}

impl Section<'_> {
    /// The missing key that a misspelt one was meant to be; that it is missing is then no mistake of its own.
    fn meant(&self, key: &str) -> Option<String> {
        let mut lacking = self.lacking.borrow_mut();
        let keys = lacking.iter().map(|(key, _)| key.as_str());
        let near = nearest(key, keys)?.to_owned();
        let (_, mistake) = lacking.iter().find(|(key, _)| *key == near)?.clone();
        // Other keys may have been meant as well: each mistake is taken back once.
        lacking.retain(|(_, other)| *other != mistake);
        self.report.retract(&mistake);
        Some(near)
    }
}

/// Whether text in quotes would be a value of its own without them.
fn is_bare(text: &str) -> bool {
    matches!(text, "true" | "false") || text.parse::<f64>().is_ok()
}

/// The type of a value in words.
pub(crate) fn type_in_words(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    }
}
