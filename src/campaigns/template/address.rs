//! How a guest is addressed in a letter: by title and surname, in the order and with the words of the
//! letter's language.

use crate::guests::GuestName;

/// Surnames of two characters.
#[rustfmt::skip]
const COMPOUND: &[&str] = &[
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "司徒", "东方", "東方", "夏侯", "皇甫", "尉迟", "尉遲", "公孙", "公孫", "慕容",
    "令狐", "长孙", "長孫", "宇文", "司空", "端木", "南宫", "南宮", "独孤", "獨孤", "呼延", "轩辕", "軒轅", "申屠", "太史", "淳于", "单于",
    "單于", "公冶", "宗政", "濮阳", "濮陽", "闻人", "聞人", "万俟", "赫连", "赫連", "澹台", "澹臺", "西门", "西門", "东郭", "東郭",
];

/// A title that the languages of our letters share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Title {
    Mr,
    Mrs,
    Ms,
    Miss,
    Dr,
    /// Of a woman, which Spanish tells apart.
    Dra,
    Prof,
    Profa,
}

impl Title {
    /// The title that a salutation is, in whichever language it was written on the profile.
    fn of(salutation: &str) -> Option<Self> {
        Some(match salutation.trim().trim_end_matches('.').to_lowercase().as_str() {
            "mr" | "mister" | "sr" | "señor" | "senor" | "先生" => Self::Mr,
            "mrs" | "sra" | "señora" | "senora" | "太太" | "夫人" => Self::Mrs,
            "ms" | "女士" => Self::Ms,
            "miss" | "srta" | "señorita" | "senorita" | "小姐" => Self::Miss,
            "dr" | "doctor" | "博士" => Self::Dr,
            "dra" | "doctora" => Self::Dra,
            "prof" | "professor" | "profesor" | "教授" => Self::Prof,
            "profa" | "profesora" => Self::Profa,
            _ => return None,
        })
    }

    fn english(self) -> &'static str {
        match self {
            Self::Mr => "Mr",
            Self::Mrs => "Mrs",
            Self::Ms => "Ms",
            Self::Miss => "Miss",
            Self::Dr | Self::Dra => "Dr",
            Self::Prof | Self::Profa => "Professor",
        }
    }

    fn spanish(self) -> &'static str {
        match self {
            Self::Mr => "Sr.",
            Self::Mrs | Self::Ms => "Sra.",
            Self::Miss => "Srta.",
            Self::Dr => "Dr.",
            Self::Dra => "Dra.",
            Self::Prof => "Prof.",
            Self::Profa => "Prof.ª",
        }
    }

    fn chinese(self) -> &'static str {
        match self {
            Self::Mr => "先生",
            Self::Mrs | Self::Ms | Self::Miss => "女士",
            Self::Dr | Self::Dra => "博士",
            Self::Prof | Self::Profa => "教授",
        }
    }

    /// How a Spanish letter begins, where the title says whom it greets: a doctor may be either.
    fn spanish_dear(self) -> Option<&'static str> {
        match self {
            Self::Mr => Some("Estimado"),
            Self::Mrs | Self::Ms | Self::Miss | Self::Dra | Self::Profa => Some("Estimada"),
            Self::Dr | Self::Prof => None,
        }
    }
}

/// The form of address: "Mr Zhang", "Sr. Zhang", "张先生". Without a title it is the whole name; with one
/// that the letter's language does not know, the salutation stands as it is on the profile. Empty where
/// there is no name.
pub(super) fn address(name: &GuestName, nationality: Option<&str>, language: &str) -> String {
    let title = name.salutation.as_deref().and_then(Title::of);
    match (language, title) {
        ("en", Some(title)) => titled(title.english(), name),
        ("es", Some(title)) => titled(title.spanish(), name),
        ("zh", Some(title)) => {
            let surname = chinese_surname(name, nationality);
            if surname.is_empty() { surname } else { spaced(&surname, title.chinese()) }
        }
        ("zh", None) => name.native.clone().filter(|native| native.chars().any(is_han)).unwrap_or_else(|| name.full()),
        _ if surname(name).is_empty() => name.native.clone().unwrap_or_default(),
        _ => name.address(),
    }
}

/// How a letter begins, without the mark after it: "Dear Mr Zhang", "Estimado Sr. Zhang", "尊敬的张先生".
pub(super) fn dear(name: &GuestName, nationality: Option<&str>, language: &str) -> String {
    let address = address(name, nationality, language);
    if address.is_empty() {
        return address;
    }
    match language {
        "en" => format!("Dear {address}"),
        "es" => match name.salutation.as_deref().and_then(Title::of).and_then(Title::spanish_dear) {
            Some(dear) => format!("{dear} {address}"),
            None => address,
        },
        "zh" => spaced("尊敬的", &address),
        _ => address,
    }
}

fn titled(title: &str, name: &GuestName) -> String {
    match surname(name) {
        "" => name.native.clone().unwrap_or_default(),
        surname => format!("{title} {surname}"),
    }
}

fn surname(name: &GuestName) -> &str {
    if name.last.is_empty() { &name.first } else { &name.last }
}

/// The surname in front of a Chinese title. A Japanese name in the same script does not tell where its
/// surname ends, and so stands whole.
fn chinese_surname(name: &GuestName, nationality: Option<&str>) -> String {
    let Some(native) = name.native.as_deref().filter(|native| native.chars().any(is_han)) else {
        return surname(name).to_owned();
    };
    let length = native.chars().count();
    let is_chinese = (2..=4).contains(&length) && native.chars().all(is_han);
    if !is_chinese || nationality.is_some_and(|code| matches!(code, "JP" | "JPN")) {
        return native.to_owned();
    }
    let characters = if length > 2 && COMPOUND.iter().any(|surname| native.starts_with(surname)) { 2 } else { 1 };
    native.chars().take(characters).collect()
}

/// The two with a space between them where Chinese and Latin characters meet.
fn spaced(one: &str, other: &str) -> String {
    let meet = one.chars().next_back().is_some_and(is_han) != other.chars().next().is_some_and(is_han);
    if meet { format!("{one} {other}") } else { format!("{one}{other}") }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(salutation: &str, first: &str, last: &str, native: &str) -> GuestName {
        let kept = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        GuestName {
            salutation: kept(salutation),
            first: first.into(),
            last: last.into(),
            native: kept(native),
            say: None,
        }
    }

    fn all(name: &GuestName, nationality: &str) -> [String; 3] {
        ["en", "es", "zh"].map(|language| address(name, Some(nationality), language))
    }

    fn dears(name: &GuestName) -> [String; 3] {
        ["en", "es", "zh"].map(|language| dear(name, Some("CHN"), language))
    }

    #[test]
    fn title_and_surname_in_each_language() {
        let zhang = name("Mr", "Wei", "Zhang", "张伟");
        assert_eq!(all(&zhang, "CHN"), ["Mr Zhang", "Sr. Zhang", "张先生"]);
        assert_eq!(dears(&zhang), ["Dear Mr Zhang", "Estimado Sr. Zhang", "尊敬的张先生"]);
        assert_eq!(all(&name("Sra.", "Ana", "García", ""), "ESP"), ["Mrs García", "Sra. García", "García 女士"]);
        assert_eq!(all(&name("Dr", "Keiko", "Sato", "佐藤恵子"), "JPN"), ["Dr Sato", "Dr. Sato", "佐藤恵子博士"]);
        assert_eq!(dears(&name("先生", "", "", "张伟")), ["Dear 张伟", "Estimado 张伟", "尊敬的张先生"]);
    }

    #[test]
    fn surnames_of_two_characters_stay_whole() {
        assert_eq!(address(&name("Ms", "Nana", "Ouyang", "欧阳娜娜"), Some("CN"), "zh"), "欧阳女士");
        assert_eq!(address(&name("Mr", "Wen", "Wan", "万文"), Some("CN"), "zh"), "万先生");
        assert_eq!(
            address(&name("Ms", "Dilraba", "Dilmurat", "迪丽热巴·迪力木拉提"), Some("CN"), "zh"),
            "迪丽热巴·迪力木拉提女士"
        );
        assert_eq!(address(&name("Mr", "Иван", "Ivanov", "Иван Иванов"), Some("RU"), "zh"), "Ivanov 先生");
    }

    #[test]
    fn without_a_title_the_whole_name_stands() {
        let plain = name("", "Wei", "Zhang", "张伟");
        assert_eq!(all(&plain, "CHN"), ["Wei Zhang", "Wei Zhang", "张伟"]);
        assert_eq!(dears(&plain), ["Dear Wei Zhang", "Wei Zhang", "尊敬的张伟"]);
        assert_eq!(dears(&name("", "Ana", "García", "")), ["Dear Ana García", "Ana García", "尊敬的 Ana García"]);
    }

    #[test]
    fn salutations_of_other_languages_stand_as_they_are() {
        assert_eq!(all(&name("Herr", "Max", "Müller", ""), "DEU")[..2], ["Herr Müller", "Herr Müller"]);
        assert_eq!(address(&name("Mr", "Wei", "Zhang", "张伟"), None, "pt"), "Mr Zhang");
        assert_eq!(dears(&name("Dr", "Ana", "García", ""))[1], "Dr. García", "who knows whether Estimado or Estimada");
    }

    #[test]
    fn nobody_is_addressed_without_a_name() {
        for language in ["en", "es", "zh", "pt"] {
            assert_eq!(dear(&name("Mr", "", "", ""), None, language), "");
        }
        assert_eq!(address(&name("Mr", "Wei", "", ""), None, "en"), "Mr Wei");
    }
}
