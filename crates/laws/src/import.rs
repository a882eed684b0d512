//! Files of requests: CSV, gzip and XLSX, and the map that says which column means what.

mod sheets;

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use district::requests::{Broken, Reader, ReaderError, RequestMap, Row, Sheet};
use tempfile::TempDir;

use crate::take::Take;

/// Parts the map of an input from its file, where it brings one.
const PART: &[u8] = b"\n%%%%\n";
const MAP: &str = include_str!("../../../fuzz/seeds/import/map.toml");
/// A cell longer than this is refused.
const LONGEST_CELL: usize = 64 * 1024;

thread_local! {
    static FOLDER: RefCell<Option<TempDir>> = const { RefCell::new(None) };
}

/// The first byte says what the rest is: `=` the cells of a workbook that is made of them and must come back, `<` the XML of
/// a workbook's sheet, anything else a file as it is, with its map before it or the one of the seeds.
pub fn law(data: &[u8]) {
    match data.split_first() {
        Some((b'=', cells)) => cells_come_back(cells),
        Some((b'<', _)) => drop(read(None, &sheets::around(data))),
        _ => match data.windows(PART.len()).position(|window| window == PART) {
            Some(at) => drop(read(std::str::from_utf8(&data[..at]).ok(), &data[at + PART.len()..])),
            None => plain(data),
        },
    }
}

/// A file that is no workbook and not packed says the same when its rows are written out and read again.
fn plain(data: &[u8]) {
    let Some((header, rows)) = read(None, data) else { return };
    let packed = data.starts_with(b"\x1f\x8b") || data.starts_with(b"PK");
    if !packed {
        let held: usize = rows.iter().flat_map(|row| &row.cells).map(String::len).sum();
        assert!(held <= 3 * data.len(), "{held} bytes of cells out of {}", data.len());
    }
    if rows.iter().any(|row| row.broken.is_some()) {
        return;
    }
    // With a byte order mark, so that one of the first cell is not taken for it.
    let mut writer = csv::WriterBuilder::new().from_writer("\u{feff}".as_bytes().to_vec());
    for cells in std::iter::once(&header).chain(rows.iter().map(|row| &row.cells)) {
        writer.write_record(cells).expect("rows of one width can be written");
    }
    let written = writer.into_inner().expect("memory can be written to");
    let sheet = Sheet::open(&file("again", &written)).expect("what was written is read");
    assert_eq!(sheet.header, header);
    let again: Vec<Row> = sheet.map(|row| row.expect("what was written is read")).collect();
    assert_eq!(again, rows);
}

/// The header and rows, by the map given or the one of the seeds; none where the file or the map is refused.
fn read(map: Option<&str>, data: &[u8]) -> Option<(Vec<String>, Vec<Row>)> {
    let map = RequestMap::load(&file("map.toml", map.unwrap_or(MAP).as_bytes())).ok()?;
    let path = file("requests", data);
    rows_with(&path, map);
    let sheet = Sheet::open(&path).ok()?;
    let header = sheet.header.clone();
    let mut rows = Vec::new();
    for row in sheet {
        let row = row.ok()?;
        assert_eq!(row.number, rows.len() as u64 + 1, "rows are counted");
        match row.broken {
            Some(Broken::Width(found)) => assert_ne!(found, header.len()),
            Some(_) => assert!(row.cells.len() <= header.len()),
            None => {
                assert_eq!(row.cells.len(), header.len());
                assert!(row.cells.iter().all(|cell| cell.len() <= LONGEST_CELL));
            }
        }
        rows.push(row);
    }
    Some((header, rows))
}

/// Every row becomes a request or a fault that can be told.
fn rows_with(path: &Path, map: RequestMap) {
    let reader = match Reader::open(path, map) {
        Ok(reader) => reader,
        Err(ReaderError::Column { column, .. }) => return assert!(!column.contains('\0')),
        Err(ReaderError::Sheet(_)) => return,
    };
    let header = reader.header().to_vec();
    for read in reader {
        let Ok(read) = read else { return };
        match read.request {
            Ok(request) => {
                assert_eq!(request.row, read.row.number);
                assert!(!request.id.is_empty() && !request.matter.is_empty() && !request.department.is_empty());
                // What is stored and written must be writable.
                for instant in [Some(request.opened), request.target, request.closed].into_iter().flatten() {
                    assert_eq!(instant.to_string().parse::<kernel::Instant>().ok(), Some(instant));
                }
            }
            Err(fault) => {
                assert!(fault.column().is_none_or(|column| header.iter().any(|word| word == column)), "{fault}");
                let refusal = fault.refusal();
                assert!(kernel::text::has(refusal.code), "{}", refusal.code);
            }
        }
    }
}

/// Texts put into a workbook come back as they are, but for the white space around them. What stands beyond the header is not read, and
/// a row without a text is none.
fn cells_come_back(data: &[u8]) {
    let mut take = Take(data);
    let width = 1 + take.below(6);
    let mut rows: Vec<Vec<String>> = Vec::new();
    while !take.is_empty() && rows.len() < 40 {
        rows.push((0..width).map(|_| take.text()).collect());
    }
    let Some(book) = sheets::book(&rows) else { return };
    let trimmed = |row: &Vec<String>| row.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let mut expected = rows.iter().map(trimmed).filter(|row| row.iter().any(|cell| !cell.is_empty()));
    let Ok(sheet) = Sheet::open(&file("requests", &book)) else {
        return assert!(expected.next().is_none(), "a workbook with texts is read");
    };
    let mut header = expected.next().expect("a workbook with a header has one");
    // The header is as wide as its last filled cell.
    header.truncate(header.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1));
    assert_eq!(sheet.header, header);
    let within = |mut row: Vec<String>| {
        row.resize(header.len(), String::new());
        row.iter().any(|cell| !cell.is_empty()).then_some(row)
    };
    let expected: Vec<_> = expected.filter_map(within).collect();
    let read: Vec<_> = sheet.map(|row| row.expect("a sound workbook is read").cells).collect();
    assert_eq!(read, expected);
}

/// A file of this thread's with these bytes.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    FOLDER.with_borrow_mut(|folder| {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = folder.get_or_insert_with(|| tempfile::tempdir_in(base).expect("a folder can be made"));
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("the folder can be written to");
        path
    })
}
