//! The fields of a report (RFC 3464, 2.1; RFC 5965, 3.1): groups of header fields with empty lines between
//! them.

/// A group of fields, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a field, whatever its case; `None` where it is missing or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(field, value)| field.eq_ignore_ascii_case(name) && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The address of a field that begins with its type: `rfc822; anna@example.com`.
    pub fn address(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        let address = value.split_once(';').map_or(value, |(_, address)| address);
        bare(address)
    }
}

/// An address without what stands around it; `None` if it is none.
pub(super) fn bare(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = text.rsplit_once('<').map_or(text, |(_, inner)| inner);
    let address = inner.split_once('>').map_or(inner, |(address, _)| address).trim();
    (address.contains('@') && !address.contains(char::is_whitespace)).then(|| address.to_owned())
}

/// The groups of a text. Lines that are no fields are passed over: reports are made by many hands.
pub(super) fn groups(text: &str) -> Vec<Fields> {
    let mut groups = vec![Fields::default()];
    for line in text.lines() {
        let line = line.trim_end();
        let Some(group) = groups.last_mut() else { break };
        if line.is_empty() {
            if !group.0.is_empty() {
                groups.push(Fields::default());
            }
        } else if line.starts_with([' ', '\t']) {
            // The rest of the field before it.
            if let Some((_, value)) = group.0.last_mut() {
                value.push(' ');
                value.push_str(line.trim_start());
            }
        } else if let Some((name, value)) = line.split_once(':')
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_graphic())
        {
            group.0.push((name.to_owned(), value.trim().to_owned()));
        }
    }
    groups.retain(|group| !group.0.is_empty());
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_are_grouped_and_unfolded() {
        let text = "Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; anna@example.com\r\n\
            Diagnostic-Code: smtp; 550 5.1.1\r\n\tno such user\r\nX-Empty:\r\n\r\n\r\nAction: failed\r\n";
        let groups = groups(text);
        assert_eq!(groups.len(), 3);
        assert_eq!(groups[0].get("reporting-mta"), Some("dns; mx.example"));
        assert_eq!(groups[1].address("Final-Recipient").as_deref(), Some("anna@example.com"));
        assert_eq!(groups[1].get("Diagnostic-Code"), Some("smtp; 550 5.1.1 no such user"));
        assert_eq!(groups[1].get("X-Empty"), None);
        assert_eq!(groups[2].get("Action"), Some("failed"));
    }

    #[test]
    fn addresses_are_freed_of_what_stands_around_them() {
        for text in ["anna@example.com", " <anna@example.com> ", "Anna <anna@example.com>"] {
            assert_eq!(bare(text).as_deref(), Some("anna@example.com"), "{text}");
        }
        for none in ["", "<>", "anna", "anna b@example.com"] {
            assert_eq!(bare(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in any::<String>()) {
            for group in groups(&text) {
                prop_assert!(group.0.iter().all(|(name, _)| !name.is_empty()));
            }
        }
    }
}
