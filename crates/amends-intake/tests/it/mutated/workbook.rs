//! Workbooks, whole and damaged: in their archive, in their XML, or in what the one says of the other.

use std::fmt::Write;

use amends_testkit::hostile::{Dice, mutated};
use amends_testkit::workbook::zip;

use super::kind::ROWS;

const OF_XML: &[&[u8]] = &[
    b"<",
    b">",
    b"</",
    b"/>",
    b"&",
    b"&amp;",
    b"&#0;",
    b"&#x10FFFF;",
    b"&lol;",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    b"<?xml version=\"1.0\"?>",
    b"<row>",
    b"</row>",
    b"<row r=\"1\">",
    b"<c>",
    b"<c r=\"ZZZZ9\">",
    b"<c t=\"s\"><v>1</v></c>",
    b"<v>",
    b"</v>",
    b"<f>",
    b"<is><t>",
    b"\"",
    b" r=\"XFD1048576\"",
    b" s=\"4294967296\"",
    b" t=\"e\"",
    b" t=\"d\"",
    b"_x0000_",
    b"<si>",
    b"<rPh>",
];
const OF_ZIP: &[&[u8]] = &[
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x06\x07",
    b"\x01\x00\x10\x00",
    b"\xff\xff\xff\xff",
    b"../../etc/",
    b"xl/workbook.xml",
    b"\0",
];

type Parts = Vec<(String, String)>;

fn parts() -> Parts {
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |id: &str, of: &str, to: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{kind}/{of}\" Target=\"{to}\"/>")
    };
    let relations = |all: &[String]| format!("<Relationships>{}</Relationships>", all.concat());
    let head = [
        "id", "customer", "day", "at", "amount", "n", "share", "flag", "month", "note",
    ];
    let mut strings = String::from("<sst>");
    for text in head.iter().chain(&["late, \"again\"", "café"]) {
        let _ = write!(strings, "<si><t>{}</t></si>", text.replace('"', "&quot;"));
    }
    strings += "<si><r><t>two </t></r><r><t>runs</t></r><rPh><t>x</t></rPh></si></sst>";
    let mut sheet = String::from("<worksheet><sheetData><row r=\"1\">");
    for number in 0..head.len() {
        let _ = write!(sheet, "<c t=\"s\"><v>{number}</v></c>");
    }
    sheet += "</row>";
    for row in 0..ROWS {
        let number = row + 2;
        let _ = write!(
            sheet,
            "<row r=\"{number}\"><c r=\"A{number}\"><v>{row}</v></c><c t=\"str\"><v>c{}</v></c><c s=\"1\"><v>{}</v></c>\
             <c s=\"2\"><v>{}.5</v></c><c><f>1+1</f><v>{row}.5</v></c><c><v>{row}000</v></c><c><v>0.{row}</v></c>\
             <c t=\"b\"><v>1</v></c><c t=\"inlineStr\"><is><t>2018-02</t></is></c><c t=\"s\"><v>{}</v></c></row>",
            row % 5,
            43_101 + row,
            43_101 + row,
            10 + row % 3,
        );
    }
    sheet += "</sheetData></worksheet>";
    let styles = "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd.mm.yyyy hh:mm\"/></numFmts>\
                  <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>";
    let book = "<workbook><workbookPr date1904=\"0\"/><sheets><sheet name=\"Notes\" state=\"hidden\" id=\"r9\"/>\
                <sheet name=\"Orders\" sheetId=\"1\" id=\"r1\"/></sheets></workbook>";
    let of_book = [
        relation("r1", "worksheet", "worksheets/sheet1.xml"),
        relation("s", "styles", "styles.xml"),
        relation("t", "sharedStrings", "/xl/sharedStrings.xml"),
    ];
    [
        (
            "_rels/.rels",
            relations(&[relation("r1", "officeDocument", "xl/workbook.xml")]),
        ),
        ("xl/workbook.xml", book.to_owned()),
        ("xl/_rels/workbook.xml.rels", relations(&of_book)),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/styles.xml", styles.to_owned()),
        ("xl/sharedStrings.xml", strings),
    ]
    .map(|(name, text)| (name.to_owned(), text))
    .into()
}

fn archive(parts: &Parts, is_packed: bool) -> Vec<u8> {
    let parts: Vec<(&str, &str)> = parts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    zip(&parts, is_packed)
}

/// A workbook as a program writes it.
pub(super) fn honest() -> Vec<u8> {
    archive(&parts(), true)
}

/// A workbook that was damaged, and its rows where they were left alone.
pub(super) fn damaged(dice: &mut Dice) -> (Vec<u8>, Option<u64>) {
    let mut parts = parts();
    match dice.roll(5) {
        0 => (
            mutated(&archive(&parts, dice.once_in(2)), OF_ZIP, dice),
            None,
        ),
        1 => (liar(archive(&parts, dice.once_in(2)), dice), None),
        2 => {
            // Parts that are missing, there twice, or in another order.
            let (one, other) = (dice.roll(parts.len()), dice.roll(parts.len()));
            match dice.roll(3) {
                0 => drop(parts.remove(one)),
                1 => parts.swap(one, other),
                _ => parts.push(parts[one].clone()),
            }
            (archive(&parts, true), None)
        }
        _ => {
            // Inside of an archive that is right, so that what reads the XML sees it.
            let which = dice.roll(parts.len());
            let text = mutated(parts[which].1.as_bytes(), OF_XML, dice);
            parts[which].1 = String::from_utf8_lossy(&text).into_owned();
            let rows = ["xl/styles.xml", "xl/workbook.xml", "_rels/.rels"]
                .contains(&parts[which].0.as_str());
            (archive(&parts, true), rows.then_some(ROWS))
        }
    }
}

/// An archive whose headers say something else than is there.
fn liar(mut bytes: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    let marks: [&[u8]; 3] = [b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06"];
    for _ in 0..=dice.roll(3) {
        let mark = marks[dice.roll(3)];
        let windows = bytes.windows(4).enumerate();
        let places: Vec<usize> = windows
            .filter(|(_, four)| *four == mark)
            .map(|(at, _)| at)
            .collect();
        if places.is_empty() {
            continue;
        }
        let at = places[dice.roll(places.len())] + 4 + dice.roll(44);
        let with = [0, 1, 8, 0x7fff_ffff, 0xffff_ffff, dice.roll(1 << 20) as u32][dice.roll(6)];
        let width = [1, 2, 4][dice.roll(3)];
        for (byte, with) in bytes.iter_mut().skip(at).zip(&with.to_le_bytes()[..width]) {
            *byte = *with;
        }
    }
    bytes
}
