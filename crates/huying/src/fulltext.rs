//! The index of full text: opened in the data folder, and its reader among those of the journal's tail.

use std::time::Duration;

use casework::FindableCases;
use indicatif::ProgressBar;
use platform::Config;
use search::{Progress, Reader, Search, follow};

use crate::failure::Failure;
use crate::open::District;
use crate::output::Output;

/// What happens can be found after so long at most, while the index keeps up.
const PAUSE: Duration = Duration::from_millis(500);

/// The district's index; an empty one where there is none yet.
pub fn open(config: &Config, district: &District) -> Result<Search, Failure> {
    Search::open(&config.data.join("search"), district.index_key.clone()).map_err(Failure::other)
}

/// What reads the district's cases into the index.
pub fn reader(district: &District, search: &Search) -> Reader<FindableCases> {
    let source = FindableCases { casework: district.casework.clone(), profile: district.profile.clone() };
    Reader::new(search.clone(), district.journal.clone(), source)
}

/// Keeps the index in step for as long as the process runs.
pub fn start(district: &District, search: &Search, output: &Output) {
    let (reader, waiter) = (reader(district, search), district.journal.wake().waiter());
    let bar = Bar::new(output);
    tokio::spawn(follow(reader, waiter, PAUSE, move |at| bar.show(at)));
}

/// Shows how far an index that is made anew has come.
pub struct Bar(ProgressBar);

impl Bar {
    pub fn new(output: &Output) -> Bar {
        let bar = output.progress("search-progress", u64::MAX);
        // Until there is something to show.
        bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        Bar(bar)
    }

    pub fn show(&self, at: Progress) {
        if at.rebuilding {
            if self.0.is_hidden() {
                self.0.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            }
            self.0.set_length(at.head.max(0) as u64);
            self.0.set_position(at.position.max(0) as u64);
        } else if !self.0.is_finished() {
            self.0.finish_and_clear();
        }
    }
}
