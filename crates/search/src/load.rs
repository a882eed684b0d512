//! Documents in bulk into an index that nobody else writes to: for benchmarks, in the order of their keys.

use std::collections::BTreeMap;

use tantivy::Index;

use crate::document::Document;
use crate::index::{Search, SearchError};
use crate::reader::put;
use crate::state::State;

/// Documents of one commit.
const BATCH: usize = 20_000;

/// Puts in the documents under ascending keys, and waits until what is merged is merged. `progress` is told how many there are.
pub fn load(
    search: &Search,
    kind: &str,
    documents: impl IntoIterator<Item = (u64, Document)>,
    mut progress: impl FnMut(u64),
) -> Result<(), SearchError> {
    let open = search.open_index();
    let mut writer = open.writer()?;
    let (mut documents, mut done) = (documents.into_iter(), 0);
    loop {
        let batch: BTreeMap<u64, Document> = documents.by_ref().take(BATCH).collect();
        let Some(last) = batch.keys().next_back().copied() else { break };
        for (key, document) in &batch {
            writer.add_document(document.to_index(&open.fields, *key, kind))?;
        }
        done += batch.len() as u64;
        put(search, &mut writer, &State { position: last as i64, ..State::begin(0) })?;
        progress(done);
    }
    writer.wait_merging_threads()?;
    let writer: tantivy::IndexWriter = Index::clone(&open.index).writer_with_num_threads(1, 1 << 24)?;
    writer.garbage_collect_files().wait()?;
    open.reader.reload()?;
    Ok(())
}
