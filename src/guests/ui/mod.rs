//! What staff see of a guest: the card made for their role, and the form for those who may change it.

mod card;
mod changed;
mod evidence;
mod fields;
mod form;
pub(crate) mod idle;
mod known;
pub mod names;
mod photo;
mod sections;
pub mod words;
mod write;

pub use card::{CardPage, GuestCardView};
pub use fields::field_label;
pub use form::FormPage;
