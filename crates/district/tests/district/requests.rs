//! Files of requests at their boundary: what comes in, what is refused and why. The towns and requests are made up.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use district::requests::{Located, OnTime, Reader, ReaderError, Request, RequestMap, RowFault};
use kernel::text::Language;

const HEADER: &str = "No,Opened,Due,Done,Verdict,Kind,Team,Desk,Where,Part,Zone,Lat,Lon,Via";

fn map() -> RequestMap {
    toml::from_str(
        r#"
        [source]
        name = "elsewhere"
        time_zone = "America/New_York"
        times = ["%m/%d/%Y %I:%M:%S %p"]
        [columns]
        id = "No"
        opened = "Opened"
        target = "Due"
        closed = "Done"
        on_time = "Verdict"
        matter = "Kind"
        queue = "Desk"
        department = "Team"
        address = "Where"
        longitude = "Lon"
        latitude = "Lat"
        channel = "Via"
        [place]
        fallback = [[-71.0, 42.0]]
        [area]
        column = "Part"
        spellings = { "N. End" = "North End" }
        unknown = ["Town"]
        [layers.zone]
        column = "Zone"
        number = true
        [channels]
        "Call" = "phone_desk"
        "#,
    )
    .unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn csv(folder: &Path, lines: &[&str]) -> PathBuf {
    let path = folder.join("requests.csv");
    std::fs::write(&path, [&[HEADER], lines].concat().join("\n")).unwrap();
    path
}

fn read(path: &Path) -> Vec<Result<Request, RowFault>> {
    Reader::open(path, map()).unwrap().map(|read| read.unwrap().request).collect()
}

/// One line of a file and what it must come to.
#[track_caller]
fn check(line: &str, expected: Result<(), RowFault>) {
    let folder = folder();
    let read = read(&csv(folder.path(), &[line]));
    assert_eq!(read.into_iter().map(|request| request.map(|_| ())).collect::<Vec<_>>(), [expected]);
}

const GOOD: &str = "7,03/08/2015 01:30:00 AM,03/09/2015 03:30:00 PM,,ONTIME,Lamp,Works,Works_Lamps,3 High St,N. End,Zone 04,42.5,-71.5,Call";

fn column(name: &str) -> String {
    name.to_owned()
}

#[test]
fn a_row_becomes_a_request_with_its_values_parsed() {
    let folder = folder();
    let request = read(&csv(folder.path(), &[GOOD])).remove(0).unwrap();
    assert_eq!((request.row, request.id.as_str()), (1, "7"));
    // The clocks go forward at two o'clock on that day.
    assert_eq!(request.opened.to_string(), "2015-03-08T06:30:00Z");
    assert_eq!(request.target.unwrap().to_string(), "2015-03-09T19:30:00Z");
    assert_eq!((request.closed, request.on_time), (None, Some(OnTime::OnTime)));
    assert_eq!(request.area.as_deref(), Some("North End"));
    assert_eq!(request.layers["zone"], "4");
    assert_eq!((request.channel.as_str(), request.queue.as_str()), ("phone_desk", "Works_Lamps"));
    assert_eq!(request.located.point().map(|point| (point.longitude(), point.latitude())), Some((-71.5, 42.5)));
}

#[test]
fn the_fallback_point_is_no_place_and_the_towns_name_no_part() {
    let folder = folder();
    let line = "8,03/08/2015 01:30:00 PM,,,,Lamp,Works,,,Town,,42.0000,-71,Pigeon";
    let request = read(&csv(folder.path(), &[line])).remove(0).unwrap();
    assert_eq!(request.located, Located::Fallback);
    assert_eq!((request.area, request.layers.len(), request.channel.as_str()), (None, 0, "import"));
}

#[test]
fn what_is_wrong_with_a_row_is_said_of_its_cell() {
    check("7,03/08/2015", Err(RowFault::Width { found: 2, expected: 14 }));
    check(&GOOD.replacen('7', "", 1), Err(RowFault::Empty { column: column("No") }));
    check(&GOOD.replace("Lamp,Works,", "Lamp,,"), Err(RowFault::Empty { column: column("Team") }));
    let time = || RowFault::Time { column: column("Due"), value: "soon".to_owned() };
    check(&GOOD.replace("03/09/2015 03:30:00 PM", "soon"), Err(time()));
    let verdict = || RowFault::OnTime { column: column("Verdict"), value: "MAYBE".to_owned() };
    check(&GOOD.replace("ONTIME", "MAYBE"), Err(verdict()));
    for (text, value) in [("north", "north"), ("95", "95"), ("NaN", "NaN")] {
        let fault = RowFault::Coordinate { column: column("Lat"), value: value.to_owned() };
        check(&GOOD.replace("42.5", text), Err(fault));
    }
    check(GOOD, Ok(()));
}

#[test]
fn every_fault_has_a_text_in_both_languages() {
    let (column, value) = (column("No"), "x".to_owned());
    let faults = [
        RowFault::Width { found: 1, expected: 2 },
        RowFault::Encoding,
        RowFault::Length,
        RowFault::Empty { column: column.clone() },
        RowFault::Time { column: column.clone(), value: value.clone() },
        RowFault::Coordinate { column: column.clone(), value: value.clone() },
        RowFault::OnTime { column, value },
    ];
    for fault in faults {
        let refusal = fault.refusal();
        for language in Language::ALL {
            let message = refusal.message(language);
            assert!(message != refusal.code && !message.contains('{'), "{message}");
        }
    }
}

#[test]
fn bad_bytes_and_endless_cells_spoil_their_own_row_only() {
    let folder = folder();
    let path = csv(folder.path(), &[GOOD]);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"\n");
    bytes.extend(GOOD.replace("High", "H\u{1}gh").bytes().map(|byte| if byte == 1 { 0xff } else { byte }));
    bytes.extend(format!("\n{}", GOOD.replace("High", &"h".repeat(70_000))).bytes());
    bytes.extend(format!("\n{GOOD}").bytes());
    std::fs::write(&path, bytes).unwrap();
    let read: Vec<_> = read(&path).into_iter().map(|request| request.map(|request| request.row)).collect();
    assert_eq!(read, [Ok(1), Err(RowFault::Encoding), Err(RowFault::Length), Ok(4)]);
}

#[test]
fn gzip_and_a_byte_order_mark_make_no_difference() {
    let folder = folder();
    let plain = read(&csv(folder.path(), &[GOOD, GOOD]));
    let text = format!("\u{feff}{HEADER}\r\n{GOOD}\r\n{GOOD}\r\n");
    let packed = folder.path().join("requests.csv.gz");
    let mut writer = flate2::write::GzEncoder::new(File::create(&packed).unwrap(), flate2::Compression::fast());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap();
    assert_eq!(read(&packed), plain);
}

#[test]
fn a_workbook_says_the_same_as_the_text_file() {
    let folder = folder();
    let plain = read(&csv(folder.path(), &[GOOD]));
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, word) in HEADER.split(',').enumerate() {
        sheet.write(0, at as u16, word).unwrap();
    }
    let time = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    for (at, cell) in GOOD.split(',').enumerate() {
        let at = at as u16;
        match at {
            0 | 11 | 12 => sheet.write(2, at, cell.parse::<f64>().unwrap()).unwrap(),
            1 => sheet.write_with_format(2, at, moment("2015-03-08T01:30:00"), &time).unwrap(),
            2 => sheet.write_with_format(2, at, moment("2015-03-09T15:30:00"), &time).unwrap(),
            _ => sheet.write(2, at, cell).unwrap(),
        };
    }
    let path = folder.path().join("requests.xlsx");
    book.save(&path).unwrap();
    // The row in between is empty: it is none.
    assert_eq!(read(&path), plain);
}

fn moment(text: &str) -> rust_xlsxwriter::ExcelDateTime {
    rust_xlsxwriter::ExcelDateTime::parse_from_str(text).unwrap()
}

#[test]
fn a_missing_column_is_named_before_any_row_is_read() {
    let folder = folder();
    let path = folder.path().join("requests.csv");
    std::fs::write(&path, "No,Opened\n1,2\n").unwrap();
    let error = Reader::open(&path, map()).err().unwrap();
    assert!(matches!(&error, ReaderError::Column { column, .. } if column == "Kind"), "{error}");
    std::fs::write(&path, "").unwrap();
    let error = Reader::open(&path, map()).err().unwrap();
    assert!(error.to_string().ends_with("has no header row"), "{error}");
}
