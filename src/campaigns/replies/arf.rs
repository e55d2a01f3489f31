//! Complaints that providers pass on in the Abuse Reporting Format (RFC 5965).

use super::{
    Mail, Returned, Severity,
    fields::{bare, groups},
};

/// The types of feedback with which a person says that the letter was not wanted. `not-spam` says the
/// contrary, `auth-failure` (RFC 6591) and `virus` come from machines, and types that are not known are to
/// be passed over.
const UNWANTED: [&str; 5] = ["abuse", "fraud", "other", "opt-out", "opt-out-list"];

/// Reads the fields of a report. `returned` is what was found about the letter in the other parts.
pub(super) fn read(text: &str, mut returned: Returned) -> Mail {
    let groups = groups(text);
    let field = |name: &str| groups.iter().find_map(|group| group.get(name));
    let Some(feedback) = field("Feedback-Type") else {
        return Mail::Unreadable;
    };
    if !UNWANTED.contains(&feedback.to_ascii_lowercase().as_str()) {
        return Mail::PassedOver;
    }
    let named = ["Original-Rcpt-To", "Removal-Recipient"].into_iter().find_map(|name| field(name).and_then(bare));
    returned.address = named.or(returned.address);
    returned.status = None;
    returned.severity = Severity::Complaint;
    Mail::Report(returned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_person_did_not_want_is_a_complaint() {
        for (feedback, expected) in [
            ("abuse", true),
            ("Abuse", true),
            ("opt-out", true),
            ("not-spam", false),
            ("auth-failure", false),
            ("dmarc", false),
        ] {
            let text = format!("Feedback-Type: {feedback}\r\nVersion: 1\r\nOriginal-Rcpt-To: <anna@example.com>\r\n");
            match read(&text, Returned::default()) {
                Mail::Report(returned) => {
                    assert!(expected, "{feedback}");
                    assert_eq!(returned.severity, Severity::Complaint);
                    assert_eq!(returned.address.as_deref(), Some("anna@example.com"));
                }
                other => assert!(!expected && other == Mail::PassedOver, "{feedback}: {other:?}"),
            }
        }
        assert_eq!(read("Version: 1\r\n", Returned::default()), Mail::Unreadable);
    }
}
