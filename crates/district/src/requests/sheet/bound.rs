//! How much may be read before something is in memory.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// What any file may unpack to, however small it is.
const UNPACKED: u64 = 16 * 1024 * 1024;
/// Bytes that one packed byte may unpack to, in the whole: lists of requests unpack to ten or twenty.
const RATIO: u64 = 128;

/// What is left, in bytes; none of it when it is 0.
#[derive(Clone)]
pub(super) struct Bounds {
    /// Until whoever reads sets it anew, because it holds nothing any more of what came before.
    pub stretch: Rc<Cell<u64>>,
    /// Of everything unpacked.
    pub total: Rc<Cell<u64>>,
    taken: Rc<Cell<u64>>,
}

impl Default for Bounds {
    fn default() -> Bounds {
        let full = || Rc::new(Cell::new(u64::MAX));
        Bounds { stretch: full(), total: full(), taken: Rc::default() }
    }
}

impl Bounds {
    /// Bounds the whole by the size of what it is unpacked from.
    pub fn unpack_from(&self, packed: u64) {
        self.total.set((UNPACKED + RATIO.saturating_mul(packed)).saturating_sub(self.taken.get()));
    }

    /// Takes bytes that are held twice or more off the whole; false where there are not so many.
    pub fn spend(&self, bytes: u64) -> bool {
        let enough = self.total.get() >= bytes;
        self.total.set(self.total.get().saturating_sub(bytes));
        enough
    }
}

/// Reads until a bound is reached, then fails.
pub(super) struct Bounded<R> {
    inner: R,
    bounds: Bounds,
}

impl<R: Read> Bounded<R> {
    pub fn new(inner: R, bounds: &Bounds) -> Bounded<R> {
        Bounded { inner, bounds: bounds.clone() }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Bounds { stretch, total, taken } = &self.bounds;
        let left = stretch.get().min(total.get());
        if left == 0 {
            return Err(io::Error::other("more than is ever held at once"));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(&mut buffer[..most])?;
        for bound in [stretch, total] {
            bound.set(bound.get().saturating_sub(read as u64));
        }
        taken.set(taken.get() + read as u64);
        Ok(read)
    }
}
