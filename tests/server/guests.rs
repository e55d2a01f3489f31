//! Profiles: found by whatever is known of them, changed without losing what anyone typed.

use crate::harness::{Device, House, PASSWORD};
use leptos::server_fn::ServerFn;
use rapport::{
    error::{AppError, Problem},
    guests::{
        Note,
        api::{AddNote, AddPreference, GuestForm as GuestFormCall, OpenCard, RemoveNote, SaveGuest, Search},
        form::{GuestForm, Saved},
    },
    ids::GuestId,
    server::db::{record, vars},
    staff::api::AddStaff,
    stays::Presence,
};
use std::time::Duration;

async fn found(device: &mut Device, query: &str) -> Vec<String> {
    let lines = device.call::<Search>(&[("q", query.to_owned())]).await.expect("an answer");
    lines.into_iter().map(|line| line.name.last).collect()
}

#[tokio::test]
async fn a_guest_is_found_by_whatever_is_known() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    for query in [
        "zhang",
        "Zhang Wei",
        "wei zhang",
        "zha",
        "ZHANG",
        "张伟",
        "张",
        "zhangwei",
        "904",
        "139 1234 5678",
        "0086 139 1234 5678",
        "+8613912345678",
        "1234567",
        "zhang.wei@post.example",
        "zhang.wei@",
        "M0001",
        "m0001",
    ] {
        assert_eq!(found(&mut desk, query).await.first().map(String::as_str), Some("Zhang"), "{query:?}");
    }
    for query in ["muller", "Mueller", "Müller", "baptista josefa", "josefa mul", "müller-baptista"] {
        assert_eq!(found(&mut desk, query).await, ["Müller-Baptista"], "{query:?}");
    }
    for query in ["oneill", "o'neill", "siobhan", "Siobhán O"] {
        assert_eq!(found(&mut desk, query).await, ["O'Neill"], "{query:?}");
    }
    assert_eq!(found(&mut desk, "nobody of that name").await, [""; 0]);
}

#[tokio::test]
async fn guests_in_house_come_first_then_those_due_in() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let lines = desk.call::<Search>(&[("q", "wei".to_owned())]).await.expect("an answer");
    let order: Vec<_> = lines.iter().map(|line| (line.name.first.as_str(), line.presence)).collect();
    assert_eq!(order, [("Wei", Presence::InHouse), ("Weimar", Presence::Elsewhere)]);
}

#[tokio::test]
async fn a_role_searches_only_by_what_it_may_see() {
    let house = House::open().await;
    let mut floor = house.device("floor", "floor").await;
    for query in ["zhang.wei@post.example", "13912345678", "M0001"] {
        assert_eq!(found(&mut floor, query).await, [""; 0], "{query:?}");
    }
    assert_eq!(found(&mut floor, "904").await, ["Zhang"]);
    let mut concierge = house.device("concierge", "desk").await;
    assert_eq!(found(&mut concierge, "13912345678").await, ["Zhang"]);
    let mut marketing = house.device("marketing", "desk").await;
    assert_eq!(found(&mut marketing, "904").await, [""; 0], "marketing does not see rooms");
}

#[tokio::test]
async fn what_is_edited_is_found_at_once() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let form = GuestForm {
        first: "Anaïs".into(),
        last: "Lefèvre".into(),
        vip: "1".into(),
        emails: "ANAIS@Example.org".into(),
        phones: "+33 6 63 48 68 28".into(),
        birthday: "--02-29".into(),
        ..GuestForm::default()
    };
    let Saved::Done(_) = save(&mut desk, None, 0, &form).await else { panic!("refused") };
    for query in ["lefevre", "anais@example.org", "663486828"] {
        let mut tries = 0;
        while found(&mut desk, query).await != ["Lefèvre"] {
            tries += 1;
            assert!(tries < 100, "{query:?} is not found");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn save(device: &mut Device, guest: Option<GuestId>, revision: i64, form: &GuestForm) -> Saved {
    device.call::<SaveGuest>(&fields(guest, revision, form)).await.expect("an answer")
}

fn fields(guest: Option<GuestId>, revision: i64, form: &GuestForm) -> Vec<(&'static str, String)> {
    let mut fields = vec![("revision", revision.to_string())];
    if let Some(guest) = guest {
        fields.push(("guest", guest.to_string()));
    }
    let names = [
        ("salutation", "form[salutation]"),
        ("first", "form[first]"),
        ("last", "form[last]"),
        ("native", "form[native]"),
        ("say", "form[say]"),
        ("language", "form[language]"),
        ("nationality", "form[nationality]"),
        ("vip", "form[vip]"),
        ("membership", "form[membership]"),
        ("birthday", "form[birthday]"),
        ("phones", "form[phones]"),
        ("emails", "form[emails]"),
        ("address", "form[address]"),
        ("deceased", "form[deceased]"),
        ("blocklisted", "form[blocklisted]"),
        ("incognito", "form[incognito]"),
    ];
    for (name, value) in form.fields() {
        let key = names.iter().find(|(field, _)| *field == name).expect("a field").1;
        if !value.is_empty() {
            fields.push((key, value));
        }
    }
    fields
}

#[tokio::test]
async fn every_refused_field_is_named_and_nothing_typed_is_lost() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let typed = GuestForm {
        first: "Bad\u{202E}name".into(),
        last: "Kept".into(),
        vip: "9".into(),
        emails: "not an address".into(),
        phones: "12".into(),
        birthday: "31/02/1980".into(),
        language: "klingon".into(),
        ..GuestForm::default()
    };
    let Saved::Refused(page) = save(&mut desk, None, 0, &typed).await else { panic!("it was accepted") };
    assert_eq!(page.form, typed);
    let mut refused: Vec<_> = page.errors.iter().map(|error| error.field.as_str()).collect();
    refused.sort_unstable();
    assert_eq!(refused, ["birthday", "emails", "first", "language", "phones", "vip"]);
    assert_eq!(found(&mut desk, "kept").await, [""; 0], "nothing was written");
}

#[tokio::test]
async fn a_refused_form_comes_back_without_scripts_too() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let typed = GuestForm { first: "Typed".into(), emails: "nonsense".into(), vip: "0".into(), ..GuestForm::default() };
    let answer =
        desk.post(<SaveGuest as leptos::server_fn::ServerFn>::PATH, &fields(None, 0, &typed), "text/html").await;
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], "/guests/new?draft=1");
    let page = desk.call::<GuestFormCall>(&[("draft", "true".to_owned())]).await.expect("the page");
    assert_eq!(page.form, typed);
    assert_eq!(page.errors.len(), 1);
}

#[tokio::test]
async fn two_who_edit_at_once_are_shown_each_others_changes() {
    let house = House::open().await;
    let guest = house.guest("M0003").await;
    let open = [("guest", guest.to_string()), ("draft", "false".to_owned())];
    let (mut li, mut clara) = (house.device("reception", "desk").await, house.device("manager", "desk").await);
    let at_desk = li.call::<GuestFormCall>(&open).await.expect("a form");
    let at_office = clara.call::<GuestFormCall>(&open).await.expect("a form");
    let theirs = GuestForm { say: "KAY-ko".into(), ..at_office.form };
    assert_eq!(save(&mut clara, Some(guest), at_office.revision, &theirs).await, Saved::Done(guest));
    let mine = GuestForm { salutation: "Prof".into(), ..at_desk.form };
    let Saved::Refused(page) = save(&mut li, Some(guest), at_desk.revision, &mine).await else {
        panic!("the colleague's change was overwritten")
    };
    assert_eq!(page.form.salutation, "Prof", "what was typed is kept");
    assert_eq!(page.form.say, "KAY-ko", "what was left alone follows the colleague");
    assert_eq!(page.changed.len(), 1);
    let change = &page.changed[0];
    assert_eq!((change.field.as_str(), change.was.as_str(), change.is.as_str()), ("say", "", "KAY-ko"));
    assert_eq!(save(&mut li, Some(guest), page.revision, &page.form).await, Saved::Done(guest));
    let now = li.call::<GuestFormCall>(&open).await.expect("a form").form;
    assert_eq!((now.salutation.as_str(), now.say.as_str()), ("Prof", "KAY-ko"));
}

#[tokio::test]
async fn notes_reach_their_audience_and_preferences_their_roles() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut manager = house.device("manager", "desk").await;
    for (text, audience) in [("for everyone", "everyone"), ("for managers", "managers"), ("for hosts", "restaurant")] {
        let fields = [("guest", guest.to_string()), ("text", text.to_owned()), ("audience", audience.to_owned())];
        manager.call::<AddNote>(&fields).await.expect("a note");
    }
    let mut host = house.device("host", "restaurant").await;
    let card = host.call::<OpenCard>(&[("guest", guest.to_string())]).await.expect("a card");
    let mut notes: Vec<_> = card.notes().iter().map(|note| note.text.as_str()).collect();
    notes.sort_unstable();
    assert_eq!(notes, ["for everyone", "for hosts"]);
    let room = [("guest", guest.to_string()), ("group", "room".to_owned()), ("value", "Balcony".to_owned())];
    assert_eq!(host.call::<AddPreference>(&room).await, Err(AppError::Forbidden), "hosts do not see room wishes");
    let empty = [("guest", guest.to_string()), ("group", "drinks".to_owned()), ("value", "  ".to_owned())];
    assert_eq!(host.call::<AddPreference>(&empty).await, Err(AppError::field("value", Problem::Empty)));
}

async fn notes_of(device: &mut Device, guest: GuestId) -> Vec<Note> {
    device.call::<OpenCard>(&[("guest", guest.to_string())]).await.expect("a card").notes().to_vec()
}

#[tokio::test]
async fn a_note_is_taken_back_by_its_author_and_by_no_namesake() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut manager = house.device("manager", "desk").await;
    let namesake = [
        ("login", "namesake".to_owned()),
        ("name", "The host".to_owned()),
        ("role", "host".to_owned()),
        ("password", PASSWORD.to_owned()),
    ];
    manager.call::<AddStaff>(&namesake).await.expect("added");
    let mut host = house.device("host", "restaurant").await;
    let mut namesake = house.device("namesake", "restaurant").await;
    for text in ["first", "second"] {
        let fields = [("guest", guest.to_string()), ("text", text.to_owned()), ("audience", "restaurant".to_owned())];
        host.call::<AddNote>(&fields).await.expect("a note");
    }
    let notes = notes_of(&mut namesake, guest).await;
    let removal = |note: &Note| [("guest", guest.to_string()), ("note", note.id.to_string())];
    for note in &notes {
        assert_eq!(note.by, "The host");
        assert_eq!(namesake.call::<RemoveNote>(&removal(note)).await, Err(AppError::Forbidden));
    }
    host.call::<RemoveNote>(&removal(&notes[0])).await.expect("one's own");

    // As it was written before notes said who wrote them.
    let older = vars().with("note", record("note", notes[1].id));
    house.db.query("UPDATE $note SET staff = NONE RETURN NONE", older).await.expect("stored");
    assert_eq!(host.call::<RemoveNote>(&removal(&notes[1])).await, Err(AppError::Forbidden));
    manager.call::<RemoveNote>(&removal(&notes[1])).await.expect("a manager may");
    assert!(notes_of(&mut host, guest).await.is_empty());
}

#[tokio::test]
async fn nobody_writes_a_note_that_they_could_not_read() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    for (role, audience) in [("host", "managers"), ("reception", "restaurant"), ("floor", "desk"), ("host", "all")] {
        let mut device = house.device(role, "desk").await;
        let fields = [("guest", guest.to_string()), ("text", "a word".to_owned()), ("audience", audience.to_owned())];
        let problem = Problem::NotKnown(audience.to_owned(), "@listed".to_owned());
        let refused = device.call::<AddNote>(&fields).await;
        assert_eq!(refused, Err(AppError::field("audience", problem)), "{role} for {audience}");
    }
    let mut manager = house.device("manager", "desk").await;
    assert!(notes_of(&mut manager, guest).await.is_empty());
}

#[tokio::test]
async fn a_refused_note_or_preference_comes_back_without_scripts_too() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let card = format!("/guests/{guest}");
    let note =
        [("guest", guest.to_string()), ("text", "Sits by the\u{0} window".to_owned()), ("audience", "desk".to_owned())];
    let preference = [
        ("guest", guest.to_string()),
        ("group", "drinks".to_owned()),
        ("value", "Green\u{0} tea".to_owned()),
        ("stated", "false".to_owned()),
    ];
    for (path, fields, typed, chosen) in [
        (AddNote::PATH, &note[..], "Sits by the", "value=\"desk\" selected"),
        (AddPreference::PATH, &preference[..], "Green", "value=\"drinks\" selected"),
    ] {
        let answer = desk.post(path, fields, "text/html").await;
        assert_eq!(answer.status(), 302);
        assert_eq!(answer.headers()["location"], card, "{path}: nothing of it is in the address");
        let page = desk.get(&card).await.text().await.expect("a page");
        assert!(page.contains(typed) && page.contains(chosen), "{path}: what was typed");
        assert!(page.contains("contains a character that cannot be used here"), "{path}: and why it was refused");
        let page = desk.get(&card).await.text().await.expect("a page");
        assert!(!page.contains(typed), "{path}: once");
    }
    // Where the form stood on another page, it comes back there, and not with another guest's card.
    let body = format!("guest={guest}&text=%00Quiet&audience=desk");
    let answer = desk
        .http
        .post(format!("{}{}", desk.base, AddNote::PATH))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html")
        .header("cookie", desk.cookie_header())
        .header("referer", format!("{}/desk?list=due-out&guest={guest}", desk.base))
        .body(body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.headers()["location"], format!("/desk?list=due-out&guest={guest}"));
    let other = house.guest("M0002").await;
    let page = desk.get(&format!("/guests/{other}")).await.text().await.expect("a page");
    assert!(!page.contains("Quiet</textarea>"));
}

#[tokio::test]
async fn a_profile_is_changed_by_those_who_may() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    for role in ["floor", "host", "concierge", "marketing", "admin"] {
        let mut device = house.device(role, "floor").await;
        let form = GuestForm { last: "Changed".into(), vip: "0".into(), ..GuestForm::default() };
        let refused = device.call::<SaveGuest>(&fields(Some(guest), 1, &form)).await;
        assert_eq!(refused, Err(AppError::Forbidden), "{role}");
    }
}
