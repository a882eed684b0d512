//! Sounds and films: what their recorders wrote beside them (names, places, devices) is blotted out.

use super::FileKind;

/// How deep boxes lie within boxes at most.
const DEPTH: u32 = 12;

/// Blots out what is no sound or picture. What it does not understand it leaves as it is.
pub(super) fn scrub(bytes: Vec<u8>, kind: FileKind) -> Vec<u8> {
    let mut bytes = bytes;
    match kind {
        FileKind::Mp4 | FileKind::M4a => boxes(&mut bytes, DEPTH),
        FileKind::Wav => chunks(&mut bytes),
        FileKind::Mp3 => return without_tags(bytes),
        FileKind::Jpeg | FileKind::Png | FileKind::Webp | FileKind::Pdf => {}
    }
    bytes
}

/// In an MP4 what is not needed stands in boxes of its own: they become free space, so that nothing else moves.
fn boxes(bytes: &mut [u8], depth: u32) {
    let mut rest = bytes;
    while rest.len() >= 8 {
        let short = u32::from_be_bytes([rest[0], rest[1], rest[2], rest[3]]);
        let name = [rest[4], rest[5], rest[6], rest[7]];
        let (head, size) = match short {
            0 => (8, rest.len()),
            1 if rest.len() >= 16 => {
                let long = rest[8..16].iter().fold(0_u64, |size, byte| (size << 8) | u64::from(*byte));
                (16, usize::try_from(long).unwrap_or(usize::MAX))
            }
            short => (8, short as usize),
        };
        if size < head || size > rest.len() {
            return;
        }
        let (this, next) = rest.split_at_mut(size);
        match &name {
            b"udta" | b"meta" | b"uuid" | b"loci" => {
                this[4..8].copy_from_slice(b"free");
                this[head..].fill(0);
            }
            b"moov" | b"trak" | b"mdia" | b"minf" | b"moof" | b"traf" if depth > 0 => {
                boxes(&mut this[head..], depth - 1);
            }
            _ => {}
        }
        rest = next;
    }
}

fn chunks(bytes: &mut [u8]) {
    let mut rest = bytes.get_mut(12..).unwrap_or_default();
    while rest.len() >= 8 {
        let size = u32::from_le_bytes([rest[4], rest[5], rest[6], rest[7]]) as usize;
        let end = size.saturating_add(8).min(rest.len());
        if matches!(&rest[..4], b"LIST" | b"id3 " | b"ID3 " | b"bext" | b"iXML" | b"_PMX") {
            rest[..4].copy_from_slice(b"JUNK");
            rest[8..end].fill(0);
        }
        // Chunks begin at even places.
        let next = (end + size % 2).min(rest.len());
        rest = &mut rest[next..];
    }
}

fn without_tags(mut bytes: Vec<u8>) -> Vec<u8> {
    while bytes.len() >= 10 && bytes.starts_with(b"ID3") {
        let size = bytes[6..10].iter().fold(0_usize, |size, byte| (size << 7) | usize::from(byte & 0x7f));
        let footer = if bytes[5] & 0x10 == 0 { 0 } else { 10 };
        let end = (10 + size + footer).min(bytes.len());
        bytes.drain(..end);
    }
    if bytes.len() >= 128 && bytes[bytes.len() - 128..].starts_with(b"TAG") {
        bytes.truncate(bytes.len() - 128);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], name, content].concat()
    }

    #[test]
    fn a_film_keeps_its_pictures_and_loses_where_it_was_made() {
        let place = boxed(b"udta", &boxed(b"\xa9xyz", b"+23.129+113.264/"));
        let film = [
            boxed(b"ftyp", b"isom"),
            boxed(b"moov", &[boxed(b"mvhd", b"head"), boxed(b"trak", &place), place.clone()].concat()),
            boxed(b"mdat", b"udta pictures"),
        ]
        .concat();
        let scrubbed = scrub(film.clone(), FileKind::Mp4);
        assert_eq!(scrubbed.len(), film.len());
        assert!(!scrubbed.windows(6).any(|six| six == b"+23.12"));
        assert!(scrubbed.windows(13).any(|part| part == b"udta pictures"));
        assert_eq!(scrub(scrubbed.clone(), FileKind::Mp4), scrubbed);
    }

    #[test]
    fn a_sound_loses_who_made_it() {
        let chunk =
            |name: &[u8; 4], content: &[u8]| [name, &(content.len() as u32).to_le_bytes()[..], content].concat();
        let wav = [b"RIFF\0\0\0\0WAVE".to_vec(), chunk(b"LIST", b"INFOZhang "), chunk(b"data", b"sound!")].concat();
        let scrubbed = scrub(wav.clone(), FileKind::Wav);
        assert!(!scrubbed.windows(5).any(|five| five == b"Zhang") && scrubbed.ends_with(b"sound!"));
        let tag = [b"ID3\x03\0\0\0\0\0\x05".to_vec(), b"Zhang".to_vec()].concat();
        let end = [b"TAG".to_vec(), vec![b'x'; 125]].concat();
        let mp3 = [tag, b"\xff\xfbsound".to_vec(), end].concat();
        assert_eq!(scrub(mp3, FileKind::Mp3), b"\xff\xfbsound");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            parts in proptest::collection::vec(
                (prop::sample::select(vec!["moov", "trak", "udta", "LIST", "ID3\u{3}", "RIFF"]), any::<u32>(),
                 proptest::collection::vec(any::<u8>(), 0..40)), 0..8),
        ) {
            let bytes: Vec<u8> = parts.iter().flat_map(|(name, size, content)| {
                let size = if size % 3 == 0 { *size } else { size % 64 };
                [&size.to_be_bytes()[..], name.as_bytes(), content].concat()
            }).collect();
            for kind in FileKind::ALL {
                let _ = scrub(bytes.clone(), kind);
                let _ = scrub(bytes.get(4..).unwrap_or_default().to_vec(), kind);
            }
        }
    }
}
