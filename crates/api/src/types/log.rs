//! The log as anybody may see it: no content.

use std::sync::Arc;

use app::service::App;
use async_graphql::{Context, Object, Result, SimpleObject};

use crate::error::read_error;
use crate::types::trail::IntegrityCheckView;

/// A signed checkpoint.
#[derive(Debug, Clone, SimpleObject)]
pub struct CheckpointView {
    /// Number of entries that it vouches for.
    pub size: u64,
    /// The signed note (C2SP tlog-checkpoint).
    pub note: String,
}

/// An entry.
#[derive(Debug, Clone, SimpleObject)]
pub struct LogEntryView {
    /// Index in the log, from 0.
    pub position: u64,
    /// The signed entry, a compact JWS without any content.
    pub jws: String,
    /// Leaf hash (RFC 6962), hexadecimal.
    pub leaf_hash: String,
}

/// Proof that an entry stands in the checkpointed log (RFC 6962 section 2.1.1).
#[derive(Debug, Clone, SimpleObject)]
pub struct InclusionProofView {
    /// Index in the log.
    pub position: u64,
    /// Leaf hash, hexadecimal.
    pub leaf_hash: String,
    /// Size of the checkpoint.
    pub size: u64,
    /// Hashes from the leaf's sibling upwards, hexadecimal.
    pub path: Vec<String>,
}

/// The log.
pub struct Log;

#[Object]
impl Log {
    /// Name of the log.
    async fn origin(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.data::<Arc<App>>()?.layout().origin())
    }

    /// Verifier key of the log's checkpoints.
    async fn verifier_key(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.data::<Arc<App>>()?.verifier_key())
    }

    /// Number of entries.
    async fn size(&self, ctx: &Context<'_>) -> Result<u64> {
        Ok(ctx.data::<Arc<App>>()?.size())
    }

    /// The latest checkpoint.
    async fn checkpoint(&self, ctx: &Context<'_>) -> Result<Option<CheckpointView>> {
        let checkpoint = ctx.data::<Arc<App>>()?.checkpoint_note().map_err(|error| read_error(&error))?;
        Ok(checkpoint.map(|(size, note)| CheckpointView { size, note }))
    }

    /// Checks of the log against its checkpoint that were recorded (V17).
    async fn integrity_checks(&self, ctx: &Context<'_>) -> Result<Vec<IntegrityCheckView>> {
        let app = Arc::clone(ctx.data::<Arc<App>>()?);
        let checks = tokio::task::spawn_blocking(move || app.integrity_checks()).await?;
        Ok(checks.map_err(|error| read_error(&error))?.iter().map(Into::into).collect())
    }

    /// One entry; none beyond the end.
    async fn entry(&self, ctx: &Context<'_>, #[graphql(desc = "Index in the log, from 0.")] position: u64) -> Result<Option<LogEntryView>> {
        let entry = ctx.data::<Arc<App>>()?.entry(position).map_err(|error| read_error(&error))?;
        Ok(entry.map(|entry| LogEntryView {
            position: entry.position,
            jws: String::from_utf8_lossy(&entry.bytes).into_owned(),
            leaf_hash: entry.leaf.to_hex(),
        }))
    }

    /// Proof that an entry stands in the latest checkpoint; none when none covers it yet.
    async fn inclusion_proof(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Index in the log, from 0.")] position: u64,
    ) -> Result<Option<InclusionProofView>> {
        let proof = ctx.data::<Arc<App>>()?.inclusion_proof(position).map_err(|error| read_error(&error))?;
        Ok(proof.map(|proof| InclusionProofView {
            position: proof.position,
            leaf_hash: proof.leaf.to_hex(),
            size: proof.size,
            path: proof.path.iter().map(ToString::to_string).collect(),
        }))
    }
}
