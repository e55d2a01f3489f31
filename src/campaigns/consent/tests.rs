use super::{CampaignKind::*, *};
use proptest::prelude::*;

fn said(statements: &[(Option<CampaignKind>, bool, Source)]) -> Said {
    let rows = statements.iter().enumerate().map(|(number, (kind, granted, source))| {
        let statement = Statement {
            guest: GuestId(uuid::Uuid::nil()),
            kind: *kind,
            granted: *granted,
            source: source.clone(),
            wording: None,
            language: None,
            author: None,
        };
        Row::new(record("consent", number), statement, false, DateTime::UNIX_EPOCH)
    });
    Said(rows.collect())
}

fn booking() -> Source {
    Source::Booking("1001".to_owned())
}

#[test]
fn nobody_is_written_to_without_having_agreed() {
    assert!(!said(&[]).may_be_sent(Birthday));
    assert!(said(&[(None, true, booking())]).may_be_sent(Birthday));
    assert!(!said(&[(Some(Offer), true, Source::Colleague(Way::Desk))]).may_be_sent(Birthday));
}

#[test]
fn the_last_word_about_a_kind_counts() {
    let said = said(&[(None, true, booking()), (Some(Offer), false, Source::UnsubscribePage)]);
    assert!(said.may_be_sent(Birthday));
    assert!(!said.may_be_sent(Offer));
    assert!(said.is_refused(Some(Offer)) && !said.is_refused(Some(Birthday)) && !said.is_refused(None));
}

#[test]
fn whoever_objects_to_all_objects_to_each() {
    let mut statements = vec![(Some(Birthday), true, Source::PreferencesPage), (None, false, Source::UnsubscribePage)];
    assert!(!said(&statements).may_be_sent(Birthday));
    assert!(said(&statements).is_refused(None));
    // And may think better of one of them.
    statements.push((Some(Birthday), true, Source::PreferencesPage));
    assert!(said(&statements).may_be_sent(Birthday));
    assert!(!said(&statements).may_be_sent(Offer));
}

#[test]
fn an_import_does_not_override_what_was_said_to_the_house() {
    let objected = [(None, true, booking()), (None, false, Source::OneClick)];
    for imported in [vec![true], vec![false, true], vec![true, false, true]] {
        let mut statements = objected.to_vec();
        statements.extend(imported.into_iter().map(|granted| (None, granted, booking())));
        assert!(!said(&statements).may_be_sent(Birthday), "{statements:?}");
        statements.push((None, true, Source::Confirmation));
        assert!(said(&statements).may_be_sent(Birthday), "{statements:?}");
    }
    // But it may object.
    assert!(
        !said(&[(None, true, Source::Colleague(Way::Desk)), (None, false, booking())]).may_be_sent(Birthday),
        "the strictest counts"
    );
}

#[test]
fn what_waits_for_its_confirmation_changes_nothing() {
    let mut waiting = said(&[(None, true, booking()), (Some(Birthday), true, Source::Colleague(Way::Desk))]);
    waiting.0[0].pending = true;
    assert!(!waiting.may_be_sent(Offer));
    assert!(waiting.may_be_sent(Birthday));
    waiting.0[1].pending = true;
    assert!(!waiting.may_be_sent(Birthday));
}

/// The place of a statement about counting links among others.
fn about_links(mut statements: Vec<(Option<CampaignKind>, bool, Source)>, at: usize, granted: bool) -> Said {
    statements.insert(at, (None, granted, Source::PreferencesPage));
    let mut said = said(&statements);
    said.0[at].purpose = counting::LINK_COUNTS.to_owned();
    said
}

#[test]
fn links_are_counted_of_those_alone_who_agreed_to_it() {
    let agreed = || vec![(None, true, booking()), (Some(Birthday), true, Source::PreferencesPage)];
    assert!(!said(&agreed()).agrees_to_counting(), "to be written to is another thing");
    assert!(about_links(agreed(), 2, true).agrees_to_counting());
    assert!(!about_links(agreed(), 2, false).agrees_to_counting());
    let ended = vec![(None, false, Source::UnsubscribePage)];
    assert!(!about_links(ended.clone(), 0, true).agrees_to_counting(), "who objects to all objects to this");
    assert!(about_links(ended, 1, true).agrees_to_counting());
    let again = vec![(None, false, Source::UnsubscribePage), (None, true, Source::Confirmation)];
    assert!(!about_links(again.clone(), 0, true).agrees_to_counting(), "letters are agreed to anew, and nothing else");
    assert!(about_links(again, 2, true).agrees_to_counting());
}

#[test]
fn what_is_said_of_links_says_nothing_of_letters() {
    assert!(!about_links(Vec::new(), 0, true).may_be_sent(Birthday));
    let objecting = about_links(vec![(None, true, booking())], 1, false);
    assert!(objecting.may_be_sent(Birthday) && !objecting.is_refused(None));
}

fn any_source() -> impl Strategy<Value = Source> {
    prop::sample::select(vec![booking(), Source::OneClick, Source::PreferencesPage, Source::Colleague(Way::Telephone)])
}

proptest! {
    /// Whatever was said before and is imported after: who objects to a kind is not sent it.
    #[test]
    fn an_objection_holds(
        before in prop::collection::vec((prop::option::of(prop::sample::select(CampaignKind::ALL)), any::<bool>(), any_source()), 0..8),
        to_all in any::<bool>(),
        imported in prop::collection::vec(any::<bool>(), 0..4),
    ) {
        let mut statements = before;
        statements.push((if to_all { None } else { Some(Lapsed) }, false, Source::OneClick));
        statements.extend(imported.into_iter().map(|granted| (None, granted, booking())));
        let said = said(&statements);
        prop_assert!(!said.may_be_sent(Lapsed));
        prop_assert!(said.is_refused(Some(Lapsed)));
    }
}
