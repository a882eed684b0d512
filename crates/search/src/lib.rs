//! Full text over what the slices keep: a reading of the journal, rebuilt from it whenever it is missing.
