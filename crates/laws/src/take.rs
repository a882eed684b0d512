//! Values out of a fuzzer's bytes.

/// Bytes that are used up from the front; zeros when they are gone, so that every input means something.
pub(crate) struct Take<'a>(pub &'a [u8]);

impl Take<'_> {
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// Below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (usize::from(self.byte()) | usize::from(self.byte()) << 8) % bound
    }

    /// As many bytes as the first one says, or as there are.
    pub fn text(&mut self) -> String {
        let length = usize::from(self.byte()).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
