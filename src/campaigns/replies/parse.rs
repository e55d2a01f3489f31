//! Which mail is a report, and what it says of which letter.

use super::{Mail, Returned, arf, bare_id, dsn, fields};
use mail_parser::{HeaderName, Message, MessageParser, MessagePart, MimeHeaders};

/// Reads a mail as it arrived.
///
/// Whether something is a report is told by its parts. `Auto-Submitted: auto-replied` does not tell: it
/// stands on answers of people who are away, and just as well on the reports of Postfix and Exim.
pub(super) fn read(bytes: &[u8]) -> Mail {
    let Some(message) = MessageParser::default().parse(bytes) else {
        return Mail::Unreadable;
    };
    let text = |part: &MessagePart<'_>| String::from_utf8_lossy(part.contents()).into_owned();
    if let Some(part) = part_of(&message, &["delivery-status", "global-delivery-status"]) {
        let failed = message.header_raw("X-Failed-Recipients").map(str::to_owned);
        return dsn::read(&text(part), failed.as_deref(), returned(&message, bytes));
    }
    if let Some(part) = part_of(&message, &["feedback-report"]) {
        return arf::read(&text(part), returned(&message, bytes));
    }
    // The parser makes a message of any text; one from nobody is none.
    let is_mail = message.from().is_some();
    // Somebody's mail came back, and it does not say whose in any way that is known here.
    let is_riddle = is_from_a_mail_server(&message) && !is_automatic_answer(&message);
    if is_riddle || !is_mail {
        return Mail::Unreadable;
    }
    Mail::PassedOver
}

/// The part of `message/…` that makes a mail a report.
fn part_of<'a, 'x>(message: &'a Message<'x>, subtypes: &[&str]) -> Option<&'a MessagePart<'x>> {
    message.parts.iter().find(|part| subtypes.iter().any(|subtype| part.is_content_type("message", subtype)))
}

/// What the other parts tell of the letter that came back.
fn returned(message: &Message<'_>, bytes: &[u8]) -> Returned {
    let mut returned = Returned::default();
    for part in &message.parts {
        if let Some(letter) = part.message() {
            returned.message_ids.extend(letter.message_id().map(bare_id));
            returned.tokens.extend(letter.header_raw(HeaderName::ListUnsubscribe).and_then(token));
            // How Outlook.com names whoever complained.
            returned.address = letter.header_raw("X-HmXmrOriginalRecipient").and_then(fields::bare);
        } else if is_headers(part) {
            let text = String::from_utf8_lossy(part.contents()).into_owned();
            if let Some(letter) = fields::groups(&text).first() {
                returned.message_ids.extend(letter.get("Message-ID").map(bare_id));
                returned.tokens.extend(letter.get("List-Unsubscribe").and_then(token));
            }
        }
    }
    if returned.message_ids.is_empty() && returned.tokens.is_empty() {
        // A part that is cut off or wrongly named is still worth reading. The first group is the mail's own.
        for letter in fields::groups(&String::from_utf8_lossy(bytes)).iter().skip(1) {
            returned.message_ids.extend(letter.get("Message-ID").map(bare_id));
            returned.tokens.extend(letter.get("List-Unsubscribe").and_then(token));
        }
    }
    for header in [HeaderName::InReplyTo, HeaderName::References] {
        if let Some(ids) = message.header(header).and_then(|value| value.as_text_list()) {
            returned.message_ids.extend(ids.iter().map(|id| bare_id(id)));
        }
    }
    returned.message_ids.retain(|id| !id.is_empty());
    returned
}

/// The token in the link of a header: `<https://house.example/u/TOKEN>`.
fn token(links: &str) -> Option<String> {
    let (_, token) = links.split_once("/u/")?;
    Some(token.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect())
}

fn is_headers(part: &MessagePart<'_>) -> bool {
    [("text", "rfc822-headers"), ("message", "rfc822-headers"), ("message", "global-headers")]
        .iter()
        .any(|(kind, subtype)| part.is_content_type(kind, subtype))
}

/// Whether mail servers wrote it: it has nobody to whom it could be returned (RFC 5321, 4.5.5).
fn is_from_a_mail_server(message: &Message<'_>) -> bool {
    let nobody = message.header_raw(HeaderName::ReturnPath).is_some_and(|path| path.trim() == "<>");
    let sender = message.from().and_then(|from| from.first()).and_then(|from| from.address.as_deref());
    nobody || sender.is_some_and(|sender| sender.to_ascii_lowercase().starts_with("mailer-daemon@"))
}

/// An answer that a program gave for a person who is away (RFC 3834, 5), or one that says that a letter was
/// opened (RFC 8098).
fn is_automatic_answer(message: &Message<'_>) -> bool {
    let answered = message
        .header_raw(HeaderName::AutoSubmitted)
        .is_some_and(|word| word.trim().to_ascii_lowercase().starts_with("auto-replied"));
    answered || part_of(message, &["disposition-notification"]).is_some()
}
