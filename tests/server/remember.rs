//! What is remembered around a guest is on the cards of those who may see it, and on the alerts about him.

use crate::{
    harness::{Device, HEADER, House},
    recovery::{WHAT, complaint},
    requests::{enter, taxi},
};
use rapport::{
    alerts::api::Raise,
    guests::{api::OpenCard, card::GuestCard, relations::Relation, rhythm},
    ids::{ChildId, GuestId, OccasionId, PartyId, RecoveryId},
    requests::{asked::Entered, recovery::api::RaiseRecovery},
    server::{
        clock::Clock,
        db::{record, vars},
    },
};

/// Mr Zhang's wife, his child, their wedding day, whom he travels with, his voice, a voucher, his rhythm, and the usual.
async fn remembered(house: &House) -> GuestId {
    let (guest, wife) = (house.guest("M0001").await, house.guest("M0002").await);
    let party = PartyId::new();
    let (one, other) = (guest.min(wife), guest.max(wife));
    let bound = vars()
        .with("guest", record("guest", guest))
        .with("wife", record("guest", wife))
        .with("one", record("guest", one))
        .with("other", record("guest", other))
        .with("house", record("house", house.id))
        .with("relation", record("relationship", format!("{one}|{other}|partner")))
        .with("child", record("child", ChildId::new()))
        .with("occasion", record("occasion", OccasionId::new()))
        .with("party", record("party", party))
        .with("leads", record("party_member", format!("{party}|{guest}")))
        .with("comes", record("party_member", format!("{party}|{wife}")))
        .with("voice", record("voice", guest))
        .with("voucher", record("voucher", rapport::loyalty::voucher::VoucherCode::of([0, 1, 2, 3, 4, 5, 6, 7, 8])))
        .with("usual", record("usual", format!("{guest}|{}", house.stations["restaurant"])))
        .with("restaurant", record("station", house.stations["restaurant"]))
        .with("now", house.clock.now());
    let sql = "
        CREATE $relation SET one = $one, other = $other, kind = 'partner', author_name = 'Li', at = $now;
        CREATE $child SET guest = $guest, name = 'Mila', birthday = '--03-03', likes = 'Dinosaurs', author_name = 'Li',
            at = $now;
        CREATE $occasion SET guest = $guest, kind = 'anniversary', day = '11-25', lead_days = 3, author_name = 'Li',
            at = $now;
        CREATE $party SET house = $house, name = 'The Zhangs', arrival = '2026-11-22', departure = '2026-11-25',
            author_name = 'Li', at = $now;
        CREATE $leads SET party = $party, guest = $guest, leads = true;
        CREATE $comes SET party = $party, guest = $wife;
        CREATE $voice SET guest = $guest, mime = 'audio/webm', bytes = <bytes>'x', agreed = true, author_name = 'Li',
            at = $now;
        CREATE $voucher SET house = $house, guest = $guest, what = 'Dinner for two', state = 'issued',
            expires = '2026-12-24', author_name = 'Li', at = $now;
        CREATE $usual SET guest = $guest, house = $house, station = $restaurant, seat = '12', dishes = ['Two eggs'],
            drinks = ['Jasmine tea'], author_name = 'Bea', at = $now;";
    house.db.query(sql, bound).await.expect("kept");
    // Every March: gaps of 363 and 360 days.
    let stay = |number, arrival, departure| {
        format!(
            "{number},CITY,Mr,Wei,Zhang,张伟,CHN,zh,zhang.wei@post.example,,,V2,M0001,{arrival},{departure},D,904,1,0,BB,142,\
             EUR,Direct,CHECKED OUT,,,\n"
        )
    };
    let stays = [stay(1101, "2024-03-12", "2024-03-16"), stay(1102, "2025-03-11", "2025-03-15")];
    house.import(&format!("{HEADER}\n{}", stays.concat())).await;
    let measured = rhythm::store::run_due(&house.db, house.state.feed.epoch(), "a server", house.clock.now()).await;
    measured.expect("measured");
    guest
}

async fn card(device: &mut Device, guest: GuestId) -> GuestCard {
    device.call::<OpenCard>(&[("guest", guest.to_string())]).await.expect("a card")
}

#[tokio::test]
async fn a_card_tells_who_is_around_the_guest_and_what_is_kept_for_him() {
    let house = House::open().await;
    let guest = remembered(&house).await;
    for login in ["reception", "floor", "host", "concierge", "marketing", "manager"] {
        let card = card(&mut house.device(login, "desk").await, guest).await;
        let serves = login != "marketing";
        let people = card.served().map(|served| {
            let relations: Vec<_> = served.people.iter().map(|line| (line.name.last.clone(), line.relation)).collect();
            let children: Vec<_> = served.children.iter().map(|child| child.name.clone()).collect();
            let party: Option<Vec<_>> =
                served.party.as_ref().map(|party| party.others.iter().map(|(_, name)| name.last.clone()).collect());
            (relations, children, party, served.has_voice)
        });
        let wife = "Müller-Baptista".to_owned();
        let expected =
            (vec![(wife.clone(), Relation::Partner)], vec!["Mila".to_owned()], Some(vec![wife.clone()]), true);
        assert_eq!(people, serves.then_some(expected), "{login}");
        // In house, the days of the guest are told to those who see his birthday.
        let keeps = matches!(login, "reception" | "manager" | "floor" | "host");
        assert_eq!(card.occasions().iter().map(|day| day.in_days).collect::<Vec<_>>(), vec![2; usize::from(keeps)]);
        let counts = matches!(login, "reception" | "marketing" | "manager");
        assert_eq!(card.counted().and_then(|counted| counted.rhythm).map(|rhythm| rhythm.gap), counts.then_some(361));
        let pays = matches!(login, "reception" | "manager");
        let vouchers: Vec<_> = card.vouchers().iter().map(|voucher| voucher.what.as_str()).collect();
        assert_eq!(vouchers, vec!["Dinner for two"; usize::from(pays)], "{login}");
        let dines = matches!(login, "reception" | "host" | "manager");
        let usual: Vec<_> = card.usuals().iter().map(|usual| (usual.outlet.as_str(), usual.seat.as_deref())).collect();
        assert_eq!(usual, vec![("restaurant", Some("12")); usize::from(dines)], "{login}");
    }
    // Of another guest nothing of it is told.
    let other = card(&mut house.device("manager", "desk").await, house.guest("M0003").await).await;
    let served = other.served().expect("a manager's card");
    assert!(served.people.is_empty() && served.children.is_empty() && served.party.is_none() && !served.has_voice);
    assert!(other.usuals().is_empty() && other.vouchers().is_empty());
}

#[tokio::test]
async fn an_alert_tells_what_was_asked_for_and_what_is_usual() {
    let house = House::open().await;
    let guest = remembered(&house).await;
    let mut desk = house.device("reception", "desk").await;
    assert_eq!(enter(&mut desk, &taxi(guest)).await, Ok(Entered::Kept));
    desk.call::<RaiseRecovery>(&complaint(Some(RecoveryId::new()), guest)).await.expect("raised");
    let mut floor = house.device("floor", "floor").await;
    let host = house.device("host", "restaurant").await;
    let mut at_the_restaurant = host.listen("").await;
    let mut on_the_floor = floor.listen("").await;
    let word = [
        ("id", ulid::Ulid::new().to_string()),
        ("guest", guest.to_string()),
        ("to", house.stations["restaurant"].to_string()),
        ("kind", "coming_down".to_owned()),
    ];
    floor.call::<Raise>(&word).await.expect("raised");
    let alert = at_the_restaurant.next_alert().await;
    assert_eq!(alert["requests"][0]["place"], "Airport", "{alert}");
    assert_eq!(alert["usuals"][0]["drinks"][0], "Jasmine tea", "{alert}");
    assert_eq!(alert["cue"]["severity"], 3, "{alert}");
    assert!(!alert.to_string().contains(WHAT), "{alert}");
    let alert = on_the_floor.next_alert().await;
    assert_eq!(alert["requests"][0]["place"], "Airport", "{alert}");
    assert_eq!(alert["usuals"], serde_json::json!([]), "the floor serves no drinks: {alert}");
    let board = house.device("host", "restaurant").await.get("/board").await.text().await.expect("a board");
    assert!(board.contains("Taxi to Airport, 10:30") && board.contains("There is a grave complaint."), "{board}");
}
