//! Workbooks written by hand, so that a test can say what stands in each byte of them.

use std::io::Write;

/// A workbook of one sheet, `Orders`, from the XML of its rows. Texts stand in their cells.
pub fn workbook(rows: &str) -> Vec<u8> {
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |id: &str, of: &str, target: &str| {
        format!(
            "<Relationships><Relationship Id=\"{id}\" Type=\"{kind}/{of}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let root = relation("r1", "officeDocument", "xl/workbook.xml");
    let sheets = relation("r1", "worksheet", "worksheets/sheet1.xml");
    let book =
        "<workbook><sheets><sheet name=\"Orders\" sheetId=\"1\" id=\"r1\"/></sheets></workbook>";
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let parts = [
        ("_rels/.rels", root.as_str()),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", sheets.as_str()),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
    ];
    zip(&parts, true)
}

/// Parts of an archive, stored or deflated.
pub fn zip(parts: &[(&str, &str)], is_packed: bool) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in parts {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let packed = match is_packed {
            false => text.as_bytes().to_vec(),
            true => {
                let mut encoder =
                    flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
                // Nothing fails that is written to memory.
                let _ = encoder.write_all(text.as_bytes());
                encoder.finish().unwrap_or_default()
            }
        };
        let mut head = vec![20, 0, 0, 0, if is_packed { 8 } else { 0 }, 0, 0, 0, 0, 0];
        head.extend(crc.sum().to_le_bytes());
        head.extend((packed.len() as u32).to_le_bytes());
        head.extend((text.len() as u32).to_le_bytes());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend((bytes.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&head);
        bytes.extend(name.as_bytes());
        bytes.extend(&packed);
    }
    let start = bytes.len() as u32;
    let count = (parts.len() as u16).to_le_bytes();
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count);
    bytes.extend(count);
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}
