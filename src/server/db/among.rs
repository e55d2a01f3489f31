//! Rows that belong to any of many records.

use super::{Db, DbError, Vars};
use surrealdb::types::SurrealValue;

/// The store turns `field IN $values` into look-ups in an index up to this many values, and beyond it reads
/// the whole table.
const AT_ONCE: usize = 32;
/// Statements sent at once.
const STATEMENTS: usize = 256;

impl Db {
    /// The rows of a single statement that asks for `field IN $among`, for any number of values and always by
    /// the index. A statement that returns an object is a row for each [`AT_ONCE`] values.
    ///
    /// # Errors
    /// As [`Db::rows`].
    pub async fn rows_among<T: SurrealValue, V: SurrealValue + Clone>(
        &self,
        sql: &str,
        among: &[V],
        vars: Vars,
    ) -> Result<Vec<T>, DbError> {
        let parts: Vec<Vec<V>> = among.chunks(AT_ONCE).map(<[V]>::to_vec).collect();
        self.rows_for_each(&sql.replace("$among", "$each"), &parts, vars).await
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
        for values in values.chunks(STATEMENTS) {
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
