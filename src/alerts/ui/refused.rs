//! Why something about an alert was refused, for as long as that is news.

use crate::{
    alerts::{
        AlertCard, AlertState,
        api::{Acknowledge, Complete, Raise, Withdraw},
    },
    error::AppError,
    ids::AlertId,
    ui::ErrorNote,
};
use leptos::prelude::*;

/// Why the last attempt was refused. It is forgotten as soon as something newer is known.
#[derive(Clone, Copy)]
pub struct Refusal<K: Copy + PartialEq + Send + Sync + 'static> {
    known: Memo<K>,
    /// The reason, and what was known when it came.
    last: RwSignal<Option<(K, AppError)>>,
}

impl<K: Copy + PartialEq + Send + Sync + 'static> Refusal<K> {
    /// `known` is what the attempts are about: a refusal holds until it changes.
    #[must_use]
    pub fn new(known: impl Fn() -> K + Send + Sync + 'static) -> Self {
        Self { known: Memo::new(move |_| known()), last: RwSignal::new(None) }
    }

    /// Why the last attempt was refused, unless something newer is known.
    #[must_use]
    pub fn get(self) -> Option<AppError> {
        let (then, error) = self.last.get()?;
        (then == self.known.get()).then_some(error)
    }

    /// Waits for the answer to an attempt and notes what came of it.
    pub async fn watch<T>(self, attempt: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
        let answer = attempt.await;
        self.note(answer.as_ref().err());
        answer
    }

    fn note(self, error: Option<&AppError>) {
        // Nothing is known any more once the page has been left.
        self.last.set(self.known.try_get_untracked().zip(error.cloned()));
    }
}

/// The newest word about a guest, and where it stands.
pub type WordKnown = Option<(AlertId, AlertState)>;

impl Refusal<WordKnown> {
    /// For attempts to send word, or to take it back.
    #[must_use]
    pub fn of_word(word: Memo<Option<AlertCard>>) -> Self {
        Self::new(move || word.with(|word| word.as_ref().map(|card| (card.id, card.state))))
    }
}

/// Says once, at the top of the page, why the last plain post about an alert was refused, which was
/// made before the page was live: the page's address carries the reason.
#[component]
pub fn RefusedPost() -> impl IntoView {
    let reasons: [Option<AppError>; 4] = [
        ServerAction::<Raise>::new().value().get_untracked().and_then(Result::err),
        ServerAction::<Acknowledge>::new().value().get_untracked().and_then(Result::err),
        ServerAction::<Complete>::new().value().get_untracked().and_then(Result::err),
        ServerAction::<Withdraw>::new().value().get_untracked().and_then(Result::err),
    ];
    reasons.into_iter().flatten().map(|error| view! { <ErrorNote error/> }).collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_forgotten_when_something_newer_is_known() {
        Owner::new().with(|| {
            let (state, opened) = (RwSignal::new(AlertState::Raised), RwSignal::new(1));
            let refusal = Refusal::new(move || (state.get(), opened.get()));
            let first = AppError::Conflict("Anna".to_owned());
            assert_eq!(refusal.get(), None);
            refusal.note(Some(&first));
            assert_eq!(refusal.get(), Some(first.clone()));
            state.set(AlertState::Acknowledged);
            assert_eq!(refusal.get(), None, "the card says who it was");

            refusal.note(Some(&first));
            assert_eq!(refusal.get(), Some(first), "a refusal that comes after the change is news");
            refusal.note(Some(&AppError::Unreachable));
            assert_eq!(refusal.get(), Some(AppError::Unreachable));
            opened.set(2);
            assert_eq!(refusal.get(), None, "the line stands again");

            refusal.note(Some(&AppError::Unreachable));
            refusal.note(None);
            assert_eq!(refusal.get(), None, "the next attempt succeeded");
        });
    }
}
