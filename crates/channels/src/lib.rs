//! Channels: how other systems hand in requests and ask what became of them.
