//! No look-up walks a table: the plan of each query is asked for, on a store with rows in it.

use crate::harness::House;
use rapport::server::db::{Vars, record, vars};
use surrealdb::types::Value;

#[tokio::test]
async fn every_look_up_uses_an_index() {
    let house = House::open().await;
    let guest = record("guest", house.guest("M0001").await);
    let this_house = record("house", house.id);
    let station = record("station", house.stations["restaurant"]);
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let now = crate::harness::monday();
    let queries: Vec<(&str, Vars)> = vec![
        ("SELECT * FROM preference WHERE guest IN $guests", vars().with("guests", vec![guest.clone()])),
        ("SELECT * FROM note WHERE guest IN $guests", vars().with("guests", vec![guest.clone()])),
        ("SELECT * FROM reservation WHERE guest IN $guests", vars().with("guests", vec![guest.clone()])),
        ("SELECT house FROM reservation WHERE guest = $guest GROUP BY house", vars().with("guest", guest.clone())),
        (
            "SELECT * FROM reservation WHERE house = $house AND status = 'checked_in'",
            vars().with("house", this_house.clone()),
        ),
        (
            "SELECT * FROM reservation WHERE house = $house AND status = 'reserved' AND arrival = $today",
            vars().with("house", this_house.clone()).with("today", "2026-11-23"),
        ),
        (
            "SELECT * FROM reservation WHERE house = $house AND number IN $numbers",
            vars().with("house", this_house.clone()).with("numbers", texts(&["1001", "1002"])),
        ),
        (
            "SELECT * FROM guest WHERE match_keys CONTAINSANY $keys",
            vars().with("keys", texts(&["member:M0001", "email:a@b.example|c"])),
        ),
        ("SELECT id FROM guest WHERE membership = $number", vars().with("number", "M0001")),
        ("SELECT * FROM staff WHERE login = $login", vars().with("login", "li")),
        ("SELECT * FROM staff WHERE house = $house ORDER BY name", vars().with("house", this_house.clone())),
        ("SELECT * FROM station WHERE house = $house", vars().with("house", this_house.clone())),
        ("SELECT * FROM alert WHERE receiver = $station AND is_open = true", vars().with("station", station.clone())),
        ("SELECT * FROM alert WHERE sender = $station AND is_open = true", vars().with("station", station.clone())),
        (
            "SELECT * FROM alert WHERE receiver = $station AND is_open = false AND raised_at > $since",
            vars().with("station", station.clone()).with("since", now),
        ),
        (
            "SELECT * FROM alert WHERE sender = $station AND is_open = false AND raised_at > $since",
            vars().with("station", station.clone()).with("since", now),
        ),
        (
            "SELECT * FROM alert WHERE guest = $guest AND raised_at > $since ORDER BY raised_at DESC",
            vars().with("guest", guest.clone()).with("since", now),
        ),
        (
            "SELECT at, who FROM audit WHERE house = $house ORDER BY at DESC LIMIT $limit",
            vars().with("house", this_house.clone()).with("limit", 10_i64),
        ),
        (
            "SELECT * FROM import_run WHERE started > $ever ORDER BY started DESC LIMIT $limit",
            vars().with("ever", now).with("limit", 10_i64),
        ),
        ("SELECT * FROM import_reject WHERE run = $run ORDER BY line", vars().with("run", record("import_run", "x"))),
        ("SELECT * FROM session WHERE staff = $staff", vars().with("staff", record("staff", "x"))),
        ("SELECT * FROM session WHERE expires < $now", vars().with("now", now)),
    ];
    let mut walks = Vec::new();
    for (query, bound) in queries {
        let mut answer = house.db.query(&format!("{query} EXPLAIN"), bound).await.expect("a plan");
        let plan: Value = answer.take(0).expect("a plan");
        let text = format!("{plan:?}");
        if !text.contains("Index") || text.contains("TableScan") || text.contains("Iterate Table") {
            walks.push(format!("{query}\n    {text}"));
        }
    }
    assert!(walks.is_empty(), "these walk a table:\n{}", walks.join("\n"));
}
