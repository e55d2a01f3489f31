//! What a house decides about all its letters: whether it is counted which links guests follow, and where
//! tests of letters may go.

pub mod api;
#[cfg(feature = "ssr")]
pub mod parse;
#[cfg(feature = "ssr")]
pub mod store;
mod ui;

pub use ui::LetterSettingsPage;

use serde::{Deserialize, Serialize};

/// Most addresses to which tests may go.
pub const MAX_ADDRESSES: usize = 20;

/// What a house decides about its letters. Kept as JSON on the house; what it does not say has its default.
/// Nothing tells whether a letter was opened, whatever a house decides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HousePolicy {
    /// Whether it is counted which links are followed, of guests who agreed to it.
    pub count_links: bool,
    /// Addresses to which tests of letters may go, in lower case. At most [`MAX_ADDRESSES`].
    pub test_addresses: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_house_that_decided_nothing_counts_nothing() {
        for kept in ["{}", r#"{"count_links":false,"count_opens":true}"#] {
            assert_eq!(serde_json::from_str::<HousePolicy>(kept).unwrap(), HousePolicy::default(), "{kept}");
        }
    }
}
