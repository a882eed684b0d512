//! Lists as files: CSV page by page to the wire, XLSX by way of a temporary file. Neither holds more than a few pages in memory.

use std::fs::File;
use std::io::{Read, Seek};

use axum::body::{Body, Bytes};
use futures::stream::{self, BoxStream, StreamExt};
use rust_xlsxwriter::{Workbook, Worksheet};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

/// A page of rows; each row has as many cells as the head.
pub type Rows = Vec<Vec<String>>;

/// Pages as they are read.
pub type Pages = BoxStream<'static, Result<Rows, SheetError>>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetFormat {
    /// UTF-8 with a byte order mark, so that spreadsheets read it as such; RFC 4180.
    #[default]
    Csv,
    Xlsx,
}

#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    #[error("a page could not be read: {0}")]
    Page(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("a row could not be written: {0}")]
    Csv(#[from] csv::Error),
    #[error("the sheet could not be written: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    #[error("the temporary file: {0}")]
    File(#[from] std::io::Error),
    #[error("the writer of the sheet ended early")]
    Ended,
}

impl SheetFormat {
    pub fn extension(self) -> &'static str {
        match self {
            SheetFormat::Csv => "csv",
            SheetFormat::Xlsx => "xlsx",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            SheetFormat::Csv => "text/csv; charset=utf-8",
            SheetFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The file as the body of an answer. A CSV that fails on the way breaks the connection, so that nobody takes a part for the
    /// whole; an XLSX is whole before its first byte is sent.
    pub async fn body(self, head: Vec<String>, pages: Pages) -> Result<Body, SheetError> {
        match self {
            SheetFormat::Csv => Ok(Body::from_stream(csv_chunks(head, pages))),
            SheetFormat::Xlsx => Ok(Body::from_stream(file_chunks(xlsx_file(head, pages).await?))),
        }
    }
}

fn csv_chunks(head: Vec<String>, pages: Pages) -> BoxStream<'static, Result<Bytes, SheetError>> {
    let first = csv_of(&[head]).map(|rows| Bytes::from([b"\xEF\xBB\xBF".as_slice(), &rows].concat()));
    let rest = pages.map(|page| Ok(Bytes::from(csv_of(&page?)?)));
    stream::once(async { first }).chain(rest).boxed()
}

fn csv_of(rows: &[Vec<String>]) -> Result<Vec<u8>, SheetError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| guarded(cell)))?;
    }
    writer.into_inner().map_err(|error| SheetError::File(error.into_error()))
}

/// A cell that no spreadsheet takes for a formula.
fn guarded(cell: &str) -> String {
    let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if begins { format!("'{cell}") } else { cell.to_owned() }
}

/// Writes the pages while they are read; at most one waits. Every cell is text, which no spreadsheet takes for a formula.
async fn xlsx_file(head: Vec<String>, mut pages: Pages) -> Result<File, SheetError> {
    let (send, mut receive) = mpsc::channel::<Rows>(1);
    let writer = spawn_blocking(move || {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory()?;
        let mut line = 0;
        write_rows(sheet, &mut line, &[head])?;
        while let Some(rows) = receive.blocking_recv() {
            write_rows(sheet, &mut line, &rows)?;
        }
        let mut file = tempfile::tempfile()?;
        book.save_to_writer(&mut file)?;
        file.rewind()?;
        Ok(file)
    });
    while let Some(page) = pages.next().await {
        // Where the writer has ended, it says below why.
        if send.send(page?).await.is_err() {
            break;
        }
    }
    drop(send);
    writer.await.map_err(|_| SheetError::Ended)?
}

fn write_rows(sheet: &mut Worksheet, line: &mut u32, rows: &[Vec<String>]) -> Result<(), SheetError> {
    for row in rows {
        for (column, cell) in (0_u16..).zip(row) {
            sheet.write_string(*line, column, cell)?;
        }
        *line += 1;
    }
    Ok(())
}

fn file_chunks(file: File) -> BoxStream<'static, Result<Bytes, SheetError>> {
    const CHUNK: usize = 64 * 1024;
    let next = |mut file: File| async move {
        let read = spawn_blocking(move || {
            let mut chunk = vec![0; CHUNK];
            let length = file.read(&mut chunk)?;
            chunk.truncate(length);
            Ok::<_, std::io::Error>((chunk, file))
        });
        let (chunk, file) = read.await.map_err(|_| SheetError::Ended)??;
        Ok((!chunk.is_empty()).then(|| (Bytes::from(chunk), file)))
    };
    stream::try_unfold(file, next).boxed()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const PAGE: usize = 500;
    const PAGES: usize = 200;

    /// 100,000 rows, and how many pages of them have been read.
    fn many() -> (Pages, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        let counted = read.clone();
        let page = move |number: usize| {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok((0..PAGE).map(|row| vec![(number * PAGE + row).to_string(), "=1+1".to_owned()]).collect())
        };
        (stream::iter(0..PAGES).map(page).boxed(), read)
    }

    fn head() -> Vec<String> {
        vec!["no".to_owned(), "words".to_owned()]
    }

    #[tokio::test]
    async fn no_page_is_read_before_the_one_before_it_is_taken() {
        let (pages, read) = many();
        let mut body = SheetFormat::Csv.body(head(), pages).await.unwrap().into_data_stream();
        let mut rows = 0;
        let mut taken = 0;
        while let Some(chunk) = body.next().await {
            rows += chunk.unwrap().iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(read.load(Ordering::SeqCst), taken, "the head comes before any page");
            taken += 1;
        }
        assert_eq!(rows, PAGE * PAGES + 1);
    }

    #[tokio::test]
    async fn a_sheet_of_many_rows_is_whole() {
        let (pages, read) = many();
        let body = SheetFormat::Xlsx.body(head(), pages).await.unwrap();
        assert_eq!(read.load(Ordering::SeqCst), PAGES);
        let mut body = body.into_data_stream();
        let (mut first, mut length) = (None, 0);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.unwrap();
            assert!(chunk.len() <= 64 * 1024);
            length += chunk.len();
            first.get_or_insert(chunk);
        }
        assert_eq!(&first.unwrap()[..2], b"PK");
        assert!(length > 100_000, "{length}");
    }

    #[tokio::test]
    async fn no_cell_is_a_formula() {
        for (cell, written) in
            [("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\tx", "'\tx"), ("a=1", "a=1"), ("", "")]
        {
            assert_eq!(guarded(cell), written);
        }
        let rows = csv_of(&[vec!["=a,\"b\"".to_owned(), "c".to_owned()]]).unwrap();
        assert_eq!(String::from_utf8(rows).unwrap(), "\"'=a,\"\"b\"\"\",c\r\n");
    }

    #[tokio::test]
    async fn a_page_that_cannot_be_read_breaks_the_file() {
        let failing = || {
            let pages = [Ok(vec![vec!["1".to_owned(), "a".to_owned()]]), Err(SheetError::Ended)];
            stream::iter(pages).boxed()
        };
        let body = SheetFormat::Csv.body(head(), failing()).await.unwrap();
        assert!(axum::body::to_bytes(body, 1 << 20).await.is_err());
        assert!(SheetFormat::Xlsx.body(head(), failing()).await.is_err());
    }
}
