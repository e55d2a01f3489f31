//! Streams that are to begin where nothing is.

use super::Scene;
use crate::escalation::coming_down;

#[tokio::test]
async fn a_stream_from_nowhere_begins_afresh_or_not_at_all() {
    let mut scene = Scene::open().await;
    let mut floor = scene.house.device("floor", "floor").await;
    coming_down(&mut floor, &scene.house, scene.guest).await;
    // Marketing's stream is not listened to by a station: it changes nothing by itself.
    let mut marketing = scene.house.device("marketing", "desk").await;
    let before = scene.look().await;
    let (epoch, head) = (&before.board.epoch, before.head);
    for query in [
        "?after=1&epoch=nonsense".to_owned(),
        "?after=1&epoch=".to_owned(),
        format!("?after={}&epoch={epoch}", head + 1),
        format!("?after={}&epoch={epoch}", u64::MAX),
    ] {
        let mut stream = marketing.listen(&query).await;
        let hello = stream.next().await;
        assert_eq!((hello.event.as_str(), hello.json()["head"].as_u64()), ("hello", Some(head)), "{query}");
        assert_eq!(stream.next().await.event, "reset", "{query}");
    }
    let mut known = marketing.listen(&format!("?after={}&epoch={epoch}", head - 1)).await;
    assert_eq!(known.next().await.event, "hello");
    assert_eq!(known.next().await.seq(), head, "what is known goes on where it was");

    for after in ["", "-1", "1.5", "minus", "18446744073709551616", "1%20", "%3Cb%3E"] {
        let answer = marketing.get(&format!("/events?after={after}")).await;
        assert_eq!(answer.status(), 400, "{after:?}");
        let sentence = answer.text().await.expect("text");
        assert!(sentence.starts_with("after: ") && sentence.contains("not the number of an event"), "{sentence}");
    }
    let mut admin = scene.house.device("admin", "desk").await;
    assert_eq!(admin.get("/events").await.status(), 403);
    assert_eq!(scene.look().await, before);
}
