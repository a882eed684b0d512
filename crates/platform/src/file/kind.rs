//! What a file is, by its own first bytes.

use serde::{Deserialize, Serialize};

/// A kind of file that can be taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FileKind {
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/png")]
    Png,
    #[serde(rename = "image/webp")]
    Webp,
    #[serde(rename = "application/pdf")]
    Pdf,
    #[serde(rename = "audio/mpeg")]
    Mp3,
    #[serde(rename = "audio/m4a")]
    M4a,
    #[serde(rename = "audio/x-wav")]
    Wav,
    #[serde(rename = "video/mp4")]
    Mp4,
}

impl FileKind {
    pub const ALL: [FileKind; 8] = [
        FileKind::Jpeg,
        FileKind::Png,
        FileKind::Webp,
        FileKind::Pdf,
        FileKind::Mp3,
        FileKind::M4a,
        FileKind::Wav,
        FileKind::Mp4,
    ];

    /// The kind that these bytes are of, whatever anyone calls them.
    pub fn of(bytes: &[u8]) -> Option<FileKind> {
        let found = infer::get(bytes)?.mime_type();
        FileKind::ALL.into_iter().find(|kind| kind.mime() == found)
    }

    pub fn mime(self) -> &'static str {
        match self {
            FileKind::Jpeg => "image/jpeg",
            FileKind::Png => "image/png",
            FileKind::Webp => "image/webp",
            FileKind::Pdf => "application/pdf",
            FileKind::Mp3 => "audio/mpeg",
            FileKind::M4a => "audio/m4a",
            FileKind::Wav => "audio/x-wav",
            FileKind::Mp4 => "video/mp4",
        }
    }

    pub fn named(mime: &str) -> Option<FileKind> {
        FileKind::ALL.into_iter().find(|kind| kind.mime() == mime)
    }

    pub fn is_picture(self) -> bool {
        matches!(self, FileKind::Jpeg | FileKind::Png | FileKind::Webp)
    }

    /// Whether it tells by itself who someone is: a voice, a film, a paper.
    pub fn is_personal(self) -> bool {
        !self.is_picture()
    }

    /// The ending of its name.
    pub fn ending(self) -> &'static str {
        match self {
            FileKind::Jpeg => "jpg",
            FileKind::Png => "png",
            FileKind::Webp => "webp",
            FileKind::Pdf => "pdf",
            FileKind::Mp3 => "mp3",
            FileKind::M4a => "m4a",
            FileKind::Wav => "wav",
            FileKind::Mp4 => "mp4",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_what_a_file_is() {
        let of = |bytes: &[u8]| FileKind::of(bytes);
        assert_eq!(of(b"\xff\xd8\xff\xe0\0\x10JFIF\0"), Some(FileKind::Jpeg));
        assert_eq!(of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some(FileKind::Png));
        assert_eq!(of(b"RIFF\x24\0\0\0WEBPVP8 "), Some(FileKind::Webp));
        assert_eq!(of(b"%PDF-1.7\n"), Some(FileKind::Pdf));
        assert_eq!(of(b"ID3\x03\0\0\0\0\0\0"), Some(FileKind::Mp3));
        assert_eq!(of(b"\0\0\0\x20ftypM4A \0\0\0\0"), Some(FileKind::M4a));
        assert_eq!(of(b"RIFF\x24\0\0\0WAVEfmt "), Some(FileKind::Wav));
        assert_eq!(of(b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41"), Some(FileKind::Mp4));
        // What could do something where it is opened.
        for other in
            [&b"MZ\x90\0"[..], b"\x7fELF", b"<svg xmlns=", b"<!DOCTYPE html>", b"PK\x03\x04", b"#!/bin/sh", b""]
        {
            assert_eq!(of(other), None);
        }
        for kind in FileKind::ALL {
            assert_eq!(FileKind::named(kind.mime()), Some(kind));
        }
    }
}
