//! CSV files.

use std::ops::Deref;

use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Folder;
use crate::fault::{Fault, Faults, codes};

/// A CSV file's rows, each with its line.
pub(crate) struct Table<R> {
    pub file: &'static str,
    pub rows: Vec<Row<R>>,
}

pub(crate) struct Row<R> {
    pub line: u64,
    pub row: R,
}

impl<R> Deref for Row<R> {
    type Target = R;
    fn deref(&self) -> &R {
        &self.row
    }
}

impl<R> Table<R> {
    pub fn fault(&self, line: u64, field: &str, code: &'static str) -> Fault {
        Fault::new(self.file, line, field, code)
    }
}

impl<R: Default + Serialize + DeserializeOwned> Table<R> {
    pub fn read(folder: &Folder, file: &'static str, faults: &mut Faults) -> Table<R> {
        let mut table = Table { file, rows: Vec::new() };
        let Some(text) = folder.text(file, faults) else { return table };
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                faults.add(Fault::new(file, 1, "", codes::FILE_SYNTAX).with("cause", error));
                return table;
            }
        };
        if !columns_fit::<R>(file, &header, faults) {
            return table;
        }
        let mut record = StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => table.take(&header, &record, faults),
                Ok(false) => break,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    faults.add(Fault::new(file, line, "", codes::FILE_SYNTAX).with("cause", error));
                    break;
                }
            }
        }
        if table.rows.is_empty() && faults.is_empty() {
            faults.add(Fault::new(file, 1, "", codes::FILE_EMPTY));
        }
        table
    }

    fn take(&mut self, header: &StringRecord, record: &StringRecord, faults: &mut Faults) {
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.len() {
            let fault = self.fault(line, "", codes::ROW_LENGTH);
            return faults.add(fault.with("expected", header.len()).with("found", record.len()));
        }
        for (column, cell) in header.iter().zip(record) {
            if cell.chars().any(char::is_control) {
                faults.add(self.fault(line, column, codes::VALUE_CONTROL));
            }
        }
        match record.deserialize(Some(header)) {
            Ok(row) => self.rows.push(Row { line, row }),
            Err(error) => faults.add(self.fault(line, "", codes::FILE_SYNTAX).with("cause", error)),
        }
    }
}

/// Whether the header has every column a row needs and none it does not know.
fn columns_fit<R: Default + Serialize + DeserializeOwned>(
    file: &str,
    header: &StringRecord,
    faults: &mut Faults,
) -> bool {
    let known = columns::<R>();
    let mut fits = true;
    for column in &known {
        if header.iter().any(|found| found == column) {
            continue;
        }
        let others: StringRecord = known.iter().filter(|other| *other != column).collect();
        let empty: StringRecord = others.iter().map(|_| "").collect();
        if empty.deserialize::<R>(Some(&others)).is_err() {
            fits = false;
            faults.add(Fault::new(file, 1, column, codes::COLUMN_MISSING).with("column", column));
        }
    }
    for column in header {
        if !known.iter().any(|known| known == column) {
            fits = false;
            faults.add(Fault::new(file, 1, column, codes::COLUMN_UNKNOWN).with("column", column));
        }
    }
    fits
}

/// The columns of a row type, as it writes them.
fn columns<R: Default + Serialize>() -> Vec<String> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    writer.serialize(R::default()).expect("a row of text can be written");
    let bytes = writer.into_inner().expect("writing to memory does not fail");
    let mut reader = ReaderBuilder::new().from_reader(bytes.as_slice());
    let header = reader.headers().expect("what was just written can be read");
    header.iter().map(str::to_owned).collect()
}
