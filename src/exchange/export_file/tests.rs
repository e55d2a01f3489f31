use super::*;
use crate::{error::Problem, guests::PreferenceCode};
use proptest::prelude::*;

const HEADER: &str = "confirmation_no,property,title,first_name,last_name,native_name,nationality,language,email,phone,\
    birth_date,vip_code,membership_no,arrival,departure,room_type,room_no,adults,children,meal_plan,adr,currency,\
    market_segment,status,special_requests,allergies,email_opt_in";
const ZHANG: &str = "117001,CITY,Mr,Wei,Zhang,张伟,CN,zh,Wei.Zhang@Example.com,+86 139 1234 5678,1963-05-12,V2,7714070286,\
    2026-11-20,2026-11-25,A,1118,2,1,BB,94.5,EUR,Direct,CHECKED IN,Sea view; Baby cot,shellfish,Y";

type Row = Result<Booking, Vec<Rejected>>;

fn rows(file: impl AsRef<[u8]>) -> Vec<Row> {
    ExportReader::open(file.as_ref()).expect("a readable header").collect()
}

/// The row of a file that has one.
#[track_caller]
fn only(row: &str) -> Row {
    let mut rows = rows(format!("{HEADER}\r\n{row}\r\n"));
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

#[track_caller]
fn booked(row: Row) -> Booking {
    row.expect("a booking")
}

/// Column and reason of everything refused.
#[track_caller]
fn refused(row: Row) -> Vec<(String, Reason)> {
    row.expect_err("a refusal").into_iter().map(|one| (one.column, one.reason)).collect()
}

/// The good row with one value changed.
fn with(column: Column, value: &str) -> String {
    let mut values: Vec<&str> = ZHANG.split(',').collect();
    values[column as usize] = value;
    values.join(",")
}

#[track_caller]
fn assert_refused(column: Column, value: &str, reason: impl Into<Reason>) {
    let refused = refused(only(&with(column, value)));
    assert_eq!(refused, [(column.name().to_owned(), reason.into())], "{value:?}");
}

fn not_listed(accepted: &str, or_empty: bool) -> Reason {
    Reason::NotListed { accepted: accepted.to_owned(), or_empty }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn a_good_row_is_a_booking() {
    let booking = booked(only(ZHANG));
    assert_eq!(
        booking,
        Booking {
            line: 2,
            confirmation: "117001".into(),
            property: "CITY".into(),
            name: GuestName {
                salutation: Some("Mr".into()),
                first: "Wei".into(),
                last: "Zhang".into(),
                native: Some("张伟".into()),
                say: None,
            },
            nationality: Some("CHN".into()),
            language: Some("zh".into()),
            email: Some("wei.zhang@example.com".into()),
            phone: Some("+8613912345678".into()),
            birthday: Birthday::new(Some(1963), 5, 12),
            vip: 2,
            membership: Some("7714070286".into()),
            arrival: NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day"),
            departure: NaiveDate::from_ymd_opt(2026, 11, 25).expect("a day"),
            room_type: "A".into(),
            room: Some("1118".into()),
            adults: 2,
            children: 1,
            meal_plan: "BB".into(),
            rate: 9_450,
            currency: "EUR".into(),
            market_segment: "Direct".into(),
            status: ReservationStatus::CheckedIn,
            special_requests: Some("Sea view; Baby cot".into()),
            health: None,
            preferences: [PreferenceCode::SeaView, PreferenceCode::NoShellfish]
                .map(|code| (code.group(), PreferenceValue::Coded(code)))
                .to_vec(),
            email_opt_in: Some(true),
            fingerprint: booking.fingerprint.clone(),
        }
    );
    assert_eq!(booking.fingerprint.len(), 64);
}

#[test]
fn what_may_be_empty_may_be_missing() {
    let booking = booked(only("1,RESORT,,,Silva,,NULL,null,,NULL,,,,2026-11-20,2026-11-20,,,0,0,,0,eur,,no-show,,,"));
    assert_eq!((booking.name.first.as_str(), booking.name.last.as_str()), ("", "Silva"));
    assert_eq!((booking.nationality, booking.language, booking.phone, booking.room), (None, None, None, None));
    assert_eq!((booking.vip, booking.rate, booking.email_opt_in), (0, 0, None));
    assert_eq!(booking.status, ReservationStatus::NoShow);
    assert!(booking.preferences.is_empty());
    assert_eq!(booked(only(&with(Column::LastName, "Null"))).name.last, "Null", "a surname like any other");
}

#[test]
fn each_bad_value_is_named() {
    use Column as C;
    let long = "z".repeat(81);
    let not_known = |value: &str, expected: &str| Problem::NotKnown(value.to_owned(), expected.to_owned());
    let day = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
    for (column, value, problem) in [
        (C::ConfirmationNo, " ", Problem::Empty),
        (C::Property, "", Problem::Empty),
        (C::FirstName, "We\u{1B}i", Problem::BadCharacter),
        (C::LastName, long.as_str(), Problem::TooLong(80)),
        (C::Nationality, "XYZ", not_known("XYZ", "ISO 3166-1: PT, PRT")),
        (C::Language, "zz", not_known("zz", "ISO 639-1: en, es, pt, zh")),
        (C::Email, "wei.zhang", Problem::NotEmail("wei.zhang".to_owned())),
        (C::Email, "a@b.example b@b.example", Problem::NotEmail("a@b.example b@b.example".to_owned())),
        (C::Phone, "call me", Problem::NotPhone("call me".to_owned())),
        (C::BirthDate, "1990-02-31", Problem::NotDate("1990-02-31".to_owned())),
        (C::MembershipNo, "77/14", Problem::BadCharacter),
    ] {
        assert_refused(column, value, problem);
    }
    for (column, value, reason) in [
        (C::VipCode, "V9", not_listed("V1, V2, V3", true)),
        (C::Arrival, "", Reason::NotDate),
        (C::Arrival, "31/02", Reason::NotDate),
        (C::Arrival, "2026-02-31", Reason::NotInCalendar),
        (C::Arrival, "20.11.2026", Reason::NotDate),
        (C::Arrival, "2026-11-2", Reason::NotDate),
        (C::Departure, "2026-11-19", Reason::BeforeArrival(day)),
        (C::Adults, "two", Reason::NotCount(999)),
        (C::Adults, "", Reason::NotCount(999)),
        (C::Children, "-1", Reason::NotCount(999)),
        (C::Children, "1000", Reason::NotCount(999)),
        (C::Adr, "-1", Reason::Negative),
        (C::Adr, "free", Reason::NotAmount),
        (C::Currency, "EURO", Reason::NotCurrency),
        (C::Status, "ARRIVED", not_listed("RESERVED, CHECKED IN, CHECKED OUT, CANCELLED, NO SHOW", false)),
        (C::EmailOptIn, "maybe", not_listed("Y, N", true)),
    ] {
        assert_refused(column, value, reason);
    }
}

#[test]
fn everything_wrong_with_a_row_is_told_at_once() {
    let row = with(Column::Arrival, "31/02").replace("94.5", "free").replace("Wei,Zhang", ",").replace("1118", "9");
    let columns: Vec<_> = refused(only(&row)).into_iter().map(|(column, _)| column).collect();
    assert_eq!(columns, ["last_name", "arrival", "adr"]);
}

#[test]
fn a_national_number_is_read_by_nationality() {
    let row = with(Column::Phone, "912 345 678").replace(",CN,", ",PRT,");
    assert_eq!(booked(only(&row)).phone.as_deref(), Some("+351912345678"));
    assert_refused(Column::Phone, "912 345 678", Problem::NotPhone("912 345 678".to_owned()));
}

#[test]
fn a_row_of_another_width_is_refused_as_a_whole() {
    let whole = |row: &str| refused(only(row)).remove(0);
    assert_eq!(whole("1,CITY"), (String::new(), Reason::Width { fields: 2, columns: 27 }));
    assert_eq!(whole(&format!("{ZHANG},")).1, Reason::Width { fields: 28, columns: 27 });
}

#[test]
fn nul_and_long_fields_are_refused_and_shown_short() {
    let rejected = only(&with(Column::LastName, "Zh\u{0}ang")).expect_err("a refusal");
    assert_eq!((rejected[0].column.as_str(), rejected[0].value.as_str()), ("last_name", "Zh\\u{0}ang"));
    assert_eq!(rejected[0].reason, Reason::Nul);

    let long = "x".repeat(1024 * 1024);
    for value in [long.clone(), format!("\"{long}\"")] {
        let file = format!("{HEADER}\n{}\n{ZHANG}\n", with(Column::SpecialRequests, &value));
        let rows = rows(file);
        let rejected = rows[0].as_ref().expect_err("a refusal");
        assert_eq!(rejected[0].column, "special_requests");
        assert_eq!(rejected[0].reason, Reason::TooManyBytes(65_536));
        assert_eq!(rejected[0].value, "x".repeat(EXCERPT));
        assert_eq!(rows[1].as_ref().map(|booking| booking.line), Ok(3));
    }
}

#[test]
fn a_confirmation_number_is_taken_once() {
    let bad = with(Column::ConfirmationNo, "5").replace("94.5", "free");
    let good = with(Column::ConfirmationNo, "5");
    let rows = rows(format!("{HEADER}\n{ZHANG}\n{bad}\n{good}\n{ZHANG}\n"));
    assert!(rows[0].is_ok());
    assert!(rows[1].is_err());
    assert!(rows[2].is_ok(), "a refused row does not take its number");
    let rejected = rows[3].as_ref().expect_err("a refusal");
    assert_eq!((rejected[0].line, rejected[0].column.as_str()), (5, "confirmation_no"));
    assert_eq!(rejected[0].reason, Reason::AlreadyOn(2));
}

#[test]
fn lines_are_those_of_the_file() {
    let quoted = with(Column::SpecialRequests, "\"Sea view\r\nLate arrival\"");
    let last = with(Column::ConfirmationNo, "2").replace("94.5", "free");
    let rows = rows(format!("{HEADER}\r\n\r\n{quoted}\r\n{last}\r\n"));
    let first = booked(rows[0].clone());
    assert_eq!((first.line, first.special_requests.as_deref()), (3, Some("Sea view\nLate arrival")));
    assert_eq!(
        first.preferences.first(),
        Some(&(PreferenceGroup::Room, PreferenceValue::Coded(PreferenceCode::SeaView)))
    );
    assert_eq!(rows[1].as_ref().expect_err("a refusal")[0].line, 5);
}

#[test]
fn an_open_quotation_mark_is_told_and_later_rows_are_kept() {
    let open = with(Column::Title, "\"Mr");
    let rows = rows(format!("{HEADER}\n{open}\n{ZHANG}\n"));
    let rejected = rows[0].as_ref().expect_err("a refusal");
    assert_eq!((rejected[0].line, rejected[0].column.as_str()), (2, "title"));
    assert_eq!(rejected[0].reason, Reason::Unclosed);
    assert_eq!(rows[1].as_ref().map(|booking| booking.line), Ok(3));
}

#[test]
fn form_makes_no_difference() {
    let plain = booked(only(ZHANG));
    for delimiter in [";", "\t", "|"] {
        // The one value that has a semicolon is quoted.
        let row = ZHANG.replace(',', delimiter).replace("Sea view; Baby cot", "\"Sea view; Baby cot\"");
        let file = format!("\u{FEFF}{}\n{row}", HEADER.replace(',', delimiter));
        assert_eq!(booked(rows(file).remove(0)), plain, "{delimiter:?}");
    }

    let accented = ZHANG.replace("Wei,Zhang,张伟", "José,Gonçalves,");
    let utf8 = booked(only(&accented));
    let latin1: Vec<u8> = format!("{HEADER}\n{accented}\n").chars().map(|c| c as u8).collect();
    assert_eq!(booked(rows(latin1).remove(0)), utf8);
    assert_eq!(utf8.name.full(), "José Gonçalves");

    // Columns in another order and spelling, with one more.
    let backwards = |line: &str, extra: &str| line.split(',').rev().chain([extra]).collect::<Vec<_>>().join(",");
    let header = backwards(&HEADER.to_uppercase().replace('_', " "), "loyalty points");
    let file = format!("{header}\n{}\n", backwards(ZHANG, "12"));
    assert_eq!(booked(rows(file).remove(0)), plain);
}

#[test]
fn a_changed_row_has_another_fingerprint() {
    let plain = booked(only(ZHANG)).fingerprint;
    assert_ne!(booked(only(&with(Column::RoomNo, "1119"))).fingerprint, plain);
    assert_ne!(booked(only(&with(Column::Allergies, "peanuts"))).fingerprint, plain);
    let moved = ZHANG.replace("A,1118", "A1,118");
    assert_ne!(booked(only(&moved)).fingerprint, plain);
}

#[test]
fn a_file_that_is_no_export_is_refused() {
    let refused = |file: &str| match ExportReader::open(file.as_bytes()) {
        Ok(_) => panic!("accepted"),
        Err(problem) => problem,
    };
    assert_eq!(refused(""), FileProblem::Empty);
    assert_eq!(refused("\n\n"), FileProblem::Empty);
    assert_eq!(refused("\u{FEFF}\r\n"), FileProblem::Empty);
    assert_eq!(refused("PK\u{3}\u{4}"), FileProblem::Packed);
    assert_eq!(refused("\u{89}PNG\r\n\u{1A}\n\0"), FileProblem::NotText);
    assert_eq!(refused(&format!("{HEADER},Confirmation No\n")), FileProblem::Repeated("confirmation_no".to_owned()));
    let wide = format!("{HEADER}{}", ",x".repeat(300));
    assert_eq!(refused(&wide), FileProblem::TooManyColumns { found: 327, most: 256 });
    let header = HEADER.replace("arrival,", "").replace("status", "state");
    let found = names(&header.split(',').collect::<Vec<_>>());
    assert_eq!(refused(&header), FileProblem::Missing { missing: names(&["arrival", "status"]), found });
}

#[test]
fn headings_alone_are_no_rows() {
    for (file, has_rows) in [
        (HEADER.to_owned(), false),
        (format!("{HEADER}\r\n\r\n"), false),
        (format!("{HEADER}\n{ZHANG}\n{}", with(Column::ConfirmationNo, "2")), true),
    ] {
        let mut reader = ExportReader::open(file.as_bytes()).expect("a readable header");
        assert_eq!(reader.has_rows(), has_rows);
        assert_eq!(reader.has_rows(), has_rows, "asking takes no row away");
        let lines: Vec<_> = reader.map(|row| booked(row).line).collect();
        assert_eq!(lines, if has_rows { vec![2, 3] } else { Vec::new() });
    }
}

#[test]
fn columns_that_a_booking_can_do_without_may_be_absent() {
    let header =
        "confirmation_no,property,first_name,last_name,arrival,departure,room_type,adults,children,adr,currency,status";
    let file = format!("{header}\n1,CITY,Wei,Zhang,2026-11-20,2026-11-21,A,1,0,62,EUR,RESERVED\n");
    let mut reader = ExportReader::open(file.as_bytes()).expect("every column that is needed");
    assert_eq!(reader.absent_columns().len(), Column::ALL.len() - 12);
    assert!(reader.absent_columns().contains(&"email"));
    assert_eq!(booked(reader.next().expect("a row")).email, None);
    assert!(reader.next().is_none());
    assert_eq!(reader.bytes_read(), file.len() as u64);
}

/// A source that breaks off.
struct Broken(bool);

impl io::Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if std::mem::replace(&mut self.0, true) {
            return Err(io::Error::other("the disk is gone"));
        }
        let begin = format!("{HEADER}\n{ZHANG}\n117");
        buffer[..begin.len()].copy_from_slice(begin.as_bytes());
        Ok(begin.len())
    }
}

#[test]
fn an_error_of_the_source_ends_the_reading() {
    let mut reader = ExportReader::open(Broken(false)).expect("a readable header");
    assert!(reader.next().is_some_and(|row| row.is_ok()));
    let refusal = refused(reader.next().expect("a last word"));
    assert_eq!(refusal[0].1, Reason::Unreadable("the disk is gone".to_owned()));
    assert!(reader.next().is_none());
}

proptest! {
    #[test]
    fn any_bytes_are_rows_or_refused(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        let file = [HEADER.as_bytes(), &b"\n"[..], &body[..]].concat();
        for row in rows(file) {
            if let Err(rejected) = row {
                prop_assert!(!rejected.is_empty());
                prop_assert!(rejected.iter().all(|one| one.line > 1 && !one.value.chars().any(char::is_control)));
            }
        }
    }

    #[test]
    fn every_line_is_a_booking_or_refused(
        lines in proptest::collection::vec((0..27_usize, "[^\",\r\n]{0,30}"), 1..20),
    ) {
        let mut file = HEADER.to_owned();
        for (index, value) in &lines {
            file.push('\n');
            file.push_str(&with(Column::ALL[*index], value));
        }
        let rows = rows(file);
        prop_assert_eq!(rows.len(), lines.len());
        for (at, row) in rows.iter().enumerate() {
            let line = row.as_ref().map_or_else(|rejected| rejected[0].line, |booking| booking.line);
            prop_assert_eq!(line, at as u64 + 2);
        }
    }
}
