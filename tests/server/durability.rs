//! What was answered is on disk: the server is killed right after its reply and started again.

use crate::harness::Device;
use rapport::{
    alerts::api::{Board as BoardCall, Raise},
    stays::{DayList, api::DayLists as DayListsCall},
};
use std::{
    collections::HashMap,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const DEMO_PASSWORD: &str = "welcome-2-rapport";

struct Server {
    process: Child,
    base: String,
}

impl Server {
    /// Starts the built binary on a folder and waits until it is ready.
    async fn start(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        // Only what the start insists on: this test opens no page.
        let site = folder.join("site");
        std::fs::create_dir_all(site.join("pkg")).expect("a folder");
        std::fs::write(site.join("pkg/rapport.js"), "").expect("a file");
        let process = Command::new(env!("CARGO_BIN_EXE_rapport"))
            .args(["serve", "--demo"])
            .env("RAPPORT_DATA_DIR", folder)
            .env("RAPPORT_ADDR", format!("127.0.0.1:{port}"))
            .env("RAPPORT_SITE_ROOT", &site)
            .env("RAPPORT_LOG", "warn")
            .stdout(Stdio::null())
            .spawn()
            .expect("the server starts");
        let server = Self { process, base: format!("http://127.0.0.1:{port}") };
        let http = reqwest::Client::new();
        let began = Instant::now();
        while !http.get(format!("{}/readyz", server.base)).send().await.is_ok_and(|answer| answer.status() == 200) {
            assert!(began.elapsed() < Duration::from_secs(120), "the server is not ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        server
    }

    async fn device(&self, login: &str, station: &str) -> Device {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let mut device = Device { http, base: self.base.clone(), cookies: HashMap::new(), last_status: 0 };
        device.sign_in(login, DEMO_PASSWORD).await.expect("signed in");
        let stations = device.call::<rapport::house::api::Stations>(&[]).await.expect("stations");
        let station = stations.iter().find(|row| row.name == station).expect("a station").id.to_string();
        device.call::<rapport::house::api::ChooseStation>(&[("station", station)]).await.expect("stands there");
        device
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGKILL: nothing is written on the way out.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[tokio::test]
async fn an_alert_survives_a_kill_right_after_the_reply_and_is_replayed_with_its_id() {
    let folder = tempfile::tempdir().expect("a folder");
    let id = ulid::Ulid::new().to_string();
    let (before, cookies, raised);
    {
        let server = Server::start(folder.path()).await;
        let mut floor = server.device("wei", "Floors 1 to 9").await;
        let mut host = server.device("anna", "Restaurant").await;
        before = host.call::<BoardCall>(&[]).await.expect("a board");
        let lists = floor.call::<DayListsCall>(&[("list", DayList::InHouse.slug().to_owned())]).await.expect("lists");
        let guest =
            lists.lines.iter().find(|line| line.name.native.as_deref() == Some("张伟")).expect("Mr Zhang").guest;
        let restaurant = before.me.station.as_ref().expect("a station").id;
        let fields = [
            ("id", id.clone()),
            ("guest", guest.to_string()),
            ("to", restaurant.to_string()),
            ("kind", "coming_down".to_owned()),
        ];
        raised = floor.call::<Raise>(&fields).await.expect("raised");
        cookies = host.cookies.clone();
        // Dropped here: killed.
    }
    let server = Server::start(folder.path()).await;
    let http = reqwest::Client::new();
    let mut host = Device { http, base: server.base.clone(), cookies, last_status: 0 };
    let board = host.call::<BoardCall>(&[]).await.expect("the session goes on");
    assert_eq!(board.epoch, before.epoch);
    assert_eq!(board.alerts.iter().map(|alert| alert.id).collect::<Vec<_>>(), [raised.id]);
    let mut stream = host.listen(&format!("?after={}&epoch={}", before.seq, before.epoch)).await;
    let frame = loop {
        let frame = stream.next_live().await;
        if frame.data.contains(&id) {
            break frame;
        }
    };
    // Where the guest was seen is told by an event of its own, in the same commit.
    let seq = raised.seq.min(board.seq);
    assert_eq!(frame.json()["alert"]["seq"].as_u64().map(|at| at > before.seq && at <= seq), Some(true));
    assert_eq!(frame.id, Some(format!("{}:{}", before.epoch, frame.json()["alert"]["seq"])));
    assert_eq!(frame.json()["alert"]["name"]["say"], "jahng way");
}
