use std::fmt::Write as _;

use amends_testkit::rounds;
use amends_testkit::workbook::zip;

use super::*;
use crate::decode::tests::hostile::reads_again;

/// A workbook of sheets, each with its attributes and the XML of its rows.
struct Book {
    properties: &'static str,
    sheets: Vec<(&'static str, &'static str, String)>,
    strings: &'static str,
}

const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd.mm.yyyy hh:mm"/></numFmts>
<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;

const STRINGS: &str = r#"<sst><si><t>id</t></si><si><t>day</t></si><si><r><t xml:space="preserve">ring </t></r><r><t>twice</t></r><rPh><t>x</t></rPh></si>
<si><t>00042</t></si><si><t>a &amp; "b",&#10;c_x000D_</t></si></sst>"#;

impl Book {
    fn of(rows: &str) -> Self {
        Self {
            properties: "",
            sheets: vec![("Orders", "", rows.to_owned())],
            strings: STRINGS,
        }
    }

    fn parts(&self) -> Vec<(String, String)> {
        let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let (mut sheets, mut relations) = (String::new(), String::new());
        let mut parts = Vec::new();
        for (number, (name, attributes, rows)) in self.sheets.iter().enumerate() {
            let number = number + 1;
            let _ = write!(
                sheets,
                "<sheet name=\"{name}\" sheetId=\"{number}\" {attributes} r:id=\"rId{number}\"/>"
            );
            let _ = write!(
                relations,
                "<Relationship Id=\"rId{number}\" Type=\"{relation}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
            );
            let text = format!(
                "<?xml version=\"1.0\"?><worksheet><sheetData>{rows}</sheetData><mergeCells count=\"0\"/></worksheet>"
            );
            parts.push((format!("xl/worksheets/sheet{number}.xml"), text));
        }
        for (id, kind, target) in [
            ("s", "styles", "styles.xml"),
            ("t", "sharedStrings", "/xl/sharedStrings.xml"),
        ] {
            let _ = write!(
                relations,
                "<Relationship Id=\"{id}\" Type=\"{relation}/{kind}\" Target=\"{target}\"/>"
            );
        }
        let root = format!(
            "<Relationships><Relationship Id=\"rId1\" Type=\"{relation}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        );
        parts.extend([
            ("_rels/.rels".to_owned(), root),
            (
                "xl/workbook.xml".to_owned(),
                format!(
                    "<workbook xmlns:r=\"x\">{}<sheets>{sheets}</sheets></workbook>",
                    self.properties
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels".to_owned(),
                format!("<Relationships>{relations}</Relationships>"),
            ),
            ("xl/styles.xml".to_owned(), STYLES.to_owned()),
            ("xl/sharedStrings.xml".to_owned(), self.strings.to_owned()),
        ]);
        parts
    }

    fn bytes(&self) -> Vec<u8> {
        packed(&self.parts())
    }
}

fn packed(parts: &[(String, String)]) -> Vec<u8> {
    let parts: Vec<(&str, &str)> = parts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    zip(&parts, true)
}

fn xlsx() -> SourceFile {
    of_sheet(None, None)
}

fn of_sheet(sheet: Option<&str>, header_row: Option<i64>) -> SourceFile {
    SourceFile {
        format: Format::Xlsx {
            sheet: sheet.map(str::to_owned),
            header_row,
        },
        ..csv()
    }
}

const HEAD: &str = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>note</t></is></c></row>"#;

/// The header in the third row.
const THIRD: &str = r#"<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="C3" t="inlineStr"><is><t>note</t></is></c></row>"#;

#[test]
fn cells_of_every_kind_are_read() {
    let rows = format!(
        r#"<row r="1"/><row r="2"><c r="A2"/></row>{THIRD}
<row r="4"><c r="A4"><v>12345</v></c><c r="B4" s="1"><v>43160</v></c><c r="C4" t="s"><v>2</v></c></row>
<row r="5"><c r="A5" t="s"><v>3</v></c><c r="C5" t="b"><v>1</v></c></row>
<row r="7"><c t="str"><f>A1</f><v>f</v></c><c s="2"><v>43160.75</v></c><c t="s"><v>4</v></c></row>
<row r="8"><c><f>1+1</f><v>2</v></c><c t="d"><v>2018-03-01</v></c><c t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c></row>
<row r="9" spans="1:3"><c r="A9" s="1"/></row><row r="10"/>"#
    );
    let told = read(&Book::of(&rows).bytes(), &xlsx()).unwrap();
    assert_eq!(told.columns, ["_line", "id", "day", "note"]);
    assert_eq!(told.failures.len(), 0);
    assert_eq!(
        told.rows,
        [
            ["4", "12345", "2018-03-01", "ring twice"],
            ["5", "00042", "-", "true"],
            ["7", "f", "2018-03-01T18:00:00", "a & \"b\",\nc\r"],
            ["8", "2", "2018-03-01", "inline"],
        ]
    );
}

#[test]
fn declared_types_are_read_and_what_does_not_fit_is_set_aside() {
    let rows = format!(
        r#"{HEAD}<row r="2"><c><v>1</v></c><c><v>43160</v></c><c><v>199.90000000000001</v></c></row>
<row r="3"><c><v>2</v></c><c t="inlineStr"><is><t>01.03.2018</t></is></c><c t="e"><v>#N/A</v></c></row>
<row r="4"><c><v>3</v></c><c s="2"><v>43160.5</v></c><c><v>7</v></c></row>
<row r="5"><c><f>2*2</f><v/></c><c><f>TODAY()</f></c><c><v>7</v></c></row>
<row r="6"><c><v>5</v></c><c s="1"><v>43160</v></c><c><v>7</v></c><c><v>8</v></c></row>
<row r="7"><c><v>6</v></c><c s="1"><v>43160</v></c><c><v>0.5</v></c></row>"#
    );
    let mut file = with(xlsx(), "day", ColumnType::Date, Some("%d.%m.%Y"));
    file = with(file, "note", money("EUR"), None);
    let bytes = Book::of(&rows).bytes();
    let told = read(&bytes, &file).unwrap();
    assert_eq!(
        told.rows,
        [
            ["2", "1", "2018-03-01", "19990"],
            ["7", "6", "2018-03-01", "50"]
        ]
    );
    assert_eq!(
        told.faults(),
        ["3 AM0535 note", "4 AM0525 day", "5 AM0535 id", "6 AM0520 -"]
    );
    assert_eq!(
        told.failures[0].raw.as_deref(),
        Some(&b"2,01.03.2018,#N/A"[..])
    );
    reads_again(&bytes, &file, &told).unwrap();
    // From the quarantine a row reads as it did in the file: an error stays one.
    let nothing = BTreeSet::new();
    let wanted = Wanted {
        zone: &TimeZone::UTC,
        ignore: &nothing,
        named: &nothing,
    };
    let raw: Vec<(i64, Vec<u8>)> = told
        .failures
        .iter()
        .map(|failure| (failure.line, failure.raw.clone().unwrap()))
        .collect();
    let again = crate::decode::raw_rows(&xlsx(), &wanted, b"id,day,note\n", &raw).unwrap();
    assert_eq!(rows_of(&again.batch), ["4",]);
    let codes: Vec<_> = again
        .failures
        .iter()
        .map(|failure| (failure.line, failure.code))
        .collect();
    assert_eq!(codes, [(3, "AM0535"), (5, "AM0535"), (6, "AM0520")]);
}

fn rows_of(batch: &RecordBatch) -> Vec<String> {
    rows(batch).into_iter().map(|row| row[0].clone()).collect()
}

#[test]
fn days_are_counted_as_the_workbook_says() {
    let mut book = Book::of(&format!(
        r#"{HEAD}<row r="2"><c><v>1</v></c><c s="1"><v>41698</v></c></row>"#
    ));
    book.properties = "<workbookPr date1904=\"1\"/>";
    let told = read(&book.bytes(), &with(xlsx(), "day", ColumnType::Date, None)).unwrap();
    assert_eq!(told.rows, [["2", "1", "2018-03-01", "-"]]);
}

#[test]
fn a_sheet_is_found_by_its_name_and_else_the_first_that_shows() {
    let row = |id: &str| format!("{HEAD}<row r=\"5\"><c><v>{id}</v></c></row>");
    let mut book = Book::of(&row("1"));
    book.sheets = vec![
        ("Notes", "state=\"hidden\"", row("1")),
        ("Orders &amp; more", "", row("2")),
        ("Old", "state=\"veryHidden\"", row("3")),
    ];
    let bytes = book.bytes();
    let id = |sheet| read(&bytes, &of_sheet(sheet, None)).unwrap().rows[0][1].clone();
    assert_eq!(
        (id(None), id(Some("Orders & more")), id(Some("Old"))),
        ("2".into(), "2".into(), "3".into())
    );
    let problem = read(&bytes, &of_sheet(Some("Orders & mre"), None)).unwrap_err();
    assert_eq!(problem.code(), "AM0538");
    let hint = problem.hint_text().unwrap();
    assert_eq!(
        hint,
        "did you mean \"Orders & more\"? its sheets are: Notes, Orders & more, Old"
    );
}

#[test]
fn the_header_is_the_first_row_with_anything_in_it_or_the_one_that_is_named() {
    let rows = format!(
        r#"<row r="1"><c t="inlineStr"><is><t>Report of March</t></is></c></row>{THIRD}<row r="4"><c><v>7</v></c></row>"#
    );
    let bytes = Book::of(&rows).bytes();
    assert_eq!(
        read(&bytes, &xlsx()).unwrap().columns,
        ["_line", "Report of March"]
    );
    let told = read(&bytes, &of_sheet(None, Some(3))).unwrap();
    assert_eq!((told.columns.len(), told.rows.len()), (4, 1));
    let code = |file: &SourceFile, bytes: &[u8]| read(bytes, file).unwrap_err().code();
    assert_eq!(code(&of_sheet(None, Some(2)), &bytes), "AM0503");
    assert_eq!(code(&xlsx(), &Book::of("").bytes()), "AM0503");
    let twice = HEAD.replace("<v>1</v>", "<v>0</v>");
    assert_eq!(code(&xlsx(), &Book::of(&twice).bytes()), "AM0504");
    let missing = with(xlsx(), "days", ColumnType::Date, None);
    assert_eq!(code(&missing, &Book::of(HEAD).bytes()), "AM0505");
}

#[test]
fn what_is_no_workbook_says_so() {
    let code = |bytes: &[u8]| read(bytes, &xlsx()).unwrap_err().code();
    let good = Book::of(HEAD).bytes();
    for (bytes, why) in [
        (b"id,day\n1,2\n".to_vec(), "text"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(),
            "an older workbook",
        ),
        (good[..good.len() - 30].to_vec(), "cut off"),
        (zip(&[("a.txt", "x")], false), "another archive"),
        (
            Book::of("<row r=\"5\"/><row r=\"4\"/>").bytes(),
            "rows out of order",
        ),
        (
            Book::of("<row><c t=\"s\"><v>99</v></c></row>").bytes(),
            "a text that is not there",
        ),
        (
            Book::of("<row><c r=\"1\"><v>9</v></c></row>").bytes(),
            "no column",
        ),
        (Book::of(&"<a>".repeat(100)).bytes(), "deep"),
        (
            Book::of("<row><c t=\"str\"><v>&lol;</v></c></row>").bytes(),
            "an entity",
        ),
        (Book::of("<row><c>").bytes(), "open elements"),
    ] {
        assert_eq!(code(&bytes), "AM0537", "{why}");
    }
    let mut entity = Book::of(HEAD).parts();
    entity[0].1 = format!("<!DOCTYPE x [<!ENTITY a \"aaaa\">]>{}", entity[0].1);
    assert_eq!(code(&packed(&entity)), "AM0537");
    // One flipped bit in a part that is stored shows in its checksum.
    let parts = Book::of(HEAD).parts();
    let parts: Vec<(&str, &str)> = parts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let mut flipped = zip(&parts, false);
    let at = memchr::memmem::find(&flipped, b"note").unwrap();
    flipped[at] ^= 1;
    assert_eq!(code(&flipped), "AM0537");
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let code = |bytes: &[u8]| read(bytes, &xlsx()).unwrap_err().code();
    // Spaces pack a thousand to one.
    let dense = format!("{HEAD}{}", " ".repeat(80 << 20));
    assert_eq!(code(&Book::of(&dense).bytes()), "AM0536");
    let text = format!(
        "{HEAD}<row r=\"2\"><c t=\"str\"><v>{}</v></c></row>",
        "x".repeat(20 << 20)
    );
    assert_eq!(code(&Book::of(&text).bytes()), "AM0536");
    // What a part unpacks to is no more than it says.
    let honest = Book::of(HEAD).bytes();
    let mut lying = honest.clone();
    let entry = memchr::memmem::find(&lying, b"PK\x01\x02").unwrap();
    lying[entry + 24..entry + 28].copy_from_slice(&10u32.to_le_bytes());
    assert_eq!(code(&lying), "AM0537");
    let mut crowd = honest;
    let end = crowd.len() - 22;
    crowd[end + 8..end + 12].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(code(&crowd), "AM0536");
    // A text that is shared by many cells of a row makes the row too long.
    let cells = "<c t=\"s\"><v>0</v></c>".repeat(300);
    let mut book = Book::of(&format!(
        "<row><c t=\"str\"><v>id</v></c></row><row>{cells}</row><row><c><v>1</v></c></row>"
    ));
    book.strings =
        Box::leak(format!("<sst><si><t>{}</t></si></sst>", "y".repeat(1 << 20)).into_boxed_str());
    let told = read(&book.bytes(), &xlsx()).unwrap();
    assert_eq!(
        (told.rows.len(), told.faults()),
        (1, vec!["2 AM0524 -".to_owned()])
    );
}

/// A small generator, so that each run mutates alike.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

fn mutated(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(bytes.len());
        match dice.roll(5) {
            0 => bytes.truncate(at),
            1 if !bytes.is_empty() => bytes[at] ^= 1 << dice.roll(8),
            2 if !bytes.is_empty() => {
                bytes[at] = [0, 0xff, b'<', b'>', b'&', b'"', b'9'][dice.roll(7)]
            }
            3 => {
                let end = (at + dice.roll(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let end = (at + dice.roll(40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = dice.roll(bytes.len());
                bytes.splice(to..to, piece);
            }
        }
    }
}

#[test]
fn whatever_becomes_of_a_workbook_every_row_is_accounted_for() {
    let mut rows = HEAD.to_owned();
    for row in 2..40 {
        let _ = write!(
            rows,
            "<row r=\"{row}\"><c r=\"A{row}\"><v>{row}</v></c><c r=\"B{row}\" s=\"1\"><v>431{row}</v></c><c r=\"C{row}\" t=\"s\"><v>{}</v></c></row>",
            row % 5
        );
    }
    let parts = Book::of(&rows).parts();
    let file = with(xlsx(), "day", ColumnType::Date, None);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut read_whole, mut refused) = (0, 0);
    for round in 0..rounds(400, 5000) {
        let bytes = if round % 3 == 0 {
            let mut bytes = packed(&parts);
            mutated(&mut bytes, &mut dice);
            bytes
        } else {
            // Inside of an archive that is right, so that what reads the XML sees it.
            let mut parts = parts.clone();
            let which = dice.roll(parts.len());
            let mut text = std::mem::take(&mut parts[which].1).into_bytes();
            mutated(&mut text, &mut dice);
            parts[which].1 = String::from_utf8_lossy(&text).into_owned();
            packed(&parts)
        };
        match read(&bytes, &file) {
            Err(problem) => {
                refused += 1;
                let known = ["AM0503", "AM0504", "AM0505", "AM0536", "AM0537", "AM0538"];
                assert!(known.contains(&problem.code()), "{problem}");
            }
            Ok(told) => {
                read_whole += 1;
                let lines: BTreeSet<i64> = told
                    .rows
                    .iter()
                    .map(|row| row[0].parse().unwrap())
                    .chain(told.failures.iter().map(|failure| failure.line))
                    .collect();
                assert_eq!(lines.len(), told.received());
                assert!(told.failures.iter().all(|failure| failure.raw.is_some()));
                reads_again(&bytes, &file, &told).unwrap();
            }
        }
    }
    // Both ends are met.
    assert!(read_whole > 20 && refused > 20, "{read_whole} {refused}");
}
