//! Workbooks: of texts, and around XML that is not ours.

use std::io::{Cursor, Write as _};

use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const SHEETS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
/// Parts the texts and styles of an input from its sheet.
const PART: &[u8] = b"\n%%%%\n";

/// A workbook whose sheet is the XML given, then its shared strings and its styles where they are.
pub fn around(xml: &[u8]) -> Vec<u8> {
    let mut parts = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.windows(PART.len()).position(|window| window == PART) {
        parts.push(&rest[..at]);
        rest = &rest[at + PART.len()..];
    }
    parts.push(rest);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let fixed = [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELATIONS),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", SHEETS),
    ];
    let fixed = fixed.map(|(name, text)| (name, text.as_bytes()));
    let given = ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"].into_iter().zip(parts);
    for (name, bytes) in fixed.into_iter().chain(given) {
        writer.start_file(name, stored).expect("a file can be begun in memory");
        writer.write_all(bytes).expect("memory can be written to");
    }
    writer.finish().expect("memory can be written to").into_inner()
}

/// A workbook of texts; none where a text is not one a cell can hold.
pub fn book(rows: &[Vec<String>]) -> Option<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in rows.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            // XML has no way to write these, and of a line break it keeps one kind.
            if cell.chars().any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) || escaped(cell) {
                return None;
            }
            sheet.write_string(line as u32, column as u16, cell).ok()?;
        }
    }
    book.save_to_buffer().ok()
}

/// Whether a text holds what spreadsheet programs read as an escaped character, `_x000D_`.
fn escaped(text: &str) -> bool {
    text.contains("_x") || text.contains("_X")
}
