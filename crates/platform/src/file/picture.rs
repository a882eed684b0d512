//! Pictures: where they were taken, made anew without what the camera wrote, small.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits};
use kernel::Point;

use super::{FileKind, FileRules};

/// The longer side of a thumbnail, in pixels.
const SMALL: u32 = 320;
/// The longest side of any picture.
const LONGEST: u32 = 30_000;
/// Of JPEG, 1 to 100.
const QUALITY: u8 = 88;

/// A picture as it is kept.
pub struct Picture {
    pub kind: FileKind,
    pub bytes: Vec<u8>,
    /// JPEG.
    pub thumbnail: Vec<u8>,
    pub width: u32,
    pub height: u32,
    /// Where it was taken, as the camera wrote it; it is in none of the bytes here.
    pub position: Option<Point>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("{width} × {height} pixels")]
    TooLarge { width: u32, height: u32 },
    #[error("it can't be decoded")]
    Broken,
}

/// Decodes a picture, after its header has said that it is not too large, and makes it anew. Takes its time: not for the async
/// threads.
pub fn look_at(bytes: &[u8], kind: FileKind, rules: &FileRules) -> Result<Picture, PictureError> {
    let format = match kind {
        FileKind::Png => ImageFormat::Png,
        FileKind::Webp => ImageFormat::WebP,
        _ => ImageFormat::Jpeg,
    };
    let broken = |_| PictureError::Broken;
    let reader = || ImageReader::with_format(Cursor::new(bytes), format);
    let (width, height) = reader().into_dimensions().map_err(broken)?;
    let is_large = u64::from(width) * u64::from(height) > rules.pixels || width.max(height) > LONGEST;
    if is_large {
        return Err(PictureError::TooLarge { width, height });
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST);
    limits.max_image_height = Some(LONGEST);
    // Eight bytes a pixel are what the deepest of these formats needs, and some for the decoder.
    limits.max_alloc = Some(rules.pixels * 8 + (64 << 20));
    let mut reader = reader();
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let orientation = decoder.orientation().map_err(broken)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(broken)?;
    image.apply_orientation(orientation);
    let (kind, anew) = encode(&image, kind)?;
    let thumbnail = jpeg(&image.thumbnail(SMALL, SMALL), 80)?;
    Ok(Picture {
        kind,
        bytes: anew,
        thumbnail,
        width: image.width(),
        height: image.height(),
        position: position(bytes),
    })
}

/// A photograph stays one; WebP, which could only be written without loss here, becomes JPEG, or PNG where it lets through.
fn encode(image: &DynamicImage, kind: FileKind) -> Result<(FileKind, Vec<u8>), PictureError> {
    let is_png = kind == FileKind::Png || (kind == FileKind::Webp && image.color().has_alpha());
    if !is_png {
        return Ok((FileKind::Jpeg, jpeg(image, QUALITY)?));
    }
    let mut anew = Vec::new();
    image.write_to(&mut Cursor::new(&mut anew), ImageFormat::Png).map_err(|_| PictureError::Broken)?;
    Ok((FileKind::Png, anew))
}

fn jpeg(image: &DynamicImage, quality: u8) -> Result<Vec<u8>, PictureError> {
    let (plain, mut bytes) = (image.to_rgb8(), Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    let written = encoder.write_image(&plain, plain.width(), plain.height(), image::ExtendedColorType::Rgb8);
    written.map_err(|_| PictureError::Broken)?;
    Ok(bytes)
}

/// Where the camera says it was.
fn position(bytes: &[u8]) -> Option<Point> {
    let exif = exif::Reader::new().read_from_container(&mut Cursor::new(bytes)).ok()?;
    let degrees = |tag, reference, negative: u8| -> Option<f64> {
        let value = &exif.get_field(tag, exif::In::PRIMARY)?.value;
        let exif::Value::Rational(parts) = value else { return None };
        let parts: Vec<f64> = parts.iter().map(|part| part.to_f64()).collect();
        let [degrees, minutes, seconds] = parts.as_slice() else { return None };
        let whole = degrees + minutes / 60.0 + seconds / 3600.0;
        let exif::Value::Ascii(letters) = &exif.get_field(reference, exif::In::PRIMARY)?.value else { return None };
        let is_negative = letters.first()?.first() == Some(&negative);
        Some(if is_negative { -whole } else { whole }).filter(|whole| whole.is_finite())
    };
    let longitude = degrees(exif::Tag::GPSLongitude, exif::Tag::GPSLongitudeRef, b'W')?;
    let latitude = degrees(exif::Tag::GPSLatitude, exif::Tag::GPSLatitudeRef, b'S')?;
    Point::new(longitude, latitude).ok()
}

#[cfg(test)]
pub(super) mod tests {
    use image::RgbImage;

    use super::*;

    /// A photograph of 40 × 20 taken at 23.125 N, 113.264 E, held upright by its orientation.
    pub fn photograph() -> Vec<u8> {
        use exif::experimental::Writer;
        use exif::{Field, In, Rational, Tag, Value};
        let field = |tag, value| Field { tag, ifd_num: In::PRIMARY, value };
        let degrees = |whole: u32, minutes: u32, hundredths: u32| {
            let rational = |num, denom| Rational { num, denom };
            Value::Rational(vec![rational(whole, 1), rational(minutes, 1), rational(hundredths, 100)])
        };
        let letter = |letter: &str| Value::Ascii(vec![letter.as_bytes().to_vec()]);
        let fields = [
            field(Tag::Make, Value::Ascii(vec![b"A camera that tells".to_vec()])),
            field(Tag::Orientation, Value::Short(vec![6])),
            field(Tag::GPSLatitudeRef, letter("N")),
            field(Tag::GPSLatitude, degrees(23, 7, 3_000)),
            field(Tag::GPSLongitudeRef, letter("E")),
            field(Tag::GPSLongitude, degrees(113, 15, 5_040)),
        ];
        let mut writer = Writer::new();
        fields.iter().for_each(|field| writer.push_field(field));
        let mut tiff = Cursor::new(Vec::new());
        writer.write(&mut tiff, false).unwrap();
        let payload = [b"Exif\0\0", tiff.into_inner().as_slice()].concat();
        let plain =
            jpeg(&DynamicImage::ImageRgb8(RgbImage::from_pixel(40, 20, image::Rgb([200, 30, 30]))), 90).unwrap();
        let length = (payload.len() as u16 + 2).to_be_bytes();
        [&plain[..2], &[0xff, 0xe1], &length, &payload, &plain[2..]].concat()
    }

    fn contains(bytes: &[u8], text: &[u8]) -> bool {
        bytes.windows(text.len()).any(|window| window == text)
    }

    #[test]
    fn a_photograph_is_made_anew_without_what_the_camera_wrote() {
        let original = photograph();
        assert!(contains(&original, b"A camera that tells"));
        let picture = look_at(&original, FileKind::Jpeg, &FileRules::default()).unwrap();
        let position = picture.position.unwrap();
        assert!((position.latitude() - 23.125).abs() < 1e-6 && (position.longitude() - 113.264).abs() < 1e-6);
        assert_eq!((picture.width, picture.height), (20, 40), "turned as it was held");
        for bytes in [&picture.bytes, &picture.thumbnail] {
            assert!(!contains(bytes, b"A camera that tells") && !contains(bytes, b"Exif"));
            assert!(super::position(bytes).is_none());
        }
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        // A PNG of a hundred bytes that says it has 60,000 × 60,000 pixels.
        let header = [&b"IHDR"[..], &60_000u32.to_be_bytes(), &60_000u32.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
        let bomb = [
            &b"\x89PNG\r\n\x1a\n"[..],
            &13u32.to_be_bytes(),
            &header,
            &crc(&header).to_be_bytes(),
            &1u32.to_be_bytes(),
            b"IDAT\0",
            &crc(b"IDAT\0").to_be_bytes(),
        ]
        .concat();
        let refused = look_at(&bomb, FileKind::Png, &FileRules::default()).err();
        assert_eq!(refused, Some(PictureError::TooLarge { width: 60_000, height: 60_000 }));
        let small = FileRules { pixels: 799, ..FileRules::default() };
        let refused = look_at(&photograph(), FileKind::Jpeg, &small).err();
        assert_eq!(refused, Some(PictureError::TooLarge { width: 40, height: 20 }));
    }

    #[test]
    fn what_is_cut_short_is_no_picture() {
        let original = photograph();
        for kind in [FileKind::Jpeg, FileKind::Png, FileKind::Webp] {
            let broken = look_at(&original[..original.len() / 3], kind, &FileRules::default()).err();
            assert_eq!(broken, Some(PictureError::Broken), "{kind:?}");
        }
    }

    /// The checksum of PNG.
    fn crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
        !bytes.iter().fold(!0u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
    }
}
