//! A picture, small: what a page shows before anyone asks for the whole of it.

use std::io::{BufReader, Cursor, Read as _};

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits, Rgb, RgbImage};

use super::media::MAX_PICTURE_LEN;

/// Longest side of a thumbnail, in pixels: what a column of text shows sharply on a dense screen.
const MAX_SIDE: u32 = 640;

/// Longest side of one where many stand in one page.
const MAX_SMALL_SIDE: u32 = 320;

/// Pixels that a picture may have. Cameras of phones make a fifth of it; all of them, decoded, have four bytes each.
const MAX_PIXELS: u64 = 100_000_000;

/// Bytes that decoding may take.
const MAX_ALLOC: u64 = 512 << 20;

/// Quality of the JPEG: below it the edges of letters in screenshots blur.
const QUALITY: u8 = 80;

/// A JPEG of the picture in `file`, upright and with nothing of what the file says beside the picture: no place, no time, no camera.
/// Of a picture that moves it is the first frame. `None` where the file holds no picture that is known and sound.
#[must_use]
pub(super) fn thumbnail(file: &[u8]) -> Option<Vec<u8>> {
    within(decoded(file)?, MAX_SIDE)
}

/// A thumbnail made smaller. `None` where it is small enough, or damaged.
#[must_use]
pub(super) fn smaller(thumbnail: &[u8]) -> Option<Vec<u8>> {
    let picture = decoded(thumbnail)?;
    if picture.width().max(picture.height()) <= MAX_SMALL_SIDE {
        return None;
    }
    within(picture, MAX_SMALL_SIDE)
}

/// The picture as a JPEG no side of which is longer.
fn within(picture: DynamicImage, side: u32) -> Option<Vec<u8>> {
    let picture = if picture.width().max(picture.height()) > side { picture.thumbnail(side, side) } else { picture };
    let mut jpeg = Vec::new();
    on_white(&picture).write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY)).ok()?;
    Some(jpeg)
}

/// The picture on white, made as small as must be to fit into so many pixels.
#[must_use]
pub(super) fn fitted(file: &[u8], (width, height): (u32, u32)) -> Option<RgbImage> {
    let picture = decoded(file)?;
    let fits = picture.width() <= width && picture.height() <= height;
    Some(on_white(&if fits { picture } else { picture.thumbnail(width, height) }))
}

/// The picture, turned as its file says that it is to be seen.
fn decoded(file: &[u8]) -> Option<DynamicImage> {
    if file.len() as u64 > MAX_PICTURE_LEN {
        return None;
    }
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || width == 0 || height == 0 {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(picture)
}

/// What shines through is white, as on the page that it was drawn for.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let picture = picture.to_rgba8();
    let (width, height) = picture.dimensions();
    let pixels = picture.pixels().flat_map(|pixel| {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        [red, green, blue].map(|channel| ((channel * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
    });
    RgbImage::from_raw(width, height, pixels.collect()).unwrap_or_else(|| RgbImage::from_pixel(1, 1, Rgb([255; 3])))
}

/// All of a file that may hold a picture, unless it is longer than any.
pub(super) fn read_whole(file: impl std::io::Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    BufReader::new(file).take(MAX_PICTURE_LEN + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() as u64 <= MAX_PICTURE_LEN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgba, RgbaImage};

    fn png(width: u32, height: u32, pixel: [u8; 4]) -> Vec<u8> {
        let mut png = Cursor::new(Vec::new());
        RgbaImage::from_pixel(width, height, Rgba(pixel)).write_to(&mut png, ImageFormat::Png).unwrap();
        png.into_inner()
    }

    fn size_of(jpeg: &[u8]) -> (u32, u32) {
        let picture = image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap();
        (picture.width(), picture.height())
    }

    #[test]
    fn no_side_is_longer_and_no_proportion_changes() {
        assert_eq!(size_of(&thumbnail(&png(1280, 640, [1, 2, 3, 255])).unwrap()), (640, 320));
        assert_eq!(size_of(&thumbnail(&png(30, 20, [1, 2, 3, 255])).unwrap()), (30, 20));
        assert_eq!(size_of(&thumbnail(&png(4000, 1, [1, 2, 3, 255])).unwrap()), (640, 1));
    }

    #[test]
    fn many_are_smaller_and_small_ones_stay() {
        let large = thumbnail(&png(1280, 640, [1, 2, 3, 255])).unwrap();
        assert_eq!(size_of(&smaller(&large).unwrap()), (320, 160));
        assert_eq!(smaller(&thumbnail(&png(320, 20, [1, 2, 3, 255])).unwrap()), None);
        assert_eq!(smaller(b"no picture"), None);
    }

    #[test]
    fn what_is_clear_becomes_white() {
        let jpeg = thumbnail(&png(8, 8, [0, 0, 0, 0])).unwrap();
        let pixel = *image::load_from_memory(&jpeg).unwrap().to_rgb8().get_pixel(4, 4);
        assert!(pixel.0.iter().all(|channel| *channel > 250), "{pixel:?}");
    }

    /// A JPEG with a segment of Exif that says: turn by a quarter, and names a place.
    #[test]
    fn pictures_stand_upright_and_tell_nothing_else() {
        let mut jpeg = Vec::new();
        RgbImage::from_pixel(40, 20, Rgb([200; 3])).write_with_encoder(JpegEncoder::new(&mut jpeg)).unwrap();
        let mut tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        tiff.extend_from_slice(b"a secret place");
        let exif = [b"Exif\0\0".as_slice(), &tiff].concat();
        let len = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let marked = [&jpeg[..2], b"\xff\xe1", &len, &exif, &jpeg[2..]].concat();
        let thumb = thumbnail(&marked).unwrap();
        assert_eq!(size_of(&thumb), (20, 40));
        assert!(!thumb.windows(6).any(|part| part == b"secret" || part == b"Exif\0\0"));
    }

    #[test]
    fn what_is_no_sound_picture_has_none() {
        let whole = png(64, 64, [9, 8, 7, 255]);
        assert!(thumbnail(b"").is_none());
        assert!(thumbnail(b"<svg xmlns='http://www.w3.org/2000/svg'/>").is_none());
        for len in 0..whole.len() - 12 {
            assert!(thumbnail(&whole[..len]).is_none(), "{len}");
        }
        // A header that promises more pixels than anyone may decode.
        let mut huge = whole.clone();
        huge[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        assert!(thumbnail(&huge).is_none());
    }
}
