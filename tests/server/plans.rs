//! No look-up walks a table: the plan of each query is asked for, on a store with rows in it.

use crate::harness::House;
use rapport::{
    ids::GuestId,
    server::db::{Vars, record, vars},
};
use surrealdb::types::Value;

#[tokio::test]
async fn every_look_up_uses_an_index() {
    let house = House::open().await;
    let guest = record("guest", house.guest("M0001").await);
    let guests: Vec<_> = (0..32).map(|_| record("guest", GuestId::new())).collect();
    let this_house = record("house", house.id);
    let station = record("station", house.stations["restaurant"]);
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let now = crate::harness::monday();
    let queries: Vec<(&str, Vars)> = vec![
        // As many values as are ever asked for at once: of more, the store reads the whole table.
        ("SELECT * FROM preference WHERE guest IN $guests", vars().with("guests", guests.clone())),
        ("SELECT * FROM note WHERE guest IN $guests", vars().with("guests", guests.clone())),
        ("SELECT * FROM reservation WHERE guest IN $guests", vars().with("guests", guests)),
        ("SELECT house FROM reservation WHERE guest = $guest GROUP BY house", vars().with("guest", guest.clone())),
        (
            "SELECT house, arrival, departure, status FROM reservation WHERE guest = $guest",
            vars().with("guest", guest.clone()),
        ),
        (
            "SELECT * FROM reservation WHERE house = $house AND status = 'checked_in'",
            vars().with("house", this_house.clone()),
        ),
        (
            "SELECT * FROM reservation WHERE house = $house AND status = 'reserved' AND arrival = $today",
            vars().with("house", this_house.clone()).with("today", "2026-11-23"),
        ),
        (
            "SELECT * FROM reservation WHERE house = $house AND number = $number",
            vars().with("house", this_house.clone()).with("number", "1001"),
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
            "SELECT * FROM alert WITH INDEX alert_ended WHERE is_open = false AND ended_at > $since AND house = $house",
            vars().with("since", now).with("house", this_house.clone()),
        ),
        (
            "SELECT * FROM alert WHERE guest = $guest AND raised_at > $since ORDER BY raised_at DESC",
            vars().with("guest", guest.clone()).with("since", now),
        ),
        (
            "SELECT VALUE id FROM alert WHERE copied_to = $station AND is_open = true",
            vars().with("station", station.clone()),
        ),
        ("SELECT * FROM alert WHERE raised_by = $me AND is_open = true", vars().with("me", record("staff", "x"))),
        (
            "SELECT VALUE alert FROM alert_alias WHERE staff = $me AND at > $longest_ago",
            vars().with("me", record("staff", "x")).with("longest_ago", now),
        ),
        (
            "SELECT VALUE [at, station] FROM alert_alias WHERE alert = $alert AND staff IN $staff",
            vars().with("alert", record("alert", "x")).with("staff", vec![record("staff", "x")]),
        ),
        (
            "SELECT VALUE staff FROM alert_alias WHERE alert = $alert AND station = $station",
            vars().with("alert", record("alert", "x")).with("station", station.clone()),
        ),
        (
            "SELECT VALUE station FROM alert_alias WHERE alert = $alert AND !($gone CONTAINS staff)",
            vars().with("alert", record("alert", "x")).with("gone", vec![record("staff", "x")]),
        ),
        (
            "SELECT * FROM hand_over WHERE station = $station ORDER BY at DESC LIMIT 1",
            vars().with("station", station.clone()),
        ),
        (
            "SELECT * FROM alert WHERE house = $house AND is_open = true AND urgency >= $told",
            vars().with("house", this_house.clone()).with("told", 2_i64),
        ),
        (
            "SELECT VALUE receiver FROM alert \
             WHERE house = $house AND is_open = true AND urgency >= $told AND state = 'raised' \
             AND (told IN ['managers', 'nobody'] OR duty = $me)",
            vars().with("house", this_house.clone()).with("told", 2_i64).with("me", record("staff", "x")),
        ),
        (
            "SELECT * FROM alert WITH INDEX alert_same WHERE guest = $guest AND receiver = $station AND kind = $kind \
             AND text = $text AND raised_at > $since AND is_open = true ORDER BY raised_at LIMIT 1",
            vars()
                .with("station", station.clone())
                .with("since", now)
                .with("guest", guest.clone())
                .with("kind", "coming_down")
                .with("text", Value::None),
        ),
        (
            "SELECT * FROM alert WITH INDEX alert_guest WHERE guest = $guest AND raised_at < $from AND house = $house \
             ORDER BY raised_at DESC LIMIT $limit",
            vars()
                .with("guest", guest.clone())
                .with("from", now)
                .with("house", this_house.clone())
                .with("limit", 20_i64),
        ),
        (
            "SELECT VALUE alert FROM alert_alias WHERE station = $station AND at > $longest_ago",
            vars().with("station", station.clone()).with("longest_ago", now),
        ),
        (
            "SELECT id, due FROM escalation WHERE state = 'planned' AND due <= $now \
             AND (lease = NONE OR lease <= $now) ORDER BY due LIMIT $limit",
            vars().with("now", now).with("limit", 100_i64),
        ),
        ("SELECT * FROM alert_rule WHERE house = $house", vars().with("house", this_house.clone())),
        ("SELECT station, kind FROM mute WHERE house = $house", vars().with("house", this_house.clone())),
        (
            "SELECT at, who FROM audit WHERE house = $house ORDER BY at DESC LIMIT $limit",
            vars().with("house", this_house.clone()).with("limit", 10_i64),
        ),
        (
            "SELECT * FROM import_run WHERE started > $ever ORDER BY started DESC LIMIT $limit",
            vars().with("ever", now).with("limit", 10_i64),
        ),
        ("SELECT * FROM import_reject WHERE run = $run ORDER BY line", vars().with("run", record("import_run", "x"))),
        (
            "SELECT VALUE id FROM station WHERE house = $house AND removed = false",
            vars().with("house", this_house.clone()),
        ),
        ("SELECT id, name FROM station WHERE house = $house", vars().with("house", this_house.clone())),
        ("SELECT * FROM listening WHERE house = $house", vars().with("house", this_house.clone())),
        ("SELECT * FROM listening WHERE station = $station", vars().with("station", station.clone())),
        (
            "SELECT VALUE id FROM listening WHERE station = $station AND lease > $now",
            vars().with("station", station.clone()).with("now", now),
        ),
        ("SELECT * FROM listening WHERE lease <= $now", vars().with("now", now)),
        ("SELECT staff, lease FROM on_line WHERE house = $house", vars().with("house", this_house.clone())),
        ("SELECT VALUE id FROM on_line WHERE lease <= $now", vars().with("now", now)),
        ("SELECT * FROM station_state WHERE house = $house", vars().with("house", this_house.clone())),
        (
            "SELECT raised_at, acknowledged_at FROM alert WITH INDEX alert_open_receiver \
             WHERE receiver = $station AND is_open = $open AND raised_at > $since",
            vars().with("station", station.clone()).with("open", false).with("since", now),
        ),
        (
            "SELECT receiver, state, urgency, raised_at, acknowledged_at FROM alert \
             WHERE house = $house AND raised_at >= $first AND raised_at < $next",
            vars().with("house", this_house.clone()).with("first", now).with("next", now),
        ),
        (
            "SELECT VALUE id FROM alert WHERE is_open = false AND ended_at < $before AND raised_at < $before LIMIT $batch",
            vars().with("before", now).with("batch", 500_i64),
        ),
        ("SELECT VALUE id FROM alert_alias WHERE alert IN $old", vars().with("old", vec![record("alert", "x")])),
        (
            "SELECT VALUE id FROM hand_over WHERE at < $before LIMIT $batch",
            vars().with("before", now).with("batch", 500_i64),
        ),
        (
            "SELECT VALUE id FROM locator WHERE expires < $before LIMIT $batch",
            vars().with("before", now).with("batch", 500_i64),
        ),
        (
            "SELECT VALUE id FROM shown_card WHERE at < $before LIMIT $batch",
            vars().with("before", now).with("batch", 500_i64),
        ),
        ("SELECT * FROM consent WHERE guest IN $guests", vars().with("guests", vec![guest.clone()])),
        (
            "SELECT id, guest, address, sending_at FROM occurrence WHERE message_id IN $ids LIMIT 1",
            vars().with("ids", texts(&["a@b.example", "<a@b.example>"])),
        ),
        (
            "SELECT id, guest, address, sending_at FROM occurrence WHERE address = $address",
            vars().with("address", "a@b.example"),
        ),
        (
            "SELECT VALUE id FROM report WHERE address = $key AND at > $since AND kind = 'soft'",
            vars().with("key", "x").with("since", now),
        ),
        (
            "SELECT id, due FROM occurrence WITH INDEX occurrence_due WHERE state = $state AND due >= $begin \
             AND house = $house AND (due > $begin OR id > $last) ORDER BY due, id LIMIT $limit",
            vars()
                .with("state", "planned")
                .with("begin", now)
                .with("house", this_house.clone())
                .with("last", record("occurrence", "x"))
                .with("limit", 51_i64),
        ),
        ("SELECT VALUE id FROM consent WHERE guest = $guest", vars().with("guest", guest.clone())),
        (
            "SELECT id, name, role, active FROM staff WHERE house = $house ORDER BY name",
            vars().with("house", this_house.clone()),
        ),
        (
            "SELECT * FROM lifted WHERE address = $address ORDER BY at DESC LIMIT $limit",
            vars().with("address", "x").with("limit", 20_i64),
        ),
        ("SELECT VALUE id FROM suppression WHERE passes = true AND until <= $now", vars().with("now", now)),
        (
            "SELECT id, due FROM occurrence WITH INDEX occurrence_revision WHERE campaign = $campaign \
             AND state = 'planned' AND revision = $revision AND due >= $first AND due <= $now AND until > $now \
             ORDER BY due LIMIT $limit",
            vars()
                .with("campaign", record("campaign", "x"))
                .with("revision", 2_i64)
                .with("first", now)
                .with("now", now)
                .with("limit", 32_i64),
        ),
        (
            "SELECT id, due FROM occurrence WITH INDEX occurrence_revision WHERE campaign = $campaign \
             AND state = 'planned' AND revision = $revision AND due < $begin AND until > $now ORDER BY due LIMIT $limit",
            vars()
                .with("campaign", record("campaign", "x"))
                .with("revision", 2_i64)
                .with("begin", now)
                .with("now", now)
                .with("limit", 500_i64),
        ),
        (
            "SELECT id, lease FROM occurrence WHERE state = 'sending' AND lease <= $now LIMIT $limit",
            vars().with("now", now).with("limit", 500_i64),
        ),
        (
            "SELECT id, lease FROM occurrence WHERE state = 'sending' AND lease > $longest LIMIT $limit",
            vars().with("longest", now).with("limit", 500_i64),
        ),
        (
            "SELECT id, due FROM occurrence WHERE state = 'held' AND due <= $now AND until <= $now LIMIT $limit",
            vars().with("now", now).with("limit", 500_i64),
        ),
        (
            "SELECT * FROM occurrence WHERE campaign = $campaign AND state = $state ORDER BY due DESC LIMIT $limit",
            vars().with("campaign", record("campaign", "x")).with("state", "failed").with("limit", 20_i64),
        ),
        ("SELECT VALUE id FROM consent WHERE guest IN $guests", vars().with("guests", vec![guest.clone()])),
        (
            "SELECT guest, count() AS count FROM consent WHERE guest IN $guests GROUP BY guest",
            vars().with("guests", vec![guest.clone()]),
        ),
        ("SELECT * FROM campaign WHERE state = 'active'", vars()),
        ("SELECT * FROM campaign WHERE house = $house", vars().with("house", this_house.clone())),
        ("SELECT * FROM letter WHERE campaign = $campaign", vars().with("campaign", record("campaign", "x"))),
        (
            "SELECT VALUE language FROM letter WHERE campaign = $campaign",
            vars().with("campaign", record("campaign", "x")),
        ),
        (
            "SELECT state, count() AS count FROM occurrence WHERE campaign = $campaign GROUP BY state",
            vars().with("campaign", record("campaign", "x")),
        ),
        (
            "SELECT count() AS count FROM occurrence WHERE campaign = $campaign AND state = $state GROUP ALL",
            vars().with("campaign", record("campaign", "x")).with("state", "held"),
        ),
        (
            "SELECT time::floor(due, 15m) AS at, count() AS count FROM occurrence \
             WHERE campaign = $campaign AND state = 'planned' AND due >= $from AND due < $to GROUP BY at",
            vars().with("campaign", record("campaign", "x")).with("from", now).with("to", now),
        ),
        (
            "SELECT id, house, state, due, until, language, decided_by FROM occurrence WITH INDEX occurrence_due \
             WHERE state = 'awaiting' AND house = $house ORDER BY due LIMIT $limit",
            vars().with("house", this_house.clone()).with("limit", 101_i64),
        ),
        (
            "SELECT id, due FROM occurrence WITH INDEX occurrence_due WHERE state = $state AND due <= $begin \
             AND house = $house AND (due < $begin OR id < $last) ORDER BY due DESC, id DESC LIMIT $limit",
            vars()
                .with("state", "failed")
                .with("begin", now)
                .with("house", this_house.clone())
                .with("last", record("occurrence", "x"))
                .with("limit", 51_i64),
        ),
        (
            "SELECT id, due FROM occurrence WHERE campaign = $campaign AND state = 'planned' ORDER BY due LIMIT $limit",
            vars().with("campaign", record("campaign", "x")).with("limit", 5_i64),
        ),
        ("SELECT departure, status FROM reservation WHERE guest = $guest", vars().with("guest", guest.clone())),
        (
            "SELECT id, name, width, height, author_name, at FROM picture WHERE house = $house \
             ORDER BY at DESC LIMIT $limit",
            vars().with("house", this_house.clone()).with("limit", 10_i64),
        ),
        (
            "SELECT * FROM trace WHERE house = $house AND department = $department AND state = 'open' \
             AND due <= $ahead ORDER BY due LIMIT $limit",
            vars()
                .with("house", this_house.clone())
                .with("department", "floor")
                .with("ahead", "2026-11-30")
                .with("limit", 201_i64),
        ),
        (
            "SELECT * FROM trace WHERE house = $house AND department = $department AND state = 'resolved' \
             AND due >= $since ORDER BY due DESC LIMIT $limit",
            vars()
                .with("house", this_house.clone())
                .with("department", "floor")
                .with("since", "2026-11-16")
                .with("limit", 50_i64),
        ),
        (
            "SELECT VALUE id FROM guest WITH INDEX guest_birth_day WHERE birth_day = $day AND id > $after \
             ORDER BY id LIMIT $limit",
            vars().with("day", "11-23").with("after", record("guest", "!")).with("limit", 5_000_i64),
        ),
        (
            "SELECT VALUE guest FROM reservation WHERE house = $house AND status = 'checked_out' AND departure = $day",
            vars().with("house", this_house.clone()).with("day", "2023-03-15"),
        ),
        (
            "SELECT VALUE departure FROM reservation WHERE house = $house AND status = 'checked_out' \
             ORDER BY departure LIMIT 1",
            vars().with("house", this_house.clone()),
        ),
        (
            "SELECT id, state, due, sending_at, household FROM occurrence \
             WHERE guest IN $among AND due >= $from AND due <= $to",
            vars().with("among", vec![guest.clone(); 32]).with("from", now).with("to", now),
        ),
        (
            "SELECT id, state, due, sending_at, household FROM occurrence WHERE household IN $among",
            vars().with("among", texts(&["a@b.example", "c@d.example"])),
        ),
        (
            "SELECT time::floor(due, 15m) AS at, count() AS count FROM occurrence \
             WHERE campaign = $campaign AND state = $state0 AND due >= $from GROUP BY at",
            vars().with("campaign", record("campaign", "x")).with("state0", "planned").with("from", now),
        ),
        (
            "SELECT time::floor(due, 15m) AS at, count() AS count FROM occurrence WHERE campaign = $campaign \
             AND state = $state0 AND revision = $revision AND due >= $from GROUP BY at",
            vars()
                .with("campaign", record("campaign", "x"))
                .with("state0", "planned")
                .with("revision", 2_i64)
                .with("from", now),
        ),
        (
            "SELECT id, due FROM occurrence WITH INDEX occurrence_revision WHERE campaign = $campaign \
             AND state = 'held' AND revision = $revision AND due >= $due AND (due > $due OR id > $last) \
             ORDER BY due, id LIMIT $limit",
            vars()
                .with("campaign", record("campaign", "x"))
                .with("revision", 2_i64)
                .with("due", now)
                .with("last", record("occurrence", "x"))
                .with("limit", 500_i64),
        ),
        (
            "SELECT id, due FROM occurrence WITH INDEX occurrence_revision WHERE campaign = $campaign \
             AND state = $state AND revision < $revision LIMIT $limit",
            vars()
                .with("campaign", record("campaign", "x"))
                .with("state", "planned")
                .with("revision", 2_i64)
                .with("limit", 5_000_i64),
        ),
        (
            "SELECT VALUE id FROM occurrence WHERE campaign = $campaign AND state = $state LIMIT $limit",
            vars().with("campaign", record("campaign", "x")).with("state", "planned").with("limit", 100_i64),
        ),
        (
            "SELECT target, count() AS count FROM click WHERE campaign = $campaign GROUP BY target",
            vars().with("campaign", record("campaign", "x")),
        ),
        ("SELECT VALUE id FROM campaign WHERE state = 'ended'", vars()),
        ("SELECT * FROM session WHERE staff = $staff", vars().with("staff", record("staff", "x"))),
        ("SELECT * FROM session WHERE expires < $now", vars().with("now", now)),
    ];
    none_walks(&house, queries.into_iter().map(|(query, bound)| ("", query.to_owned(), bound)).collect()).await;
}

/// Asks for the plan of each query, which must use an index: that which is named, where one is.
pub async fn none_walks(house: &House, queries: Vec<(&str, String, Vars)>) {
    let mut walks = Vec::new();
    for (index, query, bound) in queries {
        let mut answer = house.db.query(&format!("{query} EXPLAIN"), bound).await.expect("a plan");
        let plan: Value = answer.take(0).expect("a plan");
        let text = format!("{plan:?}");
        let walks_table = !text.contains("Index") || text.contains("TableScan") || text.contains("Iterate Table");
        if walks_table || !text.contains(index) {
            walks.push(format!("{query}\n    {index}\n    {text}"));
        }
    }
    assert!(walks.is_empty(), "these walk a table, or use another index:\n{}", walks.join("\n"));
}
