//! How well preferences are known: confirmed instead of written twice, a habit at the third time, faded, said not to hold,
//! and against another.

use crate::harness::{Device, House, monday};
use chrono::{NaiveDate, TimeDelta};
use rapport::{
    alerts::api::Raise,
    error::AppError,
    guests::{
        FROM_BOOKING, OneThing, Preference, PreferenceCode,
        PreferenceGroup::{self, Dietary, Dishes, Drinks, Newspaper, Temperature},
        PreferenceValue,
        api::{AddPreference, OpenCard, RemovePreference, Search},
        card::GuestCard,
        evidence::{Cue, Standing},
        evidence_api::{ConfirmPreference, ContradictPreference, SaveMemory},
    },
    ids::{GuestId, PreferenceId},
    server::db::{record, vars},
    staff::api::AuditTrail,
};

pub type Fields = Vec<(&'static str, String)>;

pub const TEA: &str = "Jasmine tea";
pub const EGGS: &str = "Two eggs";

/// What the form of a preference sends: something that a colleague noticed.
pub fn seen(guest: GuestId, group: &str, value: &str) -> Fields {
    vec![
        ("guest", guest.to_string()),
        ("group", group.to_owned()),
        ("value", value.to_owned()),
        ("stated", "false".to_owned()),
    ]
}

/// The same of something that the guest said.
pub fn said(guest: GuestId, group: &str, value: &str) -> Fields {
    let mut fields = seen(guest, group, value);
    fields[3].1 = "true".to_owned();
    fields
}

/// What a tap sends.
pub fn of(guest: GuestId, id: PreferenceId) -> Fields {
    vec![("guest", guest.to_string()), ("preference", id.to_string())]
}

/// What the house decides: days until something fades, and until it is asked again.
pub fn settings(fade: &str, reconfirm: &str) -> Fields {
    vec![
        ("fade_days", fade.to_owned()),
        ("reconfirm_days", reconfirm.to_owned()),
        ("ring_minutes", "15".to_owned()),
        ("briefing_days", "2".to_owned()),
    ]
}

pub async fn card(device: &mut Device, guest: GuestId) -> GuestCard {
    device.call::<OpenCard>(&[("guest", guest.to_string())]).await.expect("a card")
}

pub async fn page(device: &mut Device, guest: GuestId) -> String {
    device.get(&format!("/guests/{guest}")).await.text().await.expect("a page")
}

/// What a role is shown of a group.
pub async fn known(device: &mut Device, guest: GuestId, group: PreferenceGroup) -> Vec<Preference> {
    let card = card(device, guest).await;
    let all = [card.dietary(), card.dining(), card.preferences()].concat();
    all.into_iter().filter(|preference| preference.group == group).collect()
}

/// The only one of its group.
pub async fn one(device: &mut Device, guest: GuestId, group: PreferenceGroup) -> Preference {
    let [one] = <[Preference; 1]>::try_from(known(device, guest, group).await).expect("one");
    one
}

/// What the only one of its group is worth on the card.
async fn worth(device: &mut Device, guest: GuestId, group: PreferenceGroup) -> Standing {
    let card = card(device, guest).await;
    let (identity, known) = (card.identity(), one(device, guest, group).await);
    known.evidence.standing(identity.today, identity.fade_days)
}

/// Whose words of a preference are kept.
pub async fn words_of(house: &House, id: PreferenceId) -> Vec<String> {
    let of = vars().with("preference", record("preference", id));
    let sql = "SELECT VALUE author_name FROM sighting WHERE preference = $preference";
    let mut found: Vec<String> = house.db.rows(sql, of).await.expect("words");
    found.sort_unstable();
    found
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn text(text: &str) -> PreferenceValue {
    PreferenceValue::Text(text.to_owned())
}

#[tokio::test]
async fn what_is_known_already_is_confirmed_and_not_written_twice() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    let mut bea = house.device("host2", "restaurant").await;
    host.call::<AddPreference>(&seen(guest, "drinks", TEA)).await.expect("written down");
    let first = one(&mut host, guest, Drinks).await;
    assert_eq!((first.evidence.times, first.stated, first.by.as_str()), (1, false, "The host"));
    assert_eq!((first.evidence.cue, &first.evidence.only_in, first.evidence.reconfirm_by), (Cue::Silent, &None, None));
    bea.call::<AddPreference>(&seen(guest, "drinks", " jasmine TEA ")).await.expect("seen by a colleague");
    let again = one(&mut host, guest, Drinks).await;
    assert_eq!((again.id, &again.value, again.by.as_str()), (first.id, &first.value, "The host"));
    assert_eq!((again.evidence.times, again.evidence.last_by.as_str()), (2, "Bea"));

    // Of one colleague it counts once a day, however it is said.
    host.call::<AddPreference>(&seen(guest, "drinks", TEA)).await.expect("seen again");
    host.call::<ConfirmPreference>(&of(guest, first.id)).await.expect("and again");
    assert_eq!(one(&mut host, guest, Drinks).await.evidence.times, 2);
    let mut desk = house.device("reception", "desk").await;
    desk.call::<AddPreference>(&said(guest, "drinks", TEA)).await.expect("the guest says so");
    let stated = one(&mut host, guest, Drinks).await;
    assert_eq!((stated.evidence.times, stated.stated, stated.evidence.stated), (3, true, true));
    assert_eq!(stated.evidence.reconfirm_by, Some(day("2029-11-22")), "three years on");
    assert_eq!(words_of(&house, first.id).await, ["Bea", "The host", "The reception"]);
    // In another group the same words are something else.
    desk.call::<AddPreference>(&seen(guest, "dishes", TEA)).await.expect("written down");
    assert_eq!(one(&mut host, guest, Dishes).await.evidence.times, 1);
    assert_eq!(one(&mut host, guest, Drinks).await.evidence.times, 3);

    // What came with the booking is known as well.
    let booked = one(&mut host, guest, Dietary).await;
    assert_eq!((booked.evidence.times, booked.by.as_str()), (1, FROM_BOOKING));
    host.call::<AddPreference>(&said(guest, "handling", "no_shellfish")).await.expect("the guest says so");
    let confirmed = one(&mut host, guest, Dietary).await;
    assert_eq!((confirmed.id, confirmed.by.as_str()), (booked.id, FROM_BOOKING));
    assert_eq!((confirmed.evidence.times, confirmed.evidence.last_by.as_str()), (2, "The host"));

    desk.call::<RemovePreference>(&of(guest, first.id)).await.expect("removed");
    assert!(words_of(&house, first.id).await.is_empty(), "with what was said of it");
    assert_eq!(host.call::<ConfirmPreference>(&of(guest, first.id)).await, Err(AppError::NotFound));
    let mut manager = house.device("manager", "desk").await;
    let trail = manager.call::<AuditTrail>(&[]).await.expect("a trail");
    let count = |action: &str| trail.iter().filter(|row| row.action == action && row.fields == ["drinks"]).count();
    let counted = ["added_preference", "confirmed_preference", "removed_preference"].map(count);
    assert_eq!(counted, [1, 4, 1]);
}

#[tokio::test]
async fn seen_on_three_occasions_it_is_a_habit() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    host.call::<AddPreference>(&seen(guest, "drinks", TEA)).await.expect("written down");
    let tea = one(&mut host, guest, Drinks).await.id;
    for _ in 0..2 {
        host.call::<ConfirmPreference>(&of(guest, tea)).await.expect("the same occasion");
    }
    assert_eq!(worth(&mut host, guest, Drinks).await, Standing::Once);
    assert!(page(&mut host, guest).await.contains("seen once"));

    house.clock.advance(TimeDelta::days(1));
    let mut bea = house.device("host2", "restaurant").await;
    bea.call::<ConfirmPreference>(&of(guest, tea)).await.expect("seen");
    assert_eq!(worth(&mut bea, guest, Drinks).await, Standing::Twice);
    assert!(page(&mut bea, guest).await.contains("seen twice"));

    house.clock.advance(TimeDelta::days(1));
    let mut host = house.device("host", "restaurant").await;
    host.call::<ConfirmPreference>(&of(guest, tea)).await.expect("seen");
    assert_eq!(worth(&mut host, guest, Drinks).await, Standing::Habit);
    let shown = page(&mut host, guest).await;
    assert!(shown.contains("a habit: seen 3 times"), "{shown}");
    assert!(shown.contains("noticed by The host, 23 Nov 2026 · last 25 Nov 2026, The host"), "{shown}");
    assert_eq!(words_of(&house, tea).await, ["Bea", "The host", "The host"]);
}

/// The one thing that the lists tell the desk of a guest.
async fn one_thing(device: &mut Device, name: &str, guest: GuestId) -> Option<OneThing> {
    let lines = device.call::<Search>(&[("q", name.to_owned())]).await.expect("lines");
    lines.into_iter().find(|line| line.guest == guest).expect("the guest").one_thing
}

#[tokio::test]
async fn what_is_not_seen_for_long_fades_and_what_was_said_is_asked_again() {
    let house = House::open().await;
    // He is not in house, and nothing else is known of him.
    let guest = house.guest("M0004").await;
    let mut manager = house.device("manager", "desk").await;
    manager.call::<SaveMemory>(&settings("30", "60")).await.expect("decided");
    let mut desk = house.device("reception", "desk").await;
    desk.call::<AddPreference>(&seen(guest, "drinks", TEA)).await.expect("written down");
    desk.call::<AddPreference>(&said(guest, "newspaper", "The Times")).await.expect("written down");
    let (tea, paper) = (one(&mut desk, guest, Drinks).await.id, one(&mut desk, guest, Newspaper).await);
    assert_eq!(paper.evidence.reconfirm_by, Some(day("2027-01-22")));
    let thing = |words: &str| Some(OneThing::Preference(text(words)));
    for (days, of_tea, of_paper, known) in [
        (30, Standing::Once, Standing::Stated, thing(TEA)),
        (31, Standing::Fading, Standing::Stated, thing("The Times")),
        (59, Standing::Fading, Standing::Stated, thing("The Times")),
        (60, Standing::Fading, Standing::Fading, None),
    ] {
        house.clock.set(monday() + TimeDelta::days(days));
        let mut desk = house.device("reception", "desk").await;
        let worths = (worth(&mut desk, guest, Drinks).await, worth(&mut desk, guest, Newspaper).await);
        assert_eq!(worths, (of_tea, of_paper), "after {days} days");
        assert_eq!(one_thing(&mut desk, "zander", guest).await, known, "after {days} days");
        let asked = page(&mut desk, guest).await.matches("long ago: ask again").count();
        assert_eq!(asked, [of_tea, of_paper].iter().filter(|is| **is == Standing::Fading).count(), "after {days} days");
    }
    // Asked and seen again, they hold from today.
    let mut desk = house.device("reception", "desk").await;
    desk.call::<ConfirmPreference>(&of(guest, paper.id)).await.expect("he still reads it");
    let again = one(&mut desk, guest, Newspaper).await;
    assert_eq!((again.evidence.times, again.evidence.reconfirm_by), (2, Some(day("2027-03-23"))));
    assert_eq!(one_thing(&mut desk, "zander", guest).await, thing("The Times"));
    desk.call::<ConfirmPreference>(&of(guest, tea)).await.expect("seen");
    assert_eq!(worth(&mut desk, guest, Drinks).await, Standing::Twice);
    assert_eq!(one(&mut desk, guest, Drinks).await.evidence.reconfirm_by, None, "what was only seen fades");
    // A house that never asks again.
    let mut manager = house.device("manager", "desk").await;
    manager.call::<SaveMemory>(&settings("30", "")).await.expect("decided");
    desk.call::<ConfirmPreference>(&of(guest, paper.id)).await.expect("he still reads it");
    assert_eq!(one(&mut desk, guest, Newspaper).await.evidence.reconfirm_by, None);
}

#[tokio::test]
async fn what_is_said_not_to_hold_stands_apart_and_is_no_instruction() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    let mut bea = house.device("host2", "restaurant").await;
    host.call::<AddPreference>(&seen(guest, "drinks", TEA)).await.expect("written down");
    host.call::<AddPreference>(&seen(guest, "dishes", EGGS)).await.expect("written down");
    let (tea, shellfish) = (one(&mut host, guest, Drinks).await.id, one(&mut host, guest, Dietary).await.id);
    assert!(!page(&mut host, guest).await.contains("guest-doubted"));
    for id in [tea, shellfish] {
        bea.call::<ContradictPreference>(&of(guest, id)).await.expect("not so");
    }
    let doubted = one(&mut host, guest, Drinks).await;
    assert_eq!(doubted.evidence.contradicted, Some((day("2026-11-23"), "Bea".to_owned())));
    assert_eq!((doubted.evidence.times, doubted.evidence.last_by.as_str()), (1, "The host"), "she did not see it");
    assert_eq!(worth(&mut host, guest, Drinks).await, Standing::Contradicted);
    let shown = page(&mut host, guest).await;
    let (held, apart) = shown.split_once("id=\"guest-doubted\"").expect("a part of its own");
    assert!(held.contains(">Two eggs<") && !held.contains(">Jasmine tea<"), "{held}");
    assert!(apart.contains(">Jasmine tea<") && apart.contains("not so, says Bea, 23 Nov 2026"), "{apart}");
    assert!(apart.contains("Do not act on these.") && apart.contains("Still so<"), "{apart}");
    assert!(!apart.contains("Not so<"), "it is said already: {apart}");
    // What somebody must not be served is an instruction until it is removed.
    assert!(held.contains("band--dietary") && held.contains(">No shellfish<"), "{held}");
    assert!(held.contains("not so, says Bea"), "{held}");

    let mut feed = host.listen("").await;
    let word = [
        ("id", ulid::Ulid::new().to_string()),
        ("guest", guest.to_string()),
        ("to", house.stations["restaurant"].to_string()),
        ("kind", "coming_down".to_owned()),
    ];
    house.device("floor", "floor").await.call::<Raise>(&word).await.expect("raised");
    let alert = feed.next_alert().await;
    let (dining, dietary) = (alert["dining"].to_string(), alert["dietary"].to_string());
    assert!(dining.contains(EGGS) && !dining.contains(TEA), "{alert}");
    assert!(dietary.contains("no_shellfish"), "{alert}");
    let sato = house.guest("M0003").await;
    let mut desk = house.device("reception", "desk").await;
    let high = one(&mut desk, sato, PreferenceGroup::Room).await.id;
    let thing = OneThing::Preference(PreferenceValue::Coded(PreferenceCode::HighFloor));
    assert_eq!(one_thing(&mut desk, "sato", sato).await, Some(thing));
    desk.call::<ContradictPreference>(&of(sato, high)).await.expect("not so");
    assert_eq!(one_thing(&mut desk, "sato", sato).await, Some(OneThing::FirstStay));

    // Who takes it back, or writes it down anew, confirms it.
    bea.call::<ConfirmPreference>(&of(guest, tea)).await.expect("a mistake");
    let held = one(&mut host, guest, Drinks).await.evidence;
    assert_eq!((held.contradicted, held.times), (None, 1), "of the two words of a day the last one stands");
    assert!(!page(&mut host, guest).await.contains("guest-doubted"));
    bea.call::<ContradictPreference>(&of(guest, tea)).await.expect("not so");
    desk.call::<AddPreference>(&seen(guest, "drinks", TEA)).await.expect("seen");
    let held = one(&mut host, guest, Drinks).await.evidence;
    assert_eq!((held.contradicted, held.times, held.last_by.as_str()), (None, 2, "The reception"));
}

#[tokio::test]
async fn two_that_speak_against_each_other_are_shown_with_the_question() {
    const QUESTION: &str = "These speak against each other. Ask which one holds.";
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    for (group, value) in [("temperature", "18 degrees"), ("drinks", TEA), ("drinks", "Coffee")] {
        desk.call::<AddPreference>(&seen(guest, group, value)).await.expect("written down");
    }
    assert!(!page(&mut desk, guest).await.contains(QUESTION), "of drinks there may be two");
    let mut floor = house.device("floor", "floor").await;
    floor.call::<AddPreference>(&said(guest, "temperature", "22 degrees")).await.expect("written down");
    let both = known(&mut floor, guest, Temperature).await;
    assert_eq!(both.iter().map(|one| one.value.clone()).collect::<Vec<_>>(), [text("18 degrees"), text("22 degrees")]);
    for device in [&mut floor, &mut desk] {
        let shown = page(device, guest).await;
        assert!(shown.contains(QUESTION) && shown.contains("18 degrees") && shown.contains("22 degrees"), "{shown}");
    }
    floor.call::<ContradictPreference>(&of(guest, both[0].id)).await.expect("asked");
    let shown = page(&mut floor, guest).await;
    let (held, apart) = shown.split_once("id=\"guest-doubted\"").expect("a part of its own");
    assert!(held.contains("22 degrees") && apart.contains("18 degrees") && !shown.contains(QUESTION), "{shown}");
}
