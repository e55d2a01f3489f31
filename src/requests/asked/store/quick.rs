//! Words that a house writes again and again.

use crate::{
    error::{AppError, Problem},
    ids::{HouseId, QuickTextId},
    requests::asked::{QuickText, RequestKind},
    server::db::{Db, DbError, Tx, id_of, record, vars, word},
    staff::{
        audit::{self, Action},
        guard::{HandleRequests, ManageHouse, Permit},
    },
};
use surrealdb::types::{RecordId, SurrealValue};

/// So many of them a house may keep: what nobody reads through is no help.
const MOST: usize = 60;

#[derive(Debug, Clone, SurrealValue)]
struct QuickRow {
    id: RecordId,
    kind: String,
    text: String,
}

impl TryFrom<QuickRow> for QuickText {
    type Error = DbError;

    fn try_from(row: QuickRow) -> Result<Self, DbError> {
        Ok(Self { id: id_of(&row.id)?, kind: word(&row.kind, RequestKind::from_code)?, text: row.text })
    }
}

/// The quick texts of the actor's house, by kind and text.
///
/// # Errors
/// What the store answers.
pub async fn quick_texts(db: &Db, permit: &Permit<HandleRequests>) -> Result<Vec<QuickText>, DbError> {
    of_house(db, permit.house()).await
}

/// One of them; `None` where the house has removed it.
///
/// # Errors
/// What the store answers.
pub async fn quick_text(
    db: &Db,
    permit: &Permit<HandleRequests>,
    id: QuickTextId,
) -> Result<Option<QuickText>, DbError> {
    Ok(of_house(db, permit.house()).await?.into_iter().find(|text| text.id == id))
}

async fn of_house(db: &Db, house: HouseId) -> Result<Vec<QuickText>, DbError> {
    let rows: Vec<QuickRow> = db
        .rows(
            "SELECT id, kind, text FROM quick_text WHERE house = $house",
            vars().with("house", record("house", house)),
        )
        .await?;
    let mut texts: Vec<QuickText> = rows.into_iter().map(QuickText::try_from).collect::<Result<_, _>>()?;
    texts.sort_by(|one, other| one.kind.cmp(&other.kind).then_with(|| one.text.cmp(&other.text)));
    Ok(texts)
}

/// Keeps words for a kind of request. The same words for the same kind are kept once.
///
/// # Errors
/// The field `text` once the house has as many as anyone would read; what the store answers.
pub async fn save_quick_text(
    db: &Db,
    permit: &Permit<ManageHouse>,
    kind: RequestKind,
    text: String,
) -> Result<(), AppError> {
    let known = of_house(db, permit.house()).await?;
    if known.iter().any(|known| known.kind == kind && known.text == text) {
        return Ok(());
    }
    if known.len() >= MOST {
        return Err(AppError::field("text", Problem::NotKnown(text, "@fewer_texts".to_owned())));
    }
    let tx = Tx::new().run(
        "CREATE ONLY $quick_text SET house = $house, kind = $kind, text = $text RETURN NONE",
        vars()
            .with("quick_text", record("quick_text", QuickTextId::new()))
            .with("house", record("house", permit.house()))
            .with("kind", kind.code())
            .with("text", text),
    );
    db.commit(audit::note(tx, permit.actor(), Action::StationChanged, None, &["quick_text", "added"])).await?;
    Ok(())
}

/// Takes words away. What was entered with them stays.
///
/// # Errors
/// [`AppError::NotFound`] for words that the house does not have, or what the store answers.
pub async fn remove_quick_text(db: &Db, permit: &Permit<ManageHouse>, id: QuickTextId) -> Result<(), AppError> {
    let known = of_house(db, permit.house()).await?;
    if !known.iter().any(|known| known.id == id) {
        return Err(AppError::NotFound);
    }
    let tx = Tx::new().run("DELETE $quick_text RETURN NONE", vars().with("quick_text", record("quick_text", id)));
    db.commit(audit::note(tx, permit.actor(), Action::StationChanged, None, &["quick_text", "removed"])).await?;
    Ok(())
}
