//! What the page of preferences makes of forms that are not its own.

use crate::{
    consent::{Stranger, lines},
    harness::House,
    letters_sent::{Sent, ZHANG},
};
use rapport::campaigns::CampaignKind::Birthday;

#[tokio::test]
async fn a_form_that_cannot_be_read_is_no_objection() {
    let house = House::open().await;
    let letter = Sent::to(&house, "M0001", ZHANG, Birthday).await;
    let (stranger, http) = (Stranger::of(&house), house.browser().http);
    let path = format!("/preferences/{}", letter.token);
    let before = lines(&house, letter.guest).await.len();
    let too_much = format!("choice=none&kind={}", "x".repeat(20_000));
    for (kind, body) in [
        ("application/json", "{\"choice\":\"none\"}"),
        ("multipart/form-data; boundary=x", "no part of it"),
        ("application/x-www-form-urlencoded", ""),
        ("application/x-www-form-urlencoded", too_much.as_str()),
    ] {
        let request = http.post(format!("http://{}{path}", house.addr)).header("content-type", kind);
        let request = request.header("sec-fetch-site", "same-origin").body(body.to_owned());
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 400, "{kind}");
        let page = answer.text().await.expect("a page");
        assert!(page.contains("could not be read, so nothing was changed") && page.contains("<form"), "{page}");
        assert!(letter.may(&house, Birthday).await, "{kind}");
    }
    assert_eq!(lines(&house, letter.guest).await.len(), before);
    assert_eq!(letter.fate(&house).await, (None, false));
    // A form of the page in which nothing is ticked says so.
    assert_eq!(stranger.submit(&path, &[("choice", "keep")]).await.0, 200);
    assert!(!letter.may(&house, Birthday).await);
}
