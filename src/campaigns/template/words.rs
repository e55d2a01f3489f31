//! Numbers and dates in words, in the languages that the house writes its own letters in. Letters in
//! others get figures.

use chrono::{Datelike, NaiveDate};

const EN_ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const EN_TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ES_ONES: [&str; 30] = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];
const ES_TENS: [&str; 10] =
    ["", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];
const ZH_DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

const EN_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const ES_MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// So many years: "three years", "tres años", "三年".
#[must_use]
pub fn years(language: &str, count: u32) -> String {
    match language {
        "en" => format!("{} {}", english(count), if count == 1 { "year" } else { "years" }),
        "es" => format!("{} {}", spanish(count, Gender::Masculine), if count == 1 { "año" } else { "años" }),
        "zh" => format!("{}年", chinese(count)),
        _ => count.to_string(),
    }
}

/// So many stays: "three stays", "tres estancias", "三次入住".
#[must_use]
pub fn stays(language: &str, count: u32) -> String {
    match language {
        "en" => format!("{} {}", english(count), if count == 1 { "stay" } else { "stays" }),
        "es" => format!("{} {}", spanish(count, Gender::Feminine), if count == 1 { "estancia" } else { "estancias" }),
        "zh" => format!("{}次入住", chinese(count)),
        _ => count.to_string(),
    }
}

/// A month with its year: "March 2023", "marzo de 2023", "2023年3月".
#[must_use]
pub fn month(language: &str, date: NaiveDate) -> String {
    let year = date.year();
    match language {
        "en" => format!("{} {year}", EN_MONTHS[date.month0() as usize]),
        "es" => format!("{} de {year}", ES_MONTHS[date.month0() as usize]),
        "zh" => format!("{year}年{}月", date.month()),
        _ => format!("{:02}/{year}", date.month()),
    }
}

/// A day without its year: "12 May", "12 de mayo", "5月12日".
#[must_use]
pub fn day(language: &str, date: NaiveDate) -> String {
    let day = date.day();
    match language {
        "en" => format!("{day} {}", EN_MONTHS[date.month0() as usize]),
        "es" => format!("{day} de {}", ES_MONTHS[date.month0() as usize]),
        "zh" => format!("{}月{day}日", date.month()),
        _ => format!("{day}.{}.", date.month()),
    }
}

/// Several things one after another: "tea, cake", "茶、蛋糕".
#[must_use]
pub fn list(language: &str, things: &[&str]) -> String {
    things.join(if language == "zh" { "、" } else { ", " })
}

/// Up to ninety-nine in words; more in figures, which read better then.
fn english(count: u32) -> String {
    match count {
        0..20 => EN_ONES[count as usize].to_owned(),
        20..100 if count.is_multiple_of(10) => EN_TENS[(count / 10) as usize].to_owned(),
        20..100 => format!("{}-{}", EN_TENS[(count / 10) as usize], EN_ONES[(count % 10) as usize]),
        _ => count.to_string(),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gender {
    Masculine,
    Feminine,
}

/// As it stands before a noun: "un año", "una estancia", "veintiún años", "treinta y una estancias".
fn spanish(count: u32, gender: Gender) -> String {
    let one = |masculine: &'static str, feminine: &'static str| match gender {
        Gender::Masculine => masculine,
        Gender::Feminine => feminine,
    };
    match count {
        1 => one("un", "una").to_owned(),
        21 => one("veintiún", "veintiuna").to_owned(),
        0..30 => ES_ONES[count as usize].to_owned(),
        30..100 if count.is_multiple_of(10) => ES_TENS[(count / 10) as usize].to_owned(),
        30..100 => {
            let ones = if count % 10 == 1 { one("un", "una") } else { ES_ONES[(count % 10) as usize] };
            format!("{} y {ones}", ES_TENS[(count / 10) as usize])
        }
        _ => count.to_string(),
    }
}

/// As it stands before a measure: 两年, but 十二年 and 二十年.
fn chinese(count: u32) -> String {
    match count {
        2 => "两".to_owned(),
        0..10 => ZH_DIGITS[count as usize].to_owned(),
        10..100 => {
            let tens = if count < 20 { "" } else { ZH_DIGITS[(count / 10) as usize] };
            let ones = if count.is_multiple_of(10) { "" } else { ZH_DIGITS[(count % 10) as usize] };
            format!("{tens}十{ones}")
        }
        _ => count.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_said_as_one_says_them() {
        for (count, en, es, zh) in [
            (1, "one year", "un año", "一年"),
            (2, "two years", "dos años", "两年"),
            (3, "three years", "tres años", "三年"),
            (10, "ten years", "diez años", "十年"),
            (12, "twelve years", "doce años", "十二年"),
            (20, "twenty years", "veinte años", "二十年"),
            (21, "twenty-one years", "veintiún años", "二十一年"),
            (31, "thirty-one years", "treinta y un años", "三十一年"),
            (45, "forty-five years", "cuarenta y cinco años", "四十五年"),
            (120, "120 years", "120 años", "120年"),
        ] {
            assert_eq!([years("en", count), years("es", count), years("zh", count)], [en, es, zh]);
        }
        assert_eq!(years("pt", 3), "3");
    }

    #[test]
    fn stays_are_feminine_in_spanish() {
        assert_eq!(
            [stays("es", 1), stays("es", 21), stays("es", 31)],
            ["una estancia", "veintiuna estancias", "treinta y una estancias"]
        );
        assert_eq!([stays("en", 1), stays("en", 2), stays("zh", 2)], ["one stay", "two stays", "两次入住"]);
    }

    #[test]
    fn every_number_below_a_hundred_has_words_of_its_own() {
        for language in ["en", "es", "zh"] {
            let said: std::collections::BTreeSet<_> = (1..100).map(|count| years(language, count)).collect();
            assert_eq!(said.len(), 99, "{language}");
            assert!(said.iter().all(|words| !words.contains(|c: char| c.is_ascii_digit())), "{language}");
        }
    }

    #[test]
    fn dates_are_written_as_one_writes_them() {
        let date = NaiveDate::from_ymd_opt(2023, 3, 5).expect("a date");
        assert_eq!(
            [month("en", date), month("es", date), month("zh", date)],
            ["March 2023", "marzo de 2023", "2023年3月"]
        );
        assert_eq!([day("en", date), day("es", date), day("zh", date)], ["5 March", "5 de marzo", "3月5日"]);
        assert_eq!([month("pt", date), day("pt", date)], ["03/2023", "5.3."]);
    }

    #[test]
    fn things_stand_one_after_another() {
        assert_eq!([list("en", &["tea", "cake"]), list("zh", &["茶", "蛋糕"])], ["tea, cake", "茶、蛋糕"]);
        assert_eq!([list("es", &["tea"]), list("es", &[])], ["tea", ""]);
    }
}
