use super::*;

fn from_env(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_sources(owned(variables), None)
}

fn from_file(text: &str) -> Result<Config, ConfigError> {
    Config::from_sources(std::iter::empty(), Some((PathBuf::from("/etc/rapport.toml"), text.to_owned())))
}

fn owned(variables: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<Vec<_>>().into_iter()
}

fn refusal(result: Result<Config, ConfigError>) -> String {
    result.expect_err("refused").to_string()
}

#[test]
fn nothing_needs_to_be_set() {
    let config = from_env(&[("PATH", "/usr/bin"), ("HOME", "/root")]).expect("the defaults are right");
    assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
    assert_eq!(config.data_dir, Path::new("./data"));
    assert_eq!(config.db, Database::Embedded(Path::new("./data").join("db")));
    assert_eq!((config.db_namespace.as_str(), config.db_database.as_str()), ("rapport", "rapport"));
    assert_eq!(config.site_root, Path::new("./site"));
    assert_eq!((config.tls, config.trust_proxy), (false, false));
    assert_eq!(config.base_url, None);
    assert_eq!((config.log.as_str(), config.log_format), ("info", LogFormat::Text));
    assert_eq!((config.idle_minutes, config.session_hours), (15, 12));
    assert_eq!(config.alert_retention_days, 90);
    assert_eq!(config.upload_mb, 64);
    assert_eq!(config.warnings, [] as [String; 0]);
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "addr = '0.0.0.0:8080'\nidle_minutes = 30\ntls = true\n";
    let config = Config::from_sources(
        owned(&[("RAPPORT_IDLE_MINUTES", "5"), ("RAPPORT_TLS", "")]),
        Some((PathBuf::from("rapport.toml"), file.to_owned())),
    )
    .expect("right");
    assert_eq!(config.addr.to_string(), "0.0.0.0:8080");
    assert_eq!(config.idle_minutes, 5);
    assert!(config.tls, "an empty variable counts as not set");
}

#[test]
fn a_server_for_the_records() {
    let config = from_env(&[
        ("RAPPORT_DB", "wss://db.example:8000/"),
        ("RAPPORT_DB_USER", "rapport"),
        ("RAPPORT_DB_PASSWORD", "open sesame"),
    ])
    .expect("right");
    let Database::Server { url, login: Some((user, password)) } = &config.db else { panic!("{:?}", config.db) };
    assert_eq!((url.as_str(), user.as_str(), password.expose()), ("wss://db.example:8000", "rapport", "open sesame"));
    assert!(!format!("{config:?}").contains("sesame"));
    assert_eq!(from_env(&[("RAPPORT_DB", "mem://")]).expect("right").db, Database::Memory);
}

#[test]
fn a_wrong_value_is_named_with_its_source_and_what_would_do() {
    assert_eq!(
        refusal(from_env(&[("RAPPORT_IDLE_MINUTES", "0")])),
        "setting idle_minutes (RAPPORT_IDLE_MINUTES) is \"0\" in the environment; expected a whole number from 1 to 240"
    );
    assert_eq!(
        refusal(from_file("upload_mb = 0")),
        "setting upload_mb (RAPPORT_UPLOAD_MB) is \"0\" in /etc/rapport.toml; expected a whole number from 1 to 1024"
    );
    assert_eq!(
        refusal(from_file("tls = ['yes']")),
        "setting tls (RAPPORT_TLS) is \"array\" in /etc/rapport.toml; expected true or false"
    );
}

#[test]
fn every_setting_refuses_nonsense() {
    let nonsense = [
        ("RAPPORT_ADDR", "localhost"),
        ("RAPPORT_ADDR", "127.0.0.1:99999"),
        ("RAPPORT_DATA_DIR", " "),
        ("RAPPORT_DB", "postgres://db"),
        ("RAPPORT_DB", "ws://"),
        ("RAPPORT_DB", "./data"),
        ("RAPPORT_DB_NAMESPACE", "a b"),
        ("RAPPORT_DB_DATABASE", "x;REMOVE DATABASE y"),
        ("RAPPORT_TLS", "maybe"),
        ("RAPPORT_BASE_URL", "rapport.example"),
        ("RAPPORT_BASE_URL", "https://rapport.example/app"),
        ("RAPPORT_BASE_URL", "ftp://rapport.example"),
        ("RAPPORT_LOG", "rapport=loud"),
        ("RAPPORT_LOG", "debugg"),
        ("RAPPORT_LOG_FORMAT", "xml"),
        ("RAPPORT_IDLE_MINUTES", "241"),
        ("RAPPORT_IDLE_MINUTES", "a quarter"),
        ("RAPPORT_SESSION_HOURS", "25"),
        ("RAPPORT_SESSION_HOURS", "-1"),
        ("RAPPORT_ALERT_RETENTION_DAYS", "0"),
        ("RAPPORT_ALERT_RETENTION_DAYS", "3651"),
        ("RAPPORT_UPLOAD_MB", "1025"),
        ("RAPPORT_TRUST_PROXY", "2"),
    ];
    for (variable, value) in nonsense {
        let sentence = refusal(from_env(&[(variable, value)]));
        assert!(sentence.contains(variable) && sentence.contains("expected"), "{sentence}");
    }
}

#[test]
fn a_password_is_never_shown() {
    let with_password = from_env(&[("RAPPORT_DB", "ws://root:sesame@db.example:8000")]);
    let sentence = refusal(with_password);
    assert!(sentence.contains("RAPPORT_DB") && !sentence.contains("sesame"), "{sentence}");
    let sentence = refusal(from_file("db_user = 'rapport'\ndb_password = 'sesame"));
    assert!(sentence.contains("line 2") && !sentence.contains("sesame"), "{sentence}");
    let sentence = refusal(from_file("db_password = ['sesame']"));
    assert!(sentence.contains("db_password") && !sentence.contains("sesame"), "{sentence}");
}

#[test]
fn an_unknown_key_stops_the_start_and_an_unknown_variable_warns() {
    let sentence = refusal(from_file("idle_minute = 15"));
    assert!(
        sentence.starts_with("unknown setting \"idle_minute\" in /etc/rapport.toml; known are: addr, "),
        "{sentence}"
    );
    assert!(sentence.contains("idle_minutes"), "{sentence}");

    let config = from_env(&[
        ("RAPPORT_IDLE_MINUTE", "15"),
        ("RAPPORT_CHROMIUM", "/usr/bin/chromium"),
        ("RAPPORT_TARGET_DIR", "/tmp/target"),
        ("RAPPORT_TOOLCHAIN_ROUTE", "B"),
        ("RAPPORT_CONFIG", "/etc/rapport.toml"),
    ])
    .expect("starts");
    assert_eq!(config.warnings.len(), 1);
    assert!(config.warnings[0].starts_with("the variable RAPPORT_IDLE_MINUTE is not known"), "{:?}", config.warnings);
}

#[test]
fn settings_that_contradict_each_other_stop_the_start() {
    let login = [("RAPPORT_DB_USER", "root"), ("RAPPORT_DB_PASSWORD", "sesame")];
    for (variables, named) in [
        (
            [("RAPPORT_TLS", "true"), ("RAPPORT_BASE_URL", "http://rapport.example")],
            ["RAPPORT_TLS", "RAPPORT_BASE_URL"],
        ),
        ([("RAPPORT_DB", "ws://db.example:8000"), login[0]], ["RAPPORT_DB_USER", "RAPPORT_DB_PASSWORD"]),
        ([("RAPPORT_DB", "ws://db.example:8000"), login[1]], ["RAPPORT_DB_USER", "RAPPORT_DB_PASSWORD"]),
        (login, ["RAPPORT_DB_USER", "RAPPORT_DB"]),
    ] {
        let sentence = refusal(from_env(&variables));
        assert!(named.iter().all(|variable| sentence.contains(&format!("({variable})"))), "{sentence}");
        assert!(sentence.contains("expected") && !sentence.contains("sesame"), "{sentence}");
    }
    let odd = from_env(&[("RAPPORT_BASE_URL", "https://rapport.example/")]).expect("starts");
    assert_eq!(odd.base_url.as_deref(), Some("https://rapport.example"));
    assert_eq!(odd.warnings.len(), 1);
}

#[test]
fn a_file_is_loaded_and_a_missing_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rapport.toml");
    let missing = Config::load(Some(&path)).expect_err("missing").to_string();
    assert!(missing.contains("rapport.toml") && missing.contains("cannot be read"), "{missing}");

    std::fs::write(&path, "\u{feff}# ours\nsession_hours = 8\n").expect("written");
    assert_eq!(Config::load(Some(&path)).expect("right").session_hours, 8);
}

#[test]
fn every_setting_stands_in_the_example_with_its_default() {
    let example = include_str!("../../../rapport.example.toml");
    assert_eq!(from_file(example).expect("right"), from_env(&[]).expect("right"));
    for setting in SETTINGS {
        assert!(example.lines().any(|line| line.starts_with(&format!("{} = ", setting.key))), "{}", setting.key);
    }
}
