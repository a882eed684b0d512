//! The master key that wraps the subjects' keys. It lives outside the data folder and is backed up apart.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use kernel::{Chance, Digest};

use crate::JournalError;

/// 32 secret bytes, and a public name for them.
#[derive(Clone)]
pub struct MasterKey {
    bytes: [u8; 32],
    name: String,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({})", self.name)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a master key is 32 bytes in base64")]
pub struct BadMasterKey;

impl MasterKey {
    pub fn draw(chance: &mut Chance) -> MasterKey {
        MasterKey::from_bytes(chance.bytes())
    }

    pub fn from_bytes(bytes: [u8; 32]) -> MasterKey {
        let name = Digest::of(&[b"huying master key", &bytes]).hex()[..12].to_owned();
        MasterKey { bytes, name }
    }

    /// From base64, white space around it ignored.
    pub fn parse(text: &str) -> Result<MasterKey, BadMasterKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| BadMasterKey)?;
        Ok(MasterKey::from_bytes(bytes.try_into().map_err(|_| BadMasterKey)?))
    }

    pub fn reveal(&self) -> String {
        STANDARD.encode(self.bytes)
    }

    /// A public name: 12 hexadecimal digits of a hash of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Another key, which opens nothing that this one seals and does not tell it: for what lies beside the database.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        Digest::of(&[b"huying derived key", &self.bytes, purpose.as_bytes()]).0
    }

    pub(crate) fn wrap(&self, subject: &str, key: &[u8; 32], chance: &mut Chance) -> Vec<u8> {
        encrypt(&self.bytes, subject, key, chance)
    }

    pub(crate) fn unwrap(&self, subject: &str, wrapped: &[u8]) -> Result<[u8; 32], JournalError> {
        decrypt(&self.bytes, subject, wrapped)?.try_into().map_err(|_| JournalError::Unsealable)
    }
}

/// 24 bytes of nonce and the ciphertext, bound to `subject`: for what is too large for a fact, under a key that one seals.
pub fn encrypt(key: &[u8; 32], subject: &str, plain: &[u8], chance: &mut Chance) -> Vec<u8> {
    let nonce: [u8; 24] = chance.bytes();
    let payload = Payload { msg: plain, aad: subject.as_bytes() };
    let cipher = XChaCha20Poly1305::new(key.into());
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).expect("a value of a form fits into memory");
    [nonce.as_slice(), &sealed].concat()
}

/// What [`encrypt`] was given, when key and subject are the same and nothing was changed.
pub fn decrypt(key: &[u8; 32], subject: &str, sealed: &[u8]) -> Result<Vec<u8>, JournalError> {
    let (nonce, cipher) = sealed.split_first_chunk::<24>().ok_or(JournalError::Unsealable)?;
    let payload = Payload { msg: cipher, aad: subject.as_bytes() };
    XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(*nonce), payload).map_err(|_| JournalError::Unsealable)
}
