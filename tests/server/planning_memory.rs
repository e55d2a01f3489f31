//! What can be used for the last time is told before it ends, and whoever stays away for longer than usual is missed:
//! each once, and nobody whose complaint is open.

use crate::{
    campaigns::{form, made},
    loyalty::{detail, gift, redemption, rules},
    planning_desk::{Planning, plain},
    recovery::{Fields, complaint, page, repair, with},
};
use chrono::{Days, NaiveDate, TimeDelta};
use rapport::{
    campaigns::{
        CampaignKind, OccurrenceState, Reason, Settings,
        kinds::Candidate,
        letter_api::{LetterPreview, PreviewLetter},
        plan::{self, Verdict},
        store,
    },
    guests::rhythm,
    house::store as houses,
    ids::{CampaignId, GuestId, OnceId, RecoveryId},
    loyalty::api::{GivePoints, IssueVoucher, RedeemPoints, SaveLoyalty},
    requests::recovery::api::{ChangeRecovery, RaiseRecovery},
    server::{
        clock::Clock,
        db::{record, vars},
    },
};
use std::collections::BTreeMap;

/// The last day of what is given today: a month from it.
const LAST: &str = "2026-12-23";
/// Tomorrow, on which somebody comes to be overdue.
const TOMORROW: &str = "2026-11-24";

/// A house whose points end after a month.
async fn opened() -> Planning {
    let desk = Planning::open().await;
    let mut manager = desk.house.device("manager", "desk").await;
    manager.call::<SaveLoyalty>(&with(rules("house", 0), "form[expire_months]", "1")).await.expect("kept");
    desk
}

async fn give(desk: &Planning, guest: GuestId) {
    let mut reception = desk.house.device("reception", "desk").await;
    reception.call::<GivePoints>(&gift(OnceId::new(), guest, "50")).await.expect("given");
}

async fn issue(desk: &Planning, guest: GuestId, expires: &str) {
    let fields: Fields = vec![
        ("once", OnceId::new().to_string()),
        ("guest", guest.to_string()),
        ("what", "Dinner for two".to_owned()),
        ("amount", "80".to_owned()),
        ("expires", expires.to_owned()),
        ("points", String::new()),
    ];
    let mut reception = desk.house.device("reception", "desk").await;
    reception.call::<IssueVoucher>(&fields).await.expect("issued");
}

/// Writes so far ahead that [`LAST`] is written of tomorrow.
fn ahead() -> Settings {
    Settings { lead_days: 29, ..plain() }
}

/// A guest who comes every hundred days, and is overdue from that day on.
async fn regular(desk: &Planning, name: &str, overdue: &str) -> GuestId {
    let guest = desk.guest(name, "").await;
    let overdue: NaiveDate = overdue.parse().expect("a day");
    for times in 0..3 {
        let departure = overdue - Days::new(114 + 102 * times);
        let arrival = departure - Days::new(2);
        desk.booking(guest, "checked_out", &arrival.to_string(), &departure.to_string()).await;
    }
    guest
}

/// Measures the rhythms of everybody who has come so far.
async fn measure(desk: &Planning) -> u32 {
    let (db, epoch) = (&desk.house.db, desk.house.state.feed.epoch());
    rhythm::store::run_due(db, epoch, "a test", desk.house.clock.now()).await.expect("measured")
}

async fn verdict(desk: &Planning, campaign: CampaignId, guest: GuestId, date: &str) -> Verdict {
    let row = store::campaign(&desk.house.db, campaign).await.expect("an answer").expect("a campaign");
    let here = houses::house(&desk.house.db, desk.house.id).await.expect("an answer").expect("the house");
    let candidate = Candidate { guest, date: date.parse().expect("a day"), stage: None };
    let now = desk.house.clock.now();
    plan::verdicts(&desk.house.db, &here, &row, &[candidate], now).await.expect("a verdict").remove(0)
}

fn fates(fates: &[(GuestId, &str)]) -> BTreeMap<GuestId, Vec<String>> {
    fates.iter().map(|(guest, fate)| (*guest, vec![(*fate).to_owned()])).collect()
}

/// Plans several times, as the server does.
async fn plan_again(desk: &Planning) {
    for _ in 0..3 {
        desk.plan().await;
        desk.house.clock.advance(TimeDelta::minutes(16));
    }
}

#[tokio::test]
async fn what_ends_is_told_once_and_before_it_does() {
    let desk = opened().await;
    let points = desk.guest("points", "").await;
    let both = desk.guest("both", "").await;
    let spent = desk.guest("spent", "").await;
    let later = desk.guest("later", "").await;
    for guest in [points, both, spent] {
        give(&desk, guest).await;
    }
    issue(&desk, both, LAST).await;
    issue(&desk, later, "2026-12-31").await;
    desk.guest("nothing", "").await;

    let campaign = desk.campaign(CampaignKind::Expiring, &ahead()).await;
    let found = desk.preflight(campaign).await;
    assert_eq!(found.groups, BTreeMap::from([((OccurrenceState::Planned, None), 4)]));
    assert_eq!((found.backlog, found.is_complete), (0, true));
    plan_again(&desk).await;
    let planned = fates(&[(points, "planned"), (both, "planned"), (spent, "planned")]);
    assert_eq!(desk.fates(campaign).await, planned, "two things that end on a day are one letter");
    let row = desk.one(campaign, both).await;
    assert_eq!((row.date.as_str(), row.due.to_rfc3339().as_str()), (LAST, "2026-11-24T09:00:00+00:00"));

    // Of what has been used meanwhile there is nothing to tell, and nothing once the day is over.
    let mut reception = desk.house.device("reception", "desk").await;
    reception.call::<RedeemPoints>(&redemption(OnceId::new(), spent, "50")).await.expect("spent");
    assert_eq!(verdict(&desk, campaign, spent, LAST).await, Verdict::Skipped(Reason::NoLongerDue, None));
    assert!(matches!(verdict(&desk, campaign, points, LAST).await, Verdict::Go { .. }));
    assert_eq!(verdict(&desk, campaign, points, "2026-12-22").await, Verdict::Skipped(Reason::NoLongerDue, None));
    desk.at("2026-12-24T09:00:00Z");
    assert_eq!(verdict(&desk, campaign, points, LAST).await, Verdict::Skipped(Reason::NoLongerDue, None));
}

#[tokio::test]
async fn what_ends_sooner_than_is_written_ahead_is_told_when_the_campaign_begins() {
    let desk = opened().await;
    let soon = desk.guest("soon", "").await;
    issue(&desk, soon, "2026-12-03").await;
    let campaign = desk.campaign(CampaignKind::Expiring, &ahead()).await;
    assert_eq!(desk.preflight(campaign).await.backlog, 1);
    // Nine o'clock is over today.
    desk.at("2026-11-23T10:00:00Z");
    plan_again(&desk).await;
    let row = desk.one(campaign, soon).await;
    assert_eq!((row.date.as_str(), row.state.as_str()), ("2026-12-03", "planned"));
    assert_eq!(row.due.to_rfc3339(), "2026-11-24T09:00:00+00:00");
    // Written ahead by no day, it is told on the day itself and not before.
    let on_the_day = desk.campaign(CampaignKind::Expiring, &plain()).await;
    desk.plan().await;
    assert_eq!(desk.fates(on_the_day).await, BTreeMap::new());
}

#[tokio::test]
async fn whoever_stays_away_for_longer_than_usual_is_missed_once() {
    let desk = Planning::open().await;
    let missed = regular(&desk, "missed", TOMORROW).await;
    let booked = regular(&desk, "booked", TOMORROW).await;
    let here = regular(&desk, "here", TOMORROW).await;
    let back = regular(&desk, "back", TOMORROW).await;
    let late = regular(&desk, "late", "2026-11-01").await;
    // Overdue for longer than a year, and not yet.
    regular(&desk, "gone", "2025-01-10").await;
    regular(&desk, "away", "2027-03-01").await;
    assert_eq!(measure(&desk).await, 7);
    let booking = desk.booking(booked, "reserved", "2026-12-20", "2026-12-23").await;
    desk.booking(here, "checked_in", "2026-11-22", "2026-11-26").await;
    // Whose rhythm is still the one from before.
    desk.booking(back, "checked_out", "2026-11-20", "2026-11-22").await;

    let campaign = desk.campaign(CampaignKind::Overdue, &plain()).await;
    let found = desk.preflight(campaign).await;
    let reasons =
        [((OccurrenceState::Planned, None), 2), ((OccurrenceState::Held, Some(Reason::FutureReservation)), 1)];
    assert_eq!((found.groups, found.backlog), (BTreeMap::from(reasons), 1));
    desk.at("2026-11-23T10:00:00Z");
    plan_again(&desk).await;
    let planned = [(missed, "planned"), (booked, "held future_reservation"), (late, "planned")];
    assert_eq!(desk.fates(campaign).await, fates(&planned));
    let row = desk.one(campaign, late).await;
    assert_eq!((row.date.as_str(), row.due.to_rfc3339().as_str()), ("2026-11-01", "2026-11-24T09:00:00+00:00"));
    assert_eq!(desk.one(campaign, booked).await.detail.as_deref(), Some("2026-12-20"));

    desk.status(&booking, "cancelled").await;
    desk.plan().await;
    assert_eq!(desk.one(campaign, booked).await.state, "planned");
    desk.booking(missed, "checked_out", "2026-11-22", "2026-11-23").await;
    let gone = Verdict::Skipped(Reason::NoLongerDue, None);
    assert_eq!(verdict(&desk, campaign, missed, TOMORROW).await, gone);

    // A booking that is put right moves the day: whoever has been greeted is not greeted again for it.
    desk.sent(campaign, late, "2026-11-01").await;
    let moved = vars().with("guest", record("guest", late));
    let sql = "UPDATE rhythm SET overdue = '2026-11-24' WHERE guest = $guest RETURN NONE";
    desk.house.db.query(sql, moved).await.expect("moved");
    assert_eq!(verdict(&desk, campaign, late, TOMORROW).await, gone);
    desk.house.clock.advance(TimeDelta::minutes(16));
    desk.plan().await;
    assert_eq!(desk.of(campaign, late).await.iter().filter(|row| row.state != "skipped").count(), 1);
}

#[tokio::test]
async fn neither_leaves_while_a_complaint_is_open() {
    let desk = opened().await;
    let guest = regular(&desk, "upset", TOMORROW).await;
    measure(&desk).await;
    issue(&desk, guest, LAST).await;
    let mut reception = desk.house.device("reception", "desk").await;
    let id = RecoveryId::new();
    let fields = with(with(complaint(Some(id), guest), "promise", ""), "promise_due", "");
    reception.call::<RaiseRecovery>(&fields).await.expect("raised");
    let campaigns =
        [desk.campaign(CampaignKind::Expiring, &ahead()).await, desk.campaign(CampaignKind::Overdue, &plain()).await];
    desk.plan().await;
    for campaign in campaigns {
        assert_eq!(desk.fates(campaign).await, fates(&[(guest, "held open_recovery")]));
        let lines = desk.preflight(campaign).await.lines;
        let told: Vec<_> = lines.iter().map(|line| (line.guest, line.state, line.reason)).collect();
        assert_eq!(told, [(guest, OccurrenceState::Held, Some(Reason::OpenRecovery))]);
    }
    let mended = with(with(repair(&page(&mut reception, id).await), "state", "mended"), "result", "Another room");
    reception.call::<ChangeRecovery>(&mended).await.expect("mended");
    let closed = with(repair(&page(&mut reception, id).await), "state", "closed");
    reception.call::<ChangeRecovery>(&closed).await.expect("closed");
    desk.house.clock.advance(TimeDelta::minutes(1));
    desk.plan().await;
    for campaign in campaigns {
        assert_eq!(desk.fates(campaign).await, fates(&[(guest, "planned")]));
    }
}

/// The house's own letter in English, as it would be for a guest or for nobody, in one line.
async fn shown(desk: &Planning, campaign: CampaignId, guest: Option<GuestId>) -> (LetterPreview, String) {
    let mut fields = vec![("campaign", campaign.to_string()), ("asked[language]", "en".to_owned())];
    fields.extend(guest.map(|guest| ("asked[guest]", guest.to_string())));
    let mut marketing = desk.house.device("marketing", "desk").await;
    let preview = marketing.call::<PreviewLetter>(&fields).await.expect("a preview");
    let (_, text) = preview.shown.clone().expect("filled in");
    (preview, text.replace('\n', " "))
}

#[tokio::test]
async fn letters_say_what_ends_and_when_somebody_was_due() {
    let desk = opened().await;
    let guest = desk.house.guest("M0002").await;
    let other = desk.guest("other", "").await;
    give(&desk, guest).await;
    issue(&desk, guest, LAST).await;
    let mut marketing = desk.house.device("marketing", "desk").await;
    let kinds = marketing.get("/campaigns/new").await.text().await.expect("a page");
    assert!(
        kinds.contains("Points or a voucher about to expire") && kinds.contains("Overdue against their own rhythm")
    );
    let ends = made(&mut marketing, &form("expiring", "Before it ends")).await;

    // The day that was not chosen is the one on which something ends.
    let (preview, text) = shown(&desk, ends, Some(guest)).await;
    assert_eq!(preview.date, LAST);
    for said in ["50 of your points can be used until 23 December.", "until 23 December: Dinner for two."] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let mut reception = desk.house.device("reception", "desk").await;
    let code = detail(&mut reception, guest).await.vouchers.remove(0).code;
    assert!(!text.contains(&code.printed()) && !text.contains(&code.to_string()), "{text}");
    let (_, sample) = shown(&desk, ends, None).await;
    assert!(sample.contains("1200 of your points can be used until 31 December."), "{sample}");
    let (_, nothing) = shown(&desk, ends, Some(other)).await;
    assert!(!nothing.contains("points") && nothing.contains("Some of what you have with us"), "{nothing}");

    let regular = regular(&desk, "regular", TOMORROW).await;
    measure(&desk).await;
    let misses = made(&mut marketing, &form("overdue", "Where are you")).await;
    let (_, text) = shown(&desk, misses, Some(regular)).await;
    assert!(text.contains("We had half expected you in November 2026,"), "{text}");
    let (_, text) = shown(&desk, misses, Some(other)).await;
    assert!(text.contains("We had half expected you by now,"), "{text}");
}
