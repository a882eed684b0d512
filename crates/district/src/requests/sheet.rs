//! Rows of a CSV file (plain or gzip) or of the first sheet of an XLSX workbook, one at a time, all cells as text.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{DataRef, Reader as _, Xlsx, XlsxError};

/// Rows that may wait between the thread that unpacks the file and whoever reads them.
const WAITING_ROWS: usize = 1_024;

/// A cell longer than this, in bytes, is not a cell of a request: the row is refused rather than kept in memory.
const LONGEST_CELL: usize = 64 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    #[error("cannot open {}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: csv::Error },
    #[error("cannot read the workbook {}", path.display())]
    Workbook { path: PathBuf, source: Box<XlsxError> },
    #[error("{} has no header row", path.display())]
    NoHeader { path: PathBuf },
}

/// One row below the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// 1 for the first row below the header; a quoted line break does not count as a row.
    pub number: u64,
    /// As many cells as the header has, or what is there of them.
    pub cells: Vec<String>,
    /// What is wrong with the row before any cell is looked at.
    pub broken: Option<Broken>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// More or fewer cells than the header; the number of them.
    Width(usize),
    /// Bytes that are not UTF-8.
    Encoding,
    /// A cell of more than 64 KiB.
    Length,
}

/// How far the reading has come, in the file's own bytes where they can be counted, else in rows.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Done and total in one unit; the total is 0 when it is not known.
    pub fn read(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }
}

/// An open file of rows. The file is unpacked on a thread of its own, which ends when this is dropped.
pub struct Sheet {
    pub header: Vec<String>,
    pub progress: Arc<Progress>,
    rows: Receiver<Result<Row, SheetError>>,
}

impl Sheet {
    /// Opens `path`; its first bytes, not its name, say whether it is gzip, a workbook or plain text.
    pub fn open(path: &Path) -> Result<Sheet, SheetError> {
        let fault = |source| SheetError::Open { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(fault)?;
        let mut magic = [0; 2];
        let magic = match file.read_exact(&mut magic) {
            Ok(()) => magic,
            Err(_) => [0; 2],
        };
        file.seek(SeekFrom::Start(0)).map_err(fault)?;
        let progress = Arc::new(Progress::default());
        let (send, rows) = sync_channel(WAITING_ROWS);
        let (named, path, counted) = (path, path.to_owned(), progress.clone());
        std::thread::spawn(move || {
            let read = match &magic {
                b"PK" => workbook(&path, file, &counted, &send),
                b"\x1f\x8b" => {
                    let counted = Counted::new(file, counted);
                    delimited(&path, flate2::read::MultiGzDecoder::new(counted), &send)
                }
                _ => delimited(&path, Counted::new(file, counted), &send),
            };
            if let Err(Stop::Fault(fault)) = read {
                let _ = send.send(Err(fault));
            }
        });
        let header = rows.recv().map_err(|_| SheetError::NoHeader { path: named.to_owned() })??.cells;
        Ok(Sheet { header, progress, rows })
    }
}

impl Iterator for Sheet {
    type Item = Result<Row, SheetError>;
    fn next(&mut self) -> Option<Self::Item> {
        self.rows.recv().ok()
    }
}

/// Why the reading thread ends early.
enum Stop {
    /// Nobody listens any more.
    Unheard,
    Fault(SheetError),
}

type Send = SyncSender<Result<Row, SheetError>>;

fn tell(send: &Send, row: Row) -> Result<(), Stop> {
    send.send(Ok(row)).map_err(|_| Stop::Unheard)
}

fn delimited(path: &Path, file: impl Read, send: &Send) -> Result<(), Stop> {
    let fault = |source| Stop::Fault(SheetError::Read { path: path.to_owned(), source });
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(BufReader::new(file));
    let mut record = csv::ByteRecord::new();
    let mut width = None;
    let mut number = 0;
    while reader.read_byte_record(&mut record).map_err(fault)? {
        if number == 0 {
            strip_mark(&mut record);
        }
        let row = text_row(number, &record, *width.get_or_insert(record.len()));
        tell(send, row)?;
        number += 1;
    }
    if number == 0 { Err(Stop::Fault(SheetError::NoHeader { path: path.to_owned() })) } else { Ok(()) }
}

/// Takes the byte order mark off the first cell, where a spreadsheet program wrote one.
fn strip_mark(record: &mut csv::ByteRecord) {
    if record.get(0).is_some_and(|cell| cell.starts_with(b"\xef\xbb\xbf")) {
        let cells: Vec<Vec<u8>> = record.iter().map(<[u8]>::to_vec).collect();
        record.clear();
        for (at, cell) in cells.iter().enumerate() {
            record.push_field(if at == 0 { &cell[3..] } else { cell });
        }
    }
}

fn text_row(number: u64, record: &csv::ByteRecord, width: usize) -> Row {
    let mut broken = (record.len() != width).then_some(Broken::Width(record.len()));
    let cells = record
        .iter()
        .take(width)
        .map(|cell| {
            if cell.len() > LONGEST_CELL {
                broken = broken.or(Some(Broken::Length));
                return String::new();
            }
            std::str::from_utf8(cell).map(|text| text.trim().to_owned()).unwrap_or_else(|_| {
                broken = broken.or(Some(Broken::Encoding));
                String::from_utf8_lossy(cell).into_owned()
            })
        })
        .collect();
    Row { number, cells, broken }
}

fn workbook(path: &Path, file: File, progress: &Progress, send: &Send) -> Result<(), Stop> {
    let fault = |source| Stop::Fault(SheetError::Workbook { path: path.to_owned(), source: Box::new(source) });
    let mut book = Xlsx::new(BufReader::new(file)).map_err(fault)?;
    let no_header = || Stop::Fault(SheetError::NoHeader { path: path.to_owned() });
    let sheet = book.sheet_names().into_iter().next().ok_or_else(no_header)?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(fault)?;
    progress.total.store(u64::from(cells.dimensions().end.0), Ordering::Relaxed);
    let (mut width, mut number, mut at, mut row) = (0, 0, None, Vec::new());
    loop {
        let cell = cells.next_cell().map_err(fault)?;
        let place = cell.as_ref().map(|cell| cell.get_position());
        if at.is_some() && place.map(|(line, _)| line) != at {
            if row.iter().any(|cell: &String| !cell.is_empty()) {
                if number == 0 {
                    width = row.len();
                }
                let whole = spread(number, std::mem::take(&mut row), width);
                tell(send, whole)?;
                number += 1;
            }
            row.clear();
            progress.done.fetch_add(1, Ordering::Relaxed);
        }
        let (Some(cell), Some((line, column))) = (cell, place) else { break };
        at = Some(line);
        // A workbook may claim a cell far out; the header's width bounds what is kept of a row.
        if width == 0 || (column as usize) < width {
            row.resize(row.len().max(column as usize + 1), String::new());
            row[column as usize] = cell_text(cell.get_value());
        }
    }
    if number == 0 { Err(no_header()) } else { Ok(()) }
}

/// A workbook leaves out what is empty at the end of a row.
fn spread(number: u64, mut cells: Vec<String>, width: usize) -> Row {
    cells.resize(width, String::new());
    let broken = cells.iter().any(|cell| cell.len() > LONGEST_CELL).then_some(Broken::Length);
    Row { number, cells, broken }
}

/// Numbers as they would be typed (no exponent, no `.0`), dates as `2015-01-31T23:59:59.000`.
fn cell_text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(time) => {
            let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}")
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// Counts the bytes that went by.
struct Counted {
    file: File,
    progress: Arc<Progress>,
}

impl Counted {
    fn new(file: File, progress: Arc<Progress>) -> Counted {
        let length = file.metadata().map(|data| data.len()).unwrap_or(0);
        progress.total.store(length, Ordering::Relaxed);
        Counted { file, progress }
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.progress.done.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
