//! Points on a guest's card, on a page of their own, and the rules by which they come.

mod card;
mod forms;
mod ledger;
mod points;
mod rules;
mod vouchers;
mod words;

pub use card::points_part;
pub use points::GuestPointsPage;
pub use rules::LoyaltyPage;
pub(crate) use words::{
    balance as balance_words, expiring as expiring_words, kind as entry_words, signed as signed_points,
    state as voucher_state_words, voucher as voucher_words,
};
