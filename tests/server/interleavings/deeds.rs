//! What colleagues may do, drawn at random.

use super::{HOST, PEOPLE, SENDERS, WORDS};
use proptest::prelude::*;

/// One thing that somebody does. Numbers name one of the [`PEOPLE`] and one of the [`WORDS`].
#[derive(Debug, Clone)]
pub enum Deed {
    Raise { word: usize, by: usize },
    Show { word: usize },
    Acknowledge { word: usize, by: usize },
    Complete { word: usize, by: usize, table: bool },
    Withdraw { word: usize, by: usize },
    Mute { note: bool, on: bool },
    CarryFurther { owner: bool },
}

/// What is done at the same moment, and which screen looks at the house after it.
#[derive(Debug, Clone)]
pub struct Step {
    /// Seconds that pass before.
    pub wait: i64,
    pub at_once: Vec<Deed>,
    pub looks: usize,
    /// Loads the board instead of hearing the stream.
    pub loads: bool,
}

fn deed() -> impl Strategy<Value = Deed> {
    let answering = || (0..WORDS, HOST..PEOPLE.len());
    prop_oneof![
        6 => (0..WORDS, 0..SENDERS).prop_map(|(word, by)| Deed::Raise { word, by }),
        2 => (0..WORDS).prop_map(|word| Deed::Show { word }),
        4 => answering().prop_map(|(word, by)| Deed::Acknowledge { word, by }),
        2 => (answering(), any::<bool>()).prop_map(|((word, by), table)| Deed::Complete { word, by, table }),
        2 => (0..WORDS, 0..=HOST).prop_map(|(word, by)| Deed::Withdraw { word, by }),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(note, on)| Deed::Mute { note, on }),
        3 => any::<bool>().prop_map(|owner| Deed::CarryFurther { owner }),
    ]
}

pub fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![4 => Just(0), 2 => 1..12_i64, 2 => 20..35_i64, 1 => 60..70_i64];
    let at_once = prop::collection::vec(deed(), 1..4);
    (wait, at_once, 0..PEOPLE.len(), any::<bool>()).prop_map(|(wait, at_once, looks, loads)| Step {
        wait,
        at_once,
        looks,
        loads,
    })
}

impl Deed {
    /// Whose answer is shown on whose screen.
    pub fn by(&self) -> Option<usize> {
        match *self {
            Self::Raise { by, .. }
            | Self::Acknowledge { by, .. }
            | Self::Complete { by, .. }
            | Self::Withdraw { by, .. } => Some(by),
            Self::Show { .. } | Self::Mute { .. } | Self::CarryFurther { .. } => None,
        }
    }
}

pub fn is_note(word: usize) -> bool {
    word / 2 % 2 == 1
}

pub fn kind(note: bool) -> &'static str {
    if note { "note" } else { "coming_down" }
}
