//! What came of a campaign: how many letters left and arrived, who wanted no more of them, and whether
//! those who were written to came back more often than those who were kept back to compare with.

#[cfg(feature = "ssr")]
pub mod store;

use super::{Campaign, OccurrenceState};
use serde::{Deserialize, Serialize};

/// Days after sending within which an arrival counts as a return.
pub const RETURN_DAYS: u16 = 90;

/// The standard normal deviate of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// So many of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Share {
    pub count: u32,
    pub of: u32,
}

/// An estimate and the limits of its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Share {
    /// The share, 0 to 1, with the limits of Wilson's score interval (E. B. Wilson, Journal of the
    /// American Statistical Association 22, 1927, 209-212), which stays within 0 and 1 and holds for small
    /// numbers too; `None` of nothing.
    #[must_use]
    pub fn interval(self) -> Option<Interval> {
        if self.of == 0 {
            return None;
        }
        let n = f64::from(self.of);
        let value = f64::from(self.count.min(self.of)) / n;
        let centre = value + Z * Z / (2.0 * n);
        let half = Z * (value * (1.0 - value) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        Some(Interval {
            value,
            low: ((centre - half) / scale).clamp(0.0, value),
            high: ((centre + half) / scale).clamp(value, 1.0),
        })
    }

    /// By how much this share is larger than the other, -1 to 1, with the limits of Newcombe's hybrid score
    /// interval without continuity correction (R. G. Newcombe, Statistics in Medicine 17, 1998, 873-890,
    /// method 10). Every letter counts as independent of the others; `None` where one of them is of nothing.
    #[must_use]
    pub fn less(self, other: Self) -> Option<Interval> {
        let (one, two) = (self.interval()?, other.interval()?);
        let value = one.value - two.value;
        Some(Interval {
            value,
            low: value - (one.value - one.low).hypot(two.high - two.value),
            high: value + (one.high - one.value).hypot(two.value - two.low),
        })
    }
}

/// A month of sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// House-local `YYYY-MM`.
    pub month: String,
    pub sent: u32,
    pub bounced: u32,
    pub unsubscribed: u32,
    pub returned: u32,
}

/// A link that was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCount {
    /// Where it leads.
    pub address: String,
    /// In how many letters it was followed.
    pub letters: u32,
}

/// What came of a campaign so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Results {
    pub campaign: Campaign,
    /// How many occurrences stand where; states without any are left out.
    pub counts: Vec<(OccurrenceState, u32)>,
    /// Letters that came back, softly or for good, and those whose readers complained to their provider.
    pub bounced: u32,
    pub complained: u32,
    /// Letters whose readers objected by their link.
    pub unsubscribed: u32,
    /// Letters of which a link was followed that was counted; `None` where the house does not count that.
    pub clicked: Option<u32>,
    /// The links that were followed in most letters, those of most letters first.
    pub links: Vec<LinkCount>,
    /// Of those written to, and of those kept back: how many came back within [`RETURN_DAYS`].
    pub sent: Share,
    pub control: Share,
    /// Letters whose time to come back is not over.
    pub undecided: u32,
    /// Months in which letters left, the latest last, and no more than the last twelve.
    pub months: Vec<Month>,
}

impl Results {
    /// How many stand in one of these states.
    #[must_use]
    pub fn count(&self, states: &[OccurrenceState]) -> u32 {
        self.counts.iter().filter(|(state, _)| states.contains(state)).map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(count: u32, of: u32) -> Share {
        Share { count, of }
    }

    fn is_near(interval: Interval, expected: [f64; 3]) -> bool {
        let limits = [interval.value, interval.low, interval.high];
        limits.iter().zip(expected).all(|(one, other)| (one - other).abs() < 0.000_05)
    }

    /// Newcombe's own examples of a single proportion (Statistics in Medicine 17, 1998, 857-872, table I).
    #[test]
    fn a_share_has_wilsons_limits() {
        for (count, of, limits) in [
            (81, 263, [0.3080, 0.2553, 0.3662]),
            (15, 148, [0.1014, 0.0624, 0.1605]),
            (0, 20, [0.0, 0.0, 0.1611]),
            (1, 29, [0.0345, 0.0061, 0.1718]),
        ] {
            let interval = share(count, of).interval().expect("a share of something");
            assert!(is_near(interval, limits), "{count} of {of}: {interval:?}");
        }
        assert_eq!(share(0, 0).interval(), None);
    }

    /// Newcombe's examples of a difference (the paper that the method is from, table II, method 10).
    #[test]
    fn a_difference_has_newcombes_limits() {
        for (one, other, limits) in [
            ((56, 70), (48, 80), [0.2, 0.0524, 0.3339]),
            ((9, 10), (3, 10), [0.6, 0.1705, 0.8090]),
            ((6, 7), (2, 7), [0.5714, 0.0582, 0.8062]),
            ((5, 56), (0, 29), [0.0893, -0.0381, 0.1926]),
            ((0, 10), (0, 20), [0.0, -0.1611, 0.2775]),
            ((0, 10), (0, 10), [0.0, -0.2775, 0.2775]),
            ((10, 10), (0, 20), [1.0, 0.6791, 1.0]),
            ((10, 10), (0, 10), [1.0, 0.6075, 1.0]),
        ] {
            let interval = share(one.0, one.1).less(share(other.0, other.1)).expect("two shares");
            assert!(is_near(interval, limits), "{one:?} less {other:?}: {interval:?}");
        }
        assert_eq!(share(1, 2).less(share(0, 0)), None);
        assert_eq!(share(0, 0).less(share(1, 2)), None);
    }

    #[test]
    fn limits_lie_on_both_sides_of_their_value() {
        for of in 1..40 {
            for count in 0..=of {
                let Interval { value, low, high } = share(count, of).interval().expect("a share of something");
                assert!((0.0..=value).contains(&low) && (value..=1.0).contains(&high), "{count} of {of}");
                let turned = share(count, of).less(share(of - count, of)).expect("two shares");
                let other = share(of - count, of).less(share(count, of)).expect("two shares");
                assert!((turned.low + other.high).abs() < 1e-12, "the other way round it is the same: {count} of {of}");
            }
        }
    }
}
