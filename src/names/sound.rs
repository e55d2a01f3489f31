//! Recordings of a guest's voice: which kind of file it is, judged by its content, and how long it lasts, as far as the
//! file tells. Nothing is decoded: browsers do that, each in a process of its own.

use crate::words::words;

words! {
    /// The kinds of recording that browsers make and play. The word is the media type.
    Sound {
        /// As Chromium and Firefox record.
        Webm = "audio/webm",
        Ogg = "audio/ogg",
        /// As Safari records, and telephones.
        Mp4 = "audio/mp4",
        Wav = "audio/wav",
    }
}

/// What a block of WebM or MP4 may stand within: its content is read as if it stood outside.
const WEBM_PARTS: [u64; 4] = [0x1853_8067, 0x1549_a966, 0x1f43_b675, 0xa0];
const MP4_PARTS: [&[u8]; 5] = [b"moov", b"trak", b"mdia", b"moof", b"traf"];

impl Sound {
    /// The kind of a file, by its first bytes; `None` for anything else.
    #[must_use]
    pub fn of(file: &[u8]) -> Option<Self> {
        let has = |at: usize, word: &[u8]| file.get(at..at + word.len()) == Some(word);
        // The name of the kind stands in the head of the file, within its first lines.
        let is_webm = || find(&file[..file.len().min(64)], b"webm").is_some();
        if has(0, &[0x1a, 0x45, 0xdf, 0xa3]) && is_webm() {
            Some(Self::Webm)
        } else if has(0, b"OggS") {
            Some(Self::Ogg)
        } else if has(4, b"ftyp") {
            Some(Self::Mp4)
        } else if has(0, b"RIFF") && has(8, b"WAVE") {
            Some(Self::Wav)
        } else {
            None
        }
    }

    /// How long a file of this kind lasts, in milliseconds; `None` where it does not tell. What is recorded as it
    /// comes tells when its last part begins, which is a little less.
    #[must_use]
    pub fn millis(self, file: &[u8]) -> Option<u64> {
        match self {
            Self::Webm => webm(file),
            Self::Ogg => ogg(file),
            Self::Mp4 => mp4(file),
            Self::Wav => wav(file),
        }
    }
}

/// RIFF: chunks of name, length and content, each filled up to an even length.
fn wav(file: &[u8]) -> Option<u64> {
    let mut rest = file.get(12..)?;
    let mut bytes_a_second = None;
    while let (Some(name), Some(length), Some(content)) = (rest.get(..4), rest.get(4..8), rest.get(8..)) {
        let length = le(length);
        match name {
            b"fmt " => bytes_a_second = content.get(8..12).map(le),
            // Whoever writes it as it comes does not know yet how long it will be.
            b"data" => return millis(length.min(content.len() as u64), bytes_a_second?),
            _ => {}
        }
        rest = content.get(usize::try_from(length + length % 2).ok()?..)?;
    }
    None
}

/// Ogg (RFC 3533): each page tells how many samples there are up to its end, those of Opus (RFC 7845) at 48 kHz.
fn ogg(file: &[u8]) -> Option<u64> {
    let last = file.windows(4).rposition(|word| word == b"OggS")?;
    let samples = le(file.get(last + 6..last + 14)?);
    if let Some(head) = find(file, b"OpusHead") {
        let skipped = le(file.get(head + 10..head + 12)?);
        return millis(samples.saturating_sub(skipped), 48_000);
    }
    let head = find(file, b"\x01vorbis")?;
    millis(samples, le(file.get(head + 12..head + 16)?))
}

/// ISO 14496-12: boxes of length, name and content. The whole length stands in `mvhd`; where it is written in pieces,
/// each tells when it begins.
fn mp4(file: &[u8]) -> Option<u64> {
    let (mut at, mut scale, mut begins) = (0_usize, None, None);
    while let Some(head) = file.get(at..).filter(|rest| rest.len() >= 8) {
        let (length, name) = (be(&head[..4]), &head[4..8]);
        let (before, length) = match length {
            0 => (8, head.len() as u64),
            1 => (16, be(head.get(8..16)?)),
            length => (8, length),
        };
        let content = head.get(before..)?;
        let is_long = content.first() == Some(&1);
        match name {
            b"mvhd" | b"mdhd" => {
                let (unit, length) = if is_long { (20..24, 24..32) } else { (12..16, 16..20) };
                let (unit, length) = (be(content.get(unit)?), be(content.get(length)?));
                scale = Some(unit);
                // Nothing or all ones: it was not known yet.
                if name == b"mvhd" && length > 0 && length < u64::from(u32::MAX) {
                    return millis(length, unit);
                }
            }
            b"tfdt" => begins = Some(be(content.get(if is_long { 4..12 } else { 4..8 })?)),
            _ => {}
        }
        let step = if MP4_PARTS.contains(&name) { before } else { usize::try_from(length).ok()?.max(before) };
        at = at.checked_add(step)?;
    }
    millis(begins?, scale?)
}

/// RFC 8794 and 9559: elements of name, length and content. The whole length stands in `Duration`; where it is written
/// as it comes, each block tells when it begins.
fn webm(file: &[u8]) -> Option<u64> {
    // Nanoseconds of a tick, unless the file says otherwise.
    let mut tick = 1_000_000;
    let (mut at, mut whole, mut cluster, mut begins) = (0_usize, 0.0_f64, 0_u64, 0_u64);
    while let Some((name, named)) = number(file.get(at..)?, false) {
        let (length, measured) = number(file.get(at + named..)?, true)?;
        let before = named + measured;
        let content = file.get(at + before..)?;
        // All ones: it is not known yet how long it will be.
        let is_open = length == (1 << (7 * measured)) - 1;
        let length = if is_open { content.len() } else { usize::try_from(length).ok()? };
        let given = content.get(..length).unwrap_or(content);
        match name {
            0x2a_d7b1 if given.len() <= 8 => tick = be(given),
            0x4489 if given.len() == 4 => whole = f64::from(f32::from_bits(u32::try_from(be(given)).ok()?)),
            0x4489 if given.len() == 8 => whole = f64::from_bits(be(given)),
            0xe7 if given.len() <= 8 => cluster = be(given),
            0xa1 | 0xa3 => {
                let (_, track) = number(given, true)?;
                // A number with a sign: before its cluster, where it is the first block.
                let since = given.get(track..track + 2).map(be).filter(|since| *since < 0x8000);
                begins = begins.max(cluster.saturating_add(since.unwrap_or(0)));
            }
            _ => {}
        }
        at += before;
        if !WEBM_PARTS.contains(&name) {
            at = at.checked_add(length)?;
        }
        if at >= file.len() {
            break;
        }
    }
    let ticks = if whole.is_finite() { (whole.max(0.0) as u64).max(begins) } else { begins };
    ticks.checked_mul(tick).map(|nanoseconds| nanoseconds / 1_000_000)
}

/// A number of EBML whose first bits tell how many bytes it has, and how many these are. The bits are part of a name,
/// and not of a length (`plain`).
fn number(bytes: &[u8], plain: bool) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    let whole = be(bytes.get(..length).filter(|_| length <= 8)?);
    let mark = 1_u64 << (7 * length);
    Some((if plain { whole & (mark - 1) } else { whole }, length))
}

fn millis(amount: u64, a_second: u64) -> Option<u64> {
    amount.checked_mul(1_000)?.checked_div(a_second)
}

/// Up to eight bytes as a number, the first counting most.
fn be(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// The same, the last counting most.
fn le(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Silence: 8 bits at 8 kHz.
    fn wav_of(seconds: u32) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        file.extend(8_000_u32.to_le_bytes());
        file.extend(8_000_u32.to_le_bytes());
        file.extend(b"\x01\0\x08\0LIST\x03\0\0\0abc\0data");
        file.extend((seconds * 8_000).to_le_bytes());
        file.resize(file.len() + seconds as usize * 8_000, 0x80);
        file
    }

    fn page(samples: u64, content: &[u8]) -> Vec<u8> {
        [&b"OggS\0\0"[..], &samples.to_le_bytes(), &[0; 13], content].concat()
    }

    fn opus(samples: u64) -> Vec<u8> {
        [page(0, b"OpusHead\x01\x01\x38\x01"), page(9_600, b"x"), page(samples, b"y")].concat()
    }

    fn atom(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 8).expect("short");
        [&length.to_be_bytes()[..], name, content].concat()
    }

    /// A head of a file or of a track: 1,000 ticks a second.
    fn clock(name: &[u8; 4], ticks: u32) -> Vec<u8> {
        atom(name, &[&[0; 12][..], &1_000_u32.to_be_bytes(), &ticks.to_be_bytes()].concat())
    }

    fn mp4_of(whole: u32, begins: &[u64]) -> Vec<u8> {
        let track = atom(b"trak", &atom(b"mdia", &clock(b"mdhd", 0)));
        let mut file = [atom(b"ftyp", b"isom"), atom(b"moov", &[clock(b"mvhd", whole), track].concat())].concat();
        for at in begins {
            let time = atom(b"tfdt", &[&[1, 0, 0, 0][..], &at.to_be_bytes()].concat());
            file.extend(atom(b"moof", &atom(b"traf", &time)));
            file.extend(atom(b"mdat", b"moov tfdt"));
        }
        file
    }

    /// As browsers write it: neither the file nor its clusters tell how long they are.
    fn webm_of(clusters: &[(u16, &[u16])]) -> Vec<u8> {
        let mut file = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm".to_vec();
        file.extend(b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff");
        file.extend(b"\x15\x49\xa9\x66\x87\x2a\xd7\xb1\x83\x0f\x42\x40");
        for (at, blocks) in clusters {
            file.extend(b"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff\xe7\x82");
            file.extend(at.to_be_bytes());
            for since in *blocks {
                file.extend(b"\xa3\x86\x81");
                file.extend(since.to_be_bytes());
                file.extend(b"\x80op");
            }
        }
        file
    }

    #[test]
    fn a_recording_is_known_by_its_content_and_tells_how_long_it_lasts() {
        for (file, kind, lasts) in [
            (wav_of(4), Sound::Wav, 4_000),
            (opus(240_312), Sound::Ogg, 5_000),
            (mp4_of(4_200, &[]), Sound::Mp4, 4_200),
            (mp4_of(0, &[0, 2_000, 4_900]), Sound::Mp4, 4_900),
            (webm_of(&[(0, &[0, 960, 1_920][..]), (3_000, &[0, 1_940][..])]), Sound::Webm, 4_940),
            (webm_of(&[(0, &[0xffff, 20][..])]), Sound::Webm, 20),
        ] {
            assert_eq!(Sound::of(&file), Some(kind));
            assert_eq!(kind.millis(&file), Some(lasts), "{kind:?}");
        }
    }

    #[test]
    fn a_length_that_is_written_in_the_head_counts() {
        let mut file = webm_of(&[(0, &[0, 20][..])]);
        // After the head of the file and that of its segment: information with a duration of twelve seconds.
        let at = file.windows(4).position(|word| word == b"\x15\x49\xa9\x66").expect("information");
        let told = [&b"\x15\x49\xa9\x66\x87\x44\x89\x84"[..], &12_000_f32.to_be_bytes()].concat();
        file.splice(at..at, told);
        assert_eq!(Sound::Webm.millis(&file), Some(12_000));
    }

    #[test]
    fn anything_else_is_no_recording() {
        let files: [&[u8]; 7] = [
            b"",
            b"RIFF\x10\0\0\0WEBPVP8 ",
            b"<html><script>webm</script>",
            b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska",
            b"ID3\x04\0\0\0\0\0\0",
            b"GIF89a",
            b"ftyp",
        ];
        for file in files {
            assert_eq!(Sound::of(file), None, "{file:?}");
        }
    }

    #[test]
    fn a_file_that_does_not_tell_is_not_guessed_at() {
        assert_eq!(Sound::Ogg.millis(b"OggS"), None);
        assert_eq!(Sound::Mp4.millis(&mp4_of(0, &[])), None);
        assert_eq!(Sound::Wav.millis(b"RIFF\0\0\0\0WAVE"), None);
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic_or_go_on_for_ever(
            which in 0..4_usize,
            cut in any::<prop::sample::Index>(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        ) {
            let webm = webm_of(&[(0, &[0, 20][..]), (40, &[5][..])]);
            let files = [wav_of(1), opus(48_312), mp4_of(900, &[0, 500]), webm];
            let mut file = files[which].clone();
            file.truncate(file.len().min(600));
            for (at, byte) in damage {
                let at = at.index(file.len());
                file[at] = byte;
            }
            file.truncate(cut.index(file.len() + 1));
            for kind in Sound::ALL {
                let _ = kind.millis(&file);
            }
            let _ = Sound::of(&file);
        }
    }
}
