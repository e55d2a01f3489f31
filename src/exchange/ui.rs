//! Bookings in: the upload, and what came of each run.

mod run;

pub use run::run_sentence;

use crate::{
    exchange::api::imports,
    house::ui::ManageHeading,
    i18n::*,
    ids::ImportId,
    ui::{CheckBox, Empty, Failed, Field, I18n, Loading},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use run::Run;

/// The upload form, and below it every run, newest first, in a sentence each.
#[component]
pub fn ImportsPage() -> impl IntoView {
    let i18n = use_i18n();
    let runs = Resource::new(|| (), |()| imports());
    let query = use_query_map();
    let asked_for = Memo::new(move |_| query.with(|query| query.get_str("run")?.parse::<ImportId>().ok()));
    let refusal = move || query.with(|query| query.get_str("refused").map(|word| refusal_text(i18n, word)));
    view! {
        <div class="manage">
            <ManageHeading
                title=tu_string!(i18n, exchange.imports.title)
                lede=tu_string!(i18n, exchange.imports.lede)
            />
            {move || {
                refusal()
                    .map(|text| {
                        view! {
                            <p class="note note--danger" role="alert">
                                {text}
                            </p>
                        }
                    })
            }}
            <Upload/>
            <h2 class="section-title name">{tu_string!(i18n, exchange.imports.runs)}</h2>
            <Transition fallback=Loading>
                {move || {
                    let asked_for = asked_for.get();
                    Suspend::new(async move {
                        match runs.await {
                            Ok(runs) if runs.is_empty() => {
                                view! {
                                    <Empty
                                        title=tu_string!(i18n, exchange.imports.empty)
                                        text=tu_string!(i18n, exchange.imports.empty_text)
                                    />
                                }
                                    .into_any()
                            }
                            Ok(runs) => {
                                let runs = runs
                                    .into_iter()
                                    .map(|run| {
                                        let is_new = asked_for == Some(run.id);
                                        view! { <Run run is_new/> }
                                    })
                                    .collect_view();
                                view! { <ol class="runs">{runs}</ol> }.into_any()
                            }
                            Err(error) => view! { <Failed error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
}

/// A plain form: the file goes up the same way with and without scripts.
#[component]
fn Upload() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <form class="panel stack" method="post" action="/imports" enctype="multipart/form-data">
            <Field
                label=tu_string!(i18n, exchange.upload.file)
                name="file"
                kind="file"
                accept=".csv,.tsv,.txt,text/csv,text/plain"
                hint=tu_string!(i18n, exchange.upload.file_hint)
                required=true
            />
            <CheckBox
                label=tu_string!(i18n, exchange.upload.new_houses)
                name="new_houses"
                hint=tu_string!(i18n, exchange.upload.new_houses_hint)
            />
            <p>
                <button class="button button--primary" type="submit">
                    {tu_string!(i18n, exchange.upload.submit)}
                </button>
            </p>
        </form>
    }
}

/// Why the last upload was not taken, from the word in the page's address.
fn refusal_text(i18n: I18n, word: &str) -> &'static str {
    match word {
        "no-file" => tu_string!(i18n, exchange.upload.no_file),
        "too-large" => tu_string!(i18n, exchange.upload.too_large),
        "wrong-type" | "file" => tu_string!(i18n, exchange.upload.wrong_type),
        _ => tu_string!(i18n, exchange.upload.failed),
    }
}
