//! Delivery status notifications (RFC 3464), as the common mail servers write them.

use super::{
    Mail, Returned, Severity,
    fields::{Fields, bare, groups},
};

/// Reads the fields of a notification. `returned` is what was found about the letter in the other parts.
pub(super) fn read(text: &str, failed_recipients: Option<&str>, mut returned: Returned) -> Mail {
    let groups = groups(text);
    returned
        .message_ids
        .extend(groups.iter().filter_map(|group| group.get("X-Original-Message-ID").map(super::bare_id)));
    let recipients: Vec<&Fields> = groups
        .iter()
        .filter(|group| ["Final-Recipient", "Action", "Status"].iter().any(|name| group.get(name).is_some()))
        .collect();
    if recipients.is_empty() {
        return Mail::Unreadable;
    }
    let failures: Vec<(&Fields, Option<Status>)> = recipients
        .into_iter()
        .map(|group| (group, status_of(group)))
        .filter(|(group, status)| is_failure(group, *status))
        .collect();
    // One letter has one recipient, who may forward it to several.
    let hardest = failures.iter().find(|(_, status)| status.is_some_and(Status::is_hard)).or(failures.first());
    let Some((group, status)) = hardest else {
        // Delayed, delivered, relayed, expanded: it may still arrive, or has.
        return Mail::PassedOver;
    };
    returned.status = status.map(|status| status.to_string());
    returned.address = group
        .address("Original-Recipient")
        .or_else(|| group.address("Final-Recipient"))
        .or_else(|| failed_recipients.and_then(bare))
        .or(returned.address);
    returned.severity = if status.is_some_and(Status::is_hard) { Severity::Hard } else { Severity::Soft };
    Mail::Report(returned)
}

fn is_failure(group: &Fields, status: Option<Status>) -> bool {
    match group.get("Action") {
        Some(action) => action.trim().to_ascii_lowercase().starts_with("failed"),
        None => status.is_some_and(|status| status.class == 5),
    }
}

/// An enhanced status code (RFC 3463).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status {
    /// 2, 4 or 5.
    class: u8,
    subject: u16,
    detail: u16,
}

impl Status {
    /// Reads `5.1.1`, and nothing else.
    fn parse(word: &str) -> Option<Self> {
        let mut parts = word.split('.');
        let class = match parts.next()? {
            "2" => 2,
            "4" => 4,
            "5" => 5,
            _ => return None,
        };
        let mut number = || parts.next().filter(|part| (1..=3).contains(&part.len()))?.parse().ok();
        let status = Self { class, subject: number()?, detail: number()? };
        parts.next().is_none().then_some(status)
    }

    /// The first that stands in a text: `smtp; 550-5.1.1 no such user`.
    pub(super) fn find(text: &str) -> Option<Self> {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).find_map(Self::parse)
    }

    /// Whether it says more than that it failed.
    fn is_exact(self) -> bool {
        (self.subject, self.detail) != (0, 0)
    }

    /// Whether the address is wrong and will stay so. 5.1.7 and 5.1.8 are about the sender's address, which
    /// is ours.
    pub(super) fn is_hard(self) -> bool {
        self.class == 5 && self.subject == 1 && !matches!(self.detail, 7 | 8)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// The status of a recipient. Some servers (Exim) say 5.0.0 of every failure, and leave what the other
/// server said to the diagnostic.
fn status_of(group: &Fields) -> Option<Status> {
    let status = group.get("Status").and_then(Status::find);
    if let Some(exact) = status.filter(|status| status.is_exact()) {
        return Some(exact);
    }
    let diagnostic = group.get("Diagnostic-Code").and_then(Status::find);
    diagnostic.filter(|diagnostic| status.is_none_or(|status| status.class == diagnostic.class)).or(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severity(fields: &str) -> Option<Severity> {
        match read(fields, None, Returned::default()) {
            Mail::Report(returned) => Some(returned.severity),
            _ => None,
        }
    }

    #[test]
    fn wrong_addresses_are_told_from_other_troubles() {
        for (status, hard) in [
            ("5.1.1", true),
            ("5.1.2", true),
            ("5.1.10", true),
            ("5.1.1 (bad destination mailbox address)", true),
            ("5.1.7", false),
            ("5.1.8", false),
            ("5.2.2", false),
            ("5.7.1", false),
            ("4.4.7", false),
            ("4.1.1", false),
            ("5.0.0", false),
        ] {
            let expected = if hard { Severity::Hard } else { Severity::Soft };
            assert_eq!(severity(&format!("Action: failed\nStatus: {status}\n")), Some(expected), "{status}");
        }
    }

    #[test]
    fn the_other_servers_words_are_more_exact() {
        for (diagnostic, hard) in [
            ("smtp; 550 5.1.1 <x>: Recipient address rejected", true),
            ("smtp;550-5.1.1 The email account that you tried to reach does not exist", true),
            ("smtp; 550 #5.1.0 Address rejected", true),
            ("smtp; 550 Mailbox quota exceeded, see https://1.5.1.1/", false),
            ("smtp; 451 4.1.1 later", false),
            ("smtp; 550 no", false),
        ] {
            let expected = if hard { Severity::Hard } else { Severity::Soft };
            let fields = format!("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: {diagnostic}\n");
            assert_eq!(severity(&fields), Some(expected), "{diagnostic}");
        }
    }

    #[test]
    fn what_is_on_its_way_has_not_come_back() {
        for action in ["delayed", "delivered", "relayed", "expanded"] {
            assert_eq!(severity(&format!("Action: {action}\nStatus: 4.4.1\n")), None, "{action}");
        }
        assert_eq!(read("Nothing: here\n", None, Returned::default()), Mail::Unreadable);
    }
}
