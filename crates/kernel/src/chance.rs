//! Chance as an argument.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A stream of unpredictable bits when started from the system's entropy (the composition root does that, once), and a
/// repeatable one when started from a seed (the simulator, the tests). Ids, salts, nonces and draws all come from one.
#[derive(Clone, Debug)]
pub struct Chance(ChaCha20Rng);

impl Chance {
    pub fn from_entropy(entropy: [u8; 32]) -> Self {
        Chance(ChaCha20Rng::from_seed(entropy))
    }

    /// The stream that belongs to `label` under `seed`; streams of different labels are independent.
    pub fn seeded(seed: u64, label: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"huying chance\0");
        hash.update(seed.to_be_bytes());
        hash.update(label.as_bytes());
        Chance(ChaCha20Rng::from_seed(hash.finalize().into()))
    }

    /// A new stream split off this one.
    pub fn split(&mut self) -> Self {
        Chance(ChaCha20Rng::from_seed(self.bytes()))
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// A version 4 identifier.
    pub fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    /// Uniform in `0..below`; `below` must not be zero.
    pub fn below(&mut self, below: u64) -> u64 {
        self.0.random_range(0..below)
    }

    /// Uniform in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// True with the given probability; below 0 never, above 1 always.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of `items`, or none of an empty slice.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.below(items.len() as u64) as usize) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_label_give_the_same_stream() {
        let draw = |seed, label| Chance::seeded(seed, label).bytes::<16>();
        assert_eq!(draw(7, "a"), draw(7, "a"));
        assert_ne!(draw(7, "a"), draw(7, "b"));
        assert_ne!(draw(7, "a"), draw(8, "a"));
    }
}
