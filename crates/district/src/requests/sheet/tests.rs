//! Files made to exhaust who reads them, and what is left of an ordinary one.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

const RELATIONS: &str = r#"<Relationships><Relationship Id="rId1" Type="x/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<workbook xmlns:r="r"><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const SHEETS: &str = r#"<Relationships><Relationship Id="rId1" Type="x/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const ROW: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>No</t></is></c></row>"#;

/// All rows, or why there are none.
fn rows(bytes: &[u8]) -> Result<Vec<Row>, SheetError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    Sheet::open(file.path())?.collect()
}

fn excess(bytes: &[u8]) -> Option<Excess> {
    match rows(bytes) {
        Err(SheetError::Excess { excess, .. }) => Some(excess),
        Err(other) => panic!("{other:?}"),
        Ok(_) => None,
    }
}

/// A workbook of parts given by name besides the fixed ones.
fn book(parts: &[(&str, &str)]) -> Vec<u8> {
    let fixed = [("_rels/.rels", RELATIONS), ("xl/workbook.xml", BOOK), ("xl/_rels/workbook.xml.rels", SHEETS)];
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let fixed = fixed.iter().filter(|(name, _)| !parts.iter().any(|(given, _)| given == name));
    for (name, text) in fixed.chain(parts) {
        writer.start_file(*name, packed).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn sheet(rows: &str) -> Vec<u8> {
    book(&[("xl/worksheets/sheet1.xml", &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"))])
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(text).unwrap();
    writer.finish().unwrap()
}

#[test]
fn a_row_without_an_end_is_refused_and_not_held() {
    let open = format!("No,Kind\n1,a\n2,\"{}", "b,\n".repeat(600_000));
    assert_eq!(excess(open.as_bytes()), Some(Excess::Row(2)));
    assert_eq!(excess(&packed(open.as_bytes())), Some(Excess::Row(2)));
    assert_eq!(excess(",".repeat(MOST_COLUMNS).as_bytes()), Some(Excess::Columns));
    // A long cell is one row's fault, and the next row is read.
    let long = format!("No,Kind\n1,{}\n2,b\n", "a".repeat(LONGEST_CELL + 1));
    let read = rows(long.as_bytes()).unwrap();
    assert_eq!(
        (read[0].broken, read[1].cells.as_slice()),
        (Some(Broken::Length), ["2", "b"].map(str::to_owned).as_slice())
    );
}

#[test]
fn what_unpacks_out_of_all_proportion_is_refused() {
    let rows = format!("1,{}\n", "a".repeat(32 * 1024)).repeat(700);
    assert_eq!(excess(&packed(rows.as_bytes())), Some(Excess::Unpacked));
    let cell = format!(r#"<row r="2"><c r="A2" t="str"><v>{}</v></c></row>"#, "a".repeat(32 * 1024));
    let cells = cell.repeat(700);
    assert_eq!(excess(&sheet(&format!("{ROW}{cells}"))), Some(Excess::Unpacked));
    // One text that stands in very many cells.
    let texts = format!(r#"<sst uniqueCount="1"><si><t>{}</t></si></sst>"#, "a".repeat(LONGEST_CELL));
    let cells = r#"<row r="2"><c r="A2" t="s"><v>0</v></c></row>"#.repeat(600);
    let rows = format!("<worksheet><sheetData>{ROW}{cells}</sheetData></worksheet>");
    let bomb = book(&[("xl/sharedStrings.xml", &texts), ("xl/worksheets/sheet1.xml", &rows)]);
    assert_eq!(excess(&bomb), Some(Excess::Unpacked));
}

#[test]
fn a_workbook_that_announces_or_holds_too_much_is_refused() {
    for count in ["4000001", "18446744073709551615"] {
        let texts = format!(r#"<sst uniqueCount="{count}"><si><t>a</t></si></sst>"#);
        assert_eq!(excess(&book(&[("xl/sharedStrings.xml", &texts)])), Some(Excess::Kept), "{count}");
    }
    let formats = format!("<styleSheet><cellXfs>{}</cellXfs></styleSheet>", "<xf/>".repeat(1_050_000));
    assert_eq!(excess(&book(&[("xl/styles.xml", &formats)])), Some(Excess::Kept));
    let cell = format!(r#"<row r="2"><c r="A2" t="str"><v>{}</v></c></row>"#, "a".repeat(LONGEST_ROW + 9_000));
    assert_eq!(excess(&sheet(&format!("{ROW}{cell}"))), Some(Excess::Cell));
    let parts = "<r><t>aaaa</t></r>".repeat(LONGEST_ROW / 16);
    let cell = format!(r#"<row r="2"><c r="A2" t="inlineStr"><is>{parts}</is></c></row>"#);
    assert_eq!(excess(&sheet(&format!("{ROW}{cell}"))), Some(Excess::Cell));
    assert_eq!(excess(&sheet(&format!("{ROW}{}", "<a>".repeat(100)))), Some(Excess::Depth));
    assert_eq!(excess(&book(&[("xl/sharedStrings.xml", "<!DOCTYPE l><sst/>")])), Some(Excess::Declares));
    // Texts hidden in what looks like cells are texts.
    let hidden = format!("<worksheet><row><c>{}</c></row></worksheet>", "<si><t>a</t></si>".repeat(100_000));
    assert_eq!(excess(&book(&[("xl/worksheets/sheet2.xml", &hidden)])), Some(Excess::Cell));
}

#[test]
fn places_no_sheet_has_are_refused() {
    for reference in ["AAAAAAAA1", "A99999999999", "A", "1A", "A1B", "长1", ""] {
        let cell = format!(r#"<row r="1"><c r="{reference}"><v>1</v></c></row>"#);
        assert!(matches!(rows(&sheet(&cell)), Err(SheetError::Workbook { .. })), "{reference}");
    }
    let far = r#"<row r="1"><c r="ZZZ1"><v>1</v></c></row>"#;
    assert_eq!(excess(&sheet(far)), Some(Excess::Columns));
    let dimension = r#"<worksheet><dimension ref="B2:A1"/><sheetData/></worksheet>"#;
    assert!(matches!(rows(&book(&[("xl/worksheets/sheet1.xml", dimension)])), Err(SheetError::Workbook { .. })));
    let elsewhere = SHEETS.replace("sheet1.xml", "sheet1.bin");
    assert!(matches!(rows(&book(&[("xl/_rels/workbook.xml.rels", &elsewhere)])), Err(SheetError::Workbook { .. })));
}

#[test]
fn the_rows_of_a_workbook_are_read() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["No", "Kind", "Opened"]).unwrap();
    sheet.write_row(1, 0, ["1", " 路灯 "]).unwrap();
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    sheet.write_with_format(1, 2, ExcelDateTime::from_ymd(2026, 3, 1).unwrap(), &date).unwrap();
    sheet.write_with_format(2, 2, 1e300, &date).unwrap();
    sheet.write(2, 0, 2).unwrap();
    sheet.write(3, 1, "a".repeat(20_000)).unwrap();
    let read = rows(&book.save_to_buffer().unwrap()).unwrap();
    let cells = |row: &Row| row.cells.clone();
    assert_eq!(cells(&read[0]), ["1", "路灯", "2026-03-01T00:00:00.000"]);
    assert_eq!((cells(&read[1])[0].as_str(), read[1].cells[2].len()), ("2", 301));
    assert_eq!((read[2].number, read[2].cells[1].len(), read[2].broken), (3, 20_000, None));
}

#[test]
fn a_reader_that_fails_is_told_and_does_not_end_the_rows_silently() {
    let failing = std::thread::spawn(|| std::panic::resume_unwind(Box::new("failed")));
    let mut reading = Reading { path: "requests.xlsx".into(), thread: Some(failing) };
    assert!(matches!(reading.ended(), Some(SheetError::Failed { .. })));
    assert!(reading.ended().is_none());
    let mut calm = Reading { path: "requests.xlsx".into(), thread: Some(std::thread::spawn(|| ())) };
    assert!(calm.ended().is_none());
}

#[test]
fn a_header_that_cannot_be_read_is_refused_and_a_mark_before_a_quotation_mark_is_none_of_it() {
    for header in [b"No,a".to_vec(), b"\xef\xbb\xbf\"No\",a".to_vec(), b"\xef\xbb\xbfNo,a".to_vec()] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [&header, b"\n1,2\n".as_slice()].concat()).unwrap();
        assert_eq!(Sheet::open(file.path()).unwrap().header, ["No", "a"]);
    }
    assert!(matches!(rows(b"No,\xff\n1,2\n"), Err(SheetError::Header { .. })));
    let long = format!("No,{}\n1,2\n", "a".repeat(LONGEST_CELL + 1));
    assert!(matches!(rows(long.as_bytes()), Err(SheetError::Header { .. })));
}
