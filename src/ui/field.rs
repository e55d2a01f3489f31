//! Form fields: a label, an optional hint, the control, and what was wrong with the last value,
//! connected so that a screen reader reads them together.

use super::{escaped, problem_text};
use crate::{error::Problem, i18n::*};
use leptos::prelude::*;

/// What is wrong with a field's value: fixed for a form that came back from the server, or changing
/// with each attempt.
#[derive(Debug, Clone, Copy)]
pub struct FieldProblem(Signal<Option<Wrong>>);

/// What is wrong, as one of the shared problems or in words of the field's own.
#[derive(Debug, Clone)]
enum Wrong {
    Problem(Problem),
    InWords(String),
}

impl Default for FieldProblem {
    fn default() -> Self {
        Self(Signal::stored(None))
    }
}

impl From<Problem> for FieldProblem {
    fn from(problem: Problem) -> Self {
        Self(Signal::stored(Some(Wrong::Problem(problem))))
    }
}

impl From<Option<Problem>> for FieldProblem {
    fn from(problem: Option<Problem>) -> Self {
        Self(Signal::stored(problem.map(Wrong::Problem)))
    }
}

impl From<Signal<Option<Problem>>> for FieldProblem {
    fn from(problem: Signal<Option<Problem>>) -> Self {
        Self(Signal::derive(move || problem.get().map(Wrong::Problem)))
    }
}

/// In the reader's language, where none of the shared problems says it.
impl From<Signal<Option<String>>> for FieldProblem {
    fn from(words: Signal<Option<String>>) -> Self {
        Self(Signal::derive(move || words.get().map(Wrong::InWords)))
    }
}

/// A line of text, or any other `<input>` with a label above it.
#[component]
pub fn Field(
    #[prop(into)] label: String,
    name: &'static str,
    #[prop(optional, into)] value: String,
    /// The input's `type`; `text` by default.
    #[prop(optional)]
    kind: &'static str,
    /// What would be accepted, or what it is for.
    #[prop(optional, into)]
    hint: String,
    #[prop(optional, into)] error: Option<FieldProblem>,
    #[prop(optional)] required: bool,
    /// The `autocomplete` token; the browser decides by default.
    #[prop(optional)]
    autocomplete: &'static str,
    #[prop(optional)] inputmode: &'static str,
    /// Which files a `file` input offers to choose from.
    #[prop(optional)]
    accept: &'static str,
    /// The id of a `<datalist>` with suggestions.
    #[prop(optional)]
    list: &'static str,
    /// How many characters the browser lets one enter at most; any number by default.
    #[prop(optional, into)]
    maxlength: Option<u32>,
    /// The least and the most that a `number` input takes.
    #[prop(optional)]
    range: Option<(u32, u32)>,
    /// The element's id; made from the name by default, which is right while the page has one field
    /// of that name.
    #[prop(optional, into)]
    id: String,
    /// Whether the cursor starts here.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let wiring = Wiring::new(id, name, &hint, error);
    let Wiring { id, problem, .. } = wiring.clone();
    let invalid = move || problem.with(Option::is_some).then_some("true");
    view! {
        <Frame wiring=wiring.clone() label=label hint=hint>
            <input
                id=id
                type=or_default(kind, "text")
                name=name
                value=value
                required=required
                autocomplete=given(autocomplete)
                inputmode=given(inputmode)
                accept=given(accept)
                list=given(list)
                maxlength=maxlength.map(|most| most.to_string())
                min=range.map(|(least, _)| least.to_string())
                max=range.map(|(_, most)| most.to_string())
                autofocus=autofocus
                aria-invalid=invalid
                aria-describedby=wiring.described_by()
            />
        </Frame>
    }
}

/// Text of several lines.
#[component]
pub fn TextArea(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] error: Option<FieldProblem>,
    #[prop(optional)] required: bool,
    #[prop(optional)] autocomplete: &'static str,
    #[prop(optional)] inputmode: &'static str,
    /// How many lines are seen at once.
    #[prop(default = 3)]
    rows: u32,
    /// How many characters the browser lets one enter at most; any number by default.
    #[prop(optional, into)]
    maxlength: Option<u32>,
    #[prop(optional, into)] id: String,
) -> impl IntoView {
    let wiring = Wiring::new(id, &name, &hint, error);
    let Wiring { id, problem, .. } = wiring.clone();
    let invalid = move || problem.with(Option::is_some).then_some("true");
    view! {
        <Frame wiring=wiring.clone() label=label hint=hint>
            <textarea
                id=id
                name=name
                rows=rows.to_string()
                maxlength=maxlength.map(|most| most.to_string())
                required=required
                autocomplete=given(autocomplete)
                inputmode=given(inputmode)
                aria-invalid=invalid
                aria-describedby=wiring.described_by()
                // The renderer writes text there as it is, unlike in any other element.
                inner_html=escaped(&value)
            ></textarea>
        </Frame>
    }
}

/// A choice of one out of a few.
#[component]
pub fn Select(
    #[prop(into)] label: String,
    name: &'static str,
    /// The value sent, and the text shown.
    options: Vec<(String, String)>,
    /// The value chosen at first; the first option where it is none of them.
    #[prop(optional, into)]
    selected: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] error: Option<FieldProblem>,
    /// Shows the label to screen readers only, where the place says what is chosen.
    #[prop(optional)]
    label_hidden: bool,
    #[prop(optional, into)] id: String,
) -> impl IntoView {
    let wiring = Wiring::new(id, name, &hint, error);
    let Wiring { id, problem, .. } = wiring.clone();
    let invalid = move || problem.with(Option::is_some).then_some("true");
    let options = options
        .into_iter()
        .map(|(value, text)| {
            let chosen = value == selected;
            view! {
                <option value=value selected=chosen>
                    {text}
                </option>
            }
        })
        .collect_view();
    view! {
        <Frame wiring=wiring.clone() label=label hint=hint label_hidden=label_hidden>
            <select id=id name=name aria-invalid=invalid aria-describedby=wiring.described_by()>
                {options}
            </select>
        </Frame>
    }
}

/// A box to tick. Sent as `on`, or not at all.
#[component]
pub fn CheckBox(
    #[prop(into)] label: String,
    name: &'static str,
    #[prop(optional)] checked: bool,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] id: String,
) -> impl IntoView {
    let wiring = Wiring::new(id, name, &hint, None);
    let hint_id = wiring.hint.clone();
    view! {
        <div class="check">
            <label class="check__label">
                <input
                    class="check__box"
                    type="checkbox"
                    id=wiring.id.clone()
                    name=name
                    value="on"
                    checked=checked
                    aria-describedby=hint_id.clone()
                />
                <span>{label}</span>
            </label>
            {hint_id
                .map(|id| {
                    view! {
                        <p class="field__hint" id=id>
                            {hint}
                        </p>
                    }
                })}
        </div>
    }
}

/// The ids by which the parts of a field refer to each other, and the problem they share.
#[derive(Debug, Clone)]
struct Wiring {
    id: String,
    /// The hint's id, where there is a hint.
    hint: Option<String>,
    problem: Signal<Option<Wrong>>,
}

impl Wiring {
    fn new(id: String, name: &str, hint: &str, error: Option<FieldProblem>) -> Self {
        let id = if id.is_empty() { format!("field-{name}") } else { id };
        let hint = (!hint.is_empty()).then(|| format!("{id}-hint"));
        Self { id, hint, problem: error.unwrap_or_default().0 }
    }

    fn problem_id(&self) -> String {
        format!("{}-problem", self.id)
    }

    /// For `aria-describedby`: the problem first, while there is one, then the hint.
    fn described_by(self) -> impl Fn() -> Option<String> + Send + Sync + 'static {
        move || {
            let problem = self.problem.with(Option::is_some).then(|| self.problem_id());
            match (problem, &self.hint) {
                (Some(problem), Some(hint)) => Some(format!("{problem} {hint}")),
                (Some(problem), None) => Some(problem),
                (None, hint) => hint.clone(),
            }
        }
    }
}

/// What surrounds a control: label and hint above it, the problem below.
#[component]
fn Frame(
    wiring: Wiring,
    label: String,
    hint: String,
    #[prop(optional)] label_hidden: bool,
    children: Children,
) -> impl IntoView {
    let i18n = use_i18n();
    let problem = wiring.problem;
    let problem_id = wiring.problem_id();
    let label_class = if label_hidden { "visually-hidden" } else { "field__label" };
    view! {
        <div class="field">
            <label class=label_class for=wiring.id>
                {label}
            </label>
            {wiring
                .hint
                .map(|id| {
                    view! {
                        <p class="field__hint" id=id>
                            {hint}
                        </p>
                    }
                })}
            {children()}
            {move || {
                problem
                    .get()
                    .map(|wrong| {
                        let words = match wrong {
                            Wrong::Problem(problem) => problem_text(i18n, &problem),
                            Wrong::InWords(words) => words,
                        };
                        view! {
                            <p class="field__problem" id=problem_id.clone()>
                                {words}
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// An attribute that is left out while it is empty.
fn given(value: &'static str) -> Option<&'static str> {
    (!value.is_empty()).then_some(value)
}

fn or_default(value: &'static str, default: &'static str) -> &'static str {
    if value.is_empty() { default } else { value }
}
