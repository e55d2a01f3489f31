//! Photographs of guests: whatever was uploaded is decoded within limits, turned upright, made small
//! and encoded anew, so that only pixels are kept. Place and time of the shot, and anything else that
//! a file can carry, stay behind.

use crate::error::Problem;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbaImage, codecs::jpeg::JpegEncoder,
    imageops::FilterType,
};
use std::{io::Cursor, panic};

/// The largest file that is looked at, in bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// Width and height of the box, in pixels, into which a photograph is fitted. Smaller ones stay small.
pub const SIDE: u32 = 640;

/// The largest width and height, in pixels, that is decoded.
const MAX_SIDE: u32 = 8_000;
/// The most memory, in bytes, that a decoded picture may take: 44 megapixels in colour.
const MAX_ALLOC: u64 = 128 * 1024 * 1024;
/// Of 100. Faces stay clean and a picture is some 60 KB.
const JPEG_QUALITY: u8 = 85;
/// What shows through where a picture is transparent: ivory, the paper of the light theme.
const BACKGROUND: [u8; 3] = [0xfb, 0xf8, 0xf1];
const FORMATS: &str = "JPEG, PNG or WebP";
const FORMATS_AND_SIZE: &str = "JPEG, PNG or WebP of at most 8000 by 8000 pixels and 44 megapixels";

/// Makes the picture to keep from an uploaded file: a JPEG of at most [`SIDE`] by [`SIDE`] pixels,
/// upright and without metadata.
///
/// It takes up to a second of a processor and some hundred megabytes for the largest files: call it
/// in `spawn_blocking`, and not for many files at once.
///
/// # Errors
/// [`Problem::TooLarge`] with [`MAX_BYTES`] for a larger file; [`Problem::WrongType`] with what is
/// accepted for anything that is not a picture in one of the three formats, judged by its content and
/// not by its name, or that declares more pixels than are decoded.
pub fn reencode(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    jpeg(fit(on_background(open(bytes)?), SIDE, SIDE))
}

/// Decodes an uploaded file within the limits, upright.
///
/// # Errors
/// As [`reencode`].
pub(crate) fn open(bytes: &[u8]) -> Result<DynamicImage, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(Problem::TooLarge(MAX_BYTES));
    }
    // The decoders are written for hostile files and fuzzed; should one panic all the same, then that
    // file is refused like any other that cannot be read.
    panic::catch_unwind(|| decode(bytes))
        .map_err(|_| Problem::WrongType(FORMATS.to_owned()))?
        .map_err(|error| refusal(&error))
}

/// Pixels alone, as a JPEG.
///
/// # Errors
/// [`Problem::WrongType`] where the encoder refuses them.
pub(crate) fn jpeg(picture: DynamicImage) -> Result<Vec<u8>, Problem> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)
        .encode_image(&picture.into_rgb8())
        .map_err(|error| refusal(&error))?;
    Ok(jpeg)
}

/// The picture as the camera meant it to be seen.
fn decode(bytes: &[u8]) -> Result<DynamicImage, ImageError> {
    let format = image::guess_format(bytes)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits.clone());
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(ImageError::Unsupported(image::error::ImageFormatHint::Exact(format).into()));
    }
    let mut decoder = reader.into_decoder()?;
    // The decoders count what they allocate themselves; the buffer for the pixels is ours to count.
    limits.reserve(decoder.total_bytes())?;
    // A photograph whose metadata is damaged is still a photograph.
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

/// Lays a picture with transparent parts on [`BACKGROUND`]. Before it is made smaller, because colour
/// that nobody sees would otherwise bleed into the edges.
fn on_background(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture;
    }
    let mut picture: RgbaImage = picture.into_rgba8();
    for pixel in picture.pixels_mut() {
        let alpha = u16::from(pixel.0[3]);
        for (channel, behind) in pixel.0.iter_mut().zip(BACKGROUND) {
            let mixed = (u16::from(*channel) * alpha + u16::from(behind) * (255 - alpha) + 127) / 255;
            // A mean of two bytes is a byte.
            *channel = mixed as u8;
        }
        pixel.0[3] = 255;
    }
    picture.into()
}

/// Fits the picture into a box, in pixels; never enlarges it.
pub(crate) fn fit(picture: DynamicImage, width: u32, height: u32) -> DynamicImage {
    if picture.width() <= width && picture.height() <= height {
        return picture;
    }
    // The quick way down is good only far from the final size, the good way is slow on millions of
    // pixels: so the first does most of it and the second the rest.
    let is_far = picture.width() > 4 * width || picture.height() > 4 * height;
    let picture = if is_far { picture.thumbnail(2 * width, 2 * height) } else { picture };
    picture.resize(width, height, FilterType::CatmullRom)
}

fn refusal(error: &ImageError) -> Problem {
    match error {
        ImageError::Limits(_) => Problem::WrongType(FORMATS_AND_SIZE.to_owned()),
        _ => Problem::WrongType(FORMATS.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GenericImageView, Rgb, RgbImage, Rgba};
    use proptest::prelude::*;

    const RED: Rgb<u8> = Rgb([200, 30, 30]);
    const BLUE: Rgb<u8> = Rgb([30, 30, 200]);

    /// Left half red, right half blue.
    fn two_halves(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, _| if x < width / 2 { RED } else { BLUE }).into()
    }

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).expect("encodes");
        out.into_inner()
    }

    fn kept(bytes: &[u8]) -> DynamicImage {
        let jpeg = reencode(bytes).expect("accepted");
        assert_eq!(image::guess_format(&jpeg).expect("known"), ImageFormat::Jpeg);
        image::load_from_memory(&jpeg).expect("decodes")
    }

    fn is_near(pixel: Rgba<u8>, wanted: [u8; 3]) -> bool {
        pixel.0.iter().zip(wanted).all(|(got, wanted)| got.abs_diff(wanted) < 16)
    }

    /// A JPEG as a telephone writes it: held sideways, with a description in the metadata.
    fn jpeg_with_exif(picture: &DynamicImage, orientation: u8, description: &[u8]) -> Vec<u8> {
        let mut tiff = b"MM\0*\0\0\0\x08\0\x02".to_vec();
        let count = u32::try_from(description.len()).expect("short").to_be_bytes();
        tiff.extend_from_slice(b"\x01\x0e\0\x02");
        tiff.extend_from_slice(&count);
        tiff.extend_from_slice(&38_u32.to_be_bytes());
        tiff.extend_from_slice(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
        tiff.extend_from_slice(&[0; 4]);
        tiff.extend_from_slice(description);
        let mut segment = b"Exif\0\0".to_vec();
        segment.extend(tiff);
        let length = u16::try_from(segment.len() + 2).expect("short").to_be_bytes();
        let plain = file(picture, ImageFormat::Jpeg);
        [&plain[..2], &[0xff, 0xe1][..], &length[..], &segment[..], &plain[2..]].concat()
    }

    /// The checksum of PNG chunks (ISO 3309).
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
        })
    }

    fn too_many_pixels() -> Problem {
        Problem::WrongType(FORMATS_AND_SIZE.to_owned())
    }

    #[test]
    fn every_accepted_format_becomes_a_small_jpeg() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let picture = kept(&file(&two_halves(3000, 1500), format));
            assert_eq!(picture.dimensions(), (640, 320), "{format:?}");
            assert!(is_near(picture.get_pixel(10, 160), RED.0), "{format:?}");
            assert!(is_near(picture.get_pixel(630, 160), BLUE.0), "{format:?}");
        }
    }

    #[test]
    fn a_small_picture_stays_small() {
        assert_eq!(kept(&file(&two_halves(100, 60), ImageFormat::Png)).dimensions(), (100, 60));
    }

    #[test]
    fn a_strip_keeps_at_least_one_pixel() {
        assert_eq!(kept(&file(&two_halves(7000, 2), ImageFormat::Png)).dimensions(), (640, 1));
    }

    #[test]
    fn a_picture_held_sideways_is_turned_and_its_metadata_is_gone() {
        let place = b"38.7223 N 9.1393 W, Anna's telephone";
        // 6: the top of the picture is at its right.
        let upload = jpeg_with_exif(&two_halves(400, 200), 6, place);
        assert!(upload.windows(place.len()).any(|window| window == place));

        let jpeg = reencode(&upload).expect("accepted");
        let picture = image::load_from_memory(&jpeg).expect("decodes");
        assert_eq!(picture.dimensions(), (200, 400));
        assert!(is_near(picture.get_pixel(100, 20), RED.0), "what was left is now above");
        assert!(is_near(picture.get_pixel(100, 380), BLUE.0));
        assert!(!jpeg.windows(4).any(|window| window == b"Exif"));
        assert!(!jpeg.windows(place.len()).any(|window| window == place));
    }

    #[test]
    fn transparent_parts_show_the_background() {
        let clear: DynamicImage = RgbaImage::from_pixel(64, 64, Rgba([0, 0, 0, 0])).into();
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            assert!(is_near(kept(&file(&clear, format)).get_pixel(32, 32), BACKGROUND), "{format:?}");
        }
    }

    #[test]
    fn what_is_not_a_picture_is_refused() {
        let wrong = Problem::WrongType(FORMATS.to_owned());
        let gif = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
        let files: [(&str, &[u8]); 6] = [
            ("nothing", b""),
            ("text named photo.jpg", b"Dear guest, this is not a picture."),
            ("another format", gif),
            ("a drawing that could run scripts", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            ("magic bytes alone", b"\xff\xd8\xff\xe0"),
            ("the start of a WebP", b"RIFF\x10\0\0\0WEBPVP8 "),
        ];
        for (what, bytes) in files {
            assert_eq!(reencode(bytes), Err(wrong.clone()), "{what}");
        }
    }

    #[test]
    fn a_file_that_was_cut_off_is_refused() {
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let whole = file(&two_halves(300, 300), format);
            assert!(reencode(&whole[..whole.len() / 2]).is_err(), "{format:?}");
        }
        let whole = file(&two_halves(300, 300), ImageFormat::Jpeg);
        assert!(reencode(&whole[..100]).is_err(), "a JPEG without its tables");
    }

    #[test]
    fn a_large_file_is_refused_before_it_is_read() {
        assert_eq!(reencode(&vec![0; MAX_BYTES + 1]), Err(Problem::TooLarge(MAX_BYTES)));
    }

    #[test]
    fn a_small_png_that_declares_a_huge_picture_is_refused() {
        let mut bomb = file(&two_halves(4, 4), ImageFormat::Png);
        // Signature 8, length 4, "IHDR" 4, then width and height.
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        let crc = crc32(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&crc);
        assert_eq!(reencode(&bomb), Err(too_many_pixels()));
    }

    #[test]
    fn a_small_jpeg_that_declares_a_huge_picture_is_refused() {
        let mut bomb = file(&two_halves(16, 16), ImageFormat::Jpeg);
        let frame = bomb.windows(2).position(|marker| marker == [0xff, 0xc0]).expect("a frame header");
        // Marker 2, length 2, precision 1, then height and width.
        bomb[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
        assert_eq!(reencode(&bomb), Err(too_many_pixels()));
    }

    #[test]
    fn sides_within_bounds_do_not_excuse_too_many_pixels() {
        let mut bomb = file(&two_halves(16, 16), ImageFormat::Jpeg);
        let frame = bomb.windows(2).position(|marker| marker == [0xff, 0xc0]).expect("a frame header");
        for at in [frame + 5, frame + 7] {
            bomb[at..at + 2].copy_from_slice(&7_900_u16.to_be_bytes());
        }
        assert_eq!(reencode(&bomb), Err(too_many_pixels()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_damage_to_a_file_makes_it_panic(
            format in prop::sample::select(vec![ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP]),
            cut in 0.0..1.0_f64,
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let mut bytes = file(&two_halves(24, 24), format);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate((bytes.len() as f64 * (0.5 + cut)) as usize);
            if let Ok(jpeg) = reencode(&bytes) {
                prop_assert!(image::load_from_memory(&jpeg).is_ok());
            }
        }
    }
}
