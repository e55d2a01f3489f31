//! Rows that belong to any of many records.

use super::{Db, DbError, Vars};
use surrealdb::types::SurrealValue;

/// The store turns `field IN $values` into look-ups in an index up to this many values, and beyond it reads
/// the whole table.
pub const AT_ONCE: usize = 32;
/// Statements sent at once.
const STATEMENTS: usize = 16;
/// The same for statements that each find one row.
const SMALL_STATEMENTS: usize = 256;

impl Db {
    /// The rows of a single statement that asks for `field IN $among`, for any number of values and always by
    /// the index.
    ///
    /// # Errors
    /// As [`Db::rows`].
    pub async fn rows_among<T: SurrealValue, V: SurrealValue + Clone>(
        &self,
        sql: &str,
        among: &[V],
        vars: Vars,
    ) -> Result<Vec<T>, DbError> {
        let parts: Vec<&[V]> = among.chunks(AT_ONCE).collect();
        let mut rows = Vec::new();
        for parts in parts.chunks(STATEMENTS) {
            let mut text = String::new();
            let mut bound = Vars(vars.0.clone());
            for (at, part) in parts.iter().enumerate() {
                text.push_str(&sql.replace("$among", &format!("$among{at}")));
                text.push_str(";\n");
                bound = bound.with(&format!("among{at}"), part.to_vec());
            }
            let mut results = self.query(&text, bound).await?;
            for at in 0..parts.len() {
                rows.extend(results.take::<Vec<T>>(at)?);
            }
        }
        Ok(rows)
    }

    /// The rows of a single statement that asks for `field = $each`, for each of the values: for the second
    /// column of an index, where even a few values after `IN` read all that begins with the first.
    ///
    /// # Errors
    /// As [`Db::rows`].
    pub async fn rows_for_each<T: SurrealValue, V: SurrealValue + Clone>(
        &self,
        sql: &str,
        values: &[V],
        vars: Vars,
    ) -> Result<Vec<T>, DbError> {
        let mut rows = Vec::new();
        for values in values.chunks(SMALL_STATEMENTS) {
            let mut text = String::new();
            let mut bound = Vars(vars.0.clone());
            for (at, value) in values.iter().enumerate() {
                text.push_str(&sql.replace("$each", &format!("$each{at}")));
                text.push_str(";\n");
                bound = bound.with(&format!("each{at}"), value.clone());
            }
            let mut results = self.query(&text, bound).await?;
            for at in 0..values.len() {
                rows.extend(results.take::<Vec<T>>(at)?);
            }
        }
        Ok(rows)
    }
}
