//! The document around the application: head, style, and the script that starts it in the browser.

use super::App;
use leptos::{hydration::AutoReload, nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

/// The whole HTML document, rendered by the server. Its language and title are set from inside the
/// application.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    if let Some(nonce) = use_nonce() {
        crate::server::csp::set_header(&nonce);
    }
    let stylesheet = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    view! {
        <!DOCTYPE html>
        <html>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f8f3e7"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#121613"/>
                <link rel="icon" id="favicon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/icons/icon-180.png"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="stylesheet" id="leptos" href=stylesheet/>
                <AutoReload options=options.clone()/>
                <Start options=options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Fetches the browser's part of the application and starts it. It stands in for the framework's
/// `HydrationScripts`, which writes the nonce into `crossorigin` as well; Firefox then fetches
/// everything twice and starts nothing.
///
/// The module is fetched ahead by a script rather than by a link in the page: browsers that run no
/// scripts would fetch it for nothing, and complain that it was never used.
#[component]
fn Start(options: LeptosOptions) -> impl IntoView {
    let nonce = use_nonce();
    let LeptosOptions { site_pkg_dir, output_name, .. } = options;
    let script = format!("/{site_pkg_dir}/{output_name}.js");
    let module = format!("/{site_pkg_dir}/{output_name}.wasm");
    let ahead = format!(
        "document.head.append(Object.assign(document.createElement(\"link\"), \
         {{ rel: \"preload\", href: {module:?}, as: \"fetch\", type: \"application/wasm\", crossOrigin: \"\" }}));"
    );
    let start = format!(
        "import start, {{ hydrate }} from {script:?};\nstart({{ module_or_path: {module:?} }}).then(() => hydrate());"
    );
    view! {
        <link rel="modulepreload" href=script crossorigin="" nonce=nonce.clone()/>
        <script nonce=nonce.clone()>{ahead}</script>
        <script type="module" nonce=nonce>
            {start}
        </script>
    }
}
