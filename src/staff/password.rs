//! Passwords: what is asked of them, and how they are kept (Argon2id, 19 MiB, two passes, one lane:
//! the first choice of the OWASP password storage cheat sheet).

use crate::error::Problem;
use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::{SaltString, rand_core::OsRng},
};
use tokio::sync::Semaphore;

/// Fewest characters of a password.
pub const MIN_CHARS: usize = 10;
/// Most characters of a password.
pub const MAX_CHARS: usize = 128;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many hashes may be computed at once. Each takes 19 MiB and a core: a crowd at the sign-in page
/// waits in line instead of taking the house's processors and memory.
static RUNNING: Semaphore = Semaphore::const_new(2);

/// A well-formed hash with the parameters of every other, of no password that anyone knows. It makes
/// the sign-in of a name that does not exist take as long as one with a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cmFwcG9ydCwgbm9ib2R5IQ$tQL8uO0d+iVXr6TofCq7hQ7VbqV1footuN42MVBMJ+I";

/// Why a password could not be hashed. Says nothing about the password.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Argon2 refused; with the parameters above it does so only when memory has run out.
    #[error("the password could not be hashed: {0}")]
    Hash(argon2::password_hash::Error),
    /// The worker was stopped before it had finished.
    #[error("the password could not be hashed: the worker was stopped")]
    Stopped,
}

/// Whether a new password is acceptable: 10 to 128 characters, whichever they are. Length is what
/// protects; rules about digits and signs make people write passwords down (NIST SP 800-63B, 5.1.1).
///
/// # Errors
/// [`Problem::TooShort`] or [`Problem::TooLong`].
pub fn check(password: &str) -> Result<(), Problem> {
    match password.chars().count() {
        ..MIN_CHARS => Err(Problem::TooShort(MIN_CHARS)),
        MIN_CHARS..=MAX_CHARS => Ok(()),
        _ => Err(Problem::TooLong(MAX_CHARS)),
    }
}

/// The hash to keep, with its salt and parameters (PHC string format).
///
/// # Errors
/// See [`PasswordError`].
pub async fn hash(password: String) -> Result<String, PasswordError> {
    in_turn(move || {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| PasswordError::Hash(error.into()))?;
        let salt = SaltString::generate(&mut OsRng);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(PasswordError::Hash)
    })
    .await?
}

/// Whether the password is the one that was hashed. A hash that cannot be read fits no password.
pub async fn verify(password: String, hash: String) -> bool {
    // The parameters are those written in the hash, so older hashes stay valid when ours change.
    in_turn(move || {
        PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await
    .unwrap_or(false)
}

/// For a name that does not exist: takes as long as [`verify`] and always answers no, so that the time
/// of an answer does not tell which names exist.
pub async fn verify_nobody(password: String) -> bool {
    let _ = verify(password, NOBODY.to_owned()).await;
    false
}

/// Runs the work away from the async workers, when it is its turn.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
    let permit = RUNNING.acquire().await.map_err(|_| PasswordError::Stopped)?;
    tokio::task::spawn_blocking(move || {
        // Held here and not by the caller: the work goes on when the caller has gone away.
        let _permit = permit;
        work()
    })
    .await
    .map_err(|_| PasswordError::Stopped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_fits() {
        let kept = hash("correct horse battery".to_owned()).await.expect("hashes");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify("correct horse battery".to_owned(), kept.clone()).await);
        assert!(!verify("correct horse batterz".to_owned(), kept.clone()).await);
        assert!(!verify(String::new(), kept.clone()).await);
        assert!(!kept.contains("horse"));
    }

    #[tokio::test]
    async fn the_same_password_is_kept_differently_each_time() {
        let (one, two) = tokio::join!(hash("a long password".to_owned()), hash("a long password".to_owned()));
        assert_ne!(one.expect("hashes"), two.expect("hashes"));
    }

    #[tokio::test]
    async fn a_hash_that_cannot_be_read_fits_nothing() {
        for kept in ["", "plain text", "$argon2id$v=19$m=19456,t=2,p=1$", "$2b$12$abcdefghijklmnopqrstuv"] {
            assert!(!verify("plain text".to_owned(), kept.to_owned()).await, "{kept:?}");
        }
    }

    #[tokio::test]
    async fn nobody_costs_as_much_as_somebody() {
        let nobody = PasswordHash::new(NOBODY).expect("well-formed, or it would be refused before any work");
        let params = Params::try_from(&nobody).expect("parameters");
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (MEMORY_KIB, PASSES, LANES));
        assert_eq!(nobody.hash.map(|output| output.len()), Some(Params::DEFAULT_OUTPUT_LEN));
        assert!(!verify_nobody("rapport, nobody!".to_owned()).await);
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(check(""), Err(Problem::TooShort(10)));
        assert_eq!(check("123456789"), Err(Problem::TooShort(10)));
        assert_eq!(check("1234567890"), Ok(()));
        assert_eq!(check("十个汉字的密码很安全"), Ok(()));
        assert_eq!(check(&"é".repeat(128)), Ok(()));
        assert_eq!(check(&"é".repeat(129)), Err(Problem::TooLong(128)));
    }
}
