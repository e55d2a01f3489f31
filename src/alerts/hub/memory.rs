//! What letting devices in takes for a moment is given back once they are in. After a restart everyone
//! comes at once, and the allocator would keep what that took for as long as the server runs.

use super::Hub;
use std::{
    sync::{Weak, atomic::Ordering},
    time::Duration,
};

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);
/// Fewer arrivals leave nothing behind that is worth the trouble.
const MANY: usize = 100;

/// Gives memory back whenever many devices have come and nobody is coming any more.
pub(super) async fn look_after(hub: Weak<Hub>) {
    let (mut given_back_at, mut seen) = (0, 0);
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(arrived) = hub.upgrade().map(|hub| hub.next.load(Ordering::Relaxed)) else { return };
        let is_quiet = arrived == seen;
        seen = arrived;
        if is_quiet && arrived.wrapping_sub(given_back_at) >= MANY {
            given_back_at = arrived;
            // It takes some milliseconds.
            if let Err(error) = tokio::task::spawn_blocking(give_back).await {
                tracing::warn!(%error, "memory could not be given back");
            }
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn give_back() {
    unsafe extern "C" {
        /// Returns to the system what the allocator holds and nobody uses. Any thread may call it at any
        /// time (malloc_trim(3), "MT-Safe").
        safe fn malloc_trim(keep: usize) -> std::ffi::c_int;
    }
    malloc_trim(0);
}

/// Other allocators do it by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_back() {}
