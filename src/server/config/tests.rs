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
    assert_eq!((config.mail, config.returns), (None, None));
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
        ("RAPPORT_MAIL", "relay.example"),
        ("RAPPORT_MAIL", "https://relay.example"),
        ("RAPPORT_MAIL", "smtp://"),
        ("RAPPORT_MAIL", "smtp://relay.example/path"),
        ("RAPPORT_MAIL", "smtp://relay.example?weight=0"),
        ("RAPPORT_MAIL", "smtp://relay.example?wait=1"),
        ("RAPPORT_MAIL", "smtp://relay.example?tls=maybe"),
        ("RAPPORT_MAIL", "smtps://relay.example?tls=none"),
        ("RAPPORT_MAIL", "smtp://relay.example?command=10"),
        ("RAPPORT_MAIL", "smtp://relay.example?command=0ms"),
        ("RAPPORT_MAIL", "smtp://relay.example?ca=/no/such/file"),
        ("RAPPORT_MAIL", "smtp://relay.example, ftp://relay.example"),
        ("RAPPORT_MAIL", "file:"),
        ("RAPPORT_MAIL_FROM", "The Cedars"),
        ("RAPPORT_MAIL_FROM", "The\r\nCedars <a@hotel.example>"),
        ("RAPPORT_MAIL_FROM", "a@hotel.example, b@hotel.example"),
        ("RAPPORT_MAIL_BOUNCE", "nobody"),
        ("RAPPORT_MAIL_HELLO", "me"),
        ("RAPPORT_MAIL_PER_MINUTE", "0"),
        ("RAPPORT_MAIL_CONNECTIONS", "65"),
        ("RAPPORT_DKIM_DOMAIN", "hotel"),
        ("RAPPORT_DKIM_SELECTOR", "a b"),
        ("RAPPORT_DKIM_KEY", "/no/such/file"),
        ("RAPPORT_RETURNS", "imap://user:x@mail.example/INBOX"),
        ("RAPPORT_RETURNS", "imaps://mail.example/INBOX"),
        ("RAPPORT_RETURNS", "dir:"),
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
fn relays_have_weights_times_and_logins() {
    let config = from_env(&[
        ("RAPPORT_BASE_URL", "https://rapport.example"),
        ("RAPPORT_TLS", "true"),
        ("RAPPORT_MAIL", "smtp://us%40er:se%2Csame@one.example?weight=3&body=2m, smtps://two.example:1465 smtp://[::1]:25?tls=none&command=250ms"),
        ("RAPPORT_MAIL_FROM", "The Cedars <Greetings@Hotel.example>"),
    ])
    .expect("right");
    assert!(!format!("{config:?}").contains("sesame") && !format!("{config:?}").contains("se,same"));
    let mail = config.mail.expect("mail");
    assert_eq!(mail.from.name.as_deref(), Some("The Cedars"));
    assert_eq!((mail.bounce.as_str(), mail.hello.as_str()), ("Greetings@hotel.example", "hotel.example"));
    assert_eq!((mail.per_minute, mail.connections, &mail.dkim), (600, 4, &None));
    let Transport::Relays(relays) = mail.transport else { panic!("relays") };
    let told: Vec<_> =
        relays.iter().map(|relay| (relay.host.as_str(), relay.port, relay.security, relay.weight)).collect();
    assert_eq!(
        told,
        [
            ("one.example", 587, Security::StartTls, 3),
            ("two.example", 1465, Security::Tls, 1),
            ("::1", 25, Security::Plain, 1)
        ]
    );
    let (user, password) = relays[0].login.as_ref().expect("a login");
    assert_eq!((user.as_str(), password.expose()), ("us@er", "se,same"));
    assert_eq!(relays[0].limits.body.as_secs(), 120);
    assert_eq!(relays[2].limits.command.as_millis(), 250);
}

#[test]
fn mail_may_go_into_a_folder_and_come_back_from_a_mailbox() {
    let config = from_env(&[
        ("RAPPORT_MAIL", "file:./outbox"),
        ("RAPPORT_MAIL_FROM", "greetings@hotel.example"),
        ("RAPPORT_RETURNS", "imaps://bounces:sesame@mail.example/Return%20mail"),
    ])
    .expect("right");
    assert_eq!(config.public_url(), "http://127.0.0.1:3000");
    assert!(
        matches!(&config.mail, Some(Mail { transport: Transport::Folder(folder), .. }) if folder == Path::new("./outbox"))
    );
    let Some(Returns::Imap { host, port, login: (user, password), folder, ca }) = config.returns else {
        panic!("IMAP")
    };
    assert_eq!((host.as_str(), port, user.as_str(), password.expose()), ("mail.example", 993, "bounces", "sesame"));
    assert_eq!((folder.as_str(), ca), ("Return mail", None));
    let returns = from_env(&[("RAPPORT_RETURNS", "dir:/var/mail/bounces")]).expect("right").returns;
    assert_eq!(returns, Some(Returns::Folder(PathBuf::from("/var/mail/bounces"))));
}

#[test]
fn mail_that_nobody_could_answer_for_stops_the_start() {
    let relay = ("RAPPORT_MAIL", "smtp://relay.example");
    let from = ("RAPPORT_MAIL_FROM", "greetings@hotel.example");
    let url = ("RAPPORT_BASE_URL", "http://rapport.example");
    for (variables, named) in [
        (vec![relay, url], "RAPPORT_MAIL_FROM"),
        (vec![relay, from], "RAPPORT_BASE_URL"),
        (vec![("RAPPORT_DKIM_DOMAIN", "hotel.example")], "RAPPORT_DKIM_KEY"),
    ] {
        let sentence = refusal(from_env(&variables));
        assert!(sentence.contains(named) && sentence.contains("expected"), "{sentence}");
    }
    let odd = from_env(&[relay, from, url]).expect("starts");
    assert!(odd.warnings.iter().any(|warning| warning.contains("one click")), "{:?}", odd.warnings);
    // A password in the clear is not sent, and not shown either.
    let sentence = refusal(from_env(&[("RAPPORT_MAIL", "smtp://user:sesame@relay.example?tls=none")]));
    assert!(sentence.contains("RAPPORT_MAIL") && !sentence.contains("sesame"), "{sentence}");
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
