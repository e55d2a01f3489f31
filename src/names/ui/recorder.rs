//! A guest says his name for the colleagues who learn it: he agrees, is recorded for a few seconds, and somebody
//! listens before it is kept. Where nothing can be recorded, a file is chosen.

use super::microphone;
use crate::{
    error::{AppError, Refused},
    i18n::*,
    ids::GuestId,
    names::{VOICE_BYTES, VOICE_SECONDS, VoiceAnswer, api::WithdrawVoice},
    ui::{Announcer, Attempt, Field, Folded, FormNote, I18n, Removal, announce_done, error_text},
};
use leptos::{
    ev::{Event, SubmitEvent},
    html,
    prelude::*,
    server_fn::ServerFn,
    task::spawn_local,
};
use leptos_router::hooks::use_query_map;

/// How far a recording is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    Ready,
    /// The browser asks whether the page may hear.
    Asking,
    Recording,
    /// It is over, and can be listened to under an address of this page's own.
    Heard(String),
}

/// What came of recording, or of sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Came {
    Answer(VoiceAnswer),
    Failed(AppError),
    NoMicrophone,
}

/// What is on the screen.
#[derive(Clone, Copy)]
struct Recorder {
    /// Whether this browser can record; not known before scripts run.
    can: RwSignal<bool>,
    /// Whether the guest agrees.
    agreed: RwSignal<bool>,
    stage: RwSignal<Stage>,
    /// Seconds that are left.
    left: RwSignal<u32>,
    sending: RwSignal<bool>,
    came: RwSignal<Option<Came>>,
}

impl Recorder {
    /// Begins with what came of a file that was sent as a plain form, which the page's address tells.
    fn new(has_voice: bool) -> Self {
        let told = use_query_map().with_untracked(|query| query.get_str("voice").and_then(VoiceAnswer::from_code));
        // The address stays as it is when the voice is deleted.
        let told = told.filter(|answer| *answer != VoiceAnswer::Kept || has_voice);
        Self {
            can: RwSignal::new(false),
            agreed: RwSignal::new(false),
            stage: RwSignal::new(Stage::Ready),
            left: RwSignal::new(VOICE_SECONDS),
            sending: RwSignal::new(false),
            came: RwSignal::new(told.map(Came::Answer)),
        }
    }

    /// Whether a file is to be chosen.
    fn takes_file(self) -> bool {
        !self.can.get() || self.came.with(|came| *came == Some(Came::NoMicrophone))
    }

    /// Whether there is something to listen to, and to keep.
    fn is_heard(self) -> bool {
        self.stage.with(|stage| matches!(stage, Stage::Heard(_)))
    }

    /// The guest agrees, or does not any more: nothing of him stays then.
    fn agree(self, agreed: bool) {
        self.agreed.set(agreed);
        if !agreed {
            microphone::discard();
            self.stage.set(Stage::Ready);
        }
    }

    /// The one button: begins, ends before the time, and begins anew.
    fn tapped(self) {
        match self.stage.get_untracked() {
            Stage::Asking => {}
            Stage::Recording => microphone::stop(),
            Stage::Ready | Stage::Heard(_) => self.record(),
        }
    }

    fn record(self) {
        self.came.set(None);
        self.stage.set(Stage::Asking);
        spawn_local(async move {
            let tell = move |left| {
                self.left.try_set(left);
                if self.stage.try_with_untracked(|stage| *stage == Stage::Asking) == Some(true) {
                    self.stage.set(Stage::Recording);
                }
            };
            match microphone::record(VOICE_SECONDS, tell).await {
                Ok(Some(address)) => {
                    self.stage.try_set(Stage::Heard(address));
                }
                // Given up: whoever did that has said what comes next.
                Ok(None) => {}
                Err(_) => {
                    self.stage.try_set(Stage::Ready);
                    self.came.try_set(Some(Came::NoMicrophone));
                }
            }
        });
    }
}

/// Records a guest's voice on his card, and takes it away when he does not agree any more.
#[component]
pub fn VoiceForm(
    guest: GuestId,
    /// Whether there is a voice.
    has_voice: Memo<bool>,
    /// Counts what was changed, so that the card is loaded again.
    edits: RwSignal<u32>,
    /// What came back refused, of whichever form.
    refused: Option<Refused>,
) -> impl IntoView {
    let i18n = use_i18n();
    let withdraw = ServerAction::<WithdrawVoice>::new();
    let (gone, pending) = (Attempt::of(withdraw, refused.as_ref()).outcome, withdraw.pending());
    announce_done(gone, tu_string!(i18n, people.voice.withdrawn));
    Effect::new(move |_| {
        if matches!(gone.get(), Some(Ok(()))) {
            edits.update(|edits| *edits += 1);
        }
    });
    let recorder = Recorder::new(has_voice.get_untracked());
    let Recorder { stage, sending, came, .. } = recorder;
    let open = came.with_untracked(Option::is_some);
    let announcer = use_context::<Announcer>();
    let form = NodeRef::<html::Form>::new();
    let agreement = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        recorder.can.set(microphone::is_there());
        // Ticked before scripts ran.
        recorder.agreed.set(agreement.get().is_some_and(|box_| box_.checked()));
    });
    on_cleanup(microphone::discard);
    let submit = move |event: SubmitEvent| {
        // A file is sent by the browser, as the form stands.
        let Some(blob) = microphone::taken() else { return };
        event.prevent_default();
        if sending.get_untracked() {
            return;
        }
        sending.set(true);
        spawn_local(async move {
            let answer = microphone::send(guest, &blob).await;
            if sending.try_set(false).is_some() {
                // The card is not open any more.
                return;
            }
            if answer == Ok(VoiceAnswer::Kept) {
                recorder.agree(false);
                if let Some(form) = form.get_untracked() {
                    form.reset();
                }
                edits.update(|edits| *edits += 1);
                if let Some(announcer) = announcer {
                    announcer.announce(tu_string!(i18n, people.voice.kept));
                }
            }
            came.set(Some(answer.map_or_else(Came::Failed, Came::Answer)));
        });
    };
    let needs_voice = move || !recorder.takes_file() && !recorder.is_heard();
    let withdrawal = move || {
        has_voice.get().then(|| {
            view! {
                <Removal
                    label=tu_string!(i18n, people.voice.withdraw)
                    action=WithdrawVoice::url()
                    fields=vec![("guest", guest.to_string())]
                    pending
                    remove=Callback::new(move |()| {
                        came.set(None);
                        withdraw.dispatch(WithdrawVoice { guest });
                    })
                />
            }
        })
    };
    view! {
        <Folded label=tu_string!(i18n, people.voice.title) outcome=gone open>
            <p>{tu_string!(i18n, people.voice.lede, seconds = VOICE_SECONDS)}</p>
            {move || came.with(|came| came.as_ref().map(|came| told(i18n, came)))}
            <FormNote outcome=gone done=tu_string!(i18n, people.voice.withdrawn)/>
            <form
                class="voice-form"
                method="post"
                enctype="multipart/form-data"
                action=format!("/guests/{guest}/voice")
                node_ref=form
                on:submit=submit
            >
                <div class="check">
                    <label class="check__label">
                        <input
                            class="check__box"
                            type="checkbox"
                            name="agreed"
                            value="on"
                            required=true
                            node_ref=agreement
                            on:change=move |event: Event| recorder.agree(event_target_checked(&event))
                        />
                        <span>{tu_string!(i18n, people.voice.agreed, seconds = VOICE_SECONDS)}</span>
                    </label>
                </div>
                {move || recorder.can.get().then(|| controls(i18n, recorder))}
                {move || {
                    recorder
                        .takes_file()
                        .then(|| {
                            view! {
                                <Field
                                    label=tu_string!(i18n, people.voice.file)
                                    name="voice"
                                    id="voice-file"
                                    kind="file"
                                    accept="audio/*"
                                    hint=tu_string!(i18n, people.voice.file_hint, seconds = VOICE_SECONDS, size = SIZE)
                                    required=true
                                />
                            }
                        })
                }}
                <button
                    class="button button--primary"
                    type="submit"
                    disabled=move || sending.get() || needs_voice() || stage.get() == Stage::Recording
                >
                    {tu_string!(i18n, people.voice.keep)}
                </button>
            </form>
            {withdrawal}
        </Folded>
    }
}

/// The most that is kept, in KB.
const SIZE: usize = VOICE_BYTES / 1024;

/// The button, the time that is left, and what was recorded. There is one button, so that whoever uses a keyboard does
/// not lose it.
fn controls(i18n: I18n, recorder: Recorder) -> AnyView {
    let Recorder { agreed, stage, left, .. } = recorder;
    let label = move || match stage.get() {
        Stage::Ready => tu_string!(i18n, people.voice.record, seconds = VOICE_SECONDS),
        Stage::Asking => tu_string!(i18n, people.voice.asking).to_owned(),
        Stage::Recording => tu_string!(i18n, people.voice.stop).to_owned(),
        Stage::Heard(_) => tu_string!(i18n, people.voice.again).to_owned(),
    };
    let time =
        move || (stage.get() == Stage::Recording).then(|| tu_string!(i18n, people.voice.left, count = left.get()));
    let heard = move || {
        let Stage::Heard(address) = stage.get() else { return None };
        let words = tu_string!(i18n, people.voice.listen);
        Some(view! {
            <div class="voice-form__heard">
                <p>{words}</p>
                <audio controls=true src=address aria-label=words></audio>
            </div>
        })
    };
    view! {
        <div class="voice-form__record cluster">
            <button class="button" type="button" disabled=move || !agreed.get() on:click=move |_| recorder.tapped()>
                {label}
            </button>
            // Read out it would be recorded too.
            <p class="voice-form__left" role="timer" aria-live="off">{time}</p>
        </div>
        {heard}
    }
    .into_any()
}

fn told(i18n: I18n, came: &Came) -> AnyView {
    let words = match came {
        Came::Answer(VoiceAnswer::Kept) => {
            return view! { <p class="note note--ok">{tu_string!(i18n, people.voice.kept)}</p> }.into_any();
        }
        Came::Answer(VoiceAnswer::NotAgreed) => tu_string!(i18n, people.voice.not_agreed).to_owned(),
        Came::Answer(VoiceAnswer::Missing) => tu_string!(i18n, people.voice.missing).to_owned(),
        Came::Answer(VoiceAnswer::TooLarge) => tu_string!(i18n, people.voice.too_large, size = SIZE),
        Came::Answer(VoiceAnswer::TooLong) => tu_string!(i18n, people.voice.too_long, seconds = VOICE_SECONDS),
        Came::Answer(VoiceAnswer::WrongType) => tu_string!(i18n, people.voice.wrong_type).to_owned(),
        Came::Failed(error) => error_text(i18n, error),
        Came::NoMicrophone => tu_string!(i18n, people.voice.no_microphone).to_owned(),
    };
    view! {
        <p class="note note--danger" role="alert">
            {words}
        </p>
    }
    .into_any()
}
