//! The parts of the outbox: what is still to leave and when, and what keeps the rest.

use crate::{
    harness::{Device, House, monday},
    letters_pages::campaign,
    letters_signed::occurrence,
};
use chrono::{NaiveDate, TimeDelta};
use rapport::{
    campaigns::{
        OccurrenceId, OccurrenceState,
        outbox_api::{OutboxLine, Show, ShowOutbox},
    },
    server::db::{record, vars},
};

/// Lets it leave so long from Monday, 09:00 in Lisbon.
async fn leaves(house: &House, id: &OccurrenceId, after: TimeDelta) {
    house
        .db
        .query(
            "UPDATE ONLY $id SET due = $due, until = $until RETURN NONE",
            vars()
                .with("id", record("occurrence", id))
                .with("due", monday() + after)
                .with("until", monday() + after + TimeDelta::hours(72)),
        )
        .await
        .expect("kept");
}

/// All pages of a part.
async fn part(device: &mut Device, show: Show) -> Vec<OutboxLine> {
    // The words in the page's address and on the wire differ in one.
    let code = if show == Show::UnderWay { "under_way" } else { show.slug() };
    let (mut lines, mut after) = (Vec::new(), None::<String>);
    loop {
        let mut fields = vec![("show", code.to_owned())];
        fields.extend(after.take().map(|after| ("after", after)));
        let page = device.call::<ShowOutbox>(&fields).await.expect("a page");
        assert_eq!(page.show, show);
        lines.extend(page.lines);
        match page.next {
            Some(next) => after = Some(next),
            None => return lines,
        }
    }
}

#[tokio::test]
async fn what_is_to_leave_later_is_listed_with_its_hour_in_the_house() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let campaign = campaign(&mut marketing).await;
    let guest = house.guest("M0001").await;
    let mut ids = Vec::new();
    for (day, state, after) in [
        ("2026-11-24", "planned", TimeDelta::hours(24)),
        ("2026-11-25", "planned", TimeDelta::minutes(1)),
        ("2026-11-26", "planned", TimeDelta::zero()),
        ("2026-11-27", "awaiting", TimeDelta::hours(48)),
        ("2026-11-28", "held", TimeDelta::hours(-1)),
        // In summer the house's clock is an hour ahead of the store's.
        ("2027-06-01", "planned", TimeDelta::days(190)),
    ] {
        let id = occurrence(&house, campaign, guest, day, state).await;
        leaves(&house, &id, after).await;
        ids.push(id);
    }
    let scheduled = part(&mut marketing, Show::Scheduled).await;
    let told: Vec<_> = scheduled.iter().map(|line| (line.id.clone(), line.due.as_str())).collect();
    let next_first = [
        (ids[1].clone(), "2026-11-23 09:01"),
        (ids[0].clone(), "2026-11-24 09:00"),
        (ids[5].clone(), "2027-06-01 10:00"),
    ];
    assert_eq!(told, next_first);
    for (show, state, id) in [
        (Show::Awaiting, OccurrenceState::Awaiting, &ids[3]),
        (Show::Held, OccurrenceState::Held, &ids[4]),
        (Show::UnderWay, OccurrenceState::Planned, &ids[2]),
    ] {
        let lines = part(&mut marketing, show).await;
        assert_eq!(lines.iter().map(|line| (line.state, &line.id)).collect::<Vec<_>>(), [(state, id)], "{show:?}");
    }
    let page = marketing.get("/campaigns/outbox?show=scheduled").await.text().await.expect("a page");
    assert!(page.contains("24 Nov 2026, 09:00") && page.contains("?show=awaiting"), "{page}");
    assert!(!page.contains("zhang.wei@post.example"), "{page}");
    // Its hour comes, and it is under way.
    house.clock.advance(TimeDelta::minutes(1));
    let scheduled = part(&mut marketing, Show::Scheduled).await;
    assert_eq!(scheduled.iter().map(|line| &line.id).collect::<Vec<_>>(), [&ids[0], &ids[5]]);
    assert_eq!(part(&mut marketing, Show::UnderWay).await.len(), 2);
}

#[tokio::test]
async fn a_long_schedule_is_read_page_by_page() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let campaign = campaign(&mut marketing).await;
    let guest = house.guest("M0001").await;
    let mut ids = Vec::new();
    for number in 0..120 {
        let date = NaiveDate::from_ymd_opt(2027, 1, 1).expect("a day") + TimeDelta::days(number);
        let id = occurrence(&house, campaign, guest, &date.to_string(), "planned").await;
        // Three at a time leave together.
        leaves(&house, &id, TimeDelta::hours(1 + number / 3)).await;
        ids.push(id);
    }
    let listed: Vec<_> = part(&mut marketing, Show::Scheduled).await.into_iter().map(|line| line.id).collect();
    assert_eq!(listed, ids, "each once, in the order in which they leave");
}
