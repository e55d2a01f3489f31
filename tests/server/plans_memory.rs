//! No look-up of the memory of the house walks a table, and where several indexes would do it takes the narrow one.

use crate::{
    harness::{House, monday},
    plans::none_walks,
};
use rapport::{
    ids::GuestId,
    server::db::{Vars, record, vars},
};
use surrealdb::types::RecordId;

type Planned = (&'static str, String, Vars);

/// Whom and where the queries ask about.
struct Asked {
    house: RecordId,
    guest: RecordId,
    /// As many as are ever asked for at once: of more, the store reads the whole table.
    among: Vec<RecordId>,
}

impl Asked {
    async fn of(house: &House) -> Self {
        Self {
            house: record("house", house.id),
            guest: record("guest", house.guest("M0001").await),
            among: (0..32).map(|_| record("guest", GuestId::new())).collect(),
        }
    }

    /// Everything that any of the queries binds.
    fn bound(&self) -> Vars {
        let now = monday();
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<String>>();
        vars()
            .with("house", self.house.clone())
            .with("guest", self.guest.clone())
            .with("among", self.among.clone())
            .with("staff", record("staff", "x"))
            .with("account", record("account", "x"))
            .with("accounts", vec![record("account", "x"); 32])
            .with("programme", record("programme", "x"))
            .with("rule", record("trace_rule", "x"))
            .with("request", record("guest_request", "x"))
            .with("recovery", record("recovery", "x"))
            .with("usual", record("usual", "x|y"))
            .with("reservation", record("reservation", "x"))
            .with("party", record("party", "x"))
            .with("parties", vec![record("party", "x"); 32])
            .with("preference", record("preference", "x"))
            .with("reservations", vec![record("reservation", "x"); 32])
            .with("entries", vec![record("points", "x"); 32])
            .with("keys", texts(&["member:M0001", "email:a@b.example|c"]))
            .with("numbers", texts(&["+8613912345678", "+351912555010"]))
            .with("found_by", texts(&["x|drinks:tea", "x|dishes:eggs"]))
            .with("kind", "taxi")
            .with("department", "floor")
            .with("day", "2026-11-23")
            .with("first", "2026-01")
            .with("last_month", "2026-11")
            .with("at", now)
            .with("number", "M0001")
            .with("below", 7_i64)
            .with("limit", 41_i64)
    }

    async fn check(self, house: &House, queries: &[(&'static str, &str)]) {
        let planned: Vec<Planned> =
            queries.iter().map(|(index, query)| (*index, (*query).to_owned(), self.bound())).collect();
        none_walks(house, planned).await;
    }
}

#[tokio::test]
async fn cards_look_up_guests_by_index() {
    let house = House::open().await;
    let queries = [
        (
            "request_guest",
            "SELECT *, asked_at_station.name AS station_name FROM guest_request WHERE guest IN $among AND is_open = true",
        ),
        ("recovery_guest", "SELECT * FROM recovery WHERE guest IN $among AND matters = true"),
        ("usual_guest", "SELECT *, station.name AS outlet FROM usual WHERE guest IN $among"),
        (
            "usual_answer_guest",
            "SELECT * FROM usual_answer WITH INDEX usual_answer_guest WHERE guest = $guest AND usual = $usual \
             ORDER BY at DESC LIMIT 1",
        ),
        ("usual_guest", "SELECT guest, house, dishes, drinks FROM usual WITH INDEX usual_guest WHERE guest IN $among"),
        ("relationship_one", "SELECT * FROM relationship WHERE one = $guest"),
        ("relationship_other", "SELECT * FROM relationship WHERE other = $guest"),
        ("relationship_one", "SELECT VALUE other FROM relationship WHERE one = $guest AND kind = 'partner'"),
        ("relationship_other", "SELECT VALUE one FROM relationship WHERE other = $guest AND kind = 'partner'"),
        (
            "relationship_one",
            "SELECT kind, other AS guest, other.first AS first, other.last AS last FROM relationship WHERE one = $guest",
        ),
        ("child_guest", "SELECT * FROM child WHERE guest IN $among"),
        ("occasion_guest", "SELECT * FROM occasion WHERE guest IN $among"),
        ("party_member_guest", "SELECT * FROM party_member WHERE guest = $guest"),
        ("party_member_guest", "SELECT VALUE party FROM party_member WHERE guest = $guest AND party.departure >= $day"),
        (
            "party_member_party",
            "SELECT guest, leads, party, party.name AS party_name FROM party_member WHERE party IN $parties",
        ),
        ("party_member_party", "SELECT VALUE guest FROM party_member WHERE party = $party"),
        ("lot_account", "SELECT * FROM lot WHERE account = $account AND has_some = true"),
        ("voucher_guest", "SELECT * FROM voucher WHERE guest = $guest AND is_open = true"),
        ("preference_guest", "SELECT * FROM preference WHERE guest IN $among"),
        ("affinity_found_by", "SELECT * FROM affinity WHERE found_by IN $found_by"),
        ("guest_phone", "SELECT VALUE id FROM guest WHERE phones CONTAINSANY $numbers LIMIT $limit"),
        ("guest_match", "SELECT * FROM guest WHERE match_keys CONTAINSANY $keys LIMIT $limit"),
        ("guest_membership", "SELECT VALUE id FROM guest WHERE membership = $number LIMIT $limit"),
        ("trace_guest", "SELECT guest, house, request FROM trace WHERE guest IN $among AND state = 'open'"),
        (
            "trace_guest",
            "SELECT * FROM trace WITH INDEX trace_guest WHERE guest = $guest AND state = 'open' AND house = $house \
             AND request = NONE ORDER BY due LIMIT $limit",
        ),
        ("reservation_", "SELECT * FROM reservation WHERE house = $house AND status = 'reserved' AND arrival = $day"),
        ("reservation_guest", "SELECT id, house, departure, status FROM reservation WHERE guest = $guest"),
        (
            "recovery_guest",
            "SELECT * FROM recovery WITH INDEX recovery_guest WHERE guest = $guest ORDER BY at DESC LIMIT $limit",
        ),
    ];
    Asked::of(&house).await.check(&house, &queries).await;
}

#[tokio::test]
async fn a_timeline_is_one_range_for_each_kind() {
    let house = House::open().await;
    let ranges = [
        ("alert_guest", "alert", "raised_at", "AND house = $house"),
        ("request_guest", "guest_request", "asked_at", "AND house = $house"),
        ("recovery_guest", "recovery", "at", ""),
        ("occurrence_guest", "occurrence", "due", "AND house = $house AND state != 'dropped' AND state != 'control'"),
        ("call_guest", "call", "at", "AND house = $house"),
        ("points_guest", "points", "at", "AND house = $house"),
        ("voucher_guest_at", "voucher", "at", "AND house = $house"),
    ];
    let mut queries: Vec<Planned> = Vec::new();
    let asked = Asked::of(&house).await;
    for (index, table, at, also) in ranges {
        for range in [
            String::new(),
            format!("AND {at} <= $at"),
            format!("AND {at} < $at"),
            format!("AND {at} <= $at AND ({at} < $at OR id < $last)"),
        ] {
            let query = format!(
                "SELECT * FROM {table} WITH INDEX {index} WHERE guest = $guest {range} {also} \
                 ORDER BY {at} DESC, id DESC LIMIT $limit"
            );
            queries.push((index, query, asked.bound().with("last", record(table, "x"))));
        }
    }
    for range in ["", "AND due <= $day", "AND due < $day", "AND due <= $day AND (due < $day OR id < $last)"] {
        let query = format!(
            "SELECT * FROM trace WITH INDEX trace_guest WHERE guest = $guest {range} AND house = $house \
             AND request = NONE AND recovery = NONE AND state != 'dropped' ORDER BY due DESC, id DESC LIMIT $limit"
        );
        queries.push(("trace_guest", query, asked.bound().with("last", record("trace", "x"))));
    }
    queries.push((
        "reservation_guest",
        "SELECT *, house.name AS house_name FROM reservation WHERE guest = $guest".to_owned(),
        asked.bound(),
    ));
    queries.push(("note_guest", "SELECT * FROM note WHERE guest = $guest".to_owned(), asked.bound()));
    none_walks(&house, queries).await;
}

#[tokio::test]
async fn work_is_found_by_index() {
    let house = House::open().await;
    let queries = [
        // What guests ask for.
        ("request_guest", "SELECT * FROM guest_request WHERE guest = $guest AND is_open = true"),
        (
            "request_guest",
            "SELECT * FROM guest_request WHERE guest = $guest AND asked_at > $at ORDER BY asked_at DESC LIMIT $limit",
        ),
        ("request_", "SELECT * FROM guest_request WHERE house = $house AND is_open = true ORDER BY day LIMIT $limit"),
        (
            "request_",
            "SELECT * FROM guest_request WHERE house = $house AND is_open = false AND day >= $day ORDER BY day DESC \
             LIMIT $limit",
        ),
        (
            "request_same",
            "SELECT VALUE id FROM guest_request WITH INDEX request_same WHERE guest = $guest AND kind = $kind \
             AND day = $day AND house = $house AND is_open = true LIMIT 1",
        ),
        (
            "request_department",
            "SELECT * FROM guest_request WITH INDEX request_department WHERE house = $house \
             AND department = $department AND is_open = true AND day <= $day",
        ),
        (
            "request_rings",
            "SELECT id FROM guest_request WHERE waits = true AND rings_at <= $at ORDER BY rings_at LIMIT $limit",
        ),
        ("trace_rings", "SELECT id FROM trace WHERE waits = true AND rings_at <= $at ORDER BY rings_at LIMIT $limit"),
        ("quick_text_house", "SELECT id, kind, text FROM quick_text WHERE house = $house"),
        // Traces, and who is to do them.
        (
            "trace_house",
            "SELECT count() AS count FROM trace WHERE house = $house AND department = 'floor' AND state = 'open' \
             AND due <= $day GROUP ALL",
        ),
        (
            "trace_assigned",
            "SELECT count() AS count FROM trace WHERE assigned = $staff AND state = 'open' AND due <= $day GROUP ALL",
        ),
        (
            "trace_assigned",
            "SELECT * FROM trace WITH INDEX trace_assigned WHERE assigned = $staff AND house = $house AND state = 'open' \
             AND due <= $day ORDER BY due LIMIT $limit",
        ),
        (
            "trace_assigned",
            "SELECT * FROM trace WITH INDEX trace_assigned WHERE assigned = $staff AND house = $house \
             AND state = 'resolved' AND due >= $day ORDER BY due DESC LIMIT $limit",
        ),
        (
            "trace_assigned",
            "SELECT assigned AS who, count() AS count FROM trace WHERE assigned = $staff AND state = 'open' GROUP BY who",
        ),
        ("trace_assigned", "SELECT id, department FROM trace WHERE assigned = $staff AND state = 'open' LIMIT $limit"),
        ("trace_rule_made", "SELECT * FROM trace WHERE rule = $rule AND state = 'open' AND due >= $day"),
        ("trace_request", "SELECT id FROM trace WHERE request = $request AND state = 'open'"),
        ("trace_recovery", "SELECT id FROM trace WHERE recovery = $recovery AND state = 'open'"),
        ("trace_rule_house", "SELECT * FROM trace_rule WHERE house = $house AND active = true"),
        ("trace_rule_house", "SELECT * FROM trace_rule WHERE house = $house"),
        ("staff", "SELECT id, name, role FROM staff WHERE house = $house AND active = true ORDER BY name"),
        (
            "reservation_arrival",
            "SELECT id FROM reservation WITH INDEX reservation_arrival WHERE house = $house AND status = 'checked_in'",
        ),
        (
            "reservation_arrival",
            "SELECT id FROM reservation WITH INDEX reservation_arrival WHERE house = $house AND status = 'reserved' \
             AND arrival >= $day AND arrival <= $day",
        ),
        ("preference_guest", "SELECT guest, code, house, contradicted_at FROM preference WHERE guest IN $among"),
        // Complaints.
        (
            "recovery_house_open",
            "SELECT * FROM recovery WITH INDEX recovery_house_open WHERE house = $house AND is_open = true \
             ORDER BY at DESC LIMIT $limit",
        ),
        (
            "recovery_house_open",
            "SELECT owner AS who, count() AS count FROM recovery WITH INDEX recovery_house_open WHERE house = $house \
             AND is_open = true GROUP BY who",
        ),
        (
            "recovery_house_open",
            "SELECT id, guest FROM recovery WITH INDEX recovery_house_open WHERE house = $house AND is_open = true \
             AND owner = $staff",
        ),
        (
            "recovery_month",
            "SELECT month, cause, place, severity FROM recovery WITH INDEX recovery_month WHERE house = $house \
             AND month >= $first AND month <= $last_month",
        ),
        ("recovery_step_of", "SELECT text, author_name, at FROM recovery_step WHERE recovery = $recovery ORDER BY at"),
    ];
    Asked::of(&house).await.check(&house, &queries).await;
}

#[tokio::test]
async fn what_is_counted_is_found_by_index() {
    let house = House::open().await;
    let queries = [
        ("lot_", "SELECT VALUE account FROM lot WHERE house = $house AND runs_out = true AND expires < $day"),
        ("lot_", "SELECT VALUE guest FROM lot WHERE house = $house AND runs_out = true AND expires = $day"),
        (
            "lot_account",
            "SELECT guest, house, remains, expires FROM lot WHERE account IN $accounts AND has_some = true",
        ),
        ("voucher_", "SELECT VALUE guest FROM voucher WHERE house = $house AND is_open = true AND expires = $day"),
        ("voucher_guest", "SELECT * FROM voucher WITH INDEX voucher_guest WHERE guest IN $among AND is_open = true"),
        ("voucher_", "SELECT * FROM voucher WHERE house = $house AND is_open = true AND expires < $day LIMIT $limit"),
        ("voucher_guest_at", "SELECT * FROM voucher WHERE guest = $guest ORDER BY at DESC LIMIT $limit"),
        (
            "points_account",
            "SELECT * FROM points WHERE account = $account AND number < $below ORDER BY number DESC LIMIT $limit",
        ),
        ("points_origin", "SELECT * FROM points WHERE origin IN $entries"),
        ("points_reservation", "SELECT * FROM points WHERE reservation IN $reservations"),
        ("tier_change_guest", "SELECT * FROM tier_change WHERE guest = $guest ORDER BY at DESC LIMIT $limit"),
        (
            "account_tier",
            "SELECT * FROM account WHERE programme = $programme AND has_tier = true AND tier_review <= $day LIMIT $limit",
        ),
        ("account_tier", "SELECT VALUE id FROM account WHERE programme = $programme LIMIT 1"),
        ("reservation_guest", "SELECT * FROM reservation WHERE guest IN $among"),
        ("rhythm_overdue", "SELECT VALUE guest FROM rhythm WHERE house = $house AND overdue = $day"),
        ("rhythm_overdue", "SELECT * FROM rhythm WHERE house = $house AND overdue > $day AND overdue <= $day"),
        ("affinity_house", "SELECT VALUE id FROM affinity WHERE house = $house AND at < $at LIMIT $limit"),
    ];
    Asked::of(&house).await.check(&house, &queries).await;
}

#[tokio::test]
async fn what_is_learnt_is_found_by_index() {
    let house = House::open().await;
    let queries = [
        (
            "drill_day_house",
            "SELECT staff, staff.name AS name, day, asked, known FROM drill_day WITH INDEX drill_day_house \
             WHERE house = $house AND day >= $day",
        ),
        ("drill_answer_at", "SELECT VALUE id FROM drill_answer WHERE at < $at LIMIT $limit"),
    ];
    Asked::of(&house).await.check(&house, &queries).await;
}

#[tokio::test]
async fn what_is_said_of_preferences_is_found_by_index() {
    let house = House::open().await;
    let queries = [
        ("preference_guest", "SELECT * FROM preference WHERE guest = $guest AND area = $kind"),
        ("preference_guest", "SELECT VALUE id FROM preference WHERE guest = $guest AND area = $kind"),
        ("preference_guest", "SELECT id, at, house, contradicted_at FROM preference WHERE guest = $guest"),
        (
            "reservation_guest",
            "SELECT id, arrival FROM reservation WITH INDEX reservation_guest \
             WHERE guest = $guest AND house = $house AND status = 'checked_in'",
        ),
        ("honour_reservation", "SELECT preference, reservation, outcome FROM honour WHERE reservation = $reservation"),
        ("honour_guest", "SELECT preference, reservation, outcome FROM honour WHERE guest = $guest"),
        ("honour_guest", "SELECT id FROM honour WHERE guest = $guest AND preference = $preference"),
        ("sighting_preference", "SELECT id FROM sighting WHERE preference = $preference"),
    ];
    Asked::of(&house).await.check(&house, &queries).await;
}
