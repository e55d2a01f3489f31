//! The people around a guest: told on the cards of all of them, written down by those who serve, and by nobody else.

use crate::harness::{Device, House};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    error::{AppError, FieldError, Problem},
    guests::{
        api::{AddNote, OpenCard},
        card::{GuestCard, Served},
        relations::{
            OccasionKind, PeoplePage, Relation,
            api::{
                AddChild, ChangeParty, LeaveParty, PeopleAround, Relate, RemoveChild, RemoveOccasion, SaveOccasion,
                TravelTogether, Unrelate,
            },
        },
    },
    ids::{ChildId, GuestId, OccasionId, PartyId},
    server::clock::Clock,
};

type Fields = Vec<(&'static str, String)>;

fn fields<const N: usize>(guest: GuestId, others: [(&'static str, &str); N]) -> Fields {
    let mut fields = vec![("guest", guest.to_string())];
    fields.extend(others.map(|(name, text)| (name, text.to_owned())));
    fields
}

fn relation(guest: GuestId, other: GuestId, relation: Relation) -> Fields {
    fields(guest, [("other", &other.to_string()), ("relation", relation.code())])
}

async fn relate(device: &mut Device, guest: GuestId, other: GuestId, what: Relation) {
    device.call::<Relate>(&relation(guest, other, what)).await.expect("related");
}

async fn around(device: &mut Device, guest: GuestId) -> PeoplePage {
    device.call::<PeopleAround>(&fields(guest, [])).await.expect("a page")
}

async fn card(device: &mut Device, guest: GuestId) -> GuestCard {
    device.call::<OpenCard>(&fields(guest, [])).await.expect("a card")
}

async fn served(device: &mut Device, guest: GuestId) -> Served {
    card(device, guest).await.served().expect("for those who serve").clone()
}

/// Who is what on the card of a guest.
async fn people(device: &mut Device, guest: GuestId) -> Vec<(GuestId, Relation)> {
    served(device, guest).await.people.iter().map(|line| (line.guest, line.relation)).collect()
}

async fn children(device: &mut Device, guest: GuestId) -> Vec<(String, Option<(u32, u32)>, Option<String>)> {
    let children = served(device, guest).await.children;
    children.into_iter().map(|child| (child.name, child.birthday, child.likes)).collect()
}

/// The field that was refused, and why.
fn refused<T: std::fmt::Debug>(answer: Result<T, AppError>) -> (String, Problem) {
    match answer {
        Err(AppError::Fields(mut errors)) if errors.len() == 1 => {
            let FieldError { field, problem } = errors.remove(0);
            (field, problem)
        }
        other => panic!("one field is refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_relation_is_told_on_both_cards_from_either_side() {
    let house = House::open().await;
    let (zhang, wife, sato) = (house.guest("M0001").await, house.guest("M0002").await, house.guest("M0003").await);
    let mut desk = house.device("reception", "desk").await;
    let mut host = house.device("host", "restaurant").await;
    let floor = house.device("floor", "floor").await;
    let mut on_the_floor = floor.listen("").await;
    relate(&mut desk, zhang, wife, Relation::Partner).await;
    let mut told = Vec::new();
    while told.len() < 2 {
        let event = on_the_floor.next_live().await.json();
        if event["kind"] == "guest_changed" {
            told.push(event["guest"].as_str().expect("a guest").to_owned());
        }
    }
    told.sort();
    let mut both = [zhang.to_string(), wife.to_string()];
    both.sort();
    assert_eq!(told, both, "the open cards of both follow");

    // The same said again, from the other card.
    relate(&mut host, wife, zhang, Relation::Partner).await;
    assert_eq!(people(&mut desk, zhang).await, [(wife, Relation::Partner)]);
    assert_eq!(people(&mut host, wife).await, [(zhang, Relation::Partner)]);

    // Dr Sato books for Mr Zhang, not the other way round as somebody wrote first.
    relate(&mut desk, zhang, sato, Relation::WorksFor).await;
    relate(&mut desk, zhang, sato, Relation::Assistant).await;
    assert_eq!(people(&mut desk, zhang).await, [(wife, Relation::Partner), (sato, Relation::Assistant)]);
    assert_eq!(people(&mut host, sato).await, [(zhang, Relation::WorksFor)]);
    let page = desk.get(&format!("/guests/{sato}")).await.text().await.expect("a page");
    assert!(page.contains("Mr Zhang") && page.contains("the guest books for this person"), "{page}");

    let gone = relation(sato, zhang, Relation::WorksFor);
    assert_eq!(host.call::<Unrelate>(&gone).await, Ok(()));
    assert_eq!(host.call::<Unrelate>(&gone).await, Err(AppError::NotFound));
    assert_eq!(people(&mut desk, zhang).await, [(wife, Relation::Partner)]);
    assert!(people(&mut desk, sato).await.is_empty());
}

#[tokio::test]
async fn nobody_is_related_to_himself_or_to_nobody() {
    let house = House::open().await;
    let (zhang, nobody) = (house.guest("M0001").await, GuestId::new());
    let mut desk = house.device("reception", "desk").await;
    let himself = desk.call::<Relate>(&relation(zhang, zhang, Relation::Partner)).await;
    assert_eq!(
        refused(himself),
        ("other".to_owned(), Problem::NotKnown("Wei Zhang".to_owned(), "@people_other".to_owned()))
    );
    let unknown = desk.call::<Relate>(&relation(zhang, nobody, Relation::Partner)).await;
    assert_eq!(
        refused(unknown),
        ("other".to_owned(), Problem::NotKnown(nobody.to_string(), "@known_guest".to_owned()))
    );
    assert_eq!(desk.call::<Relate>(&relation(nobody, zhang, Relation::Partner)).await, Err(AppError::NotFound));
    let word = fields(zhang, [("other", &nobody.to_string()), ("relation", "friend")]);
    assert_eq!(refused(desk.call::<Relate>(&word).await).0, "relation");
    assert!(people(&mut desk, zhang).await.is_empty());
}

#[tokio::test]
async fn who_serves_writes_and_marketing_does_not_see() {
    let house = House::open().await;
    let (zhang, wife) = (house.guest("M0001").await, house.guest("M0002").await);
    let mut desk = house.device("reception", "desk").await;
    relate(&mut desk, zhang, wife, Relation::Partner).await;
    desk.call::<AddChild>(&fields(zhang, [("name", "Mila")])).await.expect("a child");
    for login in ["reception", "floor", "host", "concierge", "manager"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(around(&mut device, zhang).await.people.len(), 1, "{login}");
        relate(&mut device, zhang, wife, Relation::Companion).await;
        let companion = relation(zhang, wife, Relation::Companion);
        assert_eq!(device.call::<Unrelate>(&companion).await, Ok(()), "{login}");
    }
    for login in ["marketing", "admin"] {
        let mut device = house.device(login, "desk").await;
        let id = fields(zhang, []);
        assert_eq!(device.call::<PeopleAround>(&id).await, Err(AppError::Forbidden), "{login}");
        let partner = relation(zhang, wife, Relation::Partner);
        assert_eq!(device.call::<Relate>(&partner).await, Err(AppError::Forbidden), "{login}");
        assert_eq!(device.call::<Unrelate>(&partner).await, Err(AppError::Forbidden), "{login}");
        let tom = fields(zhang, [("name", "Tom")]);
        assert_eq!(device.call::<AddChild>(&tom).await, Err(AppError::Forbidden), "{login}");
        let child = fields(zhang, [("child", &ChildId::new().to_string())]);
        assert_eq!(device.call::<RemoveChild>(&child).await, Err(AppError::Forbidden), "{login}");
        let day = fields(zhang, [("kind", "anniversary"), ("day", "11-25")]);
        assert_eq!(device.call::<SaveOccasion>(&day).await, Err(AppError::Forbidden), "{login}");
        let kept = fields(zhang, [("occasion", &OccasionId::new().to_string())]);
        assert_eq!(device.call::<RemoveOccasion>(&kept).await, Err(AppError::Forbidden), "{login}");
        let along = fields(zhang, [("other", &wife.to_string())]);
        assert_eq!(device.call::<TravelTogether>(&along).await, Err(AppError::Forbidden), "{login}");
        let party = PartyId::new().to_string();
        let change = fields(zhang, [("party", &party)]);
        assert_eq!(device.call::<ChangeParty>(&change).await, Err(AppError::Forbidden), "{login}");
        let leave = fields(zhang, [("party", &party), ("member", &wife.to_string())]);
        assert_eq!(device.call::<LeaveParty>(&leave).await, Err(AppError::Forbidden), "{login}");
    }
    let mut marketing = house.device("marketing", "desk").await;
    let bytes = marketing.post(OpenCard::PATH, &fields(zhang, []), "application/json").await;
    let bytes = bytes.text().await.expect("a card");
    for word in ["Mila", "partner", "Baptista"] {
        assert!(!bytes.contains(word), "{word} is in what marketing gets: {bytes}");
    }
}

#[tokio::test]
async fn the_children_of_one_are_those_of_the_household() {
    let house = House::open().await;
    let (zhang, wife) = (house.guest("M0001").await, house.guest("M0002").await);
    let mut desk = house.device("reception", "desk").await;
    let mila = fields(zhang, [("name", "Mila"), ("birthday", "2019-03-03"), ("likes", "Dinosaurs")]);
    desk.call::<AddChild>(&mila).await.expect("a child");
    assert!(children(&mut desk, wife).await.is_empty());
    relate(&mut desk, zhang, wife, Relation::Partner).await;
    let known = ("Mila".to_owned(), Some((3, 3)), Some("Dinosaurs".to_owned()));
    assert_eq!(children(&mut desk, wife).await, std::slice::from_ref(&known));
    // No age is ever told.
    let bytes = desk.post(OpenCard::PATH, &fields(wife, []), "application/json").await.text().await.expect("a card");
    assert!(!bytes.contains("2019-03"), "{bytes}");

    // Written down on the other card too, it is the same child.
    let again = fields(wife, [("name", " mila "), ("birthday", "03-03"), ("likes", "Horses")]);
    desk.call::<AddChild>(&again).await.expect("the same child");
    let changed = ("mila".to_owned(), Some((3, 3)), Some("Horses".to_owned()));
    assert_eq!(children(&mut desk, zhang).await, std::slice::from_ref(&changed));
    assert_eq!(children(&mut desk, wife).await, [changed]);

    let id = served(&mut desk, zhang).await.children[0].id.to_string();
    let of = |guest: GuestId| fields(guest, [("child", id.as_str())]);
    let stranger = house.guest("M0003").await;
    assert_eq!(desk.call::<RemoveChild>(&of(stranger)).await, Err(AppError::NotFound), "a child of others");
    assert_eq!(desk.call::<RemoveChild>(&of(wife)).await, Ok(()));
    assert!(children(&mut desk, zhang).await.is_empty());
    let nameless = desk.call::<AddChild>(&fields(zhang, [("name", " ")])).await;
    assert_eq!(refused(nameless), ("name".to_owned(), Problem::Empty));
}

#[tokio::test]
async fn the_house_keeps_days_and_is_told_ahead_of_them() {
    let house = House::open().await;
    let (zhang, gone) = (house.guest("M0001").await, house.guest("M0004").await);
    let mut host = house.device("host", "restaurant").await;
    let day = |guest, lead| {
        fields(guest, [("kind", "anniversary"), ("text", "Their wedding"), ("day", "2015-11-26"), ("lead_days", lead)])
    };
    host.call::<SaveOccasion>(&day(zhang, "2")).await.expect("in house the host is told");
    let told = card(&mut host, zhang).await.occasions().to_vec();
    let [line] = &told[..] else { panic!("one day: {told:?}") };
    assert_eq!((line.kind, line.in_days, line.lead_days), (OccasionKind::Anniversary, 3, 2));
    assert!(!line.is_near());
    // The same day again changes how soon it is told.
    host.call::<SaveOccasion>(&day(zhang, "3")).await.expect("the same day");
    let told = card(&mut host, zhang).await.occasions().to_vec();
    assert!(told.len() == 1 && told[0].is_near(), "{told:?}");
    let page = host.get(&format!("/guests/{zhang}")).await.text().await.expect("a page");
    assert!(page.contains("Their wedding: 26 November, in 3 days") && page.contains("Soon"), "{page}");
    assert!(!page.contains("2015-11"), "nobody counts the years: {page}");

    // Whoever is not told the days does not write them down.
    let mut concierge = house.device("concierge", "desk").await;
    assert_eq!(concierge.call::<SaveOccasion>(&day(zhang, "3")).await, Err(AppError::Forbidden));
    assert_eq!(around(&mut concierge, zhang).await.occasions, None);
    assert!(card(&mut concierge, zhang).await.occasions().is_empty());
    assert_eq!(host.call::<SaveOccasion>(&day(gone, "3")).await, Err(AppError::Forbidden), "not in house");
    let mut desk = house.device("reception", "desk").await;
    desk.call::<SaveOccasion>(&day(gone, "")).await.expect("the desk keeps days of every guest");
    assert_eq!(around(&mut desk, gone).await.occasions.map(|days| days.len()), Some(1));
    assert_eq!(around(&mut host, gone).await.occasions, None);

    let id = fields(zhang, [("occasion", &told[0].id.to_string())]);
    assert_eq!(concierge.call::<RemoveOccasion>(&id).await, Err(AppError::Forbidden));
    let of_another = fields(gone, [("occasion", &told[0].id.to_string())]);
    assert_eq!(desk.call::<RemoveOccasion>(&of_another).await, Err(AppError::NotFound));
    assert_eq!(desk.call::<RemoveOccasion>(&id).await, Ok(()));
    assert!(card(&mut host, zhang).await.occasions().is_empty());
    let bare = fields(zhang, [("kind", "other"), ("day", "11-26"), ("lead_days", "3")]);
    assert_eq!(refused(desk.call::<SaveOccasion>(&bare).await), ("text".to_owned(), Problem::Empty));
}

#[tokio::test]
async fn who_travels_together_is_one_party_until_it_is_over() {
    let house = House::open().await;
    let (zhang, wife, oneill) = (house.guest("M0001").await, house.guest("M0002").await, house.guest("M0005").await);
    let mut desk = house.device("reception", "desk").await;
    let days = |other: GuestId, departure| {
        let other = other.to_string();
        fields(
            zhang,
            [("other", other.as_str()), ("name", "The Zhangs"), ("arrival", "2026-11-22"), ("departure", departure)],
        )
    };
    let early = desk.call::<TravelTogether>(&days(wife, "2026-11-21")).await;
    assert_eq!(refused(early).0, "departure");
    // Tapped twice, it is one party.
    for _ in 0..2 {
        desk.call::<TravelTogether>(&days(wife, "2026-11-24")).await.expect("a party");
    }
    let party = served(&mut desk, zhang).await.party.expect("a party");
    let together = fields(zhang, [("other", &oneill.to_string()), ("party", &party.id.to_string())]);
    desk.call::<TravelTogether>(&together).await.expect("comes along");
    let of = |name: &str| name.to_owned();
    for (guest, expected) in [
        (zhang, [of("Müller-Baptista"), of("O'Neill")]),
        (wife, [of("Zhang"), of("O'Neill")]),
        (oneill, [of("Zhang"), of("Müller-Baptista")]),
    ] {
        let party = served(&mut desk, guest).await.party.expect("a party");
        let mut others: Vec<_> = party.others.iter().map(|(_, name)| name.last.clone()).collect();
        if guest != zhang {
            assert_eq!(others[0], "Zhang", "whoever leads comes first");
        }
        let mut expected = expected.to_vec();
        others.sort();
        expected.sort();
        assert_eq!((party.name.as_str(), party.departure.as_str(), others), ("The Zhangs", "2026-11-24", expected));
    }
    let stranger = house.guest("M0003").await;
    let id = party.id.to_string();
    let renamed = |guest| {
        fields(
            guest,
            [("party", id.as_str()), ("name", "Zhang & co"), ("arrival", "2026-11-22"), ("departure", "2026-11-25")],
        )
    };
    assert_eq!(desk.call::<ChangeParty>(&renamed(stranger)).await, Err(AppError::NotFound), "a party of others");
    assert_eq!(desk.call::<ChangeParty>(&renamed(wife)).await, Ok(()));
    let now = served(&mut desk, oneill).await.party.expect("a party");
    assert_eq!((now.name.as_str(), now.departure.as_str()), ("Zhang & co", "2026-11-25"));

    let leaves = |guest, member: GuestId| {
        let member = member.to_string();
        fields(guest, [("party", id.as_str()), ("member", member.as_str())])
    };
    assert_eq!(desk.call::<LeaveParty>(&leaves(stranger, wife)).await, Err(AppError::NotFound));
    assert_eq!(desk.call::<LeaveParty>(&leaves(zhang, oneill)).await, Ok(()));
    assert_eq!(served(&mut desk, oneill).await.party, None);
    // On its last day it is still told, on the next no more.
    house.clock.advance(TimeDelta::days(2));
    let mut desk = house.device("reception", "desk").await;
    assert!(served(&mut desk, wife).await.party.is_some());
    house.clock.advance(TimeDelta::days(1));
    let mut desk = house.device("reception", "desk").await;
    assert_eq!(served(&mut desk, wife).await.party, None);
    // One alone is no party.
    assert_eq!(desk.call::<LeaveParty>(&leaves(zhang, wife)).await, Ok(()));
    assert_eq!(desk.call::<LeaveParty>(&leaves(zhang, zhang)).await, Err(AppError::NotFound));
}

#[tokio::test]
async fn the_next_of_two_parties_is_told() {
    let house = House::open().await;
    let (zhang, wife, sato) = (house.guest("M0001").await, house.guest("M0002").await, house.guest("M0003").await);
    let mut desk = house.device("reception", "desk").await;
    for (other, name, arrival, departure) in
        [(sato, "The congress", "2027-05-02", "2027-05-05"), (wife, "The Zhangs", "2026-11-22", "2026-11-25")]
    {
        let other = other.to_string();
        let days = [("other", other.as_str()), ("name", name), ("arrival", arrival), ("departure", departure)];
        desk.call::<TravelTogether>(&fields(zhang, days)).await.expect("a party");
    }
    assert_eq!(served(&mut desk, zhang).await.party.map(|party| party.name).as_deref(), Some("The Zhangs"));
    house.clock.advance(TimeDelta::days(3));
    let mut desk = house.device("reception", "desk").await;
    assert_eq!(served(&mut desk, zhang).await.party.map(|party| party.name).as_deref(), Some("The congress"));
}

#[tokio::test]
async fn a_note_is_for_its_audience_until_its_last_day() {
    let house = House::open().await;
    let zhang = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let text = "His mother had surgery: ask how she is";
    let note = |until| fields(zhang, [("text", text), ("audience", "desk"), ("until", until)]);
    let over = desk.call::<AddNote>(&note("2026-11-22")).await;
    let problem = Problem::NotKnown("2026-11-22".to_owned(), "@from_today".to_owned());
    assert_eq!(refused(over), ("until".to_owned(), problem));
    desk.call::<AddNote>(&note("2026-11-24")).await.expect("kept");
    for (days, shown) in [(0, true), (1, true), (1, false)] {
        house.clock.advance(TimeDelta::days(days));
        for (login, reads) in
            [("reception", true), ("concierge", true), ("manager", true), ("floor", false), ("host", false)]
        {
            let mut device = house.device(login, "desk").await;
            let bytes = device.post(OpenCard::PATH, &fields(zhang, []), "application/json").await;
            let bytes = bytes.text().await.expect("a card");
            assert_eq!(bytes.contains(text), reads && shown, "{login}, {}: {bytes}", house.clock.now());
        }
    }
}

#[tokio::test]
async fn the_page_works_without_scripts_and_what_was_typed_stays() {
    let house = House::open().await;
    let (zhang, wife) = (house.guest("M0001").await, house.guest("M0002").await);
    let mut floor = house.device("floor", "floor").await;
    let path = format!("/guests/{zhang}/people");
    let found = floor.get(&format!("{path}?q=baptista")).await.text().await.expect("a page");
    let chosen = format!("{path}?with={wife}");
    assert!(found.contains(&chosen), "a tap on the name leads on: {found}");
    let page = floor.get(&chosen).await.text().await.expect("a page");
    assert!(page.contains("What is Mrs Müller-Baptista to Mr Zhang?"), "{page}");
    assert!(page.contains("2026-11-25"), "the days of the stay stand in the form of a party: {page}");
    let answer = floor.post(Relate::PATH, &relation(zhang, wife, Relation::Partner), "text/html").await;
    assert!(answer.status().as_u16() < 400, "{}", answer.status());
    assert_eq!(people(&mut floor, wife).await, [(zhang, Relation::Partner)]);

    let child = fields(zhang, [("name", "Mila"), ("birthday", "13-01"), ("likes", "Dinosaurs")]);
    let answer = floor.post(AddChild::PATH, &child, "text/html").await;
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().ok()), (302, Some(path.as_str())));
    let page = floor.get(&path).await.text().await.expect("a page");
    for shown in ["Mila", "Dinosaurs", "13-01", "is not a date"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let mut marketing = house.device("marketing", "desk").await;
    let page = marketing.get(&path).await.text().await.expect("a page");
    assert!(!page.contains("Baptista"), "{page}");
}
