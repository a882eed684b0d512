//! Where this process is to end, for `huying simulate --fault exit`, which starts it. No file or environment asks for it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use store::Faults;

use crate::failure::Failure;

/// What a process exits with that ended where its plan says: no other way out gives it.
pub const EXIT_CODE: i32 = 86;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FaultPlan {
    /// Every site that is passed is written to this file, a line each. The last line is where the process ended.
    pub passed: PathBuf,
    /// Sites at which the process ends, each with how many hits it has to take until then.
    pub exits: BTreeMap<String, u64>,
}

impl FaultPlan {
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec(self).map_err(Failure::other)?;
        fs::write(path, text).map_err(Failure::file(path.display()))
    }

    /// The plan in `path`, armed: at the site that is hit often enough first the process is gone, without unwinding, without
    /// closing anything.
    pub fn arm(path: &Path) -> Result<Faults, Failure> {
        let text = fs::read_to_string(path).map_err(Failure::file(path.display()))?;
        let FaultPlan { passed, mut exits } = serde_json::from_str(&text).map_err(Failure::other)?;
        let mut passed = File::create(&passed).map_err(Failure::file(passed.display()))?;
        let faults = Faults::default();
        faults.watch(move |site| {
            // Whoever cannot tell where it ended had better not end there.
            if passed.write_all(format!("{site}\n").as_bytes()).is_err() {
                return;
            }
            if let Some(left) = exits.get_mut(site) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    std::process::exit(EXIT_CODE);
                }
            }
        });
        Ok(faults)
    }
}

/// The sites in the file of a plan, in the order in which they were passed.
pub fn passed(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}
