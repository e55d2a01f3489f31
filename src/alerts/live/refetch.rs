//! Small helpers for pages that follow the line: the device's clock, and loading again.

use crate::error::AppError;
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

/// Changes that come together are answered by one request.
const GATHER: Duration = Duration::from_millis(120);

/// How long to wait before asking again a server that could not be reached.
const AGAIN: Duration = Duration::from_secs(3);

/// The device's clock, milliseconds since 1970. Only in the browser.
#[must_use]
pub fn now_ms() -> i64 {
    // Whole milliseconds far below 2^53: nothing is lost.
    js_sys::Date::now() as i64
}

/// The device's clock, ticking. `None` on the server and until the page is live, so that the first
/// render is the same on both sides.
#[must_use]
pub fn ticking(every: Duration) -> ReadSignal<Option<i64>> {
    let (now, set_now) = signal(None);
    Effect::new(move |_| {
        set_now.set(Some(now_ms()));
        if let Ok(ticker) = set_interval_with_handle(move || set_now.set(Some(now_ms())), every) {
            on_cleanup(move || ticker.clear());
        }
    });
    now
}

/// Loads again whenever what `trigger` returns changes, and hands the answer to `take`. Requests are
/// gathered, an answer that was overtaken is dropped, and a server that cannot be reached is asked
/// again. Does nothing on the server.
pub fn refetch_when<K, T, L, F>(
    trigger: impl Fn() -> K + 'static,
    load: L,
    take: impl Fn(Result<T, AppError>) + Copy + 'static,
) where
    K: PartialEq + 'static,
    L: Fn() -> F + Copy + 'static,
    F: Future<Output = Result<T, AppError>> + 'static,
    T: 'static,
{
    let again = RwSignal::new(0_u32);
    let waiting = StoredValue::new(false);
    let asked = StoredValue::new(0_u32);
    Effect::new(move |before: Option<(K, u32)>| {
        let now = (trigger(), again.get());
        if before.is_some_and(|before| before != now) && !waiting.get_value() {
            waiting.set_value(true);
            set_timeout(
                move || {
                    waiting.set_value(false);
                    // `None`: the page has been left.
                    let Some(mine) = asked.try_update_value(|asked| {
                        *asked = asked.wrapping_add(1);
                        *asked
                    }) else {
                        return;
                    };
                    spawn_local(async move {
                        let answer = load().await;
                        if asked.try_get_value() != Some(mine) {
                            return;
                        }
                        if matches!(answer, Err(AppError::Unreachable | AppError::Away | AppError::Internal(_))) {
                            set_timeout(move || again.update(|again| *again = again.wrapping_add(1)), AGAIN);
                        } else {
                            take(answer);
                        }
                    });
                },
                GATHER,
            );
        }
        now
    });
}
