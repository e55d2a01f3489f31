//! The real router on a really started server, over HTTP, on a store in memory or on disk.

mod alert_rules;
mod alerts;
mod cards;
mod consent;
mod durability;
mod escalation;
mod guests;
mod handover;
mod harness;
mod imap_server;
mod imports;
mod interleavings;
mod letters;
mod letters_sent;
mod locator;
mod manage;
mod merging;
mod pages;
mod plans;
mod presence;
mod refusals;
mod replies;
mod reports;
mod retention;
mod sessions;
mod several;
