//! How each operation is tried, a file for each part of the API.

mod casework;
mod district;
mod platform;

use super::coverage::Try;

pub fn tries() -> Vec<Try> {
    [platform::tries(), district::tries(), casework::tries()].into_iter().flatten().collect()
}
