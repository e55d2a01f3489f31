//! Forms about staff, parsed.

use super::{Role, password, store::NewStaff};
use crate::{
    error::{AppError, FieldError, Problem},
    guests::parse::line,
    house::parse::{refuse, required},
};

/// A role's word.
///
/// # Errors
/// Names the roles that there are.
pub fn role(text: &str) -> Result<Role, Problem> {
    Role::from_code(text)
        .ok_or_else(|| Problem::NotKnown(text.chars().take(40).collect(), Role::ALL.map(Role::code).join(", ")))
}

/// A sign-in name: lower case, letters, digits, dots, hyphens and underscores.
///
/// # Errors
/// What is wrong with it.
pub fn login(text: &str) -> Result<Option<String>, Problem> {
    let login = line(text, 40)?.map(|login| login.to_lowercase());
    match login {
        Some(login) if !login.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@')) => {
            Err(Problem::NotKnown(login, "@login".to_owned()))
        }
        other => Ok(other),
    }
}

/// A new member of staff. Hashes the password.
///
/// # Errors
/// [`AppError::Fields`] with every field that is refused.
pub async fn new_staff(login_text: &str, name: &str, role_text: &str, password: String) -> Result<NewStaff, AppError> {
    let mut errors: Vec<FieldError> = Vec::new();
    let login = required(&mut errors, "login", login(login_text));
    let name = required(&mut errors, "name", line(name, 60));
    let role = role(role_text).map_err(|problem| refuse(&mut errors, "role", problem)).ok();
    if let Err(problem) = password::check(&password) {
        refuse(&mut errors, "password", problem);
    }
    match (login, name, role) {
        (Some(login), Some(name), Some(role)) if errors.is_empty() => {
            let password_hash = password::hash(password).await.map_err(AppError::internal)?;
            Ok(NewStaff { login, name, role, password_hash })
        }
        _ => Err(AppError::Fields(errors)),
    }
}
