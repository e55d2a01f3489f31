//! The house's settings for word that nobody answers, and what stations keep quiet.

use crate::harness::{Device, House};
use rapport::{
    alerts::{
        AlertKind,
        api::{AlertRules, Board as BoardCall, MuteKind, RemoveAlertRule, SaveAlertRule},
        rules::StationRules,
    },
    error::AppError,
    ids::StationId,
};

fn rule(station: StationId, kind: &str, again_after: &str) -> Vec<(&'static str, String)> {
    vec![
        ("station", station.to_string()),
        ("kind", kind.to_owned()),
        ("again_after", again_after.to_owned()),
        ("duty_after", "60".to_owned()),
        ("unanswered_after", "120".to_owned()),
        ("expires_after", "240".to_owned()),
        ("backup", String::new()),
        ("duty", String::new()),
    ]
}

async fn rules_of(manager: &mut Device, station: StationId) -> StationRules {
    let all = manager.call::<AlertRules>(&[]).await.expect("rules");
    all.into_iter().find(|of| of.station.id == station).expect("the station")
}

#[tokio::test]
async fn a_kind_has_its_own_rule_until_it_is_taken_away() {
    let house = House::open().await;
    let restaurant = house.stations["restaurant"];
    let mut manager = house.device("manager", "desk").await;
    let usual = rules_of(&mut manager, restaurant).await;
    assert_eq!(usual.rules.len(), 1);
    assert_eq!((usual.rules[0].kind, usual.rules[0].again_after), (None, 20));
    let mut door = rule(restaurant, "at_the_door", "5");
    door[6].1 = house.stations["bar"].to_string();
    manager.call::<SaveAlertRule>(&door).await.expect("saved");
    let now = rules_of(&mut manager, restaurant).await;
    let found: Vec<_> = now.rules.iter().map(|rule| (rule.kind, rule.again_after, rule.backup)).collect();
    assert_eq!(found, [(None, 20, None), (Some(AlertKind::AtTheDoor), 5, Some(house.stations["bar"]))]);
    let fields = [("station", restaurant.to_string()), ("kind", "at_the_door".to_owned())];
    manager.call::<RemoveAlertRule>(&fields).await.expect("taken away");
    assert_eq!(rules_of(&mut manager, restaurant).await.rules, usual.rules);

    let mut host = house.device("host", "restaurant").await;
    assert_eq!(host.call::<AlertRules>(&[]).await, Err(AppError::Forbidden));
    assert_eq!(host.call::<SaveAlertRule>(&door).await, Err(AppError::Forbidden));
    assert_eq!(host.call::<RemoveAlertRule>(&fields).await, Err(AppError::Forbidden));
}

#[tokio::test]
async fn what_a_station_mutes_is_on_its_board_and_before_the_manager() {
    let house = House::open().await;
    let restaurant = house.stations["restaurant"];
    let (mut host, mut manager) = (house.device("host", "restaurant").await, house.device("manager", "desk").await);
    host.call::<MuteKind>(&[("kind", "leaving".to_owned()), ("on", "true".to_owned())]).await.expect("muted");
    let board = host.call::<BoardCall>(&[]).await.expect("a board");
    assert_eq!(board.muted, [(restaurant, AlertKind::Leaving)]);
    assert_eq!(rules_of(&mut manager, restaurant).await.muted, [AlertKind::Leaving]);
    let page = manager.get("/manage/alert-rules").await.text().await.expect("a page");
    assert!(page.contains("Quiet: Leaving"), "the manager sees it");
    let page = host.get("/board").await.text().await.expect("a page");
    assert!(page.contains("Quiet: 1 kind") && page.contains("Let “Leaving” sound again"), "and so does the station");

    let plain = [("kind", "leaving".to_owned()), ("on", "false".to_owned())];
    assert_eq!(host.post("/api/mute_kind", &plain, "text/html").await.status(), 302);
    assert!(host.call::<BoardCall>(&[]).await.expect("a board").muted.is_empty(), "it sounds again");
}

#[tokio::test]
async fn a_rule_refused_without_scripts_keeps_what_was_typed() {
    let house = House::open().await;
    let restaurant = house.stations["restaurant"];
    let mut manager = house.device("manager", "desk").await;
    let address = format!("/manage/alert-rules?station={restaurant}&kind=at_the_door");
    let page = manager.get(&address).await.text().await.expect("a page");
    for part in ["name=\"again_after\"", "value=\"20\"", "name=\"expires_after\"", "value=\"240\""] {
        assert!(page.contains(part), "{part}");
    }
    let answer = manager.post("/api/save_alert_rule", &rule(restaurant, "at_the_door", "7000"), "text/html").await;
    assert_eq!(answer.status(), 302);
    let page = manager.get(&address).await.text().await.expect("a page");
    assert!(page.contains("value=\"7000\""), "what was typed");
    assert!(page.contains("“7000” is not known"), "and why it was refused");
    let page = manager.get(&address).await.text().await.expect("a page");
    assert!(!page.contains("value=\"7000\""), "once");

    let answer = manager.post("/api/save_alert_rule", &rule(restaurant, "at_the_door", "7"), "text/html").await;
    assert_eq!(answer.status(), 302);
    let page = manager.get("/manage/alert-rules").await.text().await.expect("a page");
    assert!(page.contains("after 7 s"), "it is in the table");
}
