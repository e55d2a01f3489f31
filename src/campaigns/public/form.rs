//! What the forms of the pages send, and what mail programs send in their stead.

use crate::campaigns::CampaignKind;
use axum::{
    extract::{FromRequest, Multipart, Request},
    http::header,
};

/// The fields of a form, in order.
pub(super) struct Form(Vec<(String, String)>);

/// What whoever unsubscribes wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// The mail program asks, for the kind that the letter is of.
    OneClick,
    Kind,
    All,
}

impl Form {
    /// Reads a body in either form that RFC 8058 (3.2) allows: of a multipart or of a plain form. `None` where it
    /// cannot be read.
    pub async fn read(request: Request) -> Option<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_multipart = kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data");
        let fields = if is_multipart {
            match Multipart::from_request(request, &()).await {
                Ok(form) => multipart(form).await,
                Err(_) => None,
            }
        } else {
            axum::Form::<Vec<(String, String)>>::from_request(request, &()).await.ok().map(|axum::Form(fields)| fields)
        };
        fields.map(Self)
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    pub fn choice(&self) -> Option<Choice> {
        if self.values("List-Unsubscribe").any(|value| value.eq_ignore_ascii_case("One-Click")) {
            return Some(Choice::OneClick);
        }
        self.values("choice").find_map(|value| match value {
            "kind" => Some(Choice::Kind),
            "all" => Some(Choice::All),
            _ => None,
        })
    }

    /// Whether it says anything at all of what is chosen on the page of preferences. Its own form always tells
    /// which button was pressed, so that nothing ticked is not taken for nothing sent.
    pub fn tells_wishes(&self) -> bool {
        ["choice", "kind", "links"].iter().any(|name| self.values(name).next().is_some())
    }

    /// The kinds that are ticked; none where the button says that none are wanted.
    pub fn kinds(&self) -> Vec<CampaignKind> {
        if self.wants_none() {
            return Vec::new();
        }
        self.values("kind").filter_map(CampaignKind::from_code).collect()
    }

    /// Whether it is ticked that links are counted.
    pub fn counts_links(&self) -> bool {
        !self.wants_none() && self.values("links").any(|value| value == "on")
    }

    fn wants_none(&self) -> bool {
        self.values("choice").any(|value| value == "none")
    }
}

async fn multipart(mut form: Multipart) -> Option<Vec<(String, String)>> {
    let mut fields = Vec::new();
    while let Some(part) = form.next_field().await.ok()? {
        let name = part.name().unwrap_or_default().to_owned();
        fields.push((name, part.text().await.ok()?));
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        Form(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_choice_is_one_of_three() {
        assert_eq!(form(&[("List-Unsubscribe", "One-Click")]).choice(), Some(Choice::OneClick));
        assert_eq!(form(&[("choice", "kind")]).choice(), Some(Choice::Kind));
        assert_eq!(form(&[("choice", "all")]).choice(), Some(Choice::All));
        for nothing in [form(&[]), form(&[("List-Unsubscribe", "yes")]), form(&[("choice", "some")])] {
            assert_eq!(nothing.choice(), None);
        }
    }

    #[test]
    fn a_form_without_a_choice_tells_no_wishes() {
        for said in [("choice", "keep"), ("choice", "none"), ("kind", "birthday"), ("links", "on")] {
            assert!(form(&[said]).tells_wishes(), "{said:?}");
        }
        assert!(!form(&[]).tells_wishes() && !form(&[("email", "x@y.example")]).tells_wishes());
    }

    #[test]
    fn ticked_kinds_are_read_and_others_passed_over() {
        let ticked = [("kind", "birthday"), ("kind", "offer"), ("kind", "spam"), ("guest", "lapsed")];
        assert_eq!(form(&ticked).kinds(), [CampaignKind::Birthday, CampaignKind::Offer]);
        assert_eq!(form(&[("kind", "birthday"), ("choice", "none")]).kinds(), []);
        assert!(form(&[("kind", "birthday"), ("links", "on")]).counts_links());
        assert!(!form(&[("kind", "birthday")]).counts_links() && !form(&[("links", "1")]).counts_links());
        assert!(!form(&[("links", "on"), ("choice", "none")]).counts_links(), "whoever wants nothing wants no counts");
    }
}
