//! The locks that the program knows: a passphrase, a credential of the service manager, and, when
//! it is built with `pkcs11`, a key of a hardware module.

#[cfg(feature = "pkcs11")]
pub(crate) mod pkcs11;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};
use store::key_lock::{KeyLock, LockError, Locksmith, MemoryLock};
use zeroize::Zeroizing;

use crate::cli::log::OpeningArgs;

const PASSPHRASE: &str = "passphrase";
const CREDENTIAL: &str = "credential";
/// Memory in KiB, passes, lanes: about a third of a second on a server of today.
const ARGON2: (u32, u32, u32) = (64 * 1024, 3, 1);
/// What a description may ask for at most: it lies where others may write.
const ARGON2_MAX: (u32, u32, u32) = (1024 * 1024, 20, 16);
const SALT_BYTES: usize = 16;
/// A new passphrase has at least so many characters.
const PASSPHRASE_CHARS_MIN: usize = 12;
const CREDENTIAL_NAME: &str = "sagsspor-lock";

/// Opens the locks that it is given the means for.
pub(crate) struct Keysmith {
    args: OpeningArgs,
    /// The lock that was found last: both logs of a municipality have the same.
    last: Mutex<Option<Arc<dyn KeyLock>>>,
}

impl std::fmt::Debug for Keysmith {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keysmith")
    }
}

fn failed(what: &str) -> impl FnOnce(std::io::Error) -> LockError + '_ {
    move |error| LockError::Failed {
        what: what.to_owned(),
        source: Box::new(error),
    }
}

fn needed(what: &str, how: &str) -> LockError {
    LockError::Needed {
        what: what.to_owned(),
        how: how.to_owned(),
    }
}

/// The first line of a file.
fn passphrase_in(file: &Path) -> Result<Zeroizing<String>, LockError> {
    let text =
        Zeroizing::new(std::fs::read_to_string(file).map_err(failed(&file.display().to_string()))?);
    let line = text.lines().next().filter(|line| !line.is_empty());
    line.map(|line| Zeroizing::new(line.to_owned()))
        .ok_or_else(|| needed("a passphrase", &format!("{} holds none", file.display())))
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, LockError> {
    if !std::io::stdin().is_terminal() {
        return Err(needed(
            "a passphrase",
            "give --passphrase-file or SAGSSPOR_PASSPHRASE_FILE; there is no terminal to ask on",
        ));
    }
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .map_err(failed("the terminal"))
}

fn passphrase_description(
    (memory, passes, lanes): (u32, u32, u32),
    salt: &[u8; SALT_BYTES],
) -> String {
    let salt: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{PASSPHRASE} argon2id m={memory} t={passes} p={lanes} salt={salt}")
}

/// What a description of a passphrase lock says; none unless it is exactly what would be written.
fn parse_passphrase(description: &str) -> Option<((u32, u32, u32), [u8; SALT_BYTES])> {
    let mut words = description
        .strip_prefix(PASSPHRASE)?
        .strip_prefix(" argon2id ")?
        .split(' ');
    let mut number = |name: &str| words.next()?.strip_prefix(name)?.parse().ok();
    let cost: (u32, u32, u32) = (number("m=")?, number("t=")?, number("p=")?);
    let digits = words.next()?.strip_prefix("salt=")?;
    let mut salt = [0; SALT_BYTES];
    for (at, byte) in salt.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    let bounded = cost.0 <= ARGON2_MAX.0 && cost.1 <= ARGON2_MAX.1 && cost.2 <= ARGON2_MAX.2;
    (bounded && passphrase_description(cost, &salt) == description).then_some((cost, salt))
}

fn passphrase_lock(
    passphrase: &str,
    cost: (u32, u32, u32),
    salt: &[u8; SALT_BYTES],
) -> Result<Arc<dyn KeyLock>, LockError> {
    let refused = |error: argon2::Error| LockError::Failed {
        what: "Argon2id".to_owned(),
        source: error.to_string().into(),
    };
    let params = Params::new(cost.0, cost.1, cost.2, Some(32)).map_err(refused)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut *key)
        .map_err(refused)?;
    Ok(Arc::new(MemoryLock::new(
        "the passphrase",
        &passphrase_description(cost, salt),
        &key,
    )))
}

/// A lock under a passphrase that is chosen now.
pub(crate) fn new_passphrase(file: Option<&Path>) -> Result<Arc<dyn KeyLock>, LockError> {
    let passphrase = match file {
        Some(file) => passphrase_in(file)?,
        None => {
            let first = ask("New passphrase: ")?;
            if *ask("The same again: ")? != *first {
                return Err(needed("a passphrase", "the two were not the same"));
            }
            first
        }
    };
    if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
        return Err(needed(
            "a longer passphrase",
            &format!("at least {PASSPHRASE_CHARS_MIN} characters, for example six random words"),
        ));
    }
    let salt = *app::entropy::random_uuid().as_bytes();
    passphrase_lock(&passphrase, ARGON2, &salt)
}

/// A lock under the credential in a file.
pub(crate) fn credential(file: &Path) -> Result<Arc<dyn KeyLock>, LockError> {
    let bytes = Zeroizing::new(std::fs::read(file).map_err(failed(&file.display().to_string()))?);
    let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| {
        needed(
            "a credential of 32 bytes",
            &format!("{} holds {}", file.display(), bytes.len()),
        )
    })?;
    Ok(Arc::new(MemoryLock::new(
        "the credential",
        CREDENTIAL,
        &Zeroizing::new(key),
    )))
}

impl Keysmith {
    pub(crate) fn new(args: &OpeningArgs) -> Self {
        Self {
            args: args.clone(),
            last: Mutex::default(),
        }
    }

    /// The credential that was named, or that the service manager gives.
    fn credential_file(&self) -> Option<PathBuf> {
        let given = || {
            Some(PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?).join(CREDENTIAL_NAME))
                .filter(|path| path.exists())
        };
        self.args.credential_file.clone().or_else(given)
    }

    fn open(&self, description: &str) -> Result<Arc<dyn KeyLock>, LockError> {
        match description.split(' ').next().unwrap_or_default() {
            PASSPHRASE => {
                let unknown = || LockError::Unknown(description.to_owned());
                let (cost, salt) = parse_passphrase(description).ok_or_else(unknown)?;
                let passphrase = match &self.args.passphrase_file {
                    Some(file) => passphrase_in(file)?,
                    None => ask("Passphrase of the keys: ")?,
                };
                passphrase_lock(&passphrase, cost, &salt)
            }
            CREDENTIAL if description == CREDENTIAL => {
                let how = "LoadCredentialEncrypted=sagsspor-lock in the service, or --credential-file FILE";
                credential(
                    &self
                        .credential_file()
                        .ok_or_else(|| needed("the credential sagsspor-lock", how))?,
                )
            }
            #[cfg(feature = "pkcs11")]
            pkcs11::KIND => pkcs11::open(description),
            #[cfg(not(feature = "pkcs11"))]
            "pkcs11" => Err(needed(
                "a hardware module",
                "this program was built without the feature pkcs11",
            )),
            _ => Err(LockError::Unknown(description.to_owned())),
        }
    }
}

impl Locksmith for Keysmith {
    fn find(&self, description: &str) -> Result<Arc<dyn KeyLock>, LockError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = last
            .as_ref()
            .filter(|lock| lock.description() == description)
        {
            return Ok(Arc::clone(lock));
        }
        let lock = self.open(description)?;
        *last = Some(Arc::clone(&lock));
        Ok(lock)
    }

    /// What the keys of the other log lie under; otherwise what was given.
    fn fresh(&self) -> Result<Option<Arc<dyn KeyLock>>, LockError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none() {
            *last = match (&self.args.passphrase_file, self.credential_file()) {
                (Some(file), _) => Some(new_passphrase(Some(file))?),
                (None, Some(file)) => Some(credential(&file)?),
                (None, None) => None,
            };
        }
        Ok(last.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Argon2id at a cost that a test can pay.
    const CHEAP: (u32, u32, u32) = (64, 1, 1);

    #[test]
    fn a_description_is_read_as_it_is_written_and_never_otherwise() {
        let good = passphrase_description(CHEAP, &[7; SALT_BYTES]);
        assert_eq!(parse_passphrase(&good), Some((CHEAP, [7; SALT_BYTES])));
        for bent in [
            good.replace("m=64", "m=064"),
            good.replace("m=64", "m=99999999"),
            good.replace("t=1", "t=21"),
            good.replace("argon2id", "argon2i"),
            format!("{good}00"),
            format!("{good} "),
            good.replace("salt=07", "salt=0G"),
        ] {
            assert_eq!(parse_passphrase(&bent), None, "{bent}");
        }
    }

    #[test]
    fn only_the_same_passphrase_with_the_same_salt_opens() {
        let lock = passphrase_lock("correct horse battery", CHEAP, &[1; SALT_BYTES]).unwrap();
        let wrapped = lock.wrap(&[9; 32]).unwrap();
        let again = passphrase_lock("correct horse battery", CHEAP, &[1; SALT_BYTES]).unwrap();
        assert_eq!(*again.unwrap(&wrapped).unwrap(), [9; 32]);
        for other in [
            passphrase_lock("correct horse batterx", CHEAP, &[1; 16]),
            passphrase_lock("correct horse battery", CHEAP, &[2; 16]),
        ] {
            assert!(matches!(
                other.unwrap().unwrap(&wrapped),
                Err(LockError::Wrong(_))
            ));
        }
    }

    #[test]
    fn a_short_passphrase_and_a_credential_of_another_length_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        std::fs::write(&file, "too short\n").unwrap();
        assert!(
            new_passphrase(Some(&file))
                .is_err_and(|error| error.to_string().contains("at least 12"))
        );
        assert!(credential(&file).is_err_and(|error| error.to_string().contains("holds 10")));
        std::fs::write(&file, "\n").unwrap();
        assert!(passphrase_in(&file).is_err());
        std::fs::write(&file, [3; 32]).unwrap();
        assert_eq!(credential(&file).unwrap().description(), "credential");
    }
}
