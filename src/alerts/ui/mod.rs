//! What staff see of alerts: the board of a station, and the panels from which word is sent.

mod answer;
mod board;
mod post;
mod raise;
mod refused;
mod shift;
mod side;
mod sound;
mod ticket;
mod words;

pub use board::BoardPage;
pub use post::{Outfit, OutfitResource, Post, outfit};
pub use raise::{QuickRaise, RaisePanel};
pub use refused::RefusedPost;
