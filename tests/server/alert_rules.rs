//! The house's settings for word that nobody answers, and what stations keep quiet.

use crate::harness::{Device, House};
use leptos::server_fn::ServerFn;
use rapport::{
    alerts::{
        AlertKind,
        api::{AlertRules, Board as BoardCall, MuteKind, RemoveAlertRule, SaveAlertRule},
        rules::StationRules,
    },
    error::AppError,
    house::api::SaveLocatorHours,
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

/// Posts a form as a page without scripts does; the address and the text of the page that it leads to.
async fn submit<F: ServerFn>(manager: &mut Device, fields: &[(&str, String)]) -> (String, String) {
    let answer = manager.post(F::PATH, fields, "text/html").await;
    assert_eq!(answer.status(), 302);
    let address = answer.headers()["location"].to_str().expect("an address").to_owned();
    let path = address.split('#').next().expect("a path");
    let page = manager.get(path).await.text().await.expect("a page");
    (address, page)
}

#[tokio::test]
async fn a_rule_refused_without_scripts_keeps_what_was_typed() {
    let house = House::open().await;
    let restaurant = house.stations["restaurant"];
    let mut manager = house.device("manager", "desk").await;
    let path = format!("/manage/alert-rules?station={restaurant}&kind=at_the_door");
    let page = manager.get(&path).await.text().await.expect("a page");
    for part in ["id=\"rule-first\"", "name=\"again_after\"", "value=\"20\"", "name=\"expires_after\"", "value=\"240\""]
    {
        assert!(page.contains(part), "{part}");
    }
    let mut typed = rule(restaurant, "at_the_door", "7000");
    typed[6].1 = house.stations["bar"].to_string();
    let (address, page) = submit::<SaveAlertRule>(&mut manager, &typed).await;
    assert_eq!(address, format!("{path}#rule"), "back to the form, and the reason is not in the address");
    assert!(page.contains("value=\"7000\""), "what was typed");
    let bar = format!("value=\"{}\" selected", house.stations["bar"]);
    assert!(page.contains(&bar), "and what was chosen");
    assert!(page.contains("“7000” is not known"), "and why it was refused");
    let page = manager.get(&path).await.text().await.expect("a page");
    assert!(!page.contains("value=\"7000\""), "once");

    // What was typed for one rule is not shown in the form of another.
    manager.post(SaveAlertRule::PATH, &typed, "text/html").await;
    let other = manager.get(&format!("/manage/alert-rules?station={restaurant}&kind=leaving")).await;
    assert!(!other.text().await.expect("a page").contains("value=\"7000\""));

    let answer = manager.post(SaveAlertRule::PATH, &rule(restaurant, "at_the_door", "7"), "text/html").await;
    assert_eq!(answer.status(), 302);
    let page = manager.get("/manage/alert-rules").await.text().await.expect("a page");
    assert!(page.contains("after 7 s"), "it is in the table");
    assert!(page.contains("kind=at_the_door#rule-first\""), "and leads to the first field of its form");
}

#[tokio::test]
async fn a_step_that_comes_too_early_is_told_by_the_one_before_it() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let mut early = rule(house.stations["restaurant"], "", "20");
    early[3].1 = "3".to_owned();
    for (language, words) in [
        ("en", "3 s is too early. The duty manager is told after the station was rung again (20 s)"),
        (
            "es",
            "3 s es demasiado pronto. Se avisa al responsable de guardia después de volver a llamar al puesto (20 s)",
        ),
        ("zh", "3秒太早。告知值班经理应在再次提示岗位（20秒）之后"),
    ] {
        manager.cookies.insert("rapport_lang".into(), language.into());
        let (_, page) = submit::<SaveAlertRule>(&mut manager, &early).await;
        assert!(page.contains(words), "{language}");
    }
}

#[tokio::test]
async fn what_else_is_refused_on_that_page_without_scripts_is_told_there() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let (address, page) = submit::<SaveLocatorHours>(&mut manager, &[("hours", "25".to_owned())]).await;
    assert_eq!(address, "/manage/alert-rules#locator");
    assert!(page.contains("value=\"25\"") && page.contains("“25” is not known"), "as typed, with the reason");

    let nowhere = [("station", StationId::new().to_string()), ("kind", "leaving".to_owned())];
    let (address, page) = submit::<RemoveAlertRule>(&mut manager, &nowhere).await;
    assert_eq!(address, "/manage/alert-rules");
    assert!(page.contains("It does not exist, or not any more."));
    let gone = rule(StationId::new(), "", "20");
    let (_, page) = submit::<SaveAlertRule>(&mut manager, &gone).await;
    assert!(page.contains("It does not exist, or not any more."), "though the rule has no form any more");
}
