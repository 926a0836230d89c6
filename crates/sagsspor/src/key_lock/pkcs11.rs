//! A key of a hardware module wraps the secrets (`CKM_AES_KEY_WRAP`) and never leaves it.
//!
//! The module to load and the PIN come from the environment or the terminal, never from the key
//! directory: who can write there must not choose what code runs.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use store::key_lock::{KeyLock, LockError, WrappedKey};
use zeroize::Zeroizing;

use super::{ask, needed, passphrase_in};

/// The kind of lock, first word of its description.
pub(super) const KIND: &str = "pkcs11";
const NAME: &str = "the key of the hardware module";

/// A module is loaded and begun once in a process.
static MODULE: OnceLock<Pkcs11> = OnceLock::new();

fn failed(error: Error) -> LockError {
    LockError::Failed {
        what: "the hardware module".to_owned(),
        source: Box::new(error),
    }
}

fn module() -> Result<&'static Pkcs11, LockError> {
    if let Some(module) = MODULE.get() {
        return Ok(module);
    }
    let path = std::env::var_os("SAGSSPOR_PKCS11_MODULE").map(PathBuf::from);
    let path = path.ok_or_else(|| {
        needed(
            "a hardware module",
            "SAGSSPOR_PKCS11_MODULE names its library",
        )
    })?;
    let module = Pkcs11::new(path).map_err(failed)?;
    module
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .map_err(failed)?;
    Ok(MODULE.get_or_init(|| module))
}

fn pin() -> Result<Zeroizing<String>, LockError> {
    match std::env::var_os("SAGSSPOR_PKCS11_PIN_FILE") {
        Some(file) => passphrase_in(&PathBuf::from(file)),
        None => ask("PIN of the hardware module: "),
    }
}

/// A wrapping key in a token, with a session that is logged in.
struct TokenLock {
    token: String,
    label: String,
    key: ObjectHandle,
    session: Mutex<Session>,
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Option<String> {
    let bytes = (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok());
    String::from_utf8(bytes.collect::<Option<_>>()?).ok()
}

fn description(token: &str, label: &str) -> String {
    format!("{KIND} token={} key={}", hex(token), hex(label))
}

fn parse(text: &str) -> Option<(String, String)> {
    let (token, label) = text
        .strip_prefix(KIND)?
        .strip_prefix(" token=")?
        .split_once(" key=")?;
    let (token, label) = (unhex(token)?, unhex(label)?);
    (description(&token, &label) == text).then_some((token, label))
}

fn log_in(token: &str) -> Result<Session, LockError> {
    let module = module()?;
    let mut slot = None;
    for candidate in module.get_slots_with_token().map_err(failed)? {
        if module.get_token_info(candidate).map_err(failed)?.label() == token {
            slot = Some(candidate);
        }
    }
    let slot = slot.ok_or_else(|| {
        needed(
            "a hardware module",
            &format!("no token is labelled {token}"),
        )
    })?;
    let session = module.open_rw_session(slot).map_err(failed)?;
    let pin = AuthPin::from(pin()?.as_str());
    match session.login(UserType::User, Some(&pin)) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
        Err(Error::Pkcs11(RvError::PinIncorrect, _)) => Err(LockError::Wrong("the PIN".to_owned())),
        Err(error) => Err(failed(error)),
    }
}

fn find(session: &Session, label: &str) -> Result<Option<ObjectHandle>, LockError> {
    let wanted = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::Label(label.as_bytes().to_vec()),
    ];
    Ok(session
        .find_objects(&wanted)
        .map_err(failed)?
        .first()
        .copied())
}

/// The lock that a description speaks of.
pub(super) fn open(text: &str) -> Result<Arc<dyn KeyLock>, LockError> {
    let (token, label) = parse(text).ok_or_else(|| LockError::Unknown(text.to_owned()))?;
    let session = log_in(&token)?;
    let key = find(&session, &label)?.ok_or_else(|| {
        needed(
            NAME,
            &format!("the token {token} holds no key that is labelled {label}"),
        )
    })?;
    Ok(Arc::new(TokenLock {
        token,
        label,
        key,
        session: Mutex::new(session),
    }))
}

/// The lock under the key `TOKEN:KEY`; the key is made in the module if it is not there.
pub(crate) fn named(named: &str) -> Result<Arc<dyn KeyLock>, LockError> {
    let (token, label) = named.split_once(':').ok_or_else(|| {
        needed(
            "--pkcs11 TOKEN:KEY",
            "the labels of a token and of a key in it",
        )
    })?;
    let session = log_in(token)?;
    let key = match find(&session, label)? {
        Some(key) => key,
        None => {
            let made = [
                Attribute::Token(true),
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Wrap(true),
                Attribute::Unwrap(true),
                Attribute::ValueLen(32.into()),
                Attribute::Label(label.as_bytes().to_vec()),
            ];
            session
                .generate_key(&Mechanism::AesKeyGen, &made)
                .map_err(failed)?
        }
    };
    Ok(Arc::new(TokenLock {
        token: token.to_owned(),
        label: label.to_owned(),
        key,
        session: Mutex::new(session),
    }))
}

/// A key that lives as long as the session and may leave the module.
const SESSION_KEY: [Attribute; 5] = [
    Attribute::Class(ObjectClass::SECRET_KEY),
    Attribute::KeyType(KeyType::AES),
    Attribute::Token(false),
    Attribute::Sensitive(false),
    Attribute::Extractable(true),
];

impl KeyLock for TokenLock {
    fn description(&self) -> String {
        description(&self.token, &self.label)
    }

    fn wrap(&self, secret: &[u8; 32]) -> Result<WrappedKey, LockError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let mut template = SESSION_KEY.to_vec();
        template.push(Attribute::Value(secret.to_vec()));
        let object = session.create_object(&template).map_err(failed)?;
        let wrapped = session
            .wrap_key(&Mechanism::AesKeyWrap, self.key, object)
            .map_err(failed);
        session.destroy_object(object).map_err(failed)?;
        let wrapped: [u8; 40] = wrapped?.try_into().map_err(|_| {
            needed(
                "a module that wraps as RFC 3394 says",
                "32 bytes must become 40",
            )
        })?;
        Ok(WrappedKey(wrapped))
    }

    fn unwrap(&self, wrapped: &WrappedKey) -> Result<Zeroizing<[u8; 32]>, LockError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let object = session
            .unwrap_key(&Mechanism::AesKeyWrap, self.key, &wrapped.0, &SESSION_KEY)
            .map_err(|error| match error {
                // Modules differ in how they call a wrapped key that does not open.
                Error::Pkcs11(
                    RvError::WrappedKeyInvalid
                    | RvError::WrappedKeyLenRange
                    | RvError::EncryptedDataInvalid
                    | RvError::GeneralError,
                    _,
                ) => LockError::Wrong(NAME.to_owned()),
                other => failed(other),
            })?;
        let value = session
            .get_attributes(object, &[AttributeType::Value])
            .map_err(failed);
        session.destroy_object(object).map_err(failed)?;
        for attribute in value? {
            if let Attribute::Value(bytes) = attribute {
                let bytes = Zeroizing::new(bytes);
                let secret: [u8; 32] = bytes
                    .as_slice()
                    .try_into()
                    .map_err(|_| LockError::Wrong(NAME.to_owned()))?;
                return Ok(Zeroizing::new(secret));
            }
        }
        Err(needed(
            "a module that gives unwrapped session keys out",
            "CKA_VALUE was withheld",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_as_it_is_written() {
        let text = description("Børn og unge", "sagsspor 1");
        assert_eq!(
            parse(&text),
            Some(("Børn og unge".to_owned(), "sagsspor 1".to_owned()))
        );
        assert_eq!(parse(&format!("{text}0")), None);
        assert_eq!(parse("pkcs11 token=zz key=00"), None);
    }
}
