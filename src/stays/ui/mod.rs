//! The day's pages: the desk with its search and lists, the floor by rooms, and the search alone.

mod desk;
mod find;
mod floor;
mod rows;
mod search;
mod seen;

pub use desk::DeskPage;
pub use find::GuestsPage;
pub use floor::FloorPage;
pub use rows::GuestRow;
pub use search::{Results, Search, SearchBox};
pub use seen::LocatorPanel;
