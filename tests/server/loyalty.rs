//! Points: earned by stays, given, spent, taken back, expired; tiers; and who may.

use crate::{
    harness::{Device, HEADER, House, PASSWORD},
    sending::until,
};
use chrono::{NaiveDate, TimeDelta};
use leptos::server_fn::ServerFn;
use rapport::{
    error::{AppError, Problem},
    guests::api::OpenCard,
    house::store as houses,
    ids::{GuestId, OnceId},
    loyalty::{
        EntryKind, PointsLine, Scope,
        api::{FollowChain, GivePoints, LoyaltyRules, PointsPage, RedeemPoints, ReversePoints, SaveLoyalty},
        page::{GuestPoints, PointsDetail},
        post, store,
    },
    server::clock::{self, Clock},
    staff::api::AuditTrail,
};

pub type Fields = Vec<(&'static str, String)>;

/// The usual rules: ten euros are a point, and a point ends after two years.
pub fn rules(scope: &str, revision: i64) -> Fields {
    [
        ("scope", scope),
        ("form[active]", "on"),
        ("form[currency]", "EUR"),
        ("form[spend_for_point]", "10"),
        ("form[worth_of_point]", "0.10"),
        ("form[expire_months]", "24"),
        ("form[notice_days]", "60"),
        ("form[since]", ""),
        ("form[extras]", "Welcome; 100"),
        ("form[tiers]", "Silver; 4; 100000"),
    ]
    .map(|(field, text)| (field, text.to_owned()))
    .into_iter()
    .chain([("revision", revision.to_string())])
    .collect()
}

/// The same with something else in a field.
pub fn with(mut fields: Fields, field: &str, text: &str) -> Fields {
    let found = fields.iter_mut().find(|(name, _)| *name == field);
    text.clone_into(&mut found.expect("a field of the form").1);
    fields
}

/// A house whose stays earn points by the rules of the chain.
pub async fn opened() -> House {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    manager.call::<SaveLoyalty>(&rules("chain", 0)).await.expect("kept");
    house
}

/// Does what is due by itself.
pub async fn run(house: &House) {
    post::run_due(&house.db, house.state.feed.epoch(), house.clock.now(), "a test").await.expect("done");
}

/// What a card in the house tells.
pub async fn line(house: &House, guest: GuestId) -> Option<PointsLine> {
    let here = houses::house(&house.db, house.id).await.expect("an answer").expect("the house");
    let today = clock::today(house.clock.now(), here.zone());
    store::points_of(&house.db, &here, guest, today).await.expect("an answer")
}

pub async fn balance(house: &House, guest: GuestId) -> i64 {
    line(house, guest).await.map_or(0, |line| line.balance)
}

/// Waits until what is due by itself has come to a balance. The house's own job may be at it at the same time.
pub async fn settled(house: &House, guest: GuestId, wanted: i64) {
    until(async || {
        run(house).await;
        balance(house, guest).await == wanted
    })
    .await;
    run(house).await;
    assert_eq!(balance(house, guest).await, wanted, "and stays there");
}

/// The page as somebody sees it.
pub async fn page(device: &mut Device, guest: GuestId) -> GuestPoints {
    device.call::<PointsPage>(&[("guest", guest.to_string())]).await.expect("a page")
}

pub async fn detail(device: &mut Device, guest: GuestId) -> PointsDetail {
    *page(device, guest).await.detail.expect("the ledger")
}

pub fn redemption(once: OnceId, guest: GuestId, points: &str) -> Fields {
    vec![
        ("once", once.to_string()),
        ("guest", guest.to_string()),
        ("points", points.to_owned()),
        ("reason", "Late check-out".to_owned()),
    ]
}

pub fn gift(once: OnceId, guest: GuestId, points: &str) -> Fields {
    vec![
        ("once", once.to_string()),
        ("guest", guest.to_string()),
        ("extra", String::new()),
        ("points", points.to_owned()),
        ("reason", "A warm word about us".to_owned()),
    ]
}

pub fn not_enough(there: i64) -> AppError {
    AppError::field("points", Problem::NotEnough(there))
}

/// Moves the clock, and signs in again, because nobody's session goes on for so long.
pub async fn days_later(house: &House, days: i64, people: &mut [(&mut Device, &str)]) {
    house.clock.advance(TimeDelta::days(days));
    for (device, login) in people {
        device.sign_in(login, PASSWORD).await.expect("signed in again");
    }
}

/// Mr Zander's stay of January 2025, with another rate and status.
fn zander(rate: &str, status: &str) -> String {
    format!(
        "{HEADER}\n1005,CITY,Mr,Weimar,Zander,,DEU,de,zander@mail.example,+49 1512 5550 123,,,M0004,2025-01-02,\
         2025-01-05,A,501,1,0,BB,{rate},EUR,Direct,{status},,,\n"
    )
}

#[tokio::test]
async fn a_stay_earns_once_and_a_change_of_it_moves_the_difference() {
    let house = opened().await;
    let guest = house.guest("M0004").await;
    // Three nights at EUR 99.
    settled(&house, guest, 29).await;
    assert_eq!(balance(&house, house.guest("M0001").await).await, 0, "his stay of 2023 would have expired");
    assert_eq!(balance(&house, house.guest("M0002").await).await, 0, "she has not left yet");

    house.import(&zander("120", "CHECKED OUT")).await;
    settled(&house, guest, 36).await;
    let mut desk = house.device("reception", "desk").await;
    desk.call::<RedeemPoints>(&redemption(OnceId::new(), guest, "30")).await.expect("spent");
    house.import(&zander("120", "CANCELLED")).await;
    settled(&house, guest, 0).await;
    let entries = detail(&mut desk, guest).await.entries;
    let told: Vec<_> = entries.iter().map(|entry| (entry.number, entry.kind, entry.amount, entry.balance)).collect();
    assert_eq!(
        told,
        [
            (4, EntryKind::Reversed, -6, 0),
            (3, EntryKind::Redeemed, -30, 6),
            (2, EntryKind::Earned, 7, 36),
            (1, EntryKind::Earned, 29, 29),
        ],
        "what is spent already is not asked back"
    );
    let stay = Some(("2025-01-02".to_owned(), "2025-01-05".to_owned()));
    assert_eq!((&entries[3].stay, entries[3].by.as_str()), (&stay, ""));
}

#[tokio::test]
async fn points_are_spent_once_and_never_more_than_there_are() {
    let house = opened().await;
    let guest = house.guest("M0002").await;
    let mut desk = house.device("reception", "desk").await;
    let board = house.device("host", "restaurant").await;
    let mut heard = house.device("manager", "desk").await.listen("").await;
    let mut hidden = board.listen("").await;
    let once = OnceId::new();
    for _ in 0..2 {
        desk.call::<GivePoints>(&gift(once, guest, "50")).await.expect("given");
    }
    assert_eq!(heard.next_live().await.json()["kind"], "guest_changed", "open cards follow");
    assert_eq!(hidden.next_live().await.json()["kind"], "other", "and the host is not told of what");
    assert_eq!(balance(&house, guest).await, 50, "sent twice is given once");

    let once = OnceId::new();
    for _ in 0..2 {
        desk.call::<RedeemPoints>(&redemption(once, guest, "20")).await.expect("spent");
    }
    assert_eq!(balance(&house, guest).await, 30);
    let other = desk.call::<RedeemPoints>(&redemption(once, guest, "21")).await;
    assert_eq!(other, Err(AppError::Conflict("The reception".to_owned())), "another redemption under its id");
    assert_eq!(desk.call::<RedeemPoints>(&redemption(OnceId::new(), guest, "31")).await, Err(not_enough(30)));
    let known = |text: &str| Problem::NotKnown(text.to_owned(), "@loyalty_points".to_owned());
    for (typed, problem) in [("", Problem::Empty), ("0", known("0")), ("-5", known("-5")), ("1.5", known("1.5"))] {
        let answer = desk.call::<RedeemPoints>(&redemption(OnceId::new(), guest, typed)).await;
        assert_eq!(answer, Err(AppError::field("points", problem)), "{typed}");
    }
    assert_eq!(balance(&house, guest).await, 30);
    let extra = |name: &str| with(gift(OnceId::new(), guest, ""), "extra", name);
    desk.call::<GivePoints>(&extra("Welcome")).await.expect("given");
    assert_eq!(balance(&house, guest).await, 130);
    let unknown = desk.call::<GivePoints>(&extra("Farewell")).await;
    let problem = Problem::NotKnown("Farewell".to_owned(), "@listed".to_owned());
    assert_eq!(unknown, Err(AppError::field("extra", problem)));
    let line = line(&house, guest).await.expect("a programme");
    assert_eq!(line.worth, ("EUR".to_owned(), 1_300));

    let trail = house.device("manager", "desk").await.call::<AuditTrail>(&[]).await.expect("the audit");
    let posted: Vec<_> = trail.iter().filter(|row| row.action == "posted_points").map(|row| &row.fields[0]).collect();
    assert_eq!(posted, ["extra", "redeemed", "by_hand"], "newest first, and nothing that was refused");
}

#[tokio::test]
async fn what_was_posted_is_taken_back_once_and_returns_to_where_it_was() {
    let house = opened().await;
    let guest = house.guest("M0002").await;
    let (mut desk, mut manager) = (house.device("reception", "desk").await, house.device("manager", "desk").await);
    desk.call::<GivePoints>(&gift(OnceId::new(), guest, "50")).await.expect("given");
    desk.call::<RedeemPoints>(&redemption(OnceId::new(), guest, "20")).await.expect("spent");
    let seen = detail(&mut manager, guest).await;
    let (spent, given) = (&seen.entries[0], &seen.entries[1]);
    assert!(spent.can_reverse && given.can_reverse && seen.may_reverse);
    let at_the_desk = detail(&mut desk, guest).await;
    assert!(!at_the_desk.may_reverse && !at_the_desk.entries[0].can_reverse);
    let reverse = |id: &str| [("entry", id.to_owned())];
    assert_eq!(desk.call::<ReversePoints>(&reverse(&spent.id)).await, Err(AppError::Forbidden));
    // Twenty of the fifty are gone.
    assert_eq!(manager.call::<ReversePoints>(&reverse(&given.id)).await, Err(not_enough(30)));
    for _ in 0..2 {
        manager.call::<ReversePoints>(&reverse(&spent.id)).await.expect("taken back");
    }
    assert_eq!(balance(&house, guest).await, 50, "once");
    manager.call::<ReversePoints>(&reverse(&given.id)).await.expect("all of it is there again");
    assert_eq!(balance(&house, guest).await, 0);
    let seen = detail(&mut manager, guest).await;
    assert_eq!(seen.entries.len(), 4);
    assert!(seen.entries.iter().all(|entry| !entry.can_reverse), "{:?}", seen.entries);
    assert!(seen.entries[2].is_reversed && seen.entries[3].is_reversed);
    assert_eq!(manager.call::<ReversePoints>(&reverse(&seen.entries[0].id)).await, Err(AppError::NotFound));
    assert_eq!(manager.call::<ReversePoints>(&reverse("redeem|x")).await, Err(AppError::NotFound));

    // A stay's points that a person took back are not posted again.
    let stayed = house.guest("M0004").await;
    settled(&house, stayed, 29).await;
    let earned = detail(&mut manager, stayed).await.entries.remove(0);
    manager.call::<ReversePoints>(&reverse(&earned.id)).await.expect("taken back");
    house.import(&zander("150", "CHECKED OUT")).await;
    settled(&house, stayed, 0).await;
}

#[tokio::test]
async fn points_end_with_their_last_day_whether_anybody_has_looked_or_not() {
    let house = House::open().await;
    let guest = house.guest("M0002").await;
    let mut manager = house.device("manager", "desk").await;
    manager.call::<SaveLoyalty>(&with(rules("house", 0), "form[expire_months]", "1")).await.expect("kept");
    let mut desk = house.device("reception", "desk").await;
    desk.call::<GivePoints>(&gift(OnceId::new(), guest, "50")).await.expect("given");
    let ends = line(&house, guest).await.expect("a programme").expiring;
    assert_eq!(ends, Some((50, "2026-12-23".to_owned())));
    let here = houses::house(&house.db, house.id).await.expect("an answer").expect("the house");
    let last: NaiveDate = "2026-12-23".parse().expect("a day");
    assert_eq!(store::expiring_on(&house.db, &here, last).await.expect("an answer"), [guest]);
    let of = store::expiring_of(&house.db, &here, &[guest], last).await.expect("an answer");
    assert_eq!(of[&guest].points, 50);
    assert!(store::expiring_on(&house.db, &here, last.succ_opt().expect("a day")).await.expect("none").is_empty());

    days_later(&house, 30, &mut [(&mut desk, "reception")]).await;
    desk.call::<RedeemPoints>(&redemption(OnceId::new(), guest, "5")).await.expect("the last day counts");
    days_later(&house, 1, &mut [(&mut desk, "reception")]).await;
    let late = desk.call::<RedeemPoints>(&redemption(OnceId::new(), guest, "1")).await;
    assert_eq!(late, Err(not_enough(0)));
    settled(&house, guest, 0).await;
    until(async || detail(&mut desk, guest).await.entries[0].kind == EntryKind::Expired).await;
    let entries = detail(&mut desk, guest).await.entries;
    assert_eq!((entries.len(), entries[0].amount, entries[0].balance), (3, -45, 0), "{entries:?}");
}

#[tokio::test]
async fn a_tier_is_held_for_as_long_as_its_stays_count_and_says_why() {
    let house = opened().await;
    let guest = house.guest("M0004").await;
    let mut desk = house.device("reception", "desk").await;
    let october = zander("150", "CHECKED OUT").replace("1005,", "1105,");
    house.import(&october.replace("2025-01-02", "2026-10-01").replace("2025-01-05", "2026-10-05")).await;
    settled(&house, guest, 29 + 60).await;
    until(async || {
        run(&house).await;
        line(&house, guest).await.is_some_and(|line| line.tier.as_deref() == Some("Silver"))
    })
    .await;
    let change = detail(&mut desk, guest).await.tiers.remove(0);
    assert_eq!((change.was, change.became.as_deref(), change.nights), (None, Some("Silver"), 4));
    assert_eq!(change.spend, ("EUR".to_owned(), 60_000));
    // The last day on which the stay lies less than twelve months back is 4 October 2027.
    days_later(&house, 315, &mut [(&mut desk, "reception")]).await;
    run(&house).await;
    assert_eq!(line(&house, guest).await.and_then(|line| line.tier).as_deref(), Some("Silver"));
    days_later(&house, 1, &mut [(&mut desk, "reception")]).await;
    until(async || {
        run(&house).await;
        line(&house, guest).await.is_some_and(|line| line.tier.is_none())
    })
    .await;
    let changes = detail(&mut desk, guest).await.tiers;
    assert_eq!((changes.len(), changes[0].was.as_deref(), &changes[0].became), (2, Some("Silver"), &None));
}

#[tokio::test]
async fn rules_of_the_house_come_before_those_of_the_chain() {
    let house = opened().await;
    let guest = house.guest("M0004").await;
    let (mut desk, mut manager) = (house.device("reception", "desk").await, house.device("manager", "desk").await);
    settled(&house, guest, 29).await;
    assert_eq!(desk.call::<SaveLoyalty>(&rules("house", 0)).await, Err(AppError::Forbidden));
    assert_eq!(desk.call::<LoyaltyRules>(&[]).await, Err(AppError::Forbidden));
    let dearer = with(rules("house", 0), "form[spend_for_point]", "20");
    manager.call::<SaveLoyalty>(&dearer).await.expect("kept");
    settled(&house, guest, 14).await;
    let behind = manager.call::<SaveLoyalty>(&dearer).await;
    assert_eq!(behind, Err(AppError::Conflict("The manager".to_owned())), "somebody has kept others since");
    let dollars = manager.call::<SaveLoyalty>(&with(rules("house", 1), "form[currency]", "USD")).await;
    let problem = Problem::NotKnown("USD".to_owned(), "@loyalty_currency".to_owned());
    assert_eq!(dollars, Err(AppError::field("currency", problem)));
    let kept = manager.call::<LoyaltyRules>(&[("scope", "house".to_owned())]).await.expect("rules");
    assert_eq!((kept.revision, kept.holds, kept.form.spend_for_point.as_str()), (1, Some(Scope::House), "20"));
    manager.call::<FollowChain>(&[]).await.expect("taken away");
    assert_eq!(balance(&house, guest).await, 29, "the account under the chain's rules is as it was");

    // Without scripts, what is refused comes back as it was typed.
    let wrong = with(rules("house", 0), "form[tiers]", "Gold; many");
    let answer = manager.post(SaveLoyalty::PATH, &wrong, "text/html").await;
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], "/manage/loyalty?for=house");
    let text = manager.get("/manage/loyalty?for=house").await.text().await.expect("a page");
    assert!(text.contains("Gold; many") && text.contains("Line 1:"), "{text}");
}

#[tokio::test]
async fn each_role_gets_what_it_may_see_of_points_and_no_more() {
    let house = opened().await;
    let guest = house.guest("M0004").await;
    settled(&house, guest, 29).await;
    for login in ["floor", "host", "concierge"] {
        let mut device = house.device(login, "desk").await;
        let refused = device.call::<PointsPage>(&[("guest", guest.to_string())]).await;
        assert_eq!(refused, Err(AppError::Forbidden), "{login}");
        let spent = device.call::<RedeemPoints>(&redemption(OnceId::new(), guest, "1")).await;
        assert_eq!(spent, Err(AppError::Forbidden), "{login}");
        let card = device.post(OpenCard::PATH, &[("guest", guest.to_string())], "application/json").await;
        let bytes = card.text().await.expect("a card");
        assert!(!bytes.contains("counted") && !bytes.contains("vouchers"), "{login}: {bytes}");
    }
    let mut marketing = house.device("marketing", "desk").await;
    let answer = marketing.post(PointsPage::PATH, &[("guest", guest.to_string())], "application/json").await;
    let bytes = answer.text().await.expect("a page");
    assert!(bytes.contains("\"balance\":29") && !bytes.contains("entries"), "{bytes}");
    for refused in [
        marketing.call::<RedeemPoints>(&redemption(OnceId::new(), guest, "1")).await,
        marketing.call::<GivePoints>(&gift(OnceId::new(), guest, "1")).await,
    ] {
        assert_eq!(refused, Err(AppError::Forbidden));
    }
    let mut desk = house.device("reception", "desk").await;
    assert_eq!(detail(&mut desk, guest).await.entries.len(), 1);
    let text = desk.get(&format!("/guests/{guest}/points")).await.text().await.expect("a page");
    assert!(text.contains("Spend points") && text.contains("The rules"), "{text}");
    let host = house.device("host", "desk").await.get(&format!("/guests/{guest}/points")).await;
    assert_eq!(host.status(), 403);
    assert_eq!(balance(&house, guest).await, 29);
}
