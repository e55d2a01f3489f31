//! What guests with the same likings like too: counted by night, and suggested to those who see either.

use crate::planning_desk::Planning;
use chrono::TimeDelta;
use rapport::{
    error::AppError,
    guests::affinity::{self, Item, Rule, api::Suggestions},
    house::store as houses,
    ids::{GuestId, PreferenceId},
    server::{
        clock::Clock,
        db::{optional, record, vars},
    },
};

/// A guest with a stay in the house and these likings: group, code or nothing, words or nothing.
async fn guest(desk: &Planning, name: &str, likes: &[(&str, Option<&str>, Option<&str>)]) -> GuestId {
    let id = desk.left_on(name, "2026-10-05").await;
    for (group, code, text) in likes {
        let bound = vars()
            .with("preference", record("preference", PreferenceId::new()))
            .with("guest", record("guest", id))
            .with("area", (*group).to_owned())
            .with("code", optional(code.map(str::to_owned)))
            .with("text", optional(text.map(str::to_owned)))
            .with("at", desk.house.clock.now());
        let sql = "CREATE ONLY $preference SET guest = $guest, area = $area, code = $code, text = $text, stated = true, \
                   author = 'Li', at = $at RETURN NONE";
        desk.house.db.query(sql, bound).await.expect("a preference");
    }
    id
}

const TEA: (&str, Option<&str>, Option<&str>) = ("drinks", None, Some("Jasmine  tea"));
const WINDOW: (&str, Option<&str>, Option<&str>) = ("seating", Some("window_table"), None);
const QUIET: (&str, Option<&str>, Option<&str>) = ("room", Some("quiet_room"), None);
const COFFEE: (&str, Option<&str>, Option<&str>) = ("drinks", None, Some("Coffee"));
const NO_FISH: (&str, Option<&str>, Option<&str>) = ("dietary", Some("no_fish"), None);

/// Six who like tea and the window, of whom five also want it quiet; six who like coffee; and one of whom only the tea
/// is known.
async fn house() -> (Planning, GuestId) {
    let desk = Planning::open().await;
    for number in 0..6 {
        let likes: &[_] = if number < 5 { &[TEA, WINDOW, QUIET, NO_FISH] } else { &[TEA, WINDOW, NO_FISH] };
        guest(&desk, &format!("tea{number}"), likes).await;
        guest(&desk, &format!("coffee{number}"), &[COFFEE]).await;
    }
    let new = guest(&desk, "new", &[("drinks", None, Some("jasmine tea"))]).await;
    (desk, new)
}

async fn count(desk: &Planning, owner: &str) -> u32 {
    affinity::store::run_due(&desk.house.db, owner, desk.house.clock.now()).await.expect("counted")
}

async fn suggested(desk: &Planning, login: &str, guest: GuestId) -> Result<Vec<Rule>, AppError> {
    desk.house.device(login, "desk").await.call::<Suggestions>(&[("guest", guest.to_string())]).await
}

fn items(rules: &[Rule]) -> Vec<String> {
    rules.iter().map(|rule| rule.also.text()).collect()
}

#[tokio::test]
async fn what_those_like_who_like_the_same_is_suggested_with_its_numbers() {
    let (desk, new) = house().await;
    assert!(suggested(&desk, "host", new).await.expect("an answer").is_empty(), "nothing is counted yet");
    assert_eq!(count(&desk, "a server").await, 1);
    let rules = suggested(&desk, "host", new).await.expect("suggestions");
    let [rule] = rules.as_slice() else { panic!("one: {rules:?}") };
    assert_eq!(rule.likes, Item::new("drinks", "jasmine tea").expect("an item"), "however it was written");
    assert_eq!((rule.also.text().as_str(), rule.with_both, rule.with_likes), ("seating:window_table", 6, 7));
    // Mr Zhang likes the window as well; two of the house's other guests like something else.
    assert_eq!((rule.with_also, rule.guests), (7, 16));
    assert!((rule.support() - 6.0 / 16.0).abs() < 1e-9 && (rule.lift() - 6.0 / 7.0 * 16.0 / 7.0).abs() < 1e-9);

    let page = desk.house.device("host", "restaurant").await.get(&format!("/guests/{new}")).await;
    let page = page.text().await.expect("a page");
    assert!(page.contains("May also like") && page.contains("6 of 7 guests"), "{page}");
    assert!(page.contains("Support 38 %, confidence 86 %, lift 2.0."), "{page}");
}

#[tokio::test]
async fn each_role_is_told_of_what_it_sees() {
    let (desk, new) = house().await;
    let stays = guest(&desk, "stays", &[QUIET]).await;
    count(&desk, "a server").await;
    for login in ["reception", "manager"] {
        let found = items(&suggested(&desk, login, new).await.expect("suggestions"));
        assert_eq!(found, ["seating:window_table", "room:quiet_room"], "{login}");
        assert!(!suggested(&desk, login, stays).await.expect("suggestions").is_empty(), "{login}");
    }
    // The floor sees neither what is drunk nor where one sits, and the host no rooms.
    for login in ["floor", "concierge"] {
        assert!(suggested(&desk, login, new).await.expect("an answer").is_empty(), "{login}");
        assert!(suggested(&desk, login, stays).await.expect("an answer").is_empty(), "{login}");
    }
    assert!(suggested(&desk, "host", stays).await.expect("an answer").is_empty());
    for login in ["marketing", "admin"] {
        assert_eq!(suggested(&desk, login, new).await, Err(AppError::Forbidden), "{login}");
    }
    for login in ["reception", "manager"] {
        let said = items(&suggested(&desk, login, new).await.expect("suggestions"));
        assert!(!said.iter().any(|item| item.starts_with("dietary")), "what one must not be served is no liking");
    }
}

#[tokio::test]
async fn what_is_known_or_denied_is_not_suggested() {
    let (desk, new) = house().await;
    count(&desk, "a server").await;
    let set = |sql: &'static str| {
        let bound = vars().with("guest", record("guest", new)).with("at", desk.house.clock.now());
        desk.house.db.query(sql, bound)
    };
    set(
        "CREATE preference SET guest = $guest, area = 'seating', code = 'window_table', stated = true, author = 'Li', \
         at = $at, contradicted_at = $at, contradicted_by = 'Anna' RETURN NONE",
    )
    .await
    .expect("denied");
    assert_eq!(items(&suggested(&desk, "manager", new).await.expect("an answer")), ["room:quiet_room"]);
    set("CREATE preference SET guest = $guest, area = 'room', code = 'quiet_room', stated = true, author = 'Li', \
         at = $at RETURN NONE")
    .await
    .expect("known");
    assert!(suggested(&desk, "manager", new).await.expect("an answer").is_empty());
}

#[tokio::test]
async fn it_is_counted_once_a_night_by_one_server() {
    let (desk, new) = house().await;
    assert_eq!(count(&desk, "one").await, 1);
    assert_eq!(count(&desk, "other").await, 0, "it is done");
    // 09:00 in Lisbon; the night begins at three.
    desk.house.clock.advance(TimeDelta::hours(17));
    assert_eq!(count(&desk, "one").await, 0, "two in the morning");
    desk.set("DELETE preference WHERE area = 'drinks'").await;
    desk.house.clock.advance(TimeDelta::hours(2));
    assert_eq!(count(&desk, "one").await, 1);
    assert!(suggested(&desk, "manager", new).await.expect("an answer").is_empty());
    let old: Vec<String> = desk
        .house
        .db
        .rows("SELECT VALUE likes FROM affinity WHERE string::starts_with(likes, 'drinks')", vars())
        .await
        .expect("rules");
    assert!(old.is_empty(), "what was counted before is gone: {old:?}");
}

#[tokio::test]
async fn the_usual_is_a_liking_too_and_other_houses_count_for_themselves() {
    let desk = Planning::open().await;
    for number in 0..6 {
        let id = guest(&desk, &format!("egg{number}"), &[WINDOW]).await;
        let bound = vars()
            .with("usual", record("usual", format!("{id}|{}", desk.house.stations["restaurant"])))
            .with("guest", record("guest", id))
            .with("house", record("house", desk.house.id))
            .with("station", record("station", desk.house.stations["restaurant"]))
            .with("at", desk.house.clock.now());
        let sql = "CREATE ONLY $usual SET guest = $guest, house = $house, station = $station, dishes = ['Two eggs'], \
                   drinks = [], author_name = 'Anna', at = $at RETURN NONE";
        desk.house.db.query(sql, bound).await.expect("a usual");
        guest(&desk, &format!("coffee{number}"), &[COFFEE]).await;
    }
    let new = guest(&desk, "new", &[("dishes", None, Some("two eggs"))]).await;
    count(&desk, "a server").await;
    let rules = suggested(&desk, "host", new).await.expect("suggestions");
    assert_eq!(items(&rules), ["seating:window_table"]);
    assert_eq!((rules[0].with_both, rules[0].with_likes), (6, 7));

    // Nobody of them has ever been in the other house.
    let other = houses::NewHouse {
        name: "By the Sea".into(),
        code: "SEA".into(),
        timezone: chrono_tz::Europe::Lisbon,
        currency: "EUR".into(),
    };
    let other = houses::insert_house(&desk.house.db, other).await.expect("a house");
    assert_eq!(count(&desk, "a server").await, 1, "the other house alone");
    let there: Vec<String> = desk
        .house
        .db
        .rows("SELECT VALUE likes FROM affinity WHERE house = $other", vars().with("other", record("house", other)))
        .await
        .expect("rules");
    assert!(there.is_empty(), "{there:?}");
}
