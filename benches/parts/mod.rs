//! What the benchmarks share: a house on disk, many streams in a process of their own, and figures.
#![allow(dead_code, reason = "each benchmark uses a part of it")]

pub mod clients;
pub mod house;
pub mod nchan;
pub mod postfix;

use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970: comparable between processes of one machine.
pub fn nanos() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_nanos()).expect("before 2554")
}

/// Resident memory of a process, in bytes.
pub fn resident_bytes(pid: u32) -> u64 {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).expect("Linux");
    let pages: u64 = statm.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).expect("a number");
    pages * 4096
}

/// Processor time that a process has used, in milliseconds.
pub fn cpu_millis(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("Linux");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    // utime and stime, in ticks of 10 ms; the two first fields stand before the last parenthesis.
    let ticks = |at: usize| fields[at].parse::<u64>().expect("a number");
    (ticks(11) + ticks(12)) * 10
}

/// Most descriptors that this process may have.
pub fn descriptors() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("Linux");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
    line.split_whitespace().nth(3).and_then(|soft| soft.parse().ok()).unwrap_or(1024)
}

/// Latencies of one run, in nanoseconds.
pub struct Spread(Vec<u64>);

impl Spread {
    pub fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        Self(values)
    }

    pub fn millis(&self, share: f64) -> f64 {
        let place = ((self.0.len() as f64 * share) as usize).min(self.0.len().saturating_sub(1));
        self.0.get(place).copied().unwrap_or_default() as f64 / 1e6
    }
}

/// One line: `name value unit | peer value unit | ratio`.
pub fn line(name: &str, ours: f64, peer_name: &str, peer: f64, unit: &str) {
    println!("{name} {ours:.2} {unit} | {peer_name} {peer:.2} {unit} | {:.2}", ours / peer);
}

/// One line of a figure that has no peer.
pub fn alone(name: &str, value: impl std::fmt::Display, unit: &str) {
    println!("{name} {value} {unit} | - | -");
}
