//! The search index: what of a guest can be found by typing, kept in this process's memory. It is
//! derived from the records and never the truth: it is built anew at every start and kept up by the
//! feed.

mod document;
mod query;

pub use document::SearchDoc;

use crate::{ids::GuestId, staff::Role};
use document::Fields;
use query::Matcher;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tantivy::{
    DocAddress, Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, Score, Searcher, TantivyError, Term,
    collector::TopDocs,
    indexer::IndexWriterOptions,
    query::{BooleanQuery, ConstScoreQuery, Occur, Query, TermSetQuery},
};

/// What the writer may gather, in bytes, before it starts a new segment.
const WRITER_MEMORY: usize = 48_000_000;

/// Above every score that words can add up to, so that those who are here come first.
const FIRST: Score = 10_000.0;

/// Something went wrong inside the index. The records are not affected; a restart builds it anew.
#[derive(Debug, thiserror::Error)]
#[error("the search index failed: {0}")]
pub struct SearchError(#[from] TantivyError);

/// By which fields, besides the names, a role may search. Whoever may not see a telephone number must
/// not be able to guess it digit by digit either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    pub email: bool,
    pub phone: bool,
    pub membership: bool,
}

impl Scope {
    /// Follows "Who may see what" in the design.
    #[must_use]
    pub fn for_role(role: Role) -> Self {
        match role {
            Role::Reception | Role::Manager => Self { email: true, phone: true, membership: true },
            Role::Concierge => Self { email: false, phone: true, membership: true },
            Role::Floor | Role::Host | Role::Marketing | Role::Admin => {
                Self { email: false, phone: false, membership: false }
            }
        }
    }
}

/// The index. Cheap to clone; every clone is the same index.
///
/// All of it computes or waits without giving way to other tasks: milliseconds for [`find`](Self::find)
/// and for a few guests in [`commit`](Self::commit), seconds where very many are taken in.
#[derive(Clone)]
pub struct SearchIndex(Arc<Inner>);

struct Inner {
    fields: Fields,
    reader: IndexReader,
    writer: Mutex<IndexWriter>,
}

impl SearchIndex {
    /// An empty index.
    ///
    /// # Errors
    /// When the threads that write it cannot be started.
    pub fn new() -> Result<Self, SearchError> {
        let (schema, fields) = Fields::schema();
        let settings = IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
        let index = Index::builder().schema(schema).settings(settings).create_in_ram()?;
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(WRITER_MEMORY)
            .build();
        let writer = Mutex::new(index.writer_with_options(options)?);
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self(Arc::new(Inner { fields, reader, writer })))
    }

    /// Takes in guests, in place of what was known of them. Not found before [`commit`](Self::commit).
    ///
    /// # Errors
    /// When the index has failed.
    pub fn upsert(&self, docs: Vec<SearchDoc>) -> Result<(), SearchError> {
        let writer = self.writer();
        for doc in docs {
            writer.delete_term(self.0.fields.guest_term(doc.guest));
            writer.add_document(self.0.fields.document(&doc))?;
        }
        Ok(())
    }

    /// Forgets guests. They are found until [`commit`](Self::commit).
    ///
    /// # Errors
    /// None today; the signature leaves room for an index that is not in memory.
    pub fn remove(&self, guests: &[GuestId]) -> Result<(), SearchError> {
        let writer = self.writer();
        for guest in guests {
            writer.delete_term(self.0.fields.guest_term(*guest));
        }
        Ok(())
    }

    /// Makes everything that was taken in and forgotten count, from the next query on.
    ///
    /// # Errors
    /// When the index has failed.
    pub fn commit(&self) -> Result<(), SearchError> {
        self.writer().commit()?;
        self.0.reader.reload()?;
        Ok(())
    }

    /// The guests whom a query means, the best first and at most `limit`: those in `first` before all
    /// others, and in each part a whole word before the beginning of one. Every word of the query must
    /// match, in any order: digits a telephone or membership number, a word with `@` an e-mail address,
    /// anything else a name. Where nobody is found so, words of three letters and more are looked for
    /// inside of names too.
    ///
    /// A query without a letter or digit finds nobody. Rooms are not known here.
    ///
    /// # Errors
    /// When the index has failed; never because of what the query says.
    pub fn find(
        &self,
        query: &str,
        scope: Scope,
        first: &HashSet<GuestId>,
        limit: usize,
    ) -> Result<Vec<GuestId>, SearchError> {
        let words = query::parse(query);
        let searcher = self.0.reader.searcher();
        let limit = limit.min(usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX));
        if words.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let mut matcher = Matcher { fields: self.0.fields, scope, inside: false };
        let mut found = self.search(&searcher, matcher.every(&words), first, limit)?;
        if found.is_empty() && words.iter().any(query::Word::may_match_inside) {
            matcher.inside = true;
            found = self.search(&searcher, matcher.every(&words), first, limit)?;
        }
        found.into_iter().map(|(_, address)| Ok(self.0.fields.guest_of(&searcher.doc(address)?)?)).collect()
    }

    /// How many guests the index knows.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.reader.searcher().num_docs()
    }

    /// Whether the index knows nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn search(
        &self,
        searcher: &Searcher,
        matching: Box<dyn Query>,
        first: &HashSet<GuestId>,
        limit: usize,
    ) -> Result<Vec<(Score, DocAddress)>, SearchError> {
        let mut clauses = vec![(Occur::Must, matching)];
        if !first.is_empty() {
            let here: Vec<Term> = first.iter().map(|guest| self.0.fields.guest_term(*guest)).collect();
            let here = ConstScoreQuery::new(Box::new(TermSetQuery::new(here)), FIRST);
            clauses.push((Occur::Should, Box::new(here)));
        }
        Ok(searcher.search(&BooleanQuery::new(clauses), &TopDocs::with_limit(limit).order_by_score())?)
    }

    fn writer(&self) -> MutexGuard<'_, IndexWriter> {
        // A panic in between leaves whole documents or none; the next commit is as good as any.
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
