//! Rows of a CSV file (plain or gzip) or of the first sheet of an XLSX workbook, one at a time, all cells as text.

mod bound;
mod delimited;
mod inspect;
mod workbook;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use calamine::XlsxError;

/// Rows that may wait between the thread that unpacks the file and whoever reads them.
const WAITING_ROWS: usize = 64;

/// A cell longer than this, in bytes, is not a cell of a request: the row is refused rather than kept in memory.
const LONGEST_CELL: usize = 64 * 1024;

/// A row longer than this, in bytes, is never held in memory.
const LONGEST_ROW: usize = 1024 * 1024;

/// As many as a workbook's sheet can have.
const MOST_COLUMNS: usize = 16_384;

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
    #[error("the header row of {} is not UTF-8 text, or has a cell longer than 64 KiB", path.display())]
    Header { path: PathBuf },
    #[error("{} is refused: {excess}", path.display())]
    Excess { path: PathBuf, excess: Excess },
    #[error("reading {} failed within the reader", path.display())]
    Failed { path: PathBuf },
}

/// What of a file is more than any list of requests has: files like that are made to exhaust who reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    #[error("row {0} below the header is longer than 1 MiB (a quotation mark that is not closed?)")]
    Row(u64),
    #[error("its header has more than 16384 columns")]
    Columns,
    #[error("it unpacks to more than 16 MiB and 128 times its size")]
    Unpacked,
    #[error("a cell of it is longer than 1 MiB")]
    Cell,
    #[error("its texts and formats take more than 256 MiB")]
    Kept,
    #[error("its elements lie too deep")]
    Depth,
    #[error("it declares types or entities")]
    Declares,
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
    /// A cell of more than 64 KiB, or a workbook's row of more than 1 MiB.
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
    reading: Reading,
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
        let thread = std::thread::spawn(move || {
            let read = match &magic {
                b"PK" => workbook::read(&path, file, &counted, &send),
                b"\x1f\x8b" => {
                    let packed = Counted::new(file, counted.clone());
                    let file = flate2::read::MultiGzDecoder::new(io::BufReader::new(packed));
                    delimited::read(&path, file, Some(counted), &send)
                }
                _ => delimited::read(&path, Counted::new(file, counted), None, &send),
            };
            if let Err(Stop::Fault(fault)) = read {
                let _ = send.send(Err(fault));
            }
        });
        let mut reading = Reading { path: named.to_owned(), thread: Some(thread) };
        let header = match rows.recv() {
            Ok(row) => match row? {
                Row { broken: Some(_), .. } => return Err(SheetError::Header { path: named.to_owned() }),
                row => row.cells,
            },
            Err(_) => return Err(reading.ended().unwrap_or(SheetError::NoHeader { path: named.to_owned() })),
        };
        Ok(Sheet { header, progress, rows, reading })
    }
}

impl Iterator for Sheet {
    type Item = Result<Row, SheetError>;
    fn next(&mut self) -> Option<Self::Item> {
        self.rows.recv().ok().or_else(|| self.reading.ended().map(Err))
    }
}

/// The thread that reads.
struct Reading {
    path: PathBuf,
    thread: Option<JoinHandle<()>>,
}

impl Reading {
    /// Once no more rows come: whether they ended because the reader failed. Otherwise the last rows of a file that it cannot
    /// bear would be missing and nobody would know. Told once.
    fn ended(&mut self) -> Option<SheetError> {
        let failed = self.thread.take()?.join().is_err();
        failed.then(|| SheetError::Failed { path: self.path.clone() })
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

#[cfg(test)]
mod tests;
