//! An address as it is written to a relay.

use lettre::Address;

/// Longest address that can be handed to a relay, in bytes (RFC 5321, 4.5.3.1.3, less the brackets).
const LONGEST: usize = 254;

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// More than 254 bytes.
    #[error("too_long")]
    TooLong,
    /// Not one plain address: several, a quoted name, brackets, comments, or a character that none has.
    #[error("not_one")]
    NotOne,
    /// Letters before the `@` that mail cannot be sent to everywhere (only digits, Latin letters and a few
    /// signs can be).
    #[error("local_part")]
    LocalPart,
    /// What follows the `@` is no name of a host on the internet.
    #[error("domain")]
    Domain,
}

impl BadAddress {
    /// The word under which it is kept with whoever is held.
    #[must_use]
    pub fn code(self) -> String {
        self.to_string()
    }
}

/// Reads one address as it goes to the wire: a domain in other scripts in its ASCII form (IDNA), several
/// dots in a row, which some providers have given out, in quotation marks.
///
/// # Errors
/// [`BadAddress`].
pub fn wire_address(text: &str) -> Result<Address, BadAddress> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(BadAddress::TooLong);
    }
    let foreign = |c: char| c.is_whitespace() || c.is_control() || is_unseen(c) || r#",;:<>()[]\""#.contains(c);
    let (local, domain) = text.rsplit_once('@').ok_or(BadAddress::NotOne)?;
    if text.contains(foreign) || local.is_empty() || local.contains('@') {
        return Err(BadAddress::NotOne);
    }
    if !local.is_ascii() {
        return Err(BadAddress::LocalPart);
    }
    let local = if local.split('.').any(str::is_empty) { format!("\"{local}\"") } else { local.to_owned() };
    let domain = ascii_domain(domain).ok_or(BadAddress::Domain)?;
    let address = Address::new(local, domain).map_err(|_| BadAddress::LocalPart)?;
    if AsRef::<str>::as_ref(&address).len() > LONGEST { Err(BadAddress::TooLong) } else { Ok(address) }
}

/// A host name with a dot, in ASCII and lower case.
pub(crate) fn ascii_domain(domain: &str) -> Option<String> {
    // Nothing that would be another part of a URL.
    if domain.contains(|c: char| r#"/?#@:%\"#.contains(c)) {
        return None;
    }
    let url = reqwest::Url::parse(&format!("http://{domain}/")).ok()?;
    // Numbers are an IP address, and no domain.
    let ascii = url.domain()?.to_owned();
    let is_label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&label.len()) && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_name = ascii.len() <= 253 && ascii.contains('.') && ascii.split('.').all(is_label);
    is_name.then_some(ascii)
}

/// Marks that turn the direction of writing or are not seen at all.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Result<String, BadAddress> {
        wire_address(text).map(|address| address.to_string())
    }

    #[test]
    fn addresses_become_what_relays_understand() {
        for (text, wire) in [
            (" anna@mail.example ", "anna@mail.example"),
            ("o'neill+hotel@mail.example", "o'neill+hotel@mail.example"),
            ("jörg@mail.example", ""),
            ("info@müller.example", "info@xn--mller-kva.example"),
            ("info@例え.テスト", "info@xn--r8jz45g.xn--zckzah"),
            ("klaus-d..berg@provider.example", "\"klaus-d..berg\"@provider.example"),
        ] {
            if wire.is_empty() {
                assert_eq!(written(text), Err(BadAddress::LocalPart), "{text}");
            } else {
                assert_eq!(written(text).as_deref(), Ok(wire), "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_address_is_told_apart() {
        let long = format!("{}@mail.example", "a".repeat(320));
        let label = format!("a@{}.example", "b".repeat(64));
        for (text, problem) in [
            ("", BadAddress::NotOne),
            ("anna", BadAddress::NotOne),
            ("@mail.example", BadAddress::NotOne),
            ("anna@mail.example, bea@mail.example", BadAddress::NotOne),
            ("anna@mail.example;bea@mail.example", BadAddress::NotOne),
            ("anna@bea@mail.example", BadAddress::NotOne),
            ("\"anna bea\"@mail.example", BadAddress::NotOne),
            ("anna <anna@mail.example>", BadAddress::NotOne),
            ("anna@mail.example\r\nRCPT TO:<bea@mail.example>", BadAddress::NotOne),
            ("anna\u{202e}@mail.example", BadAddress::NotOne),
            ("anna@[192.0.2.1]", BadAddress::NotOne),
            ("anna@192.0.2.1", BadAddress::Domain),
            ("anna@0x7f.1", BadAddress::Domain),
            ("anna@localhost", BadAddress::Domain),
            ("anna@mail..example", BadAddress::Domain),
            ("anna@-mail.example", BadAddress::Domain),
            ("anna@mail.example/x", BadAddress::Domain),
            (&label, BadAddress::Domain),
            (&long, BadAddress::TooLong),
        ] {
            assert_eq!(written(text), Err(problem), "{text}");
        }
    }
}
