//! How each operation is tried, a file for each part of the API.

mod accounts;
mod casework;
mod district;
mod platform;
mod watch;

use super::coverage::Try;

pub fn tries() -> Vec<Try> {
    [platform::tries(), accounts::tries(), district::tries(), casework::tries(), watch::tries()]
        .into_iter()
        .flatten()
        .collect()
}
