use super::*;
use crate::alerts::sample;
use uuid::Uuid;

/// The moment at which everything in these tests is tapped.
const TAPPED: i64 = 1_760_000_000_000;

fn staff(number: u128) -> StaffId {
    StaffId(Uuid::from_u128(number))
}

fn station(number: u128) -> StationId {
    StationId(Uuid::from_u128(number))
}

fn alert(number: u128) -> AlertId {
    AlertId(Ulid(number))
}

/// Tapped by colleague 1 at station 1.
fn entry(id: u128, about: u128, deed: Deed) -> Entry {
    Entry {
        id: Ulid(id),
        alert: alert(about),
        staff: staff(1),
        station: Some(station(1)),
        deed,
        tapped_at: TAPPED,
        tries: 0,
        fate: Fate::Waiting,
        held: None,
    }
}

fn raise(guest: u128) -> Deed {
    Deed::Raise {
        guest: GuestId(Uuid::from_u128(guest)),
        to: station(2),
        to_name: "Restaurant".to_owned(),
        extension: "200".to_owned(),
        kind: AlertKind::ComingDown,
        text: None,
    }
}

fn seat(table: &str) -> Deed {
    Deed::Complete { table: Some(table.to_owned()) }
}

fn withdraw(guest: u128) -> Deed {
    Deed::Withdraw { guest: GuestId(Uuid::from_u128(guest)) }
}

fn conflict(first: &str) -> Result<(), AppError> {
    Err(AppError::Conflict(first.to_owned()))
}

fn internal() -> AppError {
    AppError::Internal("1a2b3c4d".to_owned())
}

/// What the rules look at of a card.
fn card(state: AlertState, acknowledged_by: Option<u128>, completed_by: Option<u128>) -> AlertCard {
    AlertCard {
        state,
        acknowledged_by: acknowledged_by.map(|_| "Anna".to_owned()),
        acknowledged_staff: acknowledged_by.map(staff),
        completed_by: completed_by.map(|_| "Anna".to_owned()),
        completed_staff: completed_by.map(staff),
        ..sample::card()
    }
}

#[test]
fn what_waited_five_minutes_is_not_sent() {
    let mut entries = [entry(1, 1, raise(1)), entry(2, 2, Deed::Acknowledge)];
    assert_eq!(end_waiting(&mut entries, TAPPED + TOO_OLD_MS - 1, Some(station(1)), None), []);
    assert_eq!(next(&entries, &[]).map(|entry| entry.id), Some(Ulid(1)));
    let changed = end_waiting(&mut entries, TAPPED + TOO_OLD_MS, Some(station(1)), None);
    assert_eq!(changed, entries, "what changes is told, so that it can be kept");
    assert!(entries.iter().all(|entry| entry.fate == Fate::NotSent(Reason::TooOld)));
    assert_eq!(next(&entries, &[]), None);
    assert_eq!(end_waiting(&mut entries, TAPPED + 2 * TOO_OLD_MS, Some(station(1)), None), [], "only once");
}

#[test]
fn an_answer_that_is_on_its_way_is_awaited() {
    let mut entries = [entry(1, 1, raise(1)), entry(2, 2, raise(2))];
    end_waiting(&mut entries, TAPPED + TOO_OLD_MS, Some(station(1)), Some(Ulid(1)));
    assert!(entries[0].is_waiting());
    assert!(!entries[1].is_waiting());
}

#[test]
fn a_clock_that_was_set_back_makes_a_tap_doubtful() {
    let mut entries = [entry(1, 1, raise(1))];
    assert_eq!(
        end_waiting(&mut entries, TAPPED - 59_000, Some(station(1)), None),
        [],
        "clocks are set by seconds every day"
    );
    assert_eq!(end_waiting(&mut entries, TAPPED - 3_600_000, Some(station(1)), None).len(), 1);
    assert_eq!(entries[0].fate, Fate::NotSent(Reason::TooOld));
}

#[test]
fn a_device_that_was_moved_does_not_speak_for_its_old_station() {
    let mut entries = [entry(1, 1, raise(1)), entry(2, 2, withdraw(1))];
    end_waiting(&mut entries, TAPPED + 1_000, Some(station(2)), None);
    assert_eq!(entries[0].fate, Fate::NotSent(Reason::Moved));
    assert!(entries[1].is_waiting(), "whoever raised it may take it back from anywhere");
}

#[test]
fn taking_back_is_never_too_late() {
    let mut entries = [entry(1, 1, withdraw(1))];
    end_waiting(&mut entries, TAPPED + 10 * TOO_OLD_MS, Some(station(1)), None);
    assert!(entries[0].is_waiting());
}

#[test]
fn entries_go_in_the_order_of_the_taps() {
    let mut entries = [entry(3, 2, seat("12")), entry(1, 1, raise(1)), entry(2, 2, Deed::Acknowledge)];
    assert_eq!(next(&entries, &[]).map(|entry| entry.id), Some(Ulid(1)));
    assert_eq!(next(&entries, &[alert(1)]).map(|entry| entry.id), Some(Ulid(2)));
    assert_eq!(next(&entries, &[alert(1), alert(2)]), None, "the seat waits for the acknowledgement before it");
    entries[1].fate = Fate::NotSent(Reason::Refused(AppError::Forbidden));
    assert_eq!(next(&entries, &[]).map(|entry| entry.id), Some(Ulid(2)), "what was refused holds nothing up");
}

#[test]
fn word_is_never_overtaken_by_taking_it_back() {
    // The device's clock was set back between the two taps.
    let mut entries = [entry(5, 1, raise(1)), entry(2, 1, withdraw(1)), entry(3, 2, Deed::Acknowledge)];
    entries[0].tries = 1;
    assert_eq!(next(&entries, &[]).map(|entry| entry.id), Some(Ulid(3)), "another alert waits for neither");
    entries[2].fate = Fate::NotSent(Reason::TooOld);
    assert_eq!(next(&entries, &[]).map(|entry| entry.id), Some(Ulid(5)), "the word itself first");
    assert_eq!(next(&entries, &[alert(1)]), None, "and nothing about it before it is known what became of it");
    assert!(is_being_taken_back(&entries, &entries[0]) && !is_being_taken_back(&entries, &entries[2]));
    assert_eq!(goes_with(&entries, &entries[0]), [Ulid(5)], "what is to be taken back is still there");
    assert_eq!(goes_with(&entries, &entries[1]), [Ulid(5), Ulid(2)], "and with it goes what is left of it");
}

#[test]
fn word_that_nobody_has_heard_is_taken_back_without_a_sound() {
    // It was sent, and turned away because the device was locked, after it had been taken back.
    let mut entries =
        [entry(1, 1, raise(1)), entry(2, 1, withdraw(1)), entry(3, 2, raise(2)), entry(4, 3, withdraw(3))];
    assert_eq!(cancelled(&entries), [Ulid(1), Ulid(2)]);
    entries[0].tries = 1;
    assert_eq!(cancelled(&entries), [], "it may have rung already, and must not go on");
}

#[test]
fn only_who_was_turned_away_has_certainly_not_been_heard() {
    assert!(was_turned_away(&AppError::Locked) && was_turned_away(&AppError::SignedOut));
    assert!(!was_turned_away(&internal()) && !was_turned_away(&AppError::Away));
}

#[test]
fn a_manager_answers_without_a_station() {
    let mut entries = [Entry { station: None, ..entry(1, 1, Deed::Acknowledge) }];
    assert_eq!(end_waiting(&mut entries, TAPPED + 1_000, None, None), []);
    assert_eq!(next(&entries, &[]).map(|entry| entry.id), Some(Ulid(1)));
    let kept = serde_json::to_string(&entries[0]).expect("plain data");
    assert_eq!(serde_json::from_str::<Entry>(&kept).expect("as it was written"), entries[0]);
    end_waiting(&mut entries, TAPPED + 1_000, Some(station(1)), None);
    assert_eq!(entries[0].fate, Fate::NotSent(Reason::Moved));
}

#[test]
fn answers_are_read() {
    for (deed, answer, expected) in [
        (raise(1), Ok(()), Verdict::Done),
        (raise(1), Err(AppError::Unreachable), Verdict::NoLine),
        (raise(1), Err(internal()), Verdict::Held(internal())),
        (raise(1), Err(AppError::Away), Verdict::Held(AppError::Away)),
        (raise(1), Err(AppError::SignedOut), Verdict::Held(AppError::SignedOut)),
        (raise(1), Err(AppError::Locked), Verdict::Held(AppError::Locked)),
        (raise(1), Err(AppError::NotFound), Verdict::Refused(AppError::NotFound)),
        (raise(1), Err(AppError::Forbidden), Verdict::Refused(AppError::Forbidden)),
        (raise(1), conflict("Anna"), Verdict::Refused(AppError::Conflict("Anna".to_owned()))),
        (Deed::Acknowledge, conflict("Wei"), Verdict::Refused(AppError::Conflict("Wei".to_owned()))),
        (seat("12"), Err(AppError::Expired), Verdict::Refused(AppError::Expired)),
        (withdraw(1), Err(AppError::NotFound), Verdict::Done),
        (seat("12"), Err(AppError::NotFound), Verdict::Refused(AppError::NotFound)),
    ] {
        assert_eq!(verdict(&deed, answer.clone()), expected, "{deed:?} {answer:?}");
    }
}

#[test]
fn the_stream_can_tell_that_something_has_arrived() {
    let raised = card(AlertState::Raised, None, None);
    let mine = card(AlertState::Acknowledged, Some(1), None);
    // A colleague of the same name is another.
    let namesake = card(AlertState::Acknowledged, Some(2), None);
    let seated = card(AlertState::Completed, Some(2), Some(1));
    let taken_back = card(AlertState::Withdrawn, None, Some(2));
    let others_stand = AlertCard { withdrawn: vec![staff(1)], ..card(AlertState::Raised, None, None) };
    for (deed, known, arrived) in [
        (raise(1), None, false),
        (raise(1), Some(&raised), true),
        (Deed::Acknowledge, Some(&raised), false),
        (Deed::Acknowledge, Some(&mine), true),
        (Deed::Acknowledge, Some(&namesake), false),
        (Deed::Acknowledge, Some(&seated), false),
        (seat("12"), Some(&mine), false),
        (seat("12"), Some(&seated), true),
        (withdraw(1), Some(&mine), false),
        (withdraw(1), Some(&taken_back), true),
        (withdraw(1), Some(&others_stand), true),
    ] {
        assert_eq!(has_arrived(&entry(1, 1, deed.clone()), known), arrived, "{deed:?} {known:?}");
    }
}

#[test]
fn the_next_thing_can_be_tapped_while_the_first_waits() {
    let acknowledged = [entry(1, 1, Deed::Acknowledge)];
    let later = TAPPED + 2_000;
    assert_eq!(stage(AlertState::Raised, &acknowledged, TAPPED + 1_999), AlertState::Raised, "not under a thumb");
    assert_eq!(stage(AlertState::Raised, &acknowledged, later), AlertState::Acknowledged);
    let seated = [entry(1, 1, Deed::Acknowledge), entry(2, 1, seat("12"))];
    assert_eq!(stage(AlertState::Raised, &seated, later), AlertState::Completed);
    assert_eq!(stage(AlertState::Withdrawn, &seated, later), AlertState::Withdrawn, "an end is an end");
    let mut refused = acknowledged;
    refused[0].fate = Fate::NotSent(Reason::TooOld);
    assert_eq!(stage(AlertState::Raised, &refused, later), AlertState::Raised);
}

#[test]
fn a_second_tap_is_the_first_one() {
    let waiting = [entry(1, 1, Deed::Acknowledge), entry(2, 2, raise(1))];
    assert!(is_doubled(&waiting, &entry(3, 1, Deed::Acknowledge)));
    assert!(is_doubled(&waiting, &entry(3, 9, raise(1))), "the same word about the same guest");
    assert!(!is_doubled(&waiting, &entry(3, 9, raise(2))));
    assert!(!is_doubled(&waiting, &entry(3, 1, seat("12"))));
    assert!(!is_doubled(&waiting, &entry(3, 4, Deed::Acknowledge)));
}

#[test]
fn trying_anew_replaces_what_was_not_sent() {
    let mut old = [entry(1, 1, raise(1)), entry(2, 2, raise(2))];
    assert_eq!(superseded(&old, &entry(3, 3, raise(1))), [], "what still waits stays");
    old[0].fate = Fate::NotSent(Reason::TooOld);
    assert!(!is_doubled(&old, &entry(3, 3, raise(1))));
    assert_eq!(superseded(&old, &entry(3, 3, raise(1))), [Ulid(1)]);
}

#[test]
fn only_what_may_have_arrived_is_taken_back_at_the_server() {
    let mut entries = [entry(1, 1, raise(1)), entry(2, 2, Deed::Acknowledge)];
    assert_eq!(take_back(&entries, alert(1)), TakeBack::Forget(Ulid(1)));
    entries[0].tries = 1;
    assert_eq!(take_back(&entries, alert(1)), TakeBack::Tell, "what became of it is heard first");
    entries[0].fate = Fate::NotSent(Reason::TooOld);
    assert_eq!(take_back(&entries, alert(1)), TakeBack::ForgetAndTell(Ulid(1)));
    assert_eq!(take_back(&entries, alert(2)), TakeBack::Tell);
    assert_eq!(take_back(&entries, alert(3)), TakeBack::Tell);
}

#[test]
fn a_colleague_never_sends_what_another_tapped() {
    let mut theirs = entry(2, 2, Deed::Acknowledge);
    theirs.staff = staff(2);
    let kept = vec![entry(3, 3, raise(1)), theirs, entry(1, 1, raise(2))];
    let (mine, forgotten) = take_over(kept, staff(1), TAPPED + 1_000, &[]);
    assert_eq!(mine.iter().map(|entry| entry.id).collect::<Vec<_>>(), [Ulid(1), Ulid(3)]);
    assert_eq!(forgotten, [], "they may come back for it");
}

#[test]
fn after_a_shift_a_device_forgets() {
    let mut theirs = entry(2, 2, Deed::Acknowledge);
    theirs.staff = staff(2);
    let kept = vec![entry(1, 1, raise(2)), theirs];
    let (mine, forgotten) = take_over(kept, staff(1), TAPPED + 12 * 3_600_000, &[]);
    assert_eq!(mine, []);
    assert_eq!(forgotten, [Ulid(1), Ulid(2)]);
}

#[test]
fn an_entry_survives_being_kept() {
    let mut kept = entry(1, 1, raise(1));
    kept.tries = 2;
    kept.fate = Fate::NotSent(Reason::Refused(AppError::Conflict("Anna".to_owned())));
    let text = serde_json::to_string(&kept).expect("plain data");
    assert_eq!(serde_json::from_str::<Entry>(&text).expect("as it was written"), kept);
    // Why it is held is for the page that knows it, not for the next one.
    let mut held = entry(1, 1, raise(1));
    held.held = Some(AppError::Locked);
    let (mine, _) = take_over(vec![entry(1, 1, raise(1))], staff(1), TAPPED, std::slice::from_ref(&held));
    assert_eq!(mine, [held]);
}

#[test]
fn only_word_that_was_not_refused_can_be_said_anew() {
    let mut word = entry(1, 1, raise(1));
    assert!(!word.can_be_raised_anew(), "it still waits");
    word.fate = Fate::NotSent(Reason::TooOld);
    assert!(word.can_be_raised_anew());
    word.fate = Fate::NotSent(Reason::Refused(AppError::NotFound));
    assert!(!word.can_be_raised_anew());
    let mut answer = entry(1, 1, Deed::Acknowledge);
    answer.fate = Fate::NotSent(Reason::TooOld);
    assert!(!answer.can_be_raised_anew());
}
