//! The server for the browser tests that cannot wait: the demo house as `rapport serve --demo` serves it,
//! by a clock that a line on standard input moves forward. `+20` is twenty seconds later at once, for
//! this server; the browsers' clocks are their own.

use chrono::{DateTime, TimeDelta, Utc};
use rapport::server::{
    clock::{Clock, SystemClock},
    config::Config,
    serve, telemetry,
};
use std::{
    error::Error,
    io::{BufRead, stdin},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    thread,
};

/// Runs like the machine's clock, by so many seconds ahead of it.
#[derive(Default)]
struct AheadClock(AtomicI64);

impl AheadClock {
    fn move_on(&self, seconds: u32) {
        self.0.fetch_add(i64::from(seconds), Ordering::SeqCst);
    }
}

impl Clock for AheadClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + TimeDelta::seconds(self.0.load(Ordering::SeqCst))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::load(None)?;
    telemetry::start(&config);
    let clock = Arc::new(AheadClock::default());
    let told = Arc::clone(&clock);
    // A thread of its own: a read of standard input cannot be taken back, and must not hold up the end.
    thread::spawn(move || {
        for line in stdin().lock().lines().map_while(Result::ok) {
            match line.strip_prefix('+').and_then(|seconds| seconds.parse().ok()) {
                Some(seconds) => {
                    told.move_on(seconds);
                    println!("the clock is {seconds} s further");
                }
                None => eprintln!("expected + and whole seconds, such as +20; got {line:?}"),
            }
        }
    });
    serve::serve_by(config, true, clock).await?;
    Ok(())
}
