use super::*;
use crate::{
    ids::{HouseId, StaffId},
    server::db::{Db, DbError, Vars},
};
use chrono::TimeDelta;

/// A guest who agreed to be written to, with a letter of each of two campaigns that is about to leave.
struct Scene {
    db: Db,
    now: DateTime<Utc>,
    guest: GuestId,
    starts: Vec<Start>,
}

impl Scene {
    async fn open() -> Self {
        let now: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().expect("an instant");
        let db = Db::in_memory().await.expect("a store");
        let guest = GuestId::new();
        let mut scene = Self { db, now, guest, starts: Vec::new() };
        let sql = "CREATE ONLY $guest SET revision = 1, first = 'Ana', last = 'Sousa', vip = 0, phones = [], \
                   emails = ['ana@post.example'], deceased = false, blocklisted = false, incognito = false, \
                   match_keys = [] RETURN NONE";
        scene.run(sql, vars()).await;
        scene.say(true).await;
        for _ in 0..2 {
            let start = scene.letter(CampaignId::new()).await;
            scene.starts.push(start);
        }
        scene
    }

    async fn run(&self, sql: &str, bound: Vars) {
        let bound = bound.with("guest", record("guest", self.guest)).with("now", self.now);
        self.db.query(sql, bound).await.expect("arranged");
    }

    /// The guest says yes or no to being written to.
    async fn say(&self, granted: bool) {
        let sql = "CREATE consent SET guest = $guest, channel = 'email', purpose = 'greetings', granted = $granted, \
                   source = 'colleague', at = $now, pending = false RETURN NONE";
        self.run(sql, vars().with("granted", granted)).await;
    }

    async fn letter(&self, campaign: CampaignId) -> Start {
        let id = OccurrenceId { campaign, guest: self.guest, date: "2026-11-23".to_owned() };
        let house = record("house", HouseId::new());
        self.run(
            "CREATE ONLY $campaign SET house = $house, kind = 'one_off', name = 'Winter', state = 'active', \
             revision = 1, settings = '{}', author = $author, author_name = 'Ana', created_at = $now RETURN NONE;
             FOR $gate IN $gates { CREATE $gate SET campaign = $campaign, open = true, passed = 0 RETURN NONE; };
             CREATE ONLY $row SET campaign = $campaign, house = $house, guest = $guest, date = '2026-11-23', \
             state = 'claimed', owner = 'me', lease = $lease, due = $now, until = $until, planned_at = $now, \
             revision = 1 RETURN NONE",
            vars()
                .with("lease", self.now + TimeDelta::minutes(1))
                .with("until", self.now + TimeDelta::hours(1))
                .with("campaign", record("campaign", campaign))
                .with("house", house)
                .with("author", record("staff", StaffId::new()))
                .with("gates", store::gates(campaign))
                .with("row", record("occurrence", &id)),
        )
        .await;
        Start {
            id,
            owner: "me".to_owned(),
            address: "hash".to_owned(),
            statements: 1,
            revision: 1,
            day: self.now.date_naive(),
        }
    }

    /// What stops these letters if they are put on the wire together.
    async fn stopped_by(&self, starts: &[Start]) -> Option<String> {
        let tx = add_sending(Tx::new(), starts, 0, self.now, self.now + TimeDelta::minutes(1));
        match self.db.commit(tx).await {
            Ok(_) => None,
            Err(DbError::Guard(word)) => Some(word),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn letters_to_one_guest_leave_together_where_nothing_was_said() {
    let scene = Scene::open().await;
    assert_eq!(scene.stopped_by(&scene.starts).await, None);
    assert_eq!(scene.stopped_by(&scene.starts).await.as_deref(), Some("claim"), "and once");
}

#[tokio::test]
async fn a_no_that_one_of_two_letters_knew_of_stops_the_other() {
    let scene = Scene::open().await;
    scene.say(false).await;
    let [before, mut after] = [scene.starts[0].clone(), scene.starts[1].clone()];
    // Looked at when the guest had said no to something else than this one.
    after.statements = 2;
    for together in [[before.clone(), after.clone()], [after.clone(), before.clone()]] {
        assert_eq!(scene.stopped_by(&together).await.as_deref(), Some("said"));
    }
    assert_eq!(scene.stopped_by(&[before]).await.as_deref(), Some("said"));
    assert_eq!(scene.stopped_by(&[after]).await, None);
}

#[tokio::test]
async fn what_speaks_against_a_guest_by_now_stops_a_letter() {
    for (set, stopped) in [
        ("UPDATE $guest SET deceased = true", Some("guest")),
        ("UPDATE $guest SET blocklisted = true", Some("guest")),
        ("UPDATE $guest SET incognito = true", Some("guest")),
        ("UPDATE $guest SET merged_into = guest:other", Some("guest")),
        ("DELETE $guest", Some("guest")),
        ("UPDATE $guest SET first = 'Anna'", None),
        ("UPSERT $hold SET guest = $guest, reason = 'x', author_name = 'Rui', at = $now", Some("hold")),
        (
            "UPSERT $hold SET guest = $guest, reason = 'x', until = '2026-11-23', author_name = 'Rui', at = $now",
            Some("hold"),
        ),
        ("UPSERT $hold SET guest = $guest, reason = 'x', until = '2026-11-22', author_name = 'Rui', at = $now", None),
        ("UPSERT $suppression SET reason = 'by_hand', at = $now", Some("suppressed")),
        ("UPDATE $campaign SET revision = 2", Some("changed")),
        ("UPDATE $gate SET open = false", Some("gate")),
        ("UPDATE $row SET lease = $now", Some("claim")),
        ("UPDATE $row SET until = $now", Some("claim")),
    ] {
        let scene = Scene::open().await;
        let campaign = scene.starts[1].id.campaign;
        let bound = vars()
            .with("hold", record("hold", scene.guest))
            .with("suppression", record("suppression", "hash"))
            .with("campaign", record("campaign", campaign))
            .with("gate", store::gate(campaign, 0))
            .with("row", record("occurrence", &scene.starts[1].id));
        scene.run(set, bound).await;
        assert_eq!(scene.stopped_by(&scene.starts).await.as_deref(), stopped, "{set}");
    }
}

#[tokio::test]
async fn an_open_complaint_stops_a_letter_and_a_promise_alone_does_not() {
    for (state, stopped) in [("open", Some("complaint")), ("mended", Some("complaint")), ("closed", None)] {
        let scene = Scene::open().await;
        let sql = "CREATE recovery SET house = house:one, guest = $guest, what = 'Noise', cause = 'noise', \
                   place = 'room', severity = 1, owner = staff:one, owner_name = 'Rui', promise = 'Quiet', \
                   state = $state, month = '2026-11', author = staff:one, author_name = 'Rui', at = $now RETURN NONE";
        scene.run(sql, vars().with("state", state)).await;
        assert_eq!(scene.stopped_by(&scene.starts).await.as_deref(), stopped, "{state}");
    }
}
