//! Bookings in: the upload, and what came of each run.

mod run;
mod upload;

pub use run::run_sentence;

use crate::{
    exchange::api::imports,
    house::ui::ManageHeading,
    i18n::*,
    ids::ImportId,
    ui::{Empty, Failed, Loading},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use run::Run;
use upload::Upload;

/// The upload form, and below it every run, newest first, in a sentence each.
#[component]
pub fn ImportsPage() -> impl IntoView {
    let i18n = use_i18n();
    let runs = Resource::new(|| (), |()| imports());
    let query = use_query_map();
    let asked_for = Memo::new(move |_| query.with(|query| query.get_str("run")?.parse::<ImportId>().ok()));
    view! {
        <div class="manage">
            <ManageHeading
                title=tu_string!(i18n, exchange.imports.title)
                lede=tu_string!(i18n, exchange.imports.lede)
            />
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
