//! Names as they are compared and searched: without case, accents or script, so that Müller, MUELLER
//! and muller, or 张伟 and Zhang Wei, find each other.

use any_ascii::any_ascii_char;
use std::collections::HashSet;

/// Longest run of native characters that is taken for a name; a longer one is prose, and its parts
/// are not joined.
const LONGEST_NATIVE_NAME: usize = 8;

/// The text in lower-case Latin letters and digits, words parted by single spaces, with accents and
/// punctuation gone. Chinese characters and Korean syllables become a word each. Folding twice
/// changes nothing more.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        match Sound::of(c) {
            Sound::Letters(reading) => {
                append_word(&mut folded, reading, gap);
                gap = false;
            }
            Sound::Syllable(reading) => {
                append_word(&mut folded, reading, true);
                gap = true;
            }
            Sound::Silent | Sound::Apostrophe => {}
            Sound::Hyphen | Sound::Gap => gap = true,
        }
    }
    folded
}

/// A surname for matching by equality: folded, without spaces, so that "van der Berg" and
/// "Vanderberg" are one.
#[must_use]
pub fn match_surname(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(|c| c != ' ');
    folded
}

/// Every form under which the words of a text are indexed, each once and none empty.
///
/// Forms of a word are its folded spelling; the German and Nordic one ("mueller" beside "muller");
/// the parts of a hyphenated name beside the whole ("jean", "pierre", "jeanpierre"); the name without
/// its particle before an apostrophe ("obrien", "brien"); and for Chinese characters and Korean
/// syllables the characters and their readings, single and joined ("张伟", "张", "伟", "zhangwei",
/// "zhang", "wei").
#[must_use]
pub fn tokens(text: &str) -> Vec<String> {
    let words = text.split(|c: char| Sound::of(c) == Sound::Gap);
    let mut seen = HashSet::new();
    words.flat_map(forms).filter(|form| seen.insert(form.clone())).collect()
}

/// What a character contributes to a folded name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sound {
    /// Letters or digits that continue the word.
    Letters(&'static str),
    /// A character that is a word of its own.
    Syllable(&'static str),
    /// Nothing: combining marks, soft signs, joiners.
    Silent,
    Apostrophe,
    Hyphen,
    /// Ends the word.
    Gap,
}

impl Sound {
    fn of(c: char) -> Self {
        // The kana length mark and the kanji repetition mark transliterate to a hyphen, but they are
        // part of the word.
        if matches!(c, 'ー' | 'ｰ' | '々') {
            return Self::Silent;
        }
        let reading = any_ascii_char(c);
        if reading.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            return if is_syllable(c) { Self::Syllable(reading) } else { Self::Letters(reading) };
        }
        match reading {
            "" => Self::Silent,
            // Letters such as the Cyrillic soft sign and the Arabic ayn transliterate to an apostrophe.
            "'" | "`" if c.is_alphabetic() => Self::Silent,
            "'" | "`" => Self::Apostrophe,
            "-" => Self::Hyphen,
            _ => Self::Gap,
        }
    }
}

/// Whether one character stands for a whole syllable with a meaning: Chinese and Korean.
fn is_syllable(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{323AF}' | '\u{AC00}'..='\u{D7A3}')
}

/// Appends the letters and digits of a reading, after a space where a new word begins.
fn append_word(folded: &mut String, reading: &str, gap: bool) {
    if gap && !folded.is_empty() {
        folded.push(' ');
    }
    append(folded, reading);
}

fn append(folded: &mut String, reading: &str) {
    let letters = reading.bytes().filter(u8::is_ascii_alphanumeric);
    folded.extend(letters.map(|byte| char::from(byte.to_ascii_lowercase())));
}

/// How German and the Nordic languages write a letter where they lack its accent.
fn without_umlaut(c: char, next: Option<char>) -> Option<&'static str> {
    match (c, next) {
        ('ä' | 'Ä', _) | ('a' | 'A', Some('\u{308}')) => Some("ae"),
        ('ö' | 'Ö' | 'ø' | 'Ø', _) | ('o' | 'O', Some('\u{308}')) => Some("oe"),
        ('ü' | 'Ü', _) | ('u' | 'U', Some('\u{308}')) => Some("ue"),
        ('å' | 'Å', _) | ('a' | 'A', Some('\u{30A}')) => Some("aa"),
        _ => None,
    }
}

/// A stretch of letters, in its folded and in its German or Nordic spelling.
#[derive(Default)]
struct Spelling {
    folded: String,
    without_umlauts: String,
}

impl Spelling {
    fn push(&mut self, reading: &str, without_umlaut: &str) {
        append(&mut self.folded, reading);
        append(&mut self.without_umlauts, without_umlaut);
    }
}

/// Collects the forms of one word.
#[derive(Default)]
struct Forms {
    found: Vec<String>,
    /// Since the last apostrophe, since the last hyphen, and since the word began.
    piece: Spelling,
    part: Spelling,
    whole: Spelling,
    /// Native characters in a row, with their readings.
    native: Vec<(char, &'static str)>,
}

impl Forms {
    fn add(&mut self, form: String) {
        if !form.is_empty() && !self.found.contains(&form) {
            self.found.push(form);
        }
    }

    fn add_spelling(&mut self, spelling: Spelling) {
        self.add(spelling.folded);
        self.add(spelling.without_umlauts);
    }

    fn end_piece(&mut self) {
        let piece = std::mem::take(&mut self.piece);
        // The O of O'Brien finds nothing worth finding.
        if piece.folded.len() > 1 {
            self.add_spelling(piece);
        }
    }

    fn end_part(&mut self) {
        self.end_piece();
        let part = std::mem::take(&mut self.part);
        self.add_spelling(part);
    }

    fn end_native(&mut self) {
        let native = std::mem::take(&mut self.native);
        let joined = |from: usize| {
            let mut reading = String::new();
            native[from..].iter().for_each(|(_, syllable)| append(&mut reading, syllable));
            (native[from..].iter().map(|(c, _)| *c).collect::<String>(), reading)
        };
        // Joined up to the end from every place: the full name, and the given name after a surname of
        // one character or of two.
        if native.len() <= LONGEST_NATIVE_NAME {
            for (characters, reading) in (0..native.len()).map(joined) {
                self.add(characters);
                self.add(reading);
            }
        }
        for (c, syllable) in native {
            let mut reading = String::new();
            append(&mut reading, syllable);
            self.add(c.to_string());
            self.add(reading);
        }
    }
}

fn forms(word: &str) -> Vec<String> {
    let mut forms = Forms::default();
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        match Sound::of(c) {
            Sound::Letters(reading) => {
                forms.end_native();
                let other = without_umlaut(c, chars.peek().copied()).unwrap_or(reading);
                for spelling in [&mut forms.piece, &mut forms.part, &mut forms.whole] {
                    spelling.push(reading, other);
                }
            }
            Sound::Syllable(reading) => {
                forms.end_part();
                forms.native.push((c, reading));
            }
            Sound::Apostrophe => forms.end_piece(),
            Sound::Hyphen | Sound::Gap => {
                forms.end_part();
                forms.end_native();
            }
            Sound::Silent => {}
        }
    }
    forms.end_part();
    forms.end_native();
    let whole = std::mem::take(&mut forms.whole);
    forms.add_spelling(whole);
    forms.found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(mut tokens: Vec<String>) -> Vec<String> {
        tokens.sort();
        tokens
    }

    #[track_caller]
    fn assert_tokens(text: &str, expected: &[&str]) {
        assert_eq!(sorted(tokens(text)), sorted(expected.iter().map(|form| (*form).to_owned()).collect()), "{text}");
    }

    #[test]
    fn names_fold_to_plain_letters() {
        for (text, folded) in [
            ("  José  da SILVA ", "jose da silva"),
            ("Łukasz Żak", "lukasz zak"),
            ("Jean-Pierre", "jean pierre"),
            ("O’Brien", "obrien"),
            ("St.John, J.R.", "st john j r"),
            ("Weiß", "weiss"),
            ("Nærøy", "naeroy"),
            ("Trần Hưng Đạo", "tran hung dao"),
            ("张伟", "zhang wei"),
            ("김민수", "gim min su"),
            ("Борис Ельцин", "boris eltsin"),
            ("Οδυσσέας", "odysseas"),
            ("محمد", "mhmd"),
            ("ローマ", "roma"),
            ("Ａｂ１", "ab1"),
            ("u\u{308}", "u"),
            ("\u{0}\u{202E}…", ""),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
        }
    }

    #[test]
    fn umlauts_are_found_in_both_spellings() {
        assert_tokens("Müller", &["muller", "mueller"]);
        assert_tokens("Mu\u{308}ller", &["muller", "mueller"]);
        assert_tokens("Ångström", &["angstrom", "aangstroem"]);
        assert_tokens("Sørensen", &["sorensen", "soerensen"]);
        assert_tokens("Weiß", &["weiss"]);
        assert_tokens("JÄGER", &["jager", "jaeger"]);
        assert_tokens("Mueller", &["mueller"]);
    }

    #[test]
    fn compound_names_are_found_by_part_and_whole() {
        assert_tokens("Jean-Pierre", &["jean", "pierre", "jeanpierre"]);
        assert_tokens("O'Brien", &["obrien", "brien"]);
        assert_tokens("O’Brien-Müller", &["obrien", "brien", "muller", "mueller", "obrienmuller", "obrienmueller"]);
        assert_tokens("Anna Maria anna", &["anna", "maria"]);
        assert_tokens("J. Smith", &["j", "smith"]);
    }

    #[test]
    fn native_names_are_found_by_character_and_by_reading() {
        assert_tokens("张伟", &["zhang", "wei", "zhangwei", "张伟", "张", "伟"]);
        assert_tokens("欧阳娜", &["ou", "yang", "na", "ouyangna", "yangna", "欧", "阳", "娜", "欧阳娜", "阳娜"]);
        assert_tokens("Ульян Ситникова", &["ulyan", "sitnikova"]);
        assert_tokens("", &[]);
        assert_tokens(" -'… ", &[]);
    }

    #[test]
    fn surnames_match_whatever_their_spelling() {
        for (one, other) in
            [("van der Berg", "Vanderberg"), ("O'Brien", "OBRIEN"), ("Gonçalves", "GONCALVES"), ("张", "Zhang")]
        {
            assert_eq!(match_surname(one), match_surname(other));
        }
        assert_ne!(match_surname("Silva"), match_surname("Silvas"));
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.as_str());
            prop_assert!(once.bytes().all(|b| b == b' ' || b.is_ascii_lowercase() || b.is_ascii_digit()));
            prop_assert!(!once.contains("  ") && once.trim() == once);
        }

        #[test]
        fn tokens_are_distinct_words(text in any::<String>()) {
            let tokens = tokens(&text);
            let distinct: HashSet<_> = tokens.iter().collect();
            prop_assert_eq!(distinct.len(), tokens.len());
            prop_assert!(tokens.iter().all(|token| !token.is_empty() && !token.contains(' ')));
        }

        #[test]
        fn every_word_of_a_folded_name_is_a_token(text in "[a-zA-ZäöüßåøéñçŁ' -]{0,40}") {
            let tokens = tokens(&text);
            for word in fold(&text).split(' ').filter(|word| !word.is_empty()) {
                prop_assert!(tokens.iter().any(|token| token == word), "{word} of {text:?} in {tokens:?}");
            }
        }
    }
}
