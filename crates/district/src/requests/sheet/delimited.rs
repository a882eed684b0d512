//! Rows of comma-separated text.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::bound::{Bounded, Bounds};
use super::{Broken, Excess, LONGEST_CELL, LONGEST_ROW, MOST_COLUMNS, Progress, Row, Send, SheetError, Stop, tell};

/// Read at once.
const BUFFER: usize = 64 * 1024;
const MARK: &[u8] = b"\xef\xbb\xbf";

/// `packed` counts the bytes of the packed file, where `file` is unpacked on the way.
pub(super) fn read(path: &Path, file: impl Read, packed: Option<Arc<Progress>>, send: &Send) -> Result<(), Stop> {
    let bounds = Bounds::default();
    let fault = |source| Stop::Fault(SheetError::Read { path: path.to_owned(), source });
    let excess = |excess| Stop::Fault(SheetError::Excess { path: path.to_owned(), excess });
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .buffer_capacity(BUFFER)
        .from_reader(Bounded::new(unmarked(file).map_err(|error| fault(error.into()))?, &bounds));
    let mut record = csv::ByteRecord::new();
    let mut width = None;
    let mut number = 0;
    loop {
        // What was read on beyond the last row counts for the next.
        bounds.stretch.set((LONGEST_ROW + BUFFER) as u64);
        if let Some(packed) = &packed {
            bounds.unpack_from(packed.read().0);
        }
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) if bounds.total.get() == 0 => return Err(excess(Excess::Unpacked)),
            Err(_) if bounds.stretch.get() == 0 => return Err(excess(Excess::Row(number))),
            Err(source) => return Err(fault(source)),
        }
        if number == 0 && record.len() > MOST_COLUMNS {
            return Err(excess(Excess::Columns));
        }
        let row = text_row(number, &record, *width.get_or_insert(record.len()));
        tell(send, row)?;
        number += 1;
    }
    if number == 0 { Err(Stop::Fault(SheetError::NoHeader { path: path.to_owned() })) } else { Ok(()) }
}

/// What follows the byte order mark, where a spreadsheet program wrote one. It is taken off before anything is read, because a
/// quotation mark means something only at the beginning of a cell.
fn unmarked(mut file: impl Read) -> io::Result<impl Read> {
    let mut first = Vec::with_capacity(MARK.len());
    file.by_ref().take(MARK.len() as u64).read_to_end(&mut first)?;
    if first == MARK {
        first.clear();
    }
    Ok(io::Cursor::new(first).chain(file))
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
