//! What staff see of alerts: the board of a station, and the panels from which word is sent.

mod answer;
mod attention;
mod board;
mod focus;
mod handover;
mod history;
mod mutes;
mod painted;
mod post;
mod presence_line;
mod queue;
mod raise;
mod refused;
mod report;
mod ring;
mod shift;
mod side;
mod sign_out;
mod sound;
mod ticket;
mod words;

pub use attention::{Attention, unanswered_here};
pub use board::BoardPage;
pub use handover::EndShiftPage;
pub use history::AlertHistory;
pub use post::{Outfit, OutfitResource, Post, fresh_id, outfit};
pub use queue::QueueStrip;
pub use raise::{QuickRaise, RaisePanel};
pub use refused::RefusedPost;
pub use report::{AlertReportPage, wait_words};
pub use sign_out::{SignOutForm, finish_leaving};
pub use words::names_in_a_row;
