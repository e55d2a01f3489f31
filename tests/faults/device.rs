//! A device as a browser without scripts would be one: cookies, requests that may be lost, and the
//! stream of events, read byte by byte.

use crate::ledger::{Ledger, Seen};
use fastrand::Rng;
use leptos::server_fn::ServerFn;
use rapport::{error::AppError, staff::api::SignIn};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::{Instant, sleep, timeout},
};

const PASSWORD: &str = "welcome-2-rapport";
/// A request that has no answer by then is sent again.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// As the browser's part: a stream that says nothing for so long is dead.
const STALE: Duration = Duration::from_secs(25);

/// What came of a request.
#[derive(Debug)]
pub enum Answer {
    Done(Value),
    Refused(AppError),
    /// Nobody knows whether it was carried out.
    Lost,
}

/// Somebody of the demo house with a device.
#[derive(Clone)]
pub struct Device {
    pub name: &'static str,
    http: reqwest::Client,
    base: String,
    cookies: String,
}

impl Device {
    /// Signs in, while the network is calm.
    pub async fn sign_in(network: SocketAddr, login: &str, name: &'static str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER_WITHIN)
            .build()
            .expect("a client");
        let mut device = Self { name, http, base: format!("http://{network}"), cookies: String::new() };
        let request = device.request(SignIn::PATH, &[("login", login), ("password", PASSWORD)]);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().as_u16() < 400, "{login} cannot sign in: {}", answer.status());
        let pairs: Vec<&str> = answer
            .headers()
            .get_all("set-cookie")
            .iter()
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
            .collect();
        device.cookies = pairs.join("; ");
        device
    }

    /// What a server function answers while the network is calm.
    pub async fn ask<F>(&self, fields: &[(&str, &str)]) -> F::Output
    where
        F: ServerFn,
        F::Output: DeserializeOwned,
    {
        match self.post(F::PATH, fields).await {
            Answer::Done(value) => serde_json::from_value(value).expect("the answer of a server function"),
            other => panic!("{}: {other:?}", F::PATH),
        }
    }

    /// Calls a server function as the scripts of a page do.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let Ok(answer) = self.request(path, fields).send().await else { return Answer::Lost };
        let status = answer.status();
        let Ok(text) = answer.text().await else { return Answer::Lost };
        // What is not ours is some proxy's, whatever it calls itself.
        if status.as_u16() < 400 {
            serde_json::from_str(&text).map_or(Answer::Lost, Answer::Done)
        } else if status.is_server_error() {
            Answer::Lost
        } else {
            serde_json::from_str(&text).map_or(Answer::Lost, Answer::Refused)
        }
    }

    /// The same again and again until there is an answer; `None` if there is none until a deadline.
    pub async fn insist(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        ledger: &Ledger,
        rng: &mut Rng,
        deadline: Instant,
    ) -> Option<Result<Value, AppError>> {
        loop {
            match self.post(path, fields).await {
                Answer::Done(value) => return Some(Ok(value)),
                Answer::Refused(error) => return Some(Err(error)),
                Answer::Lost if Instant::now() > deadline => return None,
                Answer::Lost => {
                    ledger.note(|counts| counts.retries += 1);
                    sleep(Duration::from_millis(rng.u64(50..500))).await;
                }
            }
        }
    }

    /// Follows the stream for ever, coming back whenever it ends: after `from.1` in the history `from.0`.
    /// What each frame tells goes to the ledger, and what it tells of alerts to whoever acts on it.
    pub async fn follow(
        self,
        listener: usize,
        from: (String, u64),
        ledger: Arc<Ledger>,
        mut rng: Rng,
        acts: Option<mpsc::UnboundedSender<Value>>,
    ) {
        let (epoch, mut last) = from;
        loop {
            let mut reader = match self.open_stream(&epoch, last).await {
                Some(reader) => reader,
                None => {
                    sleep(Duration::from_millis(rng.u64(100..1_000))).await;
                    continue;
                }
            };
            while let Ok(Some(frame)) = timeout(STALE, reader.next()).await {
                match frame.event.as_str() {
                    "live" => {
                        let Some((history, seq)) = frame.id.split_once(':') else { continue };
                        let seq: u64 = seq.parse().expect("the number of an event");
                        assert_eq!(history, epoch, "another history");
                        let told: Value = serde_json::from_str(&frame.data).expect("an event");
                        ledger.heard(listener, &mut last, seq, Seen::of(&told));
                        if let Some(acts) = &acts
                            && told["kind"] == "alert"
                        {
                            drop(acts.send(told["alert"].clone()));
                        }
                    }
                    "reset" => ledger.note(|counts| counts.resets += 1),
                    "bye" => ledger.note(|counts| counts.ended += 1),
                    _ => {}
                }
            }
            sleep(Duration::from_millis(rng.u64(20..500))).await;
        }
    }

    /// A stream that nobody reads, straight from a server: its socket takes little.
    pub async fn ignore_stream(&self, server: SocketAddr) -> Option<TcpStream> {
        let socket = tokio::net::TcpSocket::new_v4().ok()?;
        socket.set_recv_buffer_size(2_048).ok()?;
        let mut stream = socket.connect(server).await.ok()?;
        stream.write_all(self.stream_request("?after=0").as_bytes()).await.ok()?;
        Some(stream)
    }

    async fn open_stream(&self, epoch: &str, after: u64) -> Option<Reader> {
        let network = self.base.strip_prefix("http://").expect("an address");
        let mut stream = TcpStream::connect(network).await.ok()?;
        let request = self.stream_request(&format!("?after={after}&epoch={epoch}"));
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut reader = Reader { stream, bytes: Vec::new() };
        let head = timeout(STALE, reader.until(b"\r\n\r\n")).await.ok()??.to_ascii_lowercase();
        (head.starts_with("http/1.1 200") && head.contains("text/event-stream")).then_some(reader)
    }

    fn stream_request(&self, query: &str) -> String {
        format!(
            "GET /events{query} HTTP/1.1\r\nhost: rapport\r\naccept: text/event-stream\r\ncookie: {}\r\n\r\n",
            self.cookies
        )
    }

    fn request(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        self.http
            .post(format!("{}{path}", self.base))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .header("cookie", &self.cookies)
            .body(body.join("&"))
    }
}

struct Reader {
    stream: TcpStream,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct Frame {
    id: String,
    event: String,
    data: String,
}

impl Reader {
    /// The next event; `None` when the stream has ended. An event that was cut counts for nothing.
    async fn next(&mut self) -> Option<Frame> {
        let mut frame = Frame::default();
        for line in self.until(b"\n\n").await?.lines() {
            match line.split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut frame.id),
                Some(("event", event)) => event.clone_into(&mut frame.event),
                Some(("data", data)) => data.clone_into(&mut frame.data),
                _ => {}
            }
        }
        Some(frame)
    }

    async fn until(&mut self, end: &[u8]) -> Option<String> {
        let mut looked_at = 0;
        loop {
            let from = looked_at.max(end.len()) - end.len();
            if let Some(at) = self.bytes[from..].windows(end.len()).position(|part| part == end) {
                let rest = self.bytes.split_off(from + at + end.len());
                return String::from_utf8(std::mem::replace(&mut self.bytes, rest)).ok();
            }
            looked_at = self.bytes.len();
            if self.stream.read_buf(&mut self.bytes).await.ok()? == 0 {
                return None;
            }
        }
    }
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => (byte as char).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
