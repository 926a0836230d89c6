//! A file on its way to a client, piece by piece, each when there is room for it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// A lower error.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The name of a file as a header carries it (RFC 6266, RFC 8187): in ASCII for old clients, and
/// whole.
pub(crate) fn disposition(name: &str) -> String {
    let name = name.replace(['/', '\\'], "_");
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && c != '"' && c != '%' || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9'
            | b'A'..=b'Z'
            | b'a'..=b'z'
            | b'!'
            | b'#'
            | b'$'
            | b'&'
            | b'+'
            | b'-'
            | b'.'
            | b'^'
            | b'_'
            | b'`'
            | b'|'
            | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// Pieces on their way to the client.
struct Leaving {
    pieces: mpsc::Receiver<Result<Bytes, BoxError>>,
    left: u64,
}

impl HttpBody for Leaving {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.pieces.poll_recv(cx).map(|piece| match piece {
            Some(Ok(bytes)) => {
                self.left = self.left.saturating_sub(bytes.len() as u64);
                Some(Ok(Frame::data(bytes)))
            }
            Some(Err(error)) => Some(Err(error)),
            None if self.left > 0 => Some(Err("the file ends early".into())),
            None => None,
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// The body of an answer with that many bytes; `next` gives the next of them, none at their end. A
/// client that takes none for as long as `stall` is given up.
pub(crate) fn body<E>(
    size: u64,
    stall: Duration,
    next: impl FnMut() -> Result<Option<Bytes>, E> + Send + 'static,
) -> Body
where
    E: Into<BoxError> + std::fmt::Debug,
{
    let (sender, pieces) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || send(&sender, stall, next));
    Body::new(Leaving { pieces, left: size })
}

fn send<E>(
    pieces: &mpsc::Sender<Result<Bytes, BoxError>>,
    stall: Duration,
    mut next: impl FnMut() -> Result<Option<Bytes>, E>,
) where
    E: Into<BoxError> + std::fmt::Debug,
{
    let runtime = tokio::runtime::Handle::current();
    loop {
        // No room for so long, or nobody there any more: the client sees a body that is cut off.
        let Ok(Ok(room)) = runtime.block_on(timeout(stall, pieces.reserve())) else {
            return;
        };
        match next() {
            Ok(Some(piece)) => room.send(Ok(piece)),
            Ok(None) => return,
            Err(error) => {
                tracing::error!(error = ?error, "a file could not be read to its end");
                return room.send(Err(error.into()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_leave_its_header() {
        for (name, expected) in [
            (
                "brev.pdf",
                r#"attachment; filename="brev.pdf"; filename*=UTF-8''brev.pdf"#,
            ),
            (
                "a\"; x=\"b.pdf",
                r#"attachment; filename="a_; x=_b.pdf"; filename*=UTF-8''a%22%3B%20x%3D%22b.pdf"#,
            ),
            (
                "../C:\\x/y.pdf",
                r#"attachment; filename=".._C:_x_y.pdf"; filename*=UTF-8''.._C%3A_x_y.pdf"#,
            ),
            (
                "100%.pdf",
                r#"attachment; filename="100_.pdf"; filename*=UTF-8''100%25.pdf"#,
            ),
        ] {
            assert_eq!(disposition(name), expected);
        }
    }
}
