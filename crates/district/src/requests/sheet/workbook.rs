//! Rows of a workbook's first sheet.

use std::fs::File;
use std::io::{BufReader, Seek as _};
use std::path::Path;
use std::sync::atomic::Ordering;

use calamine::{DataRef, Reader as _, Xlsx};

use super::bound::Bounds;
use super::inspect::{self, Refused};
use super::{Broken, Excess, LONGEST_CELL, LONGEST_ROW, MOST_COLUMNS, Progress, Row, Send, SheetError, Stop, tell};

/// The last day a spreadsheet program can write, 9999-12-31, as it counts days.
const LAST_DAY: f64 = 2_958_466.0;

pub(super) fn read(path: &Path, mut file: File, progress: &Progress, send: &Send) -> Result<(), Stop> {
    let fault = |source| Stop::Fault(SheetError::Workbook { path: path.to_owned(), source: Box::new(source) });
    let open = |source| Stop::Fault(SheetError::Open { path: path.to_owned(), source });
    let excess = |excess| Stop::Fault(SheetError::Excess { path: path.to_owned(), excess });
    let length = file.metadata().map_err(open)?.len();
    inspect::look_over(BufReader::new(&mut file), length).map_err(|refused| match refused {
        Refused::Excess(found) => excess(found),
        Refused::Workbook(source) => fault(source),
    })?;
    file.rewind().map_err(open)?;
    let mut book = Xlsx::new(BufReader::new(file)).map_err(fault)?;
    let no_header = || Stop::Fault(SheetError::NoHeader { path: path.to_owned() });
    let sheet = book.sheet_names().into_iter().next().ok_or_else(no_header)?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(fault)?;
    progress.total.store(u64::from(cells.dimensions().end.0), Ordering::Relaxed);
    // One text can stand in a million cells.
    let bounds = Bounds::default();
    bounds.unpack_from(length);
    let (mut width, mut number, mut at, mut row) = (MOST_COLUMNS, 0, None, Line::default());
    loop {
        let cell = cells.next_cell().map_err(fault)?;
        let place = cell.as_ref().map(|cell| cell.get_position());
        if at.is_some() && place.map(|(line, _)| line) != at {
            let line = std::mem::take(&mut row);
            if line.is_filled() {
                if number == 0 {
                    width = line.cells.len();
                }
                if !bounds.spend(line.held as u64) {
                    return Err(excess(Excess::Unpacked));
                }
                tell(send, line.spread(number, width))?;
                number += 1;
            }
            progress.done.fetch_add(1, Ordering::Relaxed);
        }
        let (Some(cell), Some((line, column))) = (cell, place) else { break };
        at = Some(line);
        // A workbook may claim a cell far out; the header's width bounds what is kept of a row.
        if (column as usize) < width {
            row.put(column as usize, cell_text(cell.get_value()));
        } else if number == 0 {
            return Err(excess(Excess::Columns));
        }
    }
    if number == 0 { Err(no_header()) } else { Ok(()) }
}

/// A row as it is gathered.
#[derive(Default)]
struct Line {
    cells: Vec<String>,
    /// Bytes of all cells.
    held: usize,
    is_too_long: bool,
}

impl Line {
    fn put(&mut self, column: usize, text: String) {
        self.cells.resize(self.cells.len().max(column + 1), String::new());
        self.held += text.len();
        if text.len() > LONGEST_CELL || self.held > LONGEST_ROW {
            self.is_too_long = true;
        } else {
            self.cells[column] = text;
        }
    }

    fn is_filled(&self) -> bool {
        self.is_too_long || self.cells.iter().any(|cell| !cell.is_empty())
    }

    /// A workbook leaves out what is empty at the end of a row.
    fn spread(mut self, number: u64, width: usize) -> Row {
        self.cells.resize(width, String::new());
        Row { number, cells: self.cells, broken: self.is_too_long.then_some(Broken::Length) }
    }
}

/// Numbers as they would be typed (no exponent, no `.0`), dates as `2015-01-31T23:59:59.000`.
fn cell_text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(time) if !(0.0..LAST_DAY).contains(&time.as_f64()) => time.as_f64().to_string(),
        DataRef::DateTime(time) => {
            let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}")
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}
