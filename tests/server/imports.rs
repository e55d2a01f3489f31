//! Bookings in: good rows are kept, bad ones are named, and the same file changes nothing.

use crate::harness::{BOOKINGS, Device, HEADER, House, monday};
use rapport::{
    error::AppError,
    exchange::{EndReason, ImportCounts, ImportState, api::Imports, store},
    guests::{PreferenceCode, PreferenceValue, api::OpenCard},
};

fn counts(rows: u64, created: u64, updated: u64, unchanged: u64, rejected: u64) -> ImportCounts {
    ImportCounts { rows, created, updated, unchanged, rejected }
}

/// Sends a file as a form without scripts does; the address to which the answer leads.
async fn upload(device: &Device, name: &str, content: &[u8]) -> String {
    let head = format!(
        "--part\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: text/csv\r\n\r\n"
    );
    let answer = device
        .http
        .post(format!("{}/imports", device.base))
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "multipart/form-data; boundary=part")
        .header("accept", "text/html")
        .header("cookie", device.cookie_header())
        .body([head.as_bytes(), content, b"\r\n--part--\r\n"].concat())
        .send()
        .await
        .expect("an answer");
    answer.headers()["location"].to_str().expect("an address").to_owned()
}

/// Reads everything in another language from now on.
fn speak(device: &mut Device, language: &str) {
    device.cookies.insert("rapport_lang".to_owned(), language.to_owned());
}

#[tokio::test]
async fn the_same_file_changes_nothing() {
    let house = House::open().await;
    let head = house.state.feed.head(house.id).await.expect("a head");
    let again = house.import(BOOKINGS).await;
    assert_eq!(again.counts, counts(6, 0, 0, 6, 0));
    assert_eq!(again.counts.to_string(), "rows=6 created=0 updated=0 unchanged=6 rejected=0");
    assert_eq!(house.state.feed.head(house.id).await.expect("a head"), head, "nothing to tell anyone");
}

#[tokio::test]
async fn a_changed_row_updates_its_reservation() {
    let house = House::open().await;
    let moved = BOOKINGS.replace("D,904,1,0,BB,168", "D,1001,1,0,BB,168");
    assert_eq!(house.import(&moved).await.counts, counts(6, 0, 1, 5, 0));
    let mut floor = house.device("floor", "floor").await;
    let guest = house.guest("M0001").await;
    let card = floor.call::<OpenCard>(&[("guest", guest.to_string())]).await.expect("a card");
    assert_eq!(card.room(), Some("1001"));
    assert_eq!(card.history().map(|history| history.stay_number), Some(2));
}

#[tokio::test]
async fn guests_are_matched_exactly_and_families_are_not_one_person() {
    let house = House::open().await;
    let rows = [
        // The same e-mail in other letters, the surname without its accent: known.
        "2001,CITY,Mr,Wei,ZHANG,,CHN,zh,Zhang.Wei@POST.example,,,,,2027-01-02,2027-01-03,A,1,1,0,BB,90,EUR,Direct,RESERVED,,,",
        // The same membership number: known, whatever the name looks like.
        "2002,CITY,Mr,W,Zang,,CHN,zh,,,,,M0001,2027-02-02,2027-02-03,A,1,1,0,BB,90,EUR,Direct,RESERVED,,,",
        // His wife: the same address and surname, another person.
        "2003,CITY,Mrs,Mei,Zhang,,CHN,zh,zhang.wei@post.example,,,,,2027-03-02,2027-03-03,A,1,1,0,BB,90,EUR,Direct,RESERVED,,peanuts,",
    ];
    let outcome = house.import(&format!("{HEADER}\n{}\n", rows.join("\n"))).await;
    assert_eq!(outcome.counts, counts(3, 3, 0, 0, 0));
    let mut desk = house.device("reception", "desk").await;
    let mut tries = 0;
    let names = loop {
        let lines = desk.call::<rapport::guests::api::Search>(&[("q", "zhang".to_owned())]).await.expect("an answer");
        let mut names: Vec<_> = lines.into_iter().map(|line| line.name.first).collect();
        names.sort_unstable();
        tries += 1;
        if names.len() == 2 || tries > 100 {
            break names;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(names, ["Mei", "Wei"]);
    let card = desk.call::<OpenCard>(&[("guest", house.guest("M0001").await.to_string())]).await.expect("a card");
    assert_eq!(card.dietary().len(), 1, "her peanuts are not his");
}

#[tokio::test]
async fn bad_rows_are_listed_and_good_rows_kept() {
    let house = House::open().await;
    let row = |number: &str, arrival: &str, departure: &str, first: &str, status: &str| {
        format!(
            "{number},CITY,Mr,{first},Teste,,PRT,pt,,,,,,{arrival},{departure},A,1,1,0,BB,90,EUR,Direct,{status},,,"
        )
    };
    let rows = [
        row("3001", "2027-01-02", "2027-01-03", "Good", "RESERVED"),
        row("3002", "31/02", "2027-01-03", "Date", "RESERVED"),
        row("3003", "2027-01-05", "2027-01-03", "Backwards", "RESERVED"),
        row("3001", "2027-01-02", "2027-01-03", "Twice", "RESERVED"),
        row("3004", "2027-01-02", "2027-01-03", "N\0ul", "RESERVED"),
        row("3005", "2027-01-02", "2027-01-03", &"x".repeat(10_000_000), "RESERVED"),
        row("3006", "2027-01-02", "2027-01-03", "Status", "SOMEWHERE"),
        "3007,CITY,too,few".to_owned(),
        row("3008", "2027-01-02", "2027-01-03", "Good too", "RESERVED"),
        row("3009", "2027-01-02", "2027-01-03", "Elsewhere", "RESERVED").replace("CITY", "MOON"),
    ];
    let outcome = house.import(&format!("\u{FEFF}{HEADER}\n{}\n", rows.join("\n"))).await;
    assert_eq!(outcome.counts, counts(10, 2, 0, 0, 8));
    let mut reader = csv::Reader::from_reader(outcome.report.as_bytes());
    assert_eq!(reader.headers().expect("a header"), vec!["line", "column", "value", "reason"]);
    let listed: Vec<(u64, String)> = reader
        .records()
        .map(|row| row.map(|row| (row[0].parse().unwrap_or(0), row[1].to_owned())).expect("a row"))
        .collect();
    for (line, column) in [
        (3, "arrival"),
        (4, "departure"),
        (5, "confirmation_no"),
        (6, "first_name"),
        (7, "first_name"),
        (8, "status"),
        (11, "property"),
    ] {
        assert!(listed.contains(&(line, column.to_owned())), "line {line}, {column}: {listed:?}");
    }
    assert!(listed.iter().any(|(line, _)| *line == 9), "too few columns: {listed:?}");
    assert!(outcome.report.len() < 100_000, "a huge value is not repeated");
}

#[tokio::test]
async fn the_report_is_in_the_language_of_whoever_downloads_it() {
    let house = House::open().await;
    let outcome = house.import(&BOOKINGS.replace("2026-11-22", "2026-02-31")).await;
    assert_eq!(outcome.counts.rejected, 1);
    let mut manager = house.device("manager", "desk").await;
    let path = format!("/imports/{}/report.csv", outcome.run);
    for (language, headings, reason) in [
        ("en", "line,column,value,reason", "The calendar has no such day."),
        ("es", "\u{FEFF}línea,columna,valor,motivo", "El calendario no tiene ese día."),
        ("zh", "\u{FEFF}行,列,值,原因", "日历上没有这一天。"),
    ] {
        speak(&mut manager, language);
        let report = manager.get(&path).await.bytes().await.expect("a report");
        let report = std::str::from_utf8(&report).expect("text");
        let lines: Vec<&str> = report.lines().collect();
        assert_eq!((lines.len(), lines[0]), (2, headings));
        assert!(lines[1].starts_with("3,arrival,2026-02-31,") && lines[1].contains(reason), "{report}");
        if language == "en" {
            assert_eq!(report, outcome.report, "the command's report");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_uploaded_file_stands_at_its_field() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let utf16: Vec<u8> = BOOKINGS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: [(&str, &[u8], &str, &str); 8] = [
        ("", b"", "No file was chosen.", "尚未选择文件。"),
        ("empty.csv", b"", "The file is empty.", "文件是空的。"),
        ("headings.csv", HEADER.as_bytes(), "no bookings below it", "没有任何预订"),
        ("utf16.csv", &utf16, "text in UTF-16", "UTF-16 文本"),
        ("picture.csv", b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", "not a text file", "不是文本文件"),
        ("program.csv", b"\x7FELF\x02\x01\x01\0\0\0", "not a text file", "不是文本文件"),
        ("book.csv", b"PK\x03\x04", "a workbook", "工作簿"),
        ("other.csv", b"name,colour\nAnna,green\n", "confirmation_no, property", "confirmation_no, property"),
    ];
    for (name, content, en, zh) in files {
        let address = upload(&manager, name, content).await;
        assert!(address.starts_with("/manage/imports?refused="), "{name}: {address}");
        for (language, text) in [("en", en), ("zh", zh)] {
            speak(&mut manager, language);
            let page = manager.get(&address).await.text().await.expect("a page");
            let (_, problem) = page.split_once("id=\"import-file-problem\"").expect("a problem at the field");
            let (problem, _) = problem.split_once("</p>").expect("its end");
            assert!(problem.contains(text), "{name}: {problem}");
            assert!(page.contains("aria-invalid=\"true\""), "{name}");
        }
    }
    let runs = manager.call::<Imports>(&[]).await.expect("runs");
    assert_eq!(runs.len(), 1, "what is refused at the field is no run");
    let address = upload(&manager, "bookings.csv", BOOKINGS.as_bytes()).await;
    assert!(address.starts_with("/manage/imports?run="), "{address}");
    let page = manager.get("/manage/imports").await.text().await.expect("a page");
    assert!(!page.contains("import-file-problem"), "nothing is wrong before anything was sent");
}

#[tokio::test]
async fn a_run_that_was_cut_off_says_so_in_the_readers_language() {
    let house = House::open().await;
    let cut = store::begin(&house.db, monday(), "cut.csv", "test", Some(house.id)).await.expect("a run");
    store::stop_interrupted(&house.db, monday()).await.expect("stopped");
    let mut manager = house.device("manager", "desk").await;
    let runs = manager.call::<Imports>(&[]).await.expect("runs");
    let state = runs.iter().find(|run| run.id == cut).map(|run| &run.state);
    assert_eq!(state, Some(&ImportState::Stopped(EndReason::Interrupted)));
    for (language, text) in
        [("en", "The server was stopped"), ("es", "El servidor se detuvo"), ("zh", "服务器停止了运行")]
    {
        speak(&mut manager, language);
        let page = manager.get("/manage/imports").await.text().await.expect("a page");
        assert!(page.contains(text), "{language}");
    }
}

#[tokio::test]
async fn headings_alone_are_an_import_of_nothing_by_command() {
    let house = House::open().await;
    assert_eq!(house.import(HEADER).await.counts, counts(0, 0, 0, 0, 0));
}

#[tokio::test]
async fn other_delimiters_and_encodings_are_read() {
    let house = House::open().await;
    let row = "4001;CITY;Herr;Jörg;Größe;;DEU;de;;;;;;2027-01-02;2027-01-03;A;1;1;0;BB;90;EUR;Direct;RESERVED;;;";
    let text = format!("{}\r\n{row}\r\n", HEADER.replace(',', ";"));
    let latin1: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    let clock: std::sync::Arc<dyn rapport::server::clock::Clock> = house.clock.clone();
    let options = rapport::exchange::import::Options {
        file: "latin1.csv".into(),
        by: "test".into(),
        house: Some(house.id),
        new_houses: false,
    };
    let outcome = rapport::exchange::import::run(&house.db, clock, options, std::io::Cursor::new(latin1))
        .await
        .expect("an import");
    assert_eq!(outcome.counts, counts(1, 1, 0, 0, 0));
    let names: Vec<String> = house
        .db
        .rows("SELECT VALUE last FROM guest WHERE first = 'Jörg'", rapport::server::db::vars())
        .await
        .expect("an answer");
    assert_eq!(names, ["Größe"]);
}

#[tokio::test]
async fn what_is_no_export_is_refused_with_the_missing_columns() {
    let house = House::open().await;
    let clock: std::sync::Arc<dyn rapport::server::clock::Clock> = house.clock.clone();
    let options =
        rapport::exchange::import::Options { file: "x.csv".into(), by: "test".into(), house: None, new_houses: false };
    let text = b"name,colour\nAnna,green\n".to_vec();
    let refused = rapport::exchange::import::run(&house.db, clock, options, std::io::Cursor::new(text))
        .await
        .expect_err("refused")
        .to_string();
    for word in ["file", "confirmation_no", "arrival"] {
        assert!(refused.contains(word), "{refused}");
    }
}

#[tokio::test]
async fn unknown_property_codes_make_houses_when_asked() {
    let house = House::open().await;
    let clock: std::sync::Arc<dyn rapport::server::clock::Clock> = house.clock.clone();
    let options =
        rapport::exchange::import::Options { file: "x.csv".into(), by: "test".into(), house: None, new_houses: true };
    let text = BOOKINGS.replace(",CITY,", ",RESORT,").into_bytes();
    let outcome =
        rapport::exchange::import::run(&house.db, clock, options, std::io::Cursor::new(text)).await.expect("an import");
    assert_eq!(outcome.counts, counts(6, 6, 0, 0, 0), "the same numbers in another house are other bookings");
    let houses = rapport::house::store::houses(&house.db).await.expect("houses");
    let codes: Vec<_> = houses.iter().map(|house| house.code.as_str()).collect();
    assert_eq!(codes, ["RESORT", "CITY"]);
}

/// An export of `count` bookings of as many people, with a row on line 2 that is refused.
fn export(count: u32) -> String {
    let mut file =
        format!("{HEADER}\nbad,CITY,Mr,Bad,Teste,,PRT,pt,,,,,,31/02,2027-01-03,A,1,1,0,BB,90,EUR,Direct,RESERVED,,,\n");
    for number in 0..count {
        file.push_str(&format!(
            "P{number},CITY,Ms,Ana,Teste{number},,PRT,pt,ana{number}@post.example,,,,,2027-01-02,2027-01-03,A,1,1,0,BB,\
             90,EUR,Direct,RESERVED,,,\n"
        ));
    }
    file
}

/// Imports a file and says what came of it, or why nothing did.
async fn import_into(
    house: &House,
    db: &rapport::server::db::Db,
    csv: &str,
    new_houses: bool,
) -> Result<rapport::exchange::import::Outcome, AppError> {
    let clock: std::sync::Arc<dyn rapport::server::clock::Clock> = house.clock.clone();
    let options = rapport::exchange::import::Options {
        file: "parallel.csv".into(),
        by: "test".into(),
        house: Some(house.id),
        new_houses,
    };
    rapport::exchange::import::run(db, clock, options, std::io::Cursor::new(csv.as_bytes().to_vec())).await
}

#[tokio::test]
async fn two_imports_at_once_take_turns() {
    let house = House::open().await;
    // Several chunks. One import is of another process, which knows nothing of this one's.
    let file = export(700);
    let beside = house.db.sibling();
    let (first, second, third) = tokio::join!(
        import_into(&house, &house.db, &file, false),
        import_into(&house, &house.db, &file, false),
        import_into(&house, &beside, &file, false),
    );
    let outcomes = [first, second, third].map(|outcome| outcome.expect("an import"));
    let sum = |of: fn(&ImportCounts) -> u64| outcomes.iter().map(|outcome| of(&outcome.counts)).sum::<u64>();
    assert_eq!(sum(|counts| counts.created), 700, "each booking is made once");
    assert_eq!(sum(|counts| counts.unchanged), 1_400, "and found by the others");
    for outcome in &outcomes {
        assert_eq!((outcome.counts.rows, outcome.counts.rejected), (701, 1));
        assert_eq!(outcome.report.lines().count(), 2, "what is counted is listed: {}", outcome.report);
    }
    let guests: Vec<String> = house
        .db
        .rows("SELECT VALUE last FROM guest WHERE first = 'Ana'", rapport::server::db::vars())
        .await
        .expect("an answer");
    assert_eq!(guests.len(), 700, "each guest is made once");
}

#[tokio::test]
async fn a_guest_who_is_new_to_two_imports_is_one_guest() {
    let house = House::open().await;
    let beside = house.db.sibling();
    let other = export(300).replace("\nP", "\nQ");
    let file = export(300);
    let (first, second) =
        tokio::join!(import_into(&house, &house.db, &file, false), import_into(&house, &beside, &other, false));
    for outcome in [first, second] {
        assert_eq!(outcome.expect("an import").counts, counts(301, 300, 0, 0, 1));
    }
    let guests: Vec<String> = house
        .db
        .rows("SELECT VALUE last FROM guest WHERE first = 'Ana'", rapport::server::db::vars())
        .await
        .expect("an answer");
    assert_eq!(guests.len(), 300, "one guest for both bookings");
}

#[tokio::test]
async fn two_imports_that_make_a_house_make_one() {
    let house = House::open().await;
    let beside = house.db.sibling();
    let file = BOOKINGS.replace(",CITY,", ",RESORT,");
    let (first, second) =
        tokio::join!(import_into(&house, &house.db, &file, true), import_into(&house, &beside, &file, true));
    let counted = [first, second].map(|outcome| outcome.expect("an import").counts);
    assert_eq!(counted[0].created + counted[1].created, 6);
    let houses = rapport::house::store::houses(&house.db).await.expect("houses");
    assert_eq!(houses.iter().filter(|house| house.code == "RESORT").count(), 1);
}

#[tokio::test]
async fn diets_illnesses_and_unknown_words_never_become_their_opposite() {
    let house = House::open().await;
    let row = |number: u32, requests: &str, allergies: &str| {
        format!(
            "D{number},CITY,Ms,Ana,Teste{number},,PRT,pt,,,,,D{number},2026-11-23,2026-11-25,A,1,1,0,BB,90,EUR,Direct,\
             RESERVED,{requests},{allergies},"
        )
    };
    let rows = [
        row(1, "", "halal"),
        row(2, "", "no known allergies"),
        row(3, "", "diabetes; nut-free"),
        row(4, "", "cilantro"),
        row(5, "Severe nut allergy; Late arrival", ""),
    ];
    assert_eq!(house.import(&format!("{HEADER}\n{}\n", rows.join("\n"))).await.counts, counts(5, 5, 0, 0, 0));
    let mut host = house.device("host", "restaurant").await;
    for (member, expected) in [
        ("D1", Some(PreferenceValue::Coded(PreferenceCode::Halal))),
        ("D2", None),
        ("D3", Some(PreferenceValue::Coded(PreferenceCode::NoNuts))),
        ("D4", Some(PreferenceValue::Booked("cilantro".to_owned()))),
        ("D5", Some(PreferenceValue::Coded(PreferenceCode::NoNuts))),
    ] {
        let guest = house.guest(member).await;
        let card = host.call::<OpenCard>(&[("guest", guest.to_string())]).await.expect("a card");
        let dietary: Vec<_> = card.dietary().iter().map(|preference| preference.value.clone()).collect();
        assert_eq!(dietary, expected.into_iter().collect::<Vec<_>>(), "{member}");
    }
    let page = host.get(&format!("/guests/{}", house.guest("D4").await)).await.text().await.expect("a page");
    assert!(page.contains("As booked, ask first: cilantro"), "marked as what it is");
}
