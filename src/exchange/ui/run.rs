//! One run of an import, followed live while it goes on.

use crate::{
    exchange::{EndReason, ImportRun, ImportState, api::import_run},
    i18n::*,
    ui::{Announcer, I18n, date::moment, error_text, number},
};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

/// How often a run that goes on is asked how far it is.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// What came of a run in one sentence.
#[must_use]
pub fn run_sentence(i18n: I18n, run: &ImportRun) -> String {
    let (file, by, at) = (&run.file, &run.by, moment(i18n, &run.started));
    let rows = number(run.counts.rows);
    match &run.state {
        ImportState::Running => {
            tu_string!(i18n, exchange.run.running, file = file, by = by, rows = rows, percent = run.percent)
        }
        ImportState::Done => tu_string!(i18n, exchange.run.done, file = file, by = by, at = at, rows = rows),
        ImportState::Stopped(_) => tu_string!(i18n, exchange.run.stopped, file = file, by = by, at = at, rows = rows),
    }
}

/// Why a run ended early, in a sentence or two.
fn end_text(i18n: I18n, reason: &EndReason) -> String {
    match reason {
        EndReason::Interrupted => tu_string!(i18n, exchange.run.interrupted).to_owned(),
        EndReason::Failed(error) => error_text(i18n, error),
        EndReason::InWords(text) => format!("{text}."),
    }
}

/// A run with its counts. While it goes on, the browser asks for news; without scripts there is a
/// link that loads the page again.
#[component]
pub fn Run(
    run: ImportRun,
    /// Whether this is the run that the upload has just begun.
    is_new: bool,
) -> impl IntoView {
    let i18n = use_i18n();
    let id = run.id;
    let run = RwSignal::new(run);
    let is_running = Memo::new(move |_| run.with(|run| run.state == ImportState::Running));
    let announcer = use_context::<Announcer>();
    Effect::new(move |was_running: Option<bool>| {
        let running = is_running.get();
        if running {
            follow(run);
        } else if was_running == Some(true)
            && let Some(announcer) = announcer
        {
            announcer.announce(run.with_untracked(|run| run_sentence(i18n, run)));
        }
        running
    });
    let class = if is_new { "run run--new panel" } else { "run panel" };
    view! {
        <li class=class id=format!("run-{id}")>
            <p class="run__sentence">{move || run.with(|run| run_sentence(i18n, run))}</p>
            {move || is_running.get().then(|| view! { <Progress run/> })}
            <Counts run/>
            {move || {
                run.with(|run| match &run.state {
                    ImportState::Stopped(reason) => {
                        let text = tu_string!(i18n, exchange.run.reason, reason = end_text(i18n, reason));
                        Some(view! { <p class="note note--danger">{text}</p> })
                    }
                    ImportState::Running | ImportState::Done => None,
                })
            }}
            {move || {
                (run.with(|run| run.counts.rejected) > 0)
                    .then(|| {
                        view! {
                            <p>
                                <a class="button" href=format!("/imports/{id}/report.csv") rel="external" download="">
                                    {tu_string!(i18n, exchange.run.report)}
                                </a>
                            </p>
                        }
                    })
            }}
        </li>
    }
}

/// Asks every second how far the run is, until the surrounding effect runs again or ends.
fn follow(run: RwSignal<ImportRun>) {
    let id = run.with_untracked(|run| run.id);
    let ask = move || {
        spawn_local(async move {
            // An answer that did not come is followed by the next question.
            if let Ok(news) = import_run(id).await {
                // The page may have been left meanwhile.
                let _ = run.try_set(news);
            }
        });
    };
    // A browser that has no timers left shows what the page was loaded with.
    if let Ok(timer) = set_interval_with_handle(ask, ASK_EVERY) {
        on_cleanup(move || timer.clear());
    }
}

#[component]
fn Progress(run: RwSignal<ImportRun>) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <div class="run__progress">
            <progress
                max="100"
                value=move || run.with(|run| run.percent.to_string())
                aria-label=tu_string!(i18n, exchange.run.progress)
            ></progress>
            <a class="button button--quiet only-without-scripts" href="" rel="external">
                {tu_string!(i18n, exchange.run.reload)}
            </a>
        </div>
    }
}

/// The figures of a run, in the order of the line that the command prints.
#[component]
fn Counts(run: RwSignal<ImportRun>) -> impl IntoView {
    let i18n = use_i18n();
    let figure = move |label: &'static str, value: fn(&ImportRun) -> u64| {
        view! {
            <div class="figure">
                <dt>{label}</dt>
                <dd>{move || number(run.with(value))}</dd>
            </div>
        }
    };
    view! {
        <dl class="figures">
            {figure(tu_string!(i18n, exchange.run.rows), |run| run.counts.rows)}
            {figure(tu_string!(i18n, exchange.run.created), |run| run.counts.created)}
            {figure(tu_string!(i18n, exchange.run.updated), |run| run.counts.updated)}
            {figure(tu_string!(i18n, exchange.run.unchanged), |run| run.counts.unchanged)}
            {figure(tu_string!(i18n, exchange.run.rejected), |run| run.counts.rejected)}
            {figure(tu_string!(i18n, exchange.run.rows_per_second), rows_per_second)}
        </dl>
    }
}

/// How many rows a second were read so far, rounded down.
fn rows_per_second(run: &ImportRun) -> u64 {
    run.counts.rows.saturating_mul(1_000).checked_div(run.millis).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{exchange::ImportCounts, ids::ImportId};

    #[test]
    fn speed_is_rows_by_time() {
        let mut run = ImportRun {
            id: ImportId::new(),
            file: "pms_export.csv".to_owned(),
            by: "Anna".to_owned(),
            started: "2026-03-03 10:00".to_owned(),
            state: ImportState::Running,
            counts: ImportCounts { rows: 18_837, ..ImportCounts::default() },
            percent: 100,
            millis: 20_000,
        };
        assert_eq!(rows_per_second(&run), 941);
        run.millis = 0;
        assert_eq!(rows_per_second(&run), 0, "nothing has been read in no time");
    }
}
