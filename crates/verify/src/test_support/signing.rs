//! What the log and the witnesses of a [`World`] sign: checkpoints, cosignatures, and the policy
//! that names their keys.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer;
use ml_dsa::{Keypair, MlDsa44};

use super::log::ORIGIN;
use super::world::World;
use crate::bundle::Trust;
use crate::policy::Policy;
use crate::tree::{Hash, hash};

pub(crate) const WITNESSES: [&str; 3] = [
    "ankestyrelsen.example/w1/verify",
    "rigsarkivet.example/w2",
    "kl.example/w3",
];

/// A fixed 32-byte value of that name.
pub(crate) fn fixed(name: &str) -> Hash {
    hash(name.as_bytes())
}

pub(crate) fn vkey(name: &str, kind: u8, public: &[u8]) -> String {
    let bytes = [&[kind], public].concat();
    let id = hash(&[name.as_bytes(), b"\n", &bytes].concat());
    format!(
        "{name}+{}+{}",
        id[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>(),
        STANDARD.encode(bytes)
    )
}

fn line(name: &str, kind: u8, public: &[u8], signature: &[u8]) -> String {
    let id = hash(&[name.as_bytes(), b"\n", &[kind], public].concat());
    format!(
        "\u{2014} {name} {}\n",
        STANDARD.encode([&id[..4], signature].concat())
    )
}

impl World {
    pub(crate) fn body(&self, size: usize) -> String {
        format!(
            "{ORIGIN}\n{size}\n{}\n",
            STANDARD.encode(self.leaves().root(0, size))
        )
    }

    /// The checkpoint of that size, signed by the log twice and by these witnesses.
    pub(crate) fn note(&self, size: usize, witnesses: &[usize]) -> String {
        let body = self.body(size);
        let mut note = format!(
            "{body}\n{}{}",
            self.log_line(&body),
            self.lattice_line(size, &self.leaves().root(0, size))
        );
        for witness in witnesses {
            note.push_str(&self.witness_line(*witness, &body, self.clock + *witness as u64));
        }
        note
    }

    pub(crate) fn log_line(&self, body: &str) -> String {
        let public = self.keys.log.verifying_key();
        line(
            ORIGIN,
            1,
            public.as_bytes(),
            &self.keys.log.sign(body.as_bytes()).to_bytes(),
        )
    }

    pub(crate) fn lattice(&self) -> ml_dsa::SigningKey<MlDsa44> {
        ml_dsa::SigningKey::from_seed(&self.keys.lattice.into())
    }

    pub(crate) fn lattice_public(&self) -> Vec<u8> {
        self.lattice().verifying_key().encode().to_vec()
    }

    pub(crate) fn lattice_line(&self, size: usize, root: &Hash) -> String {
        let key = self.lattice();
        let named = [&[u8::try_from(ORIGIN.len()).unwrap()], ORIGIN.as_bytes()].concat();
        let time = self.clock.to_be_bytes();
        let message = [
            b"subtree/v1\n\0",
            named.as_slice(),
            &time,
            &named,
            &[0; 8],
            &(size as u64).to_be_bytes(),
            root,
        ]
        .concat();
        let signature = [&time[..], key.sign(&message).encode().as_slice()].concat();
        line(
            ORIGIN,
            6,
            key.verifying_key().encode().as_slice(),
            &signature,
        )
    }

    pub(crate) fn witness_line(&self, witness: usize, body: &str, time: u64) -> String {
        let key = &self.keys.witnesses[witness];
        let signature = key
            .sign(format!("cosignature/v1\ntime {time}\n{body}").as_bytes())
            .to_bytes();
        line(
            WITNESSES[witness],
            4,
            key.verifying_key().as_bytes(),
            &[&time.to_be_bytes()[..], &signature].concat(),
        )
    }

    pub(crate) fn policy_text(&self) -> String {
        let mut text = format!(
            "# A test.\n\nlog {}\n",
            vkey(ORIGIN, 1, self.keys.log.verifying_key().as_bytes())
        );
        text += &format!(
            "witness logpq {}\n",
            vkey(
                ORIGIN,
                6,
                self.lattice().verifying_key().encode().as_slice()
            )
        );
        for (number, key) in self.keys.witnesses.iter().enumerate() {
            text += &format!(
                "witness w{} {}\n",
                number + 1,
                vkey(WITNESSES[number], 4, key.verifying_key().as_bytes())
            );
        }
        text + "group others any w2 w3\ngroup q all logpq w1 others\nquorum q\n"
    }

    pub(crate) fn trust(&self) -> Trust {
        self.trust_in(&self.policy_text())
    }

    pub(crate) fn trust_in(&self, policy: &str) -> Trust {
        let policy = Policy::parse(policy.as_bytes()).unwrap();
        Trust {
            policy,
            pin: None,
            receipts: Vec::new(),
            verifying: Some("w1".into()),
        }
    }
}
