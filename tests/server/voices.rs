//! Guests' own voices: kept of those who agree, told to open cards, heard by those who serve and by nobody else, and
//! gone when the guest does not agree any more.

use crate::harness::{Device, House, PASSWORD};
use chrono::TimeDelta;
use leptos::server_fn::ServerFn;
use rapport::{
    error::AppError,
    guests::api::OpenCard,
    ids::GuestId,
    names::{
        VOICE_BYTES, VoiceAnswer,
        api::{Tonight, WithdrawVoice},
    },
    server::db::{record, vars},
    staff::api::SetShift,
};
use reqwest::Response;
use std::fmt::Display;

/// A recording of so many seconds: 8 bits at 8 kHz.
fn recording(seconds: u32) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    file.extend(8_000_u32.to_le_bytes());
    file.extend(8_000_u32.to_le_bytes());
    file.extend(b"\x01\0\x08\0data");
    file.extend((seconds * 8_000).to_le_bytes());
    file.resize(file.len() + seconds as usize * 8_000, 0x80);
    file
}

/// What the form on a card sends.
fn form(agreed: bool, voice: Option<&[u8]>) -> Vec<u8> {
    let mut body = b"--part\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n".to_vec();
    if agreed {
        body.extend(b"--part\r\nContent-Disposition: form-data; name=\"agreed\"\r\n\r\non\r\n");
    }
    if let Some(voice) = voice {
        // What kind it is, whoever sends it does not decide.
        body.extend(b"--part\r\nContent-Disposition: form-data; name=\"voice\"; filename=\"voice.html\"\r\n");
        body.extend(b"Content-Type: text/html\r\n\r\n");
        body.extend(voice);
        body.extend(b"\r\n");
    }
    body.extend(b"--part--\r\n");
    body
}

/// Sends it as a script does, or as a browser without one, from a page of `site`.
async fn send(device: &Device, guest: impl Display, body: Vec<u8>, accept: &str, site: &str) -> Response {
    device
        .http
        .post(format!("{}/guests/{guest}/voice", device.base))
        .header("sec-fetch-site", site)
        .header("content-type", "multipart/form-data; boundary=part")
        .header("accept", accept)
        .header("cookie", device.cookie_header())
        .body(body)
        .send()
        .await
        .expect("an answer")
}

/// What came of it, for a script; or the status of what is no answer to a recording.
async fn keep(device: &Device, guest: GuestId, body: Vec<u8>) -> Result<VoiceAnswer, u16> {
    let answer = send(device, guest, body, "*/*", "same-origin").await;
    match answer.status().as_u16() {
        204 => Ok(VoiceAnswer::Kept),
        422 => Ok(VoiceAnswer::from_code(&answer.text().await.expect("a word")).expect("a known word")),
        status => Err(status),
    }
}

/// Where a browser without scripts is led.
async fn led_to(device: &Device, guest: GuestId, body: Vec<u8>) -> String {
    let answer = send(device, guest, body, "text/html", "same-origin").await;
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().expect("an address").to_owned()
}

/// Asks for a voice, or for a part of it.
async fn ask(device: &Device, guest: GuestId, range: Option<&str>) -> Response {
    let mut request =
        device.http.get(format!("{}/voices/{guest}", device.base)).header("cookie", device.cookie_header());
    if let Some(range) = range {
        request = request.header("range", range);
    }
    request.send().await.expect("an answer")
}

async fn has_voice(device: &mut Device, guest: GuestId) -> Option<bool> {
    let card = device.call::<OpenCard>(&[("guest", guest.to_string())]).await.expect("a card");
    card.served().map(|served| served.has_voice)
}

/// What the audit tells of voices.
async fn audited(house: &House, guest: GuestId) -> Vec<String> {
    let sql = "SELECT VALUE action FROM audit WHERE guest = $guest";
    let actions: Vec<String> =
        house.db.rows(sql, vars().with("guest", record("guest", guest))).await.expect("an answer");
    let mut actions: Vec<String> = actions.into_iter().filter(|action| action.ends_with("_voice")).collect();
    actions.sort();
    actions
}

#[tokio::test]
async fn a_voice_is_kept_told_to_open_cards_and_heard_by_those_who_serve() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    assert_eq!(has_voice(&mut desk, guest).await, Some(false));
    let mut on_the_floor = house.device("floor", "floor").await.listen("").await;
    let voice = recording(4);
    assert_eq!(keep(&desk, guest, form(true, Some(&voice))).await, Ok(VoiceAnswer::Kept));
    assert_eq!(audited(&house, guest).await, ["recorded_voice"]);
    loop {
        let event = on_the_floor.next_live().await.json();
        if event["kind"] == "guest_changed" {
            assert_eq!(event["guest"], guest.to_string());
            break;
        }
    }

    for login in ["reception", "floor", "host", "concierge", "manager"] {
        let mut device = house.device(login, "desk").await;
        assert_eq!(has_voice(&mut device, guest).await, Some(true), "{login}");
        let heard = ask(&device, guest, None).await;
        assert_eq!(heard.status(), 200, "{login}");
        let headers = heard.headers().clone();
        assert_eq!(headers["content-type"], "audio/wav", "by its content");
        assert_eq!(headers["cache-control"], "private, no-store");
        assert_eq!(headers["accept-ranges"], "bytes");
        assert_eq!(heard.bytes().await.expect("sound"), voice, "{login}");
        let names = device.call::<Tonight>(&[]).await.expect("a list");
        let heard: Vec<GuestId> = names.lines.iter().filter(|line| line.has_voice).map(|line| line.guest).collect();
        assert_eq!(heard, [guest], "{login}");
    }
    for page in [format!("/guests/{guest}"), "/names".to_owned()] {
        let text = desk.get(&page).await.text().await.expect("a page");
        assert!(text.contains(&format!("src=\"/voices/{guest}\"")), "{page}: {text}");
        assert!(text.contains("aria-label=\"Hear the name: Mr Zhang\""), "{page}: {text}");
    }

    let mut marketing = house.device("marketing", "desk").await;
    assert_eq!(has_voice(&mut marketing, guest).await, None);
    let page = marketing.get(&format!("/guests/{guest}")).await.text().await.expect("a page");
    assert!(page.contains("Zhang") && !page.contains("voices/") && !page.contains("/voice\""), "{page}");
    let mut admin = house.browser();
    admin.sign_in("admin", PASSWORD).await.expect("signed in");
    for (device, status) in [(&marketing, 403), (&admin, 403), (&house.browser(), 401)] {
        assert_eq!(ask(device, guest, None).await.status(), status);
    }
}

#[tokio::test]
async fn a_voice_comes_in_the_parts_that_are_asked_for() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let desk = house.device("reception", "desk").await;
    let voice = recording(1);
    assert_eq!(keep(&desk, guest, form(true, Some(&voice))).await, Ok(VoiceAnswer::Kept));
    let length = voice.len();
    for (range, place, bytes) in [
        ("bytes=0-1", format!("bytes 0-1/{length}"), &voice[..2]),
        ("bytes=40-", format!("bytes 40-{}/{length}", length - 1), &voice[40..]),
        ("bytes=-8", format!("bytes {}-{}/{length}", length - 8, length - 1), &voice[length - 8..]),
    ] {
        let part = ask(&desk, guest, Some(range)).await;
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(part.headers()["content-range"], place.as_str());
        assert_eq!(part.headers()["content-type"], "audio/wav");
        assert_eq!(part.bytes().await.expect("sound"), bytes, "{range}");
    }
    let beyond = ask(&desk, guest, Some(&format!("bytes={length}-"))).await;
    assert_eq!(beyond.status(), 416);
    assert_eq!(beyond.headers()["content-range"], format!("bytes */{length}"));
    let several = ask(&desk, guest, Some("bytes=0-1,4-5")).await;
    assert_eq!((several.status().as_u16(), several.bytes().await.expect("sound").len()), (200, length));
    assert_eq!(ask(&desk, house.guest("M0002").await, None).await.status(), 404);
}

#[tokio::test]
async fn what_the_guest_did_not_agree_to_is_not_kept() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let (voice, page) = (recording(5), b"<script>alert(1)</script>");
    let too_large = [recording(1), vec![0; VOICE_BYTES]].concat();
    for (body, answer, words) in [
        (form(false, Some(&voice)), VoiceAnswer::NotAgreed, "the guest must agree first"),
        (form(true, None), VoiceAnswer::Missing, "no recording arrived"),
        (form(true, Some(b"")), VoiceAnswer::Missing, "no recording arrived"),
        (form(true, Some(&recording(7))), VoiceAnswer::TooLong, "lasts longer than the 5 seconds"),
        (form(true, Some(&too_large)), VoiceAnswer::TooLarge, "larger than 256 KB"),
        (form(true, Some(page)), VoiceAnswer::WrongType, "no recording in WebM, Ogg, MP4 or WAV"),
        (
            b"--part\r\nContent-Disposition: form-data; name=\"voice\"\r\n\r\ncut o".to_vec(),
            VoiceAnswer::Missing,
            "arrived",
        ),
    ] {
        assert_eq!(keep(&desk, guest, body.clone()).await, Ok(answer));
        let back = led_to(&desk, guest, body).await;
        assert_eq!(back, format!("/guests/{guest}?voice={}", answer.code()));
        let card = desk.get(&back).await.text().await.expect("a page");
        assert!(card.contains(words), "{words}: {card}");
    }
    let good = || form(true, Some(&voice));
    for site in ["cross-site", "same-site"] {
        assert_eq!(send(&desk, guest, good(), "*/*", site).await.status(), 403, "{site}");
    }
    for nobody in [GuestId::new().to_string(), "nobody".to_owned()] {
        assert_eq!(send(&desk, nobody, good(), "*/*", "same-origin").await.status(), 404);
    }
    assert_eq!(keep(&house.device("marketing", "desk").await, guest, good()).await, Err(403));
    assert_eq!(keep(&house.browser(), guest, good()).await, Err(401));
    assert_eq!(led_to(&house.browser(), guest, good()).await, "/sign-in");
    assert_eq!(ask(&desk, guest, None).await.status(), 404, "nothing was kept");
    assert_eq!(has_voice(&mut desk, guest).await, Some(false));
    assert!(audited(&house, guest).await.is_empty());

    // Five seconds are what he agrees to.
    assert_eq!(led_to(&desk, guest, good()).await, format!("/guests/{guest}?voice=kept"));
    assert_eq!(ask(&desk, guest, None).await.bytes().await.expect("sound"), voice);
}

#[tokio::test]
async fn a_guest_who_does_not_agree_any_more_is_not_heard_any_more() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let mut host = house.device("host", "restaurant").await;
    let fields = [("guest", guest.to_string())];
    assert_eq!(desk.call::<WithdrawVoice>(&fields).await, Err(AppError::NotFound));
    for seconds in [2, 3] {
        assert_eq!(keep(&host, guest, form(true, Some(&recording(seconds)))).await, Ok(VoiceAnswer::Kept));
    }
    let heard = ask(&desk, guest, None).await.bytes().await.expect("sound");
    assert_eq!(heard, recording(3), "the newer one has taken the place of the other");

    let mut marketing = house.device("marketing", "desk").await;
    assert_eq!(marketing.call::<WithdrawVoice>(&fields).await, Err(AppError::Forbidden));
    let mut on_the_floor = house.device("floor", "floor").await.listen("").await;
    let sent = desk.post(WithdrawVoice::PATH, &fields, "text/html").await;
    assert_eq!(sent.status(), 302, "as a plain form");
    loop {
        let event = on_the_floor.next_live().await.json();
        if event["kind"] == "guest_changed" {
            assert_eq!(event["guest"], guest.to_string());
            break;
        }
    }
    assert_eq!(ask(&host, guest, None).await.status(), 404);
    assert_eq!(has_voice(&mut host, guest).await, Some(false));
    assert_eq!(host.call::<WithdrawVoice>(&fields).await, Err(AppError::NotFound));
    assert_eq!(audited(&house, guest).await, ["recorded_voice", "recorded_voice", "withdrew_voice"]);
}

#[tokio::test]
async fn a_board_that_nobody_uses_plays_no_voice_and_keeps_none() {
    let house = House::open().await;
    let guest = house.guest("M0001").await;
    let mut host = house.device("host", "restaurant").await;
    assert_eq!(keep(&host, guest, form(true, Some(&recording(1)))).await, Ok(VoiceAnswer::Kept));
    host.call::<SetShift>(&[("on", "true".to_owned())]).await.expect("on shift");
    for _ in 0..5 {
        house.clock.advance(TimeDelta::minutes(10));
        house.board_is_alive(&host).await;
    }
    assert_eq!(ask(&host, guest, None).await.status(), 403);
    assert_eq!(keep(&host, guest, form(true, Some(&recording(2)))).await, Err(403));
    assert_eq!(led_to(&host, guest, form(true, Some(&recording(2)))).await, format!("/lock?next=/guests/{guest}"));
    let mut desk = house.device("reception", "desk").await;
    assert_eq!(ask(&desk, guest, None).await.bytes().await.expect("sound"), recording(1));
    assert_eq!(has_voice(&mut desk, guest).await, Some(true));
}

#[tokio::test]
async fn pages_may_use_the_microphone_and_play_what_was_recorded() {
    let house = House::open().await;
    let mut desk = house.device("reception", "desk").await;
    let answer = desk.get("/desk").await;
    let policy = answer.headers()["content-security-policy"].to_str().expect("text");
    assert!(policy.contains("media-src 'self' blob:;"), "{policy}");
    let permissions = answer.headers()["permissions-policy"].to_str().expect("text");
    assert!(permissions.contains("microphone=(self)") && permissions.contains("camera=()"), "{permissions}");
}
