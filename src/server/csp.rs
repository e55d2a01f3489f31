//! The Content-Security-Policy of every page: nothing runs but what this server sent with this
//! page's nonce.

use axum::http::{HeaderName, HeaderValue};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// Sets the header on the page that is being rendered.
pub fn set_header(nonce: &str) {
    let Some(response) = use_context::<ResponseOptions>() else {
        return;
    };
    // `cargo leptos watch` reloads the page through a socket on another port.
    let reload =
        if std::env::var_os("LEPTOS_WATCH").is_some() { " ws://127.0.0.1:3001 ws://localhost:3001" } else { "" };
    // WebAssembly needs its own permission to compile; it is no permission to evaluate text. What was recorded a moment
    // ago and is not kept yet is listened to as a blob.
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; media-src 'self' blob:; frame-src 'self'; font-src 'self'; connect-src 'self'{reload}; manifest-src 'self'; worker-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(value) = HeaderValue::from_str(&policy) {
        response.insert_header(HeaderName::from_static("content-security-policy"), value);
    }
}
