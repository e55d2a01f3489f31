//! Compiles the translations in `locales/` into the module `i18n`; a key that one language lacks is
//! reported here.

use leptos_i18n_build::{Config, ParseOptions, TranslationsInfos};
use std::{error::Error, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.toml");
    let config = Config::new("en")?
        .add_locales(["es", "zh"])?
        .add_namespaces(["common", "staff", "house", "guests", "alerts", "campaigns", "exchange"])?
        .parse_options(ParseOptions::new().interpolate_display(true));
    let translations = TranslationsInfos::parse(config)?;
    translations.emit_diagnostics();
    translations.rerun_if_locales_changed();
    translations
        .generate_i18n_module(PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?).join("i18n"))?;
    Ok(())
}
