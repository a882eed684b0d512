//! Requests of another system through the binary: a profile made of them, the cases taken in, and what the check says.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A made-up town in the columns of Boston's map: row, where, when due, when closed, and what the file says of it.
pub struct Town {
    folder: tempfile::TempDir,
}

impl Town {
    /// Forty requests in two parts of a town, each due in two business days; every fifth closed a day late, every seventh
    /// still open, every eleventh on the point that stands for no place.
    pub fn new(verdict_of_row_4: &str) -> Town {
        let mut text =
            "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,CLOSURE_REASON,CASE_TITLE,REASON,TYPE,QUEUE,\
             Department,Location,neighborhood,ward,LATITUDE,LONGITUDE,Source"
                .to_owned();
        for row in 0..40 {
            let late = row % 5 == 0;
            let (closed, verdict) = match row {
                _ if row % 7 == 6 => ("", "ONTIME"),
                4 => ("03/04/2015 10:00:00 AM", verdict_of_row_4),
                _ if late => ("03/05/2015 10:00:00 AM", "OVERDUE"),
                _ => ("03/04/2015 10:00:00 AM", "ONTIME"),
            };
            let (part, east) = if row % 4 < 2 { ("West Town", -71.1) } else { ("East Town", -71.05) };
            let (latitude, longitude) = match row % 11 {
                10 => ("42.3594".to_owned(), "-71.0587".to_owned()),
                _ => (format!("{:.4}", 42.3 + f64::from(row) * 1e-4), format!("{east:.4}")),
            };
            write!(
                text,
                "\n{row},03/02/2015 10:00:00 AM,03/04/2015 10:00:00 AM,{closed},{verdict},done,A lamp,Lights,Lamp,Works_Lamps,\
                 Works,{row} River St  Town,{part},1,{latitude},{longitude},Constituent Call"
            )
            .unwrap();
        }
        let town = Town { folder: tempfile::tempdir().unwrap() };
        std::fs::write(town.path("town.csv"), text).unwrap();
        town
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn huying(&self, words: &[&str]) -> Output {
        let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles/boston.map.toml");
        let mut command = Command::new(env!("CARGO_BIN_EXE_huying"));
        command.args(["--json", "--language", "en"]).args(words).arg(self.path("town.csv")).arg("--map").arg(map);
        match words[0] {
            "profile" => command.arg("--out").arg(self.path("profile")),
            _ => command.arg("--data").arg(self.path("data")).arg("--profile").arg(self.path("profile")),
        };
        command.output().unwrap()
    }

    /// The answer of a command that ends with `code`.
    #[track_caller]
    fn answer(&self, words: &[&str], code: i32) -> serde_json::Value {
        let output = self.huying(words);
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

#[test]
fn a_towns_requests_become_its_profile_and_its_cases() {
    let town = Town::new("ONTIME");
    let made = town.answer(&["profile", "derive"], 0);
    assert_eq!((&made["rows"], &made["areas"], &made["timed_matters"]), (&40.into(), &2.into(), &1.into()));

    let taken = town.answer(&["import", "cases"], 0);
    assert_eq!((&taken["taken"], &taken["unplaced"]), (&40.into(), &3.into()));
    let again = town.answer(&["import", "cases"], 0);
    assert_eq!((&again["taken"], &again["known"]), (&0.into(), &40.into()));

    let check = town.answer(&["import", "check"], 0);
    assert_eq!((&check["missing"], &check["misfiled"], &check["unplaced"]), (&0.into(), &0.into(), &3.into()));
    assert_eq!(check["even_rows"]["ratio"], 1.0);
    assert_eq!((&check["verdicts"]["of"], &check["verdicts"]["agree"]), (&35.into(), &35.into()));
    assert_eq!(check["limits"]["matters"]["Lamp"]["business_days"], serde_json::json!([[null, 2]]));
    assert_eq!(check["limits"]["even_ratio"], 1.0);
}

#[test]
fn a_verdict_that_the_stored_clock_denies_is_named() {
    let town = Town::new("OVERDUE");
    town.answer(&["profile", "derive"], 0);
    town.answer(&["import", "cases"], 0);
    let check = town.answer(&["import", "check"], 1);
    assert_eq!(check["verdicts"]["differ"], serde_json::json!(["4"]));
}
