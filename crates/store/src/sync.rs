//! Locks, channels and threads: those of the standard library, or, where every interleaving is to
//! be tried, those of a scheduler that chooses it.

#[cfg(not(feature = "interleaved"))]
pub(crate) use std::{
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{Builder, JoinHandle},
};

#[cfg(feature = "interleaved")]
pub(crate) use shuttle::{
    sync::{
        Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{Builder, JoinHandle},
};
#[cfg(feature = "interleaved")]
pub(crate) use std::sync::PoisonError;
