//! Campaigns as marketing plans them: who may, what is refused, who is told, and what must be confirmed.

use crate::harness::{Device, HEADER, House};
use rapport::{
    campaigns::{
        CampaignState, PauseReason,
        api::{
            ActivateCampaign, ApproveCampaign, CountSegment, EndCampaign, ListCampaigns, PauseCampaign, ResumeCampaign,
            SaveCampaign, ShowCalendar, ShowCampaign, ShowPreflight, SubmitCampaign,
        },
        form::Saved,
        pages::{CampaignPage, Outcome, PreflightPage},
        store,
    },
    error::{AppError, Problem},
    ids::CampaignId,
    server::db::vars,
    staff::Role,
};

pub type Fields = Vec<(&'static str, String)>;

/// A form as the page of a new campaign sends it.
pub fn form(kind: &str, name: &str) -> Fields {
    let texts = [
        ("kind", kind),
        ("revision", "0"),
        ("form[name]", name),
        ("form[stages]", "12, 24, 36"),
        ("form[days_after]", "2"),
        ("form[every_days]", "30"),
        ("form[lead_days]", "0"),
        ("form[leap_day]", "february_28"),
        ("form[send_at]", "09:00"),
        ("form[zone]", "house"),
        ("form[quiet_from]", "21:00"),
        ("form[quiet_to]", "08:00"),
        ("form[grace_hours]", "72"),
        ("form[starts]", ""),
        ("form[ends]", ""),
        ("form[daily_cap]", "2"),
        ("form[frequency_days]", "14"),
        ("form[control_percent]", "0"),
        ("form[fallback_language]", "en"),
        ("form[signer]", "Clara Sousa"),
        ("form[signer_title]", "General Manager"),
        ("form[personal_from_vip]", ""),
        ("form[segment][nationalities]", ""),
        ("form[segment][vip_from]", "0"),
        ("form[segment][age_from]", ""),
        ("form[segment][age_to]", ""),
        ("form[segment][nights_from]", ""),
        ("form[segment][last_stay_from]", ""),
        ("form[segment][last_stay_to]", ""),
    ];
    texts.map(|(field, text)| (field, text.to_owned())).into()
}

pub fn with(mut fields: Fields, changes: &[(&'static str, &str)]) -> Fields {
    for (name, text) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, (*text).to_owned()));
    }
    fields
}

async fn save(device: &mut Device, fields: &Fields) -> Saved {
    device.call::<SaveCampaign>(fields).await.expect("an answer")
}

pub async fn made(device: &mut Device, fields: &Fields) -> CampaignId {
    match save(device, fields).await {
        Saved::Done(id) => id,
        Saved::Refused(page) => panic!("{:?}", page.errors),
    }
}

pub fn at(id: CampaignId) -> Fields {
    vec![("campaign", id.to_string())]
}

pub fn at_revision(id: CampaignId, revision: i64) -> Fields {
    vec![("campaign", id.to_string()), ("revision", revision.to_string())]
}

pub async fn shown(device: &mut Device, id: CampaignId) -> CampaignPage {
    device.call::<ShowCampaign>(&at(id)).await.expect("a campaign")
}

async fn preflight(device: &mut Device, id: CampaignId) -> PreflightPage {
    device.call::<ShowPreflight>(&at(id)).await.expect("a preflight")
}

pub async fn page(device: &mut Device, path: &str) -> String {
    let answer = device.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.expect("a page")
}

/// How many of a campaign's gates are open.
async fn open_gates(house: &House, id: CampaignId) -> usize {
    let open: Vec<bool> = house
        .db
        .rows("SELECT VALUE open FROM $gates", vars().with("gates", store::gates(id)))
        .await
        .expect("an answer");
    assert_eq!(open.len(), store::GATES as usize);
    open.into_iter().filter(|open| *open).count()
}

/// Guests who left in March 2025 and agreed to letters, with birthdays in December.
async fn long_gone(house: &House, numbers: std::ops::Range<u32>) {
    let rows: Vec<_> = numbers
        .map(|number| {
            format!(
                "{number},CITY,Ms,Ana{number},Sousa{number},,PRT,pt,ana{number}@post.example,+351 912 55{number},\
                 1980-12-05,,M{number},2025-03-01,2025-03-04,A,401,1,0,BB,99,EUR,Direct,CHECKED OUT,,,Y"
            )
        })
        .collect();
    house.import(&format!("{HEADER}\n{}\n", rows.join("\n"))).await;
}

#[tokio::test]
async fn only_marketing_and_managers_plan_greetings() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let id = made(&mut marketing, &form("birthday", "Birthday, house letter")).await;
    for role in Role::ALL {
        let mut device = house.device(role.code(), "desk").await;
        if matches!(role, Role::Marketing | Role::Manager) {
            assert_eq!(device.call::<ListCampaigns>(&[]).await.expect("a list").lines.len(), 1, "{role:?}");
            continue;
        }
        assert_eq!(device.call::<ListCampaigns>(&[]).await, Err(AppError::Forbidden), "{role:?}");
        assert_eq!(device.call::<ShowCampaign>(&at(id)).await, Err(AppError::Forbidden), "{role:?}");
        assert_eq!(device.call::<ShowPreflight>(&at(id)).await, Err(AppError::Forbidden), "{role:?}");
        assert_eq!(device.call::<ShowCalendar>(&[]).await, Err(AppError::Forbidden), "{role:?}");
        assert_eq!(device.call::<CountSegment>(&[]).await, Err(AppError::Forbidden), "{role:?}");
        assert_eq!(device.call::<SaveCampaign>(&form("offer", "x")).await, Err(AppError::Forbidden), "{role:?}");
        assert_eq!(device.call::<SubmitCampaign>(&at(id)).await, Err(AppError::Forbidden), "{role:?}");
        assert_eq!(device.call::<ApproveCampaign>(&at_revision(id, 1)).await, Err(AppError::Forbidden), "{role:?}");
        assert_eq!(device.call::<ActivateCampaign>(&at_revision(id, 1)).await, Err(AppError::Forbidden), "{role:?}");
        assert_eq!(device.call::<ResumeCampaign>(&at_revision(id, 1)).await, Err(AppError::Forbidden), "{role:?}");
        assert_eq!(device.call::<PauseCampaign>(&at(id)).await, Err(AppError::Forbidden), "{role:?}");
        assert_eq!(device.call::<EndCampaign>(&at(id)).await, Err(AppError::Forbidden), "{role:?}");
        for path in ["/campaigns".to_owned(), format!("/campaigns/{id}/preflight"), "/campaigns/calendar".to_owned()] {
            assert_eq!(device.get(&path).await.status(), 403, "{role:?} at {path}");
        }
    }
    assert_eq!(shown(&mut marketing, id).await.campaign.state, CampaignState::Draft, "nothing has changed");
}

#[tokio::test]
async fn a_birthday_campaign_from_an_empty_page_to_its_end() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    assert!(page(&mut marketing, "/campaigns").await.contains("No campaign yet"));
    assert!(page(&mut marketing, "/campaigns/new").await.contains("/campaigns/new?kind=birthday"));
    assert!(page(&mut marketing, "/campaigns/new?kind=birthday").await.contains("name=\"form[send_at]\""));

    // Without scripts: the form leads to the campaign.
    let answer = marketing.post("/api/save_campaign", &form("birthday", "Birthday, house letter"), "text/html").await;
    assert_eq!(answer.status(), 302);
    let to = answer.headers()["location"].to_str().expect("an address").to_owned();
    let id: CampaignId = to.strip_prefix("/campaigns/").expect("its page").parse().expect("an id");
    let now = shown(&mut marketing, id).await;
    assert_eq!(now.campaign.languages, ["en", "es", "zh"], "it begins with the house's letters");
    assert_eq!((now.campaign.state, now.campaign.revision, now.is_own), (CampaignState::Draft, 1, true));
    assert_eq!(open_gates(&house, id).await, 0);
    assert!(page(&mut marketing, &to).await.contains("See whom it reaches, and begin"));

    // Two whose birthday falls in house today; nobody is due already.
    let found = preflight(&mut marketing, id).await;
    assert_eq!((found.backlog, found.days), (0, 30));
    let groups: Vec<_> = found.groups.iter().map(|group| (group.outcome, group.count)).collect();
    assert_eq!(groups, [(Outcome::Trace, 2)]);
    let fields = [at(id), vec![("show", "trace".to_owned())]].concat();
    let traces = marketing.call::<ShowPreflight>(&fields).await.expect("a preflight").people;
    let mut names: Vec<_> = traces.iter().map(|person| person.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Mr Zhang", "Mrs Müller-Baptista"]);
    assert!(traces.iter().all(|person| person.detail.is_none()), "rooms are not for marketing");

    marketing.call::<ActivateCampaign>(&at_revision(id, 1)).await.expect("activated");
    assert_eq!(open_gates(&house, id).await, store::GATES as usize);
    let again = marketing.call::<ActivateCampaign>(&at_revision(id, 1)).await;
    assert_eq!(again, Err(AppError::Conflict("The marketing".to_owned())));
    let list = page(&mut marketing, "/campaigns").await;
    for part in ["On a guest’s birthday at 09:00", "Birthday, house letter", "Under way"] {
        assert!(list.contains(part), "{part}");
    }

    let mut manager = house.device("manager", "desk").await;
    manager.call::<PauseCampaign>(&at(id)).await.expect("paused");
    assert_eq!(open_gates(&house, id).await, 0, "nothing starts any more");
    let now = shown(&mut marketing, id).await;
    assert_eq!(
        (now.campaign.pause, now.campaign.paused_by.as_deref()),
        (Some(PauseReason::ByHand), Some("The manager"))
    );
    assert_eq!(manager.call::<PauseCampaign>(&at(id)).await, Err(AppError::Conflict("The manager".to_owned())));
    assert!(page(&mut marketing, "/campaigns").await.contains("The manager paused it."));
    marketing.call::<ResumeCampaign>(&at_revision(id, 1)).await.expect("it goes on");
    assert_eq!(open_gates(&house, id).await, store::GATES as usize);

    marketing.call::<EndCampaign>(&at(id)).await.expect("ended");
    assert_eq!(open_gates(&house, id).await, 0);
    assert_eq!(marketing.call::<EndCampaign>(&at(id)).await, Err(AppError::Conflict("The marketing".to_owned())));
    let edited = with(form("birthday", "Again"), &[("revision", "1")]);
    let edited = [edited, at(id)].concat();
    assert_eq!(
        marketing.call::<SaveCampaign>(&edited).await,
        Err(AppError::Conflict("The marketing".to_owned())),
        "what has ended stays as it was"
    );
}

#[tokio::test]
async fn what_is_changed_while_it_is_active_waits_until_somebody_has_looked() {
    let house = House::open().await;
    let mut marketing = house.device("marketing", "desk").await;
    let id = made(&mut marketing, &form("birthday", "House letter")).await;
    marketing.call::<ActivateCampaign>(&at_revision(id, 1)).await.expect("activated");
    let changed = [with(form("birthday", "House letter"), &[("revision", "1"), ("form[zone]", "guest")]), at(id)];
    made(&mut marketing, &changed.concat()).await;
    assert_eq!(open_gates(&house, id).await, 0);
    let now = shown(&mut marketing, id).await.campaign;
    assert_eq!((now.state, now.pause, now.revision), (CampaignState::Paused, Some(PauseReason::Changed), 2));
    let resumed = marketing.call::<ResumeCampaign>(&at_revision(id, 2)).await;
    assert!(matches!(resumed, Err(AppError::Conflict(_))), "not without a look: {resumed:?}");
    let stale = marketing.call::<ActivateCampaign>(&at_revision(id, 1)).await;
    assert!(matches!(stale, Err(AppError::Conflict(_))), "not what somebody else made of it: {stale:?}");
    marketing.call::<ActivateCampaign>(&at_revision(id, 2)).await.expect("it goes on");
    assert_eq!(open_gates(&house, id).await, store::GATES as usize);
}

#[tokio::test]
async fn a_backlog_is_confirmed_by_its_number() {
    let house = House::open().await;
    long_gone(&house, 2001..2004).await;
    let mut marketing = house.device("marketing", "desk").await;
    let id = made(&mut marketing, &form("lapsed", "We miss you")).await;
    let found = preflight(&mut marketing, id).await;
    assert_eq!((found.backlog, found.backlog_days), (3, 2), "two a day");
    assert_eq!(found.people.len(), 3);
    let told = page(&mut marketing, &format!("/campaigns/{id}/preflight")).await;
    assert!(told.contains("Yes, write to 3 guests over 2 days") && told.contains("value=\"3\""));
    let skipped = page(&mut marketing, &format!("/campaigns/{id}/preflight?show=skipped&reason=no_consent")).await;
    assert!(skipped.contains("Mr Zander") && skipped.contains("has not agreed to letters"));

    let now_it_is = |count| Err(AppError::field("confirmed", Problem::NumberChanged(count)));
    let confirmed = |count: u32| [at_revision(id, 1), vec![("confirmed", count.to_string())]].concat();
    assert_eq!(marketing.call::<ActivateCampaign>(&at_revision(id, 1)).await, now_it_is(3));
    assert_eq!(marketing.call::<ActivateCampaign>(&confirmed(2)).await, now_it_is(3));
    assert_eq!(marketing.last_status, 422);
    // One more has been away for so long by the time that the form arrives.
    long_gone(&house, 2004..2005).await;
    let answer = marketing.post("/api/activate_campaign", &confirmed(3), "text/html").await;
    assert_eq!(answer.status(), 302);
    let told = page(&mut marketing, &format!("/campaigns/{id}/preflight")).await;
    assert!(told.contains("by now it would be 4 guests") && told.contains("value=\"4\""));
    assert_eq!(shown(&mut marketing, id).await.campaign.state, CampaignState::Draft);
    marketing.call::<ActivateCampaign>(&confirmed(4)).await.expect("activated");
    assert_eq!(shown(&mut marketing, id).await.campaign.state, CampaignState::Active);
}

#[tokio::test]
async fn sixty_days_lead_to_their_names() {
    let house = House::open().await;
    long_gone(&house, 2001..2003).await;
    let mut marketing = house.device("marketing", "desk").await;
    let id = made(&mut marketing, &form("birthday", "House letter")).await;
    let ended = made(&mut marketing, &form("birthday", "Last year's")).await;
    marketing.call::<EndCampaign>(&at(ended)).await.expect("ended");
    let calendar = marketing.call::<ShowCalendar>(&[]).await.expect("a calendar");
    assert_eq!(calendar.campaigns.iter().map(|column| column.id).collect::<Vec<_>>(), [id]);
    assert_eq!((calendar.days.len(), calendar.today.as_str()), (60, "2026-11-23"));
    let counted: Vec<_> = calendar
        .days
        .iter()
        .filter(|day| day.counts != [0])
        .map(|day| (day.date.as_str(), day.counts.clone()))
        .collect();
    assert_eq!(counted, [("2026-11-23", vec![2]), ("2026-12-05", vec![2])]);

    let told = page(&mut marketing, "/campaigns/calendar?day=2026-12-05").await;
    for part in ["Ms Sousa2001", "Ms Sousa2002", "5 December 2026"] {
        assert!(told.contains(part), "{part}");
    }
    let fields = [("day", "2026-11-23".to_owned()), ("campaign", id.to_string())];
    let names = marketing.call::<ShowCalendar>(&fields).await.expect("a calendar").shown.expect("the day");
    assert!(names.people.iter().all(|(of, person)| *of == id && person.outcome == Outcome::Trace));
    assert_eq!((names.people.len(), names.next), (2, None));
    assert!(page(&mut marketing, "/campaigns/calendar?day=nonsense").await.contains("The coming sixty days"));
}
