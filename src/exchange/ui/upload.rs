//! The form that sends an export up.

use crate::{
    exchange::{FileProblem, words::file_problem_text},
    i18n::*,
    ui::{CheckBox, Field},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// A plain form: the file goes up the same way with and without scripts. A refused file comes back in
/// the page's address, and what is wrong with it stands at the field.
#[component]
pub fn Upload() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let problem = Memo::new(move |_| query.with(|query| query.get_str("refused").and_then(FileProblem::from_address)));
    let error = Signal::derive(move || {
        problem.with(|problem| problem.as_ref().map(|problem| file_problem_text(i18n.get_locale_untracked(), problem)))
    });
    // Whose file was refused begins at the field, where the problem is in sight and read out.
    let begins_here = problem.with_untracked(Option::is_some);
    let new_houses = query.with_untracked(|query| query.get_str("new_houses") == Some("on"));
    view! {
        <form class="panel stack" method="post" action="/imports" enctype="multipart/form-data">
            <Field
                label=tu_string!(i18n, exchange.upload.file)
                name="file"
                id="import-file"
                kind="file"
                accept=".csv,.tsv,.txt,text/csv,text/plain"
                hint=tu_string!(i18n, exchange.upload.file_hint)
                error=error
                autofocus=begins_here
                required=true
            />
            <CheckBox
                label=tu_string!(i18n, exchange.upload.new_houses)
                name="new_houses"
                checked=new_houses
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
