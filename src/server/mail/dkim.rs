//! DKIM (RFC 6376): what a message is signed with, and which of its headers.

use crate::server::config::Dkim;
use lettre::message::{
    dkim::{DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm, DkimSigningKey},
    header::HeaderName,
};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, pem::PemObject};

/// The headers that are signed. RFC 8058 asks for both unsubscribe headers; receivers look for the rest.
/// `Content-Type` cannot be among them: lettre writes it with the body, where its signer does not see it.
const SIGNED: [&str; 9] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
];

/// How PKCS #8 names the kinds of keys (RFC 8017 and RFC 8410), as DER has it.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// How messages are signed; `None` where the key is none, which the settings have ruled out.
pub(super) fn signing(dkim: &Dkim) -> Option<DkimConfig> {
    let relaxed =
        DkimCanonicalization { header: DkimCanonicalizationType::Relaxed, body: DkimCanonicalizationType::Relaxed };
    Some(DkimConfig::new(
        dkim.selector.clone(),
        dkim.domain.clone(),
        key(dkim.key.expose())?,
        SIGNED.map(HeaderName::new_from_ascii_str).into(),
        relaxed,
    ))
}

/// Whether the text holds a private key that messages can be signed with.
pub(crate) fn is_signing_key(pem: &str) -> bool {
    key(pem).is_some()
}

/// Reads a private key, RSA or Ed25519, as OpenSSL writes it: lettre wants the one as PKCS #1 and the other
/// as bare bytes.
fn key(pem: &str) -> Option<DkimSigningKey> {
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()?;
    match &key {
        PrivateKeyDer::Pkcs1(der) => rsa(der.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(der) => {
            let (info, _) = field(der.secret_pkcs8_der(), 0x30)?;
            let (_version, rest) = field(info, 0x02)?;
            let (algorithm, rest) = field(rest, 0x30)?;
            let (secret, _) = field(rest, 0x04)?;
            match field(algorithm, 0x06)?.0 {
                RSA => rsa(secret),
                ED25519 => DkimSigningKey::new(&base64(field(secret, 0x04)?.0), DkimSigningAlgorithm::Ed25519).ok(),
                _ => None,
            }
        }
        _ => None,
    }
}

fn rsa(pkcs1: &[u8]) -> Option<DkimSigningKey> {
    let text = base64(pkcs1);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    let pem = format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n", lines.join("\n"));
    DkimSigningKey::new(&pem, DkimSigningAlgorithm::Rsa).ok()
}

/// The content of the first field of a DER text, which must have the tag, and what comes after it.
fn field(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (digits.iter().fold(0, |number, digit| (number << 8) | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    if found == tag { rest.split_at_checked(length) } else { None }
}

/// Base64 with padding, on one line.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let number =
            three.iter().fold(0_usize, |number, byte| (number << 8) | usize::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * place)) & 63];
            text.push(if place > three.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn keys_are_read_as_openssl_writes_them() {
        for pem in [
            include_str!("testdata/rsa-pkcs1.pem"),
            include_str!("testdata/rsa-pkcs8.pem"),
            include_str!("testdata/ed25519.pem"),
        ] {
            assert!(is_signing_key(pem), "{pem}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let pkcs8 = include_str!("testdata/rsa-pkcs8.pem");
        for pem in ["", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", &pkcs8.replace('M', "A")] {
            assert!(!is_signing_key(pem), "{pem}");
        }
        assert_eq!(field(&[0x30, 0x05, 1], 0x30), None);
        assert_eq!(field(&[0x30, 0x82, 1], 0x30), None);
    }
}
