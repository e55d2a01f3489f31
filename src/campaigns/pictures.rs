//! Pictures that letters show. The house serves them itself, to anyone who knows their address, so that no
//! letter tells a third party who reads it. What was uploaded is decoded within limits and encoded anew:
//! only pixels are kept.

use super::letter_api::Picture;
use crate::{
    error::{AppError, Problem},
    guests::photo,
    ids::PictureId,
    server::{
        clock,
        db::{Db, DbError, Tx, id_of, record, vars},
    },
    staff::{
        audit::{self, Action},
        guard::{Permit, PlanGreetings},
    },
};
use chrono::{DateTime, Utc};
use image::{DynamicImage, ExtendedColorType, GenericImageView, ImageEncoder, codecs::png::PngEncoder};
use surrealdb::types::{Bytes, RecordId, SurrealValue};

/// The box, in pixels, into which a picture is fitted: twice the width of a letter, for fine screens.
pub const WIDTH: u32 = 1_200;
pub const HEIGHT: u32 = 2_400;
/// The largest PNG, in bytes, that is kept as one. Photographs are smaller as JPEG.
const MAX_PNG: usize = 1024 * 1024;
/// Pictures that are listed.
const MOST: u32 = 200;

/// A picture as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// `image/jpeg` or `image/png`.
    pub mime: &'static str,
    pub width: u32,
    pub height: u32,
    pub bytes: Vec<u8>,
}

/// Makes the picture to keep from an uploaded file: a PNG where parts of it are transparent, otherwise a
/// JPEG. It takes a while: call it in `spawn_blocking`.
///
/// # Errors
/// As [`photo::reencode`]; [`Problem::TooLarge`] for a picture with transparent parts that stays too large.
pub fn reencode(bytes: &[u8]) -> Result<Encoded, Problem> {
    let picture = photo::fit(photo::open(bytes)?, WIDTH, HEIGHT);
    let (width, height) = picture.dimensions();
    if !is_transparent(&picture) {
        return Ok(Encoded { mime: "image/jpeg", width, height, bytes: photo::jpeg(picture)? });
    }
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&picture.into_rgba8(), width, height, ExtendedColorType::Rgba8)
        .map_err(|error| Problem::WrongType(error.to_string()))?;
    if png.len() > MAX_PNG {
        return Err(Problem::TooLarge(MAX_PNG));
    }
    Ok(Encoded { mime: "image/png", width, height, bytes: png })
}

fn is_transparent(picture: &DynamicImage) -> bool {
    picture.color().has_alpha() && picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX)
}

/// Keeps a picture under a name.
///
/// # Errors
/// What the store answers.
pub async fn add(
    db: &Db,
    permit: &Permit<PlanGreetings>,
    name: String,
    picture: Encoded,
    now: DateTime<Utc>,
) -> Result<PictureId, AppError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        house: RecordId,
        name: String,
        mime: String,
        width: i64,
        height: i64,
        bytes: Bytes,
        author_name: String,
        at: DateTime<Utc>,
    }
    let id = PictureId::new();
    let actor = permit.actor();
    let row = Row {
        id: record("picture", id),
        house: record("house", permit.house()),
        name,
        mime: picture.mime.to_owned(),
        width: i64::from(picture.width),
        height: i64::from(picture.height),
        bytes: Bytes::from(picture.bytes),
        author_name: actor.name.clone(),
        at: now,
    };
    let tx = Tx::new().run("INSERT INTO picture $picture RETURN NONE", vars().with("picture", row));
    db.commit(audit::note(tx, actor, Action::CampaignChanged, None, &["picture"])).await?;
    Ok(id)
}

/// The house's pictures, newest first. `base` is the address of this installation without a slash at its
/// end.
///
/// # Errors
/// What the store answers.
pub async fn list(db: &Db, permit: &Permit<PlanGreetings>, base: &str) -> Result<Vec<Picture>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        id: RecordId,
        name: String,
        width: i64,
        height: i64,
        author_name: String,
        at: DateTime<Utc>,
    }
    let rows: Vec<Row> = db
        .rows(
            "SELECT id, name, width, height, author_name, at FROM picture WHERE house = $house \
             ORDER BY at DESC LIMIT $limit",
            vars().with("house", record("house", permit.house())).with("limit", i64::from(MOST)),
        )
        .await?;
    let zone = permit.actor().house.zone();
    let side = |pixels: i64| u32::try_from(pixels).unwrap_or(0);
    rows.into_iter()
        .map(|row| {
            let id: PictureId = id_of(&row.id)?;
            Ok(Picture {
                id,
                name: row.name,
                address: format!("{base}/media/{id}"),
                width: side(row.width),
                height: side(row.height),
                by: row.author_name,
                at: clock::local_minute(row.at, zone),
            })
        })
        .collect()
}

/// Type and bytes of a picture, for whoever reads a letter.
///
/// # Errors
/// What the store answers.
pub async fn picture(db: &Db, id: PictureId) -> Result<Option<(String, Vec<u8>)>, DbError> {
    #[derive(SurrealValue)]
    struct Row {
        mime: String,
        bytes: Bytes,
    }
    let row: Option<Row> =
        db.row("SELECT mime, bytes FROM $picture", vars().with("picture", record("picture", id))).await?;
    Ok(row.map(|row| (row.mime, row.bytes.into_inner().to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
    use std::io::Cursor;

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).expect("encodes");
        out.into_inner()
    }

    #[test]
    fn a_photograph_becomes_a_jpeg_that_fits() {
        let wide: DynamicImage = RgbImage::from_pixel(3_000, 1_000, Rgb([30, 80, 60])).into();
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let kept = reencode(&file(&wide, format)).expect("accepted");
            assert_eq!((kept.mime, kept.width, kept.height), ("image/jpeg", 1_200, 400), "{format:?}");
            assert_eq!(image::guess_format(&kept.bytes).ok(), Some(ImageFormat::Jpeg));
        }
    }

    #[test]
    fn a_drawing_with_clear_parts_stays_clear() {
        let mut drawing = RgbaImage::from_pixel(40, 30, Rgba([20, 70, 50, 255]));
        drawing.put_pixel(0, 0, Rgba([0, 0, 0, 0]));
        let kept = reencode(&file(&drawing.clone().into(), ImageFormat::Png)).expect("accepted");
        assert_eq!((kept.mime, kept.width, kept.height), ("image/png", 40, 30));
        let seen = image::load_from_memory(&kept.bytes).expect("decodes").into_rgba8();
        assert_eq!(seen, drawing);
        drawing.put_pixel(0, 0, Rgba([0, 0, 0, 255]));
        let opaque = reencode(&file(&drawing.into(), ImageFormat::Png)).expect("accepted");
        assert_eq!(opaque.mime, "image/jpeg", "nothing of it is clear");
    }

    #[test]
    fn what_is_not_a_picture_is_refused() {
        for bytes in [&b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"[..], b"GIF89a", b""] {
            assert!(matches!(reencode(bytes), Err(Problem::WrongType(_))));
        }
        assert_eq!(reencode(&vec![0; photo::MAX_BYTES + 1]), Err(Problem::TooLarge(photo::MAX_BYTES)));
    }
}
