//! The real router on a really started server, over HTTP, on a store in memory or on disk.

mod alerts;
mod cards;
mod durability;
mod guests;
mod harness;
mod imports;
mod manage;
mod pages;
mod plans;
mod sessions;
