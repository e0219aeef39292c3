//! Files that were made to do harm: each would take more memory or time than any export needs, were it believed.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use amends_testkit::workbook::zip;

use super::kind::Kind;
use super::parquet;

/// What becomes of a file: how many rows it has and how many of them are set aside, or the code with which it is refused.
type Outcome = Result<(u64, u64), &'static str>;
/// A name, what becomes of it, and what writes it.
type Case = (&'static str, Outcome, fn(&mut dyn Write));

const HEAD: &str = "id,customer,day,at,amount,n,share,flag,month,note\n";
const MIB: usize = 1 << 20;

/// The worst files of a kind.
pub(super) fn of(kind: Kind) -> Vec<Case> {
    match kind {
        Kind::Csv => csv(),
        Kind::Latin1 => vec![("letters-that-grow", Ok((1, 1)), |to| {
            repeat(to, HEAD.replace(',', ";").as_bytes(), 1);
            repeat(to, b"\xe9", 20 * MIB);
        })],
        Kind::Gzip => vec![
            ("zeros", Err("AM0536"), |to| gzip(to, b"\0")),
            ("blank-lines", Err("AM0536"), |to| gzip(to, b"\n")),
        ],
        Kind::Zstd => vec![
            ("zeros", Err("AM0536"), |to| zstd(to, b"\0")),
            ("blank-lines", Err("AM0536"), |to| zstd(to, b"\n")),
            ("a-window-of-a-gigabyte", Err("AM0502"), |to| {
                let mut packed = zstd::Encoder::new(to, 1).unwrap();
                packed.window_log(30).unwrap();
                repeat(&mut packed, HEAD.as_bytes(), 1);
                packed.finish().unwrap();
            }),
        ],
        Kind::JsonLines => json(),
        Kind::Parquet => vec![
            (
                "row-groups-without-end",
                Err("AM0507"),
                parquet::row_groups_without_end,
            ),
            (
                "a-page-that-unpacks-to-everything",
                Err("AM0536"),
                parquet::one_page,
            ),
            ("one-text-in-every-row", Ok((30, 0)), parquet::one_text),
            ("rows-of-nothing", Err("AM0536"), parquet::rows_of_nothing),
        ],
        Kind::Xlsx => workbooks(),
    }
}

/// Writes the worst files of a kind into a folder.
pub(super) fn write(kind: Kind, folder: &Path) {
    for (name, _, content) in of(kind) {
        let mut file = BufWriter::new(File::create(folder.join(name)).unwrap());
        content(&mut file);
        file.flush().unwrap();
    }
}

fn repeat(to: &mut (impl Write + ?Sized), text: &[u8], times: usize) {
    let many = text.repeat((MIB / text.len()).clamp(1, times));
    let mut left = text.len() * times;
    while left > 0 {
        let some = left.min(many.len());
        to.write_all(&many[..some]).unwrap();
        left -= some;
    }
}

fn csv() -> Vec<Case> {
    vec![
        ("lines-of-one-letter", Ok((200_000, 200_000)), |to| {
            repeat(to, HEAD.as_bytes(), 1);
            repeat(to, b"x\n", 200_000);
        }),
        ("blank-lines", Ok((0, 0)), |to| {
            repeat(to, HEAD.as_bytes(), 1);
            repeat(to, b"\n", 64 * MIB);
        }),
        ("one-cell", Ok((1, 1)), |to| {
            repeat(to, HEAD.as_bytes(), 1);
            repeat(to, b"x", 100 * MIB);
        }),
        ("long-names", Ok((64, 0)), |to| {
            repeat(to, HEAD.as_bytes(), 1);
            for row in b'1'..b'1' + 64 {
                repeat(to, &[row], 4 * MIB - 1);
                repeat(to, b",c1,2018-01-01,,,,,,,\n", 1);
            }
        }),
        ("a-name-too-long", Ok((2, 1)), |to| {
            repeat(to, HEAD.as_bytes(), 1);
            repeat(to, b"1", 4 * MIB + 1);
            repeat(to, b",c1,2018-01-01,,,,,,,\n2,c1,2018-01-01,,,,,,,\n", 1);
        }),
        ("a-quote-that-never-closes", Ok((40, 40)), |to| {
            repeat(to, HEAD.as_bytes(), 1);
            repeat(to, b"\"", 1);
            for _ in 0..40 {
                repeat(to, b"x", MIB);
                repeat(to, b"\n", 1);
            }
        }),
        ("columns-without-end", Err("AM0503"), |to| {
            repeat(to, b"a,", 20 * MIB)
        }),
    ]
}

/// A little that unpacks to a quarter of a gigabyte.
fn gzip(to: &mut dyn Write, text: &[u8]) {
    let mut packed = flate2::write::GzEncoder::new(to, flate2::Compression::best());
    repeat(&mut packed, HEAD.as_bytes(), 1);
    repeat(&mut packed, text, 256 * MIB / text.len());
    packed.finish().unwrap();
}

/// As `gzip`.
fn zstd(to: &mut dyn Write, text: &[u8]) {
    let mut packed = zstd::Encoder::new(to, 1).unwrap();
    repeat(&mut packed, HEAD.as_bytes(), 1);
    repeat(&mut packed, text, 256 * MIB / text.len());
    packed.finish().unwrap();
}

fn json() -> Vec<Case> {
    const WHOLE: &str = "{\"id\":\"1\",\"customer\":\"c1\",\"day\":\"2018-01-01\"";
    vec![
        ("lines-of-one-letter", Ok((200_001, 200_000)), |to| {
            writeln!(to, "{WHOLE}}}").unwrap();
            repeat(to, b"x\n", 200_000);
        }),
        ("a-long-name-before-many-fields", Ok((2, 1)), |to| {
            write!(to, "{WHOLE}}}\n{WHOLE},\"{}\":{{", "n".repeat(MIB)).unwrap();
            (0..5000).for_each(|field| write!(to, "\"f{field}\":1,").unwrap());
            repeat(to, b"\"z\":1}}\n", 1);
        }),
        ("fields-that-are-no-columns", Ok((2, 1)), |to| {
            to.write_all(WHOLE.as_bytes()).unwrap();
            (0..1000).for_each(|field| write!(to, ",\"f{field}\":1").unwrap());
            write!(to, "}}\n{WHOLE},\"{}\":{{", "n".repeat(1000)).unwrap();
            (0..1_000_000).for_each(|field| write!(to, "\"g{field}\":1,").unwrap());
            repeat(to, b"\"z\":1}}\n", 1);
        }),
        ("the-same-field-again-and-again", Ok((50_001, 0)), |to| {
            repeat(to, format!("{WHOLE},\"a\":\"\\n\"}}\n").as_bytes(), 50_000);
            write!(to, "{WHOLE}").unwrap();
            repeat(to, b",\"a\":1", MIB / 2);
            repeat(to, b"}\n", 1);
        }),
        ("escapes", Ok((2, 0)), |to| {
            write!(to, "{WHOLE}}}\n{WHOLE},\"a\":\"").unwrap();
            repeat(to, b"\\n", 2 * MIB);
            repeat(to, b"\"}\n", 1);
        }),
        ("deep", Ok((3, 2)), |to| {
            writeln!(to, "{WHOLE}}}").unwrap();
            repeat(to, b"{\"a\":", MIB);
            repeat(to, b"\n", 1);
            repeat(to, b"{\"a\":", 1);
            repeat(to, b"[", 4 * MIB);
        }),
        ("many-columns", Ok((20_001, 0)), |to| {
            to.write_all(WHOLE.as_bytes()).unwrap();
            (0..990).for_each(|field| write!(to, ",\"f{field}\":1").unwrap());
            repeat(to, b"}\n", 1);
            repeat(to, format!("{WHOLE}}}\n").as_bytes(), 20_000);
        }),
    ]
}

/// A workbook of the parts that a sheet needs, one of them replaced; nothing is packed, so that no rule about density applies.
fn book(to: &mut dyn Write, part: &str, text: &str) {
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |id: &str, of: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{kind}/{of}\" Target=\"{target}\"/>")
    };
    let root = format!(
        "<Relationships>{}</Relationships>",
        relation("r1", "officeDocument", "xl/workbook.xml")
    );
    let of_book = format!(
        "<Relationships>{}{}</Relationships>",
        relation("r1", "worksheet", "worksheets/sheet1.xml"),
        relation("t", "sharedStrings", "sharedStrings.xml"),
    );
    let sheet = sheet("");
    let parts = [
        ("_rels/.rels", root.as_str()),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"Orders\" id=\"r1\"/></sheets></workbook>",
        ),
        ("xl/_rels/workbook.xml.rels", of_book.as_str()),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
        ("xl/sharedStrings.xml", "<sst/>"),
    ];
    let parts = parts.map(|(name, usual)| (name, if name == part { text } else { usual }));
    to.write_all(&zip(&parts, false)).unwrap();
}

fn sheet(rows: &str) -> String {
    let names = HEAD.trim_end().split(',');
    let names: String = names
        .map(|name| format!("<c t=\"str\"><v>{name}</v></c>"))
        .collect();
    format!("<worksheet><sheetData><row r=\"1\">{names}</row>{rows}</sheetData></worksheet>")
}

fn workbooks() -> Vec<Case> {
    const SHEET: &str = "xl/worksheets/sheet1.xml";
    vec![
        ("one-text-of-many-runs", Err("AM0536"), |to| {
            let run = format!("<r><t>{}</t></r>", "x".repeat(12 * MIB));
            book(
                to,
                "xl/sharedStrings.xml",
                &format!("<sst><si>{}</si></sst>", run.repeat(8)),
            );
        }),
        ("cells-in-one-place", Ok((1, 1)), |to| {
            let cells = "<c r=\"A2\" t=\"b\"><v>1</v></c>".repeat(500_000);
            book(to, SHEET, &sheet(&format!("<row>{cells}</row>")));
        }),
        ("a-cell-in-pieces", Ok((1, 1)), |to| {
            let piece = format!("{}<![CDATA[x]]>", "x".repeat(12 * MIB));
            book(
                to,
                SHEET,
                &sheet(&format!(
                    "<row><c t=\"str\"><v>{}</v></c></row>",
                    piece.repeat(12)
                )),
            );
        }),
        ("an-inline-text-of-many-runs", Ok((1, 1)), |to| {
            let run = format!("<r><t>{}</t></r>", "x".repeat(12 * MIB));
            book(
                to,
                SHEET,
                &sheet(&format!(
                    "<row><c t=\"inlineStr\"><is>{}</is></c></row>",
                    run.repeat(12)
                )),
            );
        }),
        ("long-names-of-sheets", Err("AM0536"), |to| {
            let sheets = format!("<sheet name=\"{}\" id=\"r1\"/>", "x".repeat(12 * MIB)).repeat(16);
            book(
                to,
                "xl/workbook.xml",
                &format!("<workbook><sheets>{sheets}</sheets></workbook>"),
            );
        }),
    ]
}
