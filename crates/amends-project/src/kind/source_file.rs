//! `[source.NAME.file.ALIAS]`: a file of a source, or several of one kind by `*`.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Around, column, name, path, rename};
use crate::definition::{Format, Packing, SourceFile};
use crate::nearest::listed;
use crate::read::{Section, Text};

/// The files of a source.
#[derive(Default)]
pub(crate) struct Files {
    /// Every alias that is written, also of files with mistakes.
    pub(crate) known: Vec<String>,
    /// The files without mistakes.
    pub(crate) read: BTreeMap<String, SourceFile>,
}

/// Reads `[source.NAME.file]`: one section for each alias, or the only file itself, whose alias is then the source's name.
pub(crate) fn read(source: &Text, section: &Section<'_>, around: &Around<'_>) -> Files {
    let mut files = Files::default();
    if !section.has("file") {
        section.get("file");
        section.missing(
            "file",
            &format!(
                "[source.{}.file] with path = \"exports/{0}.csv\"",
                source.text
            ),
        );
        return files;
    }
    let Some(outer) = section.section("file") else {
        return files;
    };
    let title = format!("source.{}.file", source.text);
    let is_section = |value: &toml::Spanned<toml::de::DeValue<'_>>| value.get_ref().is_table();
    if outer.entries().iter().any(|(_, value)| !is_section(value)) {
        files.known.push(source.text.clone());
        if let Some(file) = one(&outer, &title, around) {
            files.read.insert(source.text.clone(), file);
        }
        return files;
    }
    for (alias, value) in outer.entries() {
        let Some(section) = outer.section_of(&alias, value) else {
            continue;
        };
        name::check_alias(&alias, section.report);
        files.known.push(alias.text.clone());
        if let Some(file) = one(&section, &format!("{title}.{}", alias.text), around) {
            files.read.insert(alias.text, file);
        }
    }
    if files.known.is_empty() {
        outer.missing("path", "path = \"exports/orders.csv\"");
    }
    files
}

fn one(section: &Section<'_>, title: &str, around: &Around<'_>) -> Option<SourceFile> {
    let report = section.report;
    let written = section.required("path", "path = \"exports/orders.csv\"");
    let filled = written
        .as_ref()
        .and_then(|text| path::filled(text, around.variable, report));
    let plain_name = written
        .as_ref()
        .map(|text| text.text.to_lowercase())
        .unwrap_or_default();
    let (packing, unpacked) = packing(&plain_name);
    let format = format(section, unpacked, written.is_some());
    let columns = column::read_all(section, around);
    let renamed = rename::read_all(section, &columns);
    section.finish();
    let (written, filled) = (written?, filled?);
    if Path::new(&filled)
        .parent()
        .is_some_and(|folder| folder.to_string_lossy().contains('*'))
    {
        let message = "`*` may stand in the name of a file, not in that of a folder";
        report.mistake("AM0106", &written.spot, message, None);
    }
    Some(SourceFile {
        path: around.files.root().join(filled),
        written: written.text,
        section: title.to_owned(),
        place: written.spot.place,
        format: format?,
        packing,
        columns,
        renamed,
    })
}

/// How a file is packed, and its name without that ending.
fn packing(name: &str) -> (Packing, &str) {
    for (ending, packing) in [
        (".gz", Packing::Gzip),
        (".zst", Packing::Zstd),
        (".zstd", Packing::Zstd),
    ] {
        if let Some(unpacked) = name.strip_suffix(ending) {
            return (packing, unpacked);
        }
    }
    (Packing::None, name)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    Csv,
    JsonLines,
    Parquet,
    Xlsx,
}

/// A workbook has no more rows than this.
const MOST_ROWS: i64 = 1 << 20;

fn format(section: &Section<'_>, name: &str, has_path: bool) -> Option<Format> {
    let words = [
        ("csv", Written::Csv),
        ("jsonl", Written::JsonLines),
        ("parquet", Written::Parquet),
        ("xlsx", Written::Xlsx),
    ];
    let said = section.choice("format", &words);
    let ending = || match name.rsplit('.').next() {
        Some("csv" | "tsv") => Some(Written::Csv),
        Some("jsonl" | "ndjson") => Some(Written::JsonLines),
        Some("parquet") => Some(Written::Parquet),
        Some("xlsx" | "xlsm") => Some(Written::Xlsx),
        _ => None,
    };
    let kind = said.or_else(ending);
    if kind.is_none() && has_path && !section.has("format") {
        let message = "the ending of the path does not tell the format";
        let known = listed(&words.map(|(word, _)| word));
        section.report.mistake(
            "AM0104",
            &section.spot_of("path"),
            message,
            Some(format!("write format = one of {known}")),
        );
    }
    let delimiter = section
        .text("delimiter")
        .map(|text| (delimiter(&text, section), text));
    let encoding = section
        .text("encoding")
        .map(|text| (encoding(&text, section), text));
    let header = section.texts("header");
    let sheet = section.text("sheet").map(|name| name.text);
    let header_row = section.integer("header-row", 1, MOST_ROWS);
    only_for(
        section,
        kind,
        Written::Csv,
        &["delimiter", "encoding", "header"],
    );
    only_for(section, kind, Written::Xlsx, &["sheet", "header-row"]);
    let usual = if name.ends_with(".tsv") { b'\t' } else { b',' };
    Some(match kind? {
        Written::Csv => Format::Csv {
            delimiter: delimiter.and_then(|(byte, _)| byte).unwrap_or(usual),
            encoding: encoding
                .and_then(|(label, _)| label)
                .unwrap_or_else(|| "utf-8".into()),
            header: header.and_then(|names| self::header(names, section)),
        },
        Written::JsonLines => Format::JsonLines,
        Written::Parquet => Format::Parquet,
        Written::Xlsx => Format::Xlsx { sheet, header_row },
    })
}

/// Keys that say nothing of files of another format.
fn only_for(section: &Section<'_>, kind: Option<Written>, of: Written, keys: &[&str]) {
    let name = if of == Written::Csv {
        "CSV files"
    } else {
        "workbooks"
    };
    let written = keys.iter().filter(|key| section.has(key));
    for key in written.filter(|_| kind.is_some_and(|kind| kind != of)) {
        let message = format!("`{key}` is for {name} only");
        section
            .report
            .mistake("AM0113", &section.spot_of(key), message, None);
    }
}

fn delimiter(text: &Text, section: &Section<'_>) -> Option<u8> {
    let byte = match text.as_str() {
        "tab" => Some(b'\t'),
        other => match other.as_bytes() {
            [byte]
                if byte.is_ascii()
                    && !byte.is_ascii_alphanumeric()
                    && !b"\"\r\n".contains(byte) =>
            {
                Some(*byte)
            }
            _ => None,
        },
    };
    if byte.is_none() {
        let message = format!("{} cannot stand between cells", text.spot.words);
        let suggestion = "write one sign, such as \";\", or \"tab\"".to_owned();
        section
            .report
            .mistake("AM0106", &text.spot, message, Some(suggestion));
    }
    byte
}

fn encoding(text: &Text, section: &Section<'_>) -> Option<String> {
    let label = text.text.trim();
    if encoding_rs::Encoding::for_label(label.as_bytes()).is_some() {
        return Some(label.to_lowercase());
    }
    let message = format!("there is no encoding {}", text.spot.words);
    let known = [
        "utf-8",
        "latin1",
        "windows-1252",
        "iso-8859-15",
        "utf-16le",
        "utf-16be",
        "windows-1250",
        "windows-1251",
        "shift_jis",
        "gb18030",
        "big5",
        "euc-kr",
    ];
    section.report.mistake(
        "AM0106",
        &text.spot,
        message,
        crate::nearest::suggestion(label, known),
    );
    None
}

fn header(names: Vec<Text>, section: &Section<'_>) -> Option<Vec<String>> {
    for (at, name) in names.iter().enumerate() {
        if names[..at].iter().any(|before| before.text == name.text) {
            let message = format!("two columns are named {}", name.spot.words);
            section.report.mistake("AM0108", &name.spot, message, None);
        }
    }
    if names.is_empty() {
        section.report.mistake(
            "AM0106",
            &section.spot_of("header"),
            "`header` names no column",
            None,
        );
        return None;
    }
    Some(names.into_iter().map(|name| name.text).collect())
}
