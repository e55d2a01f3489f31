//! What the browser asks about calls.

use super::Caller;
use crate::{error::AppError, ids::GuestId};
use leptos::prelude::*;

/// Whom a number belongs to: a caller's in any format, or a membership number. Where several share it, `guest` is the
/// one whom the colleague has chosen. That it was looked up is kept, once for a quarter of an hour, and audited.
#[server]
pub async fn look_up_caller(
    #[server(default)] from: String,
    #[server(default)] member: String,
    #[server(default)] guest: Option<GuestId>,
) -> Result<Caller, AppError> {
    use crate::{
        calls::{Asked, from_address, store},
        server::AppState,
        staff::guard,
    };
    let permit = guard::require::<guard::AnswerCalls>().await?;
    let (from, member) = (from_address(&from), from_address(&member));
    let asked = match (from.is_empty(), member.is_empty()) {
        (false, _) => Asked::Number(from),
        (true, false) => Asked::Member(member),
        (true, true) => return Ok(Caller::Nothing),
    };
    let search = guard::require::<guard::SeeGuests>().await?;
    store::look_up(&AppState::of_request(), &permit, &search, &asked, guest).await
}
