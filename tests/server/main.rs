//! The real router on a really started server, over HTTP, on a store in memory or on disk.

mod alert_rules;
mod alerts;
mod cards;
mod durability;
mod duty;
mod escalation;
mod guests;
mod handover;
mod harness;
mod imports;
mod interleavings;
mod locator;
mod manage;
mod merging;
mod pages;
mod plans;
mod presence;
mod refusals;
mod reports;
mod retention;
mod sessions;
mod several;
