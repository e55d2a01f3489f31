//! "Guests who like this also like": rules of association between two items (Agrawal, Imieliński and Swami, "Mining
//! Association Rules between Sets of Items in Large Databases", 1993). A suggestion is always shown with its numbers.

pub mod api;
#[cfg(feature = "ssr")]
pub mod store;
pub mod ui;

use super::{PreferenceGroup, PreferenceValue};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Items of one guest that are looked at; a profile that says everything says nothing.
pub const MOST_ITEMS: usize = 40;
/// Items between which rules are looked for, the most frequent ones: the pairs of them are what is held at once.
pub const MOST_FREQUENT: usize = 1_000;
/// Different items that are counted at once while those are found.
const MOST_COUNTED: usize = 50_000;

/// Something that guests like: the group of a preference and its value, or a dish or drink of a usual.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Item {
    /// The word of a `PreferenceGroup`.
    pub group: String,
    /// The word of a `PreferenceCode`, or a text in lower case with single spaces.
    pub value: String,
}

impl Item {
    /// An item; `None` for an empty value.
    #[must_use]
    pub fn new(group: &str, value: &str) -> Option<Self> {
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        (!value.is_empty()).then(|| Self { group: group.to_owned(), value })
    }

    /// A preference as an item. What a guest must not be served is an instruction and no liking, and words of a booking
    /// that nobody has understood are none either.
    #[must_use]
    pub fn of(group: PreferenceGroup, value: &PreferenceValue) -> Option<Self> {
        match value {
            _ if group == PreferenceGroup::Dietary => None,
            PreferenceValue::Coded(code) => Self::new(group.code(), code.code()),
            PreferenceValue::Text(text) => Self::new(group.code(), text),
            PreferenceValue::Booked(_) => None,
        }
    }

    /// As it is stored: `group:value`.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}:{}", self.group, self.value)
    }

    /// Reads [`Item::text`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (group, value) = text.split_once(':')?;
        Self::new(group, value)
    }
}

/// "Who likes the one also likes the other", by the guests that it was counted from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub likes: Item,
    pub also: Item,
    /// Guests who like the one, the other, and both; and all who like anything. Each at least 1.
    pub with_likes: u32,
    pub with_also: u32,
    pub with_both: u32,
    pub guests: u32,
}

impl Rule {
    /// The share of all guests who like both, 0 to 1.
    #[must_use]
    pub fn support(&self) -> f64 {
        f64::from(self.with_both) / f64::from(self.guests)
    }

    /// Of those who like the one, the share who like the other too, 0 to 1.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        f64::from(self.with_both) / f64::from(self.with_likes)
    }

    /// How many times likelier the other is with the one than without looking; 1 where they have nothing to do with
    /// each other.
    #[must_use]
    pub fn lift(&self) -> f64 {
        self.confidence() * f64::from(self.guests) / f64::from(self.with_also)
    }
}

/// From what on a rule is worth showing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Guests who like both, at least.
    pub with_both: u32,
    pub confidence: f64,
    pub lift: f64,
}

impl Default for Threshold {
    fn default() -> Self {
        Self { with_both: 5, confidence: 0.3, lift: 1.2 }
    }
}

/// Finds the items that most guests like, in bounded memory: where there are too many different ones, those that have
/// hardly been seen are forgotten (Manku and Motwani, "Approximate Frequency Counts over Data Streams", 2002).
#[derive(Debug, Default)]
pub struct Frequent {
    counts: BTreeMap<Item, u32>,
    /// So often, or less, what has been forgotten was seen between two clearings.
    forgotten: u32,
}

impl Frequent {
    /// Adds what one guest likes.
    pub fn add(&mut self, items: &BTreeSet<Item>) {
        for item in items {
            *self.counts.entry(item.clone()).or_default() += 1;
        }
        while self.counts.len() > MOST_COUNTED {
            self.forgotten += 1;
            self.counts.retain(|_, count| *count > self.forgotten);
        }
    }

    /// The items that at least `least` guests like; of many the [`MOST_FREQUENT`] that most like.
    #[must_use]
    pub fn items(self, least: u32) -> BTreeSet<Item> {
        let mut found: Vec<(Item, u32)> = self.counts.into_iter().filter(|(_, count)| *count >= least).collect();
        found.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        found.into_iter().take(MOST_FREQUENT).map(|(item, _)| item).collect()
    }
}

/// Counts items guest by guest; its size grows with the number of different pairs, and not with the guests.
#[derive(Debug, Default)]
pub struct Counter {
    guests: u32,
    /// The items that are looked at; all where there are none.
    only: Option<BTreeSet<Item>>,
    items: BTreeMap<Item, u32>,
    pairs: BTreeMap<(Item, Item), u32>,
}

impl Counter {
    /// One that looks at these items alone. Guests who like others count as guests all the same.
    #[must_use]
    pub fn among(items: BTreeSet<Item>) -> Self {
        Self { only: Some(items), ..Self::default() }
    }

    /// Adds what one guest likes; one who likes nothing is not counted.
    pub fn add(&mut self, items: BTreeSet<Item>) {
        self.guests += u32::from(!items.is_empty());
        let counts = |item: &Item| self.only.as_ref().is_none_or(|only| only.contains(item));
        let items: Vec<Item> = items.into_iter().filter(counts).take(MOST_ITEMS).collect();
        for (at, one) in items.iter().enumerate() {
            *self.items.entry(one.clone()).or_default() += 1;
            for other in &items[at + 1..] {
                *self.pairs.entry((one.clone(), other.clone())).or_default() += 1;
            }
        }
    }

    /// The rules that are worth showing, both ways of each pair, the strongest lift first.
    #[must_use]
    pub fn rules(&self, least: Threshold) -> Vec<Rule> {
        let count = |item: &Item| self.items.get(item).copied().unwrap_or(0);
        let mut rules: Vec<Rule> = Vec::new();
        for ((one, other), with_both) in self.pairs.iter().filter(|(_, both)| **both >= least.with_both) {
            for (likes, also) in [(one, other), (other, one)] {
                let rule = Rule {
                    with_likes: count(likes),
                    with_also: count(also),
                    with_both: *with_both,
                    guests: self.guests,
                    likes: likes.clone(),
                    also: also.clone(),
                };
                if rule.confidence() >= least.confidence && rule.lift() >= least.lift {
                    rules.push(rule);
                }
            }
        }
        rules.sort_by(|a, b| b.lift().total_cmp(&a.lift()).then_with(|| (&a.likes, &a.also).cmp(&(&b.likes, &b.also))));
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(value: &str) -> Item {
        Item::new("drinks", value).expect("an item")
    }

    fn likes(values: &[&str]) -> BTreeSet<Item> {
        values.iter().map(|value| item(value)).collect()
    }

    #[test]
    fn a_rule_has_the_numbers_of_the_textbook() {
        let mut counter = Counter::default();
        for basket in [&["tea", "eggs"][..], &["tea", "eggs"], &["tea"], &["coffee"], &[]] {
            counter.add(likes(basket));
        }
        let rules = counter.rules(Threshold { with_both: 2, confidence: 0.0, lift: 0.0 });
        let of_tea = rules.iter().find(|rule| rule.likes == item("tea")).expect("a rule");
        assert_eq!(of_tea.also, item("eggs"));
        assert_eq!((of_tea.with_likes, of_tea.with_also, of_tea.with_both, of_tea.guests), (3, 2, 2, 4));
        let close = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-12, "{found} is not {wanted}");
        close(of_tea.support(), 0.5);
        close(of_tea.confidence(), 2.0 / 3.0);
        close(of_tea.lift(), 4.0 / 3.0);
    }

    #[test]
    fn what_is_too_weak_is_not_said() {
        let mut counter = Counter::default();
        (0..4).for_each(|_| counter.add(likes(&["tea", "eggs"])));
        assert!(counter.rules(Threshold::default()).is_empty(), "four guests are no rule");
        counter.add(likes(&["tea", "eggs"]));
        assert!(counter.rules(Threshold::default()).is_empty(), "everybody likes both: a lift of 1");
        (0..5).for_each(|_| counter.add(likes(&["coffee"])));
        assert_eq!(counter.rules(Threshold::default()).len(), 2);
    }

    #[test]
    fn rules_among_some_items_are_those_that_there_are_among_all() {
        let baskets = [&["tea", "eggs", "a"][..], &["tea", "eggs", "b"], &["tea", "c"], &["coffee"], &["d"]];
        let (mut all, mut frequent) = (Counter::default(), Frequent::default());
        for basket in baskets {
            all.add(likes(basket));
            frequent.add(&likes(basket));
        }
        let often = frequent.items(2);
        assert_eq!(often, likes(&["tea", "eggs"]));
        let mut some = Counter::among(often);
        baskets.into_iter().for_each(|basket| some.add(likes(basket)));
        let least = Threshold { with_both: 2, confidence: 0.0, lift: 0.0 };
        assert_eq!(some.rules(least), all.rules(least));
        assert_eq!(some.rules(least)[0].guests, 5, "whoever likes something else is a guest too");
    }

    #[test]
    fn what_hardly_anybody_likes_is_forgotten_before_it_fills_the_memory() {
        let mut frequent = Frequent::default();
        for number in 0..MOST_COUNTED * 2 {
            frequent.add(&likes(&["tea", &format!("own words {number}")]));
            assert!(frequent.counts.len() <= MOST_COUNTED);
        }
        assert_eq!(frequent.items(5), likes(&["tea"]));
    }

    #[test]
    fn a_need_is_no_liking() {
        use crate::guests::PreferenceCode::{NoShellfish, SeaView};
        let of = |group, value| Item::of(group, &value).map(|item| item.text());
        assert_eq!(of(PreferenceGroup::Dietary, PreferenceValue::Coded(NoShellfish)), None);
        assert_eq!(of(PreferenceGroup::Drinks, PreferenceValue::Booked("tea?".to_owned())), None);
        let sea = of(PreferenceGroup::Room, PreferenceValue::Coded(SeaView));
        assert_eq!(sea.as_deref(), Some("room:sea_view"));
        let tea = of(PreferenceGroup::Drinks, PreferenceValue::Text("Jasmine  tea".to_owned()));
        assert_eq!(tea.as_deref(), Some("drinks:jasmine tea"));
    }

    #[test]
    fn items_are_read_back() {
        let eggs = Item::new("dishes", "  Two  Eggs: over easy ").expect("an item");
        assert_eq!(eggs.text(), "dishes:two eggs: over easy");
        assert_eq!(Item::parse(&eggs.text()), Some(eggs));
        assert_eq!(Item::new("dishes", "  "), None);
    }

    proptest! {
        /// The reference looks at every guest anew for every pair.
        #[test]
        fn counted_once_is_counted_right(
            baskets in prop::collection::vec(prop::collection::btree_set(0_u8..6, 0..5), 1..30),
        ) {
            let named: Vec<BTreeSet<Item>> =
                baskets.iter().map(|basket| basket.iter().map(|number| item(&number.to_string())).collect()).collect();
            let mut counter = Counter::default();
            named.iter().cloned().for_each(|basket| counter.add(basket));
            for rule in counter.rules(Threshold { with_both: 1, confidence: 0.0, lift: 0.0 }) {
                let count = |wanted: &[&Item]| {
                    let found = named.iter().filter(|basket| wanted.iter().all(|item| basket.contains(*item))).count();
                    u32::try_from(found).expect("a few")
                };
                prop_assert_eq!(rule.with_likes, count(&[&rule.likes]));
                prop_assert_eq!(rule.with_also, count(&[&rule.also]));
                prop_assert_eq!(rule.with_both, count(&[&rule.likes, &rule.also]));
                let counted = named.iter().filter(|basket| !basket.is_empty()).count();
                prop_assert_eq!(usize::try_from(rule.guests).expect("a few"), counted);
            }
        }
    }
}
