//! Compiles the translations in `locales/` into the module `i18n`; a key that one language lacks is
//! reported here.

use leptos_i18n_codegen::gen_code;
use leptos_i18n_parser::parse_locales::{
    options::{Config, ParseOptions},
    parse_locales,
};
use std::{error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.toml");
    let config = Config::new("en")?
        .add_locales(["es", "zh"])?
        .add_namespaces([
            "common",
            "staff",
            "house",
            "guests",
            "alerts",
            "campaigns",
            "exchange",
            "requests",
            "work",
            "memory",
            "people",
            "visits",
            "loyalty",
            "care",
        ])?
        .parse_options(ParseOptions::new().interpolate_display(true));
    let translations = parse_locales(None, config)?;
    for path in translations.tracked_files.iter().flatten() {
        println!("cargo::rerun-if-changed={path}");
    }
    for warning in translations.diag.warnings().iter() {
        println!("cargo::warning={warning}");
    }
    for error in translations.diag.errors().iter() {
        println!("cargo::error={error}");
    }
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?).join("i18n");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("mod.rs"), gen_code(&translations, None, false, None, false)?.to_string())?;
    Ok(())
}
