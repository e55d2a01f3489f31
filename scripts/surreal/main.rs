//! `surreal start --bind 127.0.0.1:8000 memory`: the stock server.

use std::process::ExitCode;
use surrealdb_server::core::CommunityComposer;

fn main() -> ExitCode {
    surrealdb_server::init(CommunityComposer())
}
