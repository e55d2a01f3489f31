//! Shared components, with no knowledge of guests: fields, notes, dates, money, and the states that
//! every page can be in.
//!
//! Texts are read once when a view is made, not tracked: choosing another language loads the page
//! anew.

mod announce;
mod attempt;
mod chart;
pub mod date;
mod field;
mod folded;
mod markup;
mod number;
mod problem;
mod redirect;
mod removal;
mod service_worker;
mod states;

pub use announce::{Announcer, LiveRegion, announce};
pub use attempt::{Attempt, FormNote, Outcome, announce_done, outcome, problem_in, reset_when_done};
pub use chart::{Bar, BarChart};
pub use field::{CheckBox, Field, FieldProblem, Select, TextArea};
pub use folded::Folded;
pub use markup::escaped;
pub use number::{money, number};
pub use problem::{ErrorNote, error_of, error_text, problem_in_words, problem_text};
pub use redirect::redirect_to;
pub use removal::Removal;
pub use service_worker::{install_worker, worker};
pub use states::{Empty, Failed, Loading, WhenFailed};

use crate::i18n::Locale;

/// The language of the page: what `use_i18n()` gives.
pub type I18n = leptos_i18n::I18nContext<Locale>;
